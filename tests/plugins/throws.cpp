// SPDX-License-Identifier: MIT
// A plug-in in C++ that lets an exception out through C for the completion
// "throw"; other rows are 1.
#include <stdexcept>
#include <string>
#include "grpo/reward.h"

static int score(void *, const grpo_reward_batch *b, double *rewards,
		 uint8_t *status)
{
	for (size_t i = 0; i < b->n; i++) {
		if (std::string(b->completions[i].ptr, b->completions[i].len) ==
		    "throw")
			throw std::runtime_error("nobody catches this");
		rewards[i] = 1;
		status[i] = GRPO_REWARD_SCORED;
	}
	return 0;
}

static const grpo_reward_plugin plugin = {
    sizeof(grpo_reward_plugin),
    GRPO_REWARD_ABI_MINOR,
    GRPO_REWARD_THREADSAFE,
    "throws",
    "1.0",
    "1",
    nullptr,
    score,
    nullptr,
};

const grpo_reward_plugin *grpo_reward_plugin_v1(void)
{
	return &plugin;
}
