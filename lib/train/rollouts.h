/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TRAIN_ROLLOUTS_H
#define GRPO_TRAIN_ROLLOUTS_H

#include "train/run.h"

/** Adds every row of the batch to rollouts.jsonl, in the form that
 *  docs/rollouts.md describes. */
int grpo__rollouts_write(grpo_trainer *t, const grpo__rollout *r);

#endif
