/* SPDX-License-Identifier: MIT */
#include "points.h"

#include <string.h>

#define FRACTION_BITS 20 /* of a symbol's value at most points */
#define WHOLE_BITS 30    /* of a rational function's */
#define COUNTS 29        /* small numbers; a prime */
#define HALVES 60        /* of a symbol's value where functions jump */

/* What is asked */

static void add_whole(struct traits *t, grpo_str name)
{
	for (int i = 0; i < t->n_whole; i++)
		if (str_same(t->whole[i], name))
			return;
	if (t->n_whole < POINTS_WHOLE)
		t->whole[t->n_whole++] = name;
}

static int is_whole_function(enum expr_fn fn)
{
	return fn == FN_FACTORIAL || fn == FN_DOUBLE_FACTORIAL ||
	       fn == FN_BINOMIAL || fn == FN_GCD || fn == FN_LCM;
}

/* Which go by one formula here and by another there. */
static int has_pieces(enum expr_fn fn)
{
	return (fn >= FN_ASIN && fn <= FN_ACSC) || fn == FN_ABS ||
	       fn == FN_FLOOR || fn == FN_CEIL || fn == FN_MIN ||
	       fn == FN_MAX || fn == FN_MOD || fn == FN_SIGN;
}

static int is_whole_number(const struct expr *e)
{
	if (e->kind == EXPR_NEG)
		e = e->kids[0];
	return e->kind == EXPR_NUMBER && exact_is_integer(e->value);
}

static int has_roots(const struct expr *e)
{
	if (e->kind == EXPR_POW)
		return !is_whole_number(e->kids[1]);
	return e->kind == EXPR_CALL && (e->fn == FN_SQRT || e->fn == FN_ROOT ||
					e->fn == FN_LN || e->fn == FN_LOG);
}

/* Of things that are not all numbers. */
static int has_sum(const struct expr *e)
{
	if (e->kind == EXPR_ADD)
		return expr_symbols(e, NULL, 0) > 0;
	for (int i = 0; i < e->n; i++)
		if (has_sum(e->kids[i]))
			return 1;
	return 0;
}

static int tells_conjugates(enum expr_fn fn)
{
	return fn == FN_CONJUGATE || fn == FN_RE || fn == FN_IM || fn == FN_ARG;
}

static int is_negative(const struct expr *e)
{
	if (e->kind == EXPR_NEG)
		return !expr_symbols(e, NULL, 0);
	return e->kind == EXPR_NUMBER && fmpq_sgn(e->value) < 0;
}

static int is_rational_kind(const struct expr *e)
{
	switch (e->kind) {
	case EXPR_NUMBER:
	case EXPR_SYMBOL:
	case EXPR_ADD:
	case EXPR_MUL:
	case EXPR_DIV:
	case EXPR_NEG:
	case EXPR_PERCENT:
	case EXPR_UNIT:
		return 1;
	case EXPR_POW:
		return is_whole_number(e->kids[1]);
	default:
		return 0;
	}
}

/* Letters that stand for whole numbers wherever they are rounded. */
static int is_index(grpo_str name)
{
	return name.len == 1 && strchr("kmnN", name.ptr[0]);
}

/* Which symbols count something. */
enum counted { COUNTED_NONE, COUNTED_INDICES, COUNTED_ALL };

/* Those of kid i. */
static enum counted counts(const struct expr *e, int i)
{
	switch (e->kind) {
	case EXPR_CALL:
		if (e->fn == FN_FLOOR || e->fn == FN_CEIL)
			return COUNTED_INDICES;
		return is_whole_function((enum expr_fn)e->fn) ? COUNTED_ALL
							      : COUNTED_NONE;
	case EXPR_SUM:
	case EXPR_PROD:
		return i == 1 || i == 2 ? COUNTED_ALL : COUNTED_NONE;
	case EXPR_POW:
		return i == 1 && is_negative(e->kids[0]) ? COUNTED_ALL
							 : COUNTED_NONE;
	default:
		return COUNTED_NONE;
	}
}

static void scan(struct traits *t, const struct expr *e, enum counted which)
{
	if (e->kind == EXPR_SYMBOL &&
	    (which == COUNTED_ALL ||
	     (which == COUNTED_INDICES && is_index(e->name))))
		add_whole(t, e->name);
	if (!is_rational_kind(e))
		t->rational = 0;
	if (e->kind == EXPR_I)
		t->imaginary = 1;
	if (e->kind == EXPR_CALL && tells_conjugates((enum expr_fn)e->fn))
		t->conjugates = 1;
	if (e->kind == EXPR_CALL && has_pieces((enum expr_fn)e->fn))
		t->pieces = 1;
	if (has_roots(e)) {
		t->roots = 1;
		t->branches |= has_sum(e->kids[0]);
	}
	for (int i = 0; i < e->n; i++) {
		enum counted kids = counts(e, i);

		scan(t, e->kids[i], kids > which ? kids : which);
	}
}

