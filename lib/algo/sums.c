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
		     double weight, const grpo_objective_options *o)
{
	sum->n_rows++;
	if (row->n_tokens == 0)
		return;
	sum->loss += weight * row->loss;
	sum->policy_loss += weight * row->policy_loss;
	sum->kl += row->kl;
	sum->entropy += row->entropy;
	sum->ratio += row->ratio;
	/* of a row that has one weight, that weight */
	sum->correction +=
	    grpo__corrects_rows(o) ? row->correction_max : row->correction;
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
