/* SPDX-License-Identifier: MIT */
/*
 * Sets of real numbers: intervals, their unions, and what inequalities in one
 * variable say.  A region is a list of stretches in rising order that do not
 * touch.
 */
#include <string.h>

#include "compare_internal.h"

#define MAX_STRETCHES 32

struct stretch {
	const struct expr *low, *high; /* NULL: no bound */
	int has_low, has_high;         /* whether the bound belongs to it */
};

struct region {
	struct stretch at[MAX_STRETCHES];
	int n;
};

/* All of these return 0, or -1 where that is no region. */

static int order(struct judge *j, const struct expr *a, const struct expr *b,
		 int *out)
{
	return value_order(j->w, a, b, out);
}

static int add(struct region *r, struct stretch s)
{
	if (r->n == MAX_STRETCHES)
		return -1;
	r->at[r->n++] = s;
	return 0;
}

/* ------------------------------------------------------------------ bounds */

/* Which of two lower bounds is further left; NULL is the leftmost. */
static int order_lows(struct judge *j, const struct stretch *a,
		      const struct stretch *b, int *out)
{
	if (!a->low || !b->low) {
		*out = !a->low && !b->low ? 0 : a->low ? 1 : -1;
		return 0;
	}
	if (order(j, a->low, b->low, out))
		return -1;
	if (*out == 0)
		*out = b->has_low - a->has_low;
	return 0;
}

static int order_highs(struct judge *j, const struct stretch *a,
		       const struct stretch *b, int *out)
{
	if (!a->high || !b->high) {
		*out = !a->high && !b->high ? 0 : a->high ? -1 : 1;
		return 0;
	}
	if (order(j, a->high, b->high, out))
		return -1;
	if (*out == 0)
		*out = a->has_high - b->has_high;
	return 0;
}

/* Whether b, which does not begin before a, leaves a gap behind it. */
static int leaves_gap(struct judge *j, const struct stretch *a,
		      const struct stretch *b, int *gap)
{
	int o;

	*gap = 0;
	if (!a->high || !b->low)
		return 0;
	if (order(j, a->high, b->low, &o))
		return -1;
	*gap = o < 0 || (o == 0 && !a->has_high && !b->has_low);
	return 0;
}

static int is_empty(struct judge *j, const struct stretch *s, int *empty)
{
	int o;

	*empty = 0;
	if (!s->low || !s->high)
		return 0;
	if (order(j, s->low, s->high, &o))
		return -1;
	*empty = o > 0 || (o == 0 && !(s->has_low && s->has_high));
	return 0;
}

/* ------------------------------------------------------------- set algebra */

static int sort(struct judge *j, struct region *r)
{
	for (int i = 1; i < r->n; i++) {
		for (int k = i; k > 0; k--) {
			struct stretch swap = r->at[k];
			int o;

			if (order_lows(j, &r->at[k - 1], &r->at[k], &o))
				return -1;
			if (o <= 0)
				break;
			r->at[k] = r->at[k - 1];
			r->at[k - 1] = swap;
		}
	}
	return 0;
}

/* Sorts, drops what is empty, and joins what touches. */
static int tidy(struct judge *j, struct region *r)
{
	int n = 0, empty, gap, o;

	for (int i = 0; i < r->n; i++) {
		if (is_empty(j, &r->at[i], &empty))
			return -1;
		if (!empty)
			r->at[n++] = r->at[i];
	}
	r->n = n;
	if (sort(j, r))
		return -1;
	n = 0;
	for (int i = 0; i < r->n; i++) {
		struct stretch *last = n ? &r->at[n - 1] : NULL;

		if (last && leaves_gap(j, last, &r->at[i], &gap))
			return -1;
		if (!last || gap) {
			r->at[n++] = r->at[i];
			continue;
		}
		if (order_highs(j, last, &r->at[i], &o))
			return -1;
		if (o < 0) {
			last->high = r->at[i].high;
			last->has_high = r->at[i].has_high;
		}
	}
	r->n = n;
	return 0;
}

static int unite(struct judge *j, struct region *r, const struct region *with)
{
	for (int i = 0; i < with->n; i++)
		if (add(r, with->at[i]))
			return -1;
	return tidy(j, r);
}

