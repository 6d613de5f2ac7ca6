/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TRAIN_PROMPT_H
#define GRPO_TRAIN_PROMPT_H

#include "train/run.h"

/** A dataset row as a prompt with room for max_new tokens, in the arena.
 *  `continuation` is put after it, or NULL. */
int grpo__prompt_make(grpo__prompt *p, grpo__arena *a, const grpo_trainer *t,
		      const grpo_dataset *d, int64_t row, int64_t max_new,
		      const char *continuation);
/** Whether the row's prompt leaves room for a completion and has at most
 *  max_prompt_length tokens, and its line in the file.  A row that makes no
 *  prompt at all is an error. */
int grpo__prompt_fits(int *fits, int64_t *line, grpo__arena *a,
		      const grpo_trainer *t, const grpo_dataset *d,
		      int64_t row);
/** The same as an error that names file and line. */
int grpo__prompt_check(grpo__arena *a, const grpo_trainer *t,
		       const grpo_dataset *d, int64_t row);

#endif
