/* SPDX-License-Identifier: MIT */
/* Whether two answers are the same set of real numbers. */
#include "region.h"

static int is_inequality(const struct expr *e)
{
	if (e->kind != EXPR_RELATION)
		return 0;
	for (int i = 0; i < e->n - 1; i++)
		if (e->ops[i] >= OP_NE && e->ops[i] <= OP_GE)
			return 1;
	return 0;
}

static int is_interval(const struct expr *e)
{
	return e->kind == EXPR_TUPLE && e->n == 2 &&
	       (e->open == '[' || e->close == ']') && e->open != '<' &&
	       !(e->open == '[' && e->close == ']' &&
		 !region_is_constant(e->kids[0]));
}

static int says_infinity(const struct expr *e)
{
	return e->kind == EXPR_TUPLE && e->n == 2 &&
	       (region_is_infinite(e->kids[0], 1) ||
		region_is_infinite(e->kids[1], 0));
}

int region_is_likely(const struct expr *e)
{
	switch (e->kind) {
	case EXPR_UNION:
	case EXPR_INTERSECTION:
	case EXPR_DIFFERENCE:
	case EXPR_NAMED_SET:
	case EXPR_BUILDER:
		return 1;
	case EXPR_ADD:
		return e->n == 2 && e->kids[0]->kind == EXPR_NAMED_SET;
	case EXPR_RELATION:
		return is_inequality(e) || (e->n == 2 && e->ops[0] == OP_IN &&
					    region_is_likely(e->kids[1]));
	case EXPR_LIST:
		for (int i = 0; i < e->n; i++)
			if (is_inequality(e->kids[i]))
				return 1;
		return 0;
	default:
		return is_interval(e) || says_infinity(e);
	}
}

/* What is bounded, for the comparison of names: x in 2 < x < 3. */
static int bounded_name(const struct expr *e, grpo_str *name)
{
	if (e->kind == EXPR_LIST && e->n)
		return bounded_name(e->kids[0], name);
	return e->kind == EXPR_RELATION && is_inequality(e) &&
	       expr_symbols(e, name, 1) == 1;
}

/* Whether the variable stands alone, so that the inequality is its solution
 * and not the question again. */
static int is_solved(const struct expr *e)
{
	if (e->kind == EXPR_LIST || e->kind == EXPR_BUILDER) {
		for (int i = e->kind == EXPR_BUILDER; i < e->n; i++)
			if (!is_solved(e->kids[i]))
				return 0;
		return 1;
	}
	if (e->kind != EXPR_RELATION)
		return 1;
	for (int i = 0; i < e->n; i++) {
		const struct expr *side = e->kids[i];

		if (side->kind == EXPR_CALL && side->fn == FN_ABS)
			side = side->kids[0];
		if (!region_is_constant(side) && !region_is_atom(side) &&
		    !region_is_likely(side) && side->kind != EXPR_TUPLE)
			return 0;
	}
	return 1;
}

static int may_compare(const struct judge *j, const struct expr *gold,
		       const struct expr *given)
{
	grpo_str a, b;

	if (j->o->names && bounded_name(gold, &a) && bounded_name(given, &b) &&
	    !str_same(a, b))
		return 0;
	if (is_inequality(gold) ||
	    (gold->kind == EXPR_LIST && region_is_likely(gold)))
		return 1;
	if (given->kind == EXPR_RELATION && is_inequality(given) &&
	    !j->o->inequalities)
		return 0;
	return is_solved(given);
}

static int same_bound(struct judge *j, const struct expr *a,
		      const struct expr *b, int has_a, int has_b)
{
	if (!a || !b)
		return !a && !b;
	return has_a == has_b && compare_quantities(j, a, b) == 1;
}

static int same_region(struct judge *j, const struct region *a,
		       const struct region *b)
{
	if (a->n != b->n)
		return 0;
	for (int i = 0; i < a->n; i++) {
		const struct stretch *s = &a->at[i], *t = &b->at[i];

		if (!same_bound(j, s->low, t->low, s->has_low, t->has_low) ||
		    !same_bound(j, s->high, t->high, s->has_high, t->has_high))
			return 0;
	}
	return 1;
}

int compare_regions(struct judge *j, const struct expr *gold,
		    const struct expr *given)
{
	struct region a, b;

	if (region_read(j, gold, &a) || region_tidy(j, &a) ||
	    region_read(j, given, &b) || region_tidy(j, &b))
		return -1;
	if (!may_compare(j, gold, given))
		return 0;
	return same_region(j, &a, &b)
		   ? judge_says(j, "the same set of real numbers")
		   : 0;
}
