/* SPDX-License-Identifier: MIT */
/* Numbers and expressions, with percent, degrees, units, and rounding. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare_internal.h"
#include "../read/parse.h"
#include "../read/units.h"

#define MAX_DECIMALS 6 /* of a reference that must all be right, … */
#define MIN_DIGITS 4   /* … and so many of its digits */

/* ------------------------------------------------------------------ marks */

/* A quantity without what it is counted in. */
struct quantity {
	const struct expr *bare;
	int is_percent, is_degrees;
	const struct expr *unit; /* the UNIT, or NULL */
	const struct expr *noun; /* a UNIT around it, or NULL: "$5 profit" */
	const struct expr *base; /* the BASE, or NULL */
};

static int is_mark(const struct expr *e)
{
	return e->kind == EXPR_PERCENT || e->kind == EXPR_DEGREE ||
	       e->kind == EXPR_UNIT;
}

static void take_off(struct quantity *q)
{
	while (is_mark(q->bare)) {
		q->is_percent |= q->bare->kind == EXPR_PERCENT;
		q->is_degrees |= q->bare->kind == EXPR_DEGREE;
		if (q->bare->kind == EXPR_UNIT) {
			q->noun = q->unit;
			q->unit = q->bare;
		}
		q->bare = q->bare->kids[0];
	}
	if (q->bare->kind == EXPR_BASE)
		q->base = q->bare;
}

static void read_quantity(struct judge *j, const struct expr *e,
			  struct quantity *q)
{
	*q = (struct quantity){.bare = e};
	if (e->kind == EXPR_NEG && is_mark(e->kids[0])) {
		q->bare = e->kids[0];
		take_off(q);
		q->bare = expr_1(j->w, EXPR_NEG, q->bare);
		return;
	}
	take_off(q);
}

/* --------------------------------------------------------------- decimals */

/* A number as it was printed, with the power of ten beside it. */
struct decimal {
	const struct expr *number;
	long shift; /* of the point, to the right */
};

/* k of 10^k, or 0 where it is none. */
static long power_of_ten(const struct expr *e)
{
	const struct expr *k;
	int is_negative;

	if (e->kind != EXPR_POW || e->kids[0]->kind != EXPR_NUMBER ||
	    !fmpz_equal_si(fmpq_numref(e->kids[0]->value), 10) ||
	    !fmpz_is_one(fmpq_denref(e->kids[0]->value)))
		return 0;
	k = e->kids[1];
	is_negative = k->kind == EXPR_NEG;
	k = is_negative ? k->kids[0] : k;
	if (k->kind != EXPR_NUMBER || k->flags || k->digits > 4 ||
	    !fmpz_is_one(fmpq_denref(k->value)))
		return 0;
	return (is_negative ? -1 : 1) * fmpz_get_si(fmpq_numref(k->value));
}

static int read_decimal(const struct expr *e, struct decimal *d)
{
	*d = (struct decimal){NULL, 0};
	if (e->kind == EXPR_PERCENT) {
		d->shift = -2;
		e = e->kids[0];
	}
	if (e->kind == EXPR_NEG)
		e = e->kids[0];
	if (e->kind == EXPR_MUL && e->n == 2 && power_of_ten(e->kids[1])) {
		d->shift += power_of_ten(e->kids[1]);
		e = e->kids[0];
	}
	if (e->kind != EXPR_NUMBER || !(e->flags & EXPR_DECIMAL))
		return 0;
	d->number = e;
	return 1;
}

static long decimals(const struct decimal *d)
{
	return d->number->decimals - d->shift;
}

/* Half a unit of the last of n decimals. */
static void last_place(fmpq_t out, long n)
{
	fmpz_t power;

	fmpz_init(power);
	fmpz_set_ui(power, 10);
	fmpz_pow_ui(power, power, (ulong)labs(n));
	fmpq_set_si(out, 1, 2);
	if (n >= 0)
		fmpq_div_fmpz(out, out, power);
	else
		fmpq_mul_fmpz(out, out, power);
	fmpz_clear(power);
}

