/* SPDX-License-Identifier: MIT */
#ifndef GRPO_MATH_MATRIX_H
#define GRPO_MATH_MATRIX_H

#include "eval.h"

/** The MATRIX that sums, products and powers of matrices come to, or NULL.
 * Inverses and higher powers are computed where all entries are rational
 * numbers. */
const struct expr *matrix_value(struct work *w, const struct expr *e);

/** The determinant of a square MATRIX, at v's point. */
enum outcome matrix_determinant(struct eval *v, const struct expr *m,
				struct number *out);

/** The sum of the diagonal of a square MATRIX. */
enum outcome matrix_trace(struct eval *v, const struct expr *m,
			  struct number *out);

#endif