static int overlap(struct judge *j, const struct stretch *a,
		   const struct stretch *b, struct stretch *out)
{
	int low, high;

	if (order_lows(j, a, b, &low) || order_highs(j, a, b, &high))
		return -1;
	*out = (struct stretch){low > 0 ? a->low : b->low,
				high < 0 ? a->high : b->high,
				low > 0 ? a->has_low : b->has_low,
				high < 0 ? a->has_high : b->has_high};
	return 0;
}

static int intersect(struct judge *j, struct region *r,
		     const struct region *with)
{
	struct region out = {.n = 0};
	struct stretch s;

	for (int i = 0; i < r->n; i++)
		for (int k = 0; k < with->n; k++)
			if (overlap(j, &r->at[i], &with->at[k], &s) ||
			    add(&out, s))
				return -1;
	*r = out;
	return tidy(j, r);
}

/* All that is not in it. */
static int complement(struct judge *j, struct region *r)
{
	struct region out = {.n = 0};
	struct stretch s = {NULL, NULL, 0, 0};
	int is_open = 1;

	if (tidy(j, r))
		return -1;
	for (int i = 0; i < r->n; i++) {
		const struct stretch *t = &r->at[i];

		if (t->low) {
			s.high = t->low;
			s.has_high = !t->has_low;
			if (add(&out, s))
				return -1;
		}
		is_open = t->high != NULL;
		s = (struct stretch){t->high, NULL, !t->has_high, 0};
	}
	if (is_open && add(&out, s))
		return -1;
	*r = out;
	return tidy(j, r);
}

/* ------------------------------------------------------------- inequalities */

static int is_constant(const struct expr *e)
{
	grpo_str name;

	return expr_symbols(e, &name, 1) == 0 && !expr_has(e, EXPR_APPLY) &&
	       !expr_has(e, EXPR_TEXT);
}

static int is_infinite(const struct expr *e, int is_negative)
{
	if (is_negative)
		return e->kind == EXPR_NEG && e->kids[0]->kind == EXPR_INFINITY;
	return e->kind == EXPR_INFINITY;
}

/* x op bound */
static int half_line(int op, const struct expr *bound, struct region *out)
{
	struct stretch below = {NULL, bound, 0, op == OP_LE};
	struct stretch above = {bound, NULL, op == OP_GE, 0};

	out->n = 0;
	switch (op) {
	case OP_LT:
	case OP_LE:
		if (is_infinite(bound, 0))
			below.high = NULL;
		return add(out, below);
	case OP_GT:
	case OP_GE:
		if (is_infinite(bound, 1))
			above.low = NULL;
		return add(out, above);
	case OP_NE:
		return add(out, below) || add(out, above) ? -1 : 0;
	case OP_EQ:
		return add(out, (struct stretch){bound, bound, 1, 1});
	default:
		return -1;
	}
}

static int turned(int op)
{
	switch (op) {
	case OP_LT:
		return OP_GT;
	case OP_GT:
		return OP_LT;
	case OP_LE:
		return OP_GE;
	case OP_GE:
		return OP_LE;
	default:
		return op;
	}
}

/* c0 + c1 x op 0 */
static int solve_linear(struct judge *j, const struct expr *const *c, int op,
			struct region *out)
{
	const struct expr *root =
	    expr_2(j->w, EXPR_DIV, expr_1(j->w, EXPR_NEG, c[0]), c[1]);
	int sign;

	if (!root || order(j, c[1], expr_integer(j->w, 0), &sign) || !sign)
		return -1;
	return half_line(sign > 0 ? op : turned(op), root, out);
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

