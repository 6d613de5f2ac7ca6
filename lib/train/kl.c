/* SPDX-License-Identifier: MIT */
/*
 * kl_in_reward: the KL divergence from the reference as part of the reward.
 * It is needed for every row before there are advantages, so the batch goes
 * through the learner once more, forward only.  The policy's numbers are the
 * learner's and not the sampler's: a policy that is the reference then has a
 * divergence of exactly 0, whatever the two round.
 */
#include "train/kl.h"

#include <string.h>

#include "core/fail.h"
#include "core/file.h"
#include "grpo/kl.h"
#include "train/batch.h"

static int forward(const grpo_trainer *t, const grpo__rollout *r, grpo__flat *p,
		   int64_t b)
{
	const grpo_learner *l = t->parts.learner;
	int64_t at = p->row[p->cut[b]], tokens;
	grpo_batch batch;
	int rc = 0;

	GRPO_TRY(grpo__run_stopped(t));
	GRPO_TRY(
	    grpo__flat_batch(&batch, &tokens, p, r, b, t->config.temperature));
	GRPO_TRY(l->ops->forward(l->self, &batch, GRPO_WEIGHTS_REFERENCE, 0,
				 p->ref_logp + at, NULL));
	GRPO_TRY(l->ops->forward(l->self, &batch, GRPO_WEIGHTS_POLICY, 0,
				 p->logp + at, NULL));
out:
	return rc;
}

/* The rows in the loss; nothing is known about the others. */
static int penalize(const grpo_trainer *t, grpo__rollout *r,
		    const grpo__flat *p)
{
	grpo_tokens rows = grpo__flat_slice(p, 0, p->n_sent);
	size_t n = (size_t)p->n_sent;
	double *total = grpo__arena_alloc(r->arena, n, sizeof *total);
	double *kl = grpo__arena_alloc(r->arena, n, sizeof *kl), sum = 0;
	int64_t i, n_tokens = p->row[p->n_sent];
	int rc = 0;

	if (!total || !kl)
		return GRPO_ENOMEM;
	for (i = 0; i < p->n_sent; i++)
		total[i] = r->total[p->rows[i]];
	GRPO_TRY(grpo_kl_penalize(total, kl, &rows, t->config.kl_estimator,
				  t->config.beta));
	for (i = 0; i < p->n_sent; i++) {
		r->judged[p->rows[i]] = total[i];
		sum += kl[i];
	}
	r->kl = n_tokens > 0 ? sum / (double)n_tokens : 0;
	r->kl_tokens = (double)n_tokens;
out:
	return rc;
}

int grpo__kl_in_reward(grpo_trainer *t, grpo__rollout *r)
{
	const grpo_trainer_config *c = &t->config;
	grpo__flat_options o = {.mask_truncated = c->mask_truncated_completions,
				.keep_zeros = 1,
				.ref_logp = 1,
				.max_tokens = c->tokens_per_micro_batch};
	double began = grpo__now();
	grpo__flat flat;
	int64_t b;
	int rc = 0;

	memcpy(r->judged, r->total, (size_t)r->n_rows * sizeof *r->total);
	if (!c->kl_in_reward || c->beta == 0)
		return 0;
	GRPO_TRY(grpo__flat_make(&flat, r, &o));
	for (b = 0; b < flat.n_cuts; b++)
		GRPO_TRY(forward(t, r, &flat, b));
	GRPO_TRY(penalize(t, r, &flat));
	r->kl_s = grpo__now() - began;
out:
	return rc;
}
