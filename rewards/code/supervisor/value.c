/* SPDX-License-Identifier: MIT */
#include "value.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- questions ---- */

int value_is_list(const struct value *v)
{
	return v && v->kind == VALUE_LIST;
}

int value_is_dict(const struct value *v)
{
	return v && v->kind == VALUE_DICT;
}

int value_is_text(const struct value *v)
{
	return v && v->kind == VALUE_TEXT;
}

int value_text_is(const struct value *v, const char *text)
{
	return value_is_text(v) && v->text.len == strlen(text) &&
	       memcmp(v->text.ptr, text, v->text.len) == 0;
}

const struct value *value_member(const struct value *v, const char *name)
{
	size_t i;

	if (!value_is_dict(v))
		return NULL;
	for (i = v->n; i-- > 0;)
		if (value_text_is(&v->items[2 * i], name))
			return &v->items[2 * i + 1];
	return NULL;
}

static int is_number(const struct value *v)
{
	return v && (v->kind == VALUE_INT || v->kind == VALUE_FLOAT);
}

/* The literal ends with a byte that is no part of it, but maybe not with a
 * NUL; longer ones than any double needs are read from a copy. */
static double to_double(const struct value *v)
{
	char small[400], *text = small;
	double x;

	if (v->text.len >= sizeof(small)) {
		text = malloc(v->text.len + 1);
		if (!text)
			return NAN;
	}
	memcpy(text, v->text.ptr, v->text.len);
	text[v->text.len] = '\0';
	x = strtod(text, NULL);
	if (text != small)
		free(text);
	return x;
}

int value_number(double *out, const struct value *v)
{
	double x;

	if (!is_number(v))
		return -1;
	x = to_double(v);
	if (!isfinite(x))
		return -1;
	*out = x;
	return 0;
}

int value_truth(const struct value *v)
{
	switch (v->kind) {
	case VALUE_NULL:
		return 0;
	case VALUE_BOOL:
		return v->truth;
	case VALUE_INT:
	case VALUE_FLOAT:
		return to_double(v) != 0;
	case VALUE_TEXT:
	case VALUE_BYTES:
		return v->text.len > 0;
	case VALUE_OPAQUE:
		return -1;
	default:
		return v->n > 0;
	}
}

/* ---- equality ---- */

/* -0 is 0; Python and JSON write nothing else in two ways. */
static int same_int(struct code_view a, struct code_view b)
{
	if (a.len == 2 && a.ptr[0] == '-' && a.ptr[1] == '0')
		a = code_view_text("0");
	if (b.len == 2 && b.ptr[0] == '-' && b.ptr[1] == '0')
		b = code_view_text("0");
	return a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
}

/* A float that has the value of an integer. */
static int float_is_int(const struct value *integer, const struct value *x)
{
	double d = to_double(x);
	char digits[400];

	if (!isfinite(d) || d != floor(d))
		return 0;
	(void)snprintf(digits, sizeof(digits), "%.0f", d);
	return same_int(integer->text, code_view_text(digits));
}

static int near(double want, double got, const struct value_rules *rules)
{
	double off = fabs(want - got);

	if (isnan(want) || isnan(got))
		return 0;
	return want == got ||
	       (isfinite(want) && isfinite(got) &&
		(off <= rules->abs || off <= rules->rel * fabs(want)));
}

static int equal_numbers(const struct value *want, const struct value *got,
			 const struct value_rules *rules)
{
	if (!is_number(got))
		return 0;
	if (want->kind == VALUE_FLOAT)
		return near(to_double(want), to_double(got), rules);
	if (got->kind == VALUE_INT)
		return same_int(want->text, got->text);
	return float_is_int(want, got);
}

static int same_text(const struct value *a, const struct value *b)
{
	return a->kind == b->kind && a->text.len == b->text.len &&
	       (a->text.len == 0 ||
		memcmp(a->text.ptr, b->text.ptr, a->text.len) == 0);
}

static int equal_lists(const struct value *want, const struct value *got,
		       const struct value_rules *rules)
{
	size_t i;

	if ((got->kind != VALUE_LIST && got->kind != VALUE_TUPLE) ||
	    got->n != want->n)
		return 0;
	for (i = 0; i < want->n; i++)
		if (!value_equal(&want->items[i], &got->items[i], rules))
			return 0;
	return 1;
}

/* JSON can only have texts for keys: "1" stands for 1 as well, "true" for
 * True. */
static int equal_keys(const struct value *want, const struct value *got,
		      const struct value_rules *rules)
{
	struct value other = {0};
	struct arena a = {0};
	const struct value *key;
	int equal;

	if (value_equal(want, got, rules))
		return 1;
	if (!rules->json_keys || want->kind != VALUE_TEXT ||
	    got->kind == VALUE_TEXT)
		return 0;
	other = *want;
	equal = value_read(&key, &a, other.text, VALUE_JSON) == 0 &&
		key->kind <= VALUE_FLOAT && value_equal(key, got, rules);
	arena_free(&a);
	return equal;
}

/* The members of a set or dict that is searched.  They are tried from the place
 * of the last match on: sorted ones, as the harness writes them, match at once.
 */
struct search {
	const struct value *in;
	const struct value_rules *rules;
	size_t step; /* 2 for the pairs of a dict */
	size_t at, tries;
};

static const struct value *find_key(struct search *s, const struct value *key)
{
	const struct value *member;
	size_t i;

	for (i = 0; i < s->in->n && s->tries < 4000000; i++, s->tries++) {
		member = &s->in->items[s->at++ % s->in->n * s->step];
		if (equal_keys(key, member, s->rules))
			return member;
	}
	return NULL;
}

static int equal_unordered(const struct value *want, const struct value *got,
			   const struct value_rules *rules)
{
	struct search s = {.in = got, .rules = rules};
	const struct value *key, *found;
	size_t i;

	s.step = want->kind == VALUE_DICT ? 2 : 1;
	for (i = 0; i < want->n; i++) {
		key = &want->items[i * s.step];
		found = find_key(&s, key);
		if (!found ||
		    (s.step == 2 && !value_equal(key + 1, found + 1, rules)))
			return 0;
	}
	return 1;
}

int value_equal(const struct value *expected, const struct value *got,
		const struct value_rules *rules)
{
	switch (expected->kind) {
	case VALUE_NULL:
		return got->kind == VALUE_NULL;
	case VALUE_BOOL:
		return got->kind == VALUE_BOOL && got->truth == expected->truth;
	case VALUE_INT:
	case VALUE_FLOAT:
		return equal_numbers(expected, got, rules);
	case VALUE_TEXT:
	case VALUE_BYTES:
		return same_text(expected, got);
	case VALUE_LIST:
	case VALUE_TUPLE:
		return equal_lists(expected, got, rules);
	case VALUE_SET:
	case VALUE_DICT:
		return got->kind == expected->kind && got->n == expected->n &&
		       equal_unordered(expected, got, rules);
	default:
		return 0;
	}
}
