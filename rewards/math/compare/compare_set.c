/* SPDX-License-Identifier: MIT */
/* Sets in a plain form: {x in Z | 0 < x < 4} is {1, 2, 3}, {1, 2, ..., 5} is
 * {1, 2, 3, 4, 5}, and N* is Z+. */
#include <string.h>

#include "../tree/slice.h"
#include "region.h"

#define MAX_LISTED COMPARE_MAX_ITEMS /* members that are written out */

static const struct expr *list_like(struct judge *j, const struct expr *e,
				    int n, const struct expr *const *kids)
{
	struct expr *list = expr_node(j->w, e->kind, n, kids);

	if (list) {
		list->sign = e->sign;
		list->open = e->open;
		list->close = e->close;
	}
	return list;
}

static const struct expr *set_of(struct judge *j, int n,
				 const struct expr *const *kids)
{
	return n ? expr_node(j->w, EXPR_SET, n, kids)
		 : expr_named(j->w, EXPR_NAMED_SET, str("empty"));
}

/* ------------------------------------------------------------- named sets */

static int is_named(const struct expr *e, const char *name)
{
	return e->kind == EXPR_NAMED_SET && str_is(e->name, name);
}

static const struct expr *named_pair(struct judge *j, const char *set,
				     const char *sign)
{
	return expr_2(j->w, EXPR_INTERSECTION,
		      expr_named(j->w, EXPR_NAMED_SET, str(set)),
		      expr_named(j->w, EXPR_NAMED_SET, str(sign)));
}

static int is_only_zero(const struct expr *e)
{
	return e->kind == EXPR_SET && e->n == 1 &&
	       e->kids[0]->kind == EXPR_NUMBER &&
	       fmpq_is_zero(e->kids[0]->value);
}

/* N* and N without 0 are Z+, and N_0 are the integers from 0. */
static const struct expr *naturals(struct judge *j, const struct expr *e)
{
	const struct expr *second;

	if (e->kind == EXPR_APPLY)
		return str_is(e->name, "N") && e->n == 1 &&
			       e->kids[0]->kind == EXPR_NUMBER &&
			       fmpq_is_zero(e->kids[0]->value)
			   ? named_pair(j, "Z", "+0")
			   : e;
	if (e->n != 2 || !is_named(e->kids[0], "N"))
		return e;
	second = e->kids[1];
	if (e->kind == EXPR_DIFFERENCE)
		return is_only_zero(second) ? named_pair(j, "Z", "+") : e;
	if (is_named(second, "*") || is_named(second, "ast") ||
	    is_named(second, "+"))
		return named_pair(j, "Z", "+");
	return is_named(second, "+0") ? named_pair(j, "Z", "+0") : e;
}

/* ------------------------------------------------------------------- dots */

static int is_dots(const struct expr *e)
{
	return e->kind == EXPR_FORM && e->n == 0 && str_is(e->name, "...");
}

/* Where the only dots stand, or -1. */
static int find_dots(const struct expr *e)
{
	int at = -1;

	for (int i = 0; i < e->n; i++) {
		if (!is_dots(e->kids[i]))
			continue;
		if (at >= 0)
			return -1;
		at = i;
	}
	return at;
}

/* The numbers before the dots and the last one. */
struct dotted {
	fmpq_t first, step, last;
	int is_ratio; /* step is a factor */
};

static int follows(const struct dotted *d, const fmpq_t a, const fmpq_t b)
{
	fmpq_t next;
	int is_next;

	fmpq_init(next);
	if (d->is_ratio)
		fmpq_mul(next, a, d->step);
	else
		fmpq_add(next, a, d->step);
	is_next = fmpq_equal(next, b);
	fmpq_clear(next);
	return is_next;
}

static int all_follow(const struct dotted *d, const fmpq *values, int n)
{
	for (int i = 0; i + 1 < n; i++)
		if (!follows(d, values + i, values + i + 1))
			return 0;
	return 1;
}

/* 1, 3, 5 go on by 2, 1, 2, 4 by a factor, and 1 alone by 1. */
static int find_step(struct dotted *d, const fmpq *values, int n)
{
	fmpq_set(d->first, values);
	d->is_ratio = 0;
	fmpq_set_si(d->step, 1, 1);
	if (n > 1)
		fmpq_sub(d->step, values + 1, values);
	if (!fmpq_is_zero(d->step) && all_follow(d, values, n))
		return 0;
	d->is_ratio = 1;
	if (n < 3 || fmpq_is_zero(values))
		return -1;
	fmpq_div(d->step, values + 1, values);
	return all_follow(d, values, n) ? 0 : -1;
}

