/* SPDX-License-Identifier: MIT */
/*
 * Nothing may be written unless all results are finite, and no memory is
 * allocated to buffer them, so this check comes first.  If every number is
 * small, as in any healthy run, checking the inputs is enough; otherwise the
 * slice is computed once without writing.
 */
#include "algo/finite.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>

#include "algo/correction.h"
#include "algo/share.h"
#include "core/fail.h"

/*
 * Within these bounds a ratio and k are below 8e13, k times ratio below 7e27,
 * their product with beta below 7e33, the policy term times w below 8e25: all
 * far below FLT_MAX, and so are their products with a row's weight (at most
 * 1); no sum of 2^63 of them comes near DBL_MAX.
 */
#define SMALL_LOG 32.0
#define SMALL_FACTOR 1e6 /* advantage, beta, w */
#define SMALL_INPUT 1e30

static int options_are_small(const grpo_objective_options *o)
{
	return o->beta <= SMALL_FACTOR &&
	       (o->importance_sampling_correction == GRPO_CORRECTION_NONE ||
		o->importance_sampling_clip_max <= SMALL_FACTOR);
}

static int is_large(const float *x, const float *y, int64_t k, double bound)
{
	double d = y ? (double)x[k] - (double)y[k] : (double)x[k];

	return !(fabs(d) < bound); /* a NaN is */
}

/* x - y is small at every token in the loss; y may be NULL for 0. */
static int is_small(const grpo_tokens *s, const float *x, const float *y,
		    double bound)
{
	int64_t k, n = s->n_rows > 0 ? s->row[s->n_rows] - s->row[0] : 0;
	int large = 0;

	for (k = 0; x && k < n; k++)
		large |= is_large(x, y, k, bound);
	if (!large)
		return 1;
	for (k = 0; k < n; k++) /* it may stand under the mask */
		if (grpo__token_in(s, k) && is_large(x, y, k, bound))
			return 0;
	return 1;
}

static int all_is_small(const grpo_plan *plan, const grpo_tokens *s)
{
	const grpo_objective_options *o = &plan->options;
	int rollout = o->importance_sampling_correction != GRPO_CORRECTION_NONE;

	return options_are_small(o) &&
	       is_small(s, s->logp, NULL, SMALL_INPUT) &&
	       is_small(s, s->advantage, NULL, SMALL_FACTOR) &&
	       is_small(s, s->old_logp, s->logp, SMALL_LOG) &&
	       is_small(s, s->ref_logp, s->logp, SMALL_LOG) &&
	       is_small(s, s->entropy, NULL, SMALL_INPUT) &&
	       (!rollout || is_small(s, s->rollout_logp, NULL, SMALL_INPUT));
}

struct place {
	const grpo_tokens *slice;
	int64_t row, first_row; /* of the slice; the slice's in the step */
};

static int fail_at(const struct place *p, int64_t k, const char *what, double x)
{
	const grpo_tokens *s = p->slice;

	return grpo__fail(
	    GRPO_ENUMERIC, "row %" PRId64 ", token %" PRId64 ": %s is %g",
	    p->first_row + p->row, k - (s->row[p->row] - s->row[0]), what, x);
}

static int check_inputs(const grpo_objective_options *o, const struct place *p,
			int64_t k)
{
	const grpo_tokens *s = p->slice;
	int rollout = o->importance_sampling_correction != GRPO_CORRECTION_NONE;
	const struct {
		const char *name;
		const float *value;
	} in[] = {{"logp", s->logp},
		  {"old_logp", s->old_logp},
		  {"ref_logp", s->ref_logp},
		  {"entropy", s->entropy},
		  {"advantage", s->advantage}};
	size_t j;

	for (j = 0; j < sizeof in / sizeof *in; j++)
		if (in[j].value && !isfinite(in[j].value[k]))
			return fail_at(p, k, in[j].name,
				       (double)in[j].value[k]);
	if (rollout && isinf(s->rollout_logp[k]))
		return fail_at(p, k, "rollout_logp",
			       (double)s->rollout_logp[k]);
	return 0;
}

static int check_result(const struct grpo__block *b, int j, double weight,
			const struct place *p)
{
	int64_t k = b->at[j];

	if (!isfinite(b->ratio[j]))
		return fail_at(p, k, "the ratio, exp(logp - old_logp),",
			       b->ratio[j]);
	if (!isfinite(b->correction[j]))
		return fail_at(p, k, "the importance sampling weight",
			       b->correction[j]);
	if (!isfinite(b->kl[j]))
		return fail_at(p, k, "the kl", b->kl[j]);
	if (!isfinite(b->loss[j]))
		return fail_at(p, k, "the loss", b->loss[j]);
	if (!(fabs(b->slope[j] * weight) <= FLT_MAX))
		return fail_at(p, k, "the gradient, too large for a float,",
			       b->slope[j] * weight);
	return 0;
}

static int check_block(const struct grpo__block *b,
		       const grpo_objective_options *o, double weight,
		       const struct place *p)
{
	int j, rc = 0;

	for (j = 0; j < b->n; j++) {
		GRPO_TRY(check_inputs(o, p, b->at[j]));
		GRPO_TRY(check_result(b, j, weight, p));
	}
out:
	return rc;
}

static int check_row(struct grpo__share *sum, const grpo_plan *plan,
		     const struct place *p)
{
	const grpo_objective_options *o = &plan->options;
	const grpo_tokens *s = p->slice;
	double weight = grpo__plan_weight(plan, p->first_row + p->row);
	double row_weight = grpo__row_weight(o, s, p->row);
	int64_t k = s->row[p->row] - s->row[0];
	int64_t end = s->row[p->row + 1] - s->row[0];
	struct grpo__share row = {0};
	struct grpo__block b;
	int rc = 0;

	while (k < end) {
		k = grpo__block_take(&b, s, k, end);
		grpo__block_compute(&b, o, s, row_weight);
		GRPO_TRY(check_block(&b, o, weight, p));
		grpo__share_block(&row, &b, s->entropy);
	}
	grpo__share_row(sum, &row, weight, o);
out:
	return rc;
}

int grpo__check_finite(const grpo_plan *plan, const grpo_tokens *s,
		       int64_t first_row, const grpo_metrics *before)
{
	struct grpo__share share = {0};
	grpo_metrics after = *before;
	struct place p = {s, 0, first_row};
	int rc = 0;

	if (isfinite(before->loss) && isfinite(before->ratio_mean) &&
	    isfinite(before->kl) && all_is_small(plan, s))
		return 0;
	for (; p.row < s->n_rows; p.row++)
		GRPO_TRY(check_row(&share, plan, &p));
	GRPO_TRY(grpo__metrics_add(&after, plan, &share));
out:
	return rc;
}
