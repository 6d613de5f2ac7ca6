/* SPDX-License-Identifier: MIT */
#ifndef GRPO_MATH_NUMBER_H
#define GRPO_MATH_NUMBER_H

/*
 * The value of a subtree during evaluation: a rational number as long as
 * possible, then a ball.  Real balls have an imaginary part of exactly 0.
 */
#include "balls.h"
#include "exact.h"

struct number {
	fmpq_t q;
	int is_ball; /* z holds the value, and is initialised */
	acb_t z;
};

/* The precision of balls, and the numbers they range over. */
struct domain {
	slong bits; /* of precision; 0: exact values alone */
	int real;   /* else the principal complex values */
};

static inline void number_init(struct number *a)
{
	fmpq_init(a->q);
	a->is_ball = 0;
}

static inline void number_clear(struct number *a)
{
	fmpq_clear(a->q);
	if (a->is_ball)
		acb_clear(a->z);
}

/** Makes it a ball, which number_exact undoes. */
void number_ball(struct number *a, const struct domain *d);
void number_exact(struct number *a, const fmpq_t value);

/** a = a + b, and so on; b may become a ball. */
enum outcome number_add(struct number *a, struct number *b,
			const struct domain *d);
enum outcome number_mul(struct number *a, struct number *b,
			const struct domain *d);
enum outcome number_div(struct number *a, struct number *b,
			const struct domain *d);
enum outcome number_pow(struct number *a, struct number *b,
			const struct domain *d);
enum outcome number_neg(struct number *a);

/** a = fn(a, b); b is 0 where there is one argument. */
enum outcome number_call(struct number *a, enum expr_fn fn, struct number *b,
			 const struct domain *d);

/* What number_call and number_pow do with balls.  All are finite. */
enum outcome real_call(arb_t a, enum expr_fn fn, const arb_t b, slong bits);
enum outcome real_pow(arb_t a, const arb_t b, slong bits);
enum outcome real_pow_exact(arb_t a, const fmpq_t b, slong bits);
enum outcome complex_call(acb_ptr a, enum expr_fn fn, acb_srcptr b, slong bits);
enum outcome complex_pow(acb_ptr a, acb_srcptr b, slong bits);
enum outcome complex_pow_exact(acb_ptr a, const fmpq_t b, slong bits);

#endif
