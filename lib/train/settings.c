/* SPDX-License-Identifier: MIT */
/*
 * The trainer's settings: one table for defaults, JSON keys and help, and the
 * checks that concern more than one of them.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/fail.h"
#include "core/struct.h"
#include "train/settings.h"

#define T grpo_trainer_config
#define COUNT 9007199254740992.0 /* 2^53: what JSON carries exactly */
#define FREE GRPO_OPTION_FREE

/* clang-format off */
static const grpo_option table[] = {
	GRPO_OPT_INT(T, prompts_per_step, 8, 1, 1e6, 0,
		"prompts in a batch"),
	GRPO_OPT_INT(T, num_generations, 8, 2, 1e6, 0,
		"completions of each prompt (the size of a group)"),
	GRPO_OPT_INT(T, max_completion_length, 512, 1, 1e7, 0,
		"longest completion in tokens, including the stop token"),
	GRPO_OPT_INT(T, max_prompt_length, 0, 0, COUNT, FREE,
		"longest prompt in tokens; 0: what the model's positions leave"),
	GRPO_OPT_CHOICE(T, overlong_prompts, GRPO_OVERLONG_ERROR,
		"error|drop", FREE,
		"rows whose prompts are longer: refuse the run, or leave them "
		"out"),
	GRPO_OPT_BOOL(T, check_references, 1, FREE,
		"before the run, ask the rewards which rows they can judge"),
	GRPO_OPT_NUMBER(T, temperature, 1, 1e-3, 100, 0,
		"divides the logits, in sampling and in the loss"),
	GRPO_OPT_NUMBER(T, top_p, 1, 0, 1, 0,
		"sample from the likeliest tokens with this total probability; "
		"1: off"),
	GRPO_OPT_NUMBER(T, min_p, 0, 0, 1, 0,
		"sample tokens at least this likely, relative to the "
		"likeliest; 0: off"),
	GRPO_OPT_INT(T, top_k, 0, 0, 2147483647, 0,
		"sample from this many of the likeliest tokens; 0: off"),
	GRPO_OPT_BOOL(T, add_bos, 1, 0,
		"start with the begin-of-text token, if the model has one"),

	GRPO_OPT_NUMBER(T, reward_timeout_s, 3600, 0, 1e9, FREE,
		"seconds that one call of a reward may take before the run "
		"ends; 0: no limit"),
	GRPO_OPT_CHOICE(T, scale_rewards, GRPO_SCALE_GROUP,
		"group|batch|none", 0,
		"divide advantages by the standard deviation of the group, of "
		"the batch, or not at all"),
	GRPO_OPT_CHOICE(T, advantage_baseline, GRPO_BASELINE_GROUP_MEAN,
		"group_mean|leave_one_out", 0,
		"subtract the mean reward of the group, or of its other "
		"completions"),
	GRPO_OPT_INT(T, advantage_ddof, 1, 0, 1, 0,
		"1: divide by n - 1 in the standard deviation; 0: by n"),
	GRPO_OPT_NUMBER(T, advantage_eps, 1e-4, 0, 1e6, 0,
		"added to the standard deviation"),

	GRPO_OPT_CHOICE(T, loss_type, GRPO_LOSS_DAPO,
		"grpo|bnpo|dr_grpo|dapo|cispo|sapo|gmpo|reinforce|dppo", 0,
		"the loss of a token, and how the losses are averaged"),
	GRPO_OPT_CHOICE(T, loss_reduction, 0,
		"auto|row_mean|token_mean|constant|prompt_mean|token_sum", 0,
		"how the losses are averaged; auto: as loss_type says"),
	GRPO_OPT_CHOICE(T, importance_sampling_level, GRPO_RATIO_TOKEN,
		"token|sequence|sequence_token", 0,
		"the ratio of each token, or of the completion (GSPO), also "
		"with the gradient of each token"),
	GRPO_OPT_NUMBER(T, epsilon, 0.2, 0, 1, 0,
		"clip the ratio below 1 - epsilon"),
	GRPO_OPT_NUMBER(T, epsilon_high, -1, -1, 1e6, 0,
		"clip the ratio above 1 + epsilon_high; -1: same as epsilon"),
	GRPO_OPT_NUMBER(T, delta, 0, 0, 1e30, 0,
		"clip the ratio here where the advantage is negative (dual "
		"clip); 0: never"),
	GRPO_OPT_NUMBER(T, sapo_temperature_pos, 1, 1e-6, 1e6, 0,
		"of sapo, where the advantage is positive"),
	GRPO_OPT_NUMBER(T, sapo_temperature_neg, 1.05, 1e-6, 1e6, 0,
		"of sapo, where it is not"),
	GRPO_OPT_NUMBER(T, squared_log_ratio, 0, 0, 1e6, 0,
		"adds this times the square of the log ratio to the loss"),
	GRPO_OPT_NUMBER(T, off_policy_mask_threshold, 0, 0, 1e6, 0,
		"leave out bad completions that have become less likely by "
		"more than this, a token on average; 0: none"),
	GRPO_OPT_NUMBER(T, entropy_coef, 0, -1e6, 1e6, 0,
		"subtracts this times the mean entropy from the loss"),
	GRPO_OPT_NUMBER(T, top_entropy_quantile, 1, 1e-6, 1, 0,
		"train only this share of the tokens, those of the highest "
		"entropy; 1: all"),
	GRPO_OPT_BOOL(T, mask_truncated_completions, 0, 0,
		"leave completions that were cut off out of the loss"),
	GRPO_OPT_INT(T, num_iterations, 1, 1, 1000, 0,
		"updates per batch"),

	GRPO_OPT_CHOICE(T, importance_sampling_correction, GRPO_CORRECTION_NONE,
		"none|token_truncate|token_mask|sequence_truncate|sequence_mask|"
		"geometric_mask",
		0, "weight tokens or completions by the learner's probability "
		"divided by the sampler's"),
	GRPO_OPT_NUMBER(T, importance_sampling_clip_min, 0, 0, 1e30, 0,
		"lower bound: smaller weights are raised to it, or masked"),
	GRPO_OPT_NUMBER(T, importance_sampling_clip_max, 3, 0, 1e30, 0,
		"upper bound: larger weights are cut to it, or masked"),

	GRPO_OPT_NUMBER(T, beta, 0, 0, 1e6, 0,
		"weight of the KL divergence from the reference"),
	GRPO_OPT_BOOL(T, kl_in_reward, 0, 0,
		"subtract the divergence from the reward instead of adding it "
		"to the loss"),
	GRPO_OPT_CHOICE(T, kl_estimator, GRPO_KL_K3,
		"k1|k2|k3", 0,
		"how the divergence of a token is estimated"),
	GRPO_OPT_CHOICE(T, kl_bias_correction, GRPO_KL_AS_IS,
		"none|times_ratio|k2_slope", 0,
		"in the loss: multiply the estimate by the ratio, or give it "
		"the gradient of k2"),

	GRPO_OPT_NUMBER(T, learning_rate, 1e-6, 0, 1e3, 0,
		"highest learning rate of the schedule"),
	GRPO_OPT_CHOICE(T, lr_scheduler_type, GRPO_LR_LINEAR,
		"constant|linear|cosine|constant_with_warmup", 0,
		"how the learning rate changes during the run"),
	GRPO_OPT_INT(T, warmup_steps, 0, 0, COUNT, 0,
		"steps in which the rate rises from 0 to learning_rate"),
	GRPO_OPT_NUMBER(T, min_lr_ratio, 0, 0, 1, 0,
		"final rate of linear and cosine, as a share of learning_rate"),
	GRPO_OPT_NUMBER(T, max_grad_norm, 1, 0, 1e30, 0,
		"clip gradients to this norm; 0: never"),
	GRPO_OPT_NUMBER(T, num_train_epochs, 3, 0, 1e9, FREE,
		"passes through the dataset, unless max_steps is set"),
	GRPO_OPT_INT(T, max_steps, -1, -1, COUNT, FREE,
		"optimizer steps of the run; -1: use num_train_epochs"),
	GRPO_OPT_INT(T, tokens_per_micro_batch, 16384, 1, COUNT, FREE,
		"largest number of tokens in the learner at once"),

	GRPO_OPT_BOOL(T, sync_ref_model, 0, 0,
		"mix the policy into the reference from time to time"),
	GRPO_OPT_NUMBER(T, ref_model_mixup_alpha, 0.6, 0, 1, 0,
		"share of the policy in the new reference"),
	GRPO_OPT_INT(T, ref_model_sync_steps, 512, 1, COUNT, 0,
		"steps between two updates of the reference"),

	GRPO_OPT_INT(T, seed, 42, 0, COUNT, 0,
		"the same seed gives the same run"),
	GRPO_OPT_BOOL(T, shuffle_dataset, 1, 0,
		"use a new order in each epoch"),

	GRPO_OPT_STRING(T, output_dir, NULL, FREE,
		"folder for the results of the run"),
	GRPO_OPT_INT(T, save_steps, 500, 0, COUNT, FREE,
		"steps between checkpoints; 0: only when stopped"),
	GRPO_OPT_INT(T, save_total_limit, 0, 0, COUNT, FREE,
		"newest checkpoints to keep; 0: all"),
	GRPO_OPT_INT(T, eval_steps, 0, 0, COUNT, FREE,
		"steps between evaluations; 0: none"),
	GRPO_OPT_INT(T, num_generations_eval, 0, 0, 1e6, FREE,
		"completions of each held-out prompt; 0: num_generations"),
	GRPO_OPT_INT(T, samples_per_step, 4, 0, COUNT, FREE,
		"completions of each batch to write to samples.jsonl"),
	GRPO_OPT_BOOL(T, save_rollouts, 0, FREE,
		"write every completion with its token ids and "
		"log-probabilities to rollouts.jsonl"),
	GRPO_OPT_STRING(T, metric_for_best_model, NULL, FREE,
		"evaluation metric by which the best checkpoint is kept, the "
		"larger the better; null: eval_reward"),
	GRPO_OPT_BOOL(T, load_best_model_at_end, 0, FREE,
		"go back to the best checkpoint's weights at the end"),
	GRPO_OPT_END};
