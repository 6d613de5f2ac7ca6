/* SPDX-License-Identifier: MIT */
#ifndef GRPO_REWARD_SET_PRIVATE_H
#define GRPO_REWARD_SET_PRIVATE_H

#include <pthread.h>
#include <stdint.h>
#include "core/mem.h"
#include "grpo/reward_set.h"
#include "reward/notes.h"
#include "reward/plugin.h"
#include "reward/pool.h"
#include "reward/rows.h"
#include "reward/watch.h"

#define GRPO__REWARD_TEXT_BYTES 1024

/** The failure that is reported: that of the lowest row, then the lowest k. */
typedef struct grpo__reward_failure {
	int code; /* 0: none */
	int64_t row;
	int32_t k;
	char text[GRPO__REWARD_TEXT_BYTES];
} grpo__reward_failure;

/*
 * Lane k of the pool is plug-in k; its jobs are rows, or groups for a
 * PER_GROUP plug-in.  Workers write only slot [row, k], so the result does not
 * depend on which worker scores what, or when.
 */
struct grpo_reward_set {
	int32_t n_threads, n; /* n plug-ins: K */
	size_t cap_plugins, cap_weights;
	grpo__plugin **plugin;
	double *weight;
	int needs_groups; /* a plug-in is PER_GROUP */
	grpo__pool *pool;
	grpo__watch *watch;
	grpo__arena **scratch; /* [n_threads], for one call */
	grpo__listener listener;

	/* from begin to wait */
	int is_begun;
	int64_t n_rows;
	grpo__rows *rows;
	double *reward;  /* [n_rows, K], NaN where missing */
	uint8_t *status; /* [n_rows, K] */

	pthread_mutex_t
	    lock; /* of what follows, and of calls of the listener */
	grpo__reward_failure failure;
	double seconds;
	/* A call was abandoned.  Its worker may return at any time, so
	 * everything that it can reach is kept for ever. */
	int is_lost;
	char lost_text[GRPO__REWARD_TEXT_BYTES];
	grpo_reward_set *next; /* of those that are left behind */
};

/** Job of the pool, ctx the set: scores rows, or one group, with plug-in k. */
void grpo__reward_score(void *ctx, int32_t worker, int32_t k,
			const int64_t *jobs, size_t n);

/**
 * grpo_reward_set_wait that can be stopped: once is_stopped says so, rows that
 * no worker has begun are dropped, calls that have begun are waited for, and
 * GRPO_ECANCELED is returned.  Outputs are then untouched, and the batch is
 * over.
 */
int grpo__reward_set_wait(grpo_reward_set *set, double *rewards,
			  uint8_t *status, int (*is_stopped)(const void *ctx),
			  const void *ctx);

/** "row 12", or "row 12 and 15 more". */
const char *grpo__reward_rows_text(char out[64], int64_t row, size_t n);

/** grpo_reward_set_check with another answer than an empty one, and with the
 *  rewards' explanations for `fn`. */
int grpo__reward_set_check(grpo_reward_set *set, const grpo_reward_row *rows,
			   int64_t n, const char *answer, uint8_t *missing,
			   grpo_reward_explain_fn fn, void *ctx);

int grpo__reward_is_per_group(const grpo_reward_set *set, int32_t k);

#endif
