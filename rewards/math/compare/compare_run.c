/* SPDX-License-Identifier: MIT */
/* Letters run together, such as ABD or DBECA or ①③: their order counts. */
#include "../tree/slice.h"
#include "compare_internal.h"

/* A capital or a circled number, also as text. */
static int is_letter_of_run(const struct expr *e)
{
	if (e->kind != EXPR_SYMBOL && e->kind != EXPR_TEXT)
		return 0;
	return e->name.len == 1
		   ? e->name.ptr[0] >= 'A' && e->name.ptr[0] <= 'Z'
		   : e->name.len == 3 && begins(e->name, "\xe2\x91");
}

static int is_run(const struct expr *e)
{
	return e->kind == EXPR_MUL && e->flags == EXPR_RUN;
}

static int is_list_of_letters(const struct expr *e)
{
	if (e->kind != EXPR_LIST && e->kind != EXPR_SET &&
	    e->kind != EXPR_TUPLE)
		return 0;
	for (int i = 0; i < e->n; i++)
		if (!is_letter_of_run(e->kids[i]))
			return 0;
	return e->n > 1;
}

int compare_runs(struct judge *j, const struct expr *gold,
		 const struct expr *given)
{
	if (j->in_formula || (!is_run(gold) && !is_run(given)))
		return -1;
	if (!is_run(gold) && !is_list_of_letters(gold))
		return -1;
	if (!is_run(given) && !is_list_of_letters(given))
		return -1;
	if (gold->n != given->n)
		return 0;
	if (gold->n == 2 && is_run(gold) && is_run(given))
		return -1; /* AB is BA, a length or a product */
	for (int i = 0; i < gold->n; i++)
		if (!str_same(gold->kids[i]->name, given->kids[i]->name))
			return 0;
	return judge_says(j, "the same letters in the same order");
}

/* △ABC ∼ △DEF, whose corners go together one by one. */
static int is_correspondence(const struct expr *e)
{
	return e->kind == EXPR_RELATION && e->n == 2 &&
	       (e->ops[0] == OP_SIMILAR || e->ops[0] == OP_CONGRUENT) &&
	       is_run(e->kids[0]) && is_run(e->kids[1]) &&
	       e->kids[0]->n == e->kids[1]->n;
}

/* Whether each corner of a goes together with the same one in both. */
static int same_pairs(const struct expr *a, const struct expr *b,
		      const struct expr *c, const struct expr *d)
{
	for (int i = 0; i < a->n; i++) {
		int k = 0;

		while (k < c->n && !expr_same(a->kids[i], c->kids[k]))
			k++;
		if (k == c->n || !expr_same(b->kids[i], d->kids[k]))
			return 0;
	}
	return a->n == c->n;
}

int compare_correspondences(struct judge *j, const struct expr *gold,
			    const struct expr *given)
{
	const struct expr *const *a = gold->kids, *const *b = given->kids;

	if (!is_correspondence(gold) || !is_correspondence(given))
		return -1;
	if (gold->ops[0] != given->ops[0])
		return 0;
	return same_pairs(a[0], a[1], b[0], b[1]) ||
		       same_pairs(a[0], a[1], b[1], b[0])
		   ? judge_says(j, "the same corners together")
		   : 0;
}
