/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TRAIN_SIZES_H
#define GRPO_TRAIN_SIZES_H

#include "train/run.h"

/** Sets max_steps; GRPO_EINVAL where the dataset and the settings do not fit
 *  each other. */
int grpo__sizes_plan(grpo_trainer *t);
/** The number of epochs in this many batches. */
double grpo__sizes_epochs(const grpo_trainer *t, int64_t batches);

#endif
