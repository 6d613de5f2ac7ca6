/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TRAIN_PROMPT_H
#define GRPO_TRAIN_PROMPT_H

#include "train/run.h"

/** A dataset row as a prompt with room for max_new tokens, in the arena.
 *  `continuation` is put after it, or NULL. */
int grpo__prompt_make(grpo__prompt *p, grpo__arena *a, const grpo_trainer *t,
		      const grpo_dataset *d, int64_t row, int64_t max_new,
		      const char *continuation);
/** Whether the row makes a prompt that leaves room for a completion. */
int grpo__prompt_check(grpo__arena *a, const grpo_trainer *t,
		       const grpo_dataset *d, int64_t row);

#endif
