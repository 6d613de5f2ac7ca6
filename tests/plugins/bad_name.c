/* SPDX-License-Identifier: MIT */
/* A name that no metric and no file can carry. */
#include "grpo/reward.h"

static int score(void *state, const grpo_reward_batch *b, double *rewards,
		 uint8_t *status)
{
	(void)state, (void)b, (void)rewards, (void)status;
	return -1;
}

static const grpo_reward_plugin plugin = {
    .struct_size = sizeof plugin,
    .name = "a/b c",
    .version = "1.0",
    .summary = "nothing",
    .score = score,
};

const grpo_reward_plugin *grpo_reward_plugin_v1(void)
{
	return &plugin;
}
