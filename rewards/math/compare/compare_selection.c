/* SPDX-License-Identifier: MIT */
/* C(7, 3) is a point; beside a number it is 7 choose 3, and P(7, 3) is 7 6 5.
 */
#include "region.h"

/* A whole number from 0 on, small enough to choose from. */
static int is_count(const struct expr *e)
{
	return e->kind == EXPR_NUMBER && !e->flags && e->digits <= 5 &&
	       fmpz_is_one(fmpq_denref(e->value));
}

static const struct expr *selection(struct judge *j, char letter,
				    const struct expr *at)
{
	const struct expr *chosen = expr_call(j->w, FN_BINOMIAL, 2, at->kids);

	return letter == 'C'
		   ? chosen
		   : expr_2(j->w, EXPR_MUL, chosen,
			    expr_call(j->w, FN_FACTORIAL, 1, &at->kids[1]));
}

int compare_selection(struct judge *j, const struct expr *gold,
		      const struct expr *given)
{
	const struct expr *name, *at;

	if (given->kind != EXPR_RELATION || given->flags != EXPR_AT ||
	    !region_is_constant(gold))
		return -1;
	name = given->kids[0];
	at = given->kids[1];
	if (name->name.len != 1 ||
	    (name->name.ptr[0] != 'C' && name->name.ptr[0] != 'P'))
		return -1;
	if (at->n != 2 || !is_count(at->kids[0]) || !is_count(at->kids[1]) ||
	    fmpq_cmp(at->kids[0]->value, at->kids[1]->value) < 0)
		return -1;
	return compare_quantities(j, gold, selection(j, name->name.ptr[0], at));
}
