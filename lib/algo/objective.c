/* SPDX-License-Identifier: MIT */
/*
 * Two passes over a slice: the first computes every token, checks it and adds
 * up the metrics, the second writes the gradient.  So nothing is written
 * unless all is finite, and nothing is allocated.
 */
#include <float.h>
#include <inttypes.h>
#include <math.h>

#include "algo/plan.h"
#include "core/fail.h"
#include "core/struct.h"

struct term {
	double log_ratio; /* logp - old_logp; 0 without old_logp */
	double ratio;
	double policy; /* -min(ratio A, clip(ratio) A) */
	double kl;     /* k3; 0 without ref_logp */
	double loss;   /* policy + beta kl */
	double slope;  /* d loss / d logp */
	int low, high; /* clipped */
};

static double clamp(double x, double low, double high)
{
	return x < low ? low : x > high ? high : x;
}

/* eq. 3 of arXiv:2402.03300, the term inside the sums */
static void policy_term(struct term *e, const grpo_objective_options *o,
			const grpo_tokens *s, int64_t k)
{
	double low = 1 - o->epsilon, high = 1 + o->epsilon_high;
	double a = s->advantage[k];

	e->ratio = 1;
	if (s->old_logp) {
		e->log_ratio = (double)s->logp[k] - (double)s->old_logp[k];
		e->ratio = exp(e->log_ratio);
	}
	e->low = a < 0 && e->ratio < low;
	e->high = a > 0 && e->ratio > high;
	e->policy = -fmin(e->ratio * a, clamp(e->ratio, low, high) * a);
	if (!e->low && !e->high)
		e->slope = 0 - e->ratio * a; /* +0 where a is 0 */
}

/* eq. 4: k3 = exp(d) - d - 1 with d = ref - logp */
static void kl_term(struct term *e, double beta, const grpo_tokens *s,
		    int64_t k)
{
	double d, rise;

	if (!s->ref_logp)
		return;
	d = (double)s->ref_logp[k] - (double)s->logp[k];
	rise = expm1(d);
	e->kl = rise - d;
	if (beta > 0)
		e->slope -= beta * rise;
}

static struct term token_term(const grpo_plan *plan, const grpo_tokens *s,
			      int64_t k)
{
	const grpo_objective_options *o = &plan->options;
	struct term e = {0};

	policy_term(&e, o, s, k);
	kl_term(&e, o->beta, s, k);
	e.loss = o->beta > 0 ? e.policy + o->beta * e.kl : e.policy;
	return e;
}

static int check_inputs(const grpo_tokens *s, int64_t k, int64_t row, int64_t t)
{
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
			return grpo__fail(
			    GRPO_ENUMERIC,
			    "row %" PRId64 ", token %" PRId64 ": %s is %g", row,
			    t, in[j].name, (double)in[j].value[k]);
	return 0;
}

static int check_term(const struct term *e, double weight, int64_t row,
		      int64_t t)
{
	const char *what = NULL;

	if (!isfinite(e->ratio))
		return grpo__fail(GRPO_ENUMERIC,
				  "row %" PRId64 ", token %" PRId64
				  ": the ratio exp(%g) is not finite",
				  row, t, e->log_ratio);
	if (!isfinite(e->kl))
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

static void add_token(struct grpo__share *row, const grpo_tokens *s, int64_t k,
		      const struct term *e)
{
	row->loss += e->loss;
	row->policy_loss += e->policy;
	row->kl += e->kl;
	row->entropy += s->entropy ? s->entropy[k] : 0;
	row->ratio += e->ratio;
	row->log_ratio_max = fmax(row->log_ratio_max, fabs(e->log_ratio));
	row->n_low += e->low;
	row->n_high += e->high;
	row->n_tokens++;
}

static void add_row(struct grpo__share *sum, const struct grpo__share *row,
		    double weight)
{
	double low, high, n = (double)row->n_tokens;

	sum->n_rows++;
	if (row->n_tokens == 0)
		return;
	low = (double)row->n_low / n;
	high = (double)row->n_high / n;
	sum->loss += weight * row->loss;
	sum->policy_loss += weight * row->policy_loss;
	sum->kl += row->kl;
	sum->entropy += row->entropy;
	sum->ratio += row->ratio;
	sum->log_ratio_max = fmax(sum->log_ratio_max, row->log_ratio_max);
	sum->low_min = sum->n_tokens ? fmin(sum->low_min, low) : low;
	sum->high_max = fmax(sum->high_max, high);
	sum->n_low += row->n_low;
	sum->n_high += row->n_high;
	sum->n_tokens += row->n_tokens;
}

/* Row i of the slice: checks its tokens and adds them to *sum. */
static int measure_row(struct grpo__share *sum, const grpo_plan *plan,
		       const grpo_tokens *s, int64_t i, int64_t first_row)
{
	double weight = grpo__plan_weight(plan, first_row + i);
	int64_t t, first = s->row[i] - s->row[0];
	struct grpo__share row = {0};
	int rc = 0;

	for (t = 0; t < s->row[i + 1] - s->row[i]; t++) {
		struct term e;

		if (!grpo__token_in(s, first + t))
			continue;
		GRPO_TRY(check_inputs(s, first + t, first_row + i, t));
		e = token_term(plan, s, first + t);
		GRPO_TRY(check_term(&e, weight, first_row + i, t));
		add_token(&row, s, first + t, &e);
	}
	add_row(sum, &row, weight);
out:
	return rc;
}

static void write_row(float *dlogp, float *dentropy, const grpo_plan *plan,
		      const grpo_tokens *s, int64_t i, int64_t first_row)
{
	double weight = grpo__plan_weight(plan, first_row + i);
	int64_t k, end = s->row[i + 1] - s->row[0];

	for (k = s->row[i] - s->row[0]; k < end; k++) {
		float g = 0;

		if (grpo__token_in(s, k))
			g = (float)(weight * token_term(plan, s, k).slope);
		dlogp[k] = g;
		if (dentropy)
			dentropy[k] = 0;
	}
}

static int check_arrays(const grpo_plan *plan, const grpo_tokens *s,
			const float *dlogp)
{
	const char *missing = NULL;

	if (s->n_rows == 0 || s->row[s->n_rows] == s->row[0])
		return 0;
	if (!s->logp)
		missing = "grpo_tokens.logp";
	else if (!s->advantage)
		missing = "grpo_tokens.advantage";
	else if (!dlogp)
		missing = "dlogp";
	else if (plan->options.beta > 0 && !s->ref_logp)
		return grpo__fail(GRPO_EINVAL,
				  "grpo_tokens.ref_logp is NULL, and beta is "
				  "%g",
				  plan->options.beta);
	if (missing)
		return grpo__fail(GRPO_EINVAL, "%s is NULL", missing);
	return 0;
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
	for (i = 0; i < s.n_rows; i++)
		GRPO_TRY(measure_row(&share, plan, &s, i, first_row));
	GRPO_TRY(grpo__metrics_add(&total, plan, &share));

	for (i = 0; i < s.n_rows; i++)
		write_row(dlogp, dentropy, plan, &s, i, first_row);
	if (metrics)
		grpo__struct_export(metrics, &total, sizeof total);
out:
	return rc;
}
