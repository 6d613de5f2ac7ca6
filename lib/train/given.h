/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TRAIN_GIVEN_H
#define GRPO_TRAIN_GIVEN_H

#include "grpo/rollout.h"
#include "train/run.h"

/** The caller's rollouts as a batch, up to its totals; checked and copied. */
int grpo__given_take(grpo_trainer *t, grpo__rollout *r,
		     const grpo_rollout *list, int64_t n);

#endif