	if (!d || !zero || order(j, c[2], zero, &sign) || !sign ||
	    order(j, d, zero, &has_roots))
		return -1;
	if (sign < 0)
		op = turned(op);
	out->n = 0;
	if (has_roots < 0) /* always positive */
		return op == OP_GT || op == OP_GE || op == OP_NE
			   ? add(out, (struct stretch){NULL, NULL, 0, 0})
			   : 0;
	low = root_of(j->w, c, d, -sign);
	high = root_of(j->w, c, d, sign);
	if (!low || !high)
		return -1;
	ends = op == OP_GE || op == OP_LE || op == OP_EQ;
	if (op == OP_EQ)
		return add(out, (struct stretch){low, low, 1, 1}) ||
			       add(out, (struct stretch){high, high, 1, 1})
			   ? -1
			   : tidy(j, out);
	if (op == OP_LT || op == OP_LE)
		return add(out, (struct stretch){low, high, ends, ends}) ||
			       tidy(j, out)
			   ? -1
			   : 0;
	if (add(out, (struct stretch){NULL, low, 0, ends}) ||
	    (op == OP_NE && add(out, (struct stretch){low, high, 0, 0})) ||
	    add(out, (struct stretch){high, NULL, ends, 0}))
		return -1;
	return tidy(j, out);
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
static int is_atom(const struct expr *e)
{
	return e->kind == EXPR_SYMBOL || e->kind == EXPR_APPLY;
}

static int solve(struct judge *j, const struct expr *l, int op,
		 const struct expr *r, struct region *out);

/* |u| op r, r being a constant */
static int solve_absolute(struct judge *j, const struct expr *u, int op,
			  const struct expr *r, struct region *out)
{
	const struct expr *negative = expr_1(j->w, EXPR_NEG, r);
	struct region other;

	if (solve(j, u, op, r, out) ||
	    solve(j, u, turned(op), negative, &other))
		return -1;
	if (op == OP_LT || op == OP_LE || op == OP_NE)
		return intersect(j, out, &other);
	return unite(j, out, &other);
}

/* l op r */
static int solve(struct judge *j, const struct expr *l, int op,
		 const struct expr *r, struct region *out)
{
	if (!l || !r)
		return -1;
	if (is_constant(l) && !is_constant(r))
		return solve(j, r, turned(op), l, out);
	if (!is_constant(r))
		return solve_polynomial(j, expr_minus(j->w, l, r), op, out);
	if (is_atom(l))
		return half_line(op, r, out);
	if (l->kind == EXPR_CALL && l->fn == FN_ABS)
		return solve_absolute(j, l->kids[0], op, r, out);
	return solve_polynomial(j, expr_minus(j->w, l, r), op, out);
}

/* ------------------------------------------------------------------- trees */

static int read(struct judge *j, const struct expr *e, struct region *out);

static int read_chain(struct judge *j, const struct expr *e, struct region *out)
{
	struct region next;

	*out = (struct region){.n = 1};
	for (int i = 0; i < e->n - 1; i++) {
		const struct expr *l = e->kids[i], *r = e->kids[i + 1];

		if (is_constant(l) && is_constant(r))
			return -1;
		if (e->ops[i] == OP_IN) {
			if (read(j, r, &next))
				return -1;
		} else if (solve(j, l, e->ops[i], r, &next)) {
			return -1;
		}
		if (intersect(j, out, &next))
			return -1;
	}
	return 0;
}

static const struct expr *finite(const struct expr *bound, int is_negative)
{
	return is_infinite(bound, is_negative) ? NULL : bound;
}

/* A pair whose first is not the lower is a point, and no interval. */
static int read_interval(struct judge *j, const struct expr *e,
			 struct region *out)
{
	struct stretch s;
	int empty;

