/* SPDX-License-Identifier: MIT */
#include "algo/plan.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "core/fail.h"
#include "core/mem.h"
#include "core/struct.h"

static const grpo_objective_options defaults = {
    .struct_size = sizeof(grpo_objective_options),
    .policy_loss = GRPO_POLICY_CLIP,
    .ratio_level = GRPO_RATIO_TOKEN,
    .reduction = GRPO_REDUCE_TOKEN_MEAN,
    .kl_estimator = GRPO_KL_K3,
    .max_completion_length = 0,
    .epsilon = 0.2,
    .epsilon_high = 0.2,
    .beta = 0,
    .kl_bias_correction = 0,
    .importance_sampling_correction = GRPO_CORRECTION_NONE,
    .importance_sampling_clip_min = 0,
    .importance_sampling_clip_max = 3,
};

int grpo_objective_options_init_(grpo_objective_options *o, size_t size)
{
	return grpo__struct_init(o, size, &defaults, sizeof defaults,
				 "grpo_objective_options");
}

int grpo_objective_loss_type(grpo_objective_options *o, int32_t loss_type)
{
	static const int32_t reductions[] = {
	    [GRPO_LOSS_GRPO] = GRPO_REDUCE_ROW_MEAN,
	    [GRPO_LOSS_BNPO] = GRPO_REDUCE_TOKEN_MEAN,
	    [GRPO_LOSS_DR_GRPO] = GRPO_REDUCE_CONSTANT,
	    [GRPO_LOSS_DAPO] = GRPO_REDUCE_TOKEN_MEAN};

	if (loss_type < 0 || loss_type > GRPO_LOSS_DAPO)
		return grpo__fail(GRPO_EINVAL,
				  "the loss type is %" PRId32
				  ", expected a GRPO_LOSS_ constant",
				  loss_type);
	o->policy_loss = GRPO_POLICY_CLIP;
	o->ratio_level = GRPO_RATIO_TOKEN;
	o->reduction = reductions[loss_type];
	return 0;
}

static int check_not_negative(const char *field, double x)
{
	if (isfinite(x) && x >= 0)
		return 0;
	return grpo__fail(GRPO_EINVAL,
			  "grpo_objective_options.%s is %g, expected a finite "
			  "number >= 0",
			  field, x);
}

static int check_choice(const char *field, const char *kind, int32_t x,
			int32_t last)
{
	if (x >= 0 && x <= last)
		return 0;
	return grpo__fail(GRPO_EINVAL,
			  "grpo_objective_options.%s is %" PRId32
			  ", expected a GRPO_%s_ constant",
			  field, x, kind);
}

static int check_choices(const grpo_objective_options *o)
{
	int rc = 0;

	GRPO_TRY(check_choice("policy_loss", "POLICY", o->policy_loss,
			      GRPO_POLICY_OWN));
	GRPO_TRY(check_choice("ratio_level", "RATIO", o->ratio_level,
			      GRPO_RATIO_SEQUENCE));
	GRPO_TRY(check_choice("reduction", "REDUCE", o->reduction,
			      GRPO_REDUCE_CONSTANT));
	GRPO_TRY(
	    check_choice("kl_estimator", "KL", o->kl_estimator, GRPO_KL_K3));
	GRPO_TRY(check_choice("importance_sampling_correction", "CORRECTION",
			      o->importance_sampling_correction,
			      GRPO_CORRECTION_SEQUENCE_MASK));
	GRPO_FAIL_IF(o->kl_bias_correction != 0 && o->kl_bias_correction != 1,
		     GRPO_EINVAL,
		     "grpo_objective_options.kl_bias_correction is %" PRId32
		     ", expected 0 or 1",
		     o->kl_bias_correction);
out:
	return rc;
}

/* What has no effect, or no meaning, together. */
static int check_together(const grpo_objective_options *o)
{
	int own = o->policy_loss == GRPO_POLICY_OWN, rc = 0;

	GRPO_FAIL_IF(own && !o->loss, GRPO_EINVAL,
		     "grpo_objective_options.loss is NULL, and policy_loss is "
		     "GRPO_POLICY_OWN");
	GRPO_FAIL_IF(!own && o->loss, GRPO_EINVAL,
		     "grpo_objective_options.loss is set, and policy_loss is "
		     "not GRPO_POLICY_OWN");
	GRPO_FAIL_IF(o->ratio_level == GRPO_RATIO_SEQUENCE &&
			 o->kl_bias_correction,
		     GRPO_EINVAL,
		     "grpo_objective_options.kl_bias_correction multiplies a "
		     "token's KL by its own ratio, and ratio_level is "
		     "GRPO_RATIO_SEQUENCE");
out:
	return rc;
}

