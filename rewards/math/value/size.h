/* SPDX-License-Identifier: MIT */
#ifndef GRPO_MATH_SIZE_H
#define GRPO_MATH_SIZE_H

#include "eval.h"

#define SIZE_TOO_LARGE 1e18

/** The size of a tree at v's point, in bits; value.h has the formula. */
double value_size(struct eval *v, const struct expr *e);

#endif
