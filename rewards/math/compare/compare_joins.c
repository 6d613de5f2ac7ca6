/* SPDX-License-Identifier: MIT */
/* What tells two answers apart before their values are looked at. */
#include <string.h>

#include "compare_internal.h"
#include "../read/claims.h"
#include "../tree/slice.h"

static int are_names(const struct expr *list)
{
	for (int i = 0; i < list->n; i++)
		if (list->kids[i]->kind != EXPR_SYMBOL &&
		    list->kids[i]->kind != EXPR_TEXT)
			return 0;
	return 1;
}

/* x = 1 and y = 2: relations of several things. */
static int are_of_several(const struct expr *list)
{
	int n = 0;

	for (int i = 0; i < list->n; i++) {
		if (list->kids[i]->kind != EXPR_RELATION ||
		    list->kids[i]->kids[0]->kind != EXPR_SYMBOL)
			return 0;
		n += !expr_same(list->kids[i]->kids[0], list->kids[0]->kids[0]);
	}
	return n > 0;
}

/* "p and q" beside "p or q"; of values both say what the answers are. */
int joins_differ(const struct expr *a, const struct expr *b)
{
	return a->kind == EXPR_LIST && b->kind == EXPR_LIST &&
	       ((are_names(a) && are_names(b)) ||
		(are_of_several(a) && are_of_several(b))) &&
	       ((a->sign == '&' && b->sign == '|') ||
		(a->sign == '|' && b->sign == '&'));
}

/* How deep sets stand in sets, which a list of sets may stand for; 0 for what
 * is neither. */
static int nesting(const struct expr *e)
{
	int deepest = 0;

	if (e->kind == EXPR_NAMED_SET)
		return str_same(e->name, (grpo_str){"empty", 5});
	if (e->kind != EXPR_SET && e->kind != EXPR_LIST)
		return 0;
	for (int i = 0; i < e->n; i++) {
		int n = nesting(e->kids[i]);

		deepest = n > deepest ? n : deepest;
	}
	return 1 + deepest;
}

/* {1} and {{1}} */
int nesting_differs(const struct expr *a, const struct expr *b)
{
	int n = nesting(a), m = nesting(b);

	return n && m && n != m && (n > 1 || m > 1) &&
	       (a->kind == EXPR_SET || b->kind == EXPR_SET);
}

/* 3 (mod 5) and 3 (mod 7) */
int moduli_differ(const struct expr *a, const struct expr *b)
{
	return a->kind == EXPR_CALL && b->kind == EXPR_CALL &&
	       a->fn == FN_MOD && b->fn == FN_MOD &&
	       !expr_same(a->kids[1], b->kids[1]);
}

static int is_wind(const struct expr *e)
{
	return e->kind == EXPR_SYMBOL && e->name.len == 1 &&
	       strchr("NESW", e->name.ptr[0]);
}

static int is_bearing(const struct expr *e)
{
	return e->kind == EXPR_MUL && e->n == 3 && is_wind(e->kids[0]) &&
	       e->kids[1]->kind == EXPR_DEGREE && is_wind(e->kids[2]);
}

/* N 30° E and E 30° N */
int bearings_differ(const struct expr *a, const struct expr *b)
{
	return is_bearing(a) && is_bearing(b) &&
	       !(expr_same(a->kids[0], b->kids[0]) &&
		 expr_same(a->kids[2], b->kids[2]));
}

/* A set that is known by its letter, also if that is only a letter. */
static const struct expr *known_set(struct judge *j, const struct expr *e)
{
	return e->kind == EXPR_SYMBOL
		   ? expr_named(j->w, EXPR_NAMED_SET, e->name)
		   : e;
}

/* The set that a letter of e is from, or NULL where e says none. */
static const struct expr *domain_of(struct judge *j, const struct expr *e)
{
	const char *set = NULL;

	if (list_is_qualifier(e))
		return known_set(j, e->kids[1]);
	if (e->kind == EXPR_WHERE && e->kids[1]->kind == EXPR_TEXT)
		set = claim_declared_set(e->kids[1]->name);
	if (set)
		return expr_named(j->w, EXPR_NAMED_SET, str(set));
	if (e->kind == EXPR_WHERE)
		return domain_of(j, e->kids[1]);
	if (e->kind == EXPR_LIST)
		for (int i = 1; i < e->n; i++)
			if (list_is_qualifier(e->kids[i]))
				return known_set(j, e->kids[i]->kids[1]);
	return NULL;
}

/* 5k with k > 3 and k in Z */
static int is_bounded(const struct expr *e)
{
	const struct expr *where = e->n ? e->kids[0] : NULL, *on;

	if (e->kind != EXPR_LIST || !where || where->kind != EXPR_WHERE)
		return 0;
	on = where->kids[1];
	for (int i = 1; on->kind == EXPR_RELATION && i < e->n; i++)
		if (list_is_qualifier(e->kids[i]) &&
		    (expr_same(on->kids[0], e->kids[i]->kids[0]) ||
		     expr_same(on->kids[on->n - 1], e->kids[i]->kids[0])))
			return 1;
	return 0;
}

/* (t, 1 - t) with t in R, or in Z */
int domains_differ(struct judge *j, const struct expr *a, const struct expr *b)
{
	int is_a = a->kind == EXPR_LIST || a->kind == EXPR_WHERE;
	int is_b = b->kind == EXPR_LIST || b->kind == EXPR_WHERE;
	const struct expr *x = is_a && is_b ? domain_of(j, a) : NULL;
	const struct expr *y = x ? domain_of(j, b) : NULL;

	if (!y)
		return 0;
	return is_bounded(a) != is_bounded(b) ||
	       (!expr_same(x, y) && compare_trees(j, x, y) != 1);
}
