/* SPDX-License-Identifier: MIT */
#include "compare.h"

#include <string.h>

#include "decimal.h"

static int is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static int same(struct code_view a, struct code_view b)
{
	return a.len == b.len &&
	       (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

int compare_mode_named(enum compare_mode *mode, struct code_view name)
{
	if (same(name, code_view_text("tokens")))
		*mode = COMPARE_TOKENS;
	else if (same(name, code_view_text("exact")))
		*mode = COMPARE_EXACT;
	else if (same(name, code_view_text("lines")))
		*mode = COMPARE_LINES;
	else
		return -1;
	return 0;
}

static int same_token(struct code_view want, struct code_view got,
		      const struct compare_rules *rules)
{
	struct decimal a, b;

	if (same(want, got))
		return !decimal_is_nan(want);
	if (decimal_read(&a, want) < 0 || a.is_integer ||
	    decimal_read(&b, got) < 0)
		return 0;
	return decimal_same(&a, &b) ||
	       (rules->tolerance > 0 &&
		decimal_near(want, got, rules->tolerance));
}

/* Cuts the next word off; an empty one at the end. */
static struct code_view next_token(struct code_view *v)
{
	size_t from = 0, to;

	while (from < v->len && is_blank(v->ptr[from]))
		from++;
	for (to = from; to < v->len && !is_blank(v->ptr[to]);)
		to++;
	if (from == v->len) {
		v->len = 0;
		return (struct code_view){NULL, 0};
	}
	*v = (struct code_view){v->ptr + to, v->len - to};
	return (struct code_view){v->ptr - (to - from), to - from};
}

static int same_tokens(struct code_view want, struct code_view got,
		       const struct compare_rules *rules)
{
	struct code_view a, b;

	do {
		a = next_token(&want);
		b = next_token(&got);
		if ((a.len == 0) != (b.len == 0))
			return 0;
		if (a.len && !same_token(a, b, rules))
			return 0;
	} while (a.len);
	return 1;
}

static struct code_view without_end(struct code_view v)
{
	while (v.len && is_blank(v.ptr[v.len - 1]))
		v.len--;
	return v;
}

static struct code_view next_line(struct code_view *v)
{
	const char *end = v->len ? memchr(v->ptr, '\n', v->len) : NULL;
	size_t len = end ? (size_t)(end - v->ptr) : v->len;
	struct code_view line = {v->ptr, len};

	len += end != NULL;
	if (v->len)
		*v = (struct code_view){v->ptr + len, v->len - len};
	return without_end(line);
}

/* The blanks between words must agree where nothing may be off. */
static int same_line(struct code_view want, struct code_view got,
		     const struct compare_rules *rules)
{
	if (rules->tolerance > 0)
		return same_tokens(want, got, rules);
	return same(want, got);
}

static int same_lines(struct code_view want, struct code_view got,
		      const struct compare_rules *rules)
{
	want = without_end(want);
	got = without_end(got);
	while (want.len && got.len) {
		struct code_view a = next_line(&want), b = next_line(&got);

		if (!same_line(a, b, rules))
			return 0;
	}
	return want.len == 0 && got.len == 0;
}

int compare_output(struct code_view expected, struct code_view got,
		   const struct compare_rules *rules)
{
	switch (rules->mode) {
	case COMPARE_EXACT:
		return same(expected, got);
	case COMPARE_LINES:
		return same_lines(expected, got, rules);
	default:
		return same_tokens(expected, got, rules);
	}
}
