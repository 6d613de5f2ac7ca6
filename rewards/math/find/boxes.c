/* SPDX-License-Identifier: MIT */
#include "places.h"
#include "../tree/slice.h"

#define MAX_OPEN 32
#define MAX_CLOSED FOUND_MAX_PARTS
#define MAX_BARE 64    /* bytes of \boxed 5 */
#define NEAR 10        /* characters between boxes of one answer */
#define NEAR_ENOUGH 70 /* where a comma, "and" or "or" stands there */
#define MAX_CHAR_BYTES 4

struct box {
	const char *name; /* its \ */
	grpo_str content;
};

/* Rings: the innermost boxes that are open, and the last that were closed and
 * lie in no other. */
struct boxes {
	struct box open[MAX_OPEN];
	size_t depth[MAX_OPEN]; /* of braces, inside the box */
	size_t top, n_open;
	struct box closed[MAX_CLOSED];
	size_t last, n_closed;
	struct box bare; /* the last \boxed 5 */
};

static void push_open(struct boxes *b, const char *name, const char *start,
		      size_t depth)
{
	b->top = (b->top + 1) % MAX_OPEN;
	b->open[b->top] = (struct box){name, {start, 0}};
	b->depth[b->top] = depth;
	b->n_open += b->n_open < MAX_OPEN;
}

static void add_closed(struct boxes *b, struct box box)
{
	if (is_blank(box.content))
		return;
	while (b->n_closed && b->closed[b->last].name > box.name) {
		b->last = (b->last + MAX_CLOSED - 1) % MAX_CLOSED;
		b->n_closed--;
	}
	b->last = (b->last + 1) % MAX_CLOSED;
	b->closed[b->last] = box;
	b->n_closed += b->n_closed < MAX_CLOSED;
}

/* A brace at p closes the depth. */
static void close_open(struct boxes *b, size_t depth, const char *p)
{
	struct box *box = &b->open[b->top];

	if (!b->n_open || b->depth[b->top] != depth)
		return;
	box->content = slice(box->content.ptr, p);
	b->top = (b->top + MAX_OPEN - 1) % MAX_OPEN;
	b->n_open--;
	add_closed(b, *box);
}

/* \boxed 5, \boxed\pi: up to a space or the end of the formula. */
static void note_bare(struct boxes *b, const char *name, grpo_str at)
{
	size_t n = 0;

	if (!at.len || !(is_digit(at.ptr[0]) || strchr("-+.\\", at.ptr[0])))
		return;
	while (n < at.len && n < MAX_BARE && !is_space(at.ptr[n]) &&
	       at.ptr[n] != '$' && at.ptr[n] != '}') {
		grpo_str rest = {at.ptr + n, at.len - n};

		if (begins(rest, "\\)") || begins(rest, "\\]"))
			break;
		n++;
	}
	while (n > 0 && strchr(".,;:", at.ptr[n - 1]))
		n--;
	if (n > 0 && n < MAX_BARE)
		b->bare = (struct box){name, {at.ptr, n}};
}

/* \boxed or \fbox, and no longer name. */
static int take_name(grpo_str *s)
{
	grpo_str at = *s;

	if (!take(&at, "\\boxed") && !take(&at, "\\fbox"))
		return 0;
	if (at.len && is_letter(at.ptr[0]))
		return 0;
	*s = at;
	return 1;
}

/* What a backslash begins; returns the depth. */
static size_t take_command(struct boxes *b, grpo_str *s, size_t depth)
{
	const char *name = s->ptr;
	size_t n;

	if (!take_name(s)) {
		/* An escaped brace, or a line's end "\\\\"; but not the
		 * second half of \\boxed. */
		grpo_str next = *s;

		drop(&next, 1);
		n = next.len && !take_name(&next) ? 2 : 1;
		drop(s, n);
		return depth;
	}
	skip_spaces(s);
	if (!take(s, "{")) {
		note_bare(b, name, *s);
		return depth;
	}
	push_open(b, name, s->ptr, depth + 1);
	return depth + 1;
}

static void scan(struct boxes *b, grpo_str text)
{
	size_t depth = 0;

	if (!text.len || !memchr(text.ptr, '\\', text.len))
		return;
	while (text.len) {
		char c = text.ptr[0];

		if (c == '\\') {
			depth = take_command(b, &text, depth);
			continue;
		}
		if (c == '{')
			depth++;
		if (c == '}')
			close_open(b, depth, text.ptr);
		if (c == '}' && depth > 0)
			depth--;
		drop(&text, 1);
	}
}

