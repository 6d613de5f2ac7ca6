/* SPDX-License-Identifier: MIT */
/*
 * Values for expressions that have none: f(x) with unknown f, and integrals and
 * limits, which are compared as written.  A value is a hash of the name and the
 * values of the parts, so f(x + 1) equals f(1 + x).
 */
#include "eval.h"

/*
 * The key of a part is its value in units of 2^-GRID_BITS, rounded: the same
 * for all balls that hold it, and for the fraction, save where it lies between
 * two keys.  The offset moves that away from all numbers that people write.
 */
#define GRID_BITS 400
#define OFFSET_BITS 64
#define OFFSET UINT64_C(0x6a09e667f3bcc909)
#define SIZE_BITS 1000 /* parts are below 2^SIZE_BITS */

#define PART_STEPS 10

static void add_offset(arb_t x)
{
	arb_t offset;

	arb_init(offset);
	arb_set_ui(offset, OFFSET);
	arb_mul_2exp_si(offset, offset, -OFFSET_BITS);
	arb_mul_2exp_si(x, x, GRID_BITS);
	arb_add(x, x, offset, SIZE_BITS + 2 * GRID_BITS);
	arb_floor(x, x, SIZE_BITS + 2 * GRID_BITS);
	arb_clear(offset);
}

static uint64_t hash_integer(uint64_t h, const fmpz_t n)
{
	ulong limbs[(SIZE_BITS + 2 * GRID_BITS) / 64 + 2] = {0};
	fmpz_t size;
	int sign = fmpz_sgn(n);

	fmpz_init(size);
	fmpz_abs(size, n);
	fmpz_get_ui_array(limbs, sizeof limbs / sizeof *limbs, size);
	fmpz_clear(size);
	h = points_hash(h, &sign, sizeof sign);
	return points_hash(h, limbs, sizeof limbs);
}

static enum outcome hash_real(uint64_t *h, const arb_t x)
{
	enum outcome got = VAGUE;
	fmpz_t key;
	arb_t t;

	if (!arb_is_finite(x))
		return VAGUE;
	if (arf_cmpabs_2exp_si(arb_midref(x), SIZE_BITS) >= 0)
		return UNKNOWN;
	fmpz_init(key);
	arb_init(t);
	arb_set(t, x);
	add_offset(t);
	if (arb_get_unique_fmpz(key, t)) {
		*h = hash_integer(*h, key);
		got = GOT;
	}
	arb_clear(t);
	fmpz_clear(key);
	return got;
}

static enum outcome hash_part(struct eval *v, const struct expr *e,
			      uint64_t *h);

/* The kind of what is no number, its own marks, and then its parts. */
static enum outcome hash_parts(struct eval *v, const struct expr *e,
			       uint64_t *h)
{
	const char marks[3] = {(char)e->kind, e->open, e->close};
	enum outcome got = GOT;

	if (work_step(v->w, PART_STEPS * (1 + (long)e->n)))
		return UNKNOWN;
	*h = points_hash(*h, marks, sizeof marks);
	if (e->kind == EXPR_RELATION)
		*h = points_hash(*h, e->ops, (size_t)e->n - 1);
	if (e->kind == EXPR_MATRIX)
		*h = points_hash(*h, &e->rows, sizeof e->rows);
	if (e->kind == EXPR_NAMED_SET || e->kind == EXPR_TEXT)
		*h = points_hash(*h, e->name.ptr, e->name.len);
	for (int i = 0; i < e->n && got == GOT; i++)
		got = hash_part(v, e->kids[i], h);
	return got;
}

static int is_number(const struct expr *e)
{
	switch (e->kind) {
	case EXPR_RELATION:
	case EXPR_TUPLE:
	case EXPR_MATRIX:
	case EXPR_NAMED_SET:
	case EXPR_TEXT:
	case EXPR_INFINITY:
		return 0;
	default:
		return 1;
	}
}

static enum outcome hash_part(struct eval *v, const struct expr *e, uint64_t *h)
{
	const struct domain fine = {.bits = SIZE_BITS + 2 * GRID_BITS};
	enum outcome got;
	struct number a;

	if (!is_number(e))
		return hash_parts(v, e, h);
	number_init(&a);
	got = evaluate(v, e, &a);
	if (got == GOT && !a.is_ball)
		number_ball(&a, &fine);
	if (got == GOT)
		got = hash_real(h, acb_realref(a.z));
	if (got == GOT && !acb_is_real(a.z))
		got = hash_real(h, acb_imagref(a.z));
	number_clear(&a);
	return got;
}

/* A fraction from 1/8 to 4. */
static void set_value(struct number *out, uint64_t h)
{
	fmpq_t q;

	fmpq_init(q);
	fmpq_set_si(q, (slong)((1 << 17) + h % ((1 << 22) - (1 << 17))),
		    1 << 20);
	number_exact(out, q);
	fmpq_clear(q);
}

/* The body of a sum at some values of its variable, whatever that is called. */
static enum outcome hash_body(struct eval *v, const struct expr *e, uint64_t *h)
{
	static const slong at[] = {5, 12, 23};
	const struct scope *outer = v->scope;
	struct scope scope = {e->kids[0]->name, NULL, outer};
	enum outcome got = GOT;
	fmpq_t k;

	fmpq_init(k);
	scope.value = k;
	v->scope = &scope;
	for (int i = 0; i < 3 && got == GOT; i++) {
		fmpq_set_si(k, at[i], 1);
		got = hash_part(v, e->kids[3], h);
	}
	v->scope = outer;
	fmpq_clear(k);
	return got;
}

enum outcome eval_series_as_written(struct eval *v, const struct expr *e,
				    struct number *out)
{
	uint64_t h = points_hash((uint64_t)e->kind, "", 0);
	enum outcome got;

	if (!v->domain.bits)
		return INEXACT;
	got = hash_part(v, e->kids[1], &h);
	if (got == GOT)
		got = hash_part(v, e->kids[2], &h);
	if (got == GOT)
		got = hash_body(v, e, &h);
	if (got != GOT)
		return got;
	v->made_up = 1;
	set_value(out, h);
	return GOT;
}

enum outcome eval_opaque(struct eval *v, const struct expr *e,
			 struct number *out)
{
	uint64_t h = points_hash((uint64_t)e->kind + ((uint64_t)e->n << 8),
				 e->name.ptr, e->name.len);
	enum outcome got = GOT;

	if (!v->domain.bits)
		return INEXACT;
	if (work_step(v->w, PART_STEPS * (1 + (long)e->n)))
		return UNKNOWN;
	for (int i = 0; i < e->n && got == GOT; i++)
		got = hash_part(v, e->kids[i], &h);
	if (got != GOT)
		return got;
	if (e->kind == EXPR_FORM)
		v->made_up = 1;
	set_value(out, h);
	return GOT;
}
