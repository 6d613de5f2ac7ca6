/* SPDX-License-Identifier: MIT */
/* THREADSAFE: a call waits until a second one is inside, for ten seconds at
 * most; 1 where it came. */
#include <pthread.h>
#include <time.h>
#include "grpo/reward.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t came = PTHREAD_COND_INITIALIZER;
static int calls;

static int score(void *state, const grpo_reward_batch *b, double *rewards,
		 uint8_t *status)
{
	struct timespec until;
	int rc = 0, met;

	(void)state;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 10;
	pthread_mutex_lock(&lock);
	calls++;
	pthread_cond_broadcast(&came);
	while (calls < 2 && rc == 0)
		rc = pthread_cond_timedwait(&came, &lock, &until);
	met = calls >= 2;
	pthread_mutex_unlock(&lock);
	for (size_t i = 0; i < b->n; i++) {
		rewards[i] = met;
		status[i] = GRPO_REWARD_SCORED;
	}
	return 0;
}

static const grpo_reward_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi_minor = GRPO_REWARD_ABI_MINOR,
    .flags = GRPO_REWARD_THREADSAFE,
    .name = "parallel",
    .version = "1.0",
    .summary = "1 for a call that met another",
    .score = score,
};

const grpo_reward_plugin *grpo_reward_plugin_v1(void)
{
	return &plugin;
}
