/* SPDX-License-Identifier: MIT */
/* The workers: they call the plug-ins and check the results. */
#define _POSIX_C_SOURCE 200809L

#include "reward/set.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/fail.h"

#define UNWRITTEN 255 /* a status that no plug-in gives */

/* The state of a worker while it does its jobs. */
struct worker {
	grpo_reward_set *set;
	int32_t index;
	grpo__arena *arena; /* for one call */
};

const char *grpo__reward_rows_text(char out[64], int64_t row, size_t n)
{
	if (n > 1)
		snprintf(out, 64, "row %" PRId64 " and %zu more", row, n - 1);
	else
		snprintf(out, 64, "row %" PRId64, row);
	return out;
}

/* Takes the thread's error line; `row` is the row that it is about. */
static void note_failure(grpo_reward_set *set, int code, int64_t row, int32_t k)
{
	grpo__reward_failure *f = &set->failure;
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

/* A failure of this row cannot change what is reported. */
static int is_settled(grpo_reward_set *set, int64_t row)
{
	int settled;

	pthread_mutex_lock(&set->lock);
	settled = set->is_lost || (set->failure.code && row > set->failure.row);
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
	else if (!grpo__plugin_knows_status(set->plugin[k], status))
		rc = grpo__fail(GRPO_EREWARD,
				"reward \"%s\" gave the unknown status %d "
				"for row %" PRId64 " (R3)",
				name, status, row);
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

/*
 * The arrays that a plug-in writes to, with a guard on either side to detect
 * writes just outside them (R2).
 */
#define GUARD_BYTES 64
#define GUARD_BYTE 0xa5

struct answers {
	size_t n;
	double *reward;
	uint8_t *status;
};

static void *guarded(grpo__arena *a, size_t bytes)
{
	char *p = grpo__arena_alloc(a, bytes + 2 * GUARD_BYTES, 1);

	if (!p)
		return NULL;
	memset(p, GUARD_BYTE, GUARD_BYTES);
	memset(p + GUARD_BYTES + bytes, GUARD_BYTE, GUARD_BYTES);
	return p + GUARD_BYTES;
}

static int is_intact(const void *array, size_t bytes)
{
	const unsigned char *p = array;

	for (size_t i = 0; i < GUARD_BYTES; i++)
		if (p[bytes + i] != GUARD_BYTE ||
		    (p - GUARD_BYTES)[i] != GUARD_BYTE)
			return 0;
	return 1;
}

static int make_answers(struct answers *out, size_t n, grpo__arena *a)
{
	out->n = n;
	out->reward = guarded(a, n * sizeof *out->reward);
	out->status = guarded(a, n);
	if (!out->reward || !out->status)
		return GRPO_ENOMEM;
	for (size_t i = 0; i < n; i++)
		out->reward[i] = NAN;
	memset(out->status, UNWRITTEN, n);
	return 0;
}

/* Stores the rewards.  If the plug-in wrote outside its arrays, none of its
 * results count. */
static void store_all(grpo_reward_set *set, int32_t k, const int64_t *rows,
		      const struct answers *a)
{
	if (!is_intact(a->reward, a->n * sizeof *a->reward) ||
	    !is_intact(a->status, a->n)) {
		char text[64];
		int rc =
		    grpo__fail(GRPO_EREWARD,
			       "reward \"%s\" wrote outside its arrays for %s",
			       grpo__plugin_name(set->plugin[k]),
			       grpo__reward_rows_text(text, rows[0], a->n));

		note_failure(set, rc, rows[0], k);
		return;
	}
	for (size_t i = 0; i < a->n; i++)
		store(set, k, rows[i], a->reward[i], a->status[i]);
}

/* The call itself, watched. */
static int call_plugin(struct worker *w, int32_t k, int64_t row,
		       const grpo_reward_batch *batch, struct answers *a)
{
	grpo_reward_set *set = w->set;
	char text[64];
	double seconds;
	int rc;

	grpo__log(GRPO_LOG_DEBUG, "reward \"%s\" scores %s",
		  grpo__plugin_name(set->plugin[k]),
		  grpo__reward_rows_text(text, row, batch->n));
	grpo__watch_begin(set->watch, w->index, k, row, batch->n);
	rc = grpo__plugin_score(set->plugin[k], row, batch, a->reward,
				a->status);
	seconds = grpo__watch_end(set->watch, w->index);
	pthread_mutex_lock(&set->lock);
	set->seconds += seconds;
	pthread_mutex_unlock(&set->lock);
	return rc;
}

/* Not from an abandoned call: the caller who asked may be gone. */
static void give_notes(grpo_reward_set *set, const grpo__notes *notes,
		       int32_t k, const int64_t *rows)
{
	pthread_mutex_lock(&set->lock);
	if (!set->is_lost)
		grpo__notes_give(notes, rows, k, &set->listener);
	pthread_mutex_unlock(&set->lock);
}

/* One call of a plug-in.  A negative code is the call's failure as a whole,
 * with the error line set. */
static int call(struct worker *w, int32_t k, const int64_t *rows, size_t n)
{
	grpo_reward_set *set = w->set;
	grpo_reward_batch batch;
	struct answers answers;
	grpo__notes notes = {0};
	int rc = 0;

	GRPO_TRY(make_answers(&answers, n, w->arena));
	GRPO_TRY(grpo__rows_view(&batch, set->rows, rows, n, w->arena));
	GRPO_TRY(grpo__notes_begin(&notes, &batch, &set->listener, w->arena));
	GRPO_TRY(call_plugin(w, k, rows[0], &batch, &answers));
	GRPO_FAIL_IF(notes.no_memory, GRPO_ENOMEM, "out of memory");
	if (notes.first)
		give_notes(set, &notes, k, rows);
	store_all(set, k, rows, &answers);
out:
	return rc;
}

static void call_one(struct worker *w, int32_t k, const int64_t *rows, size_t n)
{
	int rc = call(w, k, rows, n);

	if (rc == 0)
		return;
	grpo__fail_context(rc, "reward \"%s\" failed on row %" PRId64,
			   grpo__plugin_name(w->set->plugin[k]), rows[0]);
	note_failure(w->set, rc, rows[0], k);
}

/*
 * Which rows share a call depends on timing, so a failed call is repeated row
 * by row: the report is then the same in every run (R5).
 */
static void score_rows(struct worker *w, int32_t k, const int64_t *rows,
		       size_t n)
{
	if (n > 1 && call(w, k, rows, n) == 0)
		return;
	for (size_t i = 0; i < n; i++) {
		grpo__arena_reset(w->arena);
		if (!is_settled(w->set, rows[i]))
			call_one(w, k, &rows[i], 1);
	}
}

static void score_group(struct worker *w, int32_t k, int64_t group)
{
	int64_t *rows;
	size_t n = grpo__rows_of_group(w->set->rows, group, &rows, w->arena);

	if (n == 0)
		note_failure(w->set, GRPO_ENOMEM, 0, k);
	else if (!is_settled(w->set, rows[0]))
		call_one(w, k, rows, n);
}

int grpo__reward_is_per_group(const grpo_reward_set *set, int32_t k)
{
	return !!(grpo__plugin_flags(set->plugin[k]) & GRPO_REWARD_PER_GROUP);
}

void grpo__reward_score(void *ctx, int32_t worker, int32_t k,
			const int64_t *jobs, size_t n)
{
	grpo_reward_set *set = ctx;
	struct worker w = {set, worker, set->scratch[worker]};

	grpo__arena_reset(w.arena);
	if (grpo__reward_is_per_group(set, k))
		score_group(&w, k, jobs[0]);
	else
		score_rows(&w, k, jobs, n);
}
