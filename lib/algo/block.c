/* SPDX-License-Identifier: MIT */
#include "algo/block.h"

#include "algo/correction.h"
#include "algo/estimator.h"
#include "algo/exp.h"

int64_t grpo__block_take(struct grpo__block *b, const grpo_tokens *s, int64_t k,
			 int64_t end)
{
	b->n = 0;
	if (!s->mask) {
		while (k < end && b->n < GRPO__BLOCK)
			b->at[b->n++] = k++;
		return k;
	}
	for (; k < end && b->n < GRPO__BLOCK; k++)
		if (grpo__token_in(s, k))
			b->at[b->n++] = k;
	return k;
}

static void gather(double *to, const float *from, const struct grpo__block *b)
{
	int j;

	for (j = 0; j < b->n; j++)
		to[j] = from[b->at[j]];
	for (; j < GRPO__BLOCK; j++)
		to[j] = 0;
}

/* to = x - y; y may be NULL: equal to x */
static void gather_difference(double *to, const float *x, const float *y,
			      const struct grpo__block *b)
{
	int j = 0;

	for (; y && j < b->n; j++)
		to[j] = (double)x[b->at[j]] - (double)y[b->at[j]];
	for (; j < GRPO__BLOCK; j++)
		to[j] = 0;
}

static void exp_column(double *restrict y, const double *restrict x)
{
	int j;

	for (j = 0; j < GRPO__BLOCK; j++)
		y[j] = grpo__exp(x[j]);
	for (j = 0; j < GRPO__BLOCK; j++)
		if (!(fabs(x[j]) <= GRPO__EXP_MAX))
			y[j] = exp(x[j]);
}

static void ratio_columns(struct grpo__block *b, const grpo_tokens *s)
{
	int j;

	gather_difference(b->log_ratio, s->logp, s->old_logp, b);
	if (s->old_logp)
		exp_column(b->ratio, b->log_ratio);
	else
		for (j = 0; j < GRPO__BLOCK; j++)
			b->ratio[j] = 1;
}

static void clip_columns(struct grpo__block *restrict b, double lowest,
			 double highest)
{
	int j;

	for (j = 0; j < GRPO__BLOCK; j++) {
		double a = b->advantage[j], r = b->ratio[j];
		double from = a < 0 ? lowest : -1,
		       to = a > 0 ? highest : INFINITY;

		b->low[j] = r < from ? 1 : 0;
		b->high[j] = r > to ? 1 : 0;
	}
}

/* eq. 3 of arXiv:2402.03300, the term inside the sums */
static void policy_columns(struct grpo__block *restrict b, double lowest,
			   double highest)
{
	double held[GRPO__BLOCK];
	int j;

	for (j = 0; j < GRPO__BLOCK; j++) {
		double r = b->ratio[j] < lowest ? lowest : b->ratio[j];

		held[j] = r > highest ? highest : r;
	}
	for (j = 0; j < GRPO__BLOCK; j++) {
		double a = b->advantage[j], free = b->ratio[j] * a;

		held[j] *= a;
		b->policy[j] = -(free < held[j] ? free : held[j]);
		/* + 0.0: never -0 */
		b->slope[j] = -free * (1 - b->low[j] - b->high[j]) + 0.0;
	}
}

static void correction_columns(struct grpo__block *b,
			       const grpo_objective_options *o,
			       const grpo_tokens *s, double row_weight)
{
	double rho[GRPO__BLOCK] = {0};
	int j;

	for (j = 0; j < GRPO__BLOCK; j++)
		b->correction[j] = row_weight;
	if (o->importance_sampling_correction == GRPO_CORRECTION_NONE)
		return;
	if (grpo__corrects_tokens(o)) {
		for (j = 0; j < b->n; j++)
			b->correction[j] = grpo__log_rho(s, b->at[j]);
		for (; j < GRPO__BLOCK; j++)
			b->correction[j] = 0;
		exp_column(rho, b->correction);
		for (j = 0; j < GRPO__BLOCK; j++)
			b->correction[j] = grpo__bounded(o, rho[j]);
	}
	for (j = 0; j < GRPO__BLOCK; j++) {
		b->policy[j] *= b->correction[j];
		b->slope[j] *= b->correction[j];
	}
}

/* k into the column kl, k' into *slope, at x = logp - ref_logp */
static void estimate(double *restrict kl, double *restrict slope,
		     const double *restrict x, int32_t estimator)
{
	int j;

	for (j = 0; j < GRPO__BLOCK; j++) {
		struct grpo__kl k = grpo__kl_near(x[j]);

		kl[j] = k.value;
		slope[j] = k.slope;
	}
	for (j = 0; j < GRPO__BLOCK; j++)
		if (estimator != GRPO_KL_K3 || !(fabs(x[j]) <= GRPO__EXP_MAX)) {
			struct grpo__kl k = grpo__kl_estimate(estimator, x[j]);

			kl[j] = k.value;
			slope[j] = k.slope;
		}
}

static void kl_columns(struct grpo__block *b, const grpo_objective_options *o,
		       const grpo_tokens *s)
{
	double x[GRPO__BLOCK], slope[GRPO__BLOCK], beta = o->beta;
	int j;

	gather_difference(x, s->logp, s->ref_logp, b);
	estimate(b->kl, slope, x, o->kl_estimator);
	for (j = 0; o->kl_bias_correction && j < GRPO__BLOCK; j++) {
		slope[j] = b->ratio[j] * (b->kl[j] + slope[j]);
		b->kl[j] *= b->ratio[j];
	}
	for (j = 0; beta > 0 && j < GRPO__BLOCK; j++) {
		b->loss[j] += beta * b->kl[j];
		b->slope[j] += beta * slope[j];
	}
}

void grpo__block_compute(struct grpo__block *b, const grpo_objective_options *o,
			 const grpo_tokens *s, double row_weight)
{
	int j;

	gather(b->advantage, s->advantage, b);
	ratio_columns(b, s);
	clip_columns(b, 1 - o->epsilon, 1 + o->epsilon_high);
	policy_columns(b, 1 - o->epsilon, 1 + o->epsilon_high);
	correction_columns(b, o, s, row_weight);
	for (j = 0; j < GRPO__BLOCK; j++) {
		b->loss[j] = b->policy[j];
		b->kl[j] = 0;
	}
	if (s->ref_logp)
		kl_columns(b, o, s);
}
