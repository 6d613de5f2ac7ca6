/* SPDX-License-Identifier: MIT */
/*
 * check_reward --attack: completions that say nothing, or something wrong, and
 * whether the reward pays for them.
 */
#define _POSIX_C_SOURCE 200809L

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attempts.h"
#include "examples/fault.h"
#include "examples/json_out.h"
#include "examples/plugin_guard.h"
#include "examples/program.h"
#include "report.h"
#include "stages.h"

#define ATTEMPTS_A_BATCH 8192
#define MOST_KINDS 64
#define USUAL_A_ROW 550 /* attempts, about, in four shapes */
#define SHOWN_BYTES 100 /* of a completion, on the screen */
#define TINY 1e-9

static const struct shape usual_shapes[] = {
    {"tags", "<think> {thought} </think>\n<answer> {answer} </answer>"},
    {"box", "<think> {thought} </think>\n\\boxed{{answer}}"},
    {"sentence", "Let me think about this.\nThe answer is {answer}."},
    {"bare", "{answer}"},
};
#define N_USUAL (int)(sizeof usual_shapes / sizeof *usual_shapes)

struct attack {
	const struct job *job;
	struct suite suite;
	struct maker maker;
	struct shape shapes[JOB_SHAPES];
	grpo_reward_set *set;
	int params; /* of the set; -1: there is none */
	FILE *output;
	/* results of a batch, [maker.n] */
	double *rewards;
	size_t cap;
	/* counts */
	int64_t tried[MOST_KINDS], paid[MOST_KINDS];
	int64_t all_tried, all_paid;
	int64_t no_reward; /* rows that get none whatever is answered */
	int64_t silent;    /* rows whose empty completion earns something */
	double silent_most;
};

static struct attack *going_on; /* for a crash */

static int name_row(char *out, size_t size, int64_t i)
{
	const struct attempt *a;

	if (!going_on || i >= (int64_t)going_on->maker.n)
		return 0;
	a = &going_on->maker.attempts[i];
	snprintf(out, size, "%s, attacked by \"%s\"",
		 going_on->suite.rows[a->row].where,
		 attack_kinds[a->kind].name);
	return 1;
}

/* ---------------------------------------------------------------- its rows */

static void choose_shapes(struct attack *a)
{
	const struct job *job = a->job;

	a->maker.shapes = usual_shapes;
	a->maker.n_shapes = N_USUAL;
	if (!job->n_shapes)
		return;
	a->maker.shapes = a->shapes;
	a->maker.n_shapes = job->n_shapes;
	for (int i = 0; i < job->n_shapes; i++) {
		a->shapes[i] = (struct shape){"own", job->shapes[i]};
		for (int k = 0; k < N_USUAL; k++)
			if (strcmp(usual_shapes[k].name, job->shapes[i]) == 0)
				a->shapes[i] = usual_shapes[k];
	}
}

static int read_rows(struct attack *a)
{
	const char *name = a->job->reference[0] ? a->job->reference : NULL;
	struct suite *s = &a->suite;
	struct maker *m = &a->maker;
	int rc = 0;

	TRY(suite_read_prompts(s, a->job->cases, a->job->dataset,
			       a->job->params));
	m->rows = s->rows;
	m->n_rows = s->n;
	m->stride = 1;
	if (a->job->most > 0)
		m->stride +=
		    s->n * USUAL_A_ROW * m->n_shapes / N_USUAL / a->job->most;
	m->references = calloc((size_t)s->n, sizeof *m->references);
	FAIL_IF(!m->references, GRPO_ENOMEM, "out of memory");
	for (int64_t i = 0; i < s->n; i++)
		TRY(reference_read(&m->references[i], &s->rows[i], name));
out:
	return rc;
}

/* ----------------------------------------------------------------- scoring */

static int open_set(struct attack *a, int params)
{
	int rc = 0;

	if (a->set && a->params == params)
		return 0;
	grpo_reward_set_free(a->set);
	a->set = NULL;
	TRY(grpo_reward_set_create(&a->set, (int32_t)a->job->threads));
	TRY(grpo_reward_set_add(a->set, a->job->path, 1,
				a->suite.params[params]));
	a->params = params;
out:
	return rc;
}

