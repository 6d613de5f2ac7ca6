/* SPDX-License-Identifier: MIT */
#ifndef GRPO_ALGO_CORRECTION_H
#define GRPO_ALGO_CORRECTION_H

#include <math.h>
#include "algo/exp.h"
#include "algo/plan.h"

/* The weights w of enum grpo_correction. */

static inline int grpo__corrects_tokens(const grpo_objective_options *o)
{
	int32_t c = o->importance_sampling_correction;

	return c == GRPO_CORRECTION_TOKEN_TRUNCATE ||
	       c == GRPO_CORRECTION_TOKEN_MASK;
}

static inline int grpo__corrects_rows(const grpo_objective_options *o)
{
	int32_t c = o->importance_sampling_correction;

	return c == GRPO_CORRECTION_SEQUENCE_TRUNCATE ||
	       c == GRPO_CORRECTION_SEQUENCE_MASK;
}

/* log rho of token k; 0 where the sampler's number is unknown */
static inline double grpo__log_rho(const grpo_tokens *s, int64_t k)
{
	double rollout = s->rollout_logp[k];

	if (isnan(rollout))
		return 0;
	return (double)(s->old_logp ? s->old_logp : s->logp)[k] - rollout;
}

/* w of rho */
static inline double grpo__bounded(const grpo_objective_options *o, double rho)
{
	int32_t c = o->importance_sampling_correction;
	double low = o->importance_sampling_clip_min;
	double high = o->importance_sampling_clip_max;
	int masks = c == GRPO_CORRECTION_TOKEN_MASK ||
		    c == GRPO_CORRECTION_SEQUENCE_MASK;

	if (rho < low)
		return masks ? 0 : low;
	if (rho > high)
		return masks ? 0 : high;
	return rho;
}

/** w of row i of the slice as a whole; 1 where tokens have their own. */
static inline double grpo__row_weight(const grpo_objective_options *o,
				      const grpo_tokens *s, int64_t i)
{
	int64_t k, end = s->row[i + 1] - s->row[0];
	double sum = 0;

	if (!grpo__corrects_rows(o))
		return 1;
	for (k = s->row[i] - s->row[0]; k < end; k++)
		if (grpo__token_in(s, k))
			sum += grpo__log_rho(s, k);
	return grpo__bounded(o, fabs(sum) <= GRPO__EXP_MAX ? grpo__exp(sum)
							   : exp(sum));
}

#endif
