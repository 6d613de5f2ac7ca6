/* SPDX-License-Identifier: MIT */
/* The library's own format. */
#include "tests_parts.h"

static int add_call(struct tests *t, struct test *test, const struct value *v,
		    size_t at)
{
	const struct value *name = value_member(v, "call");
	const struct value *args = value_member(v, "args");
	struct tests_call call = {0};

	test->expect = EXPECT_EQUAL;
	test->result = value_member(v, "result");
	if (!value_is_text(name) || name->text.len == 0)
		return tests_fault(t, "test %zu: \"call\" is no name", at + 1);
	if (!value_is_list(args))
		return tests_fault(t, "test %zu: \"args\" is no list", at + 1);
	if (!test->result)
		return tests_fault(t, "test %zu: \"result\" is missing",
				   at + 1);
	call.name = name->text;
	call.args = args->items;
	call.n = args->n;
	return tests_put_call(t, test, &call);
}

static int add_one(struct tests *t, struct test *test, const struct value *v,
		   size_t at)
{
	int calls = value_member(v, "call") != NULL;

	if (calls && value_member(v, "input"))
		return tests_fault(
		    t, "test %zu has both \"call\" and \"input\"", at + 1);
	if (calls)
		return add_call(t, test, v, at);
	return tests_stdin(t, test, value_member(v, "input"),
			   value_member(v, "output"), at);
}

static int read_compare(struct tests *t, const struct value *v)
{
	const struct value *mode = value_member(v, "compare");
	const struct value *tolerance = value_member(v, "tolerance");
	double x;

	if (mode && (!value_is_text(mode) ||
		     compare_mode_named(&t->compare.mode, mode->text) < 0))
		return tests_fault(
		    t, "\"compare\" is none of tokens, exact, lines");
	if (!tolerance)
		return 0;
	if (value_number(&x, tolerance) < 0 || x < 0 || x >= 1)
		return tests_fault(
		    t, "\"tolerance\" is no number from 0 to below 1");
	t->compare.tolerance = t->values.rel = t->values.abs = x;
	return 0;
}

static int read_language(struct tests *t, const struct value *language)
{
	if (!language)
		return 0;
	if (!value_is_text(language))
		return tests_fault(t, "\"language\" is no text");
	t->language = language->text;
	return 0;
}

int tests_read_own(struct tests *t, const struct value *v)
{
	const struct value *list = value_member(v, "tests");
	struct test *test;
	size_t i;

	if (!value_is_list(list))
		return tests_fault(t, "\"tests\" is no list");
	test = tests_room(t, list->n);
	if (!test)
		return -1;
	t->values.json_keys = 1;
	for (i = 0; i < list->n; i++)
		if (add_one(t, test + i, &list->items[i], i) < 0)
			return -1;
	if (read_compare(t, v) < 0 || tests_limits(t, v) < 0 ||
	    tests_checker(t, value_member(v, "checker")) < 0)
		return -1;
	return read_language(t, value_member(v, "language"));
}
