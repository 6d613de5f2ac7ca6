/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TESTS_DRAW_SORTED_H
#define GRPO_TESTS_DRAW_SORTED_H

#include <stdint.h>
#include <stdlib.h>
#include "torch/filter.h"

/*
 * The filters and the draw by sorting the whole row: what lib/torch/filter.c
 * must give, and what it is measured against.
 */
static int by_probability(const void *a, const void *b)
{
	const grpo__candidate *x = a, *y = b;

	if (x->p != y->p)
		return x->p > y->p ? -1 : 1;
	return x->id < y->id ? -1 : 1;
}

static int64_t filter_by_sorting(grpo__candidate *c, const float *p, int64_t n,
				 const grpo_sampling *o)
{
	double total = 0, sum = 0;
	int64_t k = n, j;

	for (j = 0; j < n; j++)
		c[j] = (grpo__candidate){p[j], (int32_t)j};
	qsort(c, (size_t)n, sizeof *c, by_probability);
	if (o->top_k > 0 && o->top_k < k)
		k = o->top_k;
	if (o->top_p < 1) {
		for (j = 0; j < k; j++)
			total += (double)c[j].p;
		for (j = 0; j < k && sum < o->top_p * total; j++)
			sum += (double)c[j].p;
		k = j > 0 ? j : 1;
	}
	if (o->min_p > 0)
		while (k > 1 && (double)c[k - 1].p < o->min_p * (double)c[0].p)
			k--;
	return k;
}

/* The token at `u` of the k candidates. */
static int32_t draw_of_sorted(const grpo__candidate *c, int64_t k, double u)
{
	double total = 0, sum = 0;
	int64_t j;

	for (j = 0; j < k; j++)
		total += (double)c[j].p;
	for (j = 0; j < k - 1; j++) {
		sum += (double)c[j].p;
		if (sum > u * total)
			break;
	}
	return c[j].id;
}

#endif