	if (e->n != 2 || e->open == '<' || !is_constant(e->kids[0]) ||
	    !is_constant(e->kids[1]))
		return -1;
	s = (struct stretch){finite(e->kids[0], 1), finite(e->kids[1], 0),
			     e->open == '[', e->close == ']'};
	if (is_empty(j, &s, &empty) || empty)
		return -1;
	out->n = 0;
	return add(out, s);
}

static int read_points(struct judge *j, const struct expr *e,
		       struct region *out)
{
	out->n = 0;
	for (int i = 0; i < e->n; i++)
		if (!is_constant(e->kids[i]) ||
		    add(out, (struct stretch){e->kids[i], e->kids[i], 1, 1}))
			return -1;
	return tidy(j, out);
}

static int read_named(struct judge *j, const struct expr *e, struct region *out)
{
	const struct expr *zero = expr_integer(j->w, 0);

	out->n = 0;
	if (str_same(e->name, (grpo_str){"empty", 5}))
		return 0;
	if (str_same(e->name, (grpo_str){"R", 1}))
		return add(out, (struct stretch){NULL, NULL, 0, 0});
	if (str_same(e->name, (grpo_str){"+", 1}))
		return add(out, (struct stretch){zero, NULL, 0, 0});
	if (str_same(e->name, (grpo_str){"-", 1}))
		return add(out, (struct stretch){NULL, zero, 0, 0});
	return -1;
}

static int read_pair(struct judge *j, const struct expr *e, struct region *out)
{
	struct region other;

	if (read(j, e->kids[0], out) || read(j, e->kids[1], &other))
		return -1;
	if (e->kind == EXPR_UNION)
		return unite(j, out, &other);
	if (e->kind == EXPR_INTERSECTION)
		return intersect(j, out, &other);
	return complement(j, &other) ? -1 : intersect(j, out, &other);
}

/* "x < 1 or x > 3"; "x > 1, x != 2": where a comma stands, both must hold if
 * they can. */
static int read_list(struct judge *j, const struct expr *e, struct region *out)
{
	struct region all = {.n = 1}, any = {.n = 0}, next;

	for (int i = 0; i < e->n; i++) {
		if (e->kids[i]->kind == EXPR_RELATION ||
		    e->kids[i]->kind == EXPR_TUPLE ||
		    e->kids[i]->kind == EXPR_UNION) {
			if (read(j, e->kids[i], &next))
				return -1;
		} else if (!is_constant(e->kids[i]) ||
			   half_line(OP_EQ, e->kids[i], &next)) {
			return -1;
		}
		if (intersect(j, &all, &next) || unite(j, &any, &next))
			return -1;
	}
	*out = e->sign == '|' || all.n == 0 ? any : all;
	return 0;
}

/* R - {0} */
static int read_difference(struct judge *j, const struct expr *e,
			   struct region *out)
{
	struct region other;

	if (e->n != 2 || e->kids[1]->kind != EXPR_NEG ||
	    e->kids[0]->kind != EXPR_NAMED_SET || read(j, e->kids[0], out) ||
	    read(j, e->kids[1]->kids[0], &other))
		return -1;
	return complement(j, &other) ? -1 : intersect(j, out, &other);
}

/* {x | x > 0}, {x in R | x != 0} */
static int read_builder(struct judge *j, const struct expr *e,
			struct region *out)
{
	struct region other;

	if (read(j, e->kids[1], out))
		return -1;
	if (e->kids[0]->kind != EXPR_RELATION)
		return 0;
	return read(j, e->kids[0], &other) ? -1 : intersect(j, out, &other);
}

static int read(struct judge *j, const struct expr *e, struct region *out)
{
	switch (e->kind) {
	case EXPR_RELATION:
		return read_chain(j, e, out);
	case EXPR_TUPLE:
		return read_interval(j, e, out);
	case EXPR_SET:
		return read_points(j, e, out);
	case EXPR_NAMED_SET:
		return read_named(j, e, out);
	case EXPR_UNION:
	case EXPR_INTERSECTION:
	case EXPR_DIFFERENCE:
		return read_pair(j, e, out);
	case EXPR_LIST:
		return read_list(j, e, out);
	case EXPR_ADD:
		return read_difference(j, e, out);
	case EXPR_BUILDER:
		return read_builder(j, e, out);
	default:
		return -1;
	}
}

/* --------------------------------------------------------------- comparison */

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
	       !(e->open == '[' && e->close == ']' && !is_constant(e->kids[0]));
}

static int says_infinity(const struct expr *e)
{
	return e->kind == EXPR_TUPLE && e->n == 2 &&
	       (is_infinite(e->kids[0], 1) || is_infinite(e->kids[1], 0));
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
		if (!is_constant(side) && !is_atom(side) &&
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

	if (read(j, gold, &a) || tidy(j, &a) || read(j, given, &b) ||
	    tidy(j, &b))
		return -1;
	if (!may_compare(j, gold, given))
		return 0;
	return same_region(j, &a, &b)
		   ? judge_says(j, "the same set of real numbers")
		   : 0;
}
