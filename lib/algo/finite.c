/* SPDX-License-Identifier: MIT */
/*
 * Nothing may be written unless all of it is finite, and nothing is
 * allocated.  So this comes first.  Where every number is small, as in any
 * healthy run, a look at the inputs is enough; else the slice is computed
 * once without writing.
 */
#include "algo/finite.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>

#include "algo/share.h"
#include "algo/term.h"
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

/* A NaN is not small, but for a rollout_logp, where it is no harm. */
static int token_is_small(const grpo_tokens *s, int rollout, int64_t k)
{
	double logp = s->logp[k];
	int small = fabs(logp) < SMALL_INPUT;

	small &= fabs((double)s->advantage[k]) < SMALL_FACTOR;
	if (s->old_logp)
		small &= fabs(logp - (double)s->old_logp[k]) < SMALL_LOG;
	if (s->ref_logp)
		small &= fabs(logp - (double)s->ref_logp[k]) < SMALL_LOG;
	if (s->entropy)
		small &= fabs((double)s->entropy[k]) < SMALL_INPUT;
	if (rollout)
		small &= !(fabs((double)s->rollout_logp[k]) > SMALL_INPUT);
	return small;
}

static int all_is_small(const grpo_plan *plan, const grpo_tokens *s)
{
	const grpo_objective_options *o = &plan->options;
	int rollout = o->importance_sampling_correction != GRPO_CORRECTION_NONE;
	int64_t k, n = s->n_rows > 0 ? s->row[s->n_rows] - s->row[0] : 0;
	int small = options_are_small(o);

	for (k = 0; k < n && small; k++)
		small = !grpo__token_in(s, k) || token_is_small(s, rollout, k);
	return small;
}

static int check_inputs(const grpo_tokens *s, int rollout, int64_t k,
			int64_t row, int64_t t)
{
	const struct {
		const char *name;
		const float *value;
		int may_be_nan;
	} in[] = {{"logp", s->logp, 0},
		  {"old_logp", s->old_logp, 0},
		  {"ref_logp", s->ref_logp, 0},
		  {"entropy", s->entropy, 0},
		  {"advantage", s->advantage, 0},
		  {"rollout_logp", rollout ? s->rollout_logp : NULL, 1}};
	size_t j;

	for (j = 0; j < sizeof in / sizeof *in; j++)
		if (in[j].value && !isfinite(in[j].value[k]) &&
		    !(in[j].may_be_nan && isnan(in[j].value[k])))
			return grpo__fail(
			    GRPO_ENUMERIC,
			    "row %" PRId64 ", token %" PRId64 ": %s is %g", row,
			    t, in[j].name, (double)in[j].value[k]);
	return 0;
}

static int check_term(const struct grpo__term *e, double weight, int64_t row,
		      int64_t t)
{
	const char *what = NULL;

	if (!isfinite(e->ratio))
		return grpo__fail(GRPO_ENUMERIC,
				  "row %" PRId64 ", token %" PRId64
				  ": the ratio exp(%g) is not finite",
				  row, t, e->log_ratio);
	if (!isfinite(e->correction))
		what = "importance sampling weight";
	else if (!isfinite(e->kl))
		what = "kl";
	else if (!isfinite(e->loss))
		what = "loss";
	else if (!(fabs(e->slope * weight) <= FLT_MAX))
		what = "gradient";
	if (what)
		return grpo__fail(GRPO_ENUMERIC,
				  "row %" PRId64 ", token %" PRId64
				  ": the %s is not finite",
				  row, t, what);
	return 0;
}

static int check_row(struct grpo__share *sum, const grpo_plan *plan,
		     const grpo_tokens *s, int64_t i, int64_t first_row)
{
	const grpo_objective_options *o = &plan->options;
	int rollout = o->importance_sampling_correction != GRPO_CORRECTION_NONE;
	double weight = grpo__plan_weight(plan, first_row + i);
	double row_weight = grpo__row_weight(o, s, i);
	int64_t t, first = s->row[i] - s->row[0];
	struct grpo__share row = {0};
	int rc = 0;

	for (t = 0; t < s->row[i + 1] - s->row[i]; t++) {
		int64_t k = first + t;
		struct grpo__term e;

		if (!grpo__token_in(s, k))
			continue;
		GRPO_TRY(check_inputs(s, rollout, k, first_row + i, t));
		e = grpo__term_at(o, s, k, row_weight);
		GRPO_TRY(check_term(&e, weight, first_row + i, t));
		grpo__share_token(&row, &e, s->entropy ? s->entropy[k] : 0);
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
	int64_t i;
	int rc = 0;

	if (isfinite(before->loss) && isfinite(before->ratio_mean) &&
	    isfinite(before->kl) && all_is_small(plan, s))
		return 0;
	for (i = 0; i < s->n_rows; i++)
		GRPO_TRY(check_row(&share, plan, s, i, first_row));
	GRPO_TRY(grpo__metrics_add(&after, plan, &share));
out:
	return rc;
}
