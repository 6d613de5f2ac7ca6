/* SPDX-License-Identifier: MIT */
#ifndef GRPO_MATH_DATES_H
#define GRPO_MATH_DATES_H

#include "grpo/reward.h"

#define DATE_SIZE 24

/** Writes the date that the text is, in one form for all ways of writing it,
 * and returns 1; 0 where it is none: "March 14, 2021", "14 March", "the 14th of
 * March 2021", "2021-03-14". */
int date_read(grpo_str text, char out[DATE_SIZE]);

#endif
