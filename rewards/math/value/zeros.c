/* SPDX-License-Identifier: MIT */
/* Whether two equations, a = 0 and b = 0, are equivalent. */
#include <flint/fmpq_poly.h>

#include "sides.h"

#define MAX_SYMBOLS 6
#define ZEROS 3 /* points where both are 0, so that both are everywhere */

/* Proportional */

/* a(x) b(base) and a(base) b(x) */
static void crossed(const struct sides *s, struct eval *v, struct pair *p)
{
	int point = v->point;
	struct pair base;

	number_init(&base.left);
	number_init(&base.right);
	v->point = s->base;
	sides_plain(s, v, &base);
	v->point = point;
	sides_plain(s, v, p);
	if (p->of_left == GOT)
		p->of_left = base.of_right == GOT
				 ? number_mul(&p->left, &base.right, &v->domain)
				 : base.of_right;
	if (p->of_right == GOT)
		p->of_right =
		    base.of_left == GOT
			? number_mul(&p->right, &base.left, &v->domain)
			: base.of_left;
	number_clear(&base.left);
	number_clear(&base.right);
}

/* What e is at the point, beside 0. */
static enum said beside_zero(const struct sides *s, const struct expr *e,
			     const struct expr *zero, int point)
{
	struct sides one = *s;

	one.a = e;
	one.b = zero;
	return sides_at(&one, point);
}

/* Finds a point where neither is 0: GOT, and s->base is set.  UNDEFINED where
 * one is 0 and the other isn't, INEXACT where both always are. */
static enum outcome find_base(struct sides *s)
{
	const struct expr *zero = expr_integer(s->w, 0);
	int zeros = 0;

	for (s->base = 0; zero && s->base < POINTS_MAX; s->base++) {
		enum said a = beside_zero(s, s->a, zero, s->base);
		enum said b = beside_zero(s, s->b, zero, s->base);

		if (a == SAID_STOP || b == SAID_STOP)
			return UNKNOWN;
		if (a == SAID_DIFFERENT && b == SAID_DIFFERENT)
			return GOT;
		if ((a == SAID_SAME && b == SAID_DIFFERENT) ||
		    (a == SAID_DIFFERENT && b == SAID_SAME))
			return UNDEFINED;
		zeros += a == SAID_SAME && b == SAID_SAME;
		if (zeros && (zeros == ZEROS || !s->traits.symbols))
			return INEXACT;
	}
	return UNKNOWN;
}

static enum value_verdict proportional(struct sides *s, int *sign)
{
	enum outcome base = find_base(s);

	*sign = 1;
	if (base == UNKNOWN && s->real && !s->w->status) {
		s->real = 0;
		base = find_base(s);
	}
	if (base == INEXACT)
		return VALUE_EQUAL;
	if (base != GOT)
		return base == UNDEFINED ? VALUE_DIFFERENT : VALUE_UNDECIDED;
	*sign = sides_ratio_sign(s, s->base);
	if (!s->traits.symbols)
		return VALUE_EQUAL;
	s->values = crossed;
	s->weight = 2;
	return sides_everywhere(s);
}

enum value_verdict value_proportional(struct work *w, const struct expr *a,
				      const struct expr *b, int *sign)
{
	struct sides s;

	sides_init(&s, w, a, b);
	return proportional(&s, sign);
}

/* Fractions */

struct fraction {
	const struct expr *over, *under; /* under: NULL is 1 */
};

static const struct expr *product(struct work *w, const struct expr *a,
				  const struct expr *b)
{
	if (!a || !b)
		return a ? a : b;
	return expr_2(w, EXPR_MUL, a, b);
}

/* A quotient of this many nodes at most, counted as a tree: parts are shared,
 * and a continued fraction would double at each level. */
#define MAX_FRACTION 400

static int size_of(const struct expr *e, int n)
{
	n += e != NULL;
	for (int i = 0; e && i < e->n && n <= MAX_FRACTION; i++)
		n = size_of(e->kids[i], n);
	return n;
}

static struct fraction fraction_of(struct work *w, const struct expr *e);

static struct fraction sum_of(struct work *w, const struct expr *e)
{
	struct fraction f = fraction_of(w, e->kids[0]);

	for (int i = 1; i < e->n; i++) {
		struct fraction g = fraction_of(w, e->kids[i]);

		f.over = expr_2(w, EXPR_ADD, product(w, f.over, g.under),
				product(w, g.over, f.under));
		f.under = product(w, f.under, g.under);
	}
	return f;
}

static struct fraction product_of(struct work *w, const struct expr *e)
{
	struct fraction f = fraction_of(w, e->kids[0]);