void points_traits(struct traits *t, const struct expr *a, const struct expr *b)
{
	*t = (struct traits){.rational = 1};
	scan(t, a, COUNTED_NONE);
	t->symbols = expr_symbols(a, NULL, 0) > 0;
	if (!b)
		return;
	scan(t, b, COUNTED_NONE);
	t->symbols = t->symbols || expr_symbols(b, NULL, 0) > 0;
}

/* Values */

/* FNV-1a, and the end of SplitMix64. */
uint64_t points_hash(uint64_t seed, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;
	uint64_t h = UINT64_C(0xcbf29ce484222325) ^ seed;

	for (size_t i = 0; i < n; i++)
		h = (h ^ p[i]) * UINT64_C(0x100000001b3);
	h = (h ^ (h >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	h = (h ^ (h >> 27)) * UINT64_C(0x94d049bb133111eb);
	return h ^ (h >> 31);
}

/* In turn: where the values lie, as multiples of 2^-10, and whether their
 * signs vary.  asin wants small ones, ln(x - 5) large ones, |x| both signs. */
static const struct {
	int from, to;
	int any_sign;
} shells[] = {
    {100, 1000, 0},   {300, 4000, 1},   {1100, 4000, 0},  {50, 900, 1},
    {2000, 15000, 0}, {3000, 12000, 1}, {500, 2500, 0},   {20, 250, 0},
    {100, 1500, 1},   {9000, 60000, 0}, {9000, 90000, 1}, {30000, 200000, 0},
};
#define N_SHELLS ((int)(sizeof shells / sizeof *shells))

static int is_positive(const struct traits *t)
{
	return t->roots && !t->pieces;
}

static void shell_value(fmpq_t out, uint64_t h, int index,
			const struct traits *t)
{
	int s = index % N_SHELLS;
	uint64_t unit = UINT64_C(1) << (FRACTION_BITS - 10);
	uint64_t width = (uint64_t)(shells[s].to - shells[s].from) * unit;
	slong value =
	    (slong)((uint64_t)shells[s].from * unit + (h >> 8) % width);

	if (((shells[s].any_sign && !is_positive(t)) || index >= POINTS_HALF) &&
	    (h & 1))
		value = -value;
	fmpq_set_si(out, value | 1, UINT64_C(1) << FRACTION_BITS);
}

/* Where floors jump: k/2. */
static void half_value(fmpq_t out, uint64_t h)
{
	slong halves = 1 + (slong)((h >> 8) % HALVES);

	fmpq_set_si(out, h & 1 ? -halves : halves, 2);
}

static int is_counted(const struct traits *t, grpo_str name)
{
	for (int i = 0; i < t->n_whole; i++)
		if (str_same(t->whole[i], name))
			return 1;
	return 0;
}

static void complex_value(struct number *out, const struct traits *t,
			  uint64_t h, int index, const struct domain *d)
{
	fmpq_t y;

	fmpq_init(y);
	number_ball(out, d);
	shell_value(y, points_hash(h, "i", 1), index + 1, t);
	arb_set_fmpq(acb_imagref(out->z), y, d->bits);
	fmpq_clear(y);
}

void points_value(struct number *out, const struct traits *t, grpo_str name,
		  int index, const struct domain *d)
{
	uint64_t base = points_hash(0, name.ptr, name.len);
	uint64_t h = points_hash((uint64_t)index + 1, &base, sizeof base);
	fmpq_t q;

	fmpq_init(q);
	if (is_counted(t, name))
		fmpq_set_si(
		    q, 1 + (slong)((base + 7 * (uint64_t)index) % COUNTS), 1);
	else if (t->rational)
		fmpq_set_si(q,
			    (slong)(h >> (64 - WHOLE_BITS)) -
				(1L << (WHOLE_BITS - 1)),
			    1);
	else if (t->pieces && index >= POINTS_HALF && index % 2)
		half_value(q, h);
	else
		shell_value(q, h, index, t);
	number_exact(out, q);
	fmpq_clear(q);
	if (t->conjugates && !d->real && d->bits && !is_counted(t, name))
		complex_value(out, t, h, index, d);
}
