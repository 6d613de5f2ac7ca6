/* SPDX-License-Identifier: MIT */
#include <math.h>
#include "core/rng.h"

/* Constants of Philox4x32 (Salmon et al., SC 2011, table 2 and section 3.3). */
#define PHILOX_M0 0xD2511F53u
#define PHILOX_M1 0xCD9E8D57u
#define PHILOX_W0 0x9E3779B9u
#define PHILOX_W1 0xBB67AE85u
#define PHILOX_ROUNDS 10

static void philox_round(uint32_t c[4], uint32_t k0, uint32_t k1)
{
	uint64_t p0 = (uint64_t)PHILOX_M0 * c[0];
	uint64_t p1 = (uint64_t)PHILOX_M1 * c[2];

	c[0] = (uint32_t)(p1 >> 32) ^ c[1] ^ k0;
	c[1] = (uint32_t)p1;
	c[2] = (uint32_t)(p0 >> 32) ^ c[3] ^ k1;
	c[3] = (uint32_t)p0;
}

void grpo__rng_block(uint32_t out[4], uint64_t seed, uint32_t step,
		     uint32_t row, uint32_t position, uint32_t purpose)
{
	uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
	int i;

	out[0] = step;
	out[1] = row;
	out[2] = position;
	out[3] = purpose;
	for (i = 0; i < PHILOX_ROUNDS; i++) {
		philox_round(out, k0, k1);
		k0 += PHILOX_W0;
		k1 += PHILOX_W1;
	}
}

static double to_unit(uint32_t high, uint32_t low)
{
	uint64_t bits = ((uint64_t)high << 32 | low) >> 11;

	return (double)bits * 0x1p-53;
}

double grpo__rng_uniform(uint64_t seed, uint32_t step, uint32_t row,
			 uint32_t position, uint32_t purpose)
{
	uint32_t w[4];

	grpo__rng_block(w, seed, step, row, position, purpose);
	return to_unit(w[0], w[1]);
}

static void next_block(grpo__rng *r, uint32_t w[4])
{
	grpo__rng_block(w, r->seed, r->step, r->row, r->position, r->purpose);
	r->position++;
}

double grpo__rng_next(grpo__rng *r)
{
	uint32_t w[4];

	next_block(r, w);
	return to_unit(w[0], w[1]);
}

/* Multiply and reject (Lemire, "Fast random integer generation in an
 * interval", ACM TOMACS 29(1), 2019). */
uint32_t grpo__rng_below(grpo__rng *r, uint32_t n)
{
	uint32_t w[4], reject;
	uint64_t product;

	if (n == 0)
		return 0;
	reject = -n % n; /* 2^32 mod n */
	do {
		next_block(r, w);
		product = (uint64_t)w[0] * n;
	} while ((uint32_t)product < reject);
	return (uint32_t)(product >> 32);
}

/* Box and Muller; the first uniform in (0, 1], so that its log is finite. */
double grpo__rng_normal(grpo__rng *r)
{
	const double two_pi = 6.283185307179586;
	uint32_t w[4];
	double radius;

	next_block(r, w);
	radius = sqrt(-2.0 * log(1.0 - to_unit(w[0], w[1])));
	return radius * cos(two_pi * to_unit(w[2], w[3]));
}

void grpo__rng_shuffle(grpo__rng *r, uint32_t *perm, uint32_t n)
{
	uint32_t i, j, swap;

	for (i = 0; i < n; i++)
		perm[i] = i;
	for (i = n; i > 1; i--) {
		j = grpo__rng_below(r, i);
		swap = perm[i - 1];
		perm[i - 1] = perm[j];
		perm[j] = swap;
	}
}
