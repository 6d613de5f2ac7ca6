/* SPDX-License-Identifier: MIT */
#ifndef GRPO_ALGO_ESTIMATOR_H
#define GRPO_ALGO_ESTIMATOR_H

#include <math.h>
#include "grpo/objective.h"

/* An estimate of the KL divergence from one token, and its slope in logp. */
struct grpo__kl {
	double value, slope;
};

/** enum grpo_kl_estimator at x = logp - ref_logp. */
static inline struct grpo__kl grpo__kl_estimate(int32_t estimator, double x)
{
	double rise;

	if (estimator == GRPO_KL_K1)
		return (struct grpo__kl){x, 1};
	if (estimator == GRPO_KL_K2)
		return (struct grpo__kl){x * x / 2, x};
	rise = expm1(-x);
	return (struct grpo__kl){rise + x, -rise};
}

#endif
