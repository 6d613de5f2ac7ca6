/* SPDX-License-Identifier: MIT */
#include "size.h"

#include <math.h>

#define SYMBOL_BITS 8 /* of how large its value at a point is */
#define LEAF_BITS 2
#define BITS_PER_E 1.5 /* log2(e), rounded up */
#define ROUGH_BITS 64  /* of precision, to know how large something is */

static double kids_size(struct eval *v, const struct expr *e)
{
	double size = 1;

	for (int i = 0; i < e->n; i++)
		size += value_size(v, e->kids[i]);
	return size;
}

static double largest(const struct number *a)
{
	mag_t size;
	double d;

	if (!a->is_ball)
		return fabs(fmpz_get_d(fmpq_numref(a->q)) /
			    fmpz_get_d(fmpq_denref(a->q)));
	mag_init(size);
	acb_get_mag(size, a->z);
	d = mag_get_d(size);
	mag_clear(size);
	return d;
}

/* |e|, from above. */
static double magnitude(struct eval *v, const struct expr *e)
{
	struct eval rough = *v;
	double size = SIZE_TOO_LARGE;
	struct number a;

	rough.domain.bits = ROUGH_BITS;
	number_init(&a);
	if (evaluate(&rough, e, &a) == GOT)
		size = largest(&a);
	number_clear(&a);
	return size < SIZE_TOO_LARGE ? size : SIZE_TOO_LARGE;
}

/* A product as often as the exponent says, or e^(b ln a). */
static double power_size(struct eval *v, const struct expr *e)
{
	const struct expr *n = e->kids[1];
	double base = value_size(v, e->kids[0]), times;

	if (n->kind == EXPR_DIV) /* a root's degree doesn't multiply */
		n = n->kids[0];
	times = magnitude(v, n);
	return base * fmax(times, 1) + value_size(v, e->kids[1]);
}

static double call_size(struct eval *v, const struct expr *e)
{
	double x;

	switch (e->fn) {
	case FN_EXP:
	case FN_SINH:
	case FN_COSH:
	case FN_TANH:
	case FN_COTH:
	case FN_SECH:
	case FN_CSCH:
		x = magnitude(v, e->kids[0]);
		return kids_size(v, e) + 2 * BITS_PER_E * x;
	case FN_FACTORIAL:
	case FN_DOUBLE_FACTORIAL:
	case FN_GAMMA:
	case FN_BINOMIAL:
		x = magnitude(v, e->kids[0]) + 2;
		return kids_size(v, e) + x * log2(x);
	default:
		return kids_size(v, e);
	}
}

/* As many terms as the last one. */
static double series_size(struct eval *v, const struct expr *e)
{
	double from = magnitude(v, e->kids[1]), to = magnitude(v, e->kids[2]);

	return kids_size(v, e) +
	       fmax(from, to) * (value_size(v, e->kids[3]) + SYMBOL_BITS);
}

double value_size(struct eval *v, const struct expr *e)
{
	if (work_step(v->w, 1))
		return SIZE_TOO_LARGE;
	switch (e->kind) {
	case EXPR_NUMBER:
		return 1 + (double)(fmpz_bits(fmpq_numref(e->value)) +
				    fmpz_bits(fmpq_denref(e->value)));
	case EXPR_SYMBOL:
		return SYMBOL_BITS;
	case EXPR_PI:
	case EXPR_E:
	case EXPR_I:
		return LEAF_BITS;
	case EXPR_POW:
		return power_size(v, e);
	case EXPR_CALL:
		return e->n ? call_size(v, e) : LEAF_BITS;
	case EXPR_SUM:
	case EXPR_PROD:
		return e->n == 4 ? series_size(v, e) : LEAF_BITS;
	default:
		return kids_size(v, e);
	}
}
