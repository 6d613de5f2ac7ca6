/* SPDX-License-Identifier: MIT */
/* The last formula in plain text: "12", "$1,234.50", "x = 3 + 4i", "2/3". */
#include "cues.h"
#include "places.h"
#include "../tree/slice.h"

/* A run of tokens that may be a formula. */
struct run {
	grpo_str text;      /* in which it stands */
	const char *start;  /* NULL: none */
	const char *end;    /* of the last operand or closing bracket */
	const char *number; /* the last number in it, and its end */
	const char *number_end;
	int depth;      /* of brackets */
	int is_operand; /* the last token was one, or closed a bracket */
};

enum token {
	OTHER,
	NUMBER,
	LETTER, /* one letter, or a sign that stands for an operand */
	OPERATOR,
	SIGN, /* an operator, or before an operand */
	PREFIX,
	POSTFIX,
	OPEN,
	CLOSE
};

static const struct {
	const char *text;
	enum token token;
} signs[] = {
    {"-", SIGN},
    {"+", SIGN},
    {"\xe2\x88\x92", SIGN} /* − */,
    {"\xc2\xb1", SIGN} /* ± */,
    {"=", OPERATOR},
    {"*", OPERATOR},
    {"/", OPERATOR},
    {"^", OPERATOR},
    {"<", OPERATOR},
    {">", OPERATOR},
    {"\xc3\x97", OPERATOR} /* × */,
    {"\xc3\xb7", OPERATOR} /* ÷ */,
    {"\xc2\xb7", OPERATOR} /* · */,
    {"\xe2\x89\x88", OPERATOR} /* ≈ */,
    {"\xe2\x89\xa4", OPERATOR} /* ≤ */,
    {"\xe2\x89\xa5", OPERATOR} /* ≥ */,
    {"(", OPEN},
    {"[", OPEN},
    {")", CLOSE},
    {"]", CLOSE},
    {"$", PREFIX},
    {"\\$", PREFIX},
    {"\xe2\x82\xac", PREFIX} /* € */,
    {"\xc2\xa3", PREFIX} /* £ */,
    {"\xe2\x88\x9a", PREFIX} /* √ */,
    {"\xcf\x80", LETTER} /* π */,
    {"%", POSTFIX},
    {"\\%", POSTFIX},
    {"!", POSTFIX},
    {"\xc2\xb0", POSTFIX} /* ° */,
    {"\xc2\xb2", POSTFIX} /* ² */,
    {"\xc2\xb3", POSTFIX} /* ³ */,
};

static size_t count_digits(grpo_str s)
{
	size_t n = 0;

	while (n < s.len && is_digit(s.ptr[n]))
		n++;
	return n;
}

/* "1,234.5", "1{,}234", "0,5", "1,2,3", "12:30": digits and what may stand
 * between them. */
static size_t number_length(grpo_str s)
{
	static const char *const between[] = {"{,}", ",\\!", ".",
					      ",",   ":",    NULL};
	grpo_str at = s;
	int i = 0;

	drop(&at, count_digits(at));
	while (between[i]) {
		grpo_str rest = at;
		size_t n = take(&rest, between[i]) ? count_digits(rest) : 0;

		drop(&rest, n);
		i = n > 0 ? 0 : i + 1;
		at = n > 0 ? rest : at;
	}
	/* 1e-5 */
	if (at.len && (at.ptr[0] == 'e' || at.ptr[0] == 'E')) {
		grpo_str rest = at;
		size_t n;

		drop(&rest, 1);
		if (!take(&rest, "-"))
			take(&rest, "+");
		n = count_digits(rest);
		if (n > 0)
			drop(&rest, n), at = rest;
	}
	return (size_t)(at.ptr - s.ptr);
}

static enum token next_token(grpo_str s, size_t *len)
{
	size_t n = 0;

	if (is_digit(s.ptr[0]) ||
	    (s.len > 1 && s.ptr[0] == '.' && is_digit(s.ptr[1]))) {
		*len = number_length(s);
		return NUMBER;
	}
	while (n < s.len && is_letter(s.ptr[n]))
		n++;
	*len = n ? n : 1;
	if (n > 0)
		return n == 1 ? LETTER : OTHER;
	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
		if (begins(s, signs[i].text)) {
			*len = strlen(signs[i].text);
			return signs[i].token;
		}
	}
	return OTHER;
}

/* An index or an argument: "x_2", "\\sqrt{2}". */
static int is_inside(const struct run *r)
{
	return (r->start > r->text.ptr && strchr("{_^", r->start[-1])) ||
	       (r->end < slice_end(r->text) && *r->end == '}');
}

static int is_joint(char c)
{
	return c == ' ' || c == '+' || c == '-' || c == '*' || c == '/';
}

