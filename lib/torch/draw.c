/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include "core/fail.h"
#include "core/rng.h"
#include "torch/draw.h"
#include "torch/kernels.h"

struct candidate {
	float p;
	int32_t id;
};

struct scratch {
	float *p;            /* [v] */
	struct candidate *c; /* [v], for filters only */
};

static int by_probability(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->p != y->p)
		return x->p > y->p ? -1 : 1;
	return x->id < y->id ? -1 : 1;
}

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

/* How many of the sorted candidates pass the filters; at least one. */
static int64_t filter(const struct candidate *c, int64_t n,
		      const grpo_sampling *o)
{
	double total = 0, sum = 0;
	int64_t k = n, j;

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

static int32_t draw_filtered(struct scratch *m, int64_t v,
			     const grpo_sampling *o, double u)
{
	double total = 0, sum = 0;
	int64_t k, j;

	for (j = 0; j < v; j++)
		m->c[j] = (struct candidate){m->p[j], (int32_t)j};
	qsort(m->c, (size_t)v, sizeof *m->c, by_probability);
	k = filter(m->c, v, o);
	for (j = 0; j < k; j++)
		total += (double)m->c[j].p;
	for (j = 0; j < k - 1; j++) {
		sum += (double)m->c[j].p;
		if (sum > u * total)
			break;
	}
	return m->c[j].id;
}

static int is_filtered(const grpo_sampling *o)
{
	return o->top_k > 0 || o->top_p < 1 || o->min_p > 0;
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
	else if (is_filtered(o))
		*token = draw_filtered(m, allowed(o, v), o, u);
	else
		*token = walk(m->p, allowed(o, v), u);
	*logp = (float)((double)(x[*token] * inv_t - max) - log(sum));
	return 1;
}

int grpo__draw(int32_t *token, float *logp, const float *logits, int64_t n,
	       int64_t v, const grpo_sampling *o, const uint32_t *row,
	       const uint32_t *position)
{
	int no_memory = 0, not_finite = 0;

#pragma omp parallel if (n > 1)
	{
		struct scratch m;

		m.p = malloc((size_t)v * sizeof *m.p);
		m.c = is_filtered(o) ? malloc((size_t)v * sizeof *m.c) : NULL;
		if (!m.p || (is_filtered(o) && !m.c)) {
#pragma omp atomic write
			no_memory = 1;
		}
#pragma omp for schedule(static)
		for (int64_t i = 0; i < n; i++) {
			double u =
			    grpo__rng_uniform(o->seed, o->step, row[i],
					      position[i], GRPO__RNG_SAMPLE);

			if (!m.p || (is_filtered(o) && !m.c))
				continue;
			if (!draw_row(token + i, logp + i, logits + i * v, v, o,
				      u, &m)) {
#pragma omp atomic write
				not_finite = 1;
			}
		}
		free(m.p);
		free(m.c);
	}
	if (no_memory)
		return grpo__fail(GRPO_ENOMEM, "out of memory in sampling");
	if (not_finite)
		return grpo__fail(GRPO_ENUMERIC,
				  "the model's logits are not finite");
	return 0;
}
