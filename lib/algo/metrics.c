/* SPDX-License-Identifier: MIT */
#include <float.h>
#include <math.h>

#include "algo/correction.h"
#include "algo/share.h"
#include "core/fail.h"
#include "core/struct.h"

int grpo_metrics_init_(grpo_metrics *m, size_t size)
{
	static const grpo_metrics zero;

	return grpo__struct_init(m, size, &zero, sizeof zero, "grpo_metrics");
}

static void add_means(grpo_metrics *m, double n_step,
		      const struct grpo__share *s)
{
	m->kl += s->kl / n_step;
	m->entropy += s->entropy / n_step;
	m->clip_low_mean += (double)s->n_low / n_step;
	m->clip_high_mean += (double)s->n_high / n_step;
	m->clip_region_mean += (double)(s->n_low + s->n_high) / n_step;
	m->ratio_mean += s->ratio / n_step;
}

static void add_extremes(grpo_metrics *m, const struct grpo__share *s)
{
	if (s->n_tokens == 0)
		return;
	/* before the first token, the zeros of …_init are not values yet */
	m->clip_low_min =
	    m->n_tokens ? fmin(m->clip_low_min, s->low_min) : s->low_min;
	m->clip_high_max = fmax(m->clip_high_max, s->high_max);
	m->ratio_max = fmax(m->ratio_max, fmin(exp(s->log_ratio_max), DBL_MAX));
}

static void add_correction(grpo_metrics *m, const grpo_plan *plan,
			   const struct grpo__share *s)
{
	const grpo_objective_options *o = &plan->options;
	int64_t n = grpo__corrects_rows(o) ? plan->n_rows_in : plan->n_tokens;

	if (o->importance_sampling_correction == GRPO_CORRECTION_NONE ||
	    s->n_tokens == 0)
		return;
	m->correction_mean += s->correction / (double)n;
	m->correction_min = m->n_tokens
				? fmin(m->correction_min, s->correction_min)
				: s->correction_min;
	m->correction_max = fmax(m->correction_max, s->correction_max);
}

int grpo__metrics_add(grpo_metrics *m, const grpo_plan *plan,
		      const struct grpo__share *s)
{
	m->loss += s->loss;
	m->policy_loss += s->policy_loss;
	add_means(m, (double)(plan->n_tokens > 0 ? plan->n_tokens : 1), s);
	add_extremes(m, s);
	add_correction(m, plan, s);
	m->n_tokens += s->n_tokens;
	m->n_rows += s->n_rows;
	if (!isfinite(m->loss))
		return grpo__fail(GRPO_ENUMERIC, "the loss is %g", m->loss);
	if (!isfinite(m->ratio_mean) || !isfinite(m->kl))
		return grpo__fail(GRPO_ENUMERIC,
				  "the mean ratio is %g and the mean kl %g",
				  m->ratio_mean, m->kl);
	return 0;
}
