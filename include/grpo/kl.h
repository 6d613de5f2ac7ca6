/* SPDX-License-Identifier: MIT */
#ifndef GRPO_KL_H
#define GRPO_KL_H

#include <stdint.h>
#include "grpo/export.h"
#include "grpo/objective.h"

/*
 * The KL divergence from a reference policy as part of the reward.
 * (grpo_objective_options.beta puts it in the loss instead.)
 *
 *	grpo_reward_totals(total, rewards, weights, n_rows, n_rewards);
 *	grpo_kl_penalize(total, NULL, &step, GRPO_KL_K1, 0.05);
 *	grpo_advantages(adv, NULL, total, group, n_groups, &o);
 *	... and beta 0 in the objective
 *
 * RLOO does this (arXiv:2402.14740; TRL's RLOOTrainer), and so does verl with
 * use_kl_in_reward.  A whole completion then pays for how far it strays from
 * the reference, compared with its group.  K1 is the right estimator here: the
 * policy gradient of the summed K1 is that of KL(policy || reference) of whole
 * completions, which no term in the loss gives (arXiv:2506.09477).  K2 and K3
 * are accepted, but biased.
 */
GRPO_BEGIN_DECLS

/**
 * total_i -= beta * sum over the row's tokens in the loss of
 *            k(logp - ref_logp)             (enum grpo_kl_estimator)
 *
 * If old_logp is given, it is used in place of logp: it belongs to the policy
 * that sampled.
 *
 * total      io   [n_rows]; a row without a total (NaN) keeps NaN; NULL if you
 *                 only want kl
 * kl         out  [n_rows] the sums, for the metrics; may be NULL
 * rows       in   n_rows, row, mask, ref_logp, and old_logp or logp are used
 * estimator  in   enum grpo_kl_estimator
 * beta       in   >= 0, in units of reward per nat
 *
 * Returns 0, GRPO_EINVAL (the message names what is missing or out of range),
 * GRPO_EABI if the grpo_tokens comes from a newer version and sets a field that
 * this version does not have, GRPO_ENUMERIC if a log-probability, sum or total
 * is not finite (the message names row and token; outputs untouched).
 *
 * The sum is over the whole completion, so if every token strays equally far,
 * a longer completion pays more.  This is intended: it is the divergence of
 * completions.  A beta that is large compared with the rewards also makes
 * completions short.
 *
 * Threads: any.  Allocates: no.  Since 0.1.
 */
GRPO_API int grpo_kl_penalize(double *total, double *kl,
			      const grpo_tokens *rows, int32_t estimator,
			      double beta);

GRPO_END_DECLS

#endif
