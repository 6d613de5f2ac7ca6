/* SPDX-License-Identifier: MIT */
/* The public functions of a reward set. */
#define _POSIX_C_SOURCE 200809L

#include "reward/set.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/fail.h"

#define ROWS_A_CALL 16
#define MAX_THREADS 1024
#define MAX_SECONDS 1e9
#define STOP_LOOK_S 0.05

/* Waiting, and giving up */

static pthread_mutex_t shared = PTHREAD_MUTEX_INITIALIZER;
static grpo_reward_set *left_behind; /* lost calls may still use them */

static int fail_lost(const grpo_reward_set *set)
{
	return grpo__fail(GRPO_EREWARD,
			  "the reward set cannot be used again: %s",
			  set->lost_text);
}

/* Abandons the worker and the set: rows that have not started are never scored.
 */
static void give_up(grpo_reward_set *set, const grpo__watch_call *c,
		    double seconds)
{
	char rows[64];

	pthread_mutex_lock(&set->lock);
	if (!set->is_lost)
		snprintf(set->lost_text, sizeof set->lost_text,
			 "reward \"%s\" was abandoned on %s after %.3g s",
			 grpo__plugin_name(set->plugin[c->k]),
			 grpo__reward_rows_text(rows, c->row, c->n), seconds);
	set->is_lost = 1;
	pthread_mutex_unlock(&set->lock);
	grpo__plugin_lose(set->plugin[c->k]);
	grpo__pool_drop(set->pool);
	grpo__pool_lose(set->pool, c->worker);
}

static void warn_slow(const grpo_reward_set *set, const grpo__watch_call *c,
		      double seconds)
{
	char rows[64];

	grpo__log(GRPO_LOG_WARN, "reward \"%s\" has been scoring %s for %.3g s",
		  grpo__plugin_name(set->plugin[c->k]),
		  grpo__reward_rows_text(rows, c->row, c->n), seconds);
}

/* Waits for at most so long; 1 if there is no job left to wait for. */
static int wait_some(grpo_reward_set *set, double most_s)
{
	enum grpo__watch_sight sight;
	grpo__watch_call c;
	double seconds;

	if (grpo__pool_wait(set->pool,
			    fmin(most_s, grpo__watch_next(set->watch))))
		return 1;
	while ((sight = grpo__watch_look(set->watch, &c, &seconds)))
		if (sight == GRPO__WATCH_STUCK)
			give_up(set, &c, seconds);
		else
			warn_slow(set, &c, seconds);
	return 0;
}

/* The set */

static int create_workers(grpo_reward_set *set)
{
	int rc = 0;

	set->scratch =
	    grpo__alloc((size_t)set->n_threads, sizeof *set->scratch);
	if (!set->scratch)
		return GRPO_ENOMEM;
	for (int32_t i = 0; i < set->n_threads; i++)
		GRPO_TRY(grpo__arena_create(&set->scratch[i]));
	GRPO_TRY(grpo__watch_create(&set->watch, set->n_threads));
	grpo__watch_limits(set->watch, GRPO_REWARD_SET_WARN_S, 0);
	GRPO_TRY(grpo__pool_create(&set->pool, set->n_threads,
				   grpo__reward_score, set));
out:
	return rc;
}

int grpo_reward_set_create(grpo_reward_set **out, int32_t n_threads)
{
	grpo_reward_set *set;
	int rc = 0;

	*out = NULL;
	if (n_threads < 0 || n_threads > MAX_THREADS)
		return grpo__fail(GRPO_EINVAL,
				  "%d threads for rewards, at most %d",
				  (int)n_threads, MAX_THREADS);
	set = grpo__alloc(1, sizeof *set);
	if (!set)
		return GRPO_ENOMEM;
	pthread_mutex_init(&set->lock, NULL);
	set->n_threads = n_threads ? n_threads : 1;
	GRPO_TRY(create_workers(set));
	*out = set;
	set = NULL;
out:
	grpo_reward_set_free(set);
	return rc;
}

static void end_batch(grpo_reward_set *set)
{
	grpo__rows_free(set->rows);
	free(set->reward);
	free(set->status);
	set->rows = NULL;
	set->reward = NULL;
	set->status = NULL;
	set->n_rows = 0;
	set->is_begun = 0;
}

/* No worker is left but lost ones; their plug-ins stay open. */
static void close_plugins(grpo_reward_set *set)
{
	for (int32_t k = 0; k < set->n; k++)
		grpo__plugin_free(set->plugin[k]);
}

static void leave_behind(grpo_reward_set *set)
{
	pthread_mutex_lock(&shared);
	set->next = left_behind;
	left_behind = set;
	pthread_mutex_unlock(&shared);
}

