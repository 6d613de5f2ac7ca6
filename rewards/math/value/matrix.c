/* SPDX-License-Identifier: MIT */
/* Sums, products and powers of matrices, entry by entry. */
#include "matrix.h"

#include <flint/fmpq_mat.h>

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

/* ---------------------------------------------------- of rational numbers */

#define MAX_BITS 20000 /* of all entries together, times the power */
#define MAX_POWER 10000
#define ENTRY_STEPS 20    /* for each product of two entries */
#define POWER_PRODUCTS 32 /* of matrices, to raise one and to invert it */

static int is_square(const struct expr *m)
{
	return m->n == m->rows * m->rows && m->n <= MAX_ENTRIES;
}

static long bits_of(const fmpq_t q)
{
	return (long)(fmpz_bits(fmpq_numref(q)) + fmpz_bits(fmpq_denref(q)));
}

/* The entries of a square matrix as numbers.  Returns their bits, or -1 where
 * they are no numbers. */
static long read_numbers(struct work *w, const struct expr *m, fmpq_mat_t out)
{
	long bits = 0;
	fmpq_t q;

	fmpq_init(q);
	for (int i = 0; i < m->n && bits >= 0; i++) {
		int rc = value_exact(w, m->kids[i], q);

		if (rc == 0)
			fmpq_set(fmpq_mat_entry(out, i / m->rows, i % m->rows),
				 q);
		bits = rc < 0 ? -1 : bits + bits_of(q);
	}
	fmpq_clear(q);
	return bits;
}

static const struct expr *from_numbers(struct work *w, int rows,
				       const fmpq_mat_t m)
{
	const struct expr *entries[MAX_ENTRIES];
	int n = rows * rows;

	for (int i = 0; i < n; i++) {
		struct expr *e = expr_number(w);

		if (!e)
			return NULL;
		fmpq_set(e->value, fmpq_mat_entry(m, i / rows, i % rows));
		entries[i] = e;
	}
	return matrix(w, rows, n, entries);
}

/* m = m^n; fails where there is no inverse. */
static int raise_numbers(fmpq_mat_t m, long n)
{
	fmpq_mat_t base;
	int rc = 0;

	fmpq_mat_init_set(base, m);
	if (n < 0)
		rc = fmpq_mat_inv(base, m) ? 0 : -1;
	fmpq_mat_one(m);
	for (n = n < 0 ? -n : n; n > 0 && !rc; n /= 2) {
		if (n % 2)
			fmpq_mat_mul(m, m, base);
		fmpq_mat_mul(base, base, base);
	}
	fmpq_mat_clear(base);
	return rc;
}

static const struct expr *power_of_numbers(struct work *w, const struct expr *m,
					   long n)
{
	long steps = ENTRY_STEPS * (long)m->n * m->rows;
	long times = 1 + (n < 0 ? -n : n), bits;
	const struct expr *out = NULL;
	fmpq_mat_t numbers;

	fmpq_mat_init(numbers, m->rows, m->rows);
	bits = read_numbers(w, m, numbers);
	if (bits >= 0 && bits * times <= MAX_BITS &&
	    !work_step(w, steps * POWER_PRODUCTS * (1 + bits * times / 1024)) &&
	    raise_numbers(numbers, n) == 0)
		out = from_numbers(w, m->rows, numbers);
	fmpq_mat_clear(numbers);
	return out;
}

/* The inverse of two rows with letters, by its formula. */
static const struct expr *inverse_of_two(struct work *w, const struct expr *m)
{
	const struct expr *const *k = m->kids;
	const struct expr *product = expr_2(w, EXPR_MUL, k[1], k[2]);
	const struct expr *divisor =
	    product ? expr_minus(w, expr_2(w, EXPR_MUL, k[0], k[3]), product)
		    : NULL;
	const struct expr *turned[4] = {k[3], expr_1(w, EXPR_NEG, k[1]),
					expr_1(w, EXPR_NEG, k[2]), k[0]};
	const struct expr *adjugate = matrix(w, 2, 4, turned);

	return adjugate && divisor ? scaled(w, EXPR_DIV, adjugate, divisor)
				   : NULL;
}

