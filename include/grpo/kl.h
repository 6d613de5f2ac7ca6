/* SPDX-License-Identifier: MIT */
#ifndef GRPO_KL_H
#define GRPO_KL_H

#include <stdint.h>
#include "grpo/export.h"
#include "grpo/objective.h"

/*
 * The KL divergence from a reference policy as part of the reward, where
 * grpo_objective_options.beta has it in the loss:
 *
 *	grpo_reward_totals(total, rewards, weights, n_rows, n_rewards);
 *	grpo_kl_penalize(total, NULL, &step, GRPO_KL_K1, 0.05);
 *	grpo_advantages(adv, NULL, total, group, n_groups, &o);
 *	... and beta 0 in the objective
 *
 * RLOO does so (arXiv:2402.14740; TRL's RLOOTrainer), and verl
 * with use_kl_in_reward.  A completion is then judged by what it strays, as a
 * whole and against its group, and K1 is the estimator that makes this right:
 * the policy gradient of the summed K1 is that of
 * KL(policy || reference) of whole completions, which no term in the loss
 * gives (arXiv:2506.09477).  K2 and K3 are taken too, and are biased here.
 */
GRPO_BEGIN_DECLS

/**
 * total_i -= beta * sum over the row's tokens in the loss of
 *            k(logp - ref_logp)             (enum grpo_kl_estimator)
 *
 * where logp is old_logp if it is given: the policy that sampled.
 *
 * total      io   [n_rows]; a row without a total (NaN) stays so; NULL where
 *                 only kl is wanted
 * kl         out  [n_rows] the sums, for the metrics; or NULL
 * rows       in   n_rows, row, mask, ref_logp, and old_logp or logp are used
 * estimator  in   enum grpo_kl_estimator
 * beta       in   >= 0, unit of the reward for a nat
 *
 * Returns 0, GRPO_EINVAL (the message names what is missing or out of range),
 * GRPO_EABI for a grpo_tokens of a newer version with a field set that this
 * one lacks, GRPO_ENUMERIC for a log-probability, sum or total that is not
 * finite (the message names row and token; outputs untouched).
 *
 * The sum is over the whole completion, so a longer one pays more where each
 * token strays alike.  That is the divergence of completions, and wanted; a
 * beta that is large against the rewards also makes them short.
 *
 * Threads: any.  Allocates: no.  Since 0.1.
 */
GRPO_API int grpo_kl_penalize(double *total, double *kl,
			      const grpo_tokens *rows, int32_t estimator,
			      double beta);

GRPO_END_DECLS

#endif
