/* SPDX-License-Identifier: MIT */
#include "eval.h"

#include "matrix.h"

/*
 * The cost of operations, in steps of at most a quarter of a microsecond.
 *
 * Exact ones go by the words of their numbers: a product or a gcd takes a step
 * for 25 pairs of them, a sum one for 8, a root, a power or a factorial one for
 * each.  Balls go by their precision.
 */
#define ARITHMETIC 1
#define ELEMENTARY 4 /* roots, powers, e^x, sin x, ... */
#define GAMMA 32

static long words(const struct number *a)
{
	return a->is_ball ? 0 : exact_bits(a->q) / 64;
}

static enum outcome charge(struct eval *v, long steps)
{
	return steps && work_step(v->w, steps) ? UNKNOWN : GOT;
}

static enum outcome charge_exact(struct eval *v, const struct number *a,
				 const struct number *b)
{
	long m = words(a), n = words(b);

	return charge(v, m * n / 25 + (m + n) / 8);
}

/* Where an elementary function's time grows faster than its precision. */
#define LONG_BITS 4096

/* `steps` is for a ball of 64 bits. */
static enum outcome charge_result(struct eval *v, const struct number *a,
				  long steps)
{
	long times = 1 + v->domain.bits / 64;

	if (!a->is_ball)
		return charge(v, steps > ARITHMETIC ? words(a) : 0);
	if (steps > ARITHMETIC)
		times += times * (v->domain.bits / LONG_BITS);
	return charge(v, steps * times * (v->domain.real ? 1 : 2));
}

static long cost_of(enum expr_fn fn)
{
	switch (fn) {
	case FN_FACTORIAL:
	case FN_GAMMA:
		return GAMMA;
	case FN_BINOMIAL:
		return 3 * GAMMA;
	case FN_GCD:
	case FN_LCM:
	case FN_MIN:
	case FN_MAX:
	case FN_MOD:
		return ARITHMETIC;
	default:
		return ELEMENTARY;
	}
}

/* A quantity of the size of pi. */
static enum outcome constant(struct eval *v, enum expr_kind kind,
			     struct number *out)
{
	if (!v->domain.bits)
		return INEXACT;
	number_ball(out, &v->domain);
	if (kind == EXPR_PI)
		acb_const_pi(out->z, v->domain.bits);
	else if (kind == EXPR_E)
		arb_const_e(acb_realref(out->z), v->domain.bits);
	else if (v->domain.real)
		return UNDEFINED;
	else
		acb_onei(out->z);
	return GOT;
}

static enum outcome symbol(struct eval *v, grpo_str name, struct number *out)
{
	for (const struct scope *s = v->scope; s; s = s->outer)
		if (str_same(s->name, name)) {
			number_exact(out, s->value);
			return GOT;
		}
	if (!v->traits)
		return UNKNOWN;
	points_value(out, v->traits, name, v->point, &v->domain);
	return GOT;
}

typedef enum outcome operation(struct number *a, struct number *b,
			       const struct domain *d);

/* a = op(a, e) */
static enum outcome apply(struct eval *v, const struct expr *e, operation *op,
			  long steps, struct number *a)
{
	struct number b;
	enum outcome got;

	number_init(&b);
	got = evaluate(v, e, &b);
	if (got == GOT)
		got = charge_exact(v, a, &b);
	if (got == GOT)
		got = op(a, &b, &v->domain);
	if (got == GOT)
		got = charge_result(v, a, steps);
	number_clear(&b);
	return got;
}

/* op over all kids, from the left. */
static enum outcome fold(struct eval *v, const struct expr *e, operation *op,
			 long steps, struct number *out)
{
	enum outcome got = evaluate(v, e->kids[0], out);

	for (int i = 1; i < e->n && got == GOT; i++)
		got = apply(v, e->kids[i], op, steps, out);
	return got;
}

/* e^x is exp(x): more exact than x ln e. */
static enum outcome raised(struct eval *v, const struct expr *e,
			   struct number *out)
{
	enum outcome got;
	struct number none;

