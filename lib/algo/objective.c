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

/* Whether what the sampler recorded is looked at. */
static int looks_at_rollout(const grpo_objective_options *o)
{
	return o->importance_sampling_correction != GRPO_CORRECTION_NONE ||
	       !isinf(o->off_policy_threshold);
}

/* A ratio, a weight or an advantage that is not finite makes a loss or a
 * gradient that is not; the inputs that need not are looked at. */
static int is_fine(const struct grpo__block *b, const float *gradient,
		   const grpo_objective_options *o, const grpo_tokens *s)
{
	if (!column_is_finite(b->loss) || !floats_are_finite(gradient) ||
	    !input_is_finite(s->logp, b) ||
	    (s->weight && !input_is_finite(s->weight, b)))
		return 0;
	if (b->component != GRPO_COMPONENT_POLICY)
		return 1;
	return (!s->ref_logp || column_is_finite(b->kl)) &&
	       (!s->entropy || input_is_finite(s->entropy, b)) &&
	       (!looks_at_rollout(o) || is_known(s->rollout_logp, b));
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

/* Of token k, what its component looks at. */
static int check_inputs(const grpo_objective_options *o, const struct place *p,
			int component, int64_t k)
{
	const grpo_tokens *s = p->slice;
	int policy = component == GRPO_COMPONENT_POLICY;
	int imitated = component == GRPO_COMPONENT_CROSS_ENTROPY;
	const struct {
		const char *name;
		const float *value;
	} in[] = {{"logp", s->logp},
		  {"weight", s->weight},
		  {"ref_logp", imitated ? NULL : s->ref_logp},
		  {"old_logp", policy ? s->old_logp : NULL},
		  {"entropy", policy ? s->entropy : NULL},
		  {"advantage", policy ? s->advantage : NULL}};
	size_t j;

	for (j = 0; j < sizeof in / sizeof *in; j++)
		if (in[j].value && !isfinite(in[j].value[k]))
			return fail_at(p, k, in[j].name,
				       (double)in[j].value[k]);
	if (policy && looks_at_rollout(o) && isinf(s->rollout_logp[k]))
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
		GRPO_TRY(check_inputs(o, p, b->component, b->at[j]));
		GRPO_TRY(check_result(b, j, weight, p));
	}
out:
	return rc;
}

/* ---------------------------------------------------------------- rows */

/* Where gradients are written, [n_tokens of the slice]. */
struct gradients {
	float *dlogp, *dentropy; /* dentropy may be NULL */
};

/* Adds the row's tokens of a component to *sum and writes their gradient. */
static int do_part(struct grpo__share *sum, const struct gradients *g,
		   const grpo_plan *plan, const struct place *p, int component)
{
	const grpo_objective_options *o = &plan->options;
	const grpo_tokens *s = p->slice;
	double weight =
	    grpo__plan_weight(plan, p->first_row + p->row, component);
	int64_t k = s->row[p->row] - s->row[0];
	int64_t end = s->row[p->row + 1] - s->row[0];
	struct grpo__share row = {0};
	struct grpo__row prepared = {0};
	float gradient[GRPO__BLOCK], bonus = 0;
	struct grpo__block b;
	int j, rc = 0;

	b.component = component;
	if (component == GRPO_COMPONENT_POLICY)
		bonus = (float)-grpo__plan_entropy_weight(plan);
	if (component == GRPO_COMPONENT_POLICY)
		grpo__row_prepare(&prepared, plan, s, p->row);
	while (k < end) {
		k = grpo__block_take(&b, s, k, end);
		grpo__block_compute(&b, o, s, &prepared);
		for (j = 0; j < GRPO__BLOCK; j++)
			gradient[j] = (float)(weight * b.slope[j]);
		if (!is_fine(&b, gradient, o, s))
			GRPO_TRY(fail_block(&b, o, weight, p));
		grpo__share_block(&row, &b, s->entropy);
		for (j = 0; j < b.n; j++)
			g->dlogp[b.at[j]] = gradient[j];
		for (j = 0; bonus != 0 && j < b.n; j++)
			g->dentropy[b.at[j]] = bonus;
	}
	grpo__share_row(sum, &row, weight, plan, component);
out:
	return rc;
}

