/* SPDX-License-Identifier: MIT */
/* Answers in words: \text{odd} is odd, and (C) is C. */
#include <string.h>

#include "compare_internal.h"
#include "../read/claims.h"
#include "../tree/slice.h"

static int is_said(char c) /* as against punctuation */
{
	return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') ||
	       c == '<' || c == '>' || c == '=' || (unsigned char)c >= 0x80;
}

int same_letters(grpo_str a, grpo_str b)
{
	size_t i = 0, k = 0;

	for (;; i++, k++) {
		while (i < a.len && !is_said(a.ptr[i]))
			i++;
		while (k < b.len && !is_said(b.ptr[k]))
			k++;
		if (i == a.len || k == b.len)
			return i == a.len && k == b.len;
		if (lower(a.ptr[i]) != lower(b.ptr[k]))
			return 0;
	}
}

/* Pairs of words that contradict each other, without their endings. */
static const char *const opposites[][2] = {
    {"even", "odd"},
    {"maximum", "minimum"},
    {"north", "south"},
    {"east", "west"},
    {"left", "right"},
    {"upward", "downward"},
    {"above", "below"},
    {"perp", "parallel"},
    {"positive", "negative"},
    {"clockwise", "counterclockwise"},
    {"dollar", "euro"},
    {"C", "F"},
    {"celsius", "fahrenheit"},
    {"Celsius", "Fahrenheit"},
    {"increase", "decrease"},
    {"increasing", "decreasing"},
    {"up", "down"},
    {"profit", "loss"},
    {"gain", "loss"},
    {"max", "min"},
    {"rise", "fall"},
    {"rise", "drop"},
    {"inside", "outside"},
    {"before", "after"},
    {"BC", "AD"},
    {"BCE", "CE"},
    {"forward", "backward"},
    {"inward", "outward"},
    {"credit", "debit"},
    {"true", "false"},
};

/* Whether a word of s is this one, or this one with an s. */
static int says(grpo_str s, const char *word)
{
	size_t len = strlen(word), n;

	for (size_t i = 0; i < s.len; i += n + 1) {
		n = 0;
		while (i + n < s.len && is_letter(s.ptr[i + n]))
			n++;
		if ((n == len || (n == len + 1 && s.ptr[i + len] == 's')) &&
		    memcmp(s.ptr + i, word, len) == 0)
			return 1;
	}
	return 0;
}

int words_are_opposed(grpo_str a, grpo_str b)
{
	for (size_t i = 0; i < sizeof opposites / sizeof *opposites; i++) {
		const char *x = opposites[i][0], *y = opposites[i][1];

		if ((says(a, x) && says(b, y) && !says(a, y) && !says(b, x)) ||
		    (says(a, y) && says(b, x) && !says(a, x) && !says(b, y)))
			return 1;
	}
	return 0;
}

static int letters_of(const struct expr *e, char *out, int n, int max)
{
	if (e->kind == EXPR_TEXT || e->kind == EXPR_SYMBOL) {
		for (size_t i = 0; i < e->name.len; i++) {
			char c = lower(e->name.ptr[i]);

			if (is_said(c) && n < max)
				out[n++] = c;
		}
		return n;
	}
	if (e->kind == EXPR_E || e->kind == EXPR_I) {
		if (n < max)
			out[n++] = e->kind == EXPR_E ? 'e' : 'i';
		return n;
	}
	for (int i = 0; i < e->n && n >= 0; i++)
		n = e->kind == EXPR_MUL ? letters_of(e->kids[i], out, n, max)
					: -1;
	return e->n ? n : -1;
}

/* Whether another letter stands alone behind the first. */
static int names_more(grpo_str s, size_t from)
{
	for (size_t i = from + 1; i < s.len; i++)
		if (s.ptr[i] >= 'A' && s.ptr[i] <= 'H' &&
		    !is_letter(s.ptr[i - 1]) &&
		    (i + 1 == s.len || !is_letter(s.ptr[i + 1])))
			return 1;
	return 0;
}

/* The letter of a choice: C, (C), "C) seven", "C. seven"; 0 where it is none.
 */
static char chosen_letter(const struct expr *e)
{
	grpo_str s = {NULL, 0};
	size_t at;

	if (e->kind == EXPR_TEXT || e->kind == EXPR_SYMBOL)
		s = e->name;
	if (claim_calls_wrong(s))
		return '\0';
	at = s.len && s.ptr[0] == '(';
	if (s.len <= at || s.ptr[at] < 'A' || s.ptr[at] > 'Z')
		return '\0';
	if (s.len == at + 1 && !at)
		return s.ptr[0];
	if (names_more(s, at))
		return '\0';
	return s.len > at + 1 && strchr(at ? ")" : ").:", s.ptr[at + 1])
		   ? s.ptr[at]
		   : '\0';
}

int compare_words(const struct expr *gold, const struct expr *given)
{
	char a[128], b[128];
	int n, m;

	if (gold->kind != EXPR_TEXT && given->kind != EXPR_TEXT)
		return -1;
	if (chosen_letter(gold) && chosen_letter(gold) == chosen_letter(given))
		return 1;
	if (gold->kind == EXPR_TEXT && given->kind == EXPR_TEXT)
		return words_agree(gold->name, given->name);
	n = letters_of(gold, a, 0, sizeof a);
	m = letters_of(given, b, 0, sizeof b);
	return n > 0 && n == m && n < (int)sizeof a &&
	       memcmp(a, b, (size_t)n) == 0;
}
