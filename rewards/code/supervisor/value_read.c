/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "value.h"

/* The members of lists that are still open lie on a stack, and go to the arena
 * once their number is known. */
struct reader {
	const char *p, *end;
	struct arena *arena;
	enum value_syntax syntax;
	struct value *stack;
	size_t n, cap;
	int depth;
};

static int read_value(struct reader *r, struct value *v);

static void skip_blanks(struct reader *r)
{
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\t' ||
				 *r->p == '\n' || *r->p == '\r'))
		r->p++;
}

static int take(struct reader *r, char c)
{
	skip_blanks(r);
	if (r->p == r->end || *r->p != c)
		return 0;
	r->p++;
	return 1;
}

/* ---- literals ---- */

static int read_word(struct reader *r, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(r->end - r->p) < n || memcmp(r->p, word, n) != 0)
		return -1;
	r->p += n;
	return 0;
}

static int read_bool(struct reader *r, struct value *v)
{
	v->kind = VALUE_BOOL;
	v->truth = *r->p == 't';
	return read_word(r, v->truth ? "true" : "false");
}

static size_t skip_digits(struct reader *r)
{
	const char *from = r->p;

	while (r->p < r->end && *r->p >= '0' && *r->p <= '9')
		r->p++;
	return (size_t)(r->p - from);
}

static int read_exponent(struct reader *r, struct value *v)
{
	if (r->p == r->end || (*r->p != 'e' && *r->p != 'E'))
		return 0;
	v->kind = VALUE_FLOAT;
	r->p++;
	if (r->p < r->end && (*r->p == '+' || *r->p == '-'))
		r->p++;
	return skip_digits(r) ? 0 : -1;
}

static int read_digits(struct reader *r, struct value *v)
{
	size_t n;

	if (r->p < r->end && *r->p == 'I') {
		v->kind = VALUE_FLOAT;
		return read_word(r, "Infinity");
	}
	n = skip_digits(r);
	if (n == 0 || (n > 1 && r->p[-(ptrdiff_t)n] == '0'))
		return -1;
	if (r->p < r->end && *r->p == '.') {
		v->kind = VALUE_FLOAT;
		r->p++;
		if (!skip_digits(r))
			return -1;
	}
	return read_exponent(r, v);
}

static int read_number(struct reader *r, struct value *v)
{
	const char *from = r->p;

	v->kind = VALUE_INT;
	if (*r->p == '-')
		r->p++;
	if (read_digits(r, v) < 0)
		return -1;
	v->text = (struct code_view){from, (size_t)(r->p - from)};
	return 0;
}

static int read_nan(struct reader *r, struct value *v)
{
	v->kind = VALUE_FLOAT;
	v->text = code_view_text("NaN");
	return read_word(r, "NaN");
}

/* ---- texts ---- */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Four hexadecimal digits at p, or -1. */
static int32_t read_unit(const char *p, const char *end)
{
	int32_t unit = 0;
	int i, digit;

	if (end - p < 4)
		return -1;
	for (i = 0; i < 4; i++) {
		digit = hex_digit(p[i]);
		if (digit < 0)
			return -1;
		unit = unit * 16 + digit;
	}
	return unit;
}

static char *put_utf8(char *to, int32_t c)
{
	if (c < 0x80) {
		*to++ = (char)c;
		return to;
	}
	if (c < 0x800) {
		*to++ = (char)(0xc0 | c >> 6);
	} else {
		if (c < 0x10000) {
			*to++ = (char)(0xe0 | c >> 12);
		} else {
			*to++ = (char)(0xf0 | c >> 18);
			*to++ = (char)(0x80 | (c >> 12 & 0x3f));
		}
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
	}
	*to++ = (char)(0x80 | (c & 0x3f));
	return to;
}

/* Behind \u.  A lone surrogate becomes three bytes, as Python's
 * "surrogatepass" has it. */
static int read_unicode(const char **p, const char *end, char **to)
{
	int32_t c = read_unit(*p, end), low;

	if (c < 0)
		return -1;
	*p += 4;
	if (c >= 0xd800 && c < 0xdc00 && end - *p >= 6 && (*p)[0] == '\\' &&
	    (*p)[1] == 'u') {
		low = read_unit(*p + 2, end);
		if (low >= 0xdc00 && low < 0xe000) {
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
			*p += 6;
		}
	}
	*to = put_utf8(*to, c);
	return 0;
}

