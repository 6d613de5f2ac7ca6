/* SPDX-License-Identifier: MIT */
#ifndef GRPO_MATH_VALUE_H
#define GRPO_MATH_VALUE_H

/*
 * Values of expressions, and whether two of them are equal.
 *
 * Rational values are exact (fmpq) up to VALUE_MAX_BITS, then compared by their
 * residues modulo so many primes that both verdicts are proved (residue.h).
 * Others are balls (Arb): a midpoint and a radius that holds the true value.
 * Two values whose balls do not touch are proved different.  Two are called
 * equal when, at rising precision, their balls still overlap with a radius
 * below 2^-d of their size (of 1 where they may be 0), with d = VALUE_BITS or
 * size(a) + size(b) + 64, whichever is more.  The size of a tree, in bits:
 *
 *	p/q             bits(p) + bits(q) + 1
 *	pi, e, i        2
 *	a symbol        8: how large its value at a point may be
 *	a^b             max(|b|, 1) size(a) + size(b)
 *	e^x, sinh x, …  3|x| + size(x) + 1
 *	n!, binomials   n log2 n + size(n) + 1
 *	a sum, product  size of a term, times the last index
 *	all others      the sizes of their parts + 1
 *
 * No proof is known for such a bound, but by the uniformity conjecture
 * (Richardson) two different values written with so few digits do not come so
 * close.  Past 32768 bits it is too much to decide: w->status becomes BUDGET.
 *
 * With symbols, both are evaluated at the same pseudo-random points, which
 * depend on the symbols' names alone; symbols that count something, as in n!,
 * are small whole numbers there.
 *
 * The domain is the real one, as at school: a root of a negative number is
 * undefined there (an odd root is not), and a point where either side is
 * undefined is passed over, as long as enough are left.  Letters under roots
 * and in logarithms are assumed to be positive unless |x| or the like also
 * occurs.  Where a side mentions i, or no point is real, the principal complex
 * values decide.  0^0 is 1; arccot is from 0 to pi; a degree is pi/180.
 *
 * The values of an unknown function (EXPR_APPLY) are derived from its name and
 * arguments.  So are those of an EXPR_FORM, for which a difference proves
 * nothing.
 *
 * Sizes are bounded before each operation, since GMP ends the process if memory
 * runs out.  Every function uses steps of the work; if they run out there is no
 * verdict, so check w->status.
 */
#include <flint/fmpq.h>

#include "../tree/expr.h"

#define VALUE_BITS 200       /* of agreement where two are called equal */
#define VALUE_MAX_BITS 20000 /* of a number that is computed exactly */

enum value_verdict {
	VALUE_EQUAL,
	VALUE_DIFFERENT, /* proved */
	VALUE_UNDECIDED  /* no number, undefined, or beyond the bounds */
};

/** The exact value of a constant.  Returns 0, or -1 where it is not rational,
 * undefined, too large, or not seen to be rational; out is then undefined. */
int value_exact(struct work *w, const struct expr *e, fmpq_t out);

/** Whether a and b are the same for all values of their symbols. */
enum value_verdict value_same(struct work *w, const struct expr *a,
			      const struct expr *b);

/** Which of two real constants is larger, infinities included: *order is -1, 0,
 * or 1 for a > b.  Returns 0, or -1 if undecided. */
int value_order(struct work *w, const struct expr *a, const struct expr *b,
		int *order);

/** Whether the real constant e lies within radius of centre, the ends
 * included. */
enum value_verdict value_near(struct work *w, const struct expr *e,
			      const fmpq_t centre, const fmpq_t radius);

/** Whether a = c b with a constant c that is not 0; *sign is c's, or 0 where
 * c is not real. */
enum value_verdict value_proportional(struct work *w, const struct expr *a,
				      const struct expr *b, int *sign);

/** Whether the equations a = 0 and b = 0 are equivalent: a and b are
 * proportional, or each solution for a symbol in which they are linear also
 * solves the other. */
enum value_verdict value_same_zeros(struct work *w, const struct expr *a,
				    const struct expr *b);

/** The coefficients of a polynomial in one symbol, lowest first, as constant
 * expressions.  Returns the degree, at most max, or -1 where it is none. */
int value_polynomial(struct work *w, const struct expr *e, grpo_str symbol,
		     const struct expr **coefficients, int max);

/** Before any other of these on a thread: when that ends, what FLINT keeps
 * for it (constants, spare numbers) is let go.  So the plug-in must stay
 * loaded, which -z nodelete in `libs` sees to. */
void value_begin_thread(void);

#endif
