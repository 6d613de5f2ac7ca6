/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "core/fail.h"
#include "core/file.h"
#include "core/mem.h"
#include "grpo/reward_set.h"
#include "reward/notes.h"
#include "reward/plugin.h"
#include "reward/pool.h"
#include "reward/rows.h"

/*
 * Lane k of the pool is plug-in k; its jobs are rows, or groups for a
 * PER_GROUP plug-in.  Workers write slot [row, k] and nothing else, so which
 * worker scores what, and when, cannot be seen in the result.
 */
#define ROWS_A_CALL 16
#define UNWRITTEN 255 /* a status that no plug-in gives */
#define TEXT_BYTES 1024
#define MAX_THREADS 1024

/* The failure that is reported: that of the lowest row, then the lowest k. */
struct failure {
	int code; /* 0: none */
	int64_t row;
	int32_t k;
	char text[TEXT_BYTES];
};

struct grpo_reward_set {
	int32_t n_threads, n; /* n plug-ins: K */
	size_t cap_plugins, cap_weights;
	grpo__plugin **plugin;
	double *weight;
	int needs_groups; /* a plug-in is PER_GROUP */
	grpo__pool *pool;
	grpo__arena **scratch; /* [n_threads], for one call */
	grpo_reward_explain_fn explain;
	void *explain_ctx;

	/* from begin to wait */
	int is_begun;
	int64_t n_rows;
	grpo__rows *rows;
	double *reward;  /* [n_rows, K], NaN where missing */
	uint8_t *status; /* [n_rows, K] */

	pthread_mutex_t lock; /* of what follows, and of calls of explain */
	struct failure failure;
	double seconds;
};

/* Scoring, on the workers */

/* Takes the thread's error line; `row` is the row that it is about. */
static void note_failure(grpo_reward_set *set, int code, int64_t row, int32_t k)
{
	struct failure *f = &set->failure;
	const char *text = grpo_error_message();
	size_t n = strlen(text);

	if (n >= sizeof f->text)
		n = sizeof f->text - 1;
	pthread_mutex_lock(&set->lock);
	if (!f->code || row < f->row || (row == f->row && k < f->k)) {
		f->code = code;
		f->row = row;
		f->k = k;
		memcpy(f->text, text, n);
		f->text[n] = '\0';
	}
	pthread_mutex_unlock(&set->lock);
}

/* Nothing that happens to this row can change what is reported. */
static int is_settled(grpo_reward_set *set, int64_t row)
{
	int settled;

	pthread_mutex_lock(&set->lock);
	settled = set->failure.code && row > set->failure.row;
	pthread_mutex_unlock(&set->lock);
	return settled;
}

/* Checks one number (R2, R3, R4) and puts it into its slot. */
static void store(grpo_reward_set *set, int32_t k, int64_t row, double reward,
		  uint8_t status)
{
	const char *name = grpo__plugin_name(set->plugin[k]);
	size_t at = (size_t)row * (size_t)set->n + (size_t)k;
	int missing = GRPO_REWARD_IS_MISSING(status);
	int rc = 0;

	if (status == UNWRITTEN)
		rc = grpo__fail(GRPO_EREWARD,
				"reward \"%s\" wrote nothing for row %" PRId64,
				name, row);
	else if (!missing && !isfinite(reward))
		rc = grpo__fail(GRPO_EREWARD,
				"reward \"%s\" gave %s for row %" PRId64, name,
				isnan(reward) ? "nan"
				: reward > 0  ? "inf"
					      : "-inf",
				row);
	if (rc < 0) {
		note_failure(set, rc, row, k);
		return;
	}
	set->reward[at] = missing ? NAN : reward;
	set->status[at] = status;
}

/* One call of a plug-in.  A negative code is the call's failure as a whole,
 * with the error line set. */
static int call(grpo_reward_set *set, int32_t k, const int64_t *rows, size_t n,
		grpo__arena *a)
{
	double *reward = grpo__arena_alloc(a, n, sizeof *reward);
	uint8_t *status = grpo__arena_alloc(a, n, sizeof *status);
	grpo_reward_batch batch;
	grpo__notes notes = {0};
	double began, seconds;
	int rc = 0;

	if (!reward || !status)
		return GRPO_ENOMEM;
	GRPO_TRY(grpo__rows_view(&batch, set->rows, rows, n, a));
	if (set->explain)
		GRPO_TRY(grpo__notes_begin(&notes, &batch, a));
	for (size_t i = 0; i < n; i++)
		reward[i] = NAN;
	memset(status, UNWRITTEN, n);
	began = grpo__now();
	rc = grpo__plugin_score(set->plugin[k], &batch, reward, status);
	seconds = grpo__now() - began;
	if (rc == 0 && notes.no_memory)
		rc = grpo__fail(GRPO_ENOMEM, "out of memory");
	pthread_mutex_lock(&set->lock);
	set->seconds += seconds;
	if (rc == 0 && set->explain)
		grpo__notes_give(&notes, rows, k, set->explain,
				 set->explain_ctx);
	pthread_mutex_unlock(&set->lock);
	for (size_t i = 0; rc == 0 && i < n; i++)
		store(set, k, rows[i], reward[i], status[i]);
out:
	return rc;
}