	for (int i = 1; i < e->n; i++) {
		struct fraction g = fraction_of(w, e->kids[i]);

		f.over = product(w, f.over, g.over);
		f.under = product(w, f.under, g.under);
	}
	return f;
}

static struct fraction quotient_of(struct work *w, const struct expr *e)
{
	struct fraction f = fraction_of(w, e->kids[0]);
	struct fraction g = fraction_of(w, e->kids[1]);

	f.over = product(w, f.over, g.under);
	f.under = product(w, f.under, g.over);
	return f;
}

static struct fraction negative_of(struct work *w, const struct expr *e)
{
	struct fraction f = fraction_of(w, e->kids[0]);

	f.over = expr_1(w, EXPR_NEG, f.over);
	return f;
}

/* e as a quotient of what has no quotients on its outside, or over 1 where
 * that is too large. */
static struct fraction fraction_of(struct work *w, const struct expr *e)
{
	const struct fraction whole = {e, NULL};
	struct fraction f = whole;

	if (work_step(w, 1))
		return whole;
	if (e->kind == EXPR_ADD)
		f = sum_of(w, e);
	else if (e->kind == EXPR_MUL)
		f = product_of(w, e);
	else if (e->kind == EXPR_DIV && e->n == 2)
		f = quotient_of(w, e);
	else if (e->kind == EXPR_NEG)
		f = negative_of(w, e);
	return size_of(f.under, size_of(f.over, 0)) <= MAX_FRACTION ? f : whole;
}

/* Solving */

/* e = slope * symbol + rest */
struct line {
	const struct expr *rest, *slope;
};

static int line_of(struct work *w, const struct expr *e, grpo_str symbol,
		   struct line *out)
{
	const struct expr *c[2];

	if (value_polynomial(w, e, symbol, c, 1) != 1)
		return -1;
	*out = (struct line){c[0], c[1]};
	return 0;
}

#define MAX_DEGREE 16
#define MAX_COEFFICIENT_BITS 1000
#define GCD_STEPS 500 /* of two such polynomials */

/* e as a polynomial in one symbol, with numbers in the place of the others. */
static int rational_poly(struct work *w, fmpq_poly_t out, const struct expr *e,
			 grpo_str symbol)
{
	const struct expr *c[MAX_DEGREE + 1];
	grpo_str names[MAX_SYMBOLS];
	int n = expr_symbols(e, names, MAX_SYMBOLS);
	int degree;
	fmpq_t q;

	for (int i = 0; i < n && i < MAX_SYMBOLS; i++)
		if (!str_same(names[i], symbol))
			e = expr_replace(w, e, names[i],
					 expr_integer(w, 1009 + 17L * i));
	degree = e ? value_polynomial(w, e, symbol, c, MAX_DEGREE) : -1;
	fmpq_init(q);
	for (int i = 0; i <= degree; i++) {
		if (value_exact(w, c[i], q) < 0 ||
		    exact_bits(q) > MAX_COEFFICIENT_BITS)
			degree = -1;
		else
			fmpq_poly_set_coeff_fmpq(out, i, q);
	}
	fmpq_clear(q);
	return degree < 0 ? -1 : 0;
}

/* The degree of gcd(p, q) without what it shares with r. */
static long own_degree(fmpq_poly_t p, const fmpq_poly_t q, const fmpq_poly_t r)
{
	fmpq_poly_t shared;
	long degree;

	fmpq_poly_init(shared);
	fmpq_poly_gcd(p, p, q);
	for (;;) {
		fmpq_poly_gcd(shared, p, r);
		if (fmpq_poly_degree(shared) < 1)
			break;
		fmpq_poly_div(p, p, shared);
	}
	degree = fmpq_poly_degree(p);
	fmpq_poly_clear(shared);
	return degree;
}

/* Whether it is seen to have no zero, such as e^x. */
static int has_no_zero(const struct expr *e)
{
	switch (e->kind) {
	case EXPR_NUMBER:
		return !fmpq_is_zero(e->value);
	case EXPR_E:
	case EXPR_PI:
		return 1;
	case EXPR_NEG:
	case EXPR_POW:
		return has_no_zero(e->kids[0]);
	case EXPR_CALL:
		return e->fn == FN_EXP || e->fn == FN_COSH || e->fn == FN_SEC;
	default:
		return 0;
	}
}

