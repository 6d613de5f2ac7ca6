/* SPDX-License-Identifier: MIT */
/* Lines and planes: (1, 3) + t (2, -1) is (3, 2) + s (-4, 2), and the same for
 * chains such as (x - 1)/2 = y/3 = z.  All numbers are rational here. */
#include <flint/fmpq_mat.h>
#include <string.h>

#include "compare_internal.h"

#define MAX_COORDINATES 6
#define MAX_PARAMETERS 2

/* ----------------------------------------------------------------- vectors */

static const struct expr *vector_of(struct judge *j, const struct expr *e);

static const struct expr *tuple(struct judge *j, int n,
				const struct expr *const *kids)
{
	return expr_node(j->w, EXPR_TUPLE, n, kids);
}

static int is_vector(const struct expr *e)
{
	if (e->n > MAX_COORDINATES || e->n < 2)
		return 0;
	if (e->kind == EXPR_MATRIX)
		return e->rows == 1 || e->rows == e->n;
	return e->kind == EXPR_TUPLE && e->open != '[' && e->close != ']';
}

static int has_vector(const struct expr *e)
{
	return expr_has(e, EXPR_TUPLE) || expr_has(e, EXPR_MATRIX);
}

static const struct expr *sum(struct judge *j, const struct expr *e)
{
	const struct expr *total = vector_of(j, e->kids[0]), *next;
	const struct expr *kids[MAX_COORDINATES];

	for (int i = 1; i < e->n && total; i++) {
		next = vector_of(j, e->kids[i]);
		if (!next || next->n != total->n)
			return NULL;
		for (int k = 0; k < total->n; k++)
			kids[k] = expr_2(j->w, EXPR_ADD, total->kids[k],
					 next->kids[k]);
		total = tuple(j, total->n, kids);
	}
	return total;
}

/* t (1, 2): one vector and numbers. */
static const struct expr *product(struct judge *j, const struct expr *e)
{
	const struct expr *kids[MAX_COORDINATES], *v = NULL;
	int at = -1;

	for (int i = 0; i < e->n; i++) {
		if (!has_vector(e->kids[i]))
			continue;
		if (at >= 0)
			return NULL;
		at = i;
	}
	if (at < 0 || !(v = vector_of(j, e->kids[at])))
		return NULL;
	for (int k = 0; k < v->n; k++) {
		kids[k] = v->kids[k];
		for (int i = 0; i < e->n; i++)
			if (i != at)
				kids[k] =
				    expr_2(j->w, EXPR_MUL, e->kids[i], kids[k]);
	}
	return tuple(j, v->n, kids);
}

static const struct expr *negative(struct judge *j, const struct expr *e)
{
	const struct expr *kids[MAX_COORDINATES];
	const struct expr *v = vector_of(j, e->kids[0]);

	for (int k = 0; v && k < v->n; k++)
		kids[k] = expr_1(j->w, EXPR_NEG, v->kids[k]);
	return v ? tuple(j, v->n, kids) : NULL;
}

/* The TUPLE that e comes to, or NULL. */
static const struct expr *vector_of(struct judge *j, const struct expr *e)
{
	if (work_step(j->w, 10))
		return NULL;
	if (is_vector(e))
		return e;
	switch (e->kind) {
	case EXPR_ADD:
		return sum(j, e);
	case EXPR_MUL:
		return product(j, e);
	case EXPR_NEG:
		return negative(j, e);
	default:
		return NULL;
	}
}

/* ------------------------------------------------------------------- spans */

/* A point, and a direction for each parameter, as rows. */
struct span {
	fmpq_mat_t rows; /* [MAX_PARAMETERS + 1, MAX_COORDINATES] */
	int n, coordinates;
	int is_whole; /* the parameter counts */
};

static int is_parameter(grpo_str name)
{
	if (name.len == 1)
		return strchr("tskrmnpuvl", name.ptr[0]) != NULL;
	return memchr(name.ptr, '_', name.len) == NULL; /* \lambda */
}

