/* SPDX-License-Identifier: MIT */
#ifndef GRPO_MATH_CHOICE_H
#define GRPO_MATH_CHOICE_H

/* Choices by their letters, A to H. */
#include "grpo/reward.h"

int choice_is_letter(char c);

/* The letter of "C) 7", "\textbf{(C)} 7", "C. 7", "Option C", 选C, "C is
 * correct", and the 7 beside it; 0 where there are several or none. */
char choice_of(grpo_str text, grpo_str *content);

#endif
