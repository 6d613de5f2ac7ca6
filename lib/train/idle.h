/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TRAIN_IDLE_H
#define GRPO_TRAIN_IDLE_H

#include "grpo/trainer_config.h"

/** Says in the log which settings were changed and change nothing, because of
 *  others: "beta" is 0, and "kl_estimator" is set. */
void grpo__idle_say(const grpo_trainer_config *c);

#endif