	if (e->kids[0]->kind != EXPR_E || e->n != 2)
		return fold(v, e, number_pow, ELEMENTARY, out);
	got = evaluate(v, e->kids[1], out);
	if (got != GOT)
		return got;
	number_init(&none);
	got = number_call(out, FN_EXP, &none, &v->domain);
	number_clear(&none);
	return got == GOT ? charge_result(v, out, ELEMENTARY) : got;
}

static enum outcome negated(struct eval *v, const struct expr *e,
			    struct number *out)
{
	enum outcome got = evaluate(v, e->kids[0], out);

	return got == GOT ? number_neg(out) : got;
}

static enum outcome divided_by(struct eval *v, const struct expr *e,
			       ulong divisor, struct number *out)
{
	enum outcome got = evaluate(v, e->kids[0], out);
	struct number d;

	if (got != GOT)
		return got;
	number_init(&d);
	fmpq_set_si(d.q, 1, divisor);
	got = number_mul(out, &d, &v->domain);
	number_clear(&d);
	return got;
}

static enum outcome degrees(struct eval *v, const struct expr *e,
			    struct number *out)
{
	enum outcome got = divided_by(v, e, 180, out);
	struct number pi;

	if (got != GOT || (!out->is_ball && fmpq_is_zero(out->q)))
		return got;
	number_init(&pi);
	got = constant(v, EXPR_PI, &pi);
	if (got == GOT)
		got = number_mul(out, &pi, &v->domain);
	number_clear(&pi);
	return got;
}

static enum outcome in_base(struct eval *v, const struct expr *e,
			    struct number *out)
{
	const struct expr *digits = e->kids[0];
	enum outcome got;

	if (digits->kind != EXPR_NUMBER)
		return UNKNOWN;
	got = evaluate(v, e->kids[1], out);
	if (got != GOT || out->is_ball)
		return got == GOT ? UNDEFINED : got;
	if (work_step(v->w, 20))
		return UNKNOWN;
	return exact_in_base(out->q, digits->value, digits->decimals, out->q);
}

static enum outcome of_matrix(struct eval *v, const struct expr *e,
			      struct number *out)
{
	const struct expr *m = matrix_value(v->w, e->kids[0]);

	if (!m)
		return UNKNOWN;
	return e->fn == FN_TRACE ? matrix_trace(v, m, out)
				 : matrix_determinant(v, m, out);
}

static enum outcome call(struct eval *v, const struct expr *e,
			 struct number *out)
{
	enum expr_fn fn = (enum expr_fn)e->fn;
	enum outcome got = e->n ? evaluate(v, e->kids[0], out) : UNKNOWN;
	int one = e->n == 1;
	struct number b;

	if (one && (fn == FN_MIN || fn == FN_MAX))
		return got;
	for (int i = 1; i < e->n + one && got == GOT; i++) {
		number_init(&b);
		if (!one)
			got = evaluate(v, e->kids[i], &b);
		if (got == GOT && cost_of(fn) > ARITHMETIC)
			got = charge(v, words(out));
		if (got == GOT)
			got = charge_exact(v, out, &b);
		if (got == GOT)
			got = number_call(out, fn, &b, &v->domain);
		if (got == GOT)
			got = charge_result(v, out, cost_of(fn));
		number_clear(&b);
	}
	return got;
}

static enum outcome series(struct eval *v, const struct expr *e,
			   struct number *out);