/* How many attempts stand for the row of attempt i, which is its first. */
static size_t count_row(const struct maker *m, size_t i)
{
	size_t n = 0;

	while (i + n < m->n && m->attempts[i + n].row == m->attempts[i].row)
		n++;
	return n;
}

/* A byte is a token: rewards that count them need some. */
static int submit(struct attack *a, size_t i, size_t group_size)
{
	static const int32_t ids[1 << 16];
	const struct attempt *x = &a->maker.attempts[i];
	grpo_reward_row row = a->suite.rows[x->row].v;

	row.completion = x->text;
	row.group = (uint32_t)x->row;
	row.group_size = (uint32_t)group_size;
	row.tokens = ids;
	row.n_tokens = x->text.len < (1 << 16) ? (int64_t)x->text.len : 1 << 16;
	return grpo_reward_set_submit(a->set, (int64_t)i, &row);
}

static int score(struct attack *a)
{
	struct maker *m = &a->maker;
	size_t first, n;
	int rc = 0;

	if (m->n > a->cap) {
		free(a->rewards);
		a->rewards = calloc(a->cap = m->n, sizeof *a->rewards);
		FAIL_IF(!a->rewards, GRPO_ENOMEM, "out of memory");
	}
	TRY(grpo_reward_set_begin(a->set, (int64_t)m->n));
	for (first = 0; first < m->n; first += n) {
		n = count_row(m, first);
		for (size_t i = 0; i < n; i++)
			TRY(submit(a, first + i, n));
	}
	rc = grpo_reward_set_wait(a->set, a->rewards, NULL);
out:
	return rc;
}

/* ---------------------------------------------------------------- counting */

static void write_paid(const struct attack *a, const struct attempt *x,
		       double reward)
{
	const struct a_row *row = &a->suite.rows[x->row];
	FILE *f = a->output;

	fputs("{\"row\": ", f);
	json_string(f, row->where, strlen(row->where));
	fputs(", \"attack\": ", f);
	json_string(f, attack_kinds[x->kind].name,
		    strlen(attack_kinds[x->kind].name));
	fputs(", \"shape\": ", f);
	if (x->shape < 0)
		fputs("null", f);
	else
		json_string(f, a->maker.shapes[x->shape].name,
			    strlen(a->maker.shapes[x->shape].name));
	fputs(", \"prompt\": ", f);
	json_string(f, row->v.prompt.ptr ? row->v.prompt.ptr : "",
		    row->v.prompt.len);
	fputs(", \"completion\": ", f);
	json_string(f, x->text.ptr, x->text.len);
	fputs(", \"reward\": ", f);
	json_number(f, reward);
	fputs("}\n", f);
}

static void count_paid(struct attack *a, const struct attempt *x, double reward)
{
	char text[4 * SHOWN_BYTES + 8];

	a->all_paid++;
	if (a->paid[x->kind]++ < a->job->listed || a->job->listed == 0) {
		report_shorten(text, x->text, SHOWN_BYTES);
		report_line("paid %s: %s: reward %g for \"%s\"",
			    a->suite.rows[x->row].where,
			    attack_kinds[x->kind].name, reward, text);
	}
	if (a->output)
		write_paid(a, x, reward);
}

/* What an attempt must earn more than: see --attack-threshold. */
static double limit_of(const struct attack *a, double silence, int kind)
{
	if (!isnan(a->job->threshold))
		return a->job->threshold;
	return kind > 0 && silence > 0 ? silence : 0;
}

/* The attempts of one row, of which the first is the empty completion. */
static void count(struct attack *a, size_t first, size_t n)
{
	double silence = a->rewards[first];

	a->no_reward += isnan(silence);
	if (silence > 0) {
		a->silent++;
		a->silent_most = fmax(a->silent_most, silence);
	}
	for (size_t i = first; i < first + n; i++) {
		const struct attempt *x = &a->maker.attempts[i];
		double reward = a->rewards[i];

		if (isnan(reward))
			continue;
		a->tried[x->kind]++;
		a->all_tried++;
		if (reward > limit_of(a, silence, x->kind) + TINY)
			count_paid(a, x, reward);
	}
}

