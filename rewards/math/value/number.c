/* SPDX-License-Identifier: MIT */
#include "number.h"

void number_ball(struct number *a, const struct domain *d)
{
	if (a->is_ball)
		return;
	acb_init(a->z);
	acb_set_fmpq(a->z, a->q, d->bits);
	a->is_ball = 1;
}

void number_exact(struct number *a, const fmpq_t value)
{
	if (a->is_ball)
		acb_clear(a->z);
	a->is_ball = 0;
	fmpq_set(a->q, value);
}

/* GOT where it is a number, VAGUE where a ball has lost it. */
static enum outcome checked(const struct number *a)
{
	return !a->is_ball || acb_is_finite(a->z) ? GOT : VAGUE;
}

/* Whether both have become balls, as they must where the exact way ends. */
static int both_balls(struct number *a, struct number *b,
		      const struct domain *d)
{
	if (!d->bits)
		return 0;
	number_ball(a, d);
	number_ball(b, d);
	return 1;
}

enum outcome number_add(struct number *a, struct number *b,
			const struct domain *d)
{
	if (!a->is_ball && !b->is_ball && exact_add(a->q, a->q, b->q) == GOT)
		return GOT;
	if (!both_balls(a, b, d))
		return INEXACT;
	acb_add(a->z, a->z, b->z, d->bits);
	return checked(a);
}

enum outcome number_mul(struct number *a, struct number *b,
			const struct domain *d)
{
	if (!a->is_ball && !b->is_ball && exact_mul(a->q, a->q, b->q) == GOT)
		return GOT;
	if (!both_balls(a, b, d))
		return INEXACT;
	acb_mul(a->z, a->z, b->z, d->bits);
	return checked(a);
}

enum outcome number_div(struct number *a, struct number *b,
			const struct domain *d)
{
	if (!b->is_ball && fmpq_is_zero(b->q))
		return UNDEFINED;
	if (!a->is_ball && !b->is_ball && exact_div(a->q, a->q, b->q) == GOT)
		return GOT;
	if (!both_balls(a, b, d))
		return INEXACT;
	if (acb_contains_zero(b->z))
		return VAGUE;
	acb_div(a->z, a->z, b->z, d->bits);
	return checked(a);
}

enum outcome number_neg(struct number *a)
{
	if (a->is_ball)
		acb_neg(a->z, a->z);
	else
		fmpq_neg(a->q, a->q);
	return GOT;
}

static enum outcome ball_pow(struct number *a, struct number *b,
			     const struct domain *d)
{
	number_ball(a, d);
	if (!b->is_ball)
		return d->real
			   ? real_pow_exact(acb_realref(a->z), b->q, d->bits)
			   : complex_pow_exact(a->z, b->q, d->bits);
	return d->real ? real_pow(acb_realref(a->z), acb_realref(b->z), d->bits)
		       : complex_pow(a->z, b->z, d->bits);
}

enum outcome number_pow(struct number *a, struct number *b,
			const struct domain *d)
{
	enum outcome got = INEXACT;

	if (!a->is_ball && !b->is_ball)
		got = exact_pow(a->q, a->q, b->q, d->real);
	if (got != INEXACT || !d->bits)
		return got;
	got = ball_pow(a, b, d);
	return got == GOT ? checked(a) : got;
}

/* The integer that a floor or a ceiling or a sign has come to. */
static enum outcome take_integer(struct number *a)
{
	enum outcome got = VAGUE;
	fmpq_t q;

	fmpq_init(q);
	if (arb_get_unique_fmpz(fmpq_numref(q), acb_realref(a->z))) {
		number_exact(a, q);
		got = GOT;
	}
	fmpq_clear(q);
	return got;
}

static enum outcome ball_call(acb_ptr a, enum expr_fn fn, acb_srcptr b,
			      const struct domain *d)
{
	return d->real ? real_call(&a->real, fn, &b->real, d->bits)
		       : complex_call(a, fn, b, d->bits);
}

/* Beyond this precision the gamma function would take too long. */
#define GAMMA_BITS 1024

static int is_gamma(enum expr_fn fn)
{
	return fn == FN_GAMMA || fn == FN_FACTORIAL || fn == FN_BINOMIAL;
}

enum outcome number_call(struct number *a, enum expr_fn fn, struct number *b,
			 const struct domain *d)
{
	enum outcome got = INEXACT;

	if (!a->is_ball && !b->is_ball)
		got = exact_call(a->q, fn, a->q, b->q, d->real);
	if (got != INEXACT || !both_balls(a, b, d))
		return got;
	if (d->bits > GAMMA_BITS && is_gamma(fn))
		return VAGUE;
	got = ball_call(a->z, fn, b->z, d);
	if (got == GOT)
		got = checked(a);
	if (got == GOT && (fn == FN_FLOOR || fn == FN_CEIL || fn == FN_SIGN))
		return take_integer(a);
	return got;
}
