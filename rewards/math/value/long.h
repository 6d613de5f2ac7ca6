/* SPDX-License-Identifier: MIT */
#ifndef GRPO_MATH_LONG_H
#define GRPO_MATH_LONG_H

/*
 * Rational constants that are too long for exact.h: over / under, in integers
 * that are not reduced, since looking for common divisors is what takes long.
 */
#include <flint/fmpz.h>

#include "exact.h"

#define LONG_MAX_BITS 5e6 /* of what is written out; the caller sees to it */

/** Whether the two constants are equal, which have known sizes: GOT if so,
 * INEXACT if not, UNKNOWN where the steps do not last. */
enum outcome long_same(struct work *w, const struct expr *a,
		       const struct expr *b);

/** The value of a constant, where it is an integer. */
int long_integer(struct work *w, const struct expr *e, fmpz_t out);

#endif
