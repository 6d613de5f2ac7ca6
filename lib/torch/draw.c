/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/fail.h"
#include "core/rng.h"
#include "torch/draw.h"
#include "torch/filter.h"
#include "torch/kernels.h"

struct scratch {
	float *p;                   /* [v] */
	grpo__candidate *c, *spare; /* [v], for filters only */
};

static int64_t allowed(const grpo_sampling *o, int64_t v)
{
	return o->n_vocab > 0 && o->n_vocab < v ? o->n_vocab : v;
}

static int32_t greedy(const float *x, int64_t v)
{
	int32_t best = 0;

	for (int64_t j = 1; j < v; j++)
		if (x[j] > x[best])
			best = (int32_t)j;
	return best;
}

/* The first token at which the running sum passes u * total. */
static int32_t walk(const float *p, int64_t v, double u)
{
	double total = 0, sum = 0;
	int64_t j, last = 0;

	for (j = 0; j < v; j++)
		total += (double)p[j];
	for (j = 0; j < v; j++) {
		sum += (double)p[j];
		if (p[j] > 0)
			last = j;
		if (sum > u * total && p[j] > 0)
			break;
	}
	return (int32_t)(j < v ? j : last);
}

static int32_t draw_filtered(struct scratch *m, int64_t v,
			     const grpo_sampling *o, double u)
{
	int64_t k = grpo__filter(m->c, m->spare, m->p, v, o), j;
	double total = 0, sum = 0;

	for (j = 0; j < k; j++)
		total += (double)m->c[j].p;
	for (j = 0; j < k - 1; j++) {
		sum += (double)m->c[j].p;
		if (sum > u * total)
			break;
	}
	return m->c[j].id;
}

/* One row; returns 0 where its distribution is not finite. */
static int draw_row(int32_t *token, float *logp, const float *x, int64_t v,
		    const grpo_sampling *o, double u, struct scratch *m)
{
	float inv_t = o->temperature > 0 ? (float)(1 / o->temperature) : 1.0f;
	float max;
	double sum = grpo__kernels_get()->softmax_row(m->p, &max, x, v, inv_t);

	if (!isfinite(sum) || !isfinite(max))
		return 0;
	if (o->temperature <= 0)
		*token = greedy(x, allowed(o, v));
	else if (m->c && m->spare)
		*token = draw_filtered(m, allowed(o, v), o, u);
	else
		*token = walk(m->p, allowed(o, v), u);
	*logp = (float)((double)(x[*token] * inv_t - max) - log(sum));
	return 1;
}

/* Returns 0 without memory. */
static int scratch_alloc(struct scratch *m, int64_t v, const grpo_sampling *o)
{
	size_t n = (size_t)v;

	memset(m, 0, sizeof *m);
	m->p = malloc(n * sizeof *m->p);
	if (!grpo__filter_is_on(o) || o->temperature <= 0)
		return m->p != NULL;
	m->c = malloc(n * sizeof *m->c);
	m->spare = malloc(n * sizeof *m->spare);
	return m->p && m->c && m->spare;
}

static void scratch_dispose(struct scratch *m)
{
	free(m->p);
	free(m->c);
	free(m->spare);
}

int grpo__draw(int32_t *token, float *logp, const float *logits, int64_t n,
	       int64_t v, const grpo_sampling *o, const uint32_t *row,
	       const uint32_t *position)
{
	int no_memory = 0, not_finite = 0;

#pragma omp parallel if (n > 1)
	{
		struct scratch m;
		int ready = scratch_alloc(&m, v, o);

		if (!ready) {
#pragma omp atomic write
			no_memory = 1;
		}
#pragma omp for schedule(static)
		for (int64_t i = 0; i < n; i++) {
			double u =
			    grpo__rng_uniform(o->seed, o->step, row[i],
					      position[i], GRPO__RNG_SAMPLE);

			if (!ready)
				continue;
			if (!draw_row(token + i, logp + i, logits + i * v, v, o,
				      u, &m)) {
#pragma omp atomic write
				not_finite = 1;
			}
		}
		scratch_dispose(&m);
	}
	if (no_memory)
		return grpo__fail(GRPO_ENOMEM, "out of memory in sampling");
	if (not_finite)
		return grpo__fail(GRPO_ENUMERIC,
				  "the model's logits are not finite");
	return 0;
}