/* The members from the first to the last, or e where they don't end there. */
static const struct expr *write_out(struct judge *j, const struct expr *e,
				    const struct dotted *d)
{
	const struct expr *kids[MAX_LISTED], *list = e;
	struct expr *last = NULL;

	for (int n = 0; n < MAX_LISTED && list == e; n++) {
		struct expr *next = expr_number(j->w);

		if (!next || work_step(j->w, 4))
			return e;
		if (!last)
			fmpq_set(next->value, d->first);
		else if (d->is_ratio)
			fmpq_mul(next->value, last->value, d->step);
		else
			fmpq_add(next->value, last->value, d->step);
		kids[n] = last = next;
		if (fmpq_equal(next->value, d->last))
			list = list_like(j, e, n + 1, kids);
	}
	return list ? list : e;
}

/* Without the members that only repeat the step: first, second, ..., last. */
static const struct expr *shortened(struct judge *j, const struct expr *e,
				    int dots)
{
	const struct expr *kids[MAX_LISTED];
	int n = 2;

	if (dots < 3 || e->n - dots + 2 > MAX_LISTED)
		return e;
	kids[0] = e->kids[0];
	kids[1] = e->kids[1];
	for (int i = dots; i < e->n; i++)
		kids[n++] = e->kids[i];
	return list_like(j, e, n, kids);
}

static const struct expr *numbers_with_dots(struct judge *j,
					    const struct expr *e, int dots,
					    struct dotted *d,
					    const fmpq *values)
{
	int is_last = dots == e->n - 2;

	if (find_step(d, values, dots))
		return e;
	if (is_last && value_exact(j->w, e->kids[e->n - 1], d->last) == 0)
		return write_out(j, e, d);
	return d->is_ratio ? e : shortened(j, e, dots);
}

static const struct expr *without_dots(struct judge *j, const struct expr *e)
{
	fmpq values[8];
	struct dotted d;
	int dots = find_dots(e), n = 0;
	const struct expr *out = e;

	if (dots < 1 || dots > 8 || e->n - dots > 2)
		return e;
	fmpq_init(d.first);
	fmpq_init(d.step);
	fmpq_init(d.last);
	for (; n < dots; n++) {
		fmpq_init(values + n);
		if (value_exact(j->w, e->kids[n], values + n)) {
			fmpq_clear(values + n);
			break;
		}
	}
	if (n == dots)
		out = numbers_with_dots(j, e, dots, &d, values);
	for (; n > 0; n--)
		fmpq_clear(values + n - 1);
	fmpq_clear(d.first);
	fmpq_clear(d.step);
	fmpq_clear(d.last);
	return out ? out : e;
}

/* -------------------------------------------------------- integer builders */

/* x in Z, x in N, as "x \in \mathbb{Z}": the set's name, or NULL. */
static const struct expr *integers_of(const struct expr *e)
{
	return e->kind == EXPR_RELATION && e->n == 2 && e->ops[0] == OP_IN &&
		       e->kids[0]->kind == EXPR_SYMBOL &&
		       (is_named(e->kids[1], "Z") ||
			is_named(e->kids[1], "N") ||
			(e->kids[1]->kind == EXPR_INTERSECTION &&
			 is_named(e->kids[1]->kids[0], "Z")))
		   ? e->kids[1]
		   : NULL;
}

/* What is said of a whole number: its name, and between what it lies. */
struct whole {
	const struct expr *symbol, *domain;
	struct region bounds;
	int n_bounds;
};

static int add_condition(struct judge *j, const struct expr *e, struct whole *w)
{
	struct region next;

	if (integers_of(e)) {
		if (w->symbol && !expr_same(w->symbol, e->kids[0]))
			return -1;
		w->symbol = e->kids[0];
		w->domain = integers_of(e);
		return 0;
	}
	if (e->kind == EXPR_LIST && e->sign != '|') {
		for (int i = 0; i < e->n; i++)
			if (add_condition(j, e->kids[i], w))
				return -1;
		return 0;
	}
	w->n_bounds++;
	return region_read(j, e, &next) ||
		       region_intersect(j, &w->bounds, &next)
		   ? -1
		   : 0;
}

/* Z+ begins at 1, and N at 0 or 1: `start` says which. */
static int add_domain(struct judge *j, struct whole *w, int start)
{
	struct region from;
	const struct expr *domain = w->domain;

	if (is_named(domain, "Z"))
		return 0;
	if (domain->kind == EXPR_INTERSECTION)
		return region_read(j, domain->kids[1], &from) ||
		       region_intersect(j, &w->bounds, &from);
	return region_half_line(OP_GE, expr_integer(j->w, start), &from) ||
	       region_intersect(j, &w->bounds, &from);
}

