/* SPDX-License-Identifier: MIT */
/* The example of docs/rewards.md, letter for letter. */
#include <grpo/reward.h>

static int has_equals_sign(grpo_str text)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		if (text.ptr[i] == '=')
			return 1;
	return 0;
}

static int score(void *state, const grpo_reward_batch *batch, double *rewards,
		 uint8_t *status)
{
	size_t i;

	(void)state;
	for (i = 0; i < batch->n; i++) {
		rewards[i] = has_equals_sign(batch->completions[i]);
		status[i] = GRPO_REWARD_SCORED;
	}
	return 0;
}

static const grpo_reward_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi_minor = GRPO_REWARD_ABI_MINOR,
    .flags = GRPO_REWARD_THREADSAFE,
    .name = "shows_work",
    .version = "1.0",
    .summary = "1 if the completion has an equals sign, else 0",
    .score = score,
};

const grpo_reward_plugin *grpo_reward_plugin_v1(void)
{
	return &plugin;
}