static int check_length(const grpo_objective_options *o)
{
	int rc = 0;

	GRPO_FAIL_IF(o->max_completion_length < 0, GRPO_EINVAL,
		     "grpo_objective_options.max_completion_length is %" PRId64,
		     o->max_completion_length);
	GRPO_FAIL_IF(o->reduction == GRPO_REDUCE_CONSTANT &&
			 o->max_completion_length == 0,
		     GRPO_EINVAL,
		     "grpo_objective_options.max_completion_length is 0, and "
		     "GRPO_REDUCE_CONSTANT (Dr.GRPO) divides by it");
out:
	return rc;
}

static int check_options(const grpo_objective_options *o)
{
	double clip_max = o->importance_sampling_clip_max;
	int rc = 0;

	GRPO_TRY(check_choices(o));
	GRPO_TRY(check_not_negative("epsilon", o->epsilon));
	GRPO_TRY(check_not_negative("epsilon_high", o->epsilon_high));
	GRPO_TRY(check_not_negative("beta", o->beta));
	GRPO_TRY(check_not_negative("importance_sampling_clip_min",
				    o->importance_sampling_clip_min));
	GRPO_FAIL_IF(!(clip_max > o->importance_sampling_clip_min), GRPO_EINVAL,
		     "grpo_objective_options.importance_sampling_clip_max is "
		     "%g, expected more than importance_sampling_clip_min, "
		     "which is %g",
		     clip_max, o->importance_sampling_clip_min);
	GRPO_TRY(check_length(o));
	GRPO_TRY(check_together(o));
out:
	return rc;
}

static int import_options(grpo_objective_options *o,
			  const grpo_objective_options *theirs)
{
	int rc = 0;

	*o = defaults;
	if (theirs)
		GRPO_TRY(grpo__struct_import(
		    o, sizeof *o, theirs, "grpo_objective_options",
		    "call grpo_objective_options_init"));
	rc = check_options(o);
out:
	return rc;
}

int grpo__tokens_import(grpo_tokens *s, const grpo_tokens *theirs)
{
	int64_t i;
	int rc = 0;

	*s = (grpo_tokens){0};
	GRPO_TRY(grpo__struct_import(s, sizeof *s, theirs, "grpo_tokens",
				     "set it to sizeof(grpo_tokens)"));
	GRPO_FAIL_IF(s->n_rows < 0, GRPO_EINVAL,
		     "grpo_tokens.n_rows is %" PRId64, s->n_rows);
	GRPO_FAIL_IF(s->n_rows > 0 && !s->row, GRPO_EINVAL,
		     "grpo_tokens.row is NULL");
	GRPO_FAIL_IF(s->n_rows > 0 && s->row[0] < 0, GRPO_EINVAL,
		     "grpo_tokens.row[0] is %" PRId64, s->row[0]);
	for (i = 0; i < s->n_rows; i++)
		GRPO_FAIL_IF(s->row[i + 1] < s->row[i], GRPO_EINVAL,
			     "grpo_tokens.row[%" PRId64 "] is %" PRId64
			     ", less than row[%" PRId64 "] which is %" PRId64,
			     i + 1, s->row[i + 1], i, s->row[i]);
out:
	return rc;
}

static int64_t count_in(const grpo_tokens *s, int64_t i)
{
	int64_t k, end = s->row[i + 1] - s->row[0], n = 0;

	if (!s->mask)
		return s->row[i + 1] - s->row[i];
	for (k = s->row[i] - s->row[0]; k < end; k++)
		n += grpo__token_in(s, k);
	return n;
}

