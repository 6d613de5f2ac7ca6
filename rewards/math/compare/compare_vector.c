/* SPDX-License-Identifier: MIT */
/* Vectors by their unit vectors: 3\hat{i} - 2\hat{j} is (3, -2). */
#include "compare_internal.h"
#include "../tree/slice.h"

#define DIMENSIONS 3

static const char *const units[DIMENSIONS] = {"hat_i", "hat_j", "hat_k"};

static int has_unit(const struct expr *e, int first)
{
	for (int i = first; i < DIMENSIONS; i++)
		if (expr_has_symbol(e, str(units[i])))
			return 1;
	return 0;
}

/* Whether it is made of plain letters i and j or k, as 3i - 2j + k. */
static int is_plain(const struct expr *e)
{
	return (e->kind == EXPR_ADD || e->kind == EXPR_NEG ||
		e->kind == EXPR_MUL) &&
	       (expr_has_symbol(e, str("j")) || expr_has_symbol(e, str("k"))) &&
	       (expr_has(e, EXPR_I) || expr_has_symbol(e, str("j")));
}

static int is_column(const struct expr *e)
{
	return (e->kind == EXPR_TUPLE && e->open != '[' && e->close != ']') ||
	       (e->kind == EXPR_MATRIX && (e->rows == 1 || e->rows == e->n));
}

/* i as the letter of a unit vector instead of the imaginary unit, or back. */
static const struct expr *with_i(struct work *w, const struct expr *e,
				 const struct expr *from, const struct expr *to)
{
	const struct expr **kids;

	if (!to || (e->kind == from->kind &&
		    (e->kind == EXPR_I || str_same(e->name, from->name))))
		return to;
	if (!e->n)
		return e;
	kids = work_alloc(w, (size_t)e->n * sizeof *kids);
	for (int i = 0; kids && i < e->n; i++)
		kids[i] = with_i(w, e->kids[i], from, to);
	return kids ? expr_with_kids(w, e, kids) : NULL;
}

static const struct expr *unit(struct work *w, int i)
{
	return expr_named(w, EXPR_SYMBOL, str(units[i]));
}

/* Plain letters as unit vectors. */
static const struct expr *marked(struct work *w, const struct expr *e)
{
	const struct expr *i = expr_leaf(w, EXPR_I);

	e = i ? with_i(w, e, i, unit(w, 0)) : NULL;
	e = e ? expr_replace(w, e, str("j"), unit(w, 1)) : NULL;
	return e ? expr_replace(w, e, str("k"), unit(w, 2)) : NULL;
}

/* The coefficients of the unit vectors, where there is nothing beside them. */
static int coefficients(struct work *w, const struct expr *e,
			const struct expr **out)
{
	const struct expr *c[2], *zero = expr_integer(w, 0);

	for (int i = 0; i < DIMENSIONS; i++) {
		if (!e || value_polynomial(w, e, str(units[i]), c, 1) < 0 ||
		    has_unit(c[1], 0))
			return -1;
		out[i] = c[1];
		e = c[0];
	}
	return zero && value_same(w, e, zero) == VALUE_EQUAL ? 0 : -1;
}

/* The tuple of n coordinates, or NULL. */
static const struct expr *tuple_of(struct work *w, const struct expr *e, int n)
{
	const struct expr *at[DIMENSIONS], *zero = expr_integer(w, 0);
	struct expr *tuple;

	if (!e || !zero || n < 2 || n > DIMENSIONS || coefficients(w, e, at))
		return NULL;
	if (n == 2 && value_same(w, at[2], zero) != VALUE_EQUAL)
		return NULL;
	tuple = expr_node(w, EXPR_TUPLE, n, at);
	if (tuple) {
		tuple->open = '(';
		tuple->close = ')';
	}
	return tuple;
}

/* The coordinates of one beside those of the other. */
static int beside_column(struct judge *j, const struct expr *vector,
			 const struct expr *column)
{
	const struct expr *tuple;

	if (!has_unit(vector, 0))
		vector = marked(j->w, vector);
	tuple = vector ? tuple_of(j->w, vector, column->n) : NULL;
	if (!tuple)
		return 0;
	for (int i = 0; i < column->n; i++)
		if (compare_trees(j, column->kids[i], tuple->kids[i]) != 1)
			return 0;
	return judge_says(j, "the same vector");
}

/* One has marked unit vectors, the other letters. */
static int beside_letters(struct judge *j, const struct expr *gold,
			  const struct expr *given)
{
	const struct expr *vector = has_unit(gold, 0) ? gold : given;
	const struct expr *plain = vector == gold ? given : gold;
	const struct expr *i = expr_leaf(j->w, EXPR_I);

	if (!i || has_unit(plain, 0))
		return -1;
	if (is_plain(plain))
		plain = marked(j->w, plain);
	else if (!has_unit(vector, 1) && expr_has(plain, EXPR_I))
		vector = with_i(j->w, vector, unit(j->w, 0), i);
	else
		return -1;
	if (!plain || !vector)
		return 0;
	return compare_quantities(j, vector, plain) == 1
		   ? judge_says(j, "the same vector")
		   : 0;
}

int compare_vectors(struct judge *j, const struct expr *gold,
		    const struct expr *given)
{
	int a = has_unit(gold, 0), b = has_unit(given, 0);

	if ((a || is_plain(gold)) && is_column(given))
		return beside_column(j, gold, given);
	if ((b || is_plain(given)) && is_column(gold))
		return beside_column(j, given, gold);
	return a != b ? beside_letters(j, gold, given) : -1;
}
