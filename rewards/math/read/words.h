/* SPDX-License-Identifier: MIT */
#ifndef GRPO_MATH_WORDS_H
#define GRPO_MATH_WORDS_H

/* The names that the lexer knows: commands, plain words and Unicode signs. */
#include "grpo/reward.h"

#define WORD_COMMAND 1 /* \name */
#define WORD_PLAIN 2   /* name, or \text{name} */
#define WORD_BOTH 3

enum {
	WORD_DROP = 100, /* leaves no token */
	WORD_TEXT        /* its group is text */
};

struct word {
	const char *name;
	uint8_t where; /* WORD_COMMAND … */
	uint8_t kind;  /* enum token_kind, or WORD_DROP, WORD_TEXT */
	uint8_t sub;
	const char *text; /* of the token, or NULL: its name */
};

/* NULL where it is not known. */
const struct word *word_find(grpo_str name, int where);

/* The sign that the text begins with, and its bytes. */
const struct word *word_sign(grpo_str text, size_t *len);

#endif