/* clang-format on */

int grpo_config_add_trainer(grpo_config *c, grpo_trainer_config *t)
{
	int rc = 0;

	GRPO_TRY(grpo_trainer_config_init(t));
	GRPO_TRY(grpo_config_add(c, "Training", NULL, table, t));
out:
	return rc;
}

/* A value of the table's, by its type. */
static void set_default(void *config, const grpo_option *o)
{
	char *at = (char *)config + o->offset;

	switch (o->type) {
	case GRPO_OPTION_INT:
		*(int64_t *)(void *)at = (int64_t)o->dflt;
		break;
	case GRPO_OPTION_NUMBER:
		*(double *)(void *)at = o->dflt;
		break;
	case GRPO_OPTION_STRING:
		*(const char **)(void *)at = o->dflt_text;
		break;
	default:
		*(int32_t *)(void *)at = (int32_t)o->dflt;
	}
}

int grpo_trainer_config_init_(grpo_trainer_config *c, size_t size)
{
	grpo_trainer_config defaults = {0};
	const grpo_option *o;

	for (o = table; o->key; o++)
		set_default(&defaults, o);
	return grpo__struct_init(c, size, &defaults, sizeof defaults,
				 "grpo_trainer_config");
}

/* --------------------------------------------------------------- checks */

static double number_at(const grpo_trainer_config *c, const grpo_option *o)
{
	const char *at = (const char *)c + o->offset;

	switch (o->type) {
	case GRPO_OPTION_INT:
		return (double)*(const int64_t *)(const void *)at;
	case GRPO_OPTION_NUMBER:
		return *(const double *)(const void *)at;
	default:
		return *(const int32_t *)(const void *)at;
	}
}

