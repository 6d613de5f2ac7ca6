/* SPDX-License-Identifier: MIT */
/*
 * Loss and gradient of a slice: one pass over its tokens, after finite.c has
 * checked that nothing can fail.
 */
#include <string.h>

#include "algo/correction.h"
#include "algo/finite.h"
#include "algo/plan.h"
#include "algo/share.h"
#include "core/fail.h"
#include "core/struct.h"

/* Row i of the slice: adds it to *sum and writes its gradient. */
static void do_row(struct grpo__share *sum, float *dlogp, const grpo_plan *plan,
		   const grpo_tokens *s, int64_t i, int64_t first_row)
{
	const grpo_objective_options *o = &plan->options;
	double weight = grpo__plan_weight(plan, first_row + i);
	double row_weight = grpo__row_weight(o, s, i);
	int64_t k = s->row[i] - s->row[0], end = s->row[i + 1] - s->row[0];
	struct grpo__share row = {0};
	struct grpo__block b;
	int j;

	while (k < end) {
		k = grpo__block_take(&b, s, k, end);
		grpo__block_compute(&b, o, s, row_weight);
		grpo__share_block(&row, &b, s->entropy);
		for (j = 0; j < b.n; j++)
			dlogp[b.at[j]] = (float)(weight * b.slope[j]);
	}
	grpo__share_row(sum, &row, weight, o);
}

static const char *missing_array(const grpo_objective_options *o,
				 const grpo_tokens *s, const float *dlogp)
{
	if (!s->logp)
		return "grpo_tokens.logp";
	if (!s->advantage)
		return "grpo_tokens.advantage";
	if (!dlogp)
		return "dlogp";
	if (o->importance_sampling_correction != GRPO_CORRECTION_NONE &&
	    !s->rollout_logp)
		return "grpo_tokens.rollout_logp, which the importance "
		       "sampling correction needs,";
	return NULL;
}

static int check_arrays(const grpo_plan *plan, const grpo_tokens *s,
			const float *dlogp)
{
	const grpo_objective_options *o = &plan->options;
	const char *missing;

	if (s->n_rows == 0 || s->row[s->n_rows] == s->row[0])
		return 0;
	missing = missing_array(o, s, dlogp);
	if (missing)
		return grpo__fail(GRPO_EINVAL, "%s is NULL", missing);
	if (o->beta > 0 && !s->ref_logp)
		return grpo__fail(GRPO_EINVAL,
				  "grpo_tokens.ref_logp is NULL, and beta is "
				  "%g",
				  o->beta);
	return 0;
}

static void fill_zero(float *x, const grpo_tokens *s)
{
	int64_t n = s->n_rows > 0 ? s->row[s->n_rows] - s->row[0] : 0;

	if (x && n > 0)
		memset(x, 0, (size_t)n * sizeof *x);
}

int grpo_objective(const grpo_plan *plan, const grpo_tokens *slice,
		   int64_t first_row, float *dlogp, float *dentropy,
		   grpo_metrics *metrics)
{
	struct grpo__share share = {0};
	grpo_metrics total = {0};
	grpo_tokens s;
	int64_t i;
	int rc = 0;

	GRPO_FAIL_IF(!plan, GRPO_EINVAL, "plan is NULL");
	GRPO_TRY(grpo__tokens_import(&s, slice));
	GRPO_TRY(grpo__plan_check_slice(plan, &s, first_row));
	GRPO_TRY(check_arrays(plan, &s, dlogp));
	if (metrics)
		GRPO_TRY(grpo__struct_import(&total, sizeof total, metrics,
					     "grpo_metrics",
					     "call grpo_metrics_init"));
	GRPO_TRY(grpo__check_finite(plan, &s, first_row, &total));

	fill_zero(dlogp, &s);
	for (i = 0; i < s.n_rows; i++)
		do_row(&share, dlogp, plan, &s, i, first_row);
	fill_zero(dentropy, &s);
	GRPO_TRY(grpo__metrics_add(&total, plan, &share));
	if (metrics)
		grpo__struct_export(metrics, &total, sizeof total);
out:
	return rc;
}