static void call_one(grpo_reward_set *set, int32_t k, const int64_t *rows,
		     size_t n, grpo__arena *a)
{
	int rc = call(set, k, rows, n, a);

	if (rc == 0)
		return;
	grpo__fail_context(rc, "reward \"%s\" failed on row %" PRId64,
			   grpo__plugin_name(set->plugin[k]), rows[0]);
	note_failure(set, rc, rows[0], k);
}

/*
 * Which rows share a call is chance, so a call that fails is made again row
 * by row: what is reported is then the same in every run (R5).
 */
static void score_rows(grpo_reward_set *set, int32_t k, const int64_t *rows,
		       size_t n, grpo__arena *a)
{
	if (n > 1 && call(set, k, rows, n, a) == 0)
		return;
	for (size_t i = 0; i < n; i++) {
		grpo__arena_reset(a);
		if (!is_settled(set, rows[i]))
			call_one(set, k, &rows[i], 1, a);
	}
}

static void score_group(grpo_reward_set *set, int32_t k, int64_t group,
			grpo__arena *a)
{
	int64_t *rows;
	size_t n = grpo__rows_of_group(set->rows, group, &rows, a);

	if (n == 0)
		note_failure(set, GRPO_ENOMEM, 0, k);
	else if (!is_settled(set, rows[0]))
		call_one(set, k, rows, n, a);
}

static int is_per_group(const grpo_reward_set *set, int32_t k)
{
	return !!(grpo__plugin_flags(set->plugin[k]) & GRPO_REWARD_PER_GROUP);
}

static void run_jobs(void *ctx, int32_t worker, int32_t k, const int64_t *jobs,
		     size_t n)
{
	grpo_reward_set *set = ctx;
	grpo__arena *a = set->scratch[worker];

	grpo__arena_reset(a);
	if (is_per_group(set, k))
		score_group(set, k, jobs[0], a);
	else
		score_rows(set, k, jobs, n, a);
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
	GRPO_TRY(grpo__pool_create(&set->pool, set->n_threads, run_jobs, set));
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

void grpo_reward_set_free(grpo_reward_set *set)
{
	if (!set)
		return;
	grpo__pool_free(set->pool);
	end_batch(set);
	for (int32_t k = 0; k < set->n; k++)
		grpo__plugin_free(set->plugin[k]);
	for (int32_t i = 0; set->scratch && i < set->n_threads; i++)
		grpo__arena_free(set->scratch[i]);
	pthread_mutex_destroy(&set->lock);
	free(set->scratch);
	free(set->plugin);
	free(set->weight);
	free(set);
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

	GRPO_FAIL_IF(set->is_begun, GRPO_EINVAL,
		     "reward \"%s\" is added while a batch is scored",
		     name ? name : "");
	GRPO_FAIL_IF(!isfinite(weight), GRPO_EINVAL,
		     "the weight of reward \"%s\" is not finite",
		     name ? name : "");
	GRPO_TRY(grpo__plugin_create(&p, name, params));
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
	set->explain = fn;
	set->explain_ctx = ctx;
	return 0;
}

int grpo_reward_set_begin(grpo_reward_set *set, int64_t n_rows)
{
	int rc = 0;

	if (set->is_begun)
		return grpo__fail(GRPO_EINVAL,
				  "the batch before has not been waited for");
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

	if (!set->is_begun)
		return grpo__fail(GRPO_EINVAL,
				  "row %" PRId64 " comes before a batch began",
				  i);
	rc = grpo__rows_put(set->rows, i, row, &group);
	if (rc < 0)
		return rc;
	for (int32_t k = 0; k < set->n; k++) {
		if (!is_per_group(set, k))
			grpo__pool_push(set->pool, k, i);
		else if (group >= 0)
			grpo__pool_push(set->pool, k, group);
	}
	return 0;
}

int grpo_reward_set_wait(grpo_reward_set *set, double *rewards, uint8_t *status)
{
	const struct failure *f = &set->failure;
	size_t n;
	int rc = 0;

	if (!set->is_begun)
		return grpo__fail(GRPO_EINVAL, "no batch has begun");
	n = (size_t)set->n_rows * (size_t)set->n;
	grpo__pool_wait(set->pool);
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
