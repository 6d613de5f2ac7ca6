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
    .delta = INFINITY,
    .sapo_temperature_pos = 1,
    .sapo_temperature_neg = 1.05,
    .off_policy_threshold = INFINITY,
};

int grpo_objective_options_init_(grpo_objective_options *o, size_t size)
{
	return grpo__struct_init(o, size, &defaults, sizeof defaults,
				 "grpo_objective_options");
}

int grpo_objective_loss_type(grpo_objective_options *o, int32_t loss_type)
{
	static const struct {
		int32_t policy_loss, ratio_level, reduction;
	} of[] = {
#define OF(name, loss, level, reduction)                                       \
	[GRPO_LOSS_##name] = {GRPO_POLICY_##loss, GRPO_RATIO_##level,          \
			      GRPO_REDUCE_##reduction}
	    OF(GRPO, CLIP, TOKEN, ROW_MEAN),
	    OF(BNPO, CLIP, TOKEN, TOKEN_MEAN),
	    OF(DR_GRPO, CLIP, TOKEN, CONSTANT),
	    OF(DAPO, CLIP, TOKEN, TOKEN_MEAN),
	    OF(CISPO, CISPO, TOKEN, TOKEN_MEAN),
	    OF(SAPO, SAPO, TOKEN, ROW_MEAN),
	    OF(GMPO, RATIO, GEOMETRIC, ROW_MEAN),
	    OF(REINFORCE, REINFORCE, TOKEN, TOKEN_MEAN),
	    OF(DPPO, DPPO, TOKEN, TOKEN_MEAN),
#undef OF
	};

	if (loss_type < 0 || loss_type > GRPO_LOSS_DPPO)
		return grpo__fail(GRPO_EINVAL,
				  "the loss type is %" PRId32
				  ", expected a GRPO_LOSS_ constant",
				  loss_type);
	o->policy_loss = of[loss_type].policy_loss;
	o->ratio_level = of[loss_type].ratio_level;
	o->reduction = of[loss_type].reduction;
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
			      GRPO_POLICY_DPPO));
	GRPO_TRY(check_choice("ratio_level", "RATIO", o->ratio_level,
			      GRPO_RATIO_GEOMETRIC));
	GRPO_TRY(check_choice("reduction", "REDUCE", o->reduction,
			      GRPO_REDUCE_TOKEN_SUM));
	GRPO_TRY(
	    check_choice("kl_estimator", "KL", o->kl_estimator, GRPO_KL_K3));
	GRPO_TRY(check_choice("kl_bias_correction", "KL", o->kl_bias_correction,
			      GRPO_KL_K2_SLOPE));
	GRPO_TRY(check_choice("importance_sampling_correction", "CORRECTION",
			      o->importance_sampling_correction,
			      GRPO_CORRECTION_GEOMETRIC_MASK));
out:
	return rc;
}

static int check_own(const grpo_objective_options *o)
{
	int own = o->policy_loss == GRPO_POLICY_OWN, rc = 0;

	GRPO_FAIL_IF(own && !o->loss, GRPO_EINVAL,
		     "grpo_objective_options.loss is NULL, and policy_loss is "
		     "GRPO_POLICY_OWN");
	GRPO_FAIL_IF(!own && o->loss, GRPO_EINVAL,
		     "grpo_objective_options.loss is set, and policy_loss is "
		     "not GRPO_POLICY_OWN");
out:
	return rc;
}

/* What is of a token, where a row has one ratio. */
static int check_level(const grpo_objective_options *o)
{
	int of_rows = o->ratio_level != GRPO_RATIO_TOKEN, rc = 0;

	GRPO_FAIL_IF(of_rows && o->kl_bias_correction == GRPO_KL_TIMES_RATIO,
		     GRPO_EINVAL,
		     "grpo_objective_options.kl_bias_correction multiplies a "
		     "token's KL by its own ratio, and ratio_level is not "
		     "GRPO_RATIO_TOKEN");
	GRPO_FAIL_IF(of_rows && o->squared_log_ratio > 0, GRPO_EINVAL,
		     "grpo_objective_options.squared_log_ratio is of a token's "
		     "own ratio, and ratio_level is not GRPO_RATIO_TOKEN");
	GRPO_FAIL_IF(o->ratio_level == GRPO_RATIO_GEOMETRIC &&
			 o->policy_loss != GRPO_POLICY_RATIO,
		     GRPO_EINVAL,
		     "grpo_objective_options.ratio_level is "
		     "GRPO_RATIO_GEOMETRIC, which clips by itself: policy_loss "
		     "must be GRPO_POLICY_RATIO");
	GRPO_FAIL_IF(of_rows && o->policy_loss == GRPO_POLICY_DPPO, GRPO_EINVAL,
		     "grpo_objective_options.policy_loss is GRPO_POLICY_DPPO, "
		     "which looks at tokens, and ratio_level is not "
		     "GRPO_RATIO_TOKEN");
out:
	return rc;
}

