/* SPDX-License-Identifier: MIT */
#ifndef GRPO_ALGO_ESTIMATOR_H
#define GRPO_ALGO_ESTIMATOR_H

#include <math.h>
#include "algo/exp.h"
#include "grpo/objective.h"

/* An estimate of the KL divergence from one token, and its slope in logp. */
struct grpo__kl {
	double value, slope;
};

/** K3 for |x| <= GRPO__EXP_MAX, as vector code. */
static inline struct grpo__kl grpo__kl_near(double x)
{
	struct grpo__exp_parts e = grpo__exp_parts(-x);

	return (struct grpo__kl){grpo__exp_beyond_1(&e, -x),
				 -grpo__exp_minus_1(&e)};
}

/** enum grpo_kl_estimator at x = logp - ref_logp. */
static inline struct grpo__kl grpo__kl_estimate(int32_t estimator, double x)
{
	if (estimator == GRPO_KL_K1)
		return (struct grpo__kl){x, 1};
	if (estimator == GRPO_KL_K2)
		return (struct grpo__kl){x * x / 2, x};
	if (fabs(x) <= GRPO__EXP_MAX)
		return grpo__kl_near(x);
	return (struct grpo__kl){expm1(-x) + x, -expm1(-x)};
}

#endif
