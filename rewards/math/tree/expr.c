/* SPDX-License-Identifier: MIT */
#include "expr.h"

#include <string.h>

static struct expr *new_node(struct work *w, enum expr_kind kind, int n)
{
	struct expr *e;

	if (w->status)
		return NULL;
	if (++w->nodes > WORK_MAX_NODES) {
		w->status = GRPO_REWARD_BUDGET;
		return NULL;
	}
	e = work_alloc(w, sizeof *e);
	if (!e)
		return NULL;
	e->kind = (uint8_t)kind;
	e->n = n;
	e->kids = n ? work_alloc(w, (size_t)n * sizeof *e->kids) : NULL;
	return n && !e->kids ? NULL : e;
}

const struct expr *expr_leaf(struct work *w, enum expr_kind kind)
{
	return new_node(w, kind, 0);
}

const struct expr *expr_named(struct work *w, enum expr_kind kind,
			      grpo_str name)
{
	struct expr *e = new_node(w, kind, 0);

	if (e)
		e->name = name;
	return e;
}

struct expr *expr_number(struct work *w)
{
	struct expr *e = new_node(w, EXPR_NUMBER, 0);

	if (!e)
		return NULL;
	fmpq_init(e->value);
	e->next_number = w->numbers;
	w->numbers = e;
	return e;
}

const struct expr *expr_integer(struct work *w, long value)
{
	struct expr *e = expr_number(w);

	if (e)
		fmpz_set_si(fmpq_numref(e->value), value);
	return e;
}

struct expr *expr_node(struct work *w, enum expr_kind kind, int n,
		       const struct expr *const *kids)
{
	struct expr *e;

	for (int i = 0; i < n; i++)
		if (!kids[i])
			return NULL;
	e = new_node(w, kind, n);
	if (e && n)
		memcpy(e->kids, kids, (size_t)n * sizeof *kids);
	return e;
}

const struct expr *expr_1(struct work *w, enum expr_kind kind,
			  const struct expr *a)
{
	return expr_node(w, kind, 1, &a);
}

const struct expr *expr_2(struct work *w, enum expr_kind kind,
			  const struct expr *a, const struct expr *b)
{
	const struct expr *kids[] = {a, b};

	return expr_node(w, kind, 2, kids);
}

const struct expr *expr_call(struct work *w, enum expr_fn fn, int n,
			     const struct expr *const *args)
{
	struct expr *e = expr_node(w, EXPR_CALL, n, args);

	if (e)
		e->fn = (uint8_t)fn;
	return e;
}

const struct expr *expr_minus(struct work *w, const struct expr *a,
			      const struct expr *b)
{
	return expr_2(w, EXPR_ADD, a, expr_1(w, EXPR_NEG, b));
}

static int has_name(const struct expr *e)
{
	switch (e->kind) {
	case EXPR_SYMBOL:
	case EXPR_NAMED_SET:
	case EXPR_TEXT:
	case EXPR_APPLY:
	case EXPR_FORM:
	case EXPR_UNIT:
	case EXPR_LABEL:
	case EXPR_WHERE:
		return 1;
	default:
		return 0;
	}
}

static int same_node(const struct expr *a, const struct expr *b)
{
	if (a->kind != b->kind || a->n != b->n || a->fn != b->fn ||
	    a->open != b->open || a->close != b->close || a->sign != b->sign)
		return 0;
	if (has_name(a))
		return str_same(a->name, b->name);
	if (a->kind == EXPR_NUMBER)
		return fmpq_equal(a->value, b->value);
	if (a->kind == EXPR_RELATION)
		return memcmp(a->ops, b->ops, (size_t)a->n - 1) == 0;
	return a->kind != EXPR_MATRIX || a->rows == b->rows;
}

int expr_same(const struct expr *a, const struct expr *b)
{
	if (a == b)
		return 1;
	if (!same_node(a, b))
		return 0;
	for (int i = 0; i < a->n; i++)
		if (!expr_same(a->kids[i], b->kids[i]))
			return 0;
	return 1;
}

int expr_has(const struct expr *e, enum expr_kind kind)
{
	if (e->kind == kind)
		return 1;
	for (int i = 0; i < e->n; i++)
		if (expr_has(e->kids[i], kind))
			return 1;
	return 0;
}

int expr_has_symbol(const struct expr *e, grpo_str name)
{
	if (e->kind == EXPR_SYMBOL)
		return str_same(e->name, name);
	for (int i = 0; i < e->n; i++)
		if (expr_has_symbol(e->kids[i], name))
			return 1;
	return 0;
}

const struct expr *expr_with_kids(struct work *w, const struct expr *e,
				  const struct expr **kids)
{
	struct expr *copy = expr_node(w, e->kind, e->n, kids);

	if (!copy)
		return NULL;
	kids = copy->kids;
	*copy = *e;
	copy->kids = kids;
	return copy;
}

const struct expr *expr_replace(struct work *w, const struct expr *e,
				grpo_str name, const struct expr *by)
{
	const struct expr **kids;

	if (!e || !expr_has_symbol(e, name))
		return e;
	if (e->kind == EXPR_SYMBOL)
		return by;
	kids = work_alloc(w, (size_t)e->n * sizeof *kids);
	if (!kids)
		return NULL;
	for (int i = 0; i < e->n; i++)
		kids[i] = expr_replace(w, e->kids[i], name, by);
	return expr_with_kids(w, e, kids);
}

static int add_symbol(grpo_str *names, int n, int max, grpo_str name)
{
	for (int i = 0; i < n && i < max; i++)
		if (str_same(names[i], name))
			return n;
	if (n < max)
		names[n] = name;
	return n + 1;
}

/* The variables of the sums that a node stands in. */
struct bound {
	grpo_str name;
	const struct bound *outer;
};

/* n, and the symbols of e that are not bound. */
static int collect(const struct expr *e, grpo_str *names, int n, int max,
		   const struct bound *bound)
{
	struct bound mine = {.outer = bound};

	if (e->kind == EXPR_SYMBOL) {
		for (const struct bound *b = bound; b; b = b->outer)
			if (str_same(b->name, e->name))
				return n;
		return add_symbol(names, n, max, e->name);
	}
	if ((e->kind == EXPR_SUM || e->kind == EXPR_PROD) && e->n == 4) {
		n = collect(e->kids[1], names, n, max, bound);
		n = collect(e->kids[2], names, n, max, bound);
		mine.name = e->kids[0]->name;
		return collect(e->kids[3], names, n, max, &mine);
	}
	for (int i = 0; i < e->n; i++)
		n = collect(e->kids[i], names, n, max, bound);
	return n;
}

int expr_symbols(const struct expr *e, grpo_str *names, int max)
{
	return collect(e, names, 0, max, NULL);
}
