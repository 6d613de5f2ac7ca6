/* SPDX-License-Identifier: MIT */
/* A good plug-in: the reward is the completion's length in bytes. */
#include "grpo/reward.h"

static int score(void *state, const grpo_reward_batch *b, double *rewards,
		 uint8_t *status)
{
	(void)state;
	for (size_t i = 0; i < b->n; i++) {
		rewards[i] = (double)b->completions[i].len;
		status[i] = GRPO_REWARD_SCORED;
	}
	return 0;
}

static const grpo_reward_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi_minor = GRPO_REWARD_ABI_MINOR,
    .flags = GRPO_REWARD_THREADSAFE,
    .name = "echo_length",
    .version = "1.0",
    .summary = "length of the completion in bytes",
    .score = score,
};

const grpo_reward_plugin *grpo_reward_plugin_v1(void)
{
	return &plugin;
}
