/* SPDX-License-Identifier: MIT */
/*
 * Codeforces-like rows: lists of {"input", "output"}, or DeepMind's
 * {"input": [...], "output": [...]}, with limits and maybe a checker.
 */
#include "tests_parts.h"

static int add_pairs(struct tests *t, const struct value *list)
{
	struct test *test = tests_room(t, list->n);
	size_t from = t->n - list->n, i;

	if (!test)
		return -1;
	for (i = 0; i < list->n; i++)
		if (tests_stdin(
			t, test + i, value_member(&list->items[i], "input"),
			value_member(&list->items[i], "output"), from + i) < 0)
			return -1;
	return 0;
}

static int add_columns(struct tests *t, const struct value *v, const char *key)
{
	const struct value *in = value_member(v, "input");
	const struct value *out = value_member(v, "output");
	struct test *test;
	size_t i;

	if (!value_is_list(in) || !value_is_list(out))
		return tests_fault(t, "\"%s\" is no list of tests", key);
	if (in->n != out->n)
		return tests_fault(t, "%zu inputs, but %zu outputs", in->n,
				   out->n);
	test = tests_room(t, in->n);
	if (!test)
		return -1;
	for (i = 0; i < in->n; i++)
		if (tests_stdin(t, test + i, &in->items[i], &out->items[i],
				t->n - in->n + i) < 0)
			return -1;
	return 0;
}

static int add_member(struct tests *t, const struct value *v, const char *key)
{
	const struct value *tests = value_member(v, key);

	tests = tests ? tests_unwrap(t, tests) : NULL;
	if (!tests || tests->kind == VALUE_NULL)
		return 0;
	if (value_is_list(tests))
		return add_pairs(t, tests);
	return add_columns(t, tests, key);
}

static const struct value *checker_of(const struct value *v)
{
	const struct value *own = value_member(v, "checker");

	return own ? own : value_member(v, "generated_checker");
}

int tests_read_codeforces(struct tests *t, const struct value *v)
{
	static const char *const keys[] = {"official_tests", "public_tests",
					   "private_tests", "generated_tests"};
	size_t i;

	t->compare.tolerance = 1e-6;
	if (value_is_list(v))
		return add_pairs(t, v);
	if (!value_is_dict(v))
		return tests_fault(t, "tests of format codeforces are an "
				      "object or a list");
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (add_member(t, v, keys[i]) < 0)
			return -1;
	if (tests_limits(t, v) < 0)
		return -1;
	return tests_checker(t, checker_of(v));
}
