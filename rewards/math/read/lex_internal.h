/* SPDX-License-Identifier: MIT */
#ifndef GRPO_MATH_LEX_INTERNAL_H
#define GRPO_MATH_LEX_INTERNAL_H

/* Internal parts of the lexer: each removes what it reads from the front. */
#include "lex.h"
#include "../tree/slice.h"
#include "words.h"

struct lexer {
	struct work *w;
	grpo_str s; /* what is left */
	struct tokens *out;
	enum lex_commas commas;
	int n_commas;   /* bare ones, in all of the text */
	int depth;      /* of brackets */
	int matrices;   /* that are open */
	int is_doubled; /* "\\frac" stands for "\frac" */
	int is_spaced;  /* before the next token */
	int max;
};

static inline char peek(const struct lexer *l, size_t i)
{
	return i < l->s.len ? l->s.ptr[i] : '\0';
}

static inline void lex_drop(struct lexer *l, size_t n)
{
	drop(&l->s, n);
}

/* The text from there on. */
static inline grpo_str rest_at(const struct lexer *l, size_t at)
{
	return at < l->s.len ? (grpo_str){l->s.ptr + at, l->s.len - at}
			     : (grpo_str){l->s.ptr, 0};
}

static inline size_t count_digits(grpo_str s, size_t from)
{
	size_t n = from;

	while (n < s.len && is_digit(s.ptr[n]))
		n++;
	return n - from;
}

static inline size_t count_letters(grpo_str s, size_t from)
{
	size_t n = from;

	while (n < s.len && is_letter(s.ptr[n]))
		n++;
	return n - from;
}

/* Reads the next token, if white space does not stand first. */
void lex_token(struct lexer *l);
/* The token before, or NULL. */
struct token *lex_last(const struct lexer *l);
void lex_put(struct lexer *l, enum token_kind kind, int sub, grpo_str text);
void lex_put_word(struct lexer *l, const struct word *word, grpo_str name);

/* lex_plain.c: the text with signs of ASCII for those that stand for them; NULL
 * where w->status says why. */
grpo_str lex_plain(struct work *w, grpo_str s);

/* lex_number.c */
void lex_number(struct lexer *l);

/* lex_words.c: letters, and the text of \text{…}. */
void lex_letters(struct lexer *l);
/* Bytes of a word in the letters of ASCII and in Latin ones with marks. */
size_t lex_word_length(grpo_str s);
/* A word in the letters of another language, of n bytes. */
void lex_abroad(struct lexer *l, size_t n);
void lex_letter(struct lexer *l, grpo_str name);
/* Behind \text or its like; set is TEXT_WORDS, … */
void lex_text(struct lexer *l, int set);
/* Bytes of the group that the text begins with; 0 where it is not closed. */
size_t lex_group(grpo_str s, grpo_str *inner);

/* lex_command.c: what a backslash begins. */
void lex_backslash(struct lexer *l);
/* "\f" made of \frac by a careless program; 0 where it is not there. */
int lex_mangled(struct lexer *l);

/* Whether the text is one sign of a relation: >, ≤, ->. */
int lex_is_relation(grpo_str text);

/* lex_signs.c: ASCII and the rest; 0 for what is no sign. */
int lex_sign(struct lexer *l);
void lex_unicode(struct lexer *l);
void lex_bang(struct lexer *l);  /* "!" */
void lex_stars(struct lexer *l); /* "**" */

#endif
