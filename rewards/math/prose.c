/* SPDX-License-Identifier: MIT */
#include "places.h"
#include "slice.h"

/* Words of sentences.  What stands in answers ("and", "or", "all", "no",
 * "none", "for all", "in") or may be letters of a formula ("a", "I") is not
 * among them. */
static const char *const words[] = {
    "about", "after",   "am",    "answer", "are",    "as",        "at",
    "be",    "because", "but",   "by",     "can",    "done",      "final",
    "find",  "from",    "get",   "had",    "has",    "have",      "he",
    "hence", "here",    "how",   "is",     "it",     "its",       "know",
    "let",   "must",    "my",    "not",    "number", "of",        "on",
    "our",   "result",  "she",   "since",  "so",     "solution",  "solutions",
    "sum",   "than",    "that",  "the",    "there",  "therefore", "they",
    "this",  "thus",    "to",    "total",  "value",  "was",       "we",
    "were",  "which",   "would", "you",    NULL};

static int is_listed(grpo_str word)
{
	for (int i = 0; words[i]; i++)
		if (strlen(words[i]) == word.len &&
		    begins_nocase(word, words[i]))
			return 1;
	return 0;
}

/* {pmatrix} behind \begin and \end */
static void skip_name(grpo_str *s, grpo_str command)
{
	grpo_str at = *s;

	if (!str_is(command, "begin") && !str_is(command, "end"))
		return;
	if (!take(&at, "{"))
		return;
	while (at.len && (is_letter(at.ptr[0]) || at.ptr[0] == '*'))
		drop(&at, 1);
	*s = at;
}

/* The next run of letters that is no \command; 0 where there is none.  *s then
 * begins after it. */
static int next_word(grpo_str *s, grpo_str *word)
{
	while (s->len) {
		size_t n = 0;
		int is_command = s->ptr[0] == '\\';

		if (is_command)
			drop(s, 1);
		while (n < s->len && is_letter(s->ptr[n]))
			n++;
		*word = (grpo_str){s->ptr, n};
		drop(s, n > 0 || !s->len ? n : 1);
		if (n > 0 && !is_command)
			return 1;
		if (is_command)
			skip_name(s, *word);
	}
	return 0;
}

int is_prose(grpo_str text)
{
	grpo_str word;

	while (next_word(&text, &word)) {
		/* "Soucis : 2,74": a label */
		grpo_str rest = text;

		skip_spaces(&rest);
		if (word.len > 2 && take(&rest, ":") &&
		    (!rest.len || is_space(rest.ptr[0])))
			return 1;
		if (is_listed(word))
			return 1;
	}
	return 0;
}

grpo_str before_prose(grpo_str text)
{
	grpo_str s = text, word;

	while (next_word(&s, &word))
		if (is_listed(word))
			return slice(text.ptr, word.ptr);
	return text;
}

int count_words(grpo_str text)
{
	grpo_str word;
	int n = 0;

	while (next_word(&text, &word))
		n += word.len >= 2;
	return n;
}

int has_digit(grpo_str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (is_digit(text.ptr[i]))
			return 1;
	return 0;
}
