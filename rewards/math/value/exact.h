/* SPDX-License-Identifier: MIT */
#ifndef GRPO_MATH_EXACT_H
#define GRPO_MATH_EXACT_H

/*
 * Arithmetic on rational numbers.  An operation whose result would exceed
 * VALUE_MAX_BITS is refused before it starts.
 */
#include "../tree/expr.h"
#include "value.h"

/* The outcome of an evaluation. */
enum outcome {
	GOT,       /* the value is in out */
	UNDEFINED, /* proved to have no value, such as 1/0 */
	INEXACT,   /* irrational, too large, or not known to be rational */
	VAGUE,     /* a ball is too wide to tell: try more precision */
	UNKNOWN    /* not evaluated here, or out of steps */
};

/* All may have out among their arguments, and leave it where they don't
 * return GOT. */
enum outcome exact_add(fmpq_t out, const fmpq_t a, const fmpq_t b);
enum outcome exact_mul(fmpq_t out, const fmpq_t a, const fmpq_t b);
enum outcome exact_div(fmpq_t out, const fmpq_t a, const fmpq_t b);

/** base^exponent; real: an odd root of a negative number is negative, an even
 * one is UNDEFINED.  Otherwise both are INEXACT.  0^0 is 1. */
enum outcome exact_pow(fmpq_t out, const fmpq_t base, const fmpq_t exponent,
		       int real);

/** The n-th root, the same way. */
enum outcome exact_root(fmpq_t out, const fmpq_t a, const fmpz_t n, int real);

/** Functions of one or two numbers; b is 0 where there is one. */
enum outcome exact_call(fmpq_t out, enum expr_fn fn, const fmpq_t a,
			const fmpq_t b, int real);

/** The number whose digits in that base are the decimal digits of a. */
enum outcome exact_in_base(fmpq_t out, const fmpq_t a, int decimals,
			   const fmpq_t base);

int exact_is_integer(const fmpq_t a);

/** Bits of numerator and denominator together; 0 where both are small. */
long exact_bits(const fmpq_t a);

/** Its value, or -1 where it isn't an integer from 0 to max. */
long exact_small(const fmpq_t a, long max);

#endif
