/* SPDX-License-Identifier: MIT */
/* Signs of ASCII in another coat: the full width of Chinese and Japanese, and
 * those that HTML escapes. */
#include "lex_internal.h"

/* Not longer than what they stand for. */
static const struct {
	const char *escape, *sign;
} escapes[] = {
    {"&lt;", "<"},    {"&gt;", ">"},     {"&le;", "≤"},     {"&leq;", "≤"},
    {"&ge;", "≥"},    {"&geq;", "≥"},    {"&ne;", "≠"},     {"&nbsp;", " "},
    {"&times;", "×"}, {"&divide;", "÷"}, {"&minus;", "-"},  {"&plusmn;", "±"},
    {"&deg;", "°"},   {"&pi;", "π"},     {"&infin;", "∞"},  {"&radic;", "√"},
    {"&#39;", "'"},   {"&quot;", "\""},  {"&amp;lt;", "<"}, {"&amp;gt;", ">"},
};

/* Bytes of an escape; *sign is what it stands for. */
static size_t escape_at(grpo_str s, const char **sign)
{
	for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++) {
		if (begins(s, escapes[i].escape)) {
			*sign = escapes[i].sign;
			return strlen(escapes[i].escape);
		}
	}
	return 0;
}

/* The ASCII of a sign of three bytes, U+FF01 to U+FF5E.  But a comma, a colon
 * and a semicolon of full width never stand within a number, and are signs of
 * their own. */
static char full_width(grpo_str s)
{
	unsigned code = ((unsigned char)s.ptr[1] & 0x3fu) << 6 |
			((unsigned char)s.ptr[2] & 0x3fu);

	if (code < 0xf01 || code > 0xf5e || code == 0xf0c || code == 0xf1a ||
	    code == 0xf1b)
		return '\0';
	return (char)(code - 0xf01 + '!');
}

/* Bytes that are read; *out is what stands for them. */
static size_t plain_at(grpo_str s, char *one, const char **out)
{
	unsigned char c = (unsigned char)s.ptr[0];
	size_t n;

	*out = one;
	if (c == '&' && (n = escape_at(s, out)))
		return n;
	if (c == 0xef && s.len >= 3 && (one[0] = full_width(s)))
		return 3;
	one[0] = s.ptr[0];
	return 1;
}

static int is_plain(grpo_str s)
{
	return !s.len ||
	       (!memchr(s.ptr, '&', s.len) && !memchr(s.ptr, 0xef, s.len));
}

grpo_str lex_plain(struct work *w, grpo_str s)
{
	char one[2] = "", *to;
	grpo_str plain;

	if (is_plain(s))
		return s;
	to = work_alloc(w, s.len);
	plain = (grpo_str){to, 0};
	while (to && s.len) {
		const char *out;

		drop(&s, plain_at(s, one, &out));
		do
			to[plain.len++] = *out++;
		while (out != one + 1 && *out);
	}
	return plain;
}
