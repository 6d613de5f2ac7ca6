/* SPDX-License-Identifier: MIT */
/*
 * The second half of a step, as data flows:
 *
 *	advantages -> plan -> micro-batches -> optimizer step
 *
 * Each arrow is one function, in this order; grpo__update_run calls them.
 */
#include "train/update.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "core/fail.h"
#include "core/file.h"
#include "train/ranks.h"
#include "train/settings.h"

/* ------------------------------------------------- advantages -> plan */

static int make_flat(grpo__update *u, const grpo_trainer *t,
		     const grpo__rollout *r)
{
	const grpo_trainer_config *c = &t->config;
	int kl_in_loss = c->beta > 0 && !c->kl_in_reward;
	int all =
	    kl_in_loss || c->top_entropy_quantile != 1 || c->entropy_coef != 0;
	grpo__flat_options po = {.mask_truncated =
				     c->mask_truncated_completions,
				 .keep_zeros = all,
				 .old_logp = c->num_iterations > 1,
				 .ref_logp = kl_in_loss,
				 .dentropy = c->entropy_coef != 0,
				 .max_tokens = c->tokens_per_micro_batch};

	return grpo__flat_make(&u->flat, r, &po);
}

/* The learner's log-probabilities and entropies of a micro-batch. */
static int look_at(grpo__update *u, const grpo_trainer *t,
		   const grpo__rollout *r, int64_t b)
{
	const grpo_learner *l = t->parts.learner;
	grpo__flat *p = &u->flat;
	int64_t first = p->cut[b], n = p->cut[b + 1] - first, tokens;
	int64_t at = p->row[first];
	grpo_tokens slice;
	int rc = 0;

	GRPO_TRY(grpo__flat_batch(&u->batch, &tokens, p, r, b,
				  t->config.temperature));
	GRPO_TRY(l->ops->forward(l->self, &u->batch, GRPO_WEIGHTS_POLICY, 0,
				 p->logp + at, p->entropy + at));
	slice = grpo__flat_slice(p, first, n);
	GRPO_TRY(grpo_plan_add(u->plan, &slice, first));
	u->trained += tokens;
out:
	return rc;
}

/* What the plan has to see of all rows before the first loss. */
static int finish_plan(grpo__update *u, const grpo_trainer *t,
		       const grpo__rollout *r)
{
	const grpo__flat *p = &u->flat;
	grpo_tokens rest =
	    grpo__flat_slice(p, p->n_sent, p->n_rows - p->n_sent);
	int64_t b;
	int rc = 0;

	if (!grpo_plan_needs(u->plan))
		return 0;
	for (b = 0; b < p->n_cuts; b++) {
		GRPO_TRY(grpo__run_stopped(t));
		GRPO_TRY(look_at(u, t, r, b));
	}
	GRPO_TRY(grpo_plan_add(u->plan, &rest, p->n_sent));
	GRPO_TRY(grpo_plan_finish(u->plan));
out:
	return rc;
}

/* A plan that depends on the weights is made anew for each update. */
static int begin_plan(grpo__update *u, const grpo_trainer *t,
		      const grpo__rollout *r)
{
	grpo_objective_options o;
	grpo_tokens all = grpo__flat_slice(&u->flat, 0, u->flat.n_rows);
	int rc = 0;

	GRPO_TRY(grpo__settings_objective(&o, &t->config));
	grpo_plan_free(u->plan);
	u->plan = NULL;
	GRPO_TRY(grpo_plan_create(&u->plan, &o, &all));
	GRPO_TRY(finish_plan(u, t, r));
out:
	return rc;
}

static int make_plan(grpo__update *u, grpo_trainer *t, const grpo__rollout *r)
{
	int rc = 0;

	if (u->plan && t->config.top_entropy_quantile == 1)
		return 0;
	rc = begin_plan(u, t, r);
	GRPO_TRY(grpo__ranks_agree(t, rc));
	GRPO_TRY(grpo__ranks_plan(t, u->plan));
out:
	return rc;
}

/* -------------- plan -> micro-batches: forward, objective, backward */