int grpo__settings_is_default(const grpo_trainer_config *c, const char *key)
{
	const grpo_option *o = table;

	while (strcmp(o->key, key) != 0)
		o++;
	return number_at(c, o) == o->dflt;
}

static int n_choices(const char *choices)
{
	int n = 1;

	for (; *choices; choices++)
		n += *choices == '|';
	return n;
}

static int check_range(const grpo_trainer_config *c, const grpo_option *o)
{
	double x, min = o->min, max = o->max;

	if (o->type == GRPO_OPTION_STRING)
		return 0;
	if (o->type == GRPO_OPTION_CHOICE)
		max = n_choices(o->choices) - 1;
	x = number_at(c, o);
	if (x >= min && x <= max) /* a NaN is not */
		return 0;
	return grpo__fail(GRPO_EINVAL,
			  "\"%s\" is %g, expected a number from %g to %g",
			  o->key, x, min, max);
}

int grpo__settings_objective(grpo_objective_options *o,
			     const grpo_trainer_config *c)
{
	int rc = 0;

	GRPO_TRY(grpo_objective_options_init(o));
	GRPO_TRY(grpo_objective_loss_type(o, c->loss_type));
	if (c->loss_reduction > 0)
		o->reduction = c->loss_reduction - 1;
	if (c->importance_sampling_level != GRPO_RATIO_TOKEN)
		o->ratio_level = c->importance_sampling_level;
	if (c->policy_loss)
		o->policy_loss = GRPO_POLICY_OWN;
	o->loss = c->policy_loss;
	o->loss_ctx = c->policy_loss_ctx;
	o->max_completion_length = c->max_completion_length;
	o->epsilon = c->epsilon;
	o->epsilon_high = c->epsilon_high < 0 ? c->epsilon : c->epsilon_high;
	o->delta = c->delta > 0 ? c->delta : INFINITY;
	o->sapo_temperature_pos = c->sapo_temperature_pos;
	o->sapo_temperature_neg = c->sapo_temperature_neg;
	o->squared_log_ratio = c->squared_log_ratio;
	o->off_policy_threshold = c->off_policy_mask_threshold > 0
				      ? c->off_policy_mask_threshold
				      : INFINITY;
	o->entropy_coef = c->entropy_coef;
	o->top_entropy_quantile = c->top_entropy_quantile;
	o->beta = c->kl_in_reward ? 0 : c->beta;
	o->kl_estimator = c->kl_estimator;
	o->kl_bias_correction = c->kl_bias_correction;
	o->importance_sampling_correction = c->importance_sampling_correction;
	o->importance_sampling_clip_min = c->importance_sampling_clip_min;
	o->importance_sampling_clip_max = c->importance_sampling_clip_max;
out:
	return rc;
}

