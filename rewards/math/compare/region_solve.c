/* SPDX-License-Identifier: MIT */
/* Inequalities in one variable, of degree 1 and 2 and with |x|. */
#include "region.h"

int region_is_constant(const struct expr *e)
{
	grpo_str name;

	return expr_symbols(e, &name, 1) == 0 && !expr_has(e, EXPR_APPLY) &&
	       !expr_has(e, EXPR_TEXT);
}

int region_is_infinite(const struct expr *e, int is_negative)
{
	if (is_negative)
		return e->kind == EXPR_NEG && e->kids[0]->kind == EXPR_INFINITY;
	return e->kind == EXPR_INFINITY;
}

/* x op bound */
int region_half_line(int op, const struct expr *bound, struct region *out)
{
	struct stretch below = {NULL, bound, 0, op == OP_LE};
	struct stretch above = {bound, NULL, op == OP_GE, 0};

	out->n = 0;
	switch (op) {
	case OP_LT:
	case OP_LE:
		if (region_is_infinite(bound, 0))
			below.high = NULL;
		return region_add(out, below);
	case OP_GT:
	case OP_GE:
		if (region_is_infinite(bound, 1))
			above.low = NULL;
		return region_add(out, above);
	case OP_NE:
		return region_add(out, below) || region_add(out, above) ? -1
									: 0;
	case OP_EQ:
		return region_add(out, (struct stretch){bound, bound, 1, 1});
	default:
		return -1;
	}
}

/* c0 + c1 x op 0 */
static int solve_linear(struct judge *j, const struct expr *const *c, int op,
			struct region *out)
{
	const struct expr *root =
	    expr_2(j->w, EXPR_DIV, expr_1(j->w, EXPR_NEG, c[0]), c[1]);
	int sign;

	if (!root || value_order(j->w, c[1], expr_integer(j->w, 0), &sign) ||
	    !sign)
		return -1;
	return region_half_line(sign > 0 ? op : relation_flipped(op), root,
				out);
}

/* (-b + sign sqrt(b^2 - 4ac)) / 2a */
static const struct expr *root_of(struct work *w, const struct expr *const *c,
				  const struct expr *discriminant, int sign)
{
	const struct expr *s = expr_call(w, FN_SQRT, 1, &discriminant);
	const struct expr *b = expr_1(w, EXPR_NEG, c[1]);

	if (sign < 0)
		s = expr_1(w, EXPR_NEG, s);
	return expr_2(w, EXPR_DIV, expr_2(w, EXPR_ADD, b, s),
		      expr_2(w, EXPR_MUL, expr_integer(w, 2), c[2]));
}

static const struct expr *discriminant_of(struct work *w,
					  const struct expr *const *c)
{
	const struct expr *four_ac[3] = {expr_integer(w, 4), c[2], c[0]};

	return expr_minus(w, expr_2(w, EXPR_POW, c[1], expr_integer(w, 2)),
			  expr_node(w, EXPR_MUL, 3, four_ac));
}

/* c0 + c1 x + c2 x^2 op 0 */
static int solve_quadratic(struct judge *j, const struct expr *const *c, int op,
			   struct region *out)
{
	const struct expr *d = discriminant_of(j->w, c);
	const struct expr *zero = expr_integer(j->w, 0), *low, *high;
	int sign, has_roots, ends;

	if (!d || !zero || value_order(j->w, c[2], zero, &sign) || !sign ||
	    value_order(j->w, d, zero, &has_roots))
		return -1;
	if (sign < 0)
		op = relation_flipped(op);
	out->n = 0;
	if (has_roots < 0) /* always positive */
		return op == OP_GT || op == OP_GE || op == OP_NE
			   ? region_add(out, (struct stretch){NULL, NULL, 0, 0})
			   : 0;
	low = root_of(j->w, c, d, -sign);
	high = root_of(j->w, c, d, sign);
	if (!low || !high)
		return -1;
	ends = op == OP_GE || op == OP_LE || op == OP_EQ;
	if (op == OP_EQ)
		return region_add(out, (struct stretch){low, low, 1, 1}) ||
			       region_add(out,
					  (struct stretch){high, high, 1, 1})
			   ? -1
			   : region_tidy(j, out);
	if (op == OP_LT || op == OP_LE)
		return region_add(out,
				  (struct stretch){low, high, ends, ends}) ||
			       region_tidy(j, out)
			   ? -1
			   : 0;
	if (region_add(out, (struct stretch){NULL, low, 0, ends}) ||
	    (op == OP_NE &&
	     region_add(out, (struct stretch){low, high, 0, 0})) ||
	    region_add(out, (struct stretch){high, NULL, ends, 0}))
		return -1;
	return region_tidy(j, out);
}

static int solve_polynomial(struct judge *j, const struct expr *difference,
			    int op, struct region *out)
{
	const struct expr *c[3];
	grpo_str name;
	int degree;

	if (!difference || expr_symbols(difference, &name, 1) != 1)
		return -1;
	degree = value_polynomial(j->w, difference, name, c, 2);
	if (degree == 1)
		return solve_linear(j, c, op, out);
	if (degree == 2)
		return solve_quadratic(j, c, op, out);
	return -1;
}

/* What is bounded is one thing, which need not be understood: x, f(x). */
int region_is_atom(const struct expr *e)
{
	return e->kind == EXPR_SYMBOL || e->kind == EXPR_APPLY;
}

/* |u| op r, r being a constant */
static int solve_absolute(struct judge *j, const struct expr *u, int op,
			  const struct expr *r, struct region *out)
{
	const struct expr *negative = expr_1(j->w, EXPR_NEG, r);
	struct region other;

	if (region_solve(j, u, op, r, out) ||
	    region_solve(j, u, relation_flipped(op), negative, &other))
		return -1;
	if (op == OP_LT || op == OP_LE || op == OP_NE)
		return region_intersect(j, out, &other);
	return region_unite(j, out, &other);
}

/* l op r */
int region_solve(struct judge *j, const struct expr *l, int op,
		 const struct expr *r, struct region *out)
{
	if (!l || !r)
		return -1;
	if (region_is_constant(l) && !region_is_constant(r))
		return region_solve(j, r, relation_flipped(op), l, out);
	if (!region_is_constant(r))
		return solve_polynomial(j, expr_minus(j->w, l, r), op, out);
	if (region_is_atom(l))
		return region_half_line(op, r, out);
	if (l->kind == EXPR_CALL && l->fn == FN_ABS)
		return solve_absolute(j, l->kids[0], op, r, out);
	return solve_polynomial(j, expr_minus(j->w, l, r), op, out);
}
