/* SPDX-License-Identifier: MIT */
/* Several answers: lists, sets, and what ± stands for. */
#include <string.h>

#include "compare_internal.h"

#define MAX_SIGNS 3 /* ± in one answer that are told apart */

int list_is_many(const struct expr *e)
{
	if (e->kind == EXPR_RELATION)
		return list_is_many(e->kids[e->n - 1]);
	return e->kind == EXPR_LIST || e->kind == EXPR_SET ||
	       expr_has(e, EXPR_PM);
}

/* -------------------------------------------------------------------- ± */

static int count_signs(const struct expr *e, int *has_other)
{
	int n = e->kind == EXPR_PM;

	*has_other |= e->kind == EXPR_PM && e->sign == '-';
	for (int i = 0; i < e->n; i++)
		n += count_signs(e->kids[i], has_other);
	return n;
}

static const struct expr *signed_one(struct work *w, const struct expr *e,
				     int is_minus)
{
	const struct expr *last = e->kids[e->n - 1];

	if (is_minus)
		last = expr_1(w, EXPR_NEG, last);
	return e->n == 1 ? last : expr_2(w, EXPR_ADD, e->kids[0], last);
}

/* e with its ± decided: the k-th by bit k of signs, or all by bit 0. */
static const struct expr *decide(struct work *w, const struct expr *e,
				 unsigned signs, int tied, int *k)
{
	const struct expr *kids[COMPARE_MAX_ITEMS], *copy;
	int is_minus = 0;

	if (!expr_has(e, EXPR_PM) || e->n > COMPARE_MAX_ITEMS)
		return e;
	if (e->kind == EXPR_PM) {
		is_minus = (int)(signs >> (tied ? 0 : *k) & 1);
		is_minus ^= e->sign == '-';
		++*k;
	}
	for (int i = 0; i < e->n; i++)
		kids[i] = decide(w, e->kids[i], signs, tied, k);
	copy = expr_with_kids(w, e, kids);
	return copy && e->kind == EXPR_PM ? signed_one(w, copy, is_minus)
					  : copy;
}

/* ----------------------------------------------------------------- items */

static int add_item(struct judge *j, struct item_list *out,
		    const struct expr *e)
{
	if (!e || out->n == COMPARE_MAX_ITEMS) {
		if (e)
			j->w->status = GRPO_REWARD_BUDGET;
		return -1;
	}
	out->at[out->n++] = e;
	return 0;
}

static int add_signs(struct judge *j, const struct expr *e,
		     struct item_list *out)
{
	int tied = 0, n = count_signs(e, &tied);

	tied |= n > MAX_SIGNS;
	for (unsigned signs = 0; signs < (tied ? 2u : 1u << n); signs++) {
		int k = 0;

		if (add_item(j, out, decide(j->w, e, signs, tied, &k)))
			return -1;
	}
	return 0;
}

/* A set of numbers by its letter, upright or not. */
static int is_number_set(const struct expr *e)
{
	if (e->kind == EXPR_SYMBOL)
		return e->name.len == 1 && strchr("NZQRC", e->name.ptr[0]);
	return e->kind == EXPR_NAMED_SET || e->kind == EXPR_INTERSECTION ||
	       e->kind == EXPR_TEXT;
}

/* "k \in \mathbb{Z}" beside an answer says what k is. */
int list_is_qualifier(const struct expr *e)
{
	return e->kind == EXPR_RELATION && e->n == 2 && e->ops[0] == OP_IN &&
	       is_number_set(e->kids[1]);
}

const struct expr *list_family(const struct expr *e)
{
	const struct expr *says = e->kind == EXPR_BUILDER ? e->kids[1] : e;

	if (says == e)
		return e;
	if (list_is_qualifier(says) && !relation_is_equation(e->kids[0]))
		return e->kids[0];
	/* {x | x = 2k + 1, k in Z} */
	return says->kind == EXPR_LIST && says->n == 2 &&
		       list_is_qualifier(says->kids[1]) &&
		       relation_is_equation(says->kids[0]) &&
		       expr_same(says->kids[0]->kids[0], e->kids[0])
		   ? says->kids[0]
		   : e;
}

/* A row of "p = 5, q = 2; p = 7, q = 2": one answer of named parts. */
static int is_record(const struct expr *e)
{
	if (e->kind != EXPR_LIST || e->sign == '|' || e->n < 2)
		return 0;
	for (int i = 0; i < e->n; i++)
		if (!relation_is_equation(e->kids[i]))
			return 0;
	return 1;
}

static const struct expr *tuple_of(struct judge *j, const struct expr *record)
{
	struct expr *t = expr_node(j->w, EXPR_TUPLE, record->n, record->kids);

	if (t) {
		t->open = '(';
		t->close = ')';
	}
	return t;
}

/* The name that an item gives to its value, or none: w of w = 16. */
static grpo_str named_by(const struct expr *e)
{
	grpo_str none = {NULL, 0};

	return e->kind == EXPR_RELATION && e->n == 2 && e->ops[0] == OP_EQ &&
		       e->kids[0]->kind == EXPR_SYMBOL
		   ? e->kids[0]->name
		   : none;
}

