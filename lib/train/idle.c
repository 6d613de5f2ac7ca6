/* SPDX-License-Identifier: MIT */
#include "train/idle.h"

#include "core/fail.h"
#include "grpo/advantage.h"
#include "grpo/objective.h"
#include "train/settings.h"

typedef grpo_trainer_config config;

static int no_reference(const config *c)
{
	return c->beta == 0;
}

static int no_sync(const config *c)
{
	return !c->sync_ref_model;
}

static int no_correction(const config *c)
{
	return c->importance_sampling_correction == GRPO_CORRECTION_NONE;
}

static int not_sapo(const config *c)
{
	return c->loss_type != GRPO_LOSS_SAPO || c->policy_loss;
}

/* With one update a batch the learner's numbers are those before it. */
static int is_on_policy(const config *c)
{
	return c->num_iterations == 1;
}

static int no_clip(const config *c)
{
	return !c->policy_loss && (c->loss_type == GRPO_LOSS_SAPO ||
				   c->loss_type == GRPO_LOSS_REINFORCE);
}

static int no_scale(const config *c)
{
	return c->scale_rewards == GRPO_SCALE_NONE;
}

static int no_warmup(const config *c)
{
	return c->lr_scheduler_type == GRPO_LR_CONSTANT;
}

static int no_decay(const config *c)
{
	return c->lr_scheduler_type == GRPO_LR_CONSTANT ||
	       c->lr_scheduler_type == GRPO_LR_CONSTANT_WITH_WARMUP;
}

static int has_max_steps(const config *c)
{
	return c->max_steps > 0;
}

static int no_evaluation(const config *c)
{
	return c->eval_steps == 0;
}

static int no_output(const config *c)
{
	return !c->output_dir;
}

static int has_own_loss(const config *c)
{
	return c->policy_loss != NULL;
}

static const struct {
	const char *key;
	int (*is_idle)(const config *c);
	const char *because;
} rules[] = {
    {"kl_estimator", no_reference, "\"beta\" is 0"},
    {"kl_bias_correction", no_reference, "\"beta\" is 0"},
    {"ref_model_mixup_alpha", no_sync, "\"sync_ref_model\" is off"},
    {"ref_model_sync_steps", no_sync, "\"sync_ref_model\" is off"},
    {"importance_sampling_clip_min", no_correction,
     "\"importance_sampling_correction\" is \"none\""},
    {"importance_sampling_clip_max", no_correction,
     "\"importance_sampling_correction\" is \"none\""},
    {"sapo_temperature_pos", not_sapo, "\"loss_type\" is not \"sapo\""},
    {"sapo_temperature_neg", not_sapo, "\"loss_type\" is not \"sapo\""},
    {"epsilon", no_clip, "\"loss_type\" does not clip"},
    {"epsilon_high", no_clip, "\"loss_type\" does not clip"},
    {"epsilon", is_on_policy, "with \"num_iterations\" 1 the ratio is 1"},
    {"epsilon_high", is_on_policy, "with \"num_iterations\" 1 the ratio is 1"},
    {"delta", is_on_policy, "with \"num_iterations\" 1 the ratio is 1"},
    {"squared_log_ratio", is_on_policy,
     "with \"num_iterations\" 1 the ratio is 1"},
    {"importance_sampling_level", is_on_policy,
     "with \"num_iterations\" 1 the ratio is 1"},
    {"advantage_eps", no_scale, "\"scale_rewards\" is \"none\""},
    {"advantage_ddof", no_scale, "\"scale_rewards\" is \"none\""},
    {"warmup_steps", no_warmup, "\"lr_scheduler_type\" is \"constant\""},
    {"min_lr_ratio", no_decay, "the rate of \"lr_scheduler_type\" stays"},
    {"num_train_epochs", has_max_steps, "\"max_steps\" is set"},
    {"num_generations_eval", no_evaluation, "\"eval_steps\" is 0"},
    {"save_steps", no_output, "there is no \"output_dir\""},
    {"save_total_limit", no_output, "there is no \"output_dir\""},
    {"samples_per_step", no_output, "there is no \"output_dir\""},
    {"save_rollouts", no_output, "there is no \"output_dir\""},
    {"delta", has_own_loss, "the policy loss is a function of the program"},
};

void grpo__idle_say(const grpo_trainer_config *c)
{
	const char *said = NULL;
	size_t i;

	for (i = 0; i < sizeof rules / sizeof *rules; i++) {
		if (rules[i].key == said || !rules[i].is_idle(c) ||
		    grpo__settings_is_default(c, rules[i].key))
			continue;
		grpo__log(GRPO_LOG_WARN,
			  "\"%s\" is set and changes nothing: %s", rules[i].key,
			  rules[i].because);
		said = rules[i].key;
	}
}
