/* SPDX-License-Identifier: MIT */
#ifndef GRPO_MATH_PHRASES_H
#define GRPO_MATH_PHRASES_H

/*
 * Words that compute: the tokens of "a third of 12" become those of 1/3 * 12,
 * "three dozen eggs" 3 * 12 eggs, "all real numbers except 4" R \ {4}.  Other
 * words stay as they are.
 */
#include "lex.h"

/* Returns 0, or -1 where w->status says why. */
int phrases_rewrite(struct work *w, struct tokens *tokens);

#endif
