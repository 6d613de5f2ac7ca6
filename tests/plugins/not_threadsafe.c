/* SPDX-License-Identifier: MIT */
/* Not THREADSAFE: counts with a plain global, and is 1 for a call during
 * which no other came, else 0. */
#include <stdatomic.h>
#include <time.h>
#include "grpo/reward.h"

static atomic_int inside;
static int calls; /* a data race, if two calls overlap */

static int score(void *state, const grpo_reward_batch *b, double *rewards,
		 uint8_t *status)
{
	struct timespec pause = {0, 200000};
	int alone = atomic_fetch_add(&inside, 1) == 0;

	(void)state;
	calls++;
	nanosleep(&pause, NULL);
	for (size_t i = 0; i < b->n; i++) {
		rewards[i] = alone && atomic_load(&inside) == 1;
		status[i] = GRPO_REWARD_SCORED;
	}
	atomic_fetch_sub(&inside, 1);
	return 0;
}

static const grpo_reward_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi_minor = GRPO_REWARD_ABI_MINOR,
    .flags = 0,
    .name = "not_threadsafe",
    .version = "1.0",
    .summary = "1 for a call that was alone",
    .score = score,
};

const grpo_reward_plugin *grpo_reward_plugin_v1(void)
{
	return &plugin;
}
