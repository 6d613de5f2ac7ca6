/* SPDX-License-Identifier: MIT */
/* A table that ends before its score function. */
#include "grpo/reward.h"

static const struct {
	size_t struct_size;
	uint32_t abi_minor, flags;
	const char *name, *version;
} table = {sizeof table, 0, GRPO_REWARD_THREADSAFE, "short_table", "1.0"};

const grpo_reward_plugin *grpo_reward_plugin_v1(void)
{
	return (const grpo_reward_plugin *)(const void *)&table;
}
