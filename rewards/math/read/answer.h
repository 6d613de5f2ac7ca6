/* SPDX-License-Identifier: MIT */
#ifndef GRPO_MATH_ANSWER_H
#define GRPO_MATH_ANSWER_H

#include "../tree/expr.h"
#include "../find/extract.h"
#include "chemistry.h"

/* The answer that was found, as text and as trees. */
struct answer {
	/* Its tokens without spaces and type styles, to compare texts:
	 * "Tuesday" and \text{Tuesday} are the same. */
	grpo_str key;
	/* As trees; the second is set if its commas can be read in another way.
	 * NULL: words, which are compared only as text. */
	const struct expr *reading[2];
	/* The letter of a choice at the start of the text, such as C in "C) 7"
	 * or "C. 7"; 0 if there is none. */
	char choice;
	/* What stands beside it, as in "C) 7"; NULL where nothing does. */
	const struct expr *content;
	struct chemistry formula; /* if it is a chemical one */
};

#define ANSWER_MAX_BYTES 8192 /* of one part */

/** NULL on failure: w->status says why; if it is 0, the answer cannot be read.
 */
const struct answer *answer_read(struct work *w, const struct found *found);

/** For notes; returns the length, at most size - 1. */
size_t answer_print(char *out, size_t size, const struct answer *a);

#endif
