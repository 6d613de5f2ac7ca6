/* SPDX-License-Identifier: MIT */
#ifndef GRPO_ALGO_SHARE_H
#define GRPO_ALGO_SHARE_H

#include "algo/plan.h"
#include "algo/term.h"

/* Sums of a row, or of the rows of a slice, not yet divided by the step's. */
struct grpo__share {
	double loss, policy_loss; /* of a slice: reduced already */
	double kl, entropy, ratio;
	double log_ratio_max; /* largest |logp - old_logp| */
	double low_min, high_max;
	double correction, correction_min, correction_max;
	int64_t n_low, n_high; /* clipped tokens */
	int64_t n_tokens, n_rows;
};

static inline void grpo__share_token(struct grpo__share *row,
				     const struct grpo__term *e, double entropy)
{
	double d = fabs(e->log_ratio), w = e->correction;
	int first = row->n_tokens == 0;

	row->loss += e->loss;
	row->policy_loss += e->policy;
	row->kl += e->kl;
	row->entropy += entropy;
	row->ratio += e->ratio;
	row->log_ratio_max = d > row->log_ratio_max ? d : row->log_ratio_max;
	row->correction += w;
	if (first || w < row->correction_min)
		row->correction_min = w;
	if (first || w > row->correction_max)
		row->correction_max = w;
	row->n_low += e->low;
	row->n_high += e->high;
	row->n_tokens++;
}

/** Adds a row to the slice; weight: grpo__plan_weight of the row. */
void grpo__share_row(struct grpo__share *sum, const struct grpo__share *row,
		     double weight, const grpo_objective_options *o);

/** Adds a slice; GRPO_ENUMERIC where a sum is no longer finite. */
int grpo__metrics_add(grpo_metrics *m, const grpo_plan *plan,
		      const struct grpo__share *share);

#endif
