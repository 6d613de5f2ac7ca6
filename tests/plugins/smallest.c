/* SPDX-License-Identifier: MIT */
/* The example of docs/rewards.md, letter for letter. */
#include <grpo/reward.h>

static int score(void *state, const grpo_reward_batch *batch, double *rewards,
		 uint8_t *status)
{
	size_t i;

	(void)state;
	for (i = 0; i < batch->n; i++) {
		grpo_str text = batch->completions[i];

		rewards[i] = text.len > 0 && text.ptr[text.len - 1] == '.';
		status[i] =
		    text.len > 0 ? GRPO_REWARD_SCORED : GRPO_REWARD_NO_ANSWER;
	}
	return 0;
}

static const grpo_reward_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi_minor = GRPO_REWARD_ABI_MINOR,
    .flags = GRPO_REWARD_THREADSAFE,
    .name = "full_stop",
    .version = "1.0",
    .summary = "1 where the completion ends with a full stop, else 0",
    .score = score,
};

const grpo_reward_plugin *grpo_reward_plugin_v1(void)
{
	return &plugin;
}
