/* SPDX-License-Identifier: MIT */
/* An empty completion does not concern it. */
#include "grpo/reward.h"

static uint8_t judge(const grpo_reward_batch *b, size_t i)
{
	return b->completions[i].len ? GRPO_REWARD_SCORED : GRPO_REWARD_MISSING;
}

static int score(void *state, const grpo_reward_batch *b, double *rewards,
		 uint8_t *status)
{
	(void)state;
	for (size_t i = 0; i < b->n; i++) {
		rewards[i] = 0;
		status[i] = judge(b, i);
	}
	return 0;
}

static const grpo_reward_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi_minor = GRPO_REWARD_ABI_MINOR,
    .flags = GRPO_REWARD_THREADSAFE,
    .name = "skips_empty",
    .version = "1.0",
    .summary = "judges what is not empty",
    .score = score,
};

const grpo_reward_plugin *grpo_reward_plugin_v1(void)
{
	return &plugin;
}
