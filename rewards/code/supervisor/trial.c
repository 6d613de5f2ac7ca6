/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "trial.h"

#include <string.h>

#include "checker.h"

/* The harness's BAD_SYNTAX. */
enum { BAD_SYNTAX = 65, ERROR_BYTES = 1 << 14 };

void outcome_free(struct outcome *o)
{
	code_bytes_free(&o->got);
	code_bytes_free(&o->said);
	*o = (struct outcome){0};
}

/* ---- how a program ended ---- */

static int mentions(struct code_view v, const char *word)
{
	return v.len && memmem(v.ptr, v.len, word, strlen(word)) != NULL;
}

struct code_view trial_last_line(struct code_view v)
{
	const char *before;

	while (v.len && strchr(" \r\n\t", v.ptr[v.len - 1]))
		v.len--;
	before = v.len ? memrchr(v.ptr, '\n', v.len) : NULL;
	if (before) {
		v.len -= (size_t)(before + 1 - v.ptr);
		v.ptr = before + 1;
	}
	return v;
}

/* The address space is limited, so a program sees that it is out of memory; it
 * can only harm itself by saying so falsely. */
static int is_out_of_memory(const struct jail_end *end)
{
	struct code_view said = code_view_of(&end->error);

	return mentions(trial_last_line(said), "MemoryError") ||
	       mentions(said, "std::bad_alloc");
}

static enum code_verdict exit_verdict(const struct row *row,
				      const struct jail_end *end)
{
	if (end->how == JAIL_EXITED && end->status == 0)
		return CODE_PASSED;
	if (is_out_of_memory(end))
		return CODE_MEMORY;
	if (end->how == JAIL_EXITED && end->status == BAD_SYNTAX &&
	    row->language->kind == LANGUAGE_PYTHON)
		return CODE_COMPILE_ERROR;
	return CODE_RUNTIME_ERROR;
}

static enum code_verdict end_verdict(const struct row *row,
				     const struct jail_end *end)
{
	switch (end->how) {
	case JAIL_CPU:
	case JAIL_WALL:
		return CODE_TIME;
	case JAIL_FLOOD:
		return CODE_OUTPUT;
	default:
		return exit_verdict(row, end);
	}
}

int trial_program(struct row *row, struct code_view source,
		  const struct test *test, struct jail_end *end,
		  struct outcome *o)
{
	struct jail *jail = row->grader->config.jail;
	struct jail_run run = {.source = source,
			       .call = test->call,
			       .exe = row->exe,
			       .input = test->input};
	const char *why;

	run.kind =
	    row->language->kind == LANGUAGE_NATIVE ? JAIL_NATIVE : JAIL_PYTHON;
	row_limits(row, &run.limits);
	run.limits.error_bytes = ERROR_BYTES;
	if (jail_run_program(jail, &run, end) < 0) {
		why = jail_error(jail);
		(void)code_bytes_add(&o->said, why, strlen(why));
		o->verdict = CODE_FAILED;
		return -1;
	}
	row_used(row, end);
	o->verdict = end_verdict(row, end);
	return 0;
}

/* ---- what it wrote or returned ---- */

static int is_expected(const struct test *test, const struct value *got,
		       const struct value_rules *rules)
{
	size_t i;

	switch (test->expect) {
	case EXPECT_TRUE:
		return value_truth(got) == 1;
	case EXPECT_FALSE:
		return value_truth(got) == 0;
	case EXPECT_ONE_OF:
		for (i = 0; i < test->result->n; i++)
			if (value_equal(&test->result->items[i], got, rules))
				return 1;
		return 0;
	default:
		return value_equal(test->result, got, rules) ||
		       (test->other && value_equal(test->other, got, rules));
	}
}

static int result_passes(const struct row *row, const struct test *test,
			 struct code_view result)
{
	struct value_rules rules = row->tests.values;
	struct arena a = {0};
	const struct value *got;
	int passes;

	if (test->near > 0) {
		rules.abs = test->near;
		rules.rel = 0;
	}
	passes = value_read(&got, &a, result, VALUE_TYPED) == 0 &&
		 is_expected(test, got, &rules);
	arena_free(&a);
	return passes;
}

static void compare(struct row *row, const struct test *test,
		    const struct jail_end *end, struct outcome *o)
{
	int passes;

	if (test->expect != EXPECT_OUTPUT) {
		passes = result_passes(row, test, code_view_of(&end->result));
	} else if (row->tests.checker.len) {
		checker_judge(row, test, code_view_of(&end->output), o);
		return;
	} else {
		passes =
		    compare_output(test->output, code_view_of(&end->output),
				   &row->tests.compare);
	}
	o->verdict = passes ? CODE_PASSED : CODE_WRONG;
}

static void keep_words(struct outcome *o, const struct test *test,
		       struct jail_end *end)
{
	struct code_bytes *got =
	    test->expect == EXPECT_OUTPUT ? &end->output : &end->result;

	o->got = *got;
	*got = (struct code_bytes){0};
	if (o->said.len == 0 && end->error.len)
		(void)code_bytes_add(&o->said, end->error.ptr, end->error.len);
}

void trial_run(struct row *row, const struct test *test, struct outcome *o)
{
	struct jail_end end = {0};

	if (trial_program(row, code_view_of(&row->source), test, &end, o) ==
	    0) {
		if (o->verdict == CODE_PASSED)
			compare(row, test, &end, o);
		keep_words(o, test, &end);
	}
	jail_end_free(&end);
}
