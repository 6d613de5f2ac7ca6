/* SPDX-License-Identifier: MIT */
/* Gives a scored number that is not finite for the completions "nan", "inf"
 * and "-inf" (against R4), and 1 for others. */
#include <math.h>
#include <string.h>
#include "grpo/reward.h"

static int is(grpo_str s, const char *text)
{
	return s.len == strlen(text) && memcmp(s.ptr, text, s.len) == 0;
}

static int score(void *state, const grpo_reward_batch *b, double *rewards,
		 uint8_t *status)
{
	(void)state;
	for (size_t i = 0; i < b->n; i++) {
		grpo_str s = b->completions[i];

		rewards[i] = is(s, "nan")    ? NAN
			     : is(s, "inf")  ? INFINITY
			     : is(s, "-inf") ? -INFINITY
					     : 1;
		status[i] = GRPO_REWARD_SCORED;
	}
	return 0;
}

static const grpo_reward_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi_minor = GRPO_REWARD_ABI_MINOR,
    .flags = GRPO_REWARD_THREADSAFE,
    .name = "returns_nan",
    .version = "1.0",
    .summary = "not always finite",
    .score = score,
};

const grpo_reward_plugin *grpo_reward_plugin_v1(void)
{
	return &plugin;
}