/* Whether `exact` comes within half a unit of the n-th decimal of `printed`,
 * or goes on with the digits of it if those were cut off. */
static int is_near(struct judge *j, const struct expr *exact,
		   const struct expr *printed, long n, int is_cut)
{
	fmpq_t centre, radius;
	int near = 0;

	fmpq_init(centre);
	fmpq_init(radius);
	if (labs(n) <= 2000 && value_exact(j->w, printed, centre) == 0) {
		last_place(radius, n);
		if (is_cut && fmpq_sgn(centre) < 0)
			fmpq_sub(centre, centre, radius);
		else if (is_cut)
			fmpq_add(centre, centre, radius);
		near = value_near(j->w, exact, centre, radius) == VALUE_EQUAL;
	}
	fmpq_clear(radius);
	fmpq_clear(centre);
	return near;
}

/* ------------------------------------------------------------- rounding */

static int is_rational(struct judge *j, const struct expr *e)
{
	fmpq_t q;
	int is;

	fmpq_init(q);
	is = value_exact(j->w, e, q) == 0;
	fmpq_clear(q);
	return is;
}

/* Whether a reference is fine enough to have been rounded from that: 2.5 may be
 * exact, 0.17 is 1/6. */
static int is_fine(struct judge *j, const struct decimal *d,
		   const struct expr *given)
{
	return d->number->digits > 2 ||
	       (d->number->digits == 2 && decimals(d) >= 2 &&
		is_rational(j, given));
}

/* How many decimals of the reference must be right: all, or of many so many
 * that they hold some digits beside the zeros in front. */
static long wanted_decimals(const struct decimal *d)
{
	long n = decimals(d), least = n - (d->number->digits - MIN_DIGITS);

	if (n <= MAX_DECIMALS || d->number->digits <= MAX_DECIMALS)
		return n;
	return least > MAX_DECIMALS ? least : MAX_DECIMALS;
}

/* The reference is a decimal: what is given must round to it. */
static int rounds_to_gold(struct judge *j, const struct expr *gold,
			  const struct decimal *d, const struct expr *given)
{
	struct decimal other;
	long n = wanted_decimals(d);

	if (!j->o->rounding || !is_fine(j, d, given))
		return 0;
	if (read_decimal(given, &other)) {
		/* If it is a decimal itself, it must have as many digits. */
		if (decimals(&other) < n)
			return 0;
	}
	return is_near(j, given, gold, n, 0)
		   ? judge_says(j, "rounds to the reference's digits")
		   : 0;
}

/* Whether a few decimals say the number exactly. */
static int terminates(struct judge *j, const struct expr *e)
{
	fmpq_t q;
	fmpz_t power;
	int ends;

	fmpq_init(q);
	fmpz_init_set_ui(power, 10000);
	ends = value_exact(j->w, e, q) == 0 &&
	       fmpz_divisible(power, fmpq_denref(q));
	fmpz_clear(power);
	fmpq_clear(q);
	return ends;
}

/* The reference is exact, the given a decimal of enough digits. */
static int rounded_enough(struct judge *j, const struct expr *gold,
			  const struct expr *given, const struct decimal *d)
{
	if (!j->o->digits || terminates(j, gold) ||
	    d->number->digits < j->o->digits + !is_rational(j, gold))
		return 0;
	return is_near(j, gold, given, decimals(d), 0) ||
		       ((d->number->flags & EXPR_TRUNCATED) &&
			is_near(j, gold, given, decimals(d), 1))
		   ? judge_says(j, "a decimal with all digits correct")
		   : 0;
}

