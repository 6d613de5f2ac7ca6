/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TORCH_CACHE_H
#define GRPO_TORCH_CACHE_H

#include "torch/model.h"

/*
 * Keys and values for decoding, fp32 on the host.  A prompt's cache is made
 * once and shared by all of its completions; a slot holds what one
 * completion adds, and is used again by the next.
 */
typedef struct grpo__cache {
	float *data;   /* [n_layers][kt [n_kv,d,ld], v [n_kv,ld,d]] */
	int64_t n, ld; /* tokens in it; room, a multiple of 32 */
	int refs;      /* of a prompt: completions still to come or running */
} grpo__cache;

/** Room for at least n tokens; keeps the memory if it is large enough. */
int grpo__cache_reserve(grpo__cache *c, const grpo_model *m, int64_t n);
void grpo__cache_dispose(grpo__cache *c);

grpo__kv_view grpo__cache_layer(const grpo__cache *c, const grpo_model *m,
				int layer);

/** Stores n rows of qkv (host) at column `at` of a layer. */
void grpo__cache_store(grpo__cache *c, const grpo_model *m, int layer,
		       int64_t at, const float *qkv, int64_t n);

#endif
