/* SPDX-License-Identifier: MIT */
#ifndef GRPO_MATH_ABROAD_H
#define GRPO_MATH_ABROAD_H

/*
 * Letters and words of other languages: Chinese, Japanese, Korean, Russian,
 * Vietnamese, French, German, Spanish, Portuguese, Italian.
 */
#include "grpo/reward.h"

/* Bytes of the Latin letter with a mark that the text begins with, or 0: é, ö,
 * ệ.  Such a letter is part of a word with those of ASCII. */
size_t abroad_latin(grpo_str s);

/* Bytes of the letters of other scripts that the text begins with. */
size_t abroad_letters(grpo_str s);

/* Whether the text has no signs but letters and those that are harmless beside
 * them: ✗, a line through a letter, or 千 alone are no words. */
int abroad_is_words(grpo_str s);

/* '&' for "and" and '|' for "or" in any of the languages; 0 for other words. */
char abroad_joins(grpo_str word);

/* Bytes of such a word that ends the letters of another script: 个或; 0 where
 * there is none. */
size_t abroad_ends_joining(grpo_str letters);

/* Whether the word says that a name is equal to what follows: 的值为. */
int abroad_equals(grpo_str word);

/* Whether a word denies or bounds the value, or acts on it. */
int abroad_denies(grpo_str words);

#endif
