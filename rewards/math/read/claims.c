/* SPDX-License-Identifier: MIT */
#include "claims.h"
#include "../tree/slice.h"

/* Whether the word at s[at] is this one, in any case. */
static int is_at(grpo_str s, size_t at, const char *word)
{
	size_t n = strlen(word);

	return begins_nocase((grpo_str){s.ptr + at, s.len - at}, word) &&
	       (s.len - at == n || !is_letter(s.ptr[at + n]));
}

static int has_word(grpo_str s, const char *const *words)
{
	for (size_t at = 0; at < s.len; at++) {
		if (at > 0 && is_letter(s.ptr[at - 1]))
			continue;
		for (int i = 0; words[i]; i++)
			if (is_at(s, at, words[i]))
				return 1;
	}
	return 0;
}

/* The first of the words that the text begins with, or NULL. */
static const char *first_of(grpo_str s, const char *const *words)
{
	for (int i = 0; words[i]; i++)
		if (is_at(s, 0, words[i]))
			return words[i];
	return NULL;
}

int claim_denies(grpo_str words)
{
	static const char *const acting[] = {
	    "no",      "not",        "never",      "none",
	    "except",  "more",       "less",       "fewer",
	    "greater", "than",       "least",      "most",
	    "over",    "under",      "between",    "otherwise",
	    "minus",   "plus",       "times",      "unless",
	    "but",     "either",     "neither",    "half",
	    "twice",   "double",     "triple",     "root",
	    "wrong",   "incorrect",  "impossible", "different from",
	    "false",   "reciprocal", NULL};

	return has_word(words, acting);
}

/* ------------------------------------------------------------------ labels */

static void drop_words_in_front(grpo_str *s, const char *const *words)
{
	const char *word;

	while ((word = first_of(*s, words))) {
		drop(s, strlen(word));
		while (s->len && !is_letter(s->ptr[0]) &&
		       !((unsigned char)s->ptr[0] & 0x80))
			drop(s, 1);
	}
}

/* The last word, or what stands behind it. */
static grpo_str last_word(grpo_str s)
{
	size_t n = s.len;

	while (n && !is_space(s.ptr[n - 1]))
		n--;
	return (grpo_str){s.ptr + n, s.len - n};
}

static void drop_words_behind(grpo_str *s, const char *const *words)
{
	for (;;) {
		grpo_str last;

		while (s->len && (is_space(s->ptr[s->len - 1]) ||
				  strchr(":.,=-", s->ptr[s->len - 1])))
			s->len--;
		last = last_word(*s);
		if (!last.len || !first_of(last, words))
			return;
		s->len -= last.len;
	}
}

grpo_str claim_label(grpo_str words)
{
	static const char *const front[] = {
	    "the",       "a",       "an",        "so",
	    "thus",      "hence",   "therefore", "we",
	    "get",       "have",    "final",     "answer",
	    "answers",   "result",  "it",        "is",
	    "are",       "that",    "there",     "ans",
	    "correct",   "exactly", "about",     "approximately",
	    "roughly",   "value",   "values",    "solution",
	    "solutions", NULL};
	static const char *const behind[] = {"is",
					     "are",
					     "equals",
					     "equal",
					     "to",
					     "be",
					     "was",
					     "were",
					     "exactly",
					     "about",
					     "approximately",
					     "roughly",
					     "must",
					     "should",
					     "will",
					     "would",
					     "can",
					     "of",
					     NULL};

	words = trim(words);
	drop_words_in_front(&words, front);
	drop_words_behind(&words, behind);
	return words;
}

/* -------------------------------------------------------------- conditions */

const char *claim_condition(grpo_str words)
{
	static const char *const declares[] = {"for", "where", "with", "given",
					       NULL};
	static const char *const cases[] = {"if",       "when",     "whenever",
					    "provided", "assuming", NULL};
	static const char *const reasons[] = {"because", "since", "so", "as",
					      NULL};

	if (first_of(words, declares))
		return CONDITION_FOR;
	if (first_of(words, cases))
		return CONDITION_IF;
	return first_of(words, reasons) ? CONDITION_REASON : NULL;
}

size_t claim_introduction(grpo_str words)
{
	static const char *const front[] = {
	    "for",      "where",    "with",     "given", "if",  "when",
	    "whenever", "provided", "assuming", "all",   "any", "every",
	    "each",     "that",     "some",     NULL};
	grpo_str rest = words;

	drop_words_in_front(&rest, front);
	return words.len - rest.len;
}
