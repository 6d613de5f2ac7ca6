/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TORCH_FILTER_H
#define GRPO_TORCH_FILTER_H

#include <stdint.h>
#include "grpo/policy.h"

/*
 * top-k, then top-p, then min-p, in Hugging Face's order, over a row of
 * probabilities that need not add up to 1.
 */
typedef struct grpo__candidate {
	float p;
	int32_t id;
} grpo__candidate;

static inline int grpo__filter_is_on(const grpo_sampling *o)
{
	return o->top_k > 0 || o->top_p < 1 || o->min_p > 0;
}

/**
 * What passes the filters: the largest first, equal ones by id.
 *
 * c, spare  out  [n]; c starts with the candidates
 * p         in   [n] finite, not negative
 *
 * Returns how many pass, at least one.
 */
int64_t grpo__filter(grpo__candidate *c, grpo__candidate *spare, const float *p,
		     int64_t n, const grpo_sampling *o);

#endif
