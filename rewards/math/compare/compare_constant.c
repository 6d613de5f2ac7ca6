/* SPDX-License-Identifier: MIT */
/* The constant of an integral takes up any number: x^2 + C is x^2 + 3 + C. */
#include <string.h>

#include "compare_internal.h"

/* C, K, c, C_1 */
static int is_constant(const struct expr *e)
{
	return e->kind == EXPR_SYMBOL && strchr("CKc", e->name.ptr[0]) &&
	       (e->name.len == 1 || e->name.ptr[1] == '_');
}

/* a + b + c: a letter like the others. */
static int is_one_of_several(const struct expr *rest, grpo_str name)
{
	return str_same(name, (grpo_str){"c", 1}) &&
	       (expr_has_symbol(rest, (grpo_str){"a", 1}) ||
		expr_has_symbol(rest, (grpo_str){"b", 1}));
}

/* e without the constant that is added to it; *name is its name.  NULL where
 * there is none, or where it occurs again. */
static const struct expr *without_constant(struct judge *j,
					   const struct expr *e, grpo_str *name)
{
	const struct expr *kids[COMPARE_MAX_ITEMS], *rest;
	int n = 0, found = 0;

	if (e->kind != EXPR_ADD || e->n > COMPARE_MAX_ITEMS)
		return NULL;
	for (int i = 0; i < e->n; i++) {
		const struct expr *term = e->kids[i];

		if (term->kind == EXPR_NEG)
			term = term->kids[0];
		if (is_constant(term)) {
			*name = term->name;
			found++;
		} else {
			kids[n++] = e->kids[i];
		}
	}
	if (found != 1 || !n)
		return NULL;
	rest = n == 1 ? kids[0] : expr_node(j->w, EXPR_ADD, n, kids);
	return rest && !expr_has_symbol(rest, *name) &&
		       !is_one_of_several(rest, *name)
		   ? rest
		   : NULL;
}

/* Whether e is the same wherever it is taken. */
static int is_independent(struct judge *j, const struct expr *e)
{
	grpo_str names[4];
	const struct expr *elsewhere = e;
	int n = expr_symbols(e, names, 4);

	if (n > 4)
		return 0;
	for (int i = 0; i < n && elsewhere; i++) {
		char own[3] = {'\x03', (char)('a' + i), '\0'};
		grpo_str name = work_text(j->w, (grpo_str){own, 2});

		elsewhere = expr_replace(j->w, elsewhere, names[i],
					 expr_named(j->w, EXPR_SYMBOL, name));
	}
	return elsewhere && value_same(j->w, e, elsewhere) == VALUE_EQUAL;
}

int compare_up_to_constant(struct judge *j, const struct expr *gold,
			   const struct expr *given)
{
	grpo_str a_name, b_name, variable;
	const struct expr *a = without_constant(j, gold, &a_name);
	const struct expr *b = a ? without_constant(j, given, &b_name) : NULL;

	if (!b || expr_symbols(a, &variable, 1) < 1 ||
	    expr_symbols(b, &variable, 1) < 1 ||
	    (j->o->names && !str_same(a_name, b_name)))
		return 0;
	return is_independent(j, expr_minus(j->w, a, b))
		   ? judge_says(j, "the same but for the constant's value")
		   : 0;
}