/* After how many items the names come again, as in "x = 1, y = 2, x = 3,
 * y = 4"; 0 where they do not. */
static int period(const struct expr *list)
{
	grpo_str first = named_by(list->kids[0]);
	int p = 1;

	while (p < list->n && !str_same(named_by(list->kids[p]), first))
		p++;
	if (!first.len || p < 2 || p == list->n || list->n % p != 0)
		return 0;
	for (int i = 0; i < list->n; i++)
		if (!str_same(named_by(list->kids[i]),
			      named_by(list->kids[i % p])))
			return 0;
	return p;
}

static int collect_rows(struct judge *j, const struct expr *list, int p,
			struct item_list *out)
{
	for (int i = 0; i < list->n; i += p) {
		struct expr row = *list;

		row.kids += i;
		row.n = p;
		if (add_item(j, out, tuple_of(j, &row)))
			return -1;
	}
	return 0;
}

static int collect(struct judge *j, const struct expr *e, int is_inner,
		   struct item_list *out)
{
	if (e->kind == EXPR_LIST && is_inner && is_record(e))
		return add_item(j, out, tuple_of(j, e));
	if (e->kind == EXPR_LIST && e->n && period(e))
		return collect_rows(j, e, period(e), out);
	if (e->kind == EXPR_LIST || e->kind == EXPR_SET) {
		for (int i = 0; i < e->n; i++) {
			if (e->n > 1 && list_is_qualifier(e->kids[i]))
				continue;
			if (collect(j, e->kids[i], e->sign == ';', out))
				return -1;
		}
		return 0;
	}
	if (e->kind == EXPR_RELATION && e->n == 2 && e->ops[0] == OP_IN &&
	    relation_names(e->kids[0]) && list_is_many(e->kids[1]))
		return collect(j, e->kids[1], 0, out);
	if (e->kind == EXPR_RELATION && relation_is_equation(e) &&
	    list_is_many(e->kids[e->n - 1]) && relation_value(j, e))
		return collect(j, relation_value(j, e), 0, out);
	return expr_has(e, EXPR_PM) ? add_signs(j, e, out)
				    : add_item(j, out, e);
}

int list_items(struct judge *j, const struct expr *e, struct item_list *out)
{
	out->n = 0;
	return collect(j, e, 0, out);
}

/* ---------------------------------------------------------------- matching */

/* Each once: 1, 2 and 2.0 are two answers. */
static void drop_repeats(struct judge *j, struct item_list *items)
{
	int n = 0;

	for (int i = 0; i < items->n; i++) {
		int k = 0;

		while (k < n && !expr_same(items->at[k], items->at[i]) &&
		       compare_trees(j, items->at[k], items->at[i]) != 1)
			k++;
		if (k == n)
			items->at[n++] = items->at[i];
	}
	items->n = n;
}

static int match_in_order(struct judge *j, const struct item_list *gold,
			  const struct item_list *given)
{
	for (int i = 0; i < gold->n; i++)
		if (compare_trees(j, gold->at[i], given->at[i]) != 1)
			return 0;
	return 1;
}

/* Takes the first match: if it equals one of two, it equals both. */
static int match_any_order(struct judge *j, const struct item_list *gold,
			   const struct item_list *given)
{
	char taken[COMPARE_MAX_ITEMS] = {0};

	for (int i = 0; i < gold->n; i++) {
		int k = 0;

		while (k < given->n &&
		       (taken[k] ||
			compare_trees(j, gold->at[i], given->at[k]) != 1))
			k++;
		if (k == given->n || j->w->status)
			return 0;
		taken[k] = 1;
	}
	return 1;
}

/* Whether each item names another thing, as in "w = 16, d = 3"; the roots x_1
 * and x_2 are two of a kind. */
static int names_all(const struct item_list *items)
{
	for (int i = 0; i < items->n; i++) {
		grpo_str name = named_by(items->at[i]);

		if (!name.len || memchr(name.ptr, '_', name.len))
			return 0;
		for (int k = 0; k < i; k++)
			if (str_same(name, named_by(items->at[k])))
				return 0;
	}
	return 1;
}

static int names_none(const struct item_list *items)
{
	for (int i = 0; i < items->n; i++)
		if (items->at[i]->kind == EXPR_RELATION)
			return 0;
	return 1;
}

static int match_lists(struct judge *j, const struct item_list *a,
		       const struct item_list *b)
{
	if (match_in_order(j, a, b))
		return judge_says(j, "the same answers");
	if (j->o->ordered || (names_all(a) && names_none(b)) ||
	    (names_all(b) && names_none(a)) || said_in_order(a, b))
		return 0;
	return match_any_order(j, a, b)
		   ? judge_says(j, "the same answers in another order")
		   : 0;
}

int compare_lists(struct judge *j, const struct item_list *gold,
		  const struct item_list *given)
{
	struct item_list a = *gold, b = *given;
	int rc;

	if (a.n != b.n) {
		drop_repeats(j, &a);
		drop_repeats(j, &b);
	}
	if (a.n != b.n || a.n == 0)
		return 0;
	j->words_bind += said_of_all(&a, &b);
	rc = match_lists(j, &a, &b);
	j->words_bind -= said_of_all(&a, &b);
	return rc;
}
