/* SPDX-License-Identifier: MIT */
/* Numbers in Chinese signs: 十二, 一百零五, 三万. */
#include "../tree/slice.h"
#include "numerals.h"

#define MAX_SIGNS 16

static const struct sign {
	const char *text;
	long value; /* a digit, or a unit from 10 on */
} signs[] = {
    {"零", 0},     {"〇", 0},     {"一", 1},         {"二", 2},
    {"两", 2},     {"兩", 2},     {"三", 3},         {"四", 4},
    {"五", 5},     {"六", 6},     {"七", 7},         {"八", 8},
    {"九", 9},     {"十", 10},    {"百", 100},       {"千", 1000},
    {"万", 10000}, {"萬", 10000}, {"亿", 100000000}, {"億", 100000000},
};

/* The value of the sign at the front; -1 for another one. */
static long value_at(grpo_str s)
{
	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (begins(s, signs[i].text))
			return signs[i].value;
	return -1;
}

struct count {
	long whole;   /* all that a 万 or 亿 has closed */
	long section; /* of the thousands and less that follow */
	long digit;   /* that waits for its unit; -1: none */
	long last;    /* the last unit, or 0 for 零 or none */
};

/* Returns -1 where the sign cannot follow: 二三, 一百二. */
static int add_digit(struct count *c, long digit)
{
	if (c->digit > 0 || (digit && c->last > 10))
		return -1;
	c->digit = digit;
	c->last = digit ? c->last : 0;
	return 0;
}

/* Returns -1 where no digit stands before: 百. */
static int add_unit(struct count *c, long unit)
{
	long digit = c->digit > 0 ? c->digit : 0;

	if (unit >= 10000) {
		if (!digit && !c->section)
			return -1;
		c->whole = (c->whole + c->section + digit) * unit;
		c->section = 0;
	} else {
		if (!digit && (unit != 10 || c->section || c->whole))
			return -1;
		c->section += (digit ? digit : 1) * unit;
	}
	c->digit = -1;
	c->last = 0;
	return 0;
}

size_t numeral_chinese(grpo_str s, long *value)
{
	struct count c = {.digit = -1};
	size_t n = 0;

	while (n < s.len) {
		long v = value_at((grpo_str){s.ptr + n, s.len - n});

		if (v < 0)
			break;
		if (n >= 3 * MAX_SIGNS || c.whole > 1000000000000 ||
		    (v < 10 ? add_digit(&c, v) : add_unit(&c, v)))
			return 0;
		n += 3;
	}
	*value = c.whole + c.section + (c.digit > 0 ? c.digit : 0);
	return n;
}
