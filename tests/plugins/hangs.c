/* SPDX-License-Identifier: MIT */
/* A call with the completion "hang", with the column "hang" and a completion
 * that is not empty, or with the column "hang_always" does not come back,
 * unless a test asks for it through hangs_release(); other rows are 1. */
#include <pthread.h>
#include <string.h>
#include "grpo/reward.h"

#ifndef HANGS_NAME
#define HANGS_NAME "hangs"
#define HANGS_FLAGS GRPO_REWARD_THREADSAFE
#endif

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t change = PTHREAD_COND_INITIALIZER;
static int is_released, inside, closed;

/* Lets the calls go, waits until they left this object, and says how often it
 * was closed. */
GRPO_PLUGIN_EXPORT int hangs_release(void);
int hangs_release(void)
{
	int n;

	pthread_mutex_lock(&lock);
	is_released = 1;
	pthread_cond_broadcast(&change);
	while (inside > 0)
		pthread_cond_wait(&change, &lock);
	n = closed;
	pthread_mutex_unlock(&lock);
	return n;
}

/* Waits until a call hangs. */
GRPO_PLUGIN_EXPORT int hangs_entered(void);
int hangs_entered(void)
{
	int n;

	pthread_mutex_lock(&lock);
	while (inside == 0)
		pthread_cond_wait(&change, &lock);
	n = inside;
	pthread_mutex_unlock(&lock);
	return n;
}

static void hang(void)
{
	pthread_mutex_lock(&lock);
	inside++;
	pthread_cond_broadcast(&change);
	while (!is_released)
		pthread_cond_wait(&change, &lock);
	inside--;
	pthread_cond_broadcast(&change);
	pthread_mutex_unlock(&lock);
}

static int is(grpo_str s, const char *text)
{
	return s.len == strlen(text) && memcmp(s.ptr, text, s.len) == 0;
}

static int hangs_on(const grpo_reward_batch *b, size_t i)
{
	for (size_t c = 0; c < b->n_columns; c++)
		if (is(b->columns[c], "hang_always") ||
		    (is(b->columns[c], "hang") && b->completions[i].len > 0))
			return 1;
	return is(b->completions[i], "hang");
}

static int score(void *state, const grpo_reward_batch *b, double *rewards,
		 uint8_t *status)
{
	(void)state;
	for (size_t i = 0; i < b->n; i++) {
		if (hangs_on(b, i))
			hang();
		rewards[i] = 1;
		status[i] = GRPO_REWARD_SCORED;
		if (b->explain)
			b->explain(b->explain_ctx, i, "came", (grpo_str){0});
	}
	return 0;
}

static void close_(void *state)
{
	(void)state;
	pthread_mutex_lock(&lock);
	closed++;
	pthread_mutex_unlock(&lock);
}

static const grpo_reward_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi_minor = GRPO_REWARD_ABI_MINOR,
    .flags = HANGS_FLAGS,
    .name = HANGS_NAME,
    .version = "1.0",
    .summary = "1, or no answer at all",
    .score = score,
    .close = close_,
};

const grpo_reward_plugin *grpo_reward_plugin_v1(void)
{
	return &plugin;
}
