/* SPDX-License-Identifier: MIT */
#ifndef GRPO_MATH_PLACES_H
#define GRPO_MATH_PLACES_H

/*
 * The places where an answer can be, for extract.c.  Each returns 1 if it
 * filled *out; otherwise *out is unchanged.
 */
#include "extract.h"

/* boxes.c */

/** The last \boxed{…}, and those before it that belong to the same answer. A
 * box that is not closed counts only where none is, and not where closed. */
int find_boxes(grpo_str text, int only_closed, struct found *out);

/* formulas.c */

/** The formula $…$, \(…\), \[…\] or $$…$$ that begins the text, or the last
 * one in it, and those that a comma, "and" or "or" joins to it. */
int read_formulas(grpo_str text, struct found *out);
int find_formulas(grpo_str text, struct found *out);

/* numbers.c */

/** The last formula in plain text: a number, and what operators join to it. */
int find_number(grpo_str text, struct found *out);

/* anchors.c */

/** The candidates after the last "final answer is" or "answer is", at most 2,
 * in the order to try them; returns their number. */
int find_final_answer(grpo_str text, struct found *out);
int find_answer(grpo_str text, struct found *out);

/* prose.c */

/** Whether there are words in it that no formula has: "the", "is", … */
int is_prose(grpo_str text);

/** Whether it is in the first person: "I do not know". */
int is_talk(grpo_str text);

/** Whether a word stands first that is neither a name nor begins an answer. */
int begins_sentence(grpo_str text);

/** What stands before the first word that is_prose knows. */
grpo_str before_prose(grpo_str text);

/** How many words of two letters or more it has, TeX's commands aside. */
int count_words(grpo_str text);

/** Whether there is a digit in it. */
int has_digit(grpo_str text);

/* extract.c */

void found_one(struct found *out, enum extract_source source, grpo_str part,
	       grpo_str text);

/** What follows `at` on its line, see struct found. */
grpo_str text_after(grpo_str text, const char *at);

/** Whether nothing can be seen in it, TeX's spaces and marks among it. */
int is_blank(grpo_str s);

#endif
