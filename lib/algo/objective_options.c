/* SPDX-License-Identifier: MIT */
/* The choices of the objective, their defaults, and what cannot be. */
#include <inttypes.h>
#include <math.h>

#include "algo/plan.h"
#include "core/fail.h"
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
    .top_entropy_quantile = 1,
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
	GRPO_FAIL_IF(
	    !(o->top_entropy_quantile > 0 && o->top_entropy_quantile <= 1),
	    GRPO_EINVAL,
	    "grpo_objective_options.top_entropy_quantile is %g, "
	    "expected more than 0 and at most 1",
	    o->top_entropy_quantile);
	GRPO_TRY(check_length(o));
	GRPO_TRY(check_together(o));
out:
	return rc;
}

int grpo__objective_options_import(grpo_objective_options *o,
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
