/* SPDX-License-Identifier: MIT */
/* Needs a column "answer" that is a string, and says where a row has none. */
#include <string.h>
#include "grpo/reward.h"

static grpo_str answer_cell(const grpo_reward_batch *b, size_t i)
{
	for (size_t c = 0; c < b->n_columns; c++)
		if (b->columns[c].len == 6 &&
		    memcmp(b->columns[c].ptr, "answer", 6) == 0)
			return b->cells[c * b->n + i];
	return (grpo_str){NULL, 0};
}

static uint8_t judge(const grpo_reward_batch *b, size_t i)
{
	grpo_str cell = answer_cell(b, i);

	if (!cell.len && b->explain)
		b->explain(b->explain_ctx, i, "missing",
			   (grpo_str){"answer", 6});
	return cell.len && cell.ptr[0] == '"' ? GRPO_REWARD_SCORED
					      : GRPO_REWARD_MISSING;
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
    .name = "lacks",
    .version = "1.0",
    .summary = "needs a column",
    .score = score,
};

const grpo_reward_plugin *grpo_reward_plugin_v1(void)
{
	return &plugin;
}
