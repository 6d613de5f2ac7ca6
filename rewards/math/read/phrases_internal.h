/* SPDX-License-Identifier: MIT */
#ifndef GRPO_MATH_PHRASES_INTERNAL_H
#define GRPO_MATH_PHRASES_INTERNAL_H

#include "../tree/expr.h"
#include "../tree/slice.h"
#include "numerals.h"
#include "phrases.h"

/* A word, or any other token. */
struct piece {
	const struct token *token;
	grpo_str word;  /* empty for what is no word */
	grpo_str whole; /* with the signs around it */
	uint8_t kind;   /* enum token_kind that it stands for */
	uint8_t is_hyphen;
	uint8_t is_inner; /* the token has more pieces */
};

struct phrases {
	struct work *w;
	const struct piece *at;
	int n;
	struct token *out;
	int n_out, max_out;
	int has_value; /* the item has mathematics already */
};

/* phrases.c: what is written. */
void phrase_put(struct phrases *x, enum token_kind kind, int sub,
		const char *text);
void phrase_put_number(struct phrases *x, long value);
/* The pieces from i to end, with their own phrases. */
void phrase_put_range(struct phrases *x, int i, int end);
/* The same in braces. */
void phrase_put_group(struct phrases *x, int i, int end);

/* The number in words that begins there; n counts pieces. */
void phrase_numeral(const struct phrases *x, int i, struct numeral *out);
void phrase_put_numeral(struct phrases *x, const struct numeral *v);

/* The pieces of a row of words, each between blanks, as in "square root of";
 * 0 where they do not stand there. */
int phrase_at(const struct phrases *x, int i, const char *words);
/* Whether a quantity begins there. */
int phrase_is_value(const struct phrases *x, int i);
/* Whether one has just ended. */
int phrase_after_value(const struct phrases *x);
/* Whether the piece ends an item of the answer. */
int phrase_ends_item(const struct phrases *x, int i);

/* Tokens between two values, or behind one. */
struct operation {
	const char *words;
	uint8_t kind, sub;
	const char *text;
};

/* phrases_rules.c.  The entry of the table whose words stand there, and how
 * many pieces they are; NULL, and 0, for none. */
const struct operation *phrase_find(const struct operation *table,
				    const struct phrases *x, int i, int *n);
/* The end of the operand that begins there; i where there is none. */
int phrase_operand_end(const struct phrases *x, int i);

/* phrases_sets.c: "all real numbers except 4", "… greater than 3". */
int phrase_set_without(struct phrases *x, int i);
int phrase_half_line(struct phrases *x, int i);

/* The pieces that a phrase takes, after it is written; 0 where
 * there is none. */
int phrase_rule(struct phrases *x, int i);

#endif
