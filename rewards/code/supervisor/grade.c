/* SPDX-License-Identifier: MIT */
#include "grade.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "checker.h"
#include "grader.h"
#include "program.h"
#include "row.h"
#include "split.h"
#include "trial.h"

int grader_new(struct grader **g, const struct grader_config *c)
{
	struct grader *made = calloc(1, sizeof(*made));

	if (!made)
		return -1;
	made->config = *c;
	made->store =
	    (struct store){.folder = c->store, .max_bytes = c->store_bytes};
	*g = made;
	return 0;
}

void grader_free(struct grader *g)
{
	free(g);
}

/* ---- before the first test; each step ends the row or returns 0 ---- */

static int end_row(struct row *row, enum code_verdict verdict, const char *why)
{
	row_end(row, verdict, why);
	return -1;
}

static int has_calls(const struct tests *t)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		if (t->list[i].expect != EXPECT_OUTPUT)
			return 1;
	return t->script.len > 0;
}

/* The request's language, or that of the tests; Python where neither says. */
static int name_language(struct row *row)
{
	struct code_view name = row->request->language;
	char why[64];

	if (!name.len)
		name = row->tests.language;
	if (!name.len)
		name = code_view_text("python");
	row->language = language_named(name);
	if (row->language)
		return 0;
	(void)snprintf(why, sizeof(why), "unknown language \"%.*s\"",
		       (int)(name.len < 30 ? name.len : 30), name.ptr);
	return end_row(row, CODE_BAD_TESTS, why);
}

static int find_language(struct row *row)
{
	struct code_view own = row->tests.language;

	if (name_language(row) < 0)
		return -1;
	if (own.len && language_named(own) != row->language)
		return end_row(row, CODE_BAD_TESTS,
			       "the tests are for another language");
	if (row->language->kind != LANGUAGE_PYTHON && has_calls(&row->tests))
		return end_row(row, CODE_BAD_TESTS,
			       "tests that call functions need Python");
	if (row->language->kind == LANGUAGE_PYTHON &&
	    !row->grader->config.python)
		return end_row(row, CODE_FAILED, "no Python is installed");
	return 0;
}

/* Only HumanEval's programs continue a prompt. */
static int take_source(struct row *row)
{
	const struct tests *t = &row->tests;
	struct code_view prompt = {NULL, 0};

	if (t->script.len && t->entry.len)
		prompt = t->prompt;
	if (program_with_prompt(&row->source, row->request->source, prompt,
				t->entry) < 0)
		return end_row(row, CODE_FAILED, "out of memory");
	return 0;
}

static int64_t compile_time(const struct row *row)
{
	int64_t left = row_time_left(row);
	int64_t limit = row->request->limits.compile_ms;

	return left < limit ? left : limit;
}

static int compile_source(struct row *row)
{
	struct build b;

	if (row->language->kind != LANGUAGE_NATIVE)
		return 0;
	build_program(&b, row->grader, row->language,
		      code_view_of(&row->source), compile_time(row));
	row->exe = b.exe;
	row->response->verdict = b.verdict;
	if (b.verdict != CODE_PASSED)
		row_note(row, b.verdict == CODE_FAILED ? "why" : "diagnostics",
			 code_view_of(&b.said));
	code_bytes_free(&b.said);
	return b.verdict == CODE_PASSED ? 0 : -1;
}

/* ---- test by test ---- */

static void note_failure(struct row *row, const struct test *test,
			 const struct outcome *o)
{
	struct code_bytes want = {0};
	char number[24];

	(void)snprintf(number, sizeof(number), "%zu",
		       (size_t)row->response->first_failed + 1);
	row_note(row, "test", code_view_text(number));
	if (test && test->call.len)
		row_note(row, "call", test->call);
	if (o->verdict == CODE_WRONG && test) {
		if (test->result)
			(void)value_write(&want, test->result);
		row_note(row, "expected",
			 test->result ? code_view_of(&want) : test->output);
		row_note(row, "got", code_view_of(&o->got));
	}
	if (o->said.len)
		row_note(row, "stderr",
			 trial_last_line(code_view_of(&o->said)));
	code_bytes_free(&want);
}

/* Counts the outcome.  Returns -1 where the row ends with it. */
static int count(struct row *row, const struct test *test, size_t at,
		 const struct outcome *o)
{
	struct code_response *r = row->response;

	if (o->verdict == CODE_FAILED) {
		r->verdict = CODE_FAILED;
		row_note(row, "why", code_view_of(&o->said));
		return -1;
	}
	r->n_run++;
	if (o->verdict == CODE_PASSED) {
		r->n_passed++;
		return 0;
	}
	if (r->first_failed < 0) {
		r->first_failed = (int64_t)at;
		r->verdict = o->verdict;
		note_failure(row, test, o);
	}
	return row->request->stop_first ? -1 : 0;
}

/* The row's time is over: that is the program's doing where it ran at all. */
static void end_late(struct row *row, size_t at)
{
	struct code_response *r = row->response;

	if (r->n_run == 0) {
		row_end(row, CODE_FAILED,
			"the deadline passed before the first test");
	} else if (r->first_failed < 0) {
		r->first_failed = (int64_t)at;
		row_end(row, CODE_TIME, "the deadline passed");
	}
}

static void run_tests(struct row *row)
{
	const struct tests *t = &row->tests;
	struct outcome o = {0};
	int rc = 0;
	size_t i;

	row->response->n_tests = (int64_t)t->n;
	for (i = 0; i < t->n && rc == 0; i++) {
		if (row_time_left(row) == 0) {
			end_late(row, i);
			return;
		}
		trial_run(row, &t->list[i], &o);
		rc = count(row, &t->list[i], i, &o);
		outcome_free(&o);
	}
}

/* A script is one test. */
static void run_script(struct row *row, enum split_way way)
{
	struct outcome o = {0};
	int is_weak = way == SPLIT_TOGETHER;

	row->response->n_tests = 1;
	if (!is_weak)
		checker_run_script(row, &o, &is_weak);
	if (is_weak) {
		outcome_free(&o);
		row->response->is_weak = 1;
		checker_run_together(row, &o);
	}
	(void)count(row, NULL, 0, &o);
	outcome_free(&o);
}

static void judge(struct row *row)
{
	enum split_way way = SPLIT_CALLS;

	if (row->tests.script.len)
		way = split_script(row);
	if (way == SPLIT_BAD)
		row_end(row, CODE_BAD_TESTS, row->tests.why);
	else if (way == SPLIT_FAILED)
		row_end(row, CODE_FAILED, row->tests.why);
	else if (way == SPLIT_CALLS)
		run_tests(row);
	else
		run_script(row, way);
}

static void grade_row(struct row *row)
{
	if (tests_read(&row->tests, row->request) < 0)
		row_end(row, CODE_BAD_TESTS, row->tests.why);
	else if (find_language(row) == 0 && !row->request->only_check &&
		 take_source(row) == 0 && compile_source(row) == 0)
		judge(row);
}

void grade(struct grader *g, const struct code_request *request,
	   struct code_response *response)
{
	struct row row = {
	    .grader = g, .request = request, .response = response, .exe = -1};

	*response =
	    (struct code_response){.verdict = CODE_PASSED, .first_failed = -1};
	row_begin(&row);
	grade_row(&row);
	if (row.exe >= 0)
		(void)close(row.exe);
	code_bytes_free(&row.source);
	tests_free(&row.tests);
}