static int check_kl(const grpo_trainer_config *c)
{
	int rc = 0;

	GRPO_FAIL_IF(c->kl_in_reward && c->beta == 0, GRPO_EINVAL,
		     "\"kl_in_reward\" needs \"beta\" above 0");
	GRPO_FAIL_IF(c->importance_sampling_level != GRPO_RATIO_TOKEN &&
			 c->kl_bias_correction == GRPO_KL_TIMES_RATIO,
		     GRPO_EINVAL,
		     "\"kl_bias_correction\" multiplies by the ratio of a "
		     "token, and \"importance_sampling_level\" is not "
		     "\"token\"");
	GRPO_FAIL_IF(c->kl_in_reward && c->kl_bias_correction, GRPO_EINVAL,
		     "\"kl_bias_correction\" is of the loss, and "
		     "\"kl_in_reward\" is set");
	GRPO_FAIL_IF(c->sync_ref_model && c->beta == 0, GRPO_EINVAL,
		     "\"sync_ref_model\" needs \"beta\" above 0: without it "
		     "there is no reference");
out:
	return rc;
}

/* A plan of no rows refuses what contradicts itself. */
static int try_objective(const grpo_trainer_config *c)
{
	static const int64_t none[1] = {0};
	grpo_tokens step = {.struct_size = sizeof step, .row = none};
	grpo_objective_options o;
	grpo_plan *plan = NULL;
	int rc = 0;

	GRPO_TRY(grpo__settings_objective(&o, c));
	GRPO_TRY(grpo_plan_create(&plan, &o, &step));
	grpo_plan_free(plan);
out:
	return rc;
}