static int check_correction(const grpo_objective_options *o)
{
	int32_t c = o->importance_sampling_correction;
	double clip_max = o->importance_sampling_clip_max;
	int rc = 0;

	GRPO_TRY(check_not_negative("importance_sampling_clip_min",
				    o->importance_sampling_clip_min));
	GRPO_FAIL_IF(!(clip_max > o->importance_sampling_clip_min), GRPO_EINVAL,
		     "grpo_objective_options.importance_sampling_clip_max is "
		     "%g, expected more than importance_sampling_clip_min, "
		     "which is %g",
		     clip_max, o->importance_sampling_clip_min);
	GRPO_FAIL_IF(o->policy_loss == GRPO_POLICY_CISPO &&
			 (c == GRPO_CORRECTION_TOKEN_TRUNCATE ||
			  c == GRPO_CORRECTION_SEQUENCE_TRUNCATE),
		     GRPO_EINVAL,
		     "grpo_objective_options.policy_loss is GRPO_POLICY_CISPO, "
		     "which is weighted by a truncated ratio already, and "
		     "importance_sampling_correction would count it twice: use "
		     "a mask");
out:
	return rc;
}

static int check_delta(const grpo_objective_options *o)
{
	if (isinf(o->delta) && o->delta > 0)
		return 0;
	if (o->policy_loss != GRPO_POLICY_CLIP)
		return grpo__fail(GRPO_EINVAL,
				  "grpo_objective_options.delta is %g, and "
				  "policy_loss is not GRPO_POLICY_CLIP",
				  o->delta);
	if (o->delta > 1 + o->epsilon_high)
		return 0;
	return grpo__fail(GRPO_EINVAL,
			  "grpo_objective_options.delta is %g, expected more "
			  "than 1 + epsilon_high, which is %g",
			  o->delta, 1 + o->epsilon_high);
}

static int check_sizes(const grpo_objective_options *o)
{
	int rc = 0;

	GRPO_TRY(check_not_negative("epsilon", o->epsilon));
	GRPO_TRY(check_not_negative("epsilon_high", o->epsilon_high));
	GRPO_TRY(check_not_negative("beta", o->beta));
	GRPO_TRY(check_not_negative("squared_log_ratio", o->squared_log_ratio));
	GRPO_FAIL_IF(!(o->sapo_temperature_pos > 0) ||
			 !(o->sapo_temperature_neg > 0) ||
			 isinf(o->sapo_temperature_pos) ||
			 isinf(o->sapo_temperature_neg),
		     GRPO_EINVAL,
		     "grpo_objective_options.sapo_temperature_pos and _neg are "
		     "%g and %g, expected finite numbers above 0",
		     o->sapo_temperature_pos, o->sapo_temperature_neg);
	GRPO_FAIL_IF(isnan(o->off_policy_threshold), GRPO_EINVAL,
		     "grpo_objective_options.off_policy_threshold is %g",
		     o->off_policy_threshold);
	GRPO_FAIL_IF(!isfinite(o->entropy_coef), GRPO_EINVAL,
		     "grpo_objective_options.entropy_coef is %g, expected a "
		     "finite number",
		     o->entropy_coef);
	GRPO_FAIL_IF(
	    !(o->top_entropy_quantile > 0 && o->top_entropy_quantile <= 1),
	    GRPO_EINVAL,
	    "grpo_objective_options.top_entropy_quantile is %g, "
	    "expected more than 0 and at most 1",
	    o->top_entropy_quantile);
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
	int rc = 0;

	GRPO_TRY(check_choices(o));
	GRPO_TRY(check_sizes(o));
	GRPO_TRY(check_correction(o));
	GRPO_TRY(check_length(o));
	GRPO_TRY(check_own(o));
	GRPO_TRY(check_level(o));
	GRPO_TRY(check_delta(o));
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