/* The first and the last whole number of a stretch; -1 where it has no such. */
static int ends_of(struct judge *j, const struct stretch *s, fmpz_t low,
		   fmpz_t high)
{
	fmpq_t q;
	int rc = -1;

	fmpq_init(q);
	if (s->low && s->high && value_exact(j->w, s->low, q) == 0) {
		fmpz_cdiv_q(low, fmpq_numref(q), fmpq_denref(q));
		if (!s->has_low && fmpz_is_one(fmpq_denref(q)))
			fmpz_add_ui(low, low, 1);
		rc = value_exact(j->w, s->high, q);
	}
	if (!rc) {
		fmpz_fdiv_q(high, fmpq_numref(q), fmpq_denref(q));
		if (!s->has_high && fmpz_is_one(fmpq_denref(q)))
			fmpz_sub_ui(high, high, 1);
		fmpz_sub(high, high, low);
		rc = fmpz_cmp_si(high, MAX_LISTED) < 0 ? 0 : -1;
		fmpz_add(high, high, low);
	}
	fmpq_clear(q);
	return rc;
}

static int add_members(struct judge *j, const struct expr *element,
		       const struct whole *w, const struct stretch *s,
		       struct item_list *out)
{
	fmpz_t low, high;
	int rc;

	fmpz_init(low);
	fmpz_init(high);
	rc = ends_of(j, s, low, high);
	for (; !rc && fmpz_cmp(low, high) <= 0; fmpz_add_ui(low, low, 1)) {
		struct expr *k = expr_number(j->w);
		const struct expr *member;

		if (k)
			fmpz_set(fmpq_numref(k->value), low);
		member =
		    k ? expr_replace(j->w, element, w->symbol->name, k) : NULL;
		if (!member || out->n == MAX_LISTED)
			rc = -1;
		else
			out->at[out->n++] = member;
	}
	fmpz_clear(low);
	fmpz_clear(high);
	return rc;
}

static const struct expr *listed(struct judge *j, const struct expr *element,
				 struct whole *w, int start)
{
	struct item_list members = {.n = 0};

	if (!w->symbol || !w->n_bounds || add_domain(j, w, start) ||
	    region_tidy(j, &w->bounds))
		return NULL;
	for (int i = 0; i < w->bounds.n; i++)
		if (add_members(j, element, w, &w->bounds.at[i], &members))
			return NULL;
	return set_of(j, members.n, members.at);
}

/* {x in Z | 0 < x < 4}, {2k | k in Z, 0 < k < 4}; NULL where it is none. */
static const struct expr *builder(struct judge *j, const struct expr *e,
				  int start)
{
	struct whole w = {.bounds = {.n = 1}};
	const struct expr *element = e->kids[0];

	if (integers_of(element)) {
		if (add_condition(j, element, &w))
			return NULL;
		element = element->kids[0];
	}
	if (add_condition(j, e->kids[1], &w))
		return NULL;
	return listed(j, element, &w, start);
}

/* "-2 < x < 3, x in Z" */
static const struct expr *conditions(struct judge *j, const struct expr *e,
				     int start)
{
	struct whole w = {.bounds = {.n = 1}};
	int has_integers = 0;

	for (int i = 0; i < e->n; i++)
		has_integers |= integers_of(e->kids[i]) != NULL;
	if (!has_integers || add_condition(j, e, &w))
		return NULL;
	return listed(j, w.symbol, &w, start);
}

/* Z and an interval, in either order. */
static const struct expr *cut(struct judge *j, const struct expr *e, int start)
{
	int first = is_named(e->kids[0], "Z") || is_named(e->kids[0], "N");
	const struct expr *k = expr_named(j->w, EXPR_SYMBOL, str("k"));
	struct whole w = {.symbol = k, .n_bounds = 1};

	w.domain = e->kids[first ? 0 : 1];
	if (!k || e->kids[first ? 1 : 0]->kind != EXPR_TUPLE ||
	    (!is_named(w.domain, "Z") && !is_named(w.domain, "N")) ||
	    region_read(j, e->kids[first ? 1 : 0], &w.bounds))
		return NULL;
	return listed(j, k, &w, start);
}

const struct expr *set_in_plain_form(struct judge *j, const struct expr *e,
				     int start)
{
	const struct expr *set = NULL;

	switch (e->kind) {
	case EXPR_APPLY:
		return naturals(j, e);
	case EXPR_BUILDER:
		set = builder(j, e, start);
		break;
	case EXPR_INTERSECTION:
		set = cut(j, e, start);
		break;
	case EXPR_LIST:
		set = conditions(j, e, start);
		break;
	default:
		break;
	}
	if (set)
		return set;
	if (e->kind == EXPR_INTERSECTION || e->kind == EXPR_DIFFERENCE)
		return naturals(j, e);
	return e->kind == EXPR_LIST || e->kind == EXPR_SET ||
		       e->kind == EXPR_TUPLE
		   ? without_dots(j, e)
		   : e;
}
