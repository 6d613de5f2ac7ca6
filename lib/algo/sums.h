/* SPDX-License-Identifier: MIT */
#ifndef GRPO_ALGO_SUMS_H
#define GRPO_ALGO_SUMS_H

#include "algo/loss.h"

/* Sums of a row, or of the rows of a slice, not yet divided by the step's. */
struct grpo__share {
	double loss, policy_loss; /* of a slice: reduced already */
	double kl, entropy, ratio;
	double log_ratio_max; /* largest |logp - old_logp| */
	double low_min, high_max;
	double correction, correction_min, correction_max;
	int64_t n_low, n_high;    /* clipped tokens */
	int64_t n_tokens, n_rows; /* tokens of the policy */

	/* of a slice: the components beside the policy, reduced already */
	double other_loss[GRPO__N_COMPONENTS];
	int64_t n_others[GRPO__N_COMPONENTS]; /* tokens */
};

/** Adds a block's tokens to their row, one after another. */
void grpo__share_block(struct grpo__share *row, const struct grpo__block *b,
		       const float *entropy);

/** Adds a row's tokens of a component to the slice; weight: grpo__plan_weight
 * of them. */
void grpo__share_row(struct grpo__share *sum, const struct grpo__share *row,
		     double weight, const grpo_plan *plan, int component);

/** Adds a slice; GRPO_ENUMERIC where a sum is no longer finite. */
int grpo__metrics_add(grpo_metrics *m, const grpo_plan *plan,
		      const struct grpo__share *share);

#endif