void grpo_reward_set_free(grpo_reward_set *set)
{
	if (!set)
		return;
	if (set->pool) {
		grpo__pool_drop(set->pool);
		while (!wait_some(set, HUGE_VAL))
			;
	}
	grpo__pool_free(set->pool);
	close_plugins(set);
	if (set->is_lost) {
		leave_behind(set);
		return;
	}
	end_batch(set);
	for (int32_t i = 0; set->scratch && i < set->n_threads; i++)
		grpo__arena_free(set->scratch[i]);
	grpo__watch_free(set->watch);
	pthread_mutex_destroy(&set->lock);
	free(set->scratch);
	free(set->plugin);
	free(set->weight);
	free(set);
}

int grpo_reward_set_timeout(grpo_reward_set *set, double warn_s, double limit_s)
{
	int rc = 0;

	GRPO_FAIL_IF(!(warn_s >= 0 && warn_s <= MAX_SECONDS), GRPO_EINVAL,
		     "a warning about rewards after %g s", warn_s);
	GRPO_FAIL_IF(!(limit_s >= 0 && limit_s <= MAX_SECONDS), GRPO_EINVAL,
		     "a time limit of %g s for rewards", limit_s);
	GRPO_FAIL_IF(set->is_begun, GRPO_EINVAL,
		     "the time limit of rewards is changed while a batch is "
		     "scored");
	grpo__watch_limits(set->watch, warn_s, limit_s);
out:
	return rc;
}

static int add_plugin(grpo_reward_set *set, grpo__plugin *p, double weight)
{
	size_t n = (size_t)set->n;
	uint32_t flags = grpo__plugin_flags(p);
	int per_group = !!(flags & GRPO_REWARD_PER_GROUP);
	int rc = 0;

	GRPO_TRY(grpo__grow(&set->plugin, &set->cap_plugins, n + 1,
			    sizeof(grpo__plugin *)));
	GRPO_TRY(grpo__grow(&set->weight, &set->cap_weights, n + 1,
			    sizeof *set->weight));
	GRPO_TRY(grpo__pool_add_lane(set->pool,
				     !(flags & GRPO_REWARD_THREADSAFE),
				     per_group ? 1 : ROWS_A_CALL));
	set->plugin[n] = p;
	set->weight[n] = weight;
	set->needs_groups |= per_group;
	set->n++;
out:
	return rc;
}

int grpo_reward_set_add(grpo_reward_set *set, const char *name, double weight,
			const char *params)
{
	grpo__plugin *p = NULL;
	int rc = 0;

	if (set->is_lost)
		return fail_lost(set);
	GRPO_FAIL_IF(set->is_begun, GRPO_EINVAL,
		     "reward \"%s\" is added while a batch is scored",
		     name ? name : "");
	GRPO_FAIL_IF(!isfinite(weight), GRPO_EINVAL,
		     "the weight of reward \"%s\" is not finite",
		     name ? name : "");
	GRPO_TRY(
	    grpo__plugin_create(&p, name, params, set->plugin, (size_t)set->n));
	GRPO_TRY(add_plugin(set, p, weight));
	p = NULL;
out:
	grpo__plugin_free(p);
	return rc;
}

int32_t grpo_reward_set_count(const grpo_reward_set *set)
{
	return set->n;
}

const char *grpo_reward_set_name(const grpo_reward_set *set, int32_t k)
{
	if (k < 0 || k >= set->n)
		return NULL;
	return grpo__plugin_name(set->plugin[k]);
}

const double *grpo_reward_set_weights(const grpo_reward_set *set)
{
	return set->weight;
}

uint32_t grpo_reward_set_flags(const grpo_reward_set *set, int32_t k)
{
	return k < 0 || k >= set->n ? 0 : grpo__plugin_flags(set->plugin[k]);
}

const char *grpo_reward_status_name(uint8_t status)
{
	switch (status) {
	case GRPO_REWARD_NO_ANSWER:
		return "no_answer";
	case GRPO_REWARD_UNPARSABLE:
		return "unparsable";
	case GRPO_REWARD_BUDGET:
		return "budget";
	case GRPO_REWARD_FAILED:
		return "failed";
	default:
		return GRPO_REWARD_IS_MISSING(status) ? "missing" : "scored";
	}
}

int grpo_reward_set_explain(grpo_reward_set *set, grpo_reward_explain_fn fn,
			    void *ctx)
{
	if (set->is_begun)
		return grpo__fail(GRPO_EINVAL,
				  "explanations are asked for while a batch "
				  "is scored");
	set->listener.explain = fn;
	set->listener.explain_ctx = ctx;
	return 0;
}

