/* SPDX-License-Identifier: MIT */
#include "split.h"

#include <stdio.h>
#include <string.h>

#include "checker.h"
#include "digest.h"
#include "tests_parts.h"
#include "trial.h"

extern const char code_python_harness[];
extern const char code_python_split[];

enum { SPLIT_CPU_MS = 5000, SPLIT_WALL_MS = 30000, SPLIT_BYTES = 64 << 20 };

static void name_split(char name[DIGEST_NAME + 2], const struct tests *t)
{
	struct digest d;

	digest_begin(&d);
	digest_add(&d, code_view_text(code_python_split));
	digest_add(&d, t->script);
	digest_add(&d, t->setup);
	digest_add(&d, t->prompt);
	digest_add(&d, t->entry);
	name[0] = 's';
	name[1] = '-';
	digest_end(&d, name + 2);
}

static int run_tool(struct row *row, struct jail_end *end)
{
	static const char *const argv[] = {"split.py", NULL};
	const struct tests *t = &row->tests;
	const struct jail_file files[] = {
	    {"split.py", code_view_text(code_python_split)},
	    {"harness.py", code_view_text(code_python_harness)},
	    {"script.py", t->script},
	    {"setup.py", t->setup},
	    {"prompt.py", t->prompt},
	    {"entry.txt", t->entry},
	};
	struct checker_tool tool = {.files = files,
				    .n_files = sizeof(files) / sizeof(files[0]),
				    .argv = argv,
				    .cpu_ms = SPLIT_CPU_MS,
				    .wall_ms = SPLIT_WALL_MS,
				    .output_bytes = SPLIT_BYTES};

	return checker_python(row->grader, &tool, end);
}

/* The tool's answer, from the store or made now. */
static enum split_way find_answer(struct row *row, struct code_bytes *answer)
{
	struct store *store = &row->grader->store;
	struct jail_end end = {0};
	char name[DIGEST_NAME + 2];
	enum split_way way = SPLIT_CALLS;

	name_split(name, &row->tests);
	if (store_read(store, name, answer) == 0 && answer->len)
		return SPLIT_CALLS;
	answer->len = 0;
	if (run_tool(row, &end) < 0) {
		(void)tests_fault(&row->tests, "%s",
				  jail_error(row->grader->config.jail));
		way = SPLIT_FAILED;
	} else if (end.how != JAIL_EXITED || end.status != 0) {
		struct code_view said =
		    trial_last_line(code_view_of(&end.error));

		(void)tests_fault(&row->tests, "the tests don't run: %.*s",
				  (int)(said.len < 180 ? said.len : 180),
				  said.len ? said.ptr : "");
		way = SPLIT_BAD;
	} else {
		*answer = end.output;
		end.output = (struct code_bytes){0};
		store_keep(store, name, code_view_of(answer));
	}
	jail_end_free(&end);
	return way;
}

/* ---- reading the answer ---- */

static enum test_expect expect_named(const struct value *name)
{
	if (value_text_is(name, "true"))
		return EXPECT_TRUE;
	if (value_text_is(name, "false"))
		return EXPECT_FALSE;
	if (value_text_is(name, "one_of"))
		return EXPECT_ONE_OF;
	return EXPECT_EQUAL;
}

static int read_call(struct tests *t, struct test *test, const struct value *v)
{
	const struct value *call = value_member(v, "call");
	const struct value *result = value_member(v, "value");

	test->expect = expect_named(value_member(v, "expect"));
	if (!value_is_text(call) || !value_is_text(result) ||
	    value_read(&test->result, &t->arena, result->text, VALUE_TYPED) <
		0 ||
	    value_number(&test->near, value_member(v, "near")) < 0)
		return -1;
	test->call = call->text;
	return 0;
}

static enum split_way read_calls(struct tests *t, const struct value *calls)
{
	struct test *test;
	size_t i;

	if (!value_is_list(calls) || calls->n == 0) {
		(void)tests_fault(t, "no tests");
		return SPLIT_BAD;
	}
	test = tests_room(t, calls->n);
	if (!test)
		return SPLIT_BAD;
	for (i = 0; i < calls->n; i++) {
		if (read_call(t, test + i, &calls->items[i]) < 0) {
			(void)tests_fault(t, "the tests could not be split");
			return SPLIT_BAD;
		}
	}
	return SPLIT_CALLS;
}

static enum split_way read_answer(struct tests *t, struct code_view answer)
{
	struct code_view text = arena_copy(&t->arena, answer);
	const struct value *v, *mode;

	if (!text.ptr || value_read(&v, &t->arena, text, VALUE_JSON) < 0) {
		(void)tests_fault(t, "the tests could not be split");
		return SPLIT_BAD;
	}
	mode = value_member(v, "mode");
	if (value_text_is(mode, "calls"))
		return read_calls(t, value_member(v, "calls"));
	if (value_text_is(mode, "checker"))
		return SPLIT_CHECKER;
	if (value_text_is(mode, "weak"))
		return SPLIT_TOGETHER;
	v = value_member(v, "why");
	(void)tests_fault(t, "the tests don't run: %.*s",
			  (int)(v && v->text.len < 180 ? v->text.len : 0),
			  v ? v->text.ptr : "");
	return SPLIT_BAD;
}

enum split_way split_script(struct row *row)
{
	struct code_bytes answer = {0};
	enum split_way way;

	if (!row->grader->config.python) {
		(void)tests_fault(&row->tests, "no Python for the tests");
		return SPLIT_FAILED;
	}
	way = find_answer(row, &answer);
	if (way == SPLIT_CALLS)
		way = read_answer(&row->tests, code_view_of(&answer));
	code_bytes_free(&answer);
	return way;
}