static int within_tolerance(struct judge *j, const struct expr *gold,
			    const struct expr *given)
{
	fmpq_t centre, radius, relative;
	int near = 0;

	if (j->o->tolerance <= 0)
		return 0;
	fmpq_init(centre);
	fmpq_init(radius);
	fmpq_init(relative);
	if (value_exact(j->w, given, centre) == 0) {
		fmpq_set_si(relative, (slong)(j->o->tolerance * 1e12),
			    1000000000000UL);
		fmpq_canonicalise(relative);
		fmpq_abs(radius, centre);
		fmpq_mul(radius, radius, relative);
		near = value_near(j->w, gold, centre, radius) == VALUE_EQUAL;
	}
	fmpq_clear(relative);
	fmpq_clear(radius);
	fmpq_clear(centre);
	return near ? judge_says(j, "within the tolerance") : 0;
}

static int compare_rounded(struct judge *j, const struct expr *gold,
			   const struct expr *given)
{
	struct decimal a, b;

	if (read_decimal(gold, &a))
		return rounds_to_gold(j, gold, &a, given);
	if (read_decimal(given, &b))
		return rounded_enough(j, gold, given, &b);
	return 0;
}

/* ------------------------------------------------------------- bare numbers */

static int compare_bare(struct judge *j, const struct expr *gold,
			const struct expr *given)
{
	int order;

	if (!gold || !given)
		return 0;
	if (expr_same(gold, given))
		return judge_says(j, "the same form");
	switch (value_same(j->w, gold, given)) {
	case VALUE_EQUAL:
		return judge_says(j, "the same value");
	case VALUE_UNDECIDED:
		if (value_order(j->w, gold, given, &order) == 0 && order == 0)
			return judge_says(j, "the same value");
		break;
	default:
		break;
	}
	return compare_rounded(j, gold, given) ||
	       within_tolerance(j, gold, given) ||
	       compare_renamed(j, gold, given);
}

/* -------------------------------------------------------- percent, degrees */

static const struct expr *marked(struct judge *j, enum expr_kind kind,
				 const struct expr *e)
{
	return expr_1(j->w, kind, e);
}

static int compare_percent(struct judge *j, const struct quantity *gold,
			   const struct quantity *given)
{
	int taste = j->o->percent;

	if (gold->is_percent && given->is_percent)
		return compare_bare(j, gold->bare, given->bare);
	if (taste != COMPARE_PERCENT_HUNDREDTHS &&
	    compare_bare(j, gold->bare, given->bare))
		return judge_says(j, "the same, with percent as the unit");
	if (taste == COMPARE_PERCENT_UNIT)
		return 0;
	if (gold->is_percent)
		return compare_bare(j, marked(j, EXPR_PERCENT, gold->bare),
				    given->bare);
	return compare_bare(j, gold->bare,
			    marked(j, EXPR_PERCENT, given->bare));
}

static int compare_degrees(struct judge *j, const struct quantity *gold,
			   const struct quantity *given)
{
	int taste = j->o->degrees;

	if (gold->is_degrees && given->is_degrees)
		return compare_bare(j, gold->bare, given->bare);
	if (taste != COMPARE_DEGREES_ANGLE &&
	    compare_bare(j, gold->bare, given->bare))
		return judge_says(j, "the same, with degrees as the unit");
	if (taste == COMPARE_DEGREES_UNIT)
		return 0;
	if (gold->is_degrees)
		return compare_bare(j, marked(j, EXPR_DEGREE, gold->bare),
				    given->bare);
	return compare_bare(j, gold->bare, marked(j, EXPR_DEGREE, given->bare));
}

/* ------------------------------------------------------------------- units */

/* 9.8\text{ m/s} beside the product 9.8 m/s: the unit's letters as factors. */
static const struct expr *unit_as_factors(struct judge *j,
					  const struct expr *unit)
{
	struct tokens tokens;

	if (unit->name.len > 16 ||
	    lex(j->w, unit->name, LEX_COMMAS_LIST, &tokens))
		return NULL;
	return expr_2(j->w, EXPR_MUL, unit->kids[0],
		      parse_answer(j->w, &tokens));
}

