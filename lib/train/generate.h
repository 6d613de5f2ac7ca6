/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TRAIN_GENERATE_H
#define GRPO_TRAIN_GENERATE_H

#include "train/run.h"

/** What is to be generated: a step's batch, or a part of an evaluation. */
typedef struct grpo__generation {
	const grpo_dataset *dataset;
	const int64_t *rows;      /* [n_prompts] of the dataset */
	const char *continuation; /* put after each prompt, or NULL */
	grpo_sampling how;
	int64_t first_row; /* of the random streams */
} grpo__generation;

/** Sampling options as the settings have them. */
int grpo__generate_sampling(const grpo_trainer *t, grpo_sampling *s);

/**
 * Dataset rows to prompts, completions, rewards and totals, for a rollout that
 * has begun.  Each completion is handed to the rewards as it finishes.
 */
int grpo__generate(grpo_trainer *t, grpo__rollout *r,
		   const grpo__generation *g);

#endif
