/* SPDX-License-Identifier: MIT */
/*
 * APPS and TACO: {"inputs": [...], "outputs": [...], "fn_name": "f"}.  With a
 * function each input is the list of its arguments; without, it is stdin, as
 * text or as a list of lines.  Both graders of these datasets forgive a float
 * that is slightly off.
 */
#include "tests_parts.h"

/* JSON has no other keys than texts: those that are all integers become some,
 * as APPS's grader has it. */
static void restore_keys(struct value *v)
{
	const struct value *key;
	struct arena a = {0};
	size_t i;
	int all = v->kind == VALUE_DICT;

	for (i = 0; all && i < v->n; i++)
		all = value_read(&key, &a, v->items[2 * i].text, VALUE_JSON) ==
			  0 &&
		      key->kind == VALUE_INT;
	for (i = 0; all && i < v->n; i++)
		v->items[2 * i].kind = VALUE_INT;
	arena_free(&a);
}

static int read_arguments(struct tests *t, struct value *args,
			  const struct value *input, size_t at)
{
	size_t i;

	if (value_is_text(input))
		return tests_lines(t, args, input->text, at);
	if (!value_is_list(input))
		return tests_fault(t, "test %zu: no list of arguments", at + 1);
	*args = *input;
	for (i = 0; i < args->n; i++)
		restore_keys(&args->items[i]);
	return 0;
}

static int add_call(struct tests *t, struct test *test, struct code_view name,
		    const struct value *input, size_t at)
{
	struct tests_call call = {.name = name, .prelude = 1};
	struct value args;

	if (read_arguments(t, &args, input, at) < 0)
		return -1;
	call.args = args.items;
	call.n = args.n;
	test->expect = EXPECT_EQUAL;
	return tests_put_call(t, test, &call);
}

/* Many rows keep each result in a list of its own, others as JSON in a text.
 * The graders take both. */
static int are_wrapped(const struct value *outputs)
{
	size_t i;

	for (i = 0; i < outputs->n; i++)
		if (!value_is_list(&outputs->items[i]) ||
		    outputs->items[i].n != 1)
			return 0;
	return 1;
}

static int add_calls(struct tests *t, struct code_view name,
		     const struct value *inputs, const struct value *outputs)
{
	struct test *test = tests_room(t, inputs->n);
	int wrapped = are_wrapped(outputs);
	size_t i;

	if (!test)
		return -1;
	t->values.json_keys = 1;
	for (i = 0; i < inputs->n; i++, test++) {
		test->result = &outputs->items[i];
		test->other = wrapped ? &test->result->items[0]
				      : tests_unwrap(t, test->result);
		if (add_call(t, test, name, &inputs->items[i], i) < 0)
			return -1;
	}
	return 0;
}

static int add_programs(struct tests *t, const struct value *inputs,
			const struct value *outputs)
{
	struct test *test = tests_room(t, inputs->n);
	size_t i;

	if (!test)
		return -1;
	t->compare.tolerance = 1e-6;
	for (i = 0; i < inputs->n; i++, test++)
		if (tests_stdin(t, test, &inputs->items[i], &outputs->items[i],
				i) < 0)
			return -1;
	return 0;
}

int tests_read_apps(struct tests *t, const struct value *v)
{
	const struct value *inputs = value_member(v, "inputs");
	const struct value *outputs = value_member(v, "outputs");
	const struct value *name = value_member(v, "fn_name");

	if (!value_is_list(inputs) || !value_is_list(outputs))
		return tests_fault(
		    t, "\"inputs\" and \"outputs\" must both be lists");
	if (inputs->n != outputs->n)
		return tests_fault(t, "%zu inputs, but %zu outputs", inputs->n,
				   outputs->n);
	if (!name || name->kind == VALUE_NULL)
		return add_programs(t, inputs, outputs);
	if (!value_is_text(name) || name->text.len == 0)
		return tests_fault(t, "\"fn_name\" is no name");
	return add_calls(t, name->text, inputs, outputs);
}