/* The coefficients of one coordinate. */
static int read_coordinate(struct judge *j, const struct expr *e,
			   const grpo_str *names, int n, int column,
			   struct span *out)
{
	const struct expr *c[2] = {e, NULL};

	for (int i = 0; i < n; i++) {
		if (value_polynomial(j->w, c[0], names[i], c, 1) < 0 ||
		    value_exact(j->w, c[1],
				fmpq_mat_entry(out->rows, i + 1, column)))
			return -1;
	}
	return value_exact(j->w, c[0], fmpq_mat_entry(out->rows, 0, column));
}

static int read_span(struct judge *j, const struct expr *e, struct span *out)
{
	const struct expr *v = vector_of(j, e);
	grpo_str names[MAX_PARAMETERS];

	if (!v)
		return -1;
	out->n = expr_symbols(v, names, MAX_PARAMETERS);
	out->coordinates = v->n;
	if (out->n < 1 || out->n > MAX_PARAMETERS)
		return -1;
	for (int i = 0; i < out->n; i++) {
		if (!is_parameter(names[i]))
			return -1;
		out->is_whole |=
		    strchr("kmn", names[i].ptr[0]) && names[i].len == 1;
	}
	for (int k = 0; k < v->n; k++)
		if (read_coordinate(j, v->kids[k], names, out->n, k, out))
			return -1;
	return 0;
}

/* The rank of the rows of both, their points' difference among them or not. */
static slong rank_of(const struct span *a, const struct span *b, int has_points)
{
	fmpq_mat_t all;
	slong rank, row = 0;

	fmpq_mat_init(all, 2 * MAX_PARAMETERS + 1, MAX_COORDINATES);
	for (int k = 0; k < MAX_COORDINATES; k++) {
		row = 0;
		for (int i = 1; i <= a->n; i++)
			fmpq_set(fmpq_mat_entry(all, row++, k),
				 fmpq_mat_entry(a->rows, i, k));
		for (int i = 1; i <= b->n; i++)
			fmpq_set(fmpq_mat_entry(all, row++, k),
				 fmpq_mat_entry(b->rows, i, k));
		if (has_points)
			fmpq_sub(fmpq_mat_entry(all, row, k),
				 fmpq_mat_entry(a->rows, 0, k),
				 fmpq_mat_entry(b->rows, 0, k));
	}
	rank = fmpq_mat_rref(all, all);
	fmpq_mat_clear(all);
	return rank;
}

/* By how many steps of b the row lies from 0: along / step in all coordinates.
 * Only where both are known to be parallel. */
static void steps(const struct span *a, const struct span *b, int is_point,
		  fmpq_t out)
{
	fmpq_t along;

	fmpq_init(along);
	for (int k = 0; k < a->coordinates; k++) {
		if (fmpq_is_zero(fmpq_mat_entry(b->rows, 1, k)))
			continue;
		fmpq_set(along, fmpq_mat_entry(a->rows, is_point ? 0 : 1, k));
		if (is_point)
			fmpq_sub(along, along, fmpq_mat_entry(b->rows, 0, k));
		fmpq_div(out, along, fmpq_mat_entry(b->rows, 1, k));
		break;
	}
	fmpq_clear(along);
}

/* (2k, k): the same step, from a point that is reached. */
static int same_steps(const struct span *a, const struct span *b)
{
	fmpq_t q;
	int same;

	fmpq_init(q);
	steps(a, b, 0, q);
	same = fmpz_is_pm1(fmpq_numref(q)) && fmpz_is_one(fmpq_denref(q));
	steps(a, b, 1, q);
	same &= fmpz_is_one(fmpq_denref(q));
	fmpq_clear(q);
	return same;
}

static int same_span(const struct span *a, const struct span *b)
{
	if (a->n != b->n || a->coordinates != b->coordinates ||
	    rank_of(a, a, 0) != a->n || rank_of(b, b, 0) != a->n ||
	    rank_of(a, b, 1) != a->n)
		return 0;
	if (a->is_whole || b->is_whole)
		return a->n == 1 && same_steps(a, b);
	return 1;
}

