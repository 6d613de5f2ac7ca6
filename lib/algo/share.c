/* SPDX-License-Identifier: MIT */
#include "algo/share.h"

#include <math.h>

#include "algo/correction.h"

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
