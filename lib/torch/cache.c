/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "core/fail.h"
#include "core/mem.h"
#include "torch/cache.h"

#define LD_MULTIPLE 32 /* the number that the widest kernel reads at once */

/* Floats of keys, or of values, of one layer. */
static int64_t half_layer(const grpo_model *m, int64_t ld)
{
	return m->config.n_kv_heads * m->config.head_dim * ld;
}

int grpo__cache_reserve(grpo__cache *c, const grpo_model *m, int64_t n)
{
	int64_t ld = (n + LD_MULTIPLE - 1) / LD_MULTIPLE * LD_MULTIPLE;
	int rc = 0;

	c->n = 0;
	if (ld <= c->ld)
		goto out;
	free(c->data);
	c->ld = 0;
	c->data = grpo__alloc((size_t)(2 * half_layer(m, ld)),
			      (size_t)m->config.n_layers * sizeof *c->data);
	GRPO_FAIL_IF(!c->data, GRPO_ENOMEM,
		     "out of memory for the cache of %lld tokens",
		     (long long)n);
	c->ld = ld;
out:
	return rc;
}

void grpo__cache_dispose(grpo__cache *c)
{
	free(c->data);
	memset(c, 0, sizeof *c);
}

grpo__kv_view grpo__cache_layer(const grpo__cache *c, const grpo_model *m,
				int layer)
{
	int64_t half = half_layer(m, c->ld);
	const float *p = c->data + layer * 2 * half;

	return (grpo__kv_view){p, p + half, c->n, c->ld};
}

void grpo__cache_store(grpo__cache *c, const grpo_model *m, int layer,
		       int64_t at, const float *qkv, int64_t n)
{
	int64_t half = half_layer(m, c->ld);
	float *p = c->data + layer * 2 * half;

	grpo__kernels_get()->kv_store(p, p + half, c->ld, at, qkv, n,
				      &m->heads);
}
