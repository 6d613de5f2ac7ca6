/* SPDX-License-Identifier: MIT */
#ifndef GRPO_ALGO_EXP_H
#define GRPO_ALGO_EXP_H

#include <math.h>
#include <stdint.h>
#include <string.h>

/*
 * exp without branches, so that compilers can vectorise a loop over it, and
 * with basic operations only, so that it rounds the same on every machine;
 * libm's exp differs between versions and processors.  Errors are below 1 ulp
 * (tests/test_exp.c).  For |x| <= GRPO__EXP_MAX; beyond, and for a NaN, the
 * result is some number.
 */
#define GRPO__EXP_MAX 700.0

/* exp(x) = scale (1 + r + rest), |r| <= ln 2 / 2, rest = exp(r) - 1 - r */
struct grpo__exp_parts {
	double scale; /* a power of two */
	double r, rest;
};

/* r^2/2! + ... + r^13/13!; the next term is below 4e-18 */
static inline double grpo__exp_rest(double r)
{
	double p = 1.0 / 6227020800;

	p = p * r + 1.0 / 479001600;
	p = p * r + 1.0 / 39916800;
	p = p * r + 1.0 / 3628800;
	p = p * r + 1.0 / 362880;
	p = p * r + 1.0 / 40320;
	p = p * r + 1.0 / 5040;
	p = p * r + 1.0 / 720;
	p = p * r + 1.0 / 120;
	p = p * r + 1.0 / 24;
	p = p * r + 1.0 / 6;
	p = p * r + 0.5;
	return p * r * r;
}

static inline struct grpo__exp_parts grpo__exp_parts(double x)
{
	/* added, it leaves the nearest integer in the lowest bits */
	const double shift = 0x1.8p52;
	const double log2_e = 0x1.71547652b82fep0;
	const double ln2_high = 0x1.62e42feep-1; /* times n: exact */
	const double ln2_low = 0x1.a39ef35793c76p-33;
	struct grpo__exp_parts e;
	double shifted = x * log2_e + shift, n = shifted - shift;
	uint64_t bits;

	memcpy(&bits, &shifted, sizeof bits);
	bits = (bits << 52) + ((uint64_t)1023 << 52);
	memcpy(&e.scale, &bits, sizeof bits);
	e.r = (x - n * ln2_high) - n * ln2_low;
	e.rest = grpo__exp_rest(e.r);
	return e;
}

static inline double grpo__exp(double x)
{
	struct grpo__exp_parts e = grpo__exp_parts(x);

	return e.scale * (1 + (e.r + e.rest));
}

/** y = exp(x), [n]; x and y do not overlap. */
static inline void grpo__exp_array(double *restrict y, const double *restrict x,
				   int n)
{
	int j;

	for (j = 0; j < n; j++)
		y[j] = grpo__exp(x[j]);
	for (j = 0; j < n; j++)
		if (!(fabs(x[j]) <= GRPO__EXP_MAX))
			y[j] = exp(x[j]);
}

/** exp(x) - 1 */
static inline double grpo__exp_minus_1(const struct grpo__exp_parts *e)
{
	return e->scale * (e->r + e->rest) + (e->scale - 1);
}

/** exp(x) - 1 - x; near 0, where r is x, nothing cancels. */
static inline double grpo__exp_beyond_1(const struct grpo__exp_parts *e,
					double x)
{
	return (e->scale * e->rest + (e->scale * e->r - x)) + (e->scale - 1);
}

#endif
