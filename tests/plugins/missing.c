/* SPDX-License-Identifier: MIT */
/* The status is the number in the column "status"; the number beside it is
 * garbage where the status is a missing one (R3). */
#include <math.h>
#include <string.h>
#include "grpo/reward.h"

static uint8_t read_status(grpo_str cell)
{
	unsigned x = 0;

	for (size_t i = 0; i < cell.len; i++)
		x = x * 10 + (unsigned)(cell.ptr[i] - '0');
	return (uint8_t)x;
}

static grpo_str status_cell(const grpo_reward_batch *b, size_t i)
{
	for (size_t c = 0; c < b->n_columns; c++)
		if (b->columns[c].len == 6 &&
		    memcmp(b->columns[c].ptr, "status", 6) == 0)
			return b->cells[c * b->n + i];
	return (grpo_str){NULL, 0};
}

static int score(void *state, const grpo_reward_batch *b, double *rewards,
		 uint8_t *status)
{
	(void)state;
	for (size_t i = 0; i < b->n; i++) {
		status[i] = read_status(status_cell(b, i));
		rewards[i] = GRPO_REWARD_IS_MISSING(status[i]) ? INFINITY : 0.5;
	}
	return 0;
}

static const grpo_reward_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi_minor = GRPO_REWARD_ABI_MINOR,
    .flags = GRPO_REWARD_THREADSAFE,
    .name = "missing",
    .version = "1.0",
    .summary = "any status",
    .score = score,
};

const grpo_reward_plugin *grpo_reward_plugin_v1(void)
{
	return &plugin;
}
