/* SPDX-License-Identifier: MIT */
/* Fails where a completion of the batch begins with "fail", and quotes it;
 * all other rows are 1. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "grpo/reward.h"

static int open_(void **state, const grpo_reward_host *host, grpo_str params)
{
	grpo_reward_host *copy = malloc(sizeof *copy);

	(void)params;
	if (!copy)
		return -1;
	*copy = *host;
	*state = copy;
	return 0;
}

static int score(void *state, const grpo_reward_batch *b, double *rewards,
		 uint8_t *status)
{
	const grpo_reward_host *host = state;
	char line[64];

	for (size_t i = 0; i < b->n; i++) {
		grpo_str s = b->completions[i];

		rewards[i] = 1;
		status[i] = GRPO_REWARD_SCORED;
		if (s.len < 4 || memcmp(s.ptr, "fail", 4) != 0)
			continue;
		snprintf(line, sizeof line, "cannot verify \"%.*s\"",
			 (int)s.len, s.ptr);
		host->log(host->ctx, GRPO_REWARD_LOG_ERROR, line);
		return -1;
	}
	return 0;
}

static const grpo_reward_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi_minor = GRPO_REWARD_ABI_MINOR,
    .flags = GRPO_REWARD_THREADSAFE,
    .name = "fails_score",
    .version = "1.0",
    .summary = "1",
    .open = open_,
    .score = score,
    .close = free,
};

const grpo_reward_plugin *grpo_reward_plugin_v1(void)
{
	return &plugin;
}
