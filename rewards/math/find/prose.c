/* SPDX-License-Identifier: MIT */
#include "places.h"
#include "../tree/slice.h"

#define MAX_ARGUMENT 256 /* bytes of \text{…} that are looked through */

/* Words of people who speak of themselves and each other. */
static const char *const talk[] = {
    "am", "can", "cannot", "do",    "done", "know",  "let", "must",
    "my", "our", "sorry",  "think", "we",   "would", "you", NULL};

/* Words of sentences.  What stands in answers ("and", "or", "for all", "in") or
 * may be letters of a formula ("a", "I") is not among them. */
static const char *const words[] = {
    "about",   "after", "answer", "are",   "as",        "at",        "be",
    "because", "but",   "by",     "final", "find",      "from",      "get",
    "had",     "has",   "have",   "he",    "hence",     "here",      "how",
    "is",      "it",    "its",    "not",   "number",    "of",        "on",
    "result",  "she",   "since",  "so",    "solution",  "solutions", "sum",
    "than",    "that",  "the",    "there", "therefore", "they",      "this",
    "thus",    "to",    "total",  "value", "was",       "were",      "which",
    NULL};

/* Words that answers begin with. */
static const char *const phrases[] = {
    "all",        "any",      "both",     "decreasing", "either",
    "even",       "every",    "exactly",  "increasing", "infinite",
    "infinitely", "integers", "negative", "no",         "none",
    "odd",        "only",     "positive", "real",       "undefined",
    NULL};

static int is_listed(grpo_str word)
{
	return str_is_in_nocase(word, words) || str_is_in_nocase(word, talk);
}

/* {pmatrix} behind \\begin and \\end; the words in \\text{…}, which are an
 * answer's own. */
static void skip_argument(grpo_str *s, grpo_str command)
{
	static const char *const commands[] = {
	    "begin",  "end",    "text",   "textbf",     "textit",
	    "textrm", "mbox",   "mathrm", "textnormal", "mathbf",
	    "hbox",   "mathit", NULL};
	grpo_str at = head(*s, MAX_ARGUMENT);
	int depth = 1;

	if (!str_is_in_nocase(command, commands) || !take(&at, "{"))
		return;
	for (; at.len && depth > 0; drop(&at, 1))
		depth += (at.ptr[0] == '{') - (at.ptr[0] == '}');
	if (depth == 0)
		drop(s, (size_t)(at.ptr - s->ptr));
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
			skip_argument(s, *word);
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

int is_talk(grpo_str text)
{
	grpo_str word;

	while (next_word(&text, &word))
		if (str_is_in_nocase(word, talk))
			return 1;
	return 0;
}

int begins_sentence(grpo_str text)
{
	grpo_str word;

	return text.len && is_letter(text.ptr[0]) && next_word(&text, &word) &&
	       word.len >= 3 && !str_is_in_nocase(word, phrases);
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
