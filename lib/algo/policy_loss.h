/* SPDX-License-Identifier: MIT */
#ifndef GRPO_ALGO_POLICY_LOSS_H
#define GRPO_ALGO_POLICY_LOSS_H

#include "algo/loss.h"

/**
 * From advantage and ratio to the columns policy, slope, low and high, by the
 * loss of the options.  A loss is one function; slope is by log r, as if each
 * token had a ratio of its own.
 */
void grpo__policy_loss(struct grpo__block *b, const grpo_objective_options *o);

/** Whether the loss looks at logp and old_logp too. */
int grpo__policy_loss_needs_logp(const grpo_objective_options *o);

#endif
