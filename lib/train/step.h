/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TRAIN_STEP_H
#define GRPO_TRAIN_STEP_H

#include "train/rollout.h"
#include "train/trainer.h"

/*
 * The arrows of one step, in the order of the data; an evaluation goes
 * through the first three.
 */

/** Dataset rows to prompts with room for max_new tokens.  `continuation` is
 *  put after each, or NULL. */
int grpo__step_prompts(grpo_trainer *t, grpo__rollout *r, const grpo_dataset *d,
		       const int64_t *rows, int64_t max_new,
		       const char *continuation);
/** Prompts to completions; each is handed to the rewards as it finishes. */
int grpo__step_sample(grpo_trainer *t, grpo__rollout *r,
		      const grpo_sampling *how, int64_t first_row);
/** Waits for the rewards and adds them up to totals. */
int grpo__step_rewards(grpo_trainer *t, grpo__rollout *r);

/** kl.c: totals to what advantages are made of. */
int grpo__step_kl(grpo_trainer *t, grpo__rollout *r);

/** What a callback sees of row i. */
grpo_scored grpo__step_scored(const grpo__rollout *r, int64_t i, int64_t step);

/** Sampling options as the settings have them. */
int grpo__step_sampling(const grpo_trainer *t, grpo_sampling *s);

/** All of it: one batch, its updates, its metrics. */
int grpo__step(grpo_trainer *t);

/* prompt.c */
int grpo__prompt_make(grpo__prompt *p, grpo__arena *a, const grpo_trainer *t,
		      const grpo_dataset *d, int64_t row, int64_t max_new,
		      const char *continuation);
/** Whether the row makes a prompt that leaves room for a completion. */
int grpo__prompt_check(grpo__arena *a, const grpo_trainer *t,
		       const grpo_dataset *d, int64_t row);

#endif