/* A piece of TeX that stands in no formula: "2 + \\sqrt{3}", "0 & -1". */
static int is_piece(const struct run *r)
{
	const char *p = r->start;
	grpo_str after = slice(r->end, slice_end(r->text));

	while (p > r->text.ptr && is_joint(p[-1]))
		p--;
	while (after.len && is_joint(after.ptr[0]))
		drop(&after, 1);
	if (begins(after, "\\text") || begins(after, "\\mbox"))
		after.len = 0;
	return (p > r->text.ptr && (p[-1] == '}' || p[-1] == '&')) ||
	       begins(after, "&") ||
	       (after.len > 1 && after.ptr[0] == '\\' &&
		is_letter(after.ptr[1]));
}

/* A run is over: the last one that holds a number is what we look for. */
static void end_run(struct run *r, struct run *best)
{
	if (r->start && r->number && !is_inside(r) &&
	    !cue_denied_before(r->text, r->start)) {
		*best = *r;
		if (r->depth != 0) {
			best->start = r->number;
			best->end = r->number_end;
		}
		if (is_piece(r))
			best->start = NULL;
	}
	*r = (struct run){.text = r->text};
}

static void add_operand(struct run *r, struct run *best, grpo_str s, size_t n,
			int is_spaced)
{
	if (r->start && r->is_operand && is_spaced)
		end_run(r, best);
	if (!r->start)
		r->start = s.ptr;
	r->end = s.ptr + n;
	r->is_operand = 1;
}

static void add_bracket(struct run *r, struct run *best, grpo_str s,
			int is_open, int is_spaced)
{
	if (is_open) {
		if (r->start && r->is_operand && is_spaced)
			end_run(r, best);
		r->start = r->start ? r->start : s.ptr;
		r->depth++;
		r->is_operand = 0;
		return;
	}
	if (!r->start || r->depth == 0) {
		end_run(r, best);
		return;
	}
	r->depth--;
	r->end = s.ptr + 1;
	r->is_operand = 1;
}

/* Whether an operand stands right behind a sign that begins a formula; "- 5"
 * at the front of a line is an item of a list. */
static int may_begin(grpo_str s, size_t n)
{
	size_t len;
	enum token t;

	drop(&s, n);
	if (!s.len)
		return 0;
	t = next_token(s, &len);
	return t == NUMBER || t == LETTER || t == OPEN || t == PREFIX ||
	       t == SIGN;
}

static void add_sign(struct run *r, struct run *best, grpo_str s, size_t n,
		     enum token t, int is_spaced)
{
	int starts = t == PREFIX || t == SIGN;

	if (t == PREFIX && r->is_operand)
		end_run(r, best);
	if (r->start && r->is_operand && t == SIGN && is_spaced &&
	    may_begin(s, n) && r->depth == 0)
		end_run(r, best); /* "is 5 -3" */
	if (!r->start && (!starts || !may_begin(s, n)))
		return;
	r->start = r->start ? r->start : s.ptr;
	r->is_operand = 0;
}

/* "1,000.99m²" is a number and its unit. */
static int is_metres(const struct run *r, grpo_str s)
{
	return r->start && r->start == r->number && r->end == s.ptr &&
	       (begins(s, "m\xc2\xb2") || begins(s, "m\xc2\xb3"));
}

static void add_token(struct run *r, struct run *best, grpo_str s, size_t n,
		      enum token t, int is_spaced)
{
	switch (t) {
	case NUMBER:
		add_operand(r, best, s, n, is_spaced);
		r->number = s.ptr;
		r->number_end = s.ptr + n;
		break;
	case LETTER:
		if (is_metres(r, s))
			end_run(r, best);
		else
			add_operand(r, best, s, n, is_spaced);
		break;
	case OPEN:
	case CLOSE:
		add_bracket(r, best, s, t == OPEN, is_spaced);
		break;
	case POSTFIX:
		if (r->is_operand)
			r->end = s.ptr + n;
		break;
	case OTHER:
		if (s.ptr[0] != ',' || r->depth == 0)
			end_run(r, best);
		r->is_operand = 0;
		break;
	default:
		add_sign(r, best, s, n, t, is_spaced);
	}
}

/* Digits inside a word ("H2O", "AZYUK2A") are no number: past all of it. */
static size_t word_length(grpo_str s)
{
	size_t n = 0;

	if (!is_letter(s.ptr[0]))
		return 0;
	while (n < s.len &&
	       (is_letter(s.ptr[n]) || is_digit(s.ptr[n]) || s.ptr[n] == '_'))
		n++;
	return n > 1 ? n : 0;
}

int find_number(grpo_str text, struct found *out)
{
	struct run r = {.text = text}, best = {.text = text};
	int is_spaced = 1;

	for (grpo_str s = text; s.len;) {
		size_t n = is_spaced || !r.is_operand ? word_length(s) : 0;
		enum token t = n ? OTHER : next_token(s, &n);

		if (is_space(s.ptr[0])) {
			if (s.ptr[0] == '\n')
				end_run(&r, &best);
			is_spaced = 1;
			drop(&s, 1);
			continue;
		}
		add_token(&r, &best, s, n, t, is_spaced);
		is_spaced = 0;
		drop(&s, n);
	}
	end_run(&r, &best);
	if (!best.start)
		return 0;
	found_one(out, EXTRACT_NUMBER, slice(best.start, best.end), text);
	return 1;
}
