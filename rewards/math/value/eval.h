/* SPDX-License-Identifier: MIT */
#ifndef GRPO_MATH_EVAL_H
#define GRPO_MATH_EVAL_H

/*
 * Evaluates a tree at one point, over one domain.
 *
 *	struct eval v = {.w = w, .domain = {.bits = 64, .real = 1}};
 *	struct number a;
 *
 *	number_init(&a);
 *	if (evaluate(&v, e, &a) == GOT)
 *		...
 *	number_clear(&a);
 */
#include "number.h"
#include "points.h"

/* The value of a sum's variable. */
struct scope {
	grpo_str name;
	const fmpq *value;
	const struct scope *outer;
};

struct eval {
	struct work *w;
	struct domain domain;
	const struct traits *traits; /* NULL: symbols have no value */
	int point;
	/* Set where an integral or the like was met: its value is made up, so
	 * what differs by it is not proved to differ. */
	int made_up;
	const struct scope *scope; /* the variables of the sums around */
};

/** out is one that is initialised. */
enum outcome evaluate(struct eval *v, const struct expr *e, struct number *out);

/** For unknown functions and for forms: a value derived from the name and the
 * values of the kids. */
enum outcome eval_opaque(struct eval *v, const struct expr *e,
			 struct number *out);

/** For sums and products whose bounds are no whole numbers, such as infinite
 * ones: a value derived from the bounds and the terms. */
enum outcome eval_series_as_written(struct eval *v, const struct expr *e,
				    struct number *out);

#endif
