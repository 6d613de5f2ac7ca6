/* SPDX-License-Identifier: MIT */
#include "long.h"

#define MAX_N 1000000 /* of n! */

struct quotient {
	fmpz_t over, under;
};

static enum outcome write_out(struct work *w, const struct expr *e,
			      struct quotient *out);

static void quotient_init(struct quotient *q)
{
	fmpz_init(q->over);
	fmpz_init(q->under);
}

static void quotient_clear(struct quotient *q)
{
	fmpz_clear(q->over);
	fmpz_clear(q->under);
}

static void set_exact(struct quotient *out, const fmpq_t q)
{
	fmpz_set(out->over, fmpq_numref(q));
	fmpz_set(out->under, fmpq_denref(q));
}

static long words(const struct quotient *q)
{
	return (long)(fmpz_bits(q->over) + fmpz_bits(q->under)) / 64;
}

static enum outcome charge(struct work *w, long steps)
{
	return work_step(w, 1 + steps) ? UNKNOWN : GOT;
}

int long_integer(struct work *w, const struct expr *e, fmpz_t out)
{
	const struct expr *number = e->kind == EXPR_NEG ? e->kids[0] : e;
	fmpq_t q;
	int found;

	fmpq_init(q);
	if (number->kind == EXPR_NUMBER) {
		found = 1;
		fmpq_set(q, number->value);
		if (number != e)
			fmpq_neg(q, q);
	} else {
		found = value_exact(w, e, q) == 0;
	}
	found = found && exact_is_integer(q);
	if (found)
		fmpz_swap(out, fmpq_numref(q));
	fmpq_clear(q);
	return found;
}

static enum outcome constant(struct work *w, const struct expr *e,
			     struct quotient *out)
{
	enum outcome got = UNKNOWN;
	fmpq_t q;

	fmpq_init(q);
	if (value_exact(w, e, q) == 0) {
		set_exact(out, q);
		got = GOT;
	}
	fmpq_clear(q);
	return got;
}

/* a = a + b; b may change. */
static void add(struct quotient *a, struct quotient *b)
{
	if (fmpz_equal(a->under, b->under)) {
		fmpz_add(a->over, a->over, b->over);
		return;
	}
	fmpz_mul(a->over, a->over, b->under);
	fmpz_addmul(a->over, b->over, a->under);
	fmpz_mul(a->under, a->under, b->under);
}

static void multiply(struct quotient *a, const struct quotient *b)
{
	fmpz_mul(a->over, a->over, b->over);
	fmpz_mul(a->under, a->under, b->under);
}

static enum outcome apply(struct work *w, enum expr_kind kind,
			  struct quotient *a, struct quotient *b)
{
	if (charge(w, (words(a) + words(b)) / 2) != GOT)
		return UNKNOWN;
	if (kind == EXPR_ADD) {
		add(a, b);
		return GOT;
	}
	if (kind == EXPR_DIV) {
		if (fmpz_is_zero(b->over))
			return UNDEFINED;
		fmpz_swap(b->over, b->under);
	}
	multiply(a, b);
	return GOT;
}

static enum outcome fold(struct work *w, const struct expr *e,
			 struct quotient *out)
{
	enum outcome got = write_out(w, e->kids[0], out);
	struct quotient next;

	for (int i = 1; i < e->n && got == GOT; i++) {
		quotient_init(&next);
		got = write_out(w, e->kids[i], &next);
		if (got == GOT)
			got = apply(w, (enum expr_kind)e->kind, out, &next);
		quotient_clear(&next);
	}
	return got;
}

static enum outcome raise_to(struct work *w, struct quotient *q, const fmpz_t n)
{
	ulong times;

