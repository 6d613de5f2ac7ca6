/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TESTS_TORCH_HELP_H
#define GRPO_TESTS_TORCH_HELP_H

#include <check.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/rng.h"
#include "grpo/error.h"
#include "torch/kernels.h"
#include "torch/ops.h"

#define OK(expr) ck_assert_msg((expr) == 0, "%s", grpo_error_message())
#define ROWS(a) ((int)(sizeof(a) / sizeof *(a)))

static inline grpo__rng seeded(uint64_t seed)
{
	return (grpo__rng){.seed = seed, .purpose = GRPO__RNG_TEST};
}

/* [n] normal numbers; freed by the caller */
static inline float *normals(grpo__rng *r, int64_t n, double scale)
{
	float *x = malloc((size_t)(n + 1) * sizeof *x);

	ck_assert_ptr_nonnull(x);
	for (int64_t i = 0; i < n; i++)
		x[i] = (float)(scale * grpo__rng_normal(r));
	return x;
}

static inline float *copy_of(const float *x, int64_t n)
{
	float *y = malloc((size_t)(n + 1) * sizeof *y);

	ck_assert_ptr_nonnull(y);
	memcpy(y, x, (size_t)n * sizeof *y);
	return y;
}

static inline float *zeros(int64_t n)
{
	float *x = calloc((size_t)n + 1, sizeof *x);

	ck_assert_ptr_nonnull(x);
	return x;
}

static inline int32_t *indices(grpo__rng *r, int64_t n, uint32_t below)
{
	int32_t *x = malloc((size_t)(n + 1) * sizeof *x);

	ck_assert_ptr_nonnull(x);
	for (int64_t i = 0; i < n; i++)
		x[i] = (int32_t)grpo__rng_below(r, below);
	return x;
}

/* What is being compared, for messages: an instruction set, a dtype. */
static const char *within = "";

/* The largest difference is at most `tol` of the largest number in b.  No
 * assertion a number: Check writes each of them to a file. */
static inline void near(const char *what, const float *a, const float *b,
			int64_t n, double tol)
{
	double worst = 0, most = 1e-30;
	int64_t at = 0;

	for (int64_t i = 0; i < n; i++) {
		double d = fabs((double)a[i] - (double)b[i]);

		if (!isfinite(a[i]) || !isfinite(b[i]))
			ck_abort_msg("%s %s[%lld] is %g and %g", within, what,
				     (long long)i, (double)a[i], (double)b[i]);
		if (fabs((double)b[i]) > most)
			most = fabs((double)b[i]);
		if (d > worst)
			worst = d, at = i;
	}
	ck_assert_msg(worst <= tol * most,
		      "%s %s[%lld] is %.9g, not %.9g: %.2g of the largest",
		      within, what, (long long)at, (double)a[at], (double)b[at],
		      worst / most);
}

/* fp32 memory as a tensor [rows, columns] */
static inline grpo__tensor wrap(float *x, int64_t rows, int64_t columns)
{
	grpo__tensor t;

	grpo__tensor_wrap(&t, x, rows, columns);
	return t;
}

/*
 * Packed sequences: family f has completions[f] segments behind a first one,
 * all of lengths 1 ... longest.
 */
struct packed {
	int64_t start[64], prefix[64], family[32], n_tokens;
	int32_t position[4096];
	grpo__segments g;
};

static inline void add_segment(struct packed *p, int64_t n, int64_t prefix)
{
	int64_t s = p->g.n_segments++;
	int64_t before =
	    prefix < 0 ? 0 : p->start[prefix + 1] - p->start[prefix];

	for (int64_t i = 0; i < n; i++)
		p->position[p->start[s] + i] = (int32_t)(before + i);
	p->prefix[s] = prefix;
	p->start[s + 1] = p->start[s] + n;
	p->n_tokens = p->start[s + 1];
	if (before + n > p->g.max_keys)
		p->g.max_keys = before + n;
}

static inline void pack(struct packed *p, grpo__rng *r, const int *completions,
			int families, uint32_t longest)
{
	memset(p, 0, sizeof *p);
	for (int f = 0; f < families; f++) {
		int64_t first = p->g.n_segments;

		p->family[f] = first;
		add_segment(p, 1 + grpo__rng_below(r, longest), -1);
		for (int c = 0; c < completions[f]; c++)
			add_segment(p, 1 + grpo__rng_below(r, longest), first);
	}
	p->g.n_families = families;
	p->family[families] = p->g.n_segments;
	p->g.start = p->start;
	p->g.prefix = p->prefix;
	p->g.family = p->family;
}

static inline grpo__heads heads(int32_t n_kv, int32_t rep, int32_t d)
{
	return (grpo__heads){.n_q = n_kv * rep,
			     .n_kv = n_kv,
			     .d = d,
			     .scale = 1.0f / sqrtf((float)d)};
}

static inline int64_t qkv_width(const grpo__heads *h)
{
	return (int64_t)(h->n_q + 2 * h->n_kv) * h->d;
}

#endif