/* Without the factors that have no zero. */
static const struct expr *zeros_of(struct work *w, const struct expr *e)
{
	const struct expr *product;

	if (has_no_zero(e))
		return expr_integer(w, 1);
	if (e->kind != EXPR_MUL)
		return e;
	product = zeros_of(w, e->kids[0]);
	for (int i = 1; i < e->n && product; i++)
		product = expr_2(w, EXPR_MUL, product, zeros_of(w, e->kids[i]));
	return product;
}

/* Whether slope and rest have a common zero in the symbol, where the divisor
 * has none: there the equation holds whatever is solved for.  Where one is no
 * polynomial they are taken to have none in common. */
static int holds_beside(struct work *w, const struct line *l,
			const struct expr *under, grpo_str symbol)
{
	fmpq_poly_t p, q, r;
	int slope, rest, holds;

	if (work_step(w, GCD_STEPS))
		return 1;
	fmpq_poly_init(p);
	fmpq_poly_init(q);
	fmpq_poly_init(r);
	fmpq_poly_set_si(r, 1);
	slope = rational_poly(w, p, l->slope, symbol) == 0;
	rest = rational_poly(w, q, l->rest, symbol) == 0;
	holds = !slope && !rest;
	if (slope && rest) {
		holds = fmpq_poly_is_zero(p) ||
			(under && rational_poly(w, r, under, symbol) < 0) ||
			fmpq_poly_is_zero(r) || own_degree(p, q, r) > 0;
	}
	fmpq_poly_clear(r);
	fmpq_poly_clear(q);
	fmpq_poly_clear(p);
	return holds;
}

/* Whether the equation has solutions beside the one for its symbol. */
static int has_more(struct work *w, const struct line *l,
		    const struct expr *under)
{
	const struct line zeros = {l->rest, zeros_of(w, l->slope)};
	grpo_str names[MAX_SYMBOLS];
	int n = zeros.slope ? expr_symbols(zeros.slope, names, MAX_SYMBOLS) : 0;

	if (!zeros.slope || n > MAX_SYMBOLS)
		return 1;
	if (!expr_symbols(l->rest, NULL, 0)) /* and it isn't 0 */
		return value_same(w, l->rest, expr_integer(w, 0)) !=
		       VALUE_DIFFERENT;
	for (int i = 0; i < n; i++)
		if (holds_beside(w, &zeros, under, names[i]))
			return 1;
	return 0;
}

static const struct expr *solution(struct work *w, const struct line *l)
{
	return expr_2(w, EXPR_DIV, expr_1(w, EXPR_NEG, l->rest), l->slope);
}

/* Solves both for the symbol, where they are linear in it. */
static enum value_verdict solved(struct work *w, const struct fraction *a,
				 const struct fraction *b, grpo_str symbol)
{
	const struct expr *of_a, *of_b;
	enum value_verdict verdict;
	struct line l, m;

	if (line_of(w, a->over, symbol, &l) < 0 ||
	    line_of(w, b->over, symbol, &m) < 0)
		return VALUE_UNDECIDED;
	of_a = solution(w, &l);
	of_b = solution(w, &m);
	if (!of_a || !of_b)
		return VALUE_UNDECIDED;
	verdict = value_same(w, of_a, of_b);
	if (verdict == VALUE_EQUAL &&
	    (has_more(w, &l, a->under) || has_more(w, &m, b->under)))
		return VALUE_UNDECIDED;
	return verdict;
}

/* Any two numbers are proportional, f(1) - 3 and f(1) - 4 too: they must be the
 * same but for the sign. */
static enum value_verdict same_constants(struct work *w, const struct expr *a,
					 const struct expr *b)
{
	enum value_verdict verdict = value_same(w, a, b);

	return verdict == VALUE_EQUAL
		   ? verdict
		   : value_same(w, a, expr_1(w, EXPR_NEG, b));
}

enum value_verdict value_same_zeros(struct work *w, const struct expr *a,
				    const struct expr *b)
{
	grpo_str names[MAX_SYMBOLS];
	struct fraction f, g;
	int sign, n;

	if (!expr_symbols(a, NULL, 0) && !expr_symbols(b, NULL, 0))
		return same_constants(w, a, b);
	if (value_proportional(w, a, b, &sign) == VALUE_EQUAL)
		return VALUE_EQUAL;
	f = fraction_of(w, a);
	g = fraction_of(w, b);
	n = f.over && g.over ? expr_symbols(a, names, MAX_SYMBOLS) : 0;
	for (int i = 0; i < n && i < MAX_SYMBOLS; i++) {
		enum value_verdict verdict = solved(w, &f, &g, names[i]);

		if (verdict != VALUE_UNDECIDED)
			return verdict;
	}
	return VALUE_UNDECIDED;
}
