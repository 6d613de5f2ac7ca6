/* SPDX-License-Identifier: MIT */
#ifndef GRPO_MATH_GOLD_H
#define GRPO_MATH_GOLD_H

#include "answer.h"

#define GOLD_MAX 64 /* references of one row */
#define GOLD_MAX_BYTES 65536

/** The readable references of a row; matching one is enough. */
struct golds {
	int n;
	const struct answer *at[GOLD_MAX];
};

/**
 * cell  in  JSON: a string, a number, or a list of them
 *
 * Returns 0, also where none can be read, or GRPO_REWARD_FAILED.
 */
int golds_read(struct golds *out, struct work *w, grpo_str cell);

#endif
