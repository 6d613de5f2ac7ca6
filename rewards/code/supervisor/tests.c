/* SPDX-License-Identifier: MIT */
#include "tests.h"

#include <string.h>

#include "tests_parts.h"

/* The first key of each is the one that the message names. */
static const struct format {
	const char *name;
	const char *keys[5];
	int (*read)(struct tests *t, const struct value *v);
} formats[] = {
    {"apps", {"inputs", "outputs"}, tests_read_apps},
    {"livecodebench",
     {"public_test_cases", "private_test_cases"},
     tests_read_livecodebench},
    {"humaneval", {"test"}, tests_read_humaneval},
    {"mbpp", {"test_list"}, tests_read_mbpp},
    {"codeforces",
     {"official_tests", "public_tests", "private_tests", "generated_tests"},
     tests_read_codeforces},
    {"own", {"tests"}, tests_read_own},
};

enum { N_FORMATS = sizeof(formats) / sizeof(formats[0]), MAX_KEYS = 5 };

static int view_is(struct code_view v, const char *text)
{
	return v.len == strlen(text) && memcmp(v.ptr, text, v.len) == 0;
}

static const struct format *format_named(struct code_view name)
{
	int i;

	for (i = 0; i < N_FORMATS; i++)
		if (view_is(name, formats[i].name))
			return &formats[i];
	return NULL;
}

static int has_keys(const struct value *v, const struct format *f)
{
	int i;

	for (i = 0; i < MAX_KEYS && f->keys[i]; i++)
		if (value_member(v, f->keys[i]))
			return 1;
	return 0;
}

/* ---- which format it is ---- */

static const struct format *find_by_keys(struct tests *t, const struct value *v)
{
	const struct format *found = NULL;
	int i;

	for (i = 0; i < N_FORMATS; i++) {
		if (!has_keys(v, &formats[i]))
			continue;
		if (found) {
			(void)tests_fault(t, "tests of two formats: %s and %s",
					  found->name, formats[i].name);
			return NULL;
		}
		found = &formats[i];
	}
	if (!found)
		(void)tests_fault(t, "no key of a known format of tests");
	return found;
}

static const struct format *find_by_member(struct tests *t,
					   const struct value *v)
{
	const struct value *first = v->n ? &v->items[0] : NULL;

	if (!first)
		(void)tests_fault(t, "no tests");
	else if (value_is_text(first))
		return format_named(code_view_text("mbpp"));
	else if (value_member(first, "testtype"))
		return format_named(code_view_text("livecodebench"));
	else if (value_member(first, "input"))
		return format_named(code_view_text("codeforces"));
	else
		(void)tests_fault(t, "a list of no known format of tests");
	return NULL;
}

static int starts_a_line(struct code_view text, const char *word)
{
	size_t i, n = strlen(word);

	for (i = 0; i + n <= text.len; i++)
		if ((i == 0 || text.ptr[i - 1] == '\n') &&
		    memcmp(text.ptr + i, word, n) == 0)
			return 1;
	return 0;
}

static const struct format *find_by_text(struct tests *t, struct code_view text)
{
	if (starts_a_line(text, "def check("))
		return format_named(code_view_text("humaneval"));
	if (starts_a_line(text, "assert "))
		return format_named(code_view_text("mbpp"));
	(void)tests_fault(t, "the tests are no JSON");
	return NULL;
}

static const struct format *find_format(struct tests *t, const struct value *v)
{
	if (value_is_dict(v))
		return find_by_keys(t, v);
	if (value_is_list(v))
		return find_by_member(t, v);
	if (value_is_text(v))
		return find_by_text(t, v->text);
	(void)tests_fault(t, "the tests are no JSON object or list");
	return NULL;
}

/* A named format must be able to read what there is. */
static const struct format *named_format(struct tests *t,
					 const struct code_request *r,
					 const struct value *v)
{
	const struct format *f = format_named(r->format);

	if (!f)
		(void)tests_fault(
		    t, "unknown format of tests \"%.*s\"",
		    (int)(r->format.len < 40 ? r->format.len : 40),
		    r->format.ptr);
	else if (value_is_dict(v) && !has_keys(v, f))
		(void)tests_fault(t, "tests of format %s have no \"%s\"",
				  f->name, f->keys[0]);
	else
		return f;
	return NULL;
}

/* ---- reading ---- */

static int is_blank(struct code_view v)
{
	size_t i;

	for (i = 0; i < v.len; i++)
		if (!strchr(" \t\r\n", v.ptr[i]) || v.ptr[i] == '\0')
			return 0;
	return 1;
}

/* Text that is no JSON stands for itself: the bare script of HumanEval. */
static const struct value *read_cell(struct tests *t, struct code_view text)
{
	const struct value *v;
	struct value *bare;

	if (value_read(&v, &t->arena, text, VALUE_JSON) == 0)
		return tests_unwrap(t, v);
	bare = arena_take(&t->arena, sizeof(*bare));
	if (bare)
		*bare = (struct value){.kind = VALUE_TEXT, .text = text};
	else
		(void)tests_fault(t, "out of memory");
	return bare;
}

static int read_format(struct tests *t, const struct code_request *r,
		       const struct value *v)
{
	const struct format *f =
	    r->format.len ? named_format(t, r, v) : find_format(t, v);

	if (!f)
		return -1;
	t->format = f->name;
	if (f->read(t, v) < 0)
		return -1;
	if (t->n == 0 && t->script.len == 0)
		return tests_fault(t, "no tests");
	return 0;
}

int tests_read(struct tests *t, const struct code_request *r)
{
	const struct value *v;

	*t = (struct tests){
	    .format = "", .entry = r->entry, .prompt = r->prompt};
	t->values = (struct value_rules){.rel = 1e-9, .abs = 1e-9};
	if (is_blank(r->tests))
		return tests_fault(t, "no tests");
	if (r->tests.len > TESTS_MAX_BYTES)
		return tests_fault(t,
				   "tests of %zu bytes: at most %d are allowed",
				   r->tests.len, TESTS_MAX_BYTES);
	v = read_cell(t, r->tests);
	return v ? read_format(t, r, v) : -1;
}

void tests_free(struct tests *t)
{
	arena_free(&t->arena);
	*t = (struct tests){.format = ""};
}
