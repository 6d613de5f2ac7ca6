/* SPDX-License-Identifier: MIT */
#ifndef GRPO_MATH_SLICE_H
#define GRPO_MATH_SLICE_H

/*
 * Pieces of text.  Nothing here allocates, looks at the locale, or reads past
 * the end.
 */
#include <string.h>

#include "grpo/reward.h"

static inline int is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline int is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline int is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static inline grpo_str str(const char *text)
{
	return (grpo_str){text, strlen(text)};
}

/* From a to b; nothing where b lies before a. */
static inline grpo_str slice(const char *a, const char *b)
{
	return (grpo_str){a, b > a ? (size_t)(b - a) : 0};
}

static inline const char *slice_end(grpo_str s)
{
	return s.len ? s.ptr + s.len : s.ptr;
}

static inline void drop(grpo_str *s, size_t n)
{
	s->ptr += n;
	s->len -= n;
}

/* Byte by byte: mostly the first one settles it. */
static inline int begins(grpo_str s, const char *with)
{
	for (size_t i = 0; with[i]; i++)
		if (i == s.len || s.ptr[i] != with[i])
			return 0;
	return 1;
}

/* The same; `with` is in lower case. */
static inline int begins_nocase(grpo_str s, const char *with)
{
	for (size_t i = 0; with[i]; i++)
		if (i == s.len || lower(s.ptr[i]) != with[i])
			return 0;
	return 1;
}

static inline int str_is(grpo_str s, const char *text)
{
	size_t i = 0;

	while (i < s.len && text[i] && s.ptr[i] == text[i])
		i++;
	return i == s.len && !text[i];
}

/* The same in any case; `text` is in lower case. */
static inline int str_is_nocase(grpo_str s, const char *text)
{
	size_t i = 0;

	while (i < s.len && text[i] && lower(s.ptr[i]) == text[i])
		i++;
	return i == s.len && !text[i];
}

/* Whether it is one of the texts; NULL ends them. */
static inline int str_is_in(grpo_str s, const char *const *texts)
{
	for (; *texts; texts++)
		if (str_is(s, *texts))
			return 1;
	return 0;
}

static inline int str_is_in_nocase(grpo_str s, const char *const *texts)
{
	char first = s.len ? lower(s.ptr[0]) : '\0';

	for (; *texts; texts++)
		if (**texts == first && str_is_nocase(s, *texts))
			return 1;
	return 0;
}

static inline int ends(grpo_str s, const char *with)
{
	size_t n = strlen(with);

	return s.len >= n && memcmp(s.ptr + s.len - n, with, n) == 0;
}

static inline int take(grpo_str *s, const char *what)
{
	if (!begins(*s, what))
		return 0;
	drop(s, strlen(what));
	return 1;
}

/* Whether p, which lies in s, stands where no word goes on. */
static inline int is_word_start(grpo_str s, const char *p)
{
	return p == s.ptr || !(is_letter(p[-1]) || is_digit(p[-1]));
}

/* The word, in any case, at the front and no longer one. */
static inline int take_word(grpo_str *s, const char *word)
{
	size_t n = strlen(word);

	if (!begins_nocase(*s, word) || (s->len > n && is_letter(s->ptr[n])))
		return 0;
	drop(s, n);
	return 1;
}

static inline void skip_spaces(grpo_str *s)
{
	while (s->len && is_space(s->ptr[0]))
		drop(s, 1);
}

static inline grpo_str trim(grpo_str s)
{
	skip_spaces(&s);
	while (s.len && is_space(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

/* Its first n bytes, or all. */
static inline grpo_str head(grpo_str s, size_t n)
{
	return (grpo_str){s.ptr, s.len < n ? s.len : n};
}

/* Up to the end of its first line. */
static inline grpo_str first_line(grpo_str s)
{
	const char *p = s.len ? memchr(s.ptr, '\n', s.len) : NULL;

	return p ? slice(s.ptr, p) : s;
}

#endif
