/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TRAIN_BATCH_H
#define GRPO_TRAIN_BATCH_H

#include "grpo/objective.h"
#include "grpo/policy.h"
#include "train/rollout.h"

/*
 * A rollout in the order of the update: the rows that go through the learner
 * first, by group, so that a micro-batch is a slice that shares prompts; then
 * those that only count.  Token arrays are flat, row i is tokens row[i] to
 * row[i+1].
 */
typedef struct grpo__flat {
	int64_t n_rows, n_sent;
	int64_t *rows;       /* [n_rows] which row of the rollout */
	int64_t *row;        /* [n_rows + 1] */
	int64_t *group;      /* [n_rows] of the rollout */
	int32_t *tokens;     /* [n_tokens] */
	float *advantage;    /* [n_tokens] */
	uint8_t *mask;       /* [n_tokens] */
	float *sampled_logp; /* [n_tokens] */
	uint8_t *component;  /* [n_tokens] or NULL: all of the policy */
	float *weight;       /* [n_tokens] or NULL: 1 */
	/* of the sent rows, [row[n_sent]] */
	float *logp, *entropy, *dlogp;
	float *dentropy;            /* or NULL */
	float *old_logp, *ref_logp; /* or NULL */
	/* micro-batch b is rows cut[b] … cut[b+1]-1 */
	int64_t n_cuts, *cut;
} grpo__flat;

typedef struct grpo__flat_options {
	int mask_truncated;     /* rows cut off at the length stay out */
	int keep_zeros;         /* send rows of advantage 0 too (KL) */
	int dentropy;           /* the loss has a term of the entropy */
	int old_logp, ref_logp; /* ref_logp: also where a component needs it */
	int64_t max_tokens;     /* of a micro-batch */
} grpo__flat_options;

/** Fills *p from the rollout's arena. */
int grpo__flat_make(grpo__flat *p, const grpo__rollout *r,
		    const grpo__flat_options *o);

/** Micro-batch b as the learner takes it; arrays in the arena.  *trained is
 *  how many tokens it holds, prompts once each. */
int grpo__flat_batch(grpo_batch *out, int64_t *trained, const grpo__flat *p,
		     const grpo__rollout *r, int64_t b, double temperature);

/** The same rows as the objective takes them. */
grpo_tokens grpo__flat_slice(const grpo__flat *p, int64_t first, int64_t n);

#endif
