/* SPDX-License-Identifier: MIT */
/* Formulas between the signs that TeX and Markdown have for them. */
#include "places.h"
#include "../tree/slice.h"

#define MAX_GAP 24 /* bytes between formulas of one answer */

enum state {
	OUTSIDE,
	IN_DOLLAR,  /* $…$, on one line */
	IN_DOLLARS, /* $$…$$, in one paragraph */
	IN_PAREN,   /* \(…\), on one line */
	IN_BRACKET  /* \[…\], in one paragraph */
};

struct formula {
	const char *start, *end; /* the signs are within */
	grpo_str inner;
};

struct scanner {
	enum state state;
	const char *start, *inner; /* of the formula that is open */
};

static int is_blank_line(grpo_str after_newline)
{
	while (after_newline.len &&
	       (after_newline.ptr[0] == ' ' || after_newline.ptr[0] == '\t' ||
		after_newline.ptr[0] == '\r'))
		drop(&after_newline, 1);
	return after_newline.len && after_newline.ptr[0] == '\n';
}

/* "costs $5 and $6": dollars, and no formula between them. */
static int is_money(grpo_str inner, grpo_str after)
{
	return (inner.len && is_digit(inner.ptr[0]) && after.len &&
		is_digit(after.ptr[0])) ||
	       is_prose(inner);
}

static void open_at(struct scanner *sc, enum state state, grpo_str *s, size_t n)
{
	sc->state = state;
	sc->start = s->ptr;
	drop(s, n);
	sc->inner = s->ptr;
}

static int close_at(struct scanner *sc, grpo_str *s, size_t n,
		    struct formula *out)
{
	grpo_str inner = slice(sc->inner, s->ptr), after = *s;

	drop(&after, n);
	sc->state = OUTSIDE;
	if (is_blank(inner) || (n == 1 && is_money(inner, after)))
		return 0;
	*s = after;
	*out = (struct formula){sc->start, after.ptr, inner};
	return 1;
}

/* Dollars at the front; returns 1 where they close a formula. */
static int meet_dollar(struct scanner *sc, grpo_str *s, struct formula *out)
{
	int is_double = begins(*s, "$$");

	if (sc->state == IN_PAREN || sc->state == IN_BRACKET ||
	    (sc->state == IN_DOLLARS && !is_double)) {
		drop(s, 1);
		return 0;
	}
	if (sc->state == IN_DOLLARS && close_at(sc, s, 2, out))
		return 1;
	if (sc->state == IN_DOLLAR && close_at(sc, s, 1, out))
		return 1;
	open_at(sc, is_double ? IN_DOLLARS : IN_DOLLAR, s, is_double ? 2 : 1);
	return 0;
}

/* A backslash at the front; the same. */
static int meet_backslash(struct scanner *sc, grpo_str *s, struct formula *out)
{
	if (begins(*s, "\\)") && sc->state == IN_PAREN)
		return close_at(sc, s, 2, out);
	if (begins(*s, "\\]") && sc->state == IN_BRACKET)
		return close_at(sc, s, 2, out);
	if (begins(*s, "\\("))
		open_at(sc, IN_PAREN, s, 2);
	else if (begins(*s, "\\["))
		open_at(sc, IN_BRACKET, s, 2);
	else
		drop(s, s->len > 1 && s->ptr[1] != '\n' ? 2 : 1);
	return 0;
}

static void meet_newline(struct scanner *sc, grpo_str *s)
{
	drop(s, 1);
	if (sc->state == IN_DOLLAR || sc->state == IN_PAREN ||
	    is_blank_line(*s))
		sc->state = OUTSIDE;
}

/* The next one; *s then begins after it. */
static int next_formula(grpo_str *s, struct formula *out)
{
	struct scanner sc = {.state = OUTSIDE};

	while (s->len) {
		char c = s->ptr[0];

		if (c == '$' && meet_dollar(&sc, s, out))
			return 1;
		if (c == '\\' && meet_backslash(&sc, s, out))
			return 1;
		if (c == '\n')
			meet_newline(&sc, s);
		if (c != '$' && c != '\\' && c != '\n')
			drop(s, 1);
	}
	return 0;
}

/* Takes ", and", ";", "or", "\text{ and }"; returns whether there was one. */
static int take_separator(grpo_str *s)
{
	static const char *const marks[] = {",", ";", "\\text", "\\quad", "{",
					    "}", "*", "\"",     NULL};
	int any = 0;

	for (int i = 0; marks[i];) {
		int is_comma = begins(*s, ",") || begins(*s, ";");

		skip_spaces(s);
		any |= is_comma;
		if (take_word(s, "and") || take_word(s, "or"))
			any = 1;
		i = take(s, marks[i]) ? 0 : i + 1;
	}
	skip_spaces(s);
	return any;
}

static int is_joined(const struct formula *a, const struct formula *b)
{
	grpo_str gap = slice(a->end, b->start);

	return gap.len <= MAX_GAP && take_separator(&gap) && gap.len == 0;
}

static void add_formula(struct found *out, const struct formula *f,
			grpo_str text)
{
	out->part[out->n_parts] = f->inner;
	out->after[out->n_parts++] = text_after(text, f->end);
	out->end = f->end;
}

int read_formulas(grpo_str text, struct found *out)
{
	struct formula f, next;
	grpo_str s = text;

	if (!next_formula(&s, &f) || f.start != text.ptr)
		return 0;
	out->source = EXTRACT_MATH;
	out->is_final = 1;
	out->n_parts = 0;
	add_formula(out, &f, text);
	while (out->n_parts < FOUND_MAX_PARTS && next_formula(&s, &next) &&
	       is_joined(&f, &next)) {
		f = next;
		add_formula(out, &f, text);
	}
	return 1;
}

int find_formulas(grpo_str text, struct found *out)
{
	struct formula last[FOUND_MAX_PARTS], f;
	grpo_str s = text;
	int n = 0;

	while (next_formula(&s, &f)) {
		if (n > 0 && !is_joined(&last[n - 1], &f))
			n = 0;
		if (n == FOUND_MAX_PARTS)
			memmove(last, last + 1, (size_t)--n * sizeof *last);
		last[n++] = f;
	}
	if (n == 0)
		return 0;
	out->source = EXTRACT_MATH;
	out->is_final = 1;
	out->n_parts = 0;
	for (int i = 0; i < n; i++)
		add_formula(out, &last[i], text);
	return 1;
}
