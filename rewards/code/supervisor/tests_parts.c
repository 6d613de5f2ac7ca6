/* SPDX-License-Identifier: MIT */
#include "tests_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int tests_fault(struct tests *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(t->why, sizeof(t->why), format, args);
	va_end(args);
	return -1;
}

struct test *tests_room(struct tests *t, size_t n)
{
	size_t total = t->n + n;
	struct test *list;

	if (total > TESTS_MAX) {
		(void)tests_fault(t, "%zu tests: at most %d are allowed", total,
				  TESTS_MAX);
		return NULL;
	}
	list = arena_take(&t->arena, total * sizeof(*list));
	if (!list) {
		(void)tests_fault(t, "out of memory");
		return NULL;
	}
	memset(list, 0, total * sizeof(*list));
	if (t->n)
		memcpy(list, t->list, t->n * sizeof(*list));
	t->list = list;
	t->n = total;
	return list + total - n;
}

static int add_part(struct code_bytes *b, const struct value *v)
{
	if (!v || v->kind < VALUE_INT || v->kind > VALUE_TEXT)
		return -1;
	return code_bytes_add(b, v->text.ptr, v->text.len);
}

static int join(struct code_bytes *b, const struct value *v)
{
	size_t i;

	for (i = 0; i < v->n; i++)
		if (add_part(b, &v->items[i]) < 0 ||
		    code_bytes_add(b, "\n", 1) < 0)
			return -1;
	return 0;
}

int tests_text(struct tests *t, struct code_view *out, const struct value *v,
	       const char *what, size_t at)
{
	struct code_bytes b = {0};
	int rc = 0;

	if (!v)
		return tests_fault(t, "test %zu: \"%s\" is missing", at + 1,
				   what);
	if (v->kind == VALUE_TEXT) {
		*out = v->text;
		return 0;
	}
	rc = v->kind == VALUE_LIST ? join(&b, v) : add_part(&b, v);
	if (rc == 0) {
		*out = arena_copy(&t->arena, code_view_of(&b));
		rc = out->ptr ? 0 : -1;
	}
	code_bytes_free(&b);
	if (rc < 0)
		return tests_fault(t,
				   "test %zu: \"%s\" is neither text nor a "
				   "list of lines",
				   at + 1, what);
	return 0;
}

int tests_stdin(struct tests *t, struct test *test, const struct value *input,
		const struct value *output, size_t at)
{
	test->expect = EXPECT_OUTPUT;
	if (tests_text(t, &test->input, input, "input", at) < 0)
		return -1;
	return tests_text(t, &test->output, output, "output", at);
}

/* {"name": text or null, "args": [...], "prelude": true or false} */
static int write_call(struct code_bytes *b, const struct tests_call *call)
{
	struct value name = {.kind = call->name.len ? VALUE_TEXT : VALUE_NULL,
			     .text = call->name};
	size_t i;

	if (code_bytes_print(b, "{\"name\": ") < 0 ||
	    value_write(b, &name) < 0 ||
	    code_bytes_print(b, ", \"prelude\": %s, \"args\": [",
			     call->prelude ? "true" : "false") < 0)
		return -1;
	for (i = 0; i < call->n; i++)
		if ((i > 0 && code_bytes_print(b, ", ") < 0) ||
		    value_write(b, &call->args[i]) < 0)
			return -1;
	return code_bytes_print(b, "]}");
}

int tests_put_call(struct tests *t, struct test *test,
		   const struct tests_call *call)
{
	struct code_bytes b = {0};
	int rc = write_call(&b, call);

	if (rc == 0) {
		test->call = arena_copy(&t->arena, code_view_of(&b));
		rc = test->call.ptr ? 0 : -1;
	}
	code_bytes_free(&b);
	return rc < 0 ? tests_fault(t, "out of memory") : 0;
}

static size_t count_lines(struct code_view text)
{
	size_t i, n = text.len && text.ptr[text.len - 1] != '\n';

	for (i = 0; i < text.len; i++)
		n += text.ptr[i] == '\n';
	return n;
}

static struct code_view cut_line(struct code_view *text)
{
	const char *end = memchr(text->ptr, '\n', text->len);
	size_t len = end ? (size_t)(end - text->ptr) : text->len;
	struct code_view line = {text->ptr, len};

	len += end != NULL;
	*text = (struct code_view){text->ptr + len, text->len - len};
	return line;
}

int tests_lines(struct tests *t, struct value *list, struct code_view text,
		size_t at)
{
	size_t n = count_lines(text), i;
	const struct value *v;

	*list = (struct value){.kind = VALUE_LIST, .n = n};
	list->items = arena_take(&t->arena, (n + 1) * sizeof(*list->items));
	if (!list->items)
		return tests_fault(t, "out of memory");
	for (i = 0; i < n; i++) {
		if (value_read(&v, &t->arena, cut_line(&text), VALUE_JSON) < 0)
			return tests_fault(
			    t, "test %zu: line %zu of \"input\" is no JSON",
			    at + 1, i + 1);
		list->items[i] = *v;
	}
	return 0;
}

static int read_limit(struct tests *t, int64_t *out, const struct value *v,
		      const char *name, double unit)
{
	double x;

	if (!v || v->kind == VALUE_NULL)
		return 0;
	if (value_number(&x, v) < 0 || x <= 0 || x > 1e6)
		return tests_fault(t, "\"%s\" is no number above 0", name);
	*out = (int64_t)(x * unit);
	return 0;
}

int tests_limits(struct tests *t, const struct value *v)
{
	if (read_limit(t, &t->cpu_ms, value_member(v, "time_limit"),
		       "time_limit", 1e3) < 0)
		return -1;
	return read_limit(t, &t->memory_bytes, value_member(v, "memory_limit"),
			  "memory_limit", 1 << 20);
}

int tests_checker(struct tests *t, const struct value *checker)
{
	if (!checker || checker->kind == VALUE_NULL)
		return 0;
	if (!value_is_text(checker))
		return tests_fault(t, "\"checker\" is no text of Python");
	t->checker = checker->text;
	return 0;
}

const struct value *tests_unwrap(struct tests *t, const struct value *v)
{
	const struct value *in;

	if (!value_is_text(v) ||
	    value_read(&in, &t->arena, v->text, VALUE_JSON) < 0)
		return v;
	return in;
}
