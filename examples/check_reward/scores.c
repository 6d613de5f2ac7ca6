/* SPDX-License-Identifier: MIT */
/* What it gives, as the library calls it: cases, threads, orders. */
#define _POSIX_C_SOURCE 200809L

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "examples/fault.h"
#include "examples/plugin_guard.h"
#include "examples/program.h"
#include "report.h"
#include "stages.h"
#include "suite.h"

enum order { FORWARDS, BACKWARDS, SHUFFLED };

#define NOTES_BYTES 2048 /* of a row; what does not fit is left out */

/* One reward a row, [n] */
struct scores {
	double *reward;
	uint8_t *status;
	char (*notes)[NOTES_BYTES]; /* NULL: nobody asks */
};

/* What is scored now, for the notes on it. */
struct listener {
	struct scores *scores;
	int64_t first;
};

/* "name: text", a line each */
static void keep_note(void *ctx, int64_t row, int32_t k, const char *name,
		      grpo_str text)
{
	struct listener *l = ctx;
	char *notes = l->scores->notes[l->first + row];
	size_t n = strlen(notes);

	(void)k;
	snprintf(notes + n, NOTES_BYTES - n, "%s: %.*s\n", name,
		 (int)(text.len < NOTES_BYTES ? text.len : NOTES_BYTES),
		 text.ptr ? text.ptr : "");
}

static int scores_create(struct scores *s, int64_t n)
{
	s->notes = NULL;
	s->reward = calloc((size_t)n, sizeof *s->reward);
	s->status = calloc((size_t)n, 1);
	return s->reward && s->status ? 0 : fail(GRPO_ENOMEM, "out of memory");
}

/* 0 … n-1 in some order; 7919 is a prime that no suite's size is a multiple
 * of, so each comes once. */
static int64_t place(enum order order, int64_t i, int64_t n)
{
	if (order == FORWARDS)
		return i;
	if (order == BACKWARDS)
		return n - 1 - i;
	return n % 7919 ? i * 7919 % n : i;
}

/* Replaces " row 3" of the library's message, which counts from `first`, by
 * where that row stands. */
static int fail_with_rows(int code, const char *message, const struct suite *s,
			  int64_t first)
{
	const char *p = strstr(message, " row ");
	char *rest = NULL;
	int64_t i = p ? first + strtoll(p + 5, &rest, 10) : -1;

	if (!p || rest == p + 5 || i < first || i >= s->n)
		return fail(code, "%s", message);
	return fail(code, "%.*s %s%s", (int)(p - message), message,
		    s->rows[i].where, rest);
}

/* What is scored now, if a call crashes. */
static struct {
	const struct suite *suite;
	int64_t first;
} scored;

static int name_row(char *out, size_t size, int64_t row)
{
	if (!scored.suite)
		return 0;
	snprintf(out, size, "%s", scored.suite->rows[scored.first + row].where);
	return 1;
}

/* The rows [first, first + n), which have the same parameters. */
static int score_some(struct scores *out, const struct job *job,
		      const struct suite *s, int64_t first, int64_t n,
		      int threads, enum order order)
{
	const char *params = s->params[s->rows[first].params];
	struct listener listener = {out, first};
	grpo_reward_set *set = NULL;
	int rc = 0;

	scored.suite = s;
	scored.first = first;
	guard_crashes(program_name(), name_row);
	TRY(grpo_reward_set_create(&set, threads));
	TRY(grpo_reward_set_add(set, job->path, 1, params));
	if (out->notes)
		TRY(grpo_reward_set_explain(set, keep_note, &listener));
	TRY(grpo_reward_set_begin(set, n));
	for (int64_t i = 0; i < n; i++) {
		int64_t at = place(order, i, n);

		TRY(grpo_reward_set_submit(set, at, &s->rows[first + at].v));
	}
	rc =
	    grpo_reward_set_wait(set, out->reward + first, out->status + first);
	if (rc < 0)
		rc = fail_with_rows(rc, grpo_error_message(), s, first);
out:
	grpo_reward_set_free(set);
	return rc;
}

static int score_all(struct scores *out, const struct job *job,
		     const struct suite *s, int threads, enum order order)
{
	int64_t first = 0, n;
	int rc = 0;

	for (; first < s->n; first += n) {
		for (n = 1; first + n < s->n &&
			    s->rows[first + n].params == s->rows[first].params;)
			n++;
		TRY(score_some(out, job, s, first, n, threads, order));
	}
out:
	return rc;
}

/* ------------------------------------------------------------------ cases */

static int is_expected(const struct a_row *r, double reward, uint8_t status)
{
	int same = isnan(r->reward) ? isnan(reward)
				    : fabs(r->reward - reward) <= r->within;

	return same &&
	       strcasecmp(r->status, grpo_reward_status_name(status)) == 0;
}

/* "1 (scored)", or "none (missing)" */
static const char *result_text(char out[64], double reward, const char *status)
{
	if (isnan(reward))
		snprintf(out, 64, "none (%s)", status);
	else
		snprintf(out, 64, "%.17g (%s)", reward, status);
	return out;
}