static int check_objective(const grpo_trainer_config *c)
{
	int rc = 0;

	GRPO_FAIL_IF(c->epsilon_high < 0 && c->epsilon_high != -1, GRPO_EINVAL,
		     "\"epsilon_high\" is %g, expected 0 or more, or -1",
		     c->epsilon_high);
	GRPO_FAIL_IF(
	    c->importance_sampling_clip_max <= c->importance_sampling_clip_min,
	    GRPO_EINVAL,
	    "\"importance_sampling_clip_max\" is %g, expected more "
	    "than \"importance_sampling_clip_min\", which is %g",
	    c->importance_sampling_clip_max, c->importance_sampling_clip_min);
	GRPO_FAIL_IF(c->loss_type == GRPO_LOSS_GMPO &&
			 c->importance_sampling_level != GRPO_RATIO_TOKEN,
		     GRPO_EINVAL,
		     "\"loss_type\" is \"gmpo\", which has a ratio of its own, "
		     "and \"importance_sampling_level\" is not \"token\"");
	GRPO_TRY(check_kl(c));
	GRPO_TRY(try_objective(c));
out:
	return rc;
}

static int check_together(const grpo_trainer_config *c)
{
	int rc = 0;

	GRPO_FAIL_IF(c->max_steps == 0, GRPO_EINVAL,
		     "\"max_steps\" is 0, expected 1 or more, or -1");
	GRPO_FAIL_IF(c->top_p <= 0, GRPO_EINVAL,
		     "\"top_p\" is 0, expected more");
	GRPO_TRY(check_objective(c));
	/* rows and steps are 32-bit counters of the random numbers */
	GRPO_FAIL_IF(c->prompts_per_step > UINT32_MAX / c->num_generations,
		     GRPO_EINVAL,
		     "\"prompts_per_step\" times \"num_generations\" is more "
		     "than 2^32");
	GRPO_FAIL_IF(c->max_steps > UINT32_MAX, GRPO_EINVAL,
		     "\"max_steps\" is more than 2^32");
out:
	return rc;
}

int grpo__settings_check(const grpo_trainer_config *c)
{
	const grpo_option *o;
	int rc = 0;

	for (o = table; o->key; o++)
		GRPO_TRY(check_range(c, o));
	GRPO_TRY(check_together(c));
out:
	return rc;
}

/* ----------------------------------------------------- what a run keeps */

static cJSON *value_json(const grpo_trainer_config *c, const grpo_option *o)
{
	double x = number_at(c, o);
	const char *choice = o->choices;
	char name[64];
	int32_t i;

	if (o->type == GRPO_OPTION_BOOL)
		return cJSON_CreateBool(x != 0);
	if (o->type != GRPO_OPTION_CHOICE)
		return cJSON_CreateNumber(x);
	for (i = 0; i < (int32_t)x; i++)
		choice = strchr(choice, '|') + 1;
	snprintf(name, sizeof name, "%.*s", (int)strcspn(choice, "|"), choice);
	return cJSON_CreateString(name);
}

/* If the rate decays, it depends on the length of the run; otherwise the length
 * is free. */
static int add_length(cJSON *object, const grpo_trainer_config *c,
		      int64_t max_steps)
{
	if (c->lr_scheduler_type != GRPO_LR_LINEAR &&
	    c->lr_scheduler_type != GRPO_LR_COSINE)
		return 0;
	if (cJSON_AddNumberToObject(object, "max_steps", (double)max_steps))
		return 0;
	return grpo__fail(GRPO_ENOMEM, "out of memory");
}

int grpo__settings_json(cJSON **out, const grpo_trainer_config *c,
			int64_t max_steps)
{
	cJSON *object = cJSON_CreateObject();
	const grpo_option *o;
	int rc = 0;

	*out = NULL;
	GRPO_FAIL_IF(!object, GRPO_ENOMEM, "out of memory");
	GRPO_TRY(add_length(object, c, max_steps));
	for (o = table; o->key; o++) {
		cJSON *value;

		if (o->flags & FREE)
			continue;
		value = value_json(c, o);
		if (cJSON_AddItemToObject(object, o->key, value))
			continue;
		cJSON_Delete(value);
		GRPO_TRY(grpo__fail(GRPO_ENOMEM, "out of memory"));
	}
	*out = object;
	return 0;
out:
	cJSON_Delete(object);
	return rc;
}
