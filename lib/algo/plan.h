/* SPDX-License-Identifier: MIT */
#ifndef GRPO_ALGO_PLAN_H
#define GRPO_ALGO_PLAN_H

#include "grpo/objective.h"

/* What a slice needs to know of the whole step. */
struct grpo_plan {
	grpo_objective_options options;
	int64_t n_rows;   /* N */
	int64_t n_tokens; /* M, tokens in the loss */
	int64_t *length;  /* [N] tokens of row i */
	int64_t *n_in;    /* [N] those in the loss, n_i */
};

/* One slice's sums, before they are divided by the step's M. */
struct grpo__share {
	double loss, policy_loss; /* reduced already */
	double kl, entropy, ratio;
	double log_ratio_max; /* largest |logp - old_logp| */
	double low_min, high_max;
	int64_t n_low, n_high; /* clipped tokens */
	int64_t n_tokens, n_rows;
};

static inline int grpo__token_in(const grpo_tokens *s, int64_t k)
{
	return !s->mask || s->mask[k];
}

/** Their struct into ours; n_rows and row are checked. */
int grpo__tokens_import(grpo_tokens *ours, const grpo_tokens *theirs);

/** The rows fit in the plan and have its lengths and token counts. */
int grpo__plan_check_slice(const grpo_plan *plan, const grpo_tokens *slice,
			   int64_t first_row);

/** d loss / d l of the tokens of row i (of the step). */
double grpo__plan_weight(const grpo_plan *plan, int64_t i);

/** Adds a share; GRPO_ENUMERIC where a sum is no longer finite. */
int grpo__metrics_add(grpo_metrics *m, const grpo_plan *plan,
		      const struct grpo__share *share);

#endif