/* '"answer", "nums"' */
static const char *columns_text(char out[512], const struct a_row *r)
{
	size_t n = 0;

	out[0] = '\0';
	for (size_t c = 0; c < r->v.n_columns && n < 400; c++)
		n += (size_t)snprintf(
		    out + n, 512 - n, "%s\"%.*s\"", c ? ", " : "",
		    (int)(r->v.columns[c].len < 60 ? r->v.columns[c].len : 60),
		    r->v.columns[c].ptr);
	if (n == 0)
		snprintf(out, 512, "none");
	return out;
}

static void report_case(const struct a_row *r, double reward, uint8_t status)
{
	const char *name = grpo_reward_status_name(status);
	char got[64], wanted[64], columns[512];

	result_text(got, reward, name);
	result_text(wanted, r->reward, r->status);
	if (isnan(reward) && !isnan(r->reward))
		report_bad("%s: %s: reward %s; expected %s.  Does the reward "
			   "read a column that the row lacks?  Its columns: %s",
			   r->where, r->title, got, wanted,
			   columns_text(columns, r));
	else
		report_bad("%s: %s: reward %s; expected %s", r->where, r->title,
			   got, wanted);
}

/* Whether row i is as it should be; if not, that is reported. */
static int check_case(const struct a_row *r, const struct scores *got,
		      int64_t i)
{
	int good = is_expected(r, got->reward[i], got->status[i]);

	if (!good)
		report_case(r, got->reward[i], got->status[i]);
	else if (r->says && !strstr(got->notes[i], r->says))
		report_bad("%s: %s: the notes are \"%s\", without \"%s\"",
			   r->where, r->title, got->notes[i], r->says);
	else
		return 1;
	return 0;
}

int stage_cases(const struct job *job)
{
	struct scores got;
	struct suite s;
	int64_t wrong = 0;
	int rc = 0;

	TRY(suite_read(&s, job->cases, job->params));
	TRY(scores_create(&got, s.n));
	got.notes = calloc((size_t)s.n, sizeof *got.notes);
	FAIL_IF(!got.notes, GRPO_ENOMEM, "out of memory");
	report_phase("scoring the cases");
	TRY(score_all(&got, job, &s, 1, FORWARDS));
	for (int64_t i = 0; i < s.n; i++)
		wrong += s.rows[i].is_case && !check_case(&s.rows[i], &got, i);
	if (wrong == 0)
		report_ok("all of %lld cases give what they should",
			  (long long)s.n_cases);
out:
	return rc;
}

/* ------------------------------------------------------ threads and orders */

/* Missing is as missing. */
static int same(double x, double y)
{
	return x == y || (isnan(x) && isnan(y));
}

static int compare(const struct scores *a, const struct scores *b,
		   const struct suite *s, const char *how)
{
	char one[64], another[64];

	for (int64_t i = 0; i < s->n; i++) {
		if (a->status[i] == b->status[i] &&
		    same(a->reward[i], b->reward[i]))
			continue;
		report_bad("%s: reward %s; %s: %s", s->rows[i].where,
			   result_text(one, a->reward[i],
				       grpo_reward_status_name(a->status[i])),
			   how,
			   result_text(another, b->reward[i],
				       grpo_reward_status_name(b->status[i])));
		return 1;
	}
	return 0;
}

/* A reward whose column no row has says nothing of any of them. */
static void note_missing(const struct scores *got, const struct suite *s)
{
	char columns[512];
	int64_t widest = 0;

	for (int64_t i = 0; i < s->n; i++) {
		if (!GRPO_REWARD_IS_MISSING(got->status[i]))
			return;
		if (s->rows[i].v.n_columns > s->rows[widest].v.n_columns)
			widest = i;
	}
	report_note("the reward is missing on all %lld rows, so little was "
		    "checked.  It may read a column that they lack (theirs: "
		    "%s): give cases or --dataset with that column",
		    (long long)s->n, columns_text(columns, &s->rows[widest]));
}

int stage_order(const struct job *job)
{
	static const struct {
		int threads;
		enum order order;
		const char *how;
	} ways[] = {{1, FORWARDS, "a second time"},
		    {1, BACKWARDS, "in the other order"},
		    {8, FORWARDS, "on 8 threads"},
		    {8, SHUFFLED, "on 8 threads in another order"}};
	struct scores first, other;
	struct suite s;
	int rc = 0, differ = 0;

	TRY(suite_read(&s, job->cases, job->params));
	TRY(scores_create(&first, s.n));
	TRY(scores_create(&other, s.n));
	report_phase("scoring");
	TRY(score_all(&first, job, &s, 1, FORWARDS));
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		TRY(score_all(&other, job, &s, ways[i].threads, ways[i].order));
		differ += compare(&first, &other, &s, ways[i].how);
	}
	note_missing(&first, &s);
	if (!differ)
		report_ok("%lld rows: the same again, on 1 and 8 threads, in "
			  "any order; every number is finite",
			  (long long)s.n);
out:
	return rc;
}
