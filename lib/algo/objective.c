/* SPDX-License-Identifier: MIT */
/*
 * Loss and gradient of a slice: one pass over its tokens, row by row and block
 * by block (loss.c).  Each block is checked as it comes; where something in it
 * is not finite, a second look names the token.
 */
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "algo/loss.h"
#include "algo/sums.h"
#include "core/fail.h"
#include "core/struct.h"

/* ------------------------------------------------------ finite or not */

/* The exponent of what is not finite is all ones: one more, and it carries into
 * the sign bit.  Written without branches and in fixed lengths, as vector code.
 */

static uint64_t carry_of(double x)
{
	uint64_t bits;

	memcpy(&bits, &x, sizeof bits);
	return (bits & INT64_MAX) + ((uint64_t)1 << 52);
}

static uint32_t carry_of_float(float x)
{
	uint32_t bits;

	memcpy(&bits, &x, sizeof bits);
	return (bits & INT32_MAX) + ((uint32_t)1 << 23);
}

static int column_is_finite(const double *x)
{
	uint64_t carry = 0;

	for (int j = 0; j < GRPO__BLOCK; j++)
		carry |= carry_of(x[j]);
	return !(carry >> 63);
}

static int floats_are_finite(const float *x)
{
	uint32_t carry = 0;

	for (int j = 0; j < GRPO__BLOCK; j++)
		carry |= carry_of_float(x[j]);
	return !(carry >> 31);
}

/* Of the array x, at the block's tokens. */
static int input_is_finite(const float *x, const struct grpo__block *b)
{
	uint32_t carry = 0;

	if (b->n == GRPO__BLOCK &&
	    b->at[GRPO__BLOCK - 1] - b->at[0] == GRPO__BLOCK - 1)
		return floats_are_finite(x + b->at[0]);
	for (int j = 0; j < b->n; j++)
		carry |= carry_of_float(x[b->at[j]]);
	return !(carry >> 31);
}

/* An infinite log-probability of the sampler would end at the weight's bound; a
 * NaN is an unknown one. */
static int is_known(const float *rollout, const struct grpo__block *b)
{
	int fine = 1;

	for (int j = 0; j < b->n; j++)
		fine &= !isinf(rollout[b->at[j]]);
	return fine;
}

static int corrects(const grpo_objective_options *o)
{
	return o->importance_sampling_correction != GRPO_CORRECTION_NONE;
}

/* A ratio, a weight or an advantage that is not finite makes a loss or a
 * gradient that is not; the inputs that need not are looked at. */
static int is_fine(const struct grpo__block *b, const float *gradient,
		   const grpo_objective_options *o, const grpo_tokens *s)
{
	return column_is_finite(b->loss) && floats_are_finite(gradient) &&
	       (!s->ref_logp || column_is_finite(b->kl)) &&
	       input_is_finite(s->logp, b) &&
	       (!s->entropy || input_is_finite(s->entropy, b)) &&
	       (!corrects(o) || is_known(s->rollout_logp, b));
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
	if (corrects(o) && isinf(s->rollout_logp[k]))
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

/* Names the first token at which something is not finite. */
static int fail_block(const struct grpo__block *b,
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

/* ---------------------------------------------------------------- rows */

/* Adds the row to *sum and writes its gradient. */
static int do_row(struct grpo__share *sum, float *dlogp, const grpo_plan *plan,
		  const struct place *p)
{
	const grpo_objective_options *o = &plan->options;
	const grpo_tokens *s = p->slice;
	double weight = grpo__plan_weight(plan, p->first_row + p->row);
	int64_t k = s->row[p->row] - s->row[0];
	int64_t end = s->row[p->row + 1] - s->row[0];
	struct grpo__share row = {0};
	struct grpo__row prepared;
	float gradient[GRPO__BLOCK];
	struct grpo__block b;
	int j, rc = 0;

	grpo__row_prepare(&prepared, o, s, p->row);
	while (k < end) {
		k = grpo__block_take(&b, s, k, end);
		grpo__block_compute(&b, o, s, &prepared);
		for (j = 0; j < GRPO__BLOCK; j++)
			gradient[j] = (float)(weight * b.slope[j]);
		if (!is_fine(&b, gradient, o, s))
			GRPO_TRY(fail_block(&b, o, weight, p));
		grpo__share_block(&row, &b, s->entropy);
		for (j = 0; j < b.n; j++)
			dlogp[b.at[j]] = gradient[j];
	}
	grpo__share_row(sum, &row, weight, o);
out:
	return rc;
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
	struct place p = {.slice = &s, .first_row = first_row};
	int rc = 0;

	GRPO_FAIL_IF(!plan, GRPO_EINVAL, "plan is NULL");
	GRPO_TRY(grpo__tokens_import(&s, slice));
	GRPO_TRY(grpo__plan_check_slice(plan, &s, first_row));
	GRPO_TRY(check_arrays(plan, &s, dlogp));
	if (metrics)
		GRPO_TRY(grpo__struct_import(&total, sizeof total, metrics,
					     "grpo_metrics",
					     "call grpo_metrics_init"));

	fill_zero(dlogp, &s);
	for (; p.row < s.n_rows; p.row++)
		GRPO_TRY(do_row(&share, dlogp, plan, &p));
	fill_zero(dentropy, &s);
	GRPO_TRY(grpo__metrics_add(&total, plan, &share));
	if (metrics)
		grpo__struct_export(metrics, &total, sizeof total);
out:
	return rc;
}
