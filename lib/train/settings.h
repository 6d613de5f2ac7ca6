/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TRAIN_SETTINGS_H
#define GRPO_TRAIN_SETTINGS_H

#include <stdint.h>
#include <cjson/cJSON.h>
#include "grpo/objective.h"
#include "grpo/trainer_config.h"

/** GRPO_EINVAL where a setting is out of range, or two contradict each other.
 */
int grpo__settings_check(const grpo_trainer_config *c);
/** Whether the setting of this key, which exists, has its default. */
int grpo__settings_is_default(const grpo_trainer_config *c, const char *key);
/** The objective that they make. */
int grpo__settings_objective(grpo_objective_options *o,
			     const grpo_trainer_config *c);
/** Every setting that the numbers of a run of max_steps depend on. */
int grpo__settings_json(cJSON **out, const grpo_trainer_config *c,
			int64_t max_steps);

#endif