static int end_batch(struct attack *a)
{
	struct maker *m = &a->maker;
	size_t first, n;
	int rc = 0;

	if (m->n == 0)
		return 0;
	TRY(open_set(a, a->suite.rows[m->attempts[0].row].params));
	TRY(score(a));
	for (first = 0; first < m->n; first += n) {
		n = count_row(m, first);
		count(a, first, n);
	}
	report_progress("row %" PRId64 " of %" PRId64 ", %" PRId64
			" answers tried, %" PRId64 " paid",
			m->attempts[m->n - 1].row + 1, a->suite.n, a->all_tried,
			a->all_paid);
	attempts_clear(m);
out:
	return rc;
}

static int try_all(struct attack *a)
{
	const struct a_row *rows = a->suite.rows;
	int rc = 0;

	report_phase("scoring attacks");
	for (int64_t i = 0; i < a->suite.n; i++) {
		if (i > 0 && (rows[i].params != rows[i - 1].params ||
			      a->maker.n >= ATTEMPTS_A_BATCH))
			TRY(end_batch(a));
		TRY(attempts_make(&a->maker, i));
	}
	rc = end_batch(a);
out:
	return rc;
}

/* ----------------------------------------------------------------- results */

static void show_table(const struct attack *a)
{
	report_line("| %-40s | %9s | %9s |", "attack", "tried", "paid");
	report_line("|------------------------------------------|----------:|"
		    "----------:|");
	for (int k = 0; k < attack_n_kinds(); k++)
		if (a->tried[k])
			report_line("| %-40s | %9" PRId64 " | %9" PRId64 " |",
				    attack_kinds[k].name, a->tried[k],
				    a->paid[k]);
	report_line("| %-40s | %9" PRId64 " | %9" PRId64 " |", "all",
		    a->all_tried, a->all_paid);
}

static void show_notes(const struct attack *a)
{
	int64_t left_out = 0;

	for (int k = 0; k < attack_n_kinds(); k++)
		if (a->job->listed && a->paid[k] > a->job->listed)
			left_out += a->paid[k] - a->job->listed;
	if (left_out)
		report_note("%" PRId64 " more are not listed: --attack-list N "
			    "lists N of each kind (0: all), --attack-output "
			    "writes all to a file",
			    left_out);
	if (a->maker.stride > 1)
		report_note("of each kind, every row has met one in %" PRId64
			    " variants, by turns (--attack-most 0: all)",
			    a->maker.stride);
	if (a->no_reward)
		report_note("%" PRId64 " of %" PRId64 " rows have no reward "
			    "(a column that the reward needs is missing or "
			    "unusable); they were not attacked",
			    a->no_reward, a->suite.n);
	if (a->silent && isnan(a->job->threshold))
		report_note("an empty completion earns up to %g, on %" PRId64
			    " of %" PRId64 " rows; other attacks count where "
			    "they earn more than it does",
			    a->silent_most, a->silent, a->suite.n);
}

static void show_verdict(const struct attack *a)
{
	if (a->all_tried == 0)
		report_bad("no attack could be tried: no row has a reward");
	else if (a->all_paid)
		report_bad("pays %" PRId64 " of %" PRId64 " answers that say "
			   "nothing or are wrong, on %" PRId64 " rows",
			   a->all_paid, a->all_tried,
			   a->suite.n - a->no_reward);
	else
		report_ok("pays none of %" PRId64 " answers that say nothing "
			  "or are wrong, on %" PRId64 " rows",
			  a->all_tried, a->suite.n - a->no_reward);
}

static int open_output(struct attack *a)
{
	if (!a->job->output[0])
		return 0;
	a->output = fopen(a->job->output, "w");
	return a->output ? 0 : fail_errno(a->job->output);
}

static int close_output(struct attack *a)
{
	FILE *f = a->output;

	a->output = NULL;
	return f && (ferror(f) | fclose(f)) ? fail_errno(a->job->output) : 0;
}

int stage_attack(const struct job *job)
{
	static struct attack a;
	int rc = 0;

	a.job = job;
	a.params = -1;
	going_on = &a;
	guard_crashes(program_name(), name_row);
	choose_shapes(&a);
	report_phase("reading the rows");
	TRY(read_rows(&a));
	TRY(open_output(&a));
	TRY(try_all(&a));
	TRY(close_output(&a));
	show_table(&a);
	show_notes(&a);
	show_verdict(&a);
out:
	return rc;
}
