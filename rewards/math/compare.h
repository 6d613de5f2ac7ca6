/* SPDX-License-Identifier: MIT */
#ifndef GRPO_MATH_COMPARE_H
#define GRPO_MATH_COMPARE_H

#include "answer.h"

struct compare_options {
	int unused;
};

enum verdict { VERDICT_WRONG, VERDICT_RIGHT, VERDICT_UNDECIDED };

/** Whether the given answer says what the reference says; *rule is what
 * decided, a constant text. */
enum verdict compare_answers(struct work *w, const struct compare_options *o,
			     const struct answer *gold,
			     const struct answer *given, const char **rule);

#endif