static const struct expr *power(struct work *w, const struct expr *m,
				const struct expr *exponent)
{
	const struct expr *out = NULL;
	fmpq_t n;
	long times;

	fmpq_init(n);
	if (is_square(m) && value_exact(w, exponent, n) == 0 &&
	    exact_is_integer(n) && !COEFF_IS_MPZ(*fmpq_numref(n)) &&
	    FLINT_ABS(*fmpq_numref(n)) <= MAX_POWER) {
		times = *fmpq_numref(n);
		out = power_of_numbers(w, m, times);
		if (!out && times == 2)
			out = multiplied(w, m, m);
		else if (!out && times == -1 && m->rows == 2)
			out = inverse_of_two(w, m);
	}
	fmpq_clear(n);
	return out;
}

/* ------------------------------------------------------------ determinants */

/* As balls, of whatever the entries are at the point. */
static enum outcome ball_determinant(struct eval *v, const struct expr *m,
				     struct number *out)
{
	enum outcome got = v->domain.bits ? GOT : INEXACT;
	acb_mat_t balls;

	acb_mat_init(balls, m->rows, m->rows);
	for (int i = 0; i < m->n && got == GOT; i++) {
		struct number a;

		number_init(&a);
		got = evaluate(v, m->kids[i], &a);
		if (got == GOT) {
			number_ball(&a, &v->domain);
			acb_set(acb_mat_entry(balls, i / m->rows, i % m->rows),
				a.z);
		}
		number_clear(&a);
	}
	if (got == GOT) {
		number_ball(out, &v->domain);
		acb_mat_det(out->z, balls, v->domain.bits);
		got = acb_is_finite(out->z) ? GOT : VAGUE;
	}
	acb_mat_clear(balls);
	return got;
}

/* *bits is how many are left. */
static enum outcome exact_entry(struct eval *v, const struct expr *e,
				fmpq_t out, long *bits)
{
	enum outcome got;
	struct number a;

	number_init(&a);
	got = evaluate(v, e, &a);
	if (got == GOT && !a.is_ball)
		*bits -= bits_of(a.q);
	if (got == GOT && (a.is_ball || *bits < 0))
		got = INEXACT;
	if (got == GOT)
		fmpq_set(out, a.q);
	number_clear(&a);
	return got;
}

enum outcome matrix_determinant(struct eval *v, const struct expr *m,
				struct number *out)
{
	enum outcome got = GOT;
	long bits = MAX_BITS;
	fmpq_mat_t exact;
	fmpq_t det;

	if (!is_square(m) ||
	    work_step(v->w, ENTRY_STEPS * (1 + v->domain.bits / 64) *
				(long)m->n * m->rows))
		return UNKNOWN;
	fmpq_mat_init(exact, m->rows, m->rows);
	fmpq_init(det);
	for (int i = 0; i < m->n && got == GOT; i++)
		got = exact_entry(
		    v, m->kids[i],
		    fmpq_mat_entry(exact, i / m->rows, i % m->rows), &bits);
	if (got == GOT) {
		fmpq_mat_det(det, exact);
		number_exact(out, det);
	}
	fmpq_clear(det);
	fmpq_mat_clear(exact);
	return got == INEXACT ? ball_determinant(v, m, out) : got;
}

enum outcome matrix_trace(struct eval *v, const struct expr *m,
			  struct number *out)
{
	const struct expr *diagonal[MAX_ENTRIES], *sum;

	if (!is_square(m))
		return UNKNOWN;
	for (int i = 0; i < m->rows; i++)
		diagonal[i] = m->kids[i * m->rows + i];
	sum = expr_node(v->w, EXPR_ADD, m->rows, diagonal);
	return sum ? evaluate(v, sum, out) : UNKNOWN;
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
		if (m && is_transposition(e))
			return transposed(w, m);
		return m ? power(w, m, e->kids[1]) : NULL;
	case EXPR_CALL:
		m = e->fn == FN_TRANSPOSE ? matrix_value(w, e->kids[0]) : NULL;
		return m ? transposed(w, m) : NULL;
	default:
		return NULL;
	}
}
