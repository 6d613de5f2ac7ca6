/* SPDX-License-Identifier: MIT */
/* Values with a name each: "x = 2, y = 3" and (x, y) = (2, 3). */
#include <string.h>

#include "compare_internal.h"

#define MAX_FIELDS 12

struct record {
	const struct expr *name[MAX_FIELDS], *value[MAX_FIELDS];
	int n;
};

static int find(const struct record *r, const struct expr *name)
{
	for (int i = 0; i < r->n; i++)
		if (expr_same(r->name[i], name))
			return i;
	return -1;
}

/* Returns -1 where the name was there before: two values of one x. */
static int add(struct record *r, const struct expr *name,
	       const struct expr *value)
{
	if (r->n == MAX_FIELDS || find(r, name) >= 0 || !relation_names(name))
		return -1;
	r->name[r->n] = name;
	r->value[r->n++] = value;
	return 0;
}

static int is_equality(const struct expr *e)
{
	return e->kind == EXPR_RELATION && e->n == 2 && e->ops[0] == OP_EQ;
}

/* (a, b) = (2, 3) */
static int read_tuples(const struct expr *e, struct record *out)
{
	const struct expr *names = e->kids[0], *values = e->kids[1];

	if (names->kind != EXPR_TUPLE || values->kind != EXPR_TUPLE ||
	    names->n != values->n)
		return -1;
	for (int i = 0; i < names->n; i++)
		if (add(out, names->kids[i], values->kids[i]))
			return -1;
	return 0;
}

/* Returns 0, or -1 where e is none. */
static int read_record(const struct expr *e, struct record *out)
{
	out->n = 0;
	if (is_equality(e))
		return read_tuples(e, out);
	if ((e->kind != EXPR_LIST && e->kind != EXPR_TUPLE) || e->sign == '|' ||
	    e->n < 2)
		return -1;
	for (int i = 0; i < e->n; i++)
		if (!is_equality(e->kids[i]) ||
		    add(out, e->kids[i]->kids[0], e->kids[i]->kids[1]))
			return -1;
	return 0;
}

/* The letter of a variable, else 0. */
static char letter_of(const struct expr *name)
{
	return name->kind == EXPR_SYMBOL && name->name.len == 1
		   ? name->name.ptr[0]
		   : '\0';
}

/* The i-th in the order of the alphabet where the names are neighbours there,
 * as x, y and z are, else as it stands. */
static const struct expr *in_order_of_names(const struct record *r, int i)
{
	char first = letter_of(r->name[0]);

	for (int k = 1; k < r->n; k++)
		if (letter_of(r->name[k]) < first)
			first = letter_of(r->name[k]);
	for (int k = 0; k < r->n; k++)
		if (!first || letter_of(r->name[k]) >= first + r->n)
			return r->value[i];
	for (int k = 0; k < r->n; k++)
		if (letter_of(r->name[k]) == first + i)
			return r->value[k];
	return r->value[i];
}

/* Roots x_1 and x_2 are two of a kind. */
static int are_of_a_kind(const struct record *r)
{
	const struct expr *first = r->name[0];

	for (int i = 0; i < r->n; i++)
		if (r->name[i]->kind != EXPR_SYMBOL ||
		    r->name[i]->name.len < 3 ||
		    r->name[i]->name.ptr[1] != '_' ||
		    r->name[i]->name.ptr[0] != first->name.ptr[0] ||
		    !strchr("xzrt", first->name.ptr[0]))
			return 0;
	return 1;
}

/* Its values in the order of the other's names, as a point. */
static const struct expr *point_of(struct judge *j, const struct record *r,
				   const struct record *other)
{
	const struct expr *kids[MAX_FIELDS];

	for (int i = 0; i < r->n; i++)
		kids[i] = r->value[find(r, other->name[i])];
	return expr_node(j->w, EXPR_TUPLE, r->n, kids);
}

/* x = 1 + 2t, y = t and x = 3 - 2s, y = 1 - s are one line. */
static int same_line(struct judge *j, const struct record *a,
		     const struct record *b)
{
	const struct expr *p = point_of(j, a, a), *q = point_of(j, b, a);

	return p && q && compare_spans(j, p, q);
}

/* By their names; -1 where these are not the same. */
static int both_records(struct judge *j, const struct record *a,
			const struct record *b)
{
	if (a->n != b->n || are_of_a_kind(a))
		return -1;
	for (int i = 0; i < a->n; i++)
		if (find(b, a->name[i]) < 0)
			return -1;
	for (int i = 0; i < a->n; i++)
		if (compare_trees(j, a->value[i],
				  b->value[find(b, a->name[i])]) != 1)
			return same_line(j, a, b);
	return judge_says(j, "the same for each name");
}

static int is_plain_tuple(const struct expr *e)
{
	return e->kind == EXPR_TUPLE && e->open == '(' && e->close == ')';
}

/* A point and the values of its coordinates. */
static int tuple_and_record(struct judge *j, const struct expr *tuple,
			    const struct record *r, int is_gold)
{
	if (tuple->n != r->n)
		return 0;
	for (int i = 0; i < r->n; i++) {
		const struct expr *value = in_order_of_names(r, i);
		const struct expr *entry = tuple->kids[i];

		if (compare_trees(j, is_gold ? value : entry,
				  is_gold ? entry : value) != 1)
			return 0;
	}
	return judge_says(j, "the same entry by entry");
}

int compare_records(struct judge *j, const struct expr *gold,
		    const struct expr *given)
{
	struct record a, b;
	int is_a, is_b;

	if ((gold->kind != EXPR_RELATION && gold->kind != EXPR_LIST &&
	     gold->kind != EXPR_TUPLE) ||
	    (given->kind != EXPR_RELATION && given->kind != EXPR_LIST &&
	     given->kind != EXPR_TUPLE))
		return -1;
	is_a = read_record(gold, &a) == 0;
	is_b = read_record(given, &b) == 0;
	if (is_a && is_b)
		return both_records(j, &a, &b);
	if (is_a && is_plain_tuple(given))
		return tuple_and_record(j, given, &a, 1);
	if (is_b && is_plain_tuple(gold))
		return tuple_and_record(j, gold, &b, 0);
	return -1;
}
