/* SPDX-License-Identifier: MIT */
#ifndef GRPO_MATH_UNITS_INTERNAL_H
#define GRPO_MATH_UNITS_INTERNAL_H

/* The table of units. */
#include "units.h"

#define UNIT_FACTORS 4 /* dimensions of one unit */

struct unit_entry {
	const char *name;
	/* In base units: above / below * 10^tens. */
	long above, below;
	int tens;
	struct {
		signed char dimension, power;
	} factor[UNIT_FACTORS]; /* power 0 ends them */
};

/* Symbols, which keep their capitals and take a prefix of one letter: kN. */
extern const struct unit_entry unit_symbols[];
/* Symbols that take none. */
extern const struct unit_entry unit_plain[];
/* Names in lower case and without the s of many; some take a prefix: kilo. */
extern const struct unit_entry unit_names[];

#endif