enum outcome evaluate(struct eval *v, const struct expr *e, struct number *out)
{
	if (work_step(v->w, 1))
		return UNKNOWN;
	switch (e->kind) {
	case EXPR_NUMBER:
		number_exact(out, e->value);
		return GOT;
	case EXPR_SYMBOL:
		return symbol(v, e->name, out);
	case EXPR_PI:
	case EXPR_E:
	case EXPR_I:
		return constant(v, (enum expr_kind)e->kind, out);
	case EXPR_ADD:
		return fold(v, e, number_add, ARITHMETIC, out);
	case EXPR_MUL:
		return fold(v, e, number_mul, ARITHMETIC, out);
	case EXPR_DIV:
		return fold(v, e, number_div, ARITHMETIC, out);
	case EXPR_POW:
		return raised(v, e, out);
	case EXPR_NEG:
		return negated(v, e, out);
	case EXPR_CALL:
		if (e->n && (e->fn == FN_DET || e->fn == FN_TRACE))
			return of_matrix(v, e, out);
		return call(v, e, out);
	case EXPR_PERCENT:
		return divided_by(v, e, 100, out);
	case EXPR_DEGREE:
		return degrees(v, e, out);
	case EXPR_UNIT:
		return evaluate(v, e->kids[0], out);
	case EXPR_BASE:
		return in_base(v, e, out);
	case EXPR_SUM:
	case EXPR_PROD:
		return series(v, e, out);
	case EXPR_APPLY:
	case EXPR_FORM:
		return eval_opaque(v, e, out);
	default:
		return UNKNOWN;
	}
}

/* Sums and products. */

#define MAX_TERMS 10000

static enum outcome bound(struct eval *v, const struct expr *e, fmpz_t out)
{
	struct number a;
	enum outcome got;

	number_init(&a);
	got = evaluate(v, e, &a);
	if (got == GOT && a.is_ball)
		got = INEXACT;
	if (got == GOT && !exact_is_integer(a.q))
		got = UNDEFINED;
	if (got == GOT)
		fmpz_set(out, fmpq_numref(a.q));
	number_clear(&a);
	return got == INEXACT ? UNKNOWN : got;
}

/* How many terms there are, or -1 for too many. */
static long count(const fmpz_t from, const fmpz_t to)
{
	fmpz_t n;
	long terms = -1;

	fmpz_init(n);
	fmpz_sub(n, to, from);
	if (fmpz_sgn(n) < 0)
		terms = 0;
	else if (fmpz_cmp_si(n, MAX_TERMS) < 0)
		terms = (long)fmpz_get_si(n) + 1;
	fmpz_clear(n);
	return terms;
}

static enum outcome add_terms(struct eval *v, const struct expr *e,
			      const fmpz_t from, long n, struct number *out)
{
	operation *op = e->kind == EXPR_SUM ? number_add : number_mul;
	const struct scope *outer = v->scope;
	struct scope scope = {e->kids[0]->name, NULL, outer};
	enum outcome got = GOT;
	fmpq_t k;

	fmpq_init(k);
	fmpq_set_fmpz(k, from);
	scope.value = k;
	v->scope = &scope;
	for (; n > 0 && got == GOT; n--) {
		got = apply(v, e->kids[3], op, ARITHMETIC, out);
		fmpq_add_si(k, k, 1);
	}
	v->scope = outer;
	fmpq_clear(k);
	return got;
}

static enum outcome series(struct eval *v, const struct expr *e,
			   struct number *out)
{
	enum outcome got;
	fmpz_t from, to;
	fmpq_t start;
	int has_ends;
	long n;

	if (e->n != 4 || e->kids[0]->kind != EXPR_SYMBOL)
		return UNKNOWN;
	fmpz_init(from);
	fmpz_init(to);
	got = bound(v, e->kids[1], from);
	if (got == GOT)
		got = bound(v, e->kids[2], to);
	has_ends = got == GOT;
	n = has_ends ? count(from, to) : 0;
	if (n < 0)
		got = UNKNOWN;
	if (got == GOT) {
		fmpq_init(start);
		fmpq_set_si(start, e->kind == EXPR_PROD, 1);
		number_exact(out, start);
		fmpq_clear(start);
		got = add_terms(v, e, from, n, out);
	}
	fmpz_clear(to);
	fmpz_clear(from);
	return has_ends ? got : eval_series_as_written(v, e, out);
}
