/* SPDX-License-Identifier: MIT */
#ifndef GRPO_MATH_POINTS_H
#define GRPO_MATH_POINTS_H

/*
 * The points at which expressions with symbols are evaluated.  A symbol's value
 * depends only on its name and the point's index, so it is the same in every
 * run and in both expressions.
 */
#include "number.h"

#define POINTS_MAX 24 /* there are so many */
#define POINTS_HALF 12
#define POINTS_WHOLE 6

/* What an expression needs from its points. */
struct traits {
	int symbols;    /* has any */
	int rational;   /* sums, products and quotients of symbols alone */
	int imaginary;  /* mentions i */
	int conjugates; /* has functions that tell z from its conjugate */
	int pieces;     /* has functions made of pieces, as |x| and floor */
	int roots;      /* has roots, broken powers or logarithms */
	int branches;   /* has them of sums with symbols, as sqrt((a - b)^2) */
	int n_whole;    /* symbols that count something: n! */
	grpo_str whole[POINTS_WHOLE];
};

/** Those of both; b may be NULL. */
void points_traits(struct traits *t, const struct expr *a,
		   const struct expr *b);

/** The symbol's value at point `index`.  As traits ask for: whole numbers of
 * 30 bits for rational functions; small positive ones for what counts;
 * complex ones; else fractions, near 0 and far, positive and of any sign, but
 * positive where there are roots and no pieces, since what stands under a root
 * is mostly a length or a mass.  From POINTS_HALF on signs vary, and where
 * there are pieces every other point has halves and whole numbers, at which a
 * floor jumps. */
void points_value(struct number *out, const struct traits *t, grpo_str name,
		  int index, const struct domain *d);

/** 64 bits that go with the text, mixed with a seed. */
uint64_t points_hash(uint64_t seed, const void *bytes, size_t n);

#endif
