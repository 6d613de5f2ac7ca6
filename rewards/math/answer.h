/* SPDX-License-Identifier: MIT */
#ifndef GRPO_MATH_ANSWER_H
#define GRPO_MATH_ANSWER_H

#include "expr.h"
#include "extract.h"

/* What was found, understood. */
struct answer {
	/* Its tokens without space and marks of type, for a comparison of
	 * texts: "Tuesday" and \text{Tuesday} are the same. */
	grpo_str key;
	/* As trees; the second where its commas can be read in another way.
	 * NULL: words, which are compared as text alone. */
	const struct expr *reading[2];
	/* The letter of a choice that the text begins with, as C in "C) 7" or
	 * "C. 7"; 0 where it begins otherwise. */
	char choice;
};

#define ANSWER_MAX_BYTES 8192 /* of one part */

/** NULL where w->status says why, or where it is 0: it cannot be read. */
const struct answer *answer_read(struct work *w, const struct found *found);

/** For notes; returns the length, at most size - 1. */
size_t answer_print(char *out, size_t size, const struct answer *a);

#endif
