/* SPDX-License-Identifier: MIT */
/* Functions in pieces: {x where x >= 0, -x where x < 0} is |x|. */
#include "../tree/slice.h"
#include "region.h"

#define MAX_PIECES 8

struct piece {
	const struct expr *value;
	struct region where;
};

struct pieces {
	struct piece at[MAX_PIECES];
	int n;
	grpo_str variable;
};

static int is_case(const struct expr *e)
{
	return e->kind == EXPR_FORM && e->n == 2 && str_is(e->name, "case");
}

static int is_in_pieces(const struct expr *e)
{
	if (e->kind != EXPR_LIST)
		return 0;
	for (int i = 0; i < e->n; i++)
		if (!is_case(e->kids[i]))
			return 0;
	return 1;
}

/* The variable of the conditions; 0 where they have none or several. */
static int find_variable(const struct expr *e, grpo_str *name)
{
	grpo_str other;

	name->len = 0;
	for (int i = 0; i < e->n; i++) {
		const struct expr *says = e->kids[i]->kids[1];

		if (says->kind == EXPR_TEXT)
			continue;
		if (expr_symbols(says, &other, 1) != 1 ||
		    (name->len && !str_same(*name, other)))
			return 0;
		*name = other;
	}
	return name->len > 0;
}

static int is_otherwise(const struct expr *e)
{
	return e->kind == EXPR_TEXT && (begins_nocase(e->name, "otherwise") ||
					begins_nocase(e->name, "else"));
}

/* Returns 0, or -1 where the conditions are not understood. */
static int read_pieces(struct judge *j, const struct expr *e,
		       struct pieces *out)
{
	struct region known = {.n = 0};

	out->n = 0;
	if (e->n > MAX_PIECES || !find_variable(e, &out->variable))
		return -1;
	for (int i = 0; i < e->n; i++) {
		struct piece *p = &out->at[out->n++];
		const struct expr *says = e->kids[i]->kids[1];

		p->value = e->kids[i]->kids[0];
		if (is_otherwise(says)) {
			p->where = known;
			if (region_complement(j, &p->where))
				return -1;
		} else if (region_read(j, says, &p->where) ||
			   region_tidy(j, &p->where)) {
			return -1;
		}
		if (region_unite(j, &known, &p->where))
			return -1;
	}
	return 0;
}

/* All numbers of the stretch, as an expression in the variable, which is any
 * number: low + x^2, and between two ends low + (high - low) / (1 + x^2). */
static const struct expr *through(struct judge *j, const struct stretch *s,
				  grpo_str variable)
{
	struct work *w = j->w;
	const struct expr *x = expr_named(w, EXPR_SYMBOL, variable);
	const struct expr *square = expr_2(w, EXPR_POW, x, expr_integer(w, 2));

	if (s->low && s->high)
		return expr_2(
		    w, EXPR_ADD, s->low,
		    expr_2(w, EXPR_DIV, expr_minus(w, s->high, s->low),
			   expr_2(w, EXPR_ADD, expr_integer(w, 1), square)));
	if (s->low)
		return expr_2(w, EXPR_ADD, s->low, square);
	return s->high ? expr_minus(w, s->high, square) : x;
}

static int same_at(struct judge *j, const struct expr *a, const struct expr *b,
		   grpo_str variable, const struct expr *x)
{
	const struct expr *left, *right;

	if (!x)
		return 0;
	left = expr_replace(j->w, a, variable, x);
	right = expr_replace(j->w, b, variable, x);
	return left && right && value_same(j->w, left, right) == VALUE_EQUAL;
}

/* Whether a and b are the same on the stretch, its ends included. */
static int same_on(struct judge *j, const struct expr *a, const struct expr *b,
		   const struct stretch *s, grpo_str variable)
{
	int order = -1;

	if (s->low && s->high && value_order(j->w, s->low, s->high, &order))
		return 0;
	if (s->has_low && s->low && !same_at(j, a, b, variable, s->low))
		return 0;
	if (s->has_high && s->high && !same_at(j, a, b, variable, s->high))
		return 0;
	return order == 0 ||
	       same_at(j, a, b, variable, through(j, s, variable));
}

static int same_where_both(struct judge *j, const struct piece *a,
			   const struct piece *b, grpo_str variable)
{
	struct region both = a->where;

	if (region_intersect(j, &both, &b->where))
		return 0;
	for (int i = 0; i < both.n; i++)
		if (!same_on(j, a->value, b->value, &both.at[i], variable))
			return 0;
	return 1;
}

/* All places where one of the pieces holds. */
static int covered(struct judge *j, const struct pieces *p, struct region *out)
{
	out->n = 0;
	for (int i = 0; i < p->n; i++)
		if (region_unite(j, out, &p->at[i].where))
			return -1;
	return region_tidy(j, out);
}

static int same_cover(struct judge *j, const struct pieces *a,
		      const struct pieces *b)
{
	struct region x, y, rest;

	if (covered(j, a, &x) || covered(j, b, &y))
		return 0;
	rest = y;
	if (region_complement(j, &rest) || region_intersect(j, &rest, &x) ||
	    rest.n || region_complement(j, &x) || region_intersect(j, &x, &y))
		return 0;
	return x.n == 0;
}

/* A formula without cases holds everywhere. */
static void read_formula(const struct expr *e, grpo_str variable,
			 struct pieces *out)
{
	out->n = 1;
	out->variable = variable;
	out->at[0].value = e;
	out->at[0].where = (struct region){.at = {{NULL, NULL, 0, 0}}, .n = 1};
}

static int is_formula(const struct expr *e)
{
	return e->kind != EXPR_LIST && e->kind != EXPR_SET &&
	       e->kind != EXPR_TUPLE && e->kind != EXPR_RELATION &&
	       e->kind != EXPR_TEXT;
}

static int read_side(struct judge *j, const struct expr *e, struct pieces *out)
{
	if (is_in_pieces(e))
		return read_pieces(j, e, out);
	out->n = 0;
	return is_formula(e) ? 0 : -1;
}

int compare_pieces(struct judge *j, const struct expr *gold,
		   const struct expr *given)
{
	struct pieces a, b;

	if (!is_in_pieces(gold) && !is_in_pieces(given))
		return -1;
	if (read_side(j, gold, &a) || read_side(j, given, &b))
		return -1;
	if (!a.n)
		read_formula(gold, b.variable, &a);
	if (!b.n)
		read_formula(given, a.variable, &b);
	if (!str_same(a.variable, b.variable) || !same_cover(j, &a, &b))
		return 0;
	for (int i = 0; i < a.n; i++)
		for (int k = 0; k < b.n; k++)
			if (!same_where_both(j, &a.at[i], &b.at[k], a.variable))
				return 0;
	return judge_says(j, "the same function, piece by piece");
}
