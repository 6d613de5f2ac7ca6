/* SPDX-License-Identifier: MIT */
/* Against R2: with the completion "after" it writes behind its last row, with
 * "before" in front of the first, with "status" the same among the statuses. */
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
		rewards[i] = 1;
		status[i] = GRPO_REWARD_SCORED;
		if (is(b->completions[i], "after"))
			rewards[b->n] = 1;
		if (is(b->completions[i], "before"))
			rewards[-1] = 1;
		if (is(b->completions[i], "status"))
			status[b->n] = GRPO_REWARD_SCORED;
	}
	return 0;
}

static const grpo_reward_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi_minor = GRPO_REWARD_ABI_MINOR,
    .flags = GRPO_REWARD_THREADSAFE,
    .name = "writes_outside",
    .version = "1.0",
    .summary = "1",
    .score = score,
};

const grpo_reward_plugin *grpo_reward_plugin_v1(void)
{
	return &plugin;
}
