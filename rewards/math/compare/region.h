/* SPDX-License-Identifier: MIT */
#ifndef GRPO_MATH_REGION_H
#define GRPO_MATH_REGION_H

/*
 * Sets of real numbers: intervals, their unions, and solutions of inequalities
 * in one variable.  A region is a list of stretches; when tidy, they are in
 * ascending order and do not touch.
 *
 * Functions return 0, or -1 if it is not a region or its bounds cannot be
 * compared.
 */
#include "compare_internal.h"

#define REGION_MAX_STRETCHES 32

struct stretch {
	const struct expr *low, *high; /* NULL: no bound */
	int has_low, has_high;         /* whether the bound belongs to it */
};

struct region {
	struct stretch at[REGION_MAX_STRETCHES];
	int n;
};

/* region.c: the algebra of sets. */
int region_add(struct region *r, struct stretch s);
int stretch_is_empty(struct judge *j, const struct stretch *s, int *empty);
int region_tidy(struct judge *j, struct region *r);
int region_unite(struct judge *j, struct region *r, const struct region *with);
int region_intersect(struct judge *j, struct region *r,
		     const struct region *with);
/* All that is not in it. */
int region_complement(struct judge *j, struct region *r);

/* region_solve.c: inequalities. */
/* x op bound */
int region_half_line(int op, const struct expr *bound, struct region *out);
/* l op r, solved for the one variable in it. */
int region_solve(struct judge *j, const struct expr *l, int op,
		 const struct expr *r, struct region *out);
int region_is_constant(const struct expr *e);
/* Whether it is +oo, or -oo. */
int region_is_infinite(const struct expr *e, int is_negative);
/* What is bounded is one thing, which need not be understood: x, f(x). */
int region_is_atom(const struct expr *e);

/* region_read.c: what an answer says. */
int region_read(struct judge *j, const struct expr *e, struct region *out);

#endif
