/* SPDX-License-Identifier: MIT */
/*
 * The loss of a token and, beside it, its slope in logp.  With the ratio
 * r = exp(logp - old_logp), the weight w of the importance sampling correction,
 * and x = logp - ref_logp:
 *
 *	policy = a function of r and the advantage (policy_loss.c)
 *	loss   = policy w + beta k(x) c
 *	slope  = policy' w + beta (c = 1 ? k'(x) : r (k(x) + k'(x)))
 *
 * c is 1, or r (kl_bias_correction); w is a constant for the slope.  A token
 * that is to be imitated loses -logp instead, one of the component reference KL
 * k(x) alone; the caller's weight multiplies whatever a token loses.  The loops
 * are branch-free, so that they become vector code.
 */
#include "algo/loss.h"

#include <math.h>

#include "algo/estimator.h"
#include "algo/exp.h"
#include "algo/policy_loss.h"

/* ----------------------------------------------------- tokens to columns */

int64_t grpo__block_take(struct grpo__block *b, const grpo_tokens *s, int64_t k,
			 int64_t end)
{
	b->n = 0;
	if (!s->mask && !s->component) {
		while (k < end && b->n < GRPO__BLOCK)
			b->at[b->n++] = k++;
		return k;
	}
	for (; k < end && b->n < GRPO__BLOCK; k++)
		if (grpo__token_of(s, k, b->component))
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

/* ----------------------------------------------- ratio and policy loss */

/* One ratio for all tokens of a row. */
static int is_of_rows(const grpo_objective_options *o)
{
	return o->ratio_level != GRPO_RATIO_TOKEN;
}

/* The gradient goes through the row's ratio, and not past it. */
static int is_through_rows(const grpo_objective_options *o)
{
	return (o->ratio_level == GRPO_RATIO_SEQUENCE ||
		o->ratio_level == GRPO_RATIO_GEOMETRIC) &&
	       o->policy_loss != GRPO_POLICY_CISPO &&
	       o->policy_loss != GRPO_POLICY_REINFORCE;
}

static void ratio_columns(struct grpo__block *b,
			  const grpo_objective_options *o, const grpo_tokens *s,
			  const struct grpo__row *row)
{
	int j;

	gather_difference(b->log_ratio, s->logp, s->old_logp, b);
	for (j = 0; is_of_rows(o) && j < GRPO__BLOCK; j++)
		b->log_ratio[j] = j < b->n ? row->log_ratio : 0;
	if (s->old_logp)
		grpo__exp_array(b->ratio, b->log_ratio, GRPO__BLOCK);
	else
		for (j = 0; j < GRPO__BLOCK; j++)
			b->ratio[j] = 1;
}

/* GMPO's d of a token, which counts as clipped where it is held. */
static double held(double d, double advantage, const grpo_objective_options *o)
{
	if (advantage > 0)
		return d > o->epsilon_high ? o->epsilon_high : d;
	if (advantage < 0)
		return d < -o->epsilon ? -o->epsilon : d;
	return d;
}

static void mark_held(struct grpo__block *b, const grpo_objective_options *o,
		      const grpo_tokens *s)
{
	double d[GRPO__BLOCK];

	gather_difference(d, s->logp, s->old_logp, b);
	for (int j = 0; j < GRPO__BLOCK; j++) {
		double a = b->advantage[j];

		b->low[j] = a < 0 && d[j] < -o->epsilon ? 1 : 0;
		b->high[j] = a > 0 && d[j] > o->epsilon_high ? 1 : 0;
	}
}

/* Tokens without a policy loss: those at which the policy does not hesitate
 * (arXiv:2506.01939), and bad ones of rows that it has left behind. */
static void leave_out(struct grpo__block *b, const grpo_objective_options *o,
		      const grpo_tokens *s, const struct grpo__row *row)
{
	int j;

	for (j = 0; o->top_entropy_quantile < 1 && j < b->n; j++)
		if ((double)s->entropy[b->at[j]] < row->entropy_from)
			b->policy[j] = b->slope[j] = 0;
	for (j = 0; row->is_left && j < b->n; j++)
		if (b->advantage[j] < 0)
			b->policy[j] = b->slope[j] = 0;
}

static void policy_columns(struct grpo__block *b,
			   const grpo_objective_options *o,
			   const grpo_tokens *s, const struct grpo__row *row)
{
	gather(b->advantage, s->advantage, b);
	ratio_columns(b, o, s, row);
	if (grpo__policy_loss_needs_logp(o)) {
		gather(b->logp, s->logp, b);
		gather(b->old_logp, s->old_logp ? s->old_logp : s->logp, b);
	}
	grpo__policy_loss(b, o);
	if (o->ratio_level == GRPO_RATIO_GEOMETRIC)
		mark_held(b, o, s);
	leave_out(b, o, s, row);
}

/* -------------------------------------- importance sampling correction */

int grpo__corrects_tokens(const grpo_objective_options *o)
{
	int32_t c = o->importance_sampling_correction;

	return c == GRPO_CORRECTION_TOKEN_TRUNCATE ||
	       c == GRPO_CORRECTION_TOKEN_MASK;
}

int grpo__corrects_rows(const grpo_objective_options *o)
{
	int32_t c = o->importance_sampling_correction;

	return c == GRPO_CORRECTION_SEQUENCE_TRUNCATE ||
	       c == GRPO_CORRECTION_SEQUENCE_MASK ||
	       c == GRPO_CORRECTION_GEOMETRIC_MASK;
}

/* log rho of token k; 0 where the sampler's number is unknown */
static double log_rho(const grpo_tokens *s, int64_t k)
{
	double rollout = s->rollout_logp[k];

	if (isnan(rollout))
		return 0;
	return (double)(s->old_logp ? s->old_logp : s->logp)[k] - rollout;
}

/* w of rho */
static double bounded(const grpo_objective_options *o, double rho)
{
	int32_t c = o->importance_sampling_correction;
	double low = o->importance_sampling_clip_min;
	double high = o->importance_sampling_clip_max;
	int truncates = c == GRPO_CORRECTION_TOKEN_TRUNCATE ||
			c == GRPO_CORRECTION_SEQUENCE_TRUNCATE;

	if (rho < low)
		return truncates ? low : 0;
	if (rho > high)
		return truncates ? high : 0;
	return c == GRPO_CORRECTION_GEOMETRIC_MASK ? 1 : rho;
}

static double exp_of(double x)
{
	return fabs(x) <= GRPO__EXP_MAX ? grpo__exp(x) : exp(x);
}

static double row_weight(const grpo_objective_options *o, const grpo_tokens *s,
			 int64_t i)
{
	int64_t k, end = s->row[i + 1] - s->row[0], n = 0;
	double sum = 0;

	if (!grpo__corrects_rows(o))
		return 1;
	for (k = s->row[i] - s->row[0]; k < end; k++)
		if (grpo__token_of(s, k, GRPO_COMPONENT_POLICY)) {
			sum += log_rho(s, k);
			n++;
		}
	if (o->importance_sampling_correction ==
		GRPO_CORRECTION_GEOMETRIC_MASK &&
	    n > 0)
		sum /= (double)n;
	return bounded(o, exp_of(sum));
}

static void correction_columns(struct grpo__block *b,
			       const grpo_objective_options *o,
			       const grpo_tokens *s, double of_row)
{
	double rho[GRPO__BLOCK] = {0};
	int j;

	for (j = 0; j < GRPO__BLOCK; j++)
		b->correction[j] = of_row;
	if (o->importance_sampling_correction == GRPO_CORRECTION_NONE)
		return;
	if (grpo__corrects_tokens(o)) {
		for (j = 0; j < b->n; j++)
			b->correction[j] = log_rho(s, b->at[j]);
		for (; j < GRPO__BLOCK; j++)
			b->correction[j] = 0;
		grpo__exp_array(rho, b->correction, GRPO__BLOCK);
		for (j = 0; j < GRPO__BLOCK; j++)
			b->correction[j] = bounded(o, rho[j]);
	}
	for (j = 0; j < GRPO__BLOCK; j++) {
		b->policy[j] *= b->correction[j];
		b->slope[j] *= b->correction[j];
	}
}

/* The caller's weights, on loss and slope as they are so far. */
static void weight_columns(struct grpo__block *b, const grpo_tokens *s)
{
	int j;

	for (j = 0; j < GRPO__BLOCK; j++)
		b->weight[j] = 1;
	if (!s->weight)
		return;
	gather(b->weight, s->weight, b);
	for (j = 0; j < GRPO__BLOCK; j++) {
		b->policy[j] *= b->weight[j];
		b->slope[j] *= b->weight[j];
	}
}

/* ------------------------------------------------------- KL divergence */

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
	for (j = 0;
	     o->kl_bias_correction == GRPO_KL_TIMES_RATIO && j < GRPO__BLOCK;
	     j++) {
		slope[j] = b->ratio[j] * (b->kl[j] + slope[j]);
		b->kl[j] *= b->ratio[j];
	}
	for (j = 0;
	     o->kl_bias_correction == GRPO_KL_K2_SLOPE && j < GRPO__BLOCK; j++)
		slope[j] = x[j];
	for (j = 0; beta > 0 && j < GRPO__BLOCK; j++) {
		b->loss[j] += beta * b->kl[j] * b->weight[j];
		b->slope[j] += beta * slope[j] * b->weight[j];
	}
}

