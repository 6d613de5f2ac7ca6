/* SPDX-License-Identifier: MIT */
/* Measures its rows: the length of the completion, and 1 where it is empty or 0
 * where it is not.  "again" has the call repeated row by row; "bad" gives what
 * hosts leave out. */
#include <string.h>
#include "grpo/reward.h"

static void measure(const grpo_reward_batch *b, size_t i)
{
	grpo_str text = b->completions[i];

	b->measure(b->measure_ctx, i, "length", (double)text.len);
	if (text.len < 5)
		b->measure(b->measure_ctx, i, "empty", text.len == 0);
	if (text.len == 3 && memcmp(text.ptr, "bad", 3) == 0) {
		b->measure(b->measure_ctx, i, "no name", 1);
		b->measure(b->measure_ctx, i, "", 1);
		b->measure(b->measure_ctx, i, NULL, 1);
		b->measure(b->measure_ctx, b->n, "outside", 1);
		b->measure(b->measure_ctx, i, "endless", 1e308 * 10);
		b->measure(b->measure_ctx, i,
			   "a_name_of_more_than_31_characters_", 1);
	}
}

static int score(void *state, const grpo_reward_batch *b, double *rewards,
		 uint8_t *status)
{
	int again = 0;

	(void)state;
	for (size_t i = b->n; i-- > 0;) {
		grpo_str s = b->completions[i];

		if (GRPO_HAS(b, grpo_reward_batch, measure) && b->measure)
			measure(b, i);
		again |= s.len == 5 && memcmp(s.ptr, "again", 5) == 0;
		rewards[i] = b->measure != NULL;
		status[i] = GRPO_REWARD_SCORED;
	}
	return again && b->n > 1 ? -1 : 0;
}

static const grpo_reward_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi_minor = GRPO_REWARD_ABI_MINOR,
    .flags = GRPO_REWARD_THREADSAFE,
    .name = "measures",
    .version = "1.0",
    .summary = "1 where somebody asked for measures",
    .score = score,
};

const grpo_reward_plugin *grpo_reward_plugin_v1(void)
{
	return &plugin;
}