static int do_row(struct grpo__share *sum, const struct gradients *g,
		  const grpo_plan *plan, const struct place *p)
{
	int64_t i = (p->first_row + p->row) * GRPO__N_COMPONENTS;
	int c, rc = 0;

	GRPO_TRY(do_part(sum, g, plan, p, GRPO_COMPONENT_POLICY));
	for (c = 1; c < GRPO__N_COMPONENTS; c++)
		if (plan->n_in[i + c] > 0)
			GRPO_TRY(do_part(sum, g, plan, p, c));
	sum->n_rows++;
out:
	return rc;
}

/* ---------------------------------------------------------------- slice */

/* Which components the slice has. */
static void find_components(int *has, const grpo_plan *plan,
			    const grpo_tokens *s, int64_t first_row)
{
	int64_t i, end = first_row + s->n_rows;
	int c;

	for (c = 0; c < GRPO__N_COMPONENTS; c++)
		for (has[c] = 0, i = first_row; i < end; i++)
			has[c] |= plan->n_in[i * GRPO__N_COMPONENTS + c] > 0;
}

static int fail_missing(const char *array, const char *why)
{
	return grpo__fail(GRPO_EINVAL, "grpo_tokens.%s is NULL%s", array, why);
}

/* Of the policy's tokens. */
static int check_policy_arrays(const grpo_objective_options *o,
			       const grpo_tokens *s)
{
	if (!s->advantage)
		return fail_missing("advantage", "");
	if (looks_at_rollout(o) && !s->rollout_logp)
		return fail_missing(
		    "rollout_logp",
		    isinf(o->off_policy_threshold)
			? ", and the importance sampling correction needs it"
			: ", and off_policy_threshold needs it");
	if (o->top_entropy_quantile < 1 && !s->entropy)
		return fail_missing("entropy",
				    ", and top_entropy_quantile needs it");
	if (o->entropy_coef != 0 && !s->entropy)
		return fail_missing("entropy", ", and entropy_coef needs it");
	if (o->beta > 0 && !s->ref_logp)
		return grpo__fail(GRPO_EINVAL,
				  "grpo_tokens.ref_logp is NULL, and beta is "
				  "%g",
				  o->beta);
	return 0;
}

static int check_arrays(const grpo_plan *plan, const grpo_tokens *s,
			int64_t first_row, const struct gradients *g)
{
	int has[GRPO__N_COMPONENTS], rc = 0;

	if (s->n_rows == 0 || s->row[s->n_rows] == s->row[0])
		return 0;
	if (!s->logp)
		return fail_missing("logp", "");
	GRPO_FAIL_IF(!g->dlogp, GRPO_EINVAL, "dlogp is NULL");
	GRPO_FAIL_IF(!g->dentropy && plan->options.entropy_coef != 0,
		     GRPO_EINVAL, "dentropy is NULL, and entropy_coef is %g",
		     plan->options.entropy_coef);
	find_components(has, plan, s, first_row);
	if (has[GRPO_COMPONENT_POLICY])
		GRPO_TRY(check_policy_arrays(&plan->options, s));
	if (has[GRPO_COMPONENT_REFERENCE_KL] && !s->ref_logp)
		return fail_missing("ref_logp", ", and a token is "
						"GRPO_COMPONENT_REFERENCE_KL");
out:
	return rc;
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
	struct gradients g = {dlogp, dentropy};
	int rc = 0;

	GRPO_FAIL_IF(!plan, GRPO_EINVAL, "plan is NULL");
	GRPO_TRY(grpo__tokens_import(&s, slice));
	GRPO_TRY(grpo__plan_check_slice(plan, &s, first_row));
	GRPO_FAIL_IF(grpo_plan_needs(plan), GRPO_EINVAL,
		     "the plan needs grpo_plan_add of all rows and "
		     "grpo_plan_finish first");
	GRPO_TRY(check_arrays(plan, &s, first_row, &g));
	if (metrics)
		GRPO_TRY(grpo__struct_import(&total, sizeof total, metrics,
					     "grpo_metrics",
					     "call grpo_metrics_init"));

	fill_zero(dlogp, &s);
	fill_zero(dentropy, &s);
	for (; p.row < s.n_rows; p.row++)
		GRPO_TRY(do_row(&share, &g, plan, &p));
	GRPO_TRY(grpo__metrics_add(&total, plan, &share));
	if (metrics)
		grpo__struct_export(metrics, &total, sizeof total);
out:
	return rc;
}
