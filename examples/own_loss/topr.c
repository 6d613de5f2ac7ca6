/* SPDX-License-Identifier: MIT */
#include "topr.h"

void topr_loss(void *ctx, const grpo_objective_options *o,
	       const grpo_loss_columns *c)
{
	(void)ctx;
	(void)o;
	for (int64_t i = 0; i < c->n; i++) {
		double a = c->advantage[i], r = c->ratio[i];
		int falls = a < 0 && r < 1;

		c->loss[i] = -a * (falls ? r : 1 + c->log_ratio[i]);
		c->slope[i] = -a * (falls ? r : 1);
		c->low[i] = falls; /* clip_ratio/low_mean: where it tapers */
	}
}
