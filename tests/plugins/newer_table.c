/* SPDX-License-Identifier: MIT */
/* A table of a larger header, with fields that this host does not know. */
#include "grpo/reward.h"

static int score(void *state, const grpo_reward_batch *b, double *rewards,
		 uint8_t *status)
{
	(void)state;
	for (size_t i = 0; i < b->n; i++) {
		rewards[i] = 0.75;
		status[i] = b->completions[i].len == 3
				? 20 /* of a later version */
				: GRPO_REWARD_SCORED;
	}
	return 0;
}

static const struct {
	grpo_reward_plugin known;
	void *unknown[8];
} table = {
    {
	.struct_size = sizeof table,
	.abi_minor = GRPO_REWARD_ABI_MINOR + 1,
	.flags = GRPO_REWARD_THREADSAFE | 1u << 30,
	.name = "newer_table",
	.version = "1.1",
	.summary = "three quarters",
	.score = score,
    },
    {NULL},
};

const grpo_reward_plugin *grpo_reward_plugin_v1(void)
{
	return &table.known;
}
