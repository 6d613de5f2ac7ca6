/* SPDX-License-Identifier: MIT */
/* The coefficients of a polynomial.  One that is NULL is 0. */
#include "value.h"

struct poly {
	struct work *w;
	grpo_str symbol;
	int max; /* degree */
};

typedef const struct expr *term;

static int is_number(term e)
{
	return e && e->kind == EXPR_NUMBER;
}

static int is_zero(term e)
{
	return !e || (is_number(e) && fmpq_is_zero(e->value));
}

/* The node of kind, as a number where it is one of two numbers. */
static term joined(struct work *w, enum expr_kind kind, term a, term b)
{
	term e = expr_2(w, kind, a, b);
	struct expr *value;

	if (!e || !is_number(a) || !is_number(b))
		return e;
	value = expr_number(w);
	return value && value_exact(w, e, value->value) == 0 ? value : e;
}

static term plus(struct work *w, term a, term b)
{
	if (is_zero(a))
		return b;
	return is_zero(b) ? a : joined(w, EXPR_ADD, a, b);
}

static term times(struct work *w, term a, term b)
{
	if (is_zero(a) || is_zero(b))
		return NULL;
	if (is_number(a) && fmpq_is_one(a->value))
		return b;
	return is_number(b) && fmpq_is_one(b->value)
		   ? a
		   : joined(w, EXPR_MUL, a, b);
}

static int read_poly(const struct poly *p, term e, term *out);

static term *new_terms(const struct poly *p)
{
	return work_alloc(p->w, ((size_t)p->max + 1) * sizeof(term));
}

/* out = out + e */
static int add_poly(const struct poly *p, term e, term *out)
{
	term *t = new_terms(p);

	if (!t || read_poly(p, e, t) < 0)
		return -1;
	for (int i = 0; i <= p->max; i++)
		out[i] = plus(p->w, out[i], t[i]);
	return 0;
}

/* out = a b; fails where the degree would be too large. */
static int multiply(const struct poly *p, const term *a, const term *b,
		    term *out)
{
	for (int i = 0; i <= p->max; i++)
		for (int j = 0; j <= p->max; j++) {
			if (is_zero(a[i]) || is_zero(b[j]))
				continue;
			if (i + j > p->max || work_step(p->w, 1))
				return -1;
			out[i + j] =
			    plus(p->w, out[i + j], times(p->w, a[i], b[j]));
		}
	return p->w->status ? -1 : 0;
}

/* out = out times the terms */
static int scale(const struct poly *p, const term *by, term *out)
{
	term *t = new_terms(p);

	if (!t || multiply(p, out, by, t) < 0)
		return -1;
	for (int i = 0; i <= p->max; i++)
		out[i] = t[i];
	return 0;
}

static int read_product(const struct poly *p, term e, term *out)
{
	out[0] = expr_integer(p->w, 1);
	for (int i = 0; i < e->n; i++) {
		term *t = new_terms(p);

		if (!t || read_poly(p, e->kids[i], t) < 0 ||
		    scale(p, t, out) < 0)
			return -1;
	}
	return 0;
}

static int read_quotient(const struct poly *p, term e, term *out)
{
	if (expr_has_symbol(e->kids[1], p->symbol) ||
	    read_poly(p, e->kids[0], out) < 0)
		return -1;
	for (int i = 0; i <= p->max; i++)
		if (out[i])
			out[i] = joined(p->w, EXPR_DIV, out[i], e->kids[1]);
	return 0;
}

/* The exponent, or -1 where it is no whole number of 0 to max. */
static long exponent(const struct poly *p, term e)
{
	long n = -1;
	fmpq_t q;

	fmpq_init(q);
	if (value_exact(p->w, e, q) == 0 && fmpz_is_one(fmpq_denref(q)) &&
	    fmpq_sgn(q) >= 0 && fmpq_cmp_si(q, p->max) <= 0)
		n = (long)fmpz_get_si(fmpq_numref(q));
	fmpq_clear(q);
	return n;
}

static int read_power(const struct poly *p, term e, term *out)
{
	long n = exponent(p, e->kids[1]);
	term *base = new_terms(p);

	if (n < 0 || !base || read_poly(p, e->kids[0], base) < 0)
		return -1;
	out[0] = expr_integer(p->w, 1);
	for (; n > 0; n--)
		if (scale(p, base, out) < 0)
			return -1;
	return 0;
}

static int read_negative(const struct poly *p, term e, term *out)
{
	term minus = expr_integer(p->w, -1);

	if (read_poly(p, e->kids[0], out) < 0)
		return -1;
	for (int i = 0; i <= p->max; i++)
		out[i] = times(p->w, minus, out[i]);
	return 0;
}

/* Adds nothing to out, whose terms are NULL, where it fails. */
static int read_poly(const struct poly *p, term e, term *out)
{
	if (work_step(p->w, 1))
		return -1;
	if (!expr_has_symbol(e, p->symbol)) {
		out[0] = e;
		return 0;
	}
	switch (e->kind) {
	case EXPR_SYMBOL:
		if (p->max < 1)
			return -1;
		out[1] = expr_integer(p->w, 1);
		return 0;
	case EXPR_ADD:
		for (int i = 0; i < e->n; i++)
			if (add_poly(p, e->kids[i], out) < 0)
				return -1;
		return 0;
	case EXPR_NEG:
		return read_negative(p, e, out);
	case EXPR_MUL:
		return read_product(p, e, out);
	case EXPR_DIV:
		return e->n == 2 ? read_quotient(p, e, out) : -1;
	case EXPR_POW:
		return read_power(p, e, out);
	default:
		return -1;
	}
}

/* Whether the coefficient is 0, such as of x in x + 1 - x. */
static int vanishes(struct work *w, term e)
{
	if (!e || is_number(e))
		return is_zero(e);
	return value_same(w, e, expr_integer(w, 0)) == VALUE_EQUAL;
}

int value_polynomial(struct work *w, const struct expr *e, grpo_str symbol,
		     const struct expr **coefficients, int max)
{
	const struct poly p = {w, symbol, max};
	int degree = max;

	for (int i = 0; i <= max; i++)
		coefficients[i] = NULL;
	if (read_poly(&p, e, coefficients) < 0 || w->status)
		return -1;
	while (degree > 0 && vanishes(w, coefficients[degree]))
		degree--;
	for (int i = 0; i <= max; i++)
		if (i > degree || !coefficients[i])
			coefficients[i] = expr_integer(w, 0);
	return w->status ? -1 : degree;
}
