/* SPDX-License-Identifier: MIT */
/* Intervals, unions, set builders, inequalities and their lists. */
#include "../tree/slice.h"
#include "region.h"

static int read_chain(struct judge *j, const struct expr *e, struct region *out)
{
	struct region next;
	grpo_str name;

	if (expr_symbols(e, &name, 1) > 1) /* 0 < x < 1 < y */
		return -1;
	*out = (struct region){.n = 1};
	for (int i = 0; i < e->n - 1; i++) {
		const struct expr *l = e->kids[i], *r = e->kids[i + 1];

		if (region_is_constant(l) && region_is_constant(r))
			return -1;
		if (e->ops[i] == OP_IN) {
			if (!region_is_atom(l) || region_read(j, r, &next))
				return -1;
		} else if (region_solve(j, l, e->ops[i], r, &next)) {
			return -1;
		}
		if (region_intersect(j, out, &next))
			return -1;
	}
	return 0;
}

static const struct expr *finite(const struct expr *bound, int is_negative)
{
	return region_is_infinite(bound, is_negative) ? NULL : bound;
}

/* A pair whose first is not the lower is a point, and no interval. */
static int read_interval(struct judge *j, const struct expr *e,
			 struct region *out)
{
	struct stretch s;
	int empty;

	if (e->n != 2 || e->open == '<' || !region_is_constant(e->kids[0]) ||
	    !region_is_constant(e->kids[1]))
		return -1;
	s = (struct stretch){finite(e->kids[0], 1), finite(e->kids[1], 0),
			     e->open == '[', e->close == ']'};
	if (stretch_is_empty(j, &s, &empty) || empty)
		return -1;
	out->n = 0;
	return region_add(out, s);
}

static int read_points(struct judge *j, const struct expr *e,
		       struct region *out)
{
	out->n = 0;
	for (int i = 0; i < e->n; i++)
		if (!region_is_constant(e->kids[i]) ||
		    region_add(out,
			       (struct stretch){e->kids[i], e->kids[i], 1, 1}))
			return -1;
	return region_tidy(j, out);
}

static int read_named(struct judge *j, const struct expr *e, struct region *out)
{
	const struct expr *zero = expr_integer(j->w, 0);

	out->n = 0;
	if (str_same(e->name, (grpo_str){"empty", 5}))
		return 0;
	if (str_same(e->name, (grpo_str){"R", 1}))
		return region_add(out, (struct stretch){NULL, NULL, 0, 0});
	if (str_is(e->name, "+") || str_is(e->name, "+0"))
		return region_add(
		    out, (struct stretch){zero, NULL, e->name.len > 1, 0});
	if (str_is(e->name, "-") || str_is(e->name, "-0"))
		return region_add(
		    out, (struct stretch){NULL, zero, 0, e->name.len > 1});
	return str_is(e->name, "*") ? region_half_line(OP_NE, zero, out) : -1;
}

static int read_pair(struct judge *j, const struct expr *e, struct region *out)
{
	struct region other;

	if (region_read(j, e->kids[0], out) ||
	    region_read(j, e->kids[1], &other))
		return -1;
	if (e->kind == EXPR_UNION)
		return region_unite(j, out, &other);
	if (e->kind == EXPR_INTERSECTION)
		return region_intersect(j, out, &other);
	return region_complement(j, &other) ? -1
					    : region_intersect(j, out, &other);
}

/* "x < 1 or x > 3"; "x > 1, x != 2": where a comma stands, both must hold if
 * they can. */
static int read_list(struct judge *j, const struct expr *e, struct region *out)
{
	struct region all = {.n = 1}, any = {.n = 0}, next;
	grpo_str name;

	if (expr_symbols(e, &name, 1) > 1) /* x > 2, y > 3 */
		return -1;
	for (int i = 0; i < e->n; i++) {
		if (e->kids[i]->kind == EXPR_RELATION ||
		    e->kids[i]->kind == EXPR_TUPLE ||
		    e->kids[i]->kind == EXPR_UNION) {
			if (region_read(j, e->kids[i], &next))
				return -1;
		} else if (!region_is_constant(e->kids[i]) ||
			   region_half_line(OP_EQ, e->kids[i], &next)) {
			return -1;
		}
		if (region_intersect(j, &all, &next) ||
		    region_unite(j, &any, &next))
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
	    e->kids[0]->kind != EXPR_NAMED_SET ||
	    region_read(j, e->kids[0], out) ||
	    region_read(j, e->kids[1]->kids[0], &other))
		return -1;
	return region_complement(j, &other) ? -1
					    : region_intersect(j, out, &other);
}

/* {x | x > 0}, {x in R | x != 0} */
static int read_builder(struct judge *j, const struct expr *e,
			struct region *out)
{
	struct region other;

	if (region_read(j, e->kids[1], out))
		return -1;
	if (e->kids[0]->kind != EXPR_RELATION)
		return 0;
	return region_read(j, e->kids[0], &other)
		   ? -1
		   : region_intersect(j, out, &other);
}

int region_read(struct judge *j, const struct expr *e, struct region *out)
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