/* An open box takes the rest of its line, or of its formula. */
static grpo_str rest_of_box(grpo_str text, const struct box *box)
{
	grpo_str s = slice(box->content.ptr, slice_end(text));

	skip_spaces(&s);
	s = first_line(s);
	for (size_t i = 0; i < s.len; i++) {
		grpo_str rest = {s.ptr + i, s.len - i};

		if (s.ptr[i] == '\\' && i + 1 < s.len && !begins(rest, "\\)") &&
		    !begins(rest, "\\]"))
			i++;
		else if (s.ptr[i] == '$' || s.ptr[i] == '\\')
			s.len = i;
	}
	return trim(s);
}

static size_t count_characters(grpo_str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += ((unsigned char)s.ptr[i] & 0xc0) != 0x80;
	return n;
}

/* Whether it retracts what comes before it: "5 no, 6". */
static int takes_back(grpo_str gap)
{
	static const char *const words[] = {"no",       "not",     "wait",
					    "actually", "sorry",   "oops",
					    "wrong",    "instead", NULL};

	for (grpo_str s = gap; s.len; drop(&s, 1)) {
		grpo_str at = s;

		for (int i = 0; words[i] && is_word_start(gap, s.ptr); i++)
			if (take_word(&at, words[i]))
				return 1;
	}
	return 0;
}

static int has_separator(grpo_str gap)
{
	for (grpo_str s = gap; s.len; drop(&s, 1)) {
		grpo_str at = s;

		if (s.ptr[0] == ',' || s.ptr[0] == ';')
			return 1;
		if (is_word_start(gap, s.ptr) &&
		    (take_word(&at, "and") || take_word(&at, "or")))
			return 1;
	}
	return 0;
}

static int is_same(grpo_str a, grpo_str b)
{
	return a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
}

/* Math-Verify's rule: two boxes belong to one answer where less than 10
 * characters are between them, or less than 70 with a separator. */
static int belong(const struct box *a, const struct box *b)
{
	grpo_str gap = slice(slice_end(a->content) + 1, b->name);
	size_t n;

	if (gap.len >= (size_t)NEAR_ENOUGH * MAX_CHAR_BYTES)
		return 0;
	n = count_characters(gap);
	if (n >= NEAR_ENOUGH || takes_back(gap))
		return 0;
	return n < NEAR ||
	       (has_separator(gap) && !is_same(a->content, b->content));
}

static void add_part(struct found *out, grpo_str text, grpo_str content)
{
	for (int i = 0; i < out->n_parts; i++)
		if (is_same(trim(out->part[i]), trim(content)))
			return;
	out->part[out->n_parts] = content;
	out->after[out->n_parts++] = text_after(text, slice_end(content) + 1);
}

/* The last boxes that belong together, first one first. */
static void put_closed(const struct boxes *b, grpo_str text, struct found *out)
{
	size_t first = b->last;

	for (size_t left = b->n_closed; left > 1; left--) {
		size_t before = (first + MAX_CLOSED - 1) % MAX_CLOSED;

		if (!belong(&b->closed[before], &b->closed[first]))
			break;
		first = before;
	}
	out->n_parts = 0;
	for (size_t i = first;; i = (i + 1) % MAX_CLOSED) {
		add_part(out, text, b->closed[i].content);
		if (i == b->last)
			break;
	}
	out->source = EXTRACT_BOXED;
	out->end = slice_end(b->closed[b->last].content) + 1;
}

int find_boxes(grpo_str text, int only_closed, struct found *out)
{
	struct boxes b = {.n_open = 0};
	grpo_str rest;

	scan(&b, text);
	out->is_final = 1;
	if (b.n_closed &&
	    (only_closed || b.bare.name < b.closed[b.last].name)) {
		put_closed(&b, text, out);
		return 1;
	}
	if (only_closed)
		return 0;
	if (b.bare.name) {
		found_one(out, EXTRACT_BOXED, b.bare.content, text);
		return 1;
	}
	if (!b.n_open)
		return 0;
	rest = rest_of_box(text, &b.open[b.top]);
	if (is_blank(rest))
		return 0;
	found_one(out, EXTRACT_BOXED, rest, text);
	return 1;
}
