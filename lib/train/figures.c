/* SPDX-License-Identifier: MIT */
/*
 * The figures of a step under TRL's names (trl/trainer/grpo_trainer.py), and
 * those of an evaluation.  docs/metrics.md says what each one is.
 */
#include "train/figures.h"

#include <math.h>

#include "core/fail.h"
#include "train/rows.h"
#include "train/sizes.h"

/* ------------------------------------------------------------ the update */

static int add_update(grpo__report *o, const grpo_trainer *t,
		      const grpo__update *u)
{
	double n = (double)u->iteration;
	int rc = 0;

	GRPO_TRY(grpo__report_add(o, u->sum.loss / n, "loss"));
	GRPO_TRY(grpo__report_add(o, u->norm / n, "grad_norm"));
	GRPO_TRY(grpo__report_add(o, u->rate, "learning_rate"));
	GRPO_TRY(grpo__report_add(o, grpo__sizes_epochs(t, t->progress.batches),
				  "epoch"));
	if (t->config.overlong_prompts == GRPO_OVERLONG_DROP)
		GRPO_TRY(grpo__report_add(o,
					  (double)grpo__rows_dropped(&t->train),
					  "prompts/dropped"));
out:
	return rc;
}

static double ratio(double sum, double n)
{
	return n > 0 ? sum / n : NAN;
}

/* The objective's mean has the rows that were not sent in its denominator. */
static int add_correction(grpo__report *o, const grpo_trainer *t,
			  const grpo__update *u)
{
	const grpo_metrics *m = &u->metrics;
	double all = u->weighted, sent = u->weighted_sent;
	int rc = 0;

	if (t->config.importance_sampling_correction == GRPO_CORRECTION_NONE)
		return 0;
#define PUT(value, name)                                                       \
	GRPO_TRY(grpo__report_add(o, sent > 0 ? (value) : NAN,                 \
				  "sampling/importance_sampling_ratio/" name))
	PUT(m->correction_min, "min");
	PUT(m->correction_mean * all / sent, "mean");
	PUT(m->correction_max, "max");
#undef PUT
out:
	return rc;
}

static int add_objective(grpo__report *o, const grpo_trainer *t,
			 const grpo__rollout *r, const grpo__update *u)
{
	const grpo_metrics *s = &u->sum;
	double n = (double)u->iteration;
	int rc = 0;

	if (t->config.beta > 0)
		GRPO_TRY(grpo__report_add(
		    o, t->config.kl_in_reward ? r->kl : s->kl / n, "kl"));
	GRPO_TRY(
	    grpo__report_add(o, ratio(u->entropy, u->entropies), "entropy"));
	GRPO_TRY(grpo__report_add(o, s->policy_loss / n, "policy_loss"));
	if (s->n_cross_entropy > 0)
		GRPO_TRY(
		    grpo__report_add(o, s->cross_entropy / n, "cross_entropy"));
	if (s->n_reference_kl > 0)
		GRPO_TRY(
		    grpo__report_add(o, s->reference_kl / n, "reference_kl"));
	GRPO_TRY(
	    grpo__report_add(o, s->clip_low_mean / n, "clip_ratio/low_mean"));
	GRPO_TRY(grpo__report_add(o, s->clip_low_min, "clip_ratio/low_min"));
	GRPO_TRY(
	    grpo__report_add(o, s->clip_high_mean / n, "clip_ratio/high_mean"));
	GRPO_TRY(grpo__report_add(o, s->clip_high_max, "clip_ratio/high_max"));
	GRPO_TRY(grpo__report_add(o, s->clip_region_mean / n,
				  "clip_ratio/region_mean"));
	GRPO_TRY(grpo__report_add(o,
				  ratio(u->difference, (double)u->differences),
				  "sampling/sampling_logp_difference/mean"));
	GRPO_TRY(grpo__report_add(o, u->differences ? u->difference_max : NAN,
				  "sampling/sampling_logp_difference/max"));
	GRPO_TRY(add_correction(o, t, u));
out:
	return rc;
}

/* ----------------------------------------------------------- the rollout */

/* Shares of the rows, by what the reward said of them; the rest is scored. */
static int add_statuses(grpo__report *o, const char *name,
			const grpo__rollout *r, int32_t k)
{
	static const uint8_t told[] = {
	    GRPO_REWARD_NO_ANSWER, GRPO_REWARD_UNPARSABLE, GRPO_REWARD_BUDGET,
	    GRPO_REWARD_MISSING, GRPO_REWARD_FAILED};
	size_t s;
	int rc = 0;

	for (s = 0; s < sizeof told; s++) {
		const char *status = grpo_reward_status_name(told[s]);
		double n = (double)grpo__rollout_count(r, k, status);

		GRPO_TRY(grpo__report_add(o, n / (double)r->n_rows,
					  "rewards/%s/status/%s", name,
					  status));
	}
out:
	return rc;
}

static int add_reward(grpo__report *o, const grpo_trainer *t,
		      const grpo__rollout *r, int32_t k)
{
	const char *name = grpo__run_reward(t, k);
	grpo__mean m = {0};
	int64_t i;
	int rc = 0;

	for (i = 0; i < r->n_rows; i++)
		grpo__mean_add(&m, r->rewards[i * r->n_rewards + k]);
	GRPO_TRY(
	    grpo__report_add(o, grpo__mean_of(&m), "rewards/%s/mean", name));
	GRPO_TRY(
	    grpo__report_add(o, grpo__mean_std(&m), "rewards/%s/std", name));
	GRPO_TRY(add_statuses(o, name, r, k));
	GRPO_TRY(grpo__measures_report(o, &t->measures, k, name));
out:
	return rc;
}

