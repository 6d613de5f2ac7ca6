/* SPDX-License-Identifier: MIT */
#ifndef GRPO_MATH_NUMERALS_H
#define GRPO_MATH_NUMERALS_H

/* Numbers in English words: "one hundred and five", "two thirds", "three and a
 * half", "twenty-first". */
#include "grpo/reward.h"

#define NUMERAL_MAX_WORDS 24

struct numeral {
	long whole;
	long above, below; /* a proper fraction beside it; below 0: none */
	int is_ordinal;    /* "third" */
	int n;             /* words that it takes; 0: there is no number */
};

/* The number that the words begin with. */
void numeral_read(struct numeral *out, const grpo_str *words, int n);

/* Bytes of the number in Chinese signs that the text begins with, 二十三; 0
 * where there is none. */
size_t numeral_chinese(grpo_str s, long *value);

/* What a word behind a number multiplies it by: 12 for dozen, 1000 for
 * thousand; 0 for another word. */
long numeral_multiplier(grpo_str word);

/* What a word behind a number divides it by: 10 for tenths, 3 for thirds; 0 for
 * another word. */
long numeral_divisor(grpo_str word);

#endif
