/* SPDX-License-Identifier: MIT */
/*
 * The loss of a token and, beside it, its slope in logp.  With the ratio
 * r = exp(logp - old_logp), the weight w of the importance sampling correction,
 * and x = logp - ref_logp:
 *
 *	policy = -min(r A, clip(r, 1 - epsilon, 1 + epsilon_high) A), or a
 *	         function of the caller's
 *	loss   = policy w + beta k(x) c
 *	slope  = policy' w + beta (c = 1 ? k'(x) : r (k(x) + k'(x)))
 *
 * c is 1, or r with kl_bias_correction; w is a constant for the slope.  A token
 * that is to be imitated loses -logp instead, one of the component reference KL
 * k(x) alone; the caller's weight multiplies whatever a token loses.  The loops
 * are branch-free, so that they become vector code.
 */
#include "algo/loss.h"

#include <math.h>
#include <string.h>

#include "algo/estimator.h"
#include "algo/exp.h"

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

static void exp_column(double *restrict y, const double *restrict x)
{
	int j;

	for (j = 0; j < GRPO__BLOCK; j++)
		y[j] = grpo__exp(x[j]);
	for (j = 0; j < GRPO__BLOCK; j++)
		if (!(fabs(x[j]) <= GRPO__EXP_MAX))
			y[j] = exp(x[j]);
}

/* ----------------------------------------------- ratio and policy loss */

static void ratio_columns(struct grpo__block *b,
			  const grpo_objective_options *o, const grpo_tokens *s,
			  const struct grpo__row *row)
{
	int j;

	gather_difference(b->log_ratio, s->logp, s->old_logp, b);
	for (j = 0; o->ratio_level == GRPO_RATIO_SEQUENCE && j < GRPO__BLOCK;
	     j++)
		b->log_ratio[j] = j < b->n ? row->log_ratio : 0;
	if (s->old_logp)
		exp_column(b->ratio, b->log_ratio);
	else
		for (j = 0; j < GRPO__BLOCK; j++)
			b->ratio[j] = 1;
}

/* arXiv:2402.03300, equation 3, the term inside the sums.  A token is clipped
 * low where its advantage is negative, and high where it is positive. */
static void clipped_ratio(struct grpo__block *restrict b, double lowest,
			  double highest)
{
	int j;

	for (j = 0; j < GRPO__BLOCK; j++) {
		double a = b->advantage[j], r = b->ratio[j];
		double held = r < lowest ? lowest : r;
		double from = a < 0 ? lowest : -1;
		double to = a > 0 ? highest : INFINITY;

		held = (held > highest ? highest : held) * a;
		b->low[j] = r < from ? 1 : 0;
		b->high[j] = r > to ? 1 : 0;
		b->policy[j] = -(r * a < held ? r * a : held);
		/* + 0.0: never -0 */
		b->slope[j] = -(r * a) * (1 - b->low[j] - b->high[j]) + 0.0;
	}
}

/* What the function leaves in the padding is nobody's. */
static void own_loss(struct grpo__block *b, const grpo_objective_options *o)
{
	grpo_loss_columns c = {.struct_size = sizeof c,
			       .n = b->n,
			       .ratio = b->ratio,
			       .log_ratio = b->log_ratio,
			       .advantage = b->advantage,
			       .loss = b->policy,
			       .slope = b->slope,
			       .low = b->low,
			       .high = b->high};
	int j;

	memset(b->low, 0, sizeof b->low);
	memset(b->high, 0, sizeof b->high);
	o->loss(o->loss_ctx, o, &c);
	for (j = b->n; j < GRPO__BLOCK; j++)
		b->policy[j] = b->slope[j] = 0;
}

/* arXiv:2506.01939: only the tokens at which the policy hesitates. */
static void keep_top_entropy(struct grpo__block *b, const grpo_tokens *s,
			     double from)
{
	for (int j = 0; j < b->n; j++)
		if ((double)s->entropy[b->at[j]] < from)
			b->policy[j] = b->slope[j] = 0;
}

static void policy_columns(struct grpo__block *b,
			   const grpo_objective_options *o,
			   const grpo_tokens *s, const struct grpo__row *row)
{
	gather(b->advantage, s->advantage, b);
	ratio_columns(b, o, s, row);
	if (o->policy_loss == GRPO_POLICY_OWN)
		own_loss(b, o);
	else
		clipped_ratio(b, 1 - o->epsilon, 1 + o->epsilon_high);
	if (o->top_entropy_quantile < 1)
		keep_top_entropy(b, s, row->entropy_from);
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
	       c == GRPO_CORRECTION_SEQUENCE_MASK;
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
	int masks = c == GRPO_CORRECTION_TOKEN_MASK ||
		    c == GRPO_CORRECTION_SEQUENCE_MASK;

	if (rho < low)
		return masks ? 0 : low;
	if (rho > high)
		return masks ? 0 : high;
	return rho;
}

static double row_weight(const grpo_objective_options *o, const grpo_tokens *s,
			 int64_t i)
{
	int64_t k, end = s->row[i + 1] - s->row[0];
	double sum = 0;

	if (!grpo__corrects_rows(o))
		return 1;
	for (k = s->row[i] - s->row[0]; k < end; k++)
		if (grpo__token_of(s, k, GRPO_COMPONENT_POLICY))
			sum += log_rho(s, k);
	return bounded(o,
		       fabs(sum) <= GRPO__EXP_MAX ? grpo__exp(sum) : exp(sum));
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
		exp_column(rho, b->correction);
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
	for (j = 0; o->kl_bias_correction && j < GRPO__BLOCK; j++) {
		slope[j] = b->ratio[j] * (b->kl[j] + slope[j]);
		b->kl[j] *= b->ratio[j];
	}
	for (j = 0; beta > 0 && j < GRPO__BLOCK; j++) {
		b->loss[j] += beta * b->kl[j] * b->weight[j];
		b->slope[j] += beta * slope[j] * b->weight[j];
	}
}

/* ------------------------------------------------------ block and row */

static double row_log_ratio(const grpo_tokens *s, int64_t i)
{
	int64_t k, end = s->row[i + 1] - s->row[0], n = 0;
	double sum = 0;

	for (k = s->row[i] - s->row[0]; s->old_logp && k < end; k++)
		if (grpo__token_of(s, k, GRPO_COMPONENT_POLICY)) {
			sum += (double)s->logp[k] - (double)s->old_logp[k];
			n++;
		}
	return n ? sum / (double)n : 0;
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
			       .entropy_from = plan->total.entropy_threshold};
	if (o->ratio_level != GRPO_RATIO_SEQUENCE)
		return;
	row->log_ratio = row_log_ratio(s, i);
	row->slope = row_slope(row, o, s, i);
}

static void policy_block(struct grpo__block *b, const grpo_objective_options *o,
			 const grpo_tokens *s, const struct grpo__row *row)
{
	int j;

	policy_columns(b, o, s, row);
	correction_columns(b, o, s, row->weight);
	weight_columns(b, s);
	for (j = 0; o->ratio_level == GRPO_RATIO_SEQUENCE && j < b->n; j++)
		b->slope[j] = row->slope;
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
