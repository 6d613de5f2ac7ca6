/* SPDX-License-Identifier: MIT */
/* HumanEval and MBPP: tests that are Python themselves. */
#include "tests_parts.h"

static int read_text(struct tests *t, struct code_view *out,
		     const struct value *v, const char *name)
{
	if (!v || v->kind == VALUE_NULL)
		return 0;
	if (!value_is_text(v))
		return tests_fault(t, "\"%s\" is no text", name);
	*out = v->text;
	return 0;
}

/* The row's own where the request has none. */
static int read_missing(struct tests *t, struct code_view *out,
			const struct value *v, const char *name)
{
	return out->len ? 0 : read_text(t, out, value_member(v, name), name);
}

int tests_read_humaneval(struct tests *t, const struct value *v)
{
	const struct value *script =
	    value_is_text(v) ? v : value_member(v, "test");

	if (!script)
		return tests_fault(t, "tests of format humaneval are an object "
				      "or a text");
	if (read_text(t, &t->script, script, "test") < 0 ||
	    read_missing(t, &t->entry, v, "entry_point") < 0 ||
	    read_missing(t, &t->prompt, v, "prompt") < 0)
		return -1;
	if (!t->entry.len)
		return tests_fault(t, "no entry point for \"check\"");
	return 0;
}

/* Lines of Python from a list of texts. */
static int join_lines(struct tests *t, struct code_view *out,
		      const struct value *list, const char *name)
{
	struct code_bytes b = {0};
	size_t i;
	int rc = 0;

	for (i = 0; i < list->n && rc == 0; i++) {
		struct code_view line = list->items[i].text;

		if (!value_is_text(&list->items[i]))
			rc = tests_fault(t, "\"%s\" is no list of texts", name);
		else if (code_bytes_add(&b, line.ptr, line.len) < 0 ||
			 code_bytes_add(&b, "\n", 1) < 0)
			rc = tests_fault(t, "out of memory");
	}
	if (rc == 0)
		*out = arena_copy(&t->arena, code_view_of(&b));
	code_bytes_free(&b);
	return rc;
}

/* "test_setup_code", or "test_imports" of the sanitized rows. */
static int read_setup(struct tests *t, const struct value *v)
{
	const struct value *imports = value_member(v, "test_imports");

	if (value_is_list(imports) && imports->n)
		return join_lines(t, &t->setup, imports, "test_imports");
	return read_text(t, &t->setup, value_member(v, "test_setup_code"),
			 "test_setup_code");
}

int tests_read_mbpp(struct tests *t, const struct value *v)
{
	const struct value *list =
	    value_is_list(v) ? v : value_member(v, "test_list");

	if (value_is_text(v))
		return read_text(t, &t->script, v, "tests");
	if (!value_is_list(list))
		return tests_fault(t, "\"test_list\" is no list");
	if (list->n > TESTS_MAX)
		return tests_fault(t, "%zu tests: at most %d are allowed",
				   list->n, TESTS_MAX);
	if (join_lines(t, &t->script, list, "test_list") < 0)
		return -1;
	return read_setup(t, v);
}