/* ------------------------------------------------------ block and row */

static double row_log_ratio(const grpo_objective_options *o,
			    const grpo_tokens *s, int64_t i)
{
	int64_t k, end = s->row[i + 1] - s->row[0], n = 0;
	double sum = 0;

	for (k = s->row[i] - s->row[0]; s->old_logp && k < end; k++)
		if (grpo__token_of(s, k, GRPO_COMPONENT_POLICY)) {
			double d = (double)s->logp[k] - (double)s->old_logp[k];

			sum += o->ratio_level == GRPO_RATIO_GEOMETRIC
				   ? held(d, (double)s->advantage[k], o)
				   : d;
			n++;
		}
	return n ? sum / (double)n : 0;
}

/* Whether the policy finds the row much less likely than the sampler did. */
static int is_left(const grpo_objective_options *o, const grpo_tokens *s,
		   int64_t i)
{
	int64_t k, end = s->row[i + 1] - s->row[0], n = 0;
	double sum = 0;

	if (isinf(o->off_policy_threshold))
		return 0;
	for (k = s->row[i] - s->row[0]; k < end; k++)
		if (grpo__token_of(s, k, GRPO_COMPONENT_POLICY)) {
			double d =
			    (double)s->rollout_logp[k] - (double)s->logp[k];

			sum += isnan(d) ? 0 : d;
			n++;
		}
	return n && sum / (double)n > o->off_policy_threshold;
}

