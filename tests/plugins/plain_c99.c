/* SPDX-License-Identifier: MIT */
/* A plug-in in C99 and nothing more, compiled with every warning an error:
 * the header must be clean there, and fit for C++. */
#include "grpo/reward.h"

static int score(void *state, const grpo_reward_batch *b, double *rewards,
		 uint8_t *status)
{
	size_t i;

	(void)state;
	for (i = 0; i < b->n; i++) {
		rewards[i] = GRPO_HAS(b, grpo_reward_batch, explain);
		status[i] = GRPO_REWARD_SCORED;
	}
	return 0;
}

static const grpo_reward_plugin plugin = {sizeof(grpo_reward_plugin),
					  GRPO_REWARD_ABI_MINOR,
					  GRPO_REWARD_THREADSAFE,
					  "plain_c99",
					  "1.0",
					  "1",
					  NULL,
					  score,
					  NULL};

const grpo_reward_plugin *grpo_reward_plugin_v1(void)
{
	return &plugin;
}
