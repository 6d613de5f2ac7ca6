/* SPDX-License-Identifier: MIT */
/*
 * LiveCodeBench: lists of {"input", "output", "testtype": "stdin" or
 * "functional"}; the function's name stands in "metadata".  A functional test
 * has one argument a line, as JSON.  The programs get the imports that
 * LiveCodeBench puts before them.
 */
#include "tests_parts.h"

static int add_functional(struct tests *t, struct test *test,
			  struct code_view name, const struct value *v,
			  size_t at)
{
	const struct value *input = value_member(v, "input");
	const struct value *output = value_member(v, "output");
	struct tests_call call = {.name = name, .prelude = 1};
	struct value args;

	if (!name.len)
		return tests_fault(
		    t, "\"metadata\" has no \"func_name\" for test %zu",
		    at + 1);
	if (!value_is_text(input) || !value_is_text(output))
		return tests_fault(
		    t, "test %zu: \"input\" and \"output\" must be text",
		    at + 1);
	if (tests_lines(t, &args, input->text, at) < 0)
		return -1;
	if (value_read(&test->result, &t->arena, output->text, VALUE_JSON) < 0)
		return tests_fault(t, "test %zu: \"output\" is no JSON",
				   at + 1);
	call.args = args.items;
	call.n = args.n;
	test->expect = EXPECT_EQUAL;
	return tests_put_call(t, test, &call);
}

static int add_one(struct tests *t, struct test *test, struct code_view name,
		   const struct value *v, size_t at)
{
	static const struct tests_call program = {.prelude = 1};
	const struct value *type = value_member(v, "testtype");

	if (value_text_is(type, "functional"))
		return add_functional(t, test, name, v, at);
	if (!value_text_is(type, "stdin"))
		return tests_fault(
		    t, "test %zu: \"testtype\" is neither stdin nor functional",
		    at + 1);
	if (tests_stdin(t, test, value_member(v, "input"),
			value_member(v, "output"), at) < 0)
		return -1;
	return tests_put_call(t, test, &program);
}

static int add_list(struct tests *t, const struct value *list,
		    struct code_view name, const char *key)
{
	struct test *test;
	size_t from = t->n, i;

	list = list ? tests_unwrap(t, list) : NULL;
	if (!list || list->kind == VALUE_NULL)
		return 0;
	if (value_is_text(list) && list->text.len)
		return tests_fault(t,
				   "\"%s\" is no JSON (compressed pickles are "
				   "not read: decode them first)",
				   key);
	if (!value_is_list(list))
		return tests_fault(t, "\"%s\" is no list", key);
	test = tests_room(t, list->n);
	if (!test)
		return -1;
	for (i = 0; i < list->n; i++)
		if (add_one(t, test + i, name, &list->items[i], from + i) < 0)
			return -1;
	return 0;
}

static struct code_view function_name(struct tests *t, const struct value *v)
{
	const struct value *metadata = value_member(v, "metadata");
	const struct value *name = value_member(v, "func_name");

	if (metadata)
		name = value_member(tests_unwrap(t, metadata), "func_name");
	return value_is_text(name) ? name->text : t->entry;
}

int tests_read_livecodebench(struct tests *t, const struct value *v)
{
	struct code_view name = function_name(t, v);

	t->values.json_keys = 1;
	if (value_is_list(v))
		return add_list(t, v, name, "tests");
	if (add_list(t, value_member(v, "public_test_cases"), name,
		     "public_test_cases") < 0)
		return -1;
	return add_list(t, value_member(v, "private_test_cases"), name,
			"private_test_cases");
}
