/* SPDX-License-Identifier: MIT */
/* Says of each row its completion, then its place in the call, then something
 * of a row that is not there.  A call of several rows, one of which is
 * "again", says all that and then fails. */
#include <stdio.h>
#include <string.h>
#include "grpo/reward.h"

static void say(const grpo_reward_batch *b, size_t i)
{
	char text[32];
	grpo_str place = {text, 0};

	place.len = (size_t)snprintf(text, sizeof text, "%zu", i);
	b->explain(b->explain_ctx, i, "completion", b->completions[i]);
	b->explain(b->explain_ctx, i, "place", place);
	b->explain(b->explain_ctx, b->n + i, "outside", place);
	memset(text, '?', sizeof text); /* the host has its own copy */
}

static int score(void *state, const grpo_reward_batch *b, double *rewards,
		 uint8_t *status)
{
	int again = 0;

	(void)state;
	/* the last row first: the host puts them in order */
	for (size_t i = b->n; i-- > 0;) {
		grpo_str s = b->completions[i];

		if (b->explain)
			say(b, i);
		again |= s.len == 5 && memcmp(s.ptr, "again", 5) == 0;
		rewards[i] = b->explain != NULL;
		status[i] = GRPO_REWARD_SCORED;
	}
	return again && b->n > 1 ? -1 : 0;
}

static const grpo_reward_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi_minor = GRPO_REWARD_ABI_MINOR,
    .flags = GRPO_REWARD_THREADSAFE,
    .name = "explains",
    .version = "1.0",
    .summary = "1 where it was asked to explain",
    .score = score,
};

const grpo_reward_plugin *grpo_reward_plugin_v1(void)
{
	return &plugin;
}