/* torch.isclose(std, 0) of TRL */
static double zero_std_share(const grpo__rollout *r)
{
	int64_t b, zero = 0;

	for (b = 0; b < r->n_groups; b++)
		zero += r->group_std[b] <= 1e-8;
	return (double)zero / (double)r->n_groups;
}

static int add_rewards(grpo__report *o, const grpo_trainer *t,
		       const grpo__rollout *r)
{
	grpo__mean total = {0};
	int64_t i;
	int32_t k;
	int rc = 0;

	for (i = 0; i < r->n_rows; i++)
		grpo__mean_add(&total, r->total[i]);
	GRPO_TRY(grpo__report_add(o, grpo__mean_of(&total), "reward"));
	GRPO_TRY(grpo__report_add(o, grpo__mean_std(&total), "reward_std"));
	GRPO_TRY(
	    grpo__report_add(o, zero_std_share(r), "frac_reward_zero_std"));
	for (k = 0; k < r->n_rewards; k++)
		GRPO_TRY(add_reward(o, t, r, k));
out:
	return rc;
}

static int add_lengths(grpo__report *o, const grpo__rollout *r)
{
	grpo__mean all = {0}, ended = {0};
	int64_t i, clipped = 0;
	int rc = 0;

	for (i = 0; i < r->n_rows; i++) {
		const grpo__answer *a = &r->answers[i];

		grpo__mean_add(&all, (double)a->n_tokens);
		clipped += a->finish == GRPO_FINISH_LENGTH;
		if (a->finish == GRPO_FINISH_STOP)
			grpo__mean_add(&ended, (double)a->n_tokens);
	}
#define PUT(value, name)                                                       \
	GRPO_TRY(grpo__report_add(o, (value), "completions/" name))
	PUT(grpo__mean_of(&all), "mean_length");
	PUT(all.min, "min_length");
	PUT(all.max, "max_length");
	PUT((double)clipped / (double)r->n_rows, "clipped_ratio");
	/* 0 where none ended, as in TRL */
	PUT(ended.n ? grpo__mean_of(&ended) : 0, "mean_terminated_length");
	PUT(ended.min, "min_terminated_length");
	PUT(ended.max, "max_terminated_length");
#undef PUT
out:
	return rc;
}

/* ------------------------------------------------------------------ time */

static int add_times(grpo__report *o, const grpo_trainer *t,
		     const grpo__rollout *r, const grpo__update *u,
		     double seconds)
{
	int rc = 0;

	GRPO_TRY(
	    grpo__report_add(o, (double)t->progress.num_tokens, "num_tokens"));
	GRPO_TRY(grpo__report_add(o, seconds, "step_time"));
	GRPO_TRY(grpo__report_add(o, r->sampling_s, "time/sampling"));
	GRPO_TRY(grpo__report_add(o, r->rewards_s, "time/rewards"));
	GRPO_TRY(grpo__report_add(o, u->seconds, "time/training"));
	GRPO_TRY(grpo__report_add(o, ratio((double)r->n_tokens, r->sampling_s),
				  "tokens_per_second/sampling"));
	GRPO_TRY(grpo__report_add(o, ratio((double)u->trained, u->seconds),
				  "tokens_per_second/training"));
out:
	return rc;
}

/* ------------------------------------------------------------ everything */

int grpo__figures_of_step(grpo_trainer *t, const grpo__rollout *r,
			  const grpo__update *u, double seconds)
{
	grpo__report *o = &t->report;
	int rc = 0;

	grpo__report_clear(o);
	GRPO_TRY(add_update(o, t, u));
	GRPO_TRY(add_rewards(o, t, r));
	GRPO_TRY(add_lengths(o, r));
	GRPO_TRY(add_objective(o, t, r, u));
	GRPO_TRY(add_times(o, t, r, u, seconds));
out:
	return rc;
}

int grpo__figures_of_evaluation(grpo_trainer *t, const grpo_evaluation *e)
{
	grpo__report *o = &t->report;
	int32_t k;
	int rc = 0;

	grpo__report_clear(o);
	GRPO_TRY(grpo__report_add(o, e->reward, "eval_reward"));
	for (k = 0; k < e->n_rewards; k++) {
		const char *name = grpo__run_reward(t, k);

		GRPO_TRY(grpo__report_add(o, e->reward_mean[k],
					  "eval_rewards/%s/mean", name));
		GRPO_TRY(grpo__report_add(o, e->solved[k],
					  "eval_rewards/%s/solved", name));
		GRPO_TRY(grpo__report_add(o, e->pass[k], "eval_rewards/%s/pass",
					  name));
	}
	GRPO_TRY(grpo__report_add(o, e->mean_length,
				  "eval_completions/mean_length"));
	GRPO_TRY(grpo__report_add(o, e->clipped_ratio,
				  "eval_completions/clipped_ratio"));
	GRPO_TRY(grpo__report_add(o, e->seconds, "eval_runtime"));
out:
	return rc;
}
