/* SPDX-License-Identifier: MIT */
#ifndef GRPO_MATH_ANSWER_H
#define GRPO_MATH_ANSWER_H

#include "expr.h"
#include "extract.h"

/** What was found, understood. */
struct answer;

struct answer_options {
	int unused;
};

/** NULL where w->status says why, or where it is 0: it cannot be read. */
const struct answer *answer_read(struct work *w,
				 const struct answer_options *o,
				 const struct found *found);

/** For notes; returns the length, at most size - 1. */
size_t answer_print(char *out, size_t size, const struct answer *a);

#endif
