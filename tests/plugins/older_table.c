/* SPDX-License-Identifier: MIT */
/* A table of a smaller header: it ends with score, so there is no close, and
 * what stands behind it in memory is not to be called. */
#include "grpo/reward.h"

static int score(void *state, const grpo_reward_batch *b, double *rewards,
		 uint8_t *status)
{
	(void)state;
	for (size_t i = 0; i < b->n; i++) {
		rewards[i] = 0.25;
		status[i] = GRPO_REWARD_SCORED;
	}
	return 0;
}

static const struct {
	size_t struct_size;
	uint32_t abi_minor, flags;
	const char *name, *version, *summary;
	int (*open)(void **, const grpo_reward_host *, grpo_str);
	int (*score)(void *, const grpo_reward_batch *, double *, uint8_t *);
	char behind[sizeof(void *)];
} table = {
    offsetof(grpo_reward_plugin, close),
    0,
    GRPO_REWARD_THREADSAFE,
    "older_table",
    "0.9",
    "a quarter",
    NULL,
    score,
    {1, 2, 3},
};

const grpo_reward_plugin *grpo_reward_plugin_v1(void)
{
	return (const grpo_reward_plugin *)(const void *)&table;
}
