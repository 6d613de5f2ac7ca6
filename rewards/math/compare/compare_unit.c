/* SPDX-License-Identifier: MIT */
/* Units behind two quantities, and times of day. */
#include "../read/units.h"
#include "../tree/slice.h"
#include "compare_internal.h"

/* ------------------------------------------------------------------- units */

static const struct expr *times(struct judge *j, const struct expr *e,
				const fmpq_t factor)
{
	struct expr *by;

	if (fmpq_is_one(factor))
		return e;
	by = expr_number(j->w);
	if (by)
		fmpq_set(by->value, factor);
	return expr_2(j->w, EXPR_MUL, e, by);
}

/* 20 °C is no 20 coulombs. */
static void read_unit(struct unit *out, grpo_str name, int is_degrees)
{
	if (is_degrees && str_is(name, "C"))
		name = str("celsius");
	if (is_degrees && str_is(name, "F"))
		name = str("fahrenheit");
	unit_read(out, name);
}

/* The words behind two known units: "long", "each", "north". */
static int rests_agree(struct judge *j, grpo_str a, grpo_str b)
{
	if (a.len && b.len)
		return words_agree(a, b);
	if (a.len || b.len)
		judge_leaves_out(j, a.len ? a : b, "words on one side only");
	return 1;
}

int units_agree(struct judge *j, const struct expr *gold_unit,
		const struct expr *given_unit, int is_degrees,
		const struct expr **given)
{
	struct unit a, b;
	fmpq_t factor;
	int fits;

	if (words_are_opposed(gold_unit->name, given_unit->name))
		return 0;
	read_unit(&a, gold_unit->name, is_degrees);
	read_unit(&b, given_unit->name, is_degrees);
	if (!a.is_known || !b.is_known)
		return nouns_agree(j, gold_unit, given_unit);
	fmpq_init(factor);
	fits = unit_factor(&b, &a, factor) && rests_agree(j, a.rest, b.rest);
	if (fits)
		*given = times(j, *given, factor);
	fmpq_clear(factor);
	return fits;
}

/* ------------------------------------------------------------- time of day */

struct daytime {
	int minutes; /* since midnight, or since noon too; -1: no time */
	int seconds; /* of the minute */
	char half;   /* 'a' or 'p', or 0 */
};

/* A whole number as it was printed, in at most two digits; else -1. */
static int two_digits(const struct expr *e)
{
	if (e->kind != EXPR_NUMBER || e->flags || e->digits > 2 ||
	    !fmpz_is_one(fmpq_denref(e->value)) || fmpq_sgn(e->value) < 0)
		return -1;
	return (int)fmpz_get_si(fmpq_numref(e->value));
}

static char half_day(grpo_str words)
{
	if (same_letters(words, str("am")))
		return 'a';
	return same_letters(words, str("pm")) ? 'p' : '\0';
}

static void read_digits(struct daytime *c, const struct expr *e)
{
	int is_ratio = e->kind == EXPR_RATIO && e->n <= 3;
	int hour = two_digits(is_ratio ? e->kids[0] : e);
	int minute = is_ratio ? two_digits(e->kids[1]) : 0;
	int second = is_ratio && e->n == 3 ? two_digits(e->kids[2]) : 0;

	if ((!is_ratio && !c->half) || hour < 0 || hour > 24 || minute < 0 ||
	    minute > 59 || second < 0 || second > 59)
		return;
	if (c->half && (hour < 1 || hour > 12))
		return;
	if (c->half)
		hour = hour % 12 + (c->half == 'p' ? 12 : 0);
	c->minutes = hour * 60 + minute;
	c->seconds = second;
}

static struct daytime daytime_of(const struct expr *e)
{
	struct daytime c = {.minutes = -1};

	if (e->kind == EXPR_UNIT) {
		c.half = half_day(e->name);
		if (c.half)
			read_digits(&c, e->kids[0]);
	} else {
		read_digits(&c, e);
	}
	return c;
}

int compare_clocks(struct judge *j, const struct expr *gold,
		   const struct expr *given)
{
	struct daytime a = daytime_of(gold), b = daytime_of(given);

	if ((!a.half && !b.half) || a.minutes < 0 || b.minutes < 0)
		return -1;
	if (a.seconds != b.seconds)
		return 0;
	if (a.minutes == b.minutes)
		return judge_says(j, "the same time of day");
	/* "4:00" may be in either half of the day. */
	if (a.minutes % 720 != b.minutes % 720 ||
	    (a.half ? b.minutes : a.minutes) >= 13 * 60 || (a.half && b.half))
		return 0;
	return judge_says(j, "the same time of day");
}
