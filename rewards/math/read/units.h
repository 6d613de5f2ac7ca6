/* SPDX-License-Identifier: MIT */
#ifndef GRPO_MATH_UNITS_H
#define GRPO_MATH_UNITS_H

/*
 * Units of measure by name: "cm", "square feet", "km/h", "m^2", "kJ", "J/(kg
 * K)", "miles per hour".  Prefixes and powers multiply; temperatures in Celsius
 * and Fahrenheit, currencies and calendar months are dimensions of their own,
 * because none has a fixed size in another.
 *
 * Factors: SI Brochure, 9th edition; NIST Special Publication 811, appendix B.
 */
#include <flint/fmpq.h>

#include "grpo/reward.h"

enum unit_dimension {
	UNIT_LENGTH, /* metre */
	UNIT_MASS,   /* gram */
	UNIT_TIME,   /* second */
	UNIT_CURRENT,
	UNIT_KELVIN,
	UNIT_AMOUNT,
	UNIT_CANDELA,
	UNIT_DEGREE, /* of an angle */
	UNIT_RADIAN,
	UNIT_TURN,
	UNIT_BIT,
	UNIT_MONTH,
	UNIT_CELSIUS,
	UNIT_FAHRENHEIT,
	UNIT_CENT, /* of a dollar */
	UNIT_EURO,
	UNIT_STERLING,
	UNIT_YEN,
	UNIT_YUAN,
	UNIT_RUPEE,
	UNIT_WON,
	UNIT_ROUBLE,
	UNIT_DONG,
	UNIT_PESO,
	UNIT_DIMENSIONS
};

struct unit {
	int is_known;
	signed char power[UNIT_DIMENSIONS];
	/* Its size in base units: above / below * 10^tens. */
	long above, below;
	int tens;
	/* The words behind it that are no unit: "long" of "cm long". */
	grpo_str rest;
};

/** Whether this word of two letters or more is a unit even where it could be
 * a product of letters: "km", "USD", and not "ab". */
int unit_is_known(grpo_str word);

/** Whether it is one but for its capitals: "KG". */
int unit_is_careless(grpo_str word);

/** Whether this stands in front of an amount of money: "Rs", "USD". */
int unit_is_currency(grpo_str word);

/** Never fails: text that does not begin with a unit is not known. */
void unit_read(struct unit *out, grpo_str text);

/** Whether both measure the same quantity; if so, one a is `factor` times b. */
int unit_factor(const struct unit *a, const struct unit *b, fmpq_t factor);

/** Whether one is a part of the other: minutes of hours, cm of m. */
int unit_is_smaller(grpo_str part, grpo_str whole);

#endif
