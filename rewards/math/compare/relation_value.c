/* SPDX-License-Identifier: MIT */
/* What an equation names and what it states: x and 5 of "x = 2 + 3 = 5". */
#include <string.h>

#include "region.h"

int relation_is_equation(const struct expr *e)
{
	if (e->kind != EXPR_RELATION)
		return 0;
	for (int i = 0; i < e->n - 1; i++)
		if (e->ops[i] != OP_EQ && e->ops[i] != OP_APPROX &&
		    e->ops[i] != OP_CONGRUENT)
			return 0;
	return 1;
}

/* ------------------------------------------------------------------ labels */

/* Something that names a thing and does not compute it: x, f(x), |AB|, S_1 :
 * S_2. */
static int is_label(const struct expr *e)
{
	switch (e->kind) {
	case EXPR_SYMBOL:
	case EXPR_APPLY:
	case EXPR_TEXT:
	case EXPR_E:
	case EXPR_I:
		return 1;
	case EXPR_TUPLE:
	case EXPR_RATIO:
	case EXPR_UNION:
	case EXPR_INTERSECTION:
	case EXPR_DIV:
	case EXPR_MUL:
	case EXPR_CALL:
	case EXPR_DEGREE:
		for (int i = 0; i < e->n; i++)
			if (!is_label(e->kids[i]))
				return 0;
		return 1;
	default:
		return 0;
	}
}

int relation_names(const struct expr *e)
{
	switch (e->kind) {
	case EXPR_SYMBOL:
	case EXPR_APPLY:
	case EXPR_TEXT:
	case EXPR_E:
	case EXPR_I:
		return 1;
	case EXPR_TUPLE:
		for (int i = 0; i < e->n; i++)
			if (!relation_names(e->kids[i]))
				return 0;
		return 1;
	default: /* |AB| */
		return e->kind == EXPR_CALL && e->fn == FN_ABS &&
		       e->kids[0]->kind == EXPR_MUL &&
		       e->kids[0]->flags == EXPR_RUN;
	}
}

/* d y: the first letter of a derivative's halves. */
static int is_differential(const struct expr *e)
{
	return e->kind == EXPR_MUL && e->kids[0]->kind == EXPR_SYMBOL &&
	       str_same(e->kids[0]->name, (grpo_str){"d", 1});
}

static int shares_a_symbol(const struct expr *label, const struct expr *value)
{
	if (label->kind == EXPR_DIV && is_differential(label->kids[1]))
		return 0;
	if (label->kind == EXPR_SYMBOL)
		return expr_has_symbol(value, label->name);
	if (label->kind == EXPR_APPLY)
		return 0;
	for (int i = 0; i < label->n; i++)
		if (shares_a_symbol(label->kids[i], value))
			return 1;
	return 0;
}

/* A number as it stands, with nothing to compute. */
static int is_plain(const struct expr *e)
{
	if (e->kind == EXPR_NEG)
		e = e->kids[0];
	return e->kind == EXPR_NUMBER;
}

/* Whether a constant is not even within a fiftieth of the other: "2 + 2 = 5",
 * where "1/3 = 0.33" only rounds. */
static int is_far(struct judge *j, const struct expr *a, const struct expr *b)
{
	fmpq_t centre, radius;
	int far = 0;

	fmpq_init(centre);
	fmpq_init(radius);
	if (value_exact(j->w, b, centre) == 0) {
		fmpq_abs(radius, centre);
		fmpz_mul_ui(fmpq_denref(radius), fmpq_denref(radius), 50);
		fmpq_canonicalise(radius);
		far = value_near(j->w, a, centre, radius) == VALUE_DIFFERENT;
	}
	fmpq_clear(centre);
	fmpq_clear(radius);
	return far;
}

/* "x = 2 = 1" gives two values and so none. */
static int has_two_values(struct judge *j, const struct expr *e, int from,
			  int last)
{
	for (int i = from; i <= last; i++)
		if (!is_plain(e->kids[i]))
			return 0;
	for (int i = from; i < last; i++)
		if (value_same(j->w, e->kids[i], e->kids[last]) != VALUE_EQUAL)
			return 1;
	return 0;
}

/* "2 + 2 = 5": nothing is named, so the sides must agree.  What carries a unit
 * may be a step before: "1/2 $ = 10/9". */
static int is_untrue(struct judge *j, const struct expr *e)
{
	for (int i = 0; i < e->n; i++)
		if (e->kids[i]->kind == EXPR_UNIT ||
		    !region_is_constant(e->kids[i]))
			return 0;
	for (int i = 1; i < e->n; i++)
		if (is_far(j, e->kids[i - 1], e->kids[i]) ||
		    is_far(j, e->kids[i], e->kids[i - 1]))
			return 1;
	return 0;
}

/* The last side before an approximation, or the first such. */
static int last_side(const struct expr *e)
{
	int i = 1;

	while (i < e->n - 1 && e->ops[i] != OP_APPROX)
		i++;
	return i;
}

static int find_label(const struct expr *e, int before)
{
	for (int i = 0; i < before; i++)
		if (is_label(e->kids[i]) &&
		    !shares_a_symbol(e->kids[i], e->kids[before]))
			return i;
	return -1;
}

const struct expr *relation_value(struct judge *j, const struct expr *e)
{
	int last = last_side(e), label = find_label(e, last);

	if (label < 0 && !region_is_constant(e->kids[0]))
		return NULL;
	if (label < 0 && !region_is_constant(e->kids[last]))
		return NULL;
	if (has_two_values(j, e, label < 0 ? 0 : label + 1, last) ||
	    (label < 0 && is_untrue(j, e)))
		return NULL;
	return e->kids[last];
}

const struct expr *relation_label(const struct expr *e)
{
	int i = find_label(e, last_side(e));

	return i < 0 ? NULL : e->kids[i];
}