static int read_escape(const char **p, const char *end, char **to)
{
	static const char names[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
	const char *name;
	char c = *(*p)++;

	if (c == 'u')
		return read_unicode(p, end, to);
	name = c ? strchr(names, c) : NULL;
	if (!name)
		return -1;
	*(*to)++ = bytes[name - names];
	return 0;
}

/* What lies between the quotes and has escapes; it gets no longer. */
static int unescape(struct reader *r, struct code_view *v)
{
	const char *p = v->ptr, *end = v->ptr + v->len;
	char *at = arena_take(r->arena, v->len + 1), *to = at;

	if (!at)
		return -1;
	while (p < end) {
		if (*p != '\\')
			*to++ = *p++;
		else if (p++, read_escape(&p, end, &to) < 0)
			return -1;
	}
	*v = (struct code_view){at, (size_t)(to - at)};
	return 0;
}

static int read_text(struct reader *r, struct value *v)
{
	const char *from = ++r->p;
	int escaped = 0;

	for (; r->p < r->end && *r->p != '"'; r->p++) {
		if (*r->p == '\\') {
			escaped = 1;
			r->p++;
			if (r->p == r->end)
				return -1;
		}
	}
	if (r->p == r->end)
		return -1;
	v->kind = VALUE_TEXT;
	v->text = (struct code_view){from, (size_t)(r->p - from)};
	r->p++;
	return escaped ? unescape(r, &v->text) : 0;
}

/* ---- lists and dicts ---- */

static int push(struct reader *r, const struct value *v)
{
	size_t cap = r->cap ? r->cap * 2 : 256;
	struct value *stack;

	if (r->n == r->cap) {
		stack = realloc(r->stack, cap * sizeof(*stack));
		if (!stack)
			return -1;
		r->stack = stack;
		r->cap = cap;
	}
	r->stack[r->n++] = *v;
	return ++r->arena->n_values > VALUE_MAX_COUNT ? -1 : 0;
}

/* Moves the members above `base` to the arena. */
static int close_members(struct reader *r, struct value *v, size_t base)
{
	v->n = r->n - base;
	r->n = base;
	if (v->n == 0)
		return 0;
	v->items = arena_take(r->arena, v->n * sizeof(*v->items));
	if (!v->items)
		return -1;
	memcpy(v->items, r->stack + base, v->n * sizeof(*v->items));
	return 0;
}

static int read_member(struct reader *r)
{
	struct value v = {0};

	return read_value(r, &v) < 0 ? -1 : push(r, &v);
}

static int read_list(struct reader *r, struct value *v)
{
	size_t base = r->n;

	v->kind = VALUE_LIST;
	if (!take(r, ']')) {
		do {
			if (read_member(r) < 0)
				return -1;
		} while (take(r, ','));
		if (!take(r, ']'))
			return -1;
	}
	return close_members(r, v, base);
}

static int read_pair(struct reader *r)
{
	struct value key = {0};

	skip_blanks(r);
	if (r->p == r->end || *r->p != '"' || read_text(r, &key) < 0 ||
	    push(r, &key) < 0 || !take(r, ':'))
		return -1;
	return read_member(r);
}

static int read_object(struct reader *r, struct value *v)
{
	size_t base = r->n;

	v->kind = VALUE_DICT;
	if (!take(r, '}')) {
		do {
			if (read_pair(r) < 0)
				return -1;
		} while (take(r, ','));
		if (!take(r, '}'))
			return -1;
	}
	if (close_members(r, v, base) < 0)
		return -1;
	v->n /= 2;
	return 0;
}

/* ---- tags of typed text ---- */

static int tag_members(struct value *v, const struct value *list,
		       enum value_kind kind)
{
	if (list->kind != VALUE_LIST || (kind == VALUE_DICT && list->n % 2))
		return -1;
	*v = *list;
	v->kind = kind;
	if (kind == VALUE_DICT)
		v->n /= 2;
	return 0;
}

static int tag_text(struct value *v, const struct value *text,
		    enum value_kind kind)
{
	if (text->kind != VALUE_TEXT)
		return -1;
	*v = *text;
	v->kind = kind;
	return 0;
}

static int apply_tag(struct value *v)
{
	if (v->n != 1 || v->items[0].text.len != 1)
		return -1;
	switch (v->items[0].text.ptr[0]) {
	case 't':
		return tag_members(v, &v->items[1], VALUE_TUPLE);
	case 's':
		return tag_members(v, &v->items[1], VALUE_SET);
	case 'd':
		return tag_members(v, &v->items[1], VALUE_DICT);
	case 'b':
		return tag_text(v, &v->items[1], VALUE_BYTES);
	case 'o':
		return tag_text(v, &v->items[1], VALUE_OPAQUE);
	default:
		return -1;
	}
}

/* ---- values ---- */

static int read_nested(struct reader *r, struct value *v)
{
	int rc, object = *r->p++ == '{';

	if (++r->depth > VALUE_MAX_DEPTH)
		return -1;
	rc = object ? read_object(r, v) : read_list(r, v);
	r->depth--;
	if (rc == 0 && object && r->syntax == VALUE_TYPED)
		rc = apply_tag(v);
	return rc;
}

static int read_value(struct reader *r, struct value *v)
{
	skip_blanks(r);
	if (r->p == r->end)
		return -1;
	switch (*r->p) {
	case 'n':
		v->kind = VALUE_NULL;
		return read_word(r, "null");
	case 't':
	case 'f':
		return read_bool(r, v);
	case 'N':
		return read_nan(r, v);
	case '"':
		return read_text(r, v);
	case '[':
	case '{':
		return read_nested(r, v);
	default:
		return read_number(r, v);
	}
}

int value_read(const struct value **out, struct arena *a, struct code_view text,
	       enum value_syntax syntax)
{
	struct reader r = {.p = text.ptr, .arena = a, .syntax = syntax};
	struct value *v = arena_take(a, sizeof(*v));
	int rc = -1;

	r.end = text.len ? text.ptr + text.len : text.ptr;
	if (v) {
		*v = (struct value){0};
		rc = read_value(&r, v);
		skip_blanks(&r);
		if (r.p != r.end)
			rc = -1;
	}
	free(r.stack);
	if (rc == 0)
		*out = v;
	return rc;
}
