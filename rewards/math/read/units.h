/* SPDX-License-Identifier: MIT */
#ifndef GRPO_MATH_UNITS_H
#define GRPO_MATH_UNITS_H

/*
 * Units of measure by name: "cm", "square feet", "km/h", "m^2", "kJ".  A word
 * that is not a unit of measure ("apples") has no dimension and is not
 * compared.
 */
#include <flint/fmpq.h>

#include "grpo/reward.h"

/* length, mass, time, money, angle, data, current, amount, energy of one
 * electron */
#define UNIT_DIMENSIONS 9

struct unit {
	int is_known;
	signed char power[UNIT_DIMENSIONS];
	/* How many of the base unit it is: above / below. */
	long above, below;
};

/* Whether this one word is a unit of measure; those of one letter are not. */
int unit_is_known(grpo_str word);

/* Never fails: text that is not understood is an unknown unit. */
void unit_read(struct unit *out, grpo_str text);

/* Whether both measure the same quantity; if so, one a is `factor` times b. */
int unit_factor(const struct unit *a, const struct unit *b, fmpq_t factor);

#endif
