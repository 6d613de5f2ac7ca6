/* SPDX-License-Identifier: MIT */
/* A table without a score function. */
#include "grpo/reward.h"

static const grpo_reward_plugin plugin = {
    .struct_size = sizeof plugin,
    .name = "null_score",
    .version = "1.0",
    .summary = "nothing",
};

const grpo_reward_plugin *grpo_reward_plugin_v1(void)
{
	return &plugin;
}