static void measure(grpo__update *u, int64_t first, int64_t n)
{
	const grpo__flat *p = &u->flat;
	int64_t t;

	for (t = p->row[first]; t < p->row[first + n]; t++) {
		double d = fabs((double)p->logp[t] - p->sampled_logp[t]);

		u->entropy += p->entropy[t];
		u->entropies++;
		if (u->iteration > 0 || isnan(d))
			continue; /* only then the weights are the sampler's */
		u->difference += d;
		u->difference_max = fmax(u->difference_max, d);
		u->differences++;
	}
}

static int forward(grpo__update *u, const grpo_trainer *t, int64_t b)
{
	const grpo_learner *l = t->parts.learner;
	grpo__flat *p = &u->flat;
	int64_t at = p->row[p->cut[b]], end = p->row[p->cut[b + 1]];
	int rc = 0;

	if (p->ref_logp && u->iteration == 0)
		GRPO_TRY(l->ops->forward(l->self, &u->batch,
					 GRPO_WEIGHTS_REFERENCE, 0,
					 p->ref_logp + at, NULL));
	GRPO_TRY(l->ops->forward(l->self, &u->batch, GRPO_WEIGHTS_POLICY, 1,
				 p->logp + at, p->entropy + at));
	if (p->old_logp && u->iteration == 0)
		memcpy(p->old_logp + at, p->logp + at,
		       (size_t)(end - at) * sizeof *p->logp);
out:
	return rc;
}

static int train_micro_batch(grpo__update *u, const grpo_trainer *t,
			     const grpo__rollout *r, int64_t b)
{
	const grpo_learner *l = t->parts.learner;
	grpo__flat *p = &u->flat;
	int64_t first = p->cut[b], n = p->cut[b + 1] - first, trained;
	grpo_tokens slice = grpo__flat_slice(p, first, n);
	float *dlogp = p->dlogp + p->row[first];
	float *dentropy = p->dentropy ? p->dentropy + p->row[first] : NULL;
	int rc = 0;

	if (u->iteration == 0)
		GRPO_TRY(grpo__run_stopped(t));
	GRPO_TRY(grpo__flat_batch(&u->batch, &trained, p, r, b,
				  t->config.temperature));
	GRPO_TRY(forward(u, t, b));
	if (u->iteration == 0)
		slice.old_logp = NULL; /* the same numbers: ratio exactly 1 */
	GRPO_TRY(grpo_objective(u->plan, &slice, first, dlogp, dentropy,
				&u->metrics));
	GRPO_TRY(l->ops->backward(l->self, dlogp, dentropy));
	u->trained += trained;
	measure(u, first, n);
out:
	return rc;
}

/* ------------------------------------ micro-batches -> optimizer step */

static void add_iteration(grpo__update *u, double norm)
{
	const grpo_metrics *m = &u->metrics;
	grpo_metrics *s = &u->sum;

	s->loss += m->loss;
	s->policy_loss += m->policy_loss;
	s->kl += m->kl;
	s->cross_entropy += m->cross_entropy;
	s->reference_kl += m->reference_kl;
	s->n_cross_entropy = m->n_cross_entropy;
	s->n_reference_kl = m->n_reference_kl;
	s->clip_low_mean += m->clip_low_mean;
	s->clip_high_mean += m->clip_high_mean;
	s->clip_region_mean += m->clip_region_mean;
	s->clip_low_min = u->iteration > 0
			      ? fmin(s->clip_low_min, m->clip_low_min)
			      : m->clip_low_min;
	s->clip_high_max = fmax(s->clip_high_max, m->clip_high_max);
	u->norm += norm;
}

static int sync_reference(const grpo_trainer *t, int64_t steps)
{
	const grpo_trainer_config *c = &t->config;
	const grpo_learner *l = t->parts.learner;

	if (!c->sync_ref_model || steps % c->ref_model_sync_steps != 0)
		return 0;
	return l->ops->sync_reference(l->self, c->ref_model_mixup_alpha);
}

/* A step that was made is counted at once, whatever fails after it.  By its
 * contract the learner leaves the weights as they were where it returns
 * GRPO_ENUMERIC; after another failure nobody knows. */