int grpo_reward_set_measure(grpo_reward_set *set, grpo_reward_measure_fn fn,
			    void *ctx)
{
	if (set->is_begun)
		return grpo__fail(GRPO_EINVAL,
				  "measures are asked for while a batch is "
				  "scored");
	set->listener.measure = fn;
	set->listener.measure_ctx = ctx;
	return 0;
}

int grpo_reward_set_begin(grpo_reward_set *set, int64_t n_rows)
{
	int rc = 0;

	if (set->is_lost)
		return fail_lost(set);
	if (set->is_begun)
		return grpo__fail(GRPO_EINVAL,
				  "the previous batch has not been waited for");
	if (n_rows < 0)
		return grpo__fail(GRPO_EINVAL, "a batch of %" PRId64 " rows",
				  n_rows);
	GRPO_TRY(grpo__rows_create(&set->rows, n_rows, set->needs_groups));
	set->reward =
	    grpo__alloc((size_t)n_rows, (size_t)set->n * sizeof *set->reward);
	set->status = grpo__alloc((size_t)n_rows, (size_t)set->n);
	if (!set->reward || !set->status) {
		rc = GRPO_ENOMEM;
		goto out;
	}
	GRPO_TRY(grpo__pool_begin(set->pool, n_rows));
	set->failure.code = 0;
	set->n_rows = n_rows;
	set->is_begun = 1;
out:
	if (rc < 0)
		end_batch(set);
	return rc;
}

int grpo_reward_set_submit(grpo_reward_set *set, int64_t i,
			   const grpo_reward_row *row)
{
	int64_t group;
	int rc;

	if (set->is_lost)
		return fail_lost(set);
	if (!set->is_begun)
		return grpo__fail(GRPO_EINVAL,
				  "row %" PRId64 " comes before a batch began",
				  i);
	rc = grpo__rows_put(set->rows, i, row, &group);
	if (rc < 0)
		return rc;
	for (int32_t k = 0; k < set->n; k++) {
		if (!grpo__reward_is_per_group(set, k))
			grpo__pool_push(set->pool, k, i);
		else if (group >= 0)
			grpo__pool_push(set->pool, k, group);
	}
	return 0;
}

int grpo_reward_set_wait(grpo_reward_set *set, double *rewards, uint8_t *status)
{
	return grpo__reward_set_wait(set, rewards, status, NULL, NULL);
}

/* Until all rows are scored, or none is under way after a stop. */
static int wait_or_stop(grpo_reward_set *set, int (*is_stopped)(const void *),
			const void *ctx)
{
	double most_s = is_stopped ? STOP_LOOK_S : HUGE_VAL;
	int stopped = 0;

	while (!set->is_lost && !wait_some(set, most_s))
		if (!stopped && is_stopped && is_stopped(ctx)) {
			grpo__pool_drop(set->pool);
			stopped = 1;
		}
	return stopped;
}

int grpo__reward_set_wait(grpo_reward_set *set, double *rewards,
			  uint8_t *status, int (*is_stopped)(const void *ctx),
			  const void *ctx)
{
	const grpo__reward_failure *f = &set->failure;
	int stopped, rc = 0;
	size_t n;

	if (set->is_lost)
		return fail_lost(set);
	if (!set->is_begun)
		return grpo__fail(GRPO_EINVAL, "no batch has begun");
	n = (size_t)set->n_rows * (size_t)set->n;
	stopped = wait_or_stop(set, is_stopped, ctx);
	if (set->is_lost) /* the batch stays: its worker may come back */
		return grpo__fail(GRPO_EREWARD, "%s", set->lost_text);
	GRPO_FAIL_IF(stopped, GRPO_ECANCELED, "scoring was stopped");
	GRPO_FAIL_IF(f->code, f->code, "%s", f->text);
	GRPO_TRY(grpo__rows_check_whole(set->rows));
	GRPO_FAIL_IF(n && !rewards, GRPO_EINVAL, "rewards is NULL");
	if (n)
		memcpy(rewards, set->reward, n * sizeof *rewards);
	if (n && status)
		memcpy(status, set->status, n);
out:
	end_batch(set);
	return rc;
}

double grpo_reward_set_seconds(const grpo_reward_set *set)
{
	grpo_reward_set *s = (grpo_reward_set *)set; /* for its lock alone */
	double seconds;

	pthread_mutex_lock(&s->lock);
	seconds = s->seconds;
	pthread_mutex_unlock(&s->lock);
	return seconds;
}
