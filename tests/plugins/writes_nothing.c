/* SPDX-License-Identifier: MIT */
/* Says that all is well and writes nothing (against R2). */
#include "grpo/reward.h"

static int score(void *state, const grpo_reward_batch *b, double *rewards,
		 uint8_t *status)
{
	(void)state, (void)b, (void)rewards, (void)status;
	return 0;
}

static const grpo_reward_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi_minor = GRPO_REWARD_ABI_MINOR,
    .flags = GRPO_REWARD_THREADSAFE,
    .name = "writes_nothing",
    .version = "1.0",
    .summary = "nothing",
    .score = score,
};

const grpo_reward_plugin *grpo_reward_plugin_v1(void)
{
	return &plugin;
}