static int step_learner(grpo__update *u, grpo_trainer *t, double *norm)
{
	const grpo_learner *l = t->parts.learner;
	int rc = l->ops->step(l->self, u->rate, t->config.max_grad_norm, norm);

	GRPO_TRY(rc);
	GRPO_FAIL_IF(!isfinite(*norm), GRPO_ENUMERIC,
		     "the norm of the gradient is %g", *norm);
	t->progress.steps++;
	t->is_mid_batch = 1;
	t->sampler_is_behind = 1;
out:
	t->is_ahead |= rc < 0 && rc != GRPO_ENUMERIC;
	return rc;
}

static int train(grpo__update *u, const grpo_trainer *t, const grpo__rollout *r)
{
	int64_t b;
	int rc = 0;

	for (b = 0; b < u->flat.n_cuts; b++)
		GRPO_TRY(train_micro_batch(u, t, r, b));
out:
	return rc;
}

/* A rank that made the step which another did not is ahead of it. */
static int agree_on_step(grpo_trainer *t, int own)
{
	int rc = grpo__ranks_agree(t, own);

	t->is_ahead |= rc < 0 && own == 0;
	return rc;
}

static int update_once(grpo__update *u, grpo_trainer *t, const grpo__rollout *r)
{
	double norm = 0;
	int rc = 0;

	GRPO_TRY(make_plan(u, t, r));
	GRPO_TRY(grpo_metrics_init(&u->metrics));
	rc = train(u, t, r);
	GRPO_TRY(grpo__ranks_agree(t, rc));
	GRPO_TRY(grpo__ranks_metrics(t, &u->metrics));
	GRPO_TRY(grpo__ranks_gradient(t));
	u->rate =
	    grpo__schedule_rate(&t->config, t->progress.steps, t->max_steps);
	rc = step_learner(u, t, &norm);
	GRPO_TRY(agree_on_step(t, rc));
	add_iteration(u, norm);
	GRPO_TRY(sync_reference(t, t->progress.steps));
out:
	return rc;
}

static int64_t n_updates(const grpo_trainer *t)
{
	int64_t left = t->max_steps - t->progress.steps;

	return left < t->config.num_iterations ? left
					       : t->config.num_iterations;
}

/* Tokens that are in the loss, or rows that have one. */
static double count_in(const grpo__flat *p, int64_t n_rows, int rows)
{
	int64_t i, t, n = 0;

	for (i = 0; i < n_rows; i++) {
		int64_t in = 0;

		for (t = p->row[i]; t < p->row[i + 1]; t++)
			in += p->mask[t] &&
			      (!p->component ||
			       p->component[t] == GRPO_COMPONENT_POLICY);
		n += rows ? in > 0 : in;
	}
	return (double)n;
}

/* The measurements of all ranks. */
static int add_ranks(grpo__update *u, grpo_trainer *t)
{
	int32_t c = t->config.importance_sampling_correction;
	int rows = c == GRPO_CORRECTION_SEQUENCE_TRUNCATE ||
		   c == GRPO_CORRECTION_SEQUENCE_MASK;
	double x[] = {u->entropy,
		      u->entropies,
		      u->difference,
		      (double)u->differences,
		      count_in(&u->flat, u->flat.n_rows, rows),
		      count_in(&u->flat, u->flat.n_sent, rows)};
	int rc = 0;

	GRPO_TRY(grpo__ranks_sum(t, x, sizeof x / sizeof *x));
	GRPO_TRY(grpo__ranks_max(t, &u->difference_max, 1));
	u->entropy = x[0];
	u->entropies = x[1];
	u->difference = x[2];
	u->differences = (int64_t)x[3];
	u->weighted = x[4];
	u->weighted_sent = x[5];
out:
	return rc;
}

int grpo__update_run(grpo__update *u, grpo_trainer *t, const grpo__rollout *r)
{
	const grpo_learner *l = t->parts.learner;
	int64_t n = n_updates(t);
	double began = grpo__now();
	int rc = 0;

	rc = make_flat(u, t, r);
	GRPO_TRY(grpo__ranks_agree(t, rc));
	for (; u->iteration < n; u->iteration++)
		GRPO_TRY(update_once(u, t, r));
	GRPO_TRY(add_ranks(u, t));
	u->seconds = r->kl_s + grpo__now() - began;
out:
	if (rc < 0)
		l->ops->zero_grad(l->self);
	return rc;
}

void grpo__update_dispose(grpo__update *u)
{
	grpo_plan_free(u->plan);
	u->plan = NULL;
}
