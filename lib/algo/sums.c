/* SPDX-License-Identifier: MIT */
/* What the tokens of a row, the rows of a slice and the slices of a step come
 * to. */
#include "algo/sums.h"

#include <float.h>
#include <math.h>

#include "core/fail.h"
#include "core/struct.h"

/* ------------------------------------------------------ block and row */

static void add_sums(struct grpo__share *row, const struct grpo__block *b)
{
	double loss = row->loss, policy = row->policy_loss, kl = row->kl;
	double ratio = row->ratio, correction = row->correction;
	double low = 0, high = 0;
	int j;

	for (j = 0; j < b->n; j++) {
		loss += b->loss[j];
		policy += b->policy[j];
		kl += b->kl[j];
		ratio += b->ratio[j];
		correction += b->correction[j];
		low += b->low[j];
		high += b->high[j];
	}
	row->loss = loss;
	row->policy_loss = policy;
	row->kl = kl;
	row->ratio = ratio;
	row->correction = correction;
	row->n_low += (int64_t)low;
	row->n_high += (int64_t)high;
}

static void add_extremes_of_block(struct grpo__share *row,
				  const struct grpo__block *b)
{
	double largest = row->log_ratio_max;
	double min = row->correction_min, max = row->correction_max;
	int j;

	if (b->n > 0 && row->n_tokens == 0)
		min = max = b->correction[0];
	for (j = 0; j < b->n; j++) {
		double d = fabs(b->log_ratio[j]), w = b->correction[j];

		largest = d > largest ? d : largest;
		min = w < min ? w : min;
		max = w > max ? w : max;
	}
	row->log_ratio_max = largest;
	row->correction_min = min;
	row->correction_max = max;
}

void grpo__share_block(struct grpo__share *row, const struct grpo__block *b,
		       const float *entropy)
{
	int j;

	add_sums(row, b);
	add_extremes_of_block(row, b);
	for (j = 0; entropy && j < b->n; j++)
		row->entropy += entropy[b->at[j]];
	row->n_tokens += b->n;
}

static void add_extremes_of_row(struct grpo__share *sum,
				const struct grpo__share *row)
{
	double low = (double)row->n_low / (double)row->n_tokens;
	double high = (double)row->n_high / (double)row->n_tokens;
	int first = sum->n_tokens == 0;

	sum->log_ratio_max = fmax(sum->log_ratio_max, row->log_ratio_max);
	sum->low_min = first ? low : fmin(sum->low_min, low);
	sum->high_max = fmax(sum->high_max, high);
	sum->correction_min =
	    first ? row->correction_min
		  : fmin(sum->correction_min, row->correction_min);
	sum->correction_max = fmax(sum->correction_max, row->correction_max);
}

void grpo__share_row(struct grpo__share *sum, const struct grpo__share *row,
		     double weight, const grpo_plan *plan, int component)
{
	if (row->n_tokens == 0)
		return;
	sum->loss += weight * row->loss;
	if (component != GRPO_COMPONENT_POLICY) {
		sum->other_loss[component] += weight * row->loss;
		sum->n_others[component] += row->n_tokens;
		return;
	}
	sum->policy_loss += weight * row->policy_loss;
	sum->loss -= grpo__plan_entropy_weight(plan) * row->entropy;
	sum->kl += row->kl;
	sum->entropy += row->entropy;
	sum->ratio += row->ratio;
	/* of a row that has one weight, that weight */
	sum->correction += grpo__corrects_rows(&plan->options)
			       ? row->correction_max
			       : row->correction;
	add_extremes_of_row(sum, row);
	sum->n_low += row->n_low;
	sum->n_high += row->n_high;
	sum->n_tokens += row->n_tokens;
}

/* -------------------------------------------------- slice and metrics */

int grpo_metrics_init_(grpo_metrics *m, size_t size)
{
	static const grpo_metrics zero;

	return grpo__struct_init(m, size, &zero, sizeof zero, "grpo_metrics");
}

static void merge_sums(grpo_metrics *a, const grpo_metrics *b)
{
	a->loss += b->loss;
	a->policy_loss += b->policy_loss;
	a->kl += b->kl;
	a->entropy += b->entropy;
	a->clip_low_mean += b->clip_low_mean;
	a->clip_high_mean += b->clip_high_mean;
	a->clip_region_mean += b->clip_region_mean;
	a->ratio_mean += b->ratio_mean;
	a->correction_mean += b->correction_mean;
	a->n_tokens += b->n_tokens;
	a->n_rows += b->n_rows;
	a->cross_entropy += b->cross_entropy;
	a->reference_kl += b->reference_kl;
	a->n_cross_entropy += b->n_cross_entropy;
	a->n_reference_kl += b->n_reference_kl;
}

/* Before the first token, the zeros of …_init are not values yet. */
static void merge_extremes(grpo_metrics *a, const grpo_metrics *b)
{
	int first = a->n_tokens == 0;

	if (b->n_tokens == 0)
		return;
	a->clip_low_min =
	    first ? b->clip_low_min : fmin(a->clip_low_min, b->clip_low_min);
	a->correction_min = first ? b->correction_min
				  : fmin(a->correction_min, b->correction_min);
	a->clip_high_max = fmax(a->clip_high_max, b->clip_high_max);
	a->ratio_max = fmax(a->ratio_max, b->ratio_max);
	a->correction_max = fmax(a->correction_max, b->correction_max);
}

int grpo_metrics_merge(grpo_metrics *to, const grpo_metrics *from)
{
	grpo_metrics a = {0}, b = {0};
	int rc = 0;

	GRPO_TRY(grpo__struct_import(&a, sizeof a, to, "grpo_metrics",
				     "call grpo_metrics_init"));
	GRPO_TRY(grpo__struct_import(&b, sizeof b, from, "grpo_metrics",
				     "call grpo_metrics_init"));
	merge_extremes(&a, &b);
	merge_sums(&a, &b);
	grpo__struct_export(to, &a, sizeof a);
out:
	return rc;
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
	int64_t n = grpo__corrects_rows(o)
			? plan->total.n_policy_rows
			: plan->total.n_tokens[GRPO_COMPONENT_POLICY];

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
	int64_t n_step = plan->total.n_tokens[GRPO_COMPONENT_POLICY];

	m->loss += s->loss;
	m->policy_loss += s->policy_loss;
	add_means(m, (double)(n_step > 0 ? n_step : 1), s);
	add_extremes(m, s);
	add_correction(m, plan, s);
	m->n_tokens += s->n_tokens;
	m->n_rows += s->n_rows;
	m->cross_entropy += s->other_loss[GRPO_COMPONENT_CROSS_ENTROPY];
	m->reference_kl += s->other_loss[GRPO_COMPONENT_REFERENCE_KL];
	m->n_cross_entropy += s->n_others[GRPO_COMPONENT_CROSS_ENTROPY];
	m->n_reference_kl += s->n_others[GRPO_COMPONENT_REFERENCE_KL];
	if (!isfinite(m->loss))
		return grpo__fail(GRPO_ENUMERIC, "the loss is %g", m->loss);
	if (!isfinite(m->ratio_mean) || !isfinite(m->kl))
		return grpo__fail(GRPO_ENUMERIC,
				  "the mean ratio is %g and the mean kl %g",
				  m->ratio_mean, m->kl);
	return 0;
}