	if (fmpz_sgn(n) < 0)
		fmpz_swap(q->over, q->under);
	if (fmpz_is_zero(q->under))
		return UNDEFINED;
	if (fmpz_bits(n) > 32 ||
	    charge(w, words(q) * (long)fmpz_bits(n)) != GOT)
		return UNKNOWN;
	times = (ulong)FLINT_ABS(fmpz_get_si(n));
	fmpz_pow_ui(q->over, q->over, times);
	fmpz_pow_ui(q->under, q->under, times);
	return charge(w, words(q));
}

static enum outcome power(struct work *w, const struct expr *e,
			  struct quotient *out)
{
	enum outcome got;
	fmpz_t n;

	fmpz_init(n);
	if (long_integer(w, e->kids[1], n)) {
		got = write_out(w, e->kids[0], out);
		if (got == GOT)
			got = raise_to(w, out, n);
	} else {
		got = constant(w, e, out);
	}
	fmpz_clear(n);
	return got;
}

/* n from 0 to MAX_N, or -1. */
static long small(struct work *w, const struct expr *e)
{
	long n = -1;
	fmpz_t value;

	fmpz_init(value);
	if (long_integer(w, e, value) && fmpz_sgn(value) >= 0 &&
	    fmpz_cmp_si(value, MAX_N) <= 0)
		n = (long)fmpz_get_si(value);
	fmpz_clear(value);
	return n;
}

static enum outcome call(struct work *w, const struct expr *e,
			 struct quotient *out)
{
	long n = small(w, e->kids[0]);
	long k = e->n == 2 ? small(w, e->kids[1]) : 0;

	if (e->fn != FN_FACTORIAL && e->fn != FN_BINOMIAL)
		return constant(w, e, out);
	if (n < 0 || k < 0 || charge(w, n) != GOT)
		return UNKNOWN;
	if (e->fn == FN_FACTORIAL)
		fmpz_fac_ui(out->over, (ulong)n);
	else
		fmpz_bin_uiui(out->over, (ulong)n, (ulong)k);
	fmpz_one(out->under);
	return GOT;
}

static enum outcome negative(struct work *w, const struct expr *e,
			     struct quotient *out)
{
	enum outcome got = write_out(w, e->kids[0], out);

	fmpz_neg(out->over, out->over);
	return got;
}

static enum outcome hundredth(struct work *w, const struct expr *e,
			      struct quotient *out)
{
	enum outcome got = write_out(w, e->kids[0], out);

	fmpz_mul_ui(out->under, out->under, 100);
	return got;
}

static enum outcome write_out(struct work *w, const struct expr *e,
			      struct quotient *out)
{
	if (charge(w, 0) != GOT)
		return UNKNOWN;
	switch (e->kind) {
	case EXPR_NUMBER:
		set_exact(out, e->value);
		return GOT;
	case EXPR_ADD:
	case EXPR_MUL:
	case EXPR_DIV:
		return fold(w, e, out);
	case EXPR_NEG:
		return negative(w, e, out);
	case EXPR_UNIT:
		return write_out(w, e->kids[0], out);
	case EXPR_PERCENT:
		return hundredth(w, e, out);
	case EXPR_POW:
		return power(w, e, out);
	case EXPR_CALL:
		return call(w, e, out);
	default:
		return constant(w, e, out);
	}
}

/* a.over b.under = b.over a.under */
static enum outcome crosswise(struct work *w, struct quotient *a,
			      struct quotient *b)
{
	if (charge(w, words(a) + words(b)) != GOT)
		return UNKNOWN;
	fmpz_mul(a->over, a->over, b->under);
	fmpz_mul(b->over, b->over, a->under);
	return fmpz_equal(a->over, b->over) ? GOT : INEXACT;
}

enum outcome long_same(struct work *w, const struct expr *a,
		       const struct expr *b)
{
	struct quotient p, q;
	enum outcome got;

	quotient_init(&p);
	quotient_init(&q);
	got = write_out(w, a, &p);
	if (got == GOT)
		got = write_out(w, b, &q);
	if (got == GOT)
		got = crosswise(w, &p, &q);
	quotient_clear(&q);
	quotient_clear(&p);
	return got;
}
