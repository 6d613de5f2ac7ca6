/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TORCH_PACK_H
#define GRPO_TORCH_PACK_H

#include "grpo/policy.h"
#include "torch/kernels.h"

/*
 * A batch laid out for the decoder: all tokens in one row of n, without
 * padding, cut into segments (kernels.h).  A prompt that several completions
 * share, and that is long enough to be worth it, is a segment of its own that
 * theirs have as prefix; else it stands before each completion.
 *
 * The last token of a completion predicts nothing and is left out.
 */
typedef struct grpo__pack {
	int64_t n;         /* tokens */
	int32_t *ids;      /* [n] */
	int32_t *position; /* [n] */
	int32_t max_position;
	grpo__segments segments;
	/* Scored tokens in the order of the batch: target[j] is predicted by
	 * the hidden state of token source[j]. */
	int64_t n_scored;
	int64_t *source;                  /* [n_scored] */
	int32_t *target;                  /* [n_scored] */
	int64_t *start, *prefix, *family; /* behind `segments` */
} grpo__pack;

/** Completions with their prompts.  vocab bounds the ids. */
int grpo__pack_batch(grpo__pack *out, const grpo_batch *b, int64_t vocab);

/** Prompts alone, each a family of one segment. */
int grpo__pack_prompts(grpo__pack *out, const grpo_request *const *requests,
		       int64_t n_requests, int64_t vocab);

void grpo__pack_dispose(grpo__pack *p);

#endif
