/* SPDX-License-Identifier: MIT */
#include "lex_internal.h"

/* Bytes of a mark between groups of three digits, or 0. */
static size_t group_mark(const struct lexer *l, size_t at)
{
	static const char *const sure[] = {",\\!", "{,}",          "{, }",
					   "\\,",  " {, }",        " {,}",
					   "'",    "\xe2\x80\x99", NULL};
	grpo_str rest = {l->s.ptr + at, l->s.len - at};
	size_t n;

	for (int i = 0; sure[i]; i++) {
		if (!begins(rest, sure[i]))
			continue;
		n = strlen(sure[i]);
		while (n < rest.len && rest.ptr[n] == ' ')
			n++;
		return n;
	}
	if (l->commas == LEX_COMMAS_GROUP &&
	    (begins(rest, ",") || begins(rest, " ")))
		return 1;
	return 0;
}

/* Groups after the first `n` digits; returns how far the number goes. */
static size_t take_groups(struct lexer *l, size_t n)
{
	size_t at = n, mark;
	int n_bare = 0, has_zero = 0;

	if (n == 0 || n > 3 || peek(l, 0) == '0')
		return n;
	while ((mark = group_mark(l, at)) &&
	       count_digits(l->s, at + mark) == 3) {
		n_bare += mark == 1;
		has_zero |= peek(l, at + mark) == '0';
		at += mark + 3;
	}
	/* Nobody lists "1, 000". */
	l->out->is_ambiguous |= n_bare && !has_zero;
	return at;
}

/* A comma as the decimal mark, after n digits; returns its bytes. */
static size_t decimal_comma(struct lexer *l, size_t n)
{
	grpo_str rest = {l->s.ptr + n, l->s.len - n};

	if (n == 0)
		return 0;
	if (begins(rest, "{,}"))
		return count_digits(rest, 3) ? 3 : 0;
	if (l->commas != LEX_COMMAS_GROUP || l->n_commas != 1 || l->depth > 0 ||
	    !begins(rest, ",") || !count_digits(rest, 1))
		return 0;
	l->out->is_ambiguous = 1;
	return 1;
}

/* "e-3" after a number: not "3e", nor "3e-2", which may be 3 e - 2. */
static size_t exponent(const struct lexer *l, size_t at, int has_point)
{
	char e = peek(l, at);
	size_t sign = peek(l, at + 1) == '-' || peek(l, at + 1) == '+';
	size_t n = count_digits(l->s, at + 1 + sign);

	if ((e != 'e' && e != 'E') || !n ||
	    is_letter(peek(l, at + 1 + sign + n)))
		return 0;
	if (e == 'e' && sign && n < 2 && !has_point)
		return 0;
	return 1 + sign + n;
}

/* "\\overline{3}" of 0.\overline{3}, "(3)" of 0.(3) */
static int repeats_at(const struct lexer *l, size_t at)
{
	grpo_str rest = {l->s.ptr + at, at < l->s.len ? l->s.len - at : 0};

	size_t n = count_digits(rest, 1);

	if (begins(rest, "(") && n)
		return n + 1 < rest.len && rest.ptr[n + 1] == ')';
	return begins(rest, "\\overline") || begins(rest, "\\dot{");
}

void lex_number(struct lexer *l)
{
	size_t digits = count_digits(l->s, 0), at = take_groups(l, digits);
	size_t mark = 0;
	int sub = 0;

	if (peek(l, at) == '.' &&
	    (is_digit(peek(l, at + 1)) || repeats_at(l, at + 1))) {
		mark = 1;
	} else if (at == digits && (mark = decimal_comma(l, at))) {
		sub = ',';
	}
	if (mark)
		at += mark + count_digits(l->s, at + mark);
	at += exponent(l, at, mark > 0);
	lex_put(l, T_NUMBER, sub, (grpo_str){l->s.ptr, at});
	lex_drop(l, at);
}
