/* SPDX-License-Identifier: MIT */
#ifndef GRPO_CORE_RNG_H
#define GRPO_CORE_RNG_H

#include <stdint.h>
#include "grpo/export.h"

/*
 * Counter-based random numbers: Philox4x32-10 (Salmon et al., "Parallel
 * Random Numbers: As Easy as 1, 2, 3", SC 2011).  A number depends only on
 * where it is used, so there is no state to save, and threads and scheduling
 * cannot change it.
 *
 * key     = seed
 * counter = (step, row, position, purpose)
 */
enum grpo__rng_purpose {
	GRPO__RNG_SAMPLE = 1,  /* drawing a token */
	GRPO__RNG_SHUFFLE = 2, /* the order of the dataset */
	GRPO__RNG_INIT = 3,    /* initial weights */
	GRPO__RNG_DATA = 4,    /* generated data */
	GRPO__RNG_TEST = 5
};

/** Four independent 32-bit words. */
GRPO_API void grpo__rng_block(uint32_t out[4], uint64_t seed, uint32_t step,
			      uint32_t row, uint32_t position,
			      uint32_t purpose);

/** One double in [0, 1), 53 bits. */
GRPO_API double grpo__rng_uniform(uint64_t seed, uint32_t step, uint32_t row,
				  uint32_t position, uint32_t purpose);

/**
 * A sequence, for code that draws numbers one after another: only the counter's
 * position changes.
 */
typedef struct grpo__rng {
	uint64_t seed;
	uint32_t step, row, purpose, position;
} grpo__rng;
GRPO_API double grpo__rng_next(grpo__rng *r);                /* [0, 1) */
GRPO_API uint32_t grpo__rng_below(grpo__rng *r, uint32_t n); /* unbiased */
GRPO_API double grpo__rng_normal(grpo__rng *r);              /* N(0, 1) */

/** Fisher-Yates of the numbers 0 … n-1 into perm. */
GRPO_API void grpo__rng_shuffle(grpo__rng *r, uint32_t *perm, uint32_t n);

#endif