static int check_advantages(const grpo_tokens *s, int64_t i)
{
	int64_t t, first = s->row[i] - s->row[0];

	for (t = 0; t < s->row[i + 1] - s->row[i]; t++)
		if (grpo__token_in(s, first + t) &&
		    !isfinite(s->advantage[first + t]))
			return grpo__fail(GRPO_ENUMERIC,
					  "row %" PRId64 ", token %" PRId64
					  ": the advantage is %g",
					  i, t,
					  (double)s->advantage[first + t]);
	return 0;
}

static int fill(grpo_plan *p, const grpo_tokens *step)
{
	int64_t i;
	int rc = 0;

	for (i = 0; i < step->n_rows; i++) {
		GRPO_TRY(check_advantages(step, i));
		p->length[i] = step->row[i + 1] - step->row[i];
		p->n_in[i] = count_in(step, i);
		p->n_tokens += p->n_in[i];
		p->n_rows_in += p->n_in[i] > 0;
	}
	p->n_rows = step->n_rows;
out:
	return rc;
}

static int allocate(grpo_plan **out, int64_t n_rows)
{
	grpo_plan *p = grpo__alloc(1, sizeof *p);

	if (!p)
		return GRPO_ENOMEM;
	p->length = grpo__alloc((size_t)n_rows, sizeof *p->length);
	p->n_in = grpo__alloc((size_t)n_rows, sizeof *p->n_in);
	if (!p->length || !p->n_in) {
		grpo_plan_free(p);
		return GRPO_ENOMEM;
	}
	*out = p;
	return 0;
}

static int is_empty(const grpo_tokens *s)
{
	return s->n_rows == 0 || s->row[s->n_rows] == s->row[0];
}

int grpo_plan_create(grpo_plan **out, const grpo_objective_options *o,
		     const grpo_tokens *theirs)
{
	grpo_plan *p = NULL;
	grpo_objective_options options;
	grpo_tokens step;
	int rc = 0;

	GRPO_FAIL_IF(!out, GRPO_EINVAL, "out is NULL");
	*out = NULL;
	GRPO_TRY(import_options(&options, o));
	GRPO_TRY(grpo__tokens_import(&step, theirs));
	GRPO_FAIL_IF(!step.advantage && !is_empty(&step), GRPO_EINVAL,
		     "grpo_tokens.advantage is NULL");

	GRPO_TRY(allocate(&p, step.n_rows));
	p->options = options;
	GRPO_TRY(fill(p, &step));
	*out = p;
	p = NULL;
out:
	grpo_plan_free(p);
	return rc;
}

void grpo_plan_free(grpo_plan *p)
{
	if (!p)
		return;
	free(p->length);
	free(p->n_in);
	free(p);
}

int grpo__plan_check_slice(const grpo_plan *p, const grpo_tokens *s,
			   int64_t first_row)
{
	int64_t i, j;
	int rc = 0;

	GRPO_FAIL_IF(first_row < 0 || first_row > p->n_rows ||
			 s->n_rows > p->n_rows - first_row,
		     GRPO_EINVAL,
		     "%" PRId64 " rows from row %" PRId64
		     " on, but the plan has %" PRId64 " rows",
		     s->n_rows, first_row, p->n_rows);
	for (i = 0; i < s->n_rows; i++) {
		int64_t length = s->row[i + 1] - s->row[i];
		int64_t n_in;

		j = first_row + i;
		GRPO_FAIL_IF(length != p->length[j], GRPO_EINVAL,
			     "row %" PRId64 ": %" PRId64
			     " tokens in the slice, %" PRId64 " in the plan",
			     j, length, p->length[j]);
		n_in = count_in(s, i);
		GRPO_FAIL_IF(n_in != p->n_in[j], GRPO_EINVAL,
			     "row %" PRId64 ": the slice's mask keeps %" PRId64
			     " tokens, the plan's %" PRId64,
			     j, n_in, p->n_in[j]);
	}
out:
	return rc;
}

double grpo__plan_weight(const grpo_plan *p, int64_t i)
{
	double n = (double)p->n_rows;

	if (p->n_in[i] == 0)
		return 0;
	switch (p->options.reduction) {
	case GRPO_REDUCE_ROW_MEAN:
		return 1 / (n * (double)p->n_in[i]);
	case GRPO_REDUCE_CONSTANT:
		return 1 / (n * (double)p->options.max_completion_length);
	default:
		return 1 / (double)p->n_tokens;
	}
}
