/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TRAIN_SAMPLES_H
#define GRPO_TRAIN_SAMPLES_H

#include "train/run.h"

/** Adds samples_per_step rows, evenly over the batch, to samples.jsonl; warns
 *  where they cannot be written. */
int grpo__samples_write(grpo_trainer *t, const grpo__rollout *r);

#endif
