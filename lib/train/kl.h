/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TRAIN_KL_H
#define GRPO_TRAIN_KL_H

#include "train/run.h"

/** Totals to what advantages are made of: less the KL where it is part of the
 *  reward. */
int grpo__kl_in_reward(grpo_trainer *t, grpo__rollout *r);

#endif