/* (t, 2t) and (2t, 4t) are one line, but they may also be where something is
 * at the time t; "point + t direction" and another letter say that it is the
 * line that counts. */
static int may_be_motion(const struct expr *gold, const struct expr *given)
{
	grpo_str a, b;

	return gold->kind != EXPR_ADD && given->kind != EXPR_ADD &&
	       expr_symbols(gold, &a, 1) && expr_symbols(given, &b, 1) &&
	       str_same(a, b);
}

int compare_spans(struct judge *j, const struct expr *gold,
		  const struct expr *given)
{
	struct span a = {.n = 0}, b = {.n = 0};
	grpo_str name;
	int rc = 0;

	if (j->in_function || !has_vector(gold) || !has_vector(given) ||
	    !expr_symbols(gold, &name, 1) || !expr_symbols(given, &name, 1) ||
	    may_be_motion(gold, given))
		return 0;
	fmpq_mat_init(a.rows, MAX_PARAMETERS + 1, MAX_COORDINATES);
	fmpq_mat_init(b.rows, MAX_PARAMETERS + 1, MAX_COORDINATES);
	if (read_span(j, gold, &a) == 0 && read_span(j, given, &b) == 0)
		rc = same_span(&a, &b);
	fmpq_mat_clear(a.rows);
	fmpq_mat_clear(b.rows);
	return rc ? judge_says(j, "the same line or plane") : 0;
}

/* ------------------------------------------------------------------ chains */

#define MAX_SIDES 5
#define MAX_VARIABLES 4

/* The coefficients of one side minus the next. */
static int read_row(struct judge *j, const struct expr *difference,
		    const grpo_str *names, int n, int row, fmpq_mat_t out)
{
	const struct expr *c[2] = {difference, NULL};

	if (!difference)
		return -1;
	for (int i = 0; i < n; i++)
		if (value_polynomial(j->w, c[0], names[i], c, 1) < 0 ||
		    value_exact(j->w, c[1], fmpq_mat_entry(out, row, i)))
			return -1;
	return value_exact(j->w, c[0], fmpq_mat_entry(out, row, n));
}

static int read_chain(struct judge *j, const struct expr *e,
		      const grpo_str *names, int n, fmpq_mat_t out)
{
	for (int i = 0; i + 1 < e->n; i++)
		if (read_row(j, expr_minus(j->w, e->kids[i], e->kids[i + 1]),
			     names, n, i, out))
			return -1;
	fmpq_mat_rref(out, out);
	return 0;
}

static int is_chain(const struct expr *e)
{
	if (e->kind != EXPR_RELATION || e->n < 3 || e->n > MAX_SIDES)
		return 0;
	for (int i = 0; i + 1 < e->n; i++)
		if (e->ops[i] != OP_EQ)
			return 0;
	return 1;
}

int compare_chains(struct judge *j, const struct expr *gold,
		   const struct expr *given)
{
	grpo_str names[MAX_VARIABLES], others[MAX_VARIABLES];
	fmpq_mat_t a, b;
	int n, rc;

	if (!is_chain(gold) || !is_chain(given))
		return 0;
	n = expr_symbols(gold, names, MAX_VARIABLES);
	if (n < 2 || n > MAX_VARIABLES ||
	    expr_symbols(given, others, MAX_VARIABLES) != n)
		return 0;
	fmpq_mat_init(a, MAX_SIDES, MAX_VARIABLES + 1);
	fmpq_mat_init(b, MAX_SIDES, MAX_VARIABLES + 1);
	rc = read_chain(j, gold, names, n, a) == 0 &&
	     read_chain(j, given, names, n, b) == 0 && fmpq_mat_equal(a, b);
	fmpq_mat_clear(a);
	fmpq_mat_clear(b);
	return rc ? judge_says(j, "equations of the same line") : 0;
}