/* The mean over the row's tokens, since each moves the ratio of all by 1/n. */
static double row_slope(const struct grpo__row *row,
			const grpo_objective_options *o, const grpo_tokens *s,
			int64_t i)
{
	int64_t k = s->row[i] - s->row[0], end = s->row[i + 1] - s->row[0];
	struct grpo__block b = {.component = GRPO_COMPONENT_POLICY};
	double sum = 0;
	int64_t n = 0;
	int j;

	while (k < end) {
		k = grpo__block_take(&b, s, k, end);
		policy_columns(&b, o, s, row);
		correction_columns(&b, o, s, row->weight);
		weight_columns(&b, s);
		for (j = 0; j < b.n; j++)
			sum += b.slope[j];
		n += b.n;
	}
	return n ? sum / (double)n : 0;
}

void grpo__row_prepare(struct grpo__row *row, const grpo_plan *plan,
		       const grpo_tokens *s, int64_t i)
{
	const grpo_objective_options *o = &plan->options;

	*row =
	    (struct grpo__row){.weight = row_weight(o, s, i),
			       .is_left = is_left(o, s, i),
			       .entropy_from = plan->total.entropy_threshold};
	if (is_of_rows(o))
		row->log_ratio = row_log_ratio(o, s, i);
	if (is_through_rows(o))
		row->slope = row_slope(row, o, s, i);
}

static void policy_block(struct grpo__block *b, const grpo_objective_options *o,
			 const grpo_tokens *s, const struct grpo__row *row)
{
	int j;

	policy_columns(b, o, s, row);
	correction_columns(b, o, s, row->weight);
	weight_columns(b, s);
	for (j = 0; is_through_rows(o) && j < b->n; j++)
		b->slope[j] = row->slope;
	for (j = 0; o->ratio_level == GRPO_RATIO_GEOMETRIC && j < b->n; j++)
		b->slope[j] *= 1 - b->low[j] - b->high[j];
	for (j = 0; j < GRPO__BLOCK; j++) {
		b->loss[j] = b->policy[j];
		b->kl[j] = 0;
	}
	if (s->ref_logp)
		kl_columns(b, o, s);
}

/* Tokens to imitate, or to bring near the reference: no ratio, no advantage. */
static void other_block(struct grpo__block *b, const grpo_objective_options *o,
			const grpo_tokens *s)
{
	double x[GRPO__BLOCK];
	int j;

	for (j = 0; j < GRPO__BLOCK; j++) {
		b->log_ratio[j] = b->kl[j] = b->policy[j] = 0;
		b->ratio[j] = b->correction[j] = 1;
		b->slope[j] = -1;
	}
	if (b->component == GRPO_COMPONENT_REFERENCE_KL) {
		gather_difference(x, s->logp, s->ref_logp, b);
		estimate(b->loss, b->slope, x, o->kl_estimator);
	} else {
		gather(b->loss, s->logp, b);
		for (j = 0; j < GRPO__BLOCK; j++)
			b->loss[j] = -b->loss[j];
	}
	weight_columns(b, s);
	for (j = 0; j < GRPO__BLOCK; j++)
		b->loss[j] *= b->weight[j];
}

void grpo__block_compute(struct grpo__block *b, const grpo_objective_options *o,
			 const grpo_tokens *s, const struct grpo__row *row)
{
	if (b->component == GRPO_COMPONENT_POLICY)
		policy_block(b, o, s, row);
	else
		other_block(b, o, s);
}
