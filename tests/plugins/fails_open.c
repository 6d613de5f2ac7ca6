/* SPDX-License-Identifier: MIT */
/* Fails in open, and says why in two lines of which the last counts; with
 * {"quiet": true} it says nothing. */
#include <string.h>
#include "grpo/reward.h"

static int open_(void **state, const grpo_reward_host *host, grpo_str params)
{
	(void)state;
	if (params.len > 2)
		return -3;
	host->log(host->ctx, GRPO_REWARD_LOG_ERROR, "first line");
	host->log(host->ctx, GRPO_REWARD_LOG_WARN, "only a warning");
	host->log(host->ctx, GRPO_REWARD_LOG_ERROR, "no\nverifier\tfound");
	return -1;
}

static int score(void *state, const grpo_reward_batch *b, double *rewards,
		 uint8_t *status)
{
	(void)state, (void)b, (void)rewards, (void)status;
	return -1;
}

static void close_(void *state)
{
	(void)state;
	__builtin_trap(); /* close is for what was opened */
}

static const grpo_reward_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi_minor = GRPO_REWARD_ABI_MINOR,
    .flags = GRPO_REWARD_THREADSAFE,
    .name = "fails_open",
    .version = "1.0",
    .summary = "nothing",
    .open = open_,
    .score = score,
    .close = close_,
};

const grpo_reward_plugin *grpo_reward_plugin_v1(void)
{
	return &plugin;
}
