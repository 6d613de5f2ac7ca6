/* SPDX-License-Identifier: MIT */
#ifndef OWN_LOSS_TOPR_H
#define OWN_LOSS_TOPR_H

#include "grpo/objective.h"

/**
 * Tapered Off-Policy REINFORCE (arXiv:2503.14286), with its canonical limits
 * and the ratio r of each token:
 *
 *	l        = -A (1 + log r)         A >= 0: as in supervised fine-tuning
 *	l        = -A r                   A < 0, r <= 1
 *	l        = -A (1 + log r)         A < 0, r > 1
 *	dl/dlogr = -A, -A r, -A
 *
 * A right answer is learnt at full strength, however unlikely it has become;
 * a wrong one is pushed away less and less, so that it can't run off to
 * minus infinity.  A grpo_policy_loss_fn; `ctx` is not used.
 */
void topr_loss(void *ctx, const grpo_objective_options *o,
	       const grpo_loss_columns *c);

#endif
