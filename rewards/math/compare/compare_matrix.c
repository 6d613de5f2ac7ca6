/* SPDX-License-Identifier: MIT */
/* Sums and products of matrices, entry by entry. */
#include "compare_internal.h"

#define MAX_ENTRIES 144

static const struct expr *matrix(struct work *w, int rows, int n,
				 const struct expr *const *entries)
{
	struct expr *m = expr_node(w, EXPR_MATRIX, n, entries);

	if (m)
		m->rows = rows;
	return m;
}

static const struct expr *added(struct work *w, const struct expr *a,
				const struct expr *b)
{
	const struct expr *entries[MAX_ENTRIES];

	if (a->n != b->n || a->rows != b->rows || a->n > MAX_ENTRIES)
		return NULL;
	for (int i = 0; i < a->n; i++)
		entries[i] = expr_2(w, EXPR_ADD, a->kids[i], b->kids[i]);
	return matrix(w, a->rows, a->n, entries);
}

static const struct expr *scaled(struct work *w, enum expr_kind kind,
				 const struct expr *m, const struct expr *by)
{
	const struct expr *entries[MAX_ENTRIES];

	if (m->n > MAX_ENTRIES)
		return NULL;
	for (int i = 0; i < m->n; i++)
		entries[i] = by ? expr_2(w, kind, m->kids[i], by)
				: expr_1(w, kind, m->kids[i]);
	return matrix(w, m->rows, m->n, entries);
}

static const struct expr *entry(struct work *w, const struct expr *a,
				const struct expr *b, int row, int column)
{
	const struct expr *terms[MAX_ENTRIES];
	int inner = a->n / a->rows, columns = b->n / b->rows;

	for (int k = 0; k < inner; k++)
		terms[k] = expr_2(w, EXPR_MUL, a->kids[row * inner + k],
				  b->kids[k * columns + column]);
	return inner == 1 ? terms[0] : expr_node(w, EXPR_ADD, inner, terms);
}

static const struct expr *multiplied(struct work *w, const struct expr *a,
				     const struct expr *b)
{
	const struct expr *entries[MAX_ENTRIES];
	int columns = b->n / b->rows;

	if (a->n / a->rows != b->rows || a->rows * columns > MAX_ENTRIES ||
	    a->n > MAX_ENTRIES)
		return NULL;
	for (int i = 0; i < a->rows * columns; i++)
		entries[i] = entry(w, a, b, i / columns, i % columns);
	return matrix(w, a->rows, a->rows * columns, entries);
}

static const struct expr *times(struct work *w, const struct expr *a,
				const struct expr *b)
{
	if (a->kind == EXPR_MATRIX && b->kind == EXPR_MATRIX)
		return multiplied(w, a, b);
	if (a->kind == EXPR_MATRIX)
		return scaled(w, EXPR_MUL, a, b);
	if (b->kind == EXPR_MATRIX)
		return scaled(w, EXPR_MUL, b, a);
	return expr_2(w, EXPR_MUL, a, b);
}

/* The kid as a matrix where it is one, else as it stands. */
static const struct expr *part(struct work *w, const struct expr *e)
{
	return expr_has(e, EXPR_MATRIX) ? matrix_value(w, e) : e;
}

static const struct expr *fold(struct work *w, const struct expr *e)
{
	const struct expr *sum = part(w, e->kids[0]), *next;

	for (int i = 1; i < e->n && sum; i++) {
		next = part(w, e->kids[i]);
		if (!next)
			return NULL;
		if (e->kind == EXPR_MUL)
			sum = times(w, sum, next);
		else if (sum->kind == EXPR_MATRIX && next->kind == EXPR_MATRIX)
			sum = added(w, sum, next);
		else
			return NULL;
	}
	return expr_is(sum, EXPR_MATRIX) ? sum : NULL;
}

static const struct expr *transposed(struct work *w, const struct expr *m)
{
	const struct expr *entries[MAX_ENTRIES];
	int columns = m->n / m->rows;

	if (m->n > MAX_ENTRIES)
		return NULL;
	for (int i = 0; i < m->n; i++)
		entries[i] = m->kids[i % m->rows * columns + i / m->rows];
	return matrix(w, columns, m->n, entries);
}

/* M^T: the letter, as people write it. */
static int is_transposition(const struct expr *e)
{
	const struct expr *t = e->kids[1];

	return t->kind == EXPR_SYMBOL && t->name.len == 1 &&
	       t->name.ptr[0] == 'T';
}

const struct expr *matrix_value(struct work *w, const struct expr *e)
{
	const struct expr *m;

	if (e->kind == EXPR_MATRIX)
		return e;
	if (!expr_has(e, EXPR_MATRIX) || work_step(w, 100))
		return NULL;
	switch (e->kind) {
	case EXPR_ADD:
	case EXPR_MUL:
		return fold(w, e);
	case EXPR_NEG:
		m = matrix_value(w, e->kids[0]);
		return m ? scaled(w, EXPR_NEG, m, NULL) : NULL;
	case EXPR_DIV:
		m = matrix_value(w, e->kids[0]);
		return m ? scaled(w, EXPR_DIV, m, e->kids[1]) : NULL;
	case EXPR_POW:
		m = matrix_value(w, e->kids[0]);
		return m && is_transposition(e) ? transposed(w, m) : NULL;
	default:
		return NULL;
	}
}