/* 1 where the units allow a comparison; *bare is the given in the reference's
 * unit. */
static int convert(struct judge *j, const struct quantity *gold,
		   const struct quantity *given, const struct expr **bare)
{
	*bare = given->bare;
	if ((gold->noun || given->noun) &&
	    !nouns_agree(j, gold->noun, given->noun))
		return 0;
	if (j->o->units == COMPARE_UNITS_IGNORED)
		return 1;
	if (!gold->unit)
		return !given->unit || nouns_agree(j, NULL, given->unit);
	if (!given->unit)
		return j->o->units != COMPARE_UNITS_REQUIRED &&
		       nouns_agree(j, gold->unit, NULL);
	return units_agree(j, gold->unit, given->unit, gold->is_degrees, bare);
}

/* Whether both have a unit and the units differ: 40 minutes and 40 degrees, 80
 * cents and 80 percent. */
static int marks_clash(const struct quantity *a, const struct quantity *b)
{
	int a_says = a->is_percent || a->is_degrees || a->unit;
	int b_says = b->is_percent || b->is_degrees || b->unit;

	return a_says && b_says &&
	       (a->is_percent != b->is_percent ||
		a->is_degrees != b->is_degrees);
}

static int compare_bases(struct judge *j, const struct quantity *gold,
			 const struct quantity *given)
{
	if (!gold->base == !given->base)
		return 0;
	/* Digits without the base that was asked for. */
	return expr_same(gold->base ? gold->base->kids[0] : gold->bare,
			 given->base ? given->base->kids[0] : given->bare) &&
		       gold->base
		   ? judge_says(j, "the same digits, without the base")
		   : 0;
}

static int has_letters(const struct expr *e)
{
	grpo_str name;

	return expr_symbols(e, &name, 1) > 0;
}

static int measures(const struct expr *unit)
{
	struct unit u;

	unit_read(&u, unit->name);
	return u.is_known;
}

/* 2000 m, beside a reference in km: its last letter is a unit. */
static void letter_as_unit(struct judge *j, struct quantity *q)
{
	const struct expr *last = q->bare->kids[q->bare->n - 1], *rest;
	struct expr *unit;

	if (last->kind != EXPR_SYMBOL || !measures(last))
		return;
	rest = q->bare->n == 2
		   ? q->bare->kids[0]
		   : expr_node(j->w, EXPR_MUL, q->bare->n - 1, q->bare->kids);
	unit = expr_node(j->w, EXPR_UNIT, 1, &rest);
	if (!unit)
		return;
	unit->name = last->name;
	q->unit = unit;
	q->bare = rest;
}

int compare_quantities(struct judge *j, const struct expr *gold,
		       const struct expr *given)
{
	struct quantity a, b;

	read_quantity(j, gold, &a);
	read_quantity(j, given, &b);
	if (!a.bare || !b.bare)
		return 0;
	if (a.unit && !b.unit && has_letters(given) &&
	    compare_bare(j, unit_as_factors(j, a.unit), given))
		return 1;
	if (b.unit && !a.unit && has_letters(gold) &&
	    compare_bare(j, gold, unit_as_factors(j, b.unit)))
		return 1;
	if (a.unit && !b.unit && b.bare->kind == EXPR_MUL && measures(a.unit))
		letter_as_unit(j, &b);
	if (b.unit && !a.unit && a.bare->kind == EXPR_MUL && measures(b.unit))
		letter_as_unit(j, &a);
	if (marks_clash(&a, &b) || !convert(j, &a, &b, &b.bare) || !b.bare)
		return 0;
	if (a.is_percent || b.is_percent)
		return compare_percent(j, &a, &b);
	if (a.is_degrees || b.is_degrees)
		return compare_degrees(j, &a, &b);
	return compare_bare(j, a.bare, b.bare) || compare_bases(j, &a, &b);
}
