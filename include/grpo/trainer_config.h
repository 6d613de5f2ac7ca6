/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TRAINER_CONFIG_H
#define GRPO_TRAINER_CONFIG_H

#include <stddef.h>
#include <stdint.h>
#include "grpo/advantage.h"
#include "grpo/config.h"
#include "grpo/export.h"
#include "grpo/objective.h"

/*
 * The settings of a training run (grpo/trainer.h), as a struct or as keys of
 * a JSON file:
 *
 *	grpo_trainer_config t;
 *	grpo_trainer_config_init(&t);               // then set fields …
 *
 *	grpo_config_create(&c);                     // … or read them
 *	grpo_config_add_trainer(c, &t);
 *	grpo_config_read(c, "recipe.json");         // {"learning_rate": 4e-4}
 *	grpo_trainer_create(&trainer, &t, &parts, NULL);
 *
 * What is out of range, or contradicts another setting, is said by
 * grpo_trainer_create.
 */

/** transformers' names and formulas. */
enum grpo_lr_scheduler {
	GRPO_LR_CONSTANT = 0,
	GRPO_LR_LINEAR = 1,
	GRPO_LR_COSINE = 2,
	GRPO_LR_CONSTANT_WITH_WARMUP = 3
};

/** What becomes of a row whose prompt is too long. */
enum grpo_overlong { GRPO_OVERLONG_ERROR = 0, GRPO_OVERLONG_DROP = 1 };

/**
 * Settings.  A name that TRL's GRPOConfig has carries TRL's meaning and
 * default; a name of our own is marked "ours".  In JSON the keys are the
 * same, and choices are written as in TRL: "loss_type": "dr_grpo".
 *
 * A step is an optimizer step, as in TRL: with num_iterations 2 each batch
 * of completions makes two of them.  One batch is prompts_per_step prompts
 * with num_generations completions each, and every update uses all of it
 * (TRL: steps_per_generation equal to gradient_accumulation_steps).
 */
typedef struct grpo_trainer_config {
	size_t struct_size; /* set by grpo_trainer_config_init */

	/* what is sampled */
	int64_t prompts_per_step;      /* 8; ours */
	int64_t num_generations;       /* 8; completions of a prompt, G */
	int64_t max_completion_length; /* 512 tokens, the stop token counts */
	double temperature;            /* 1 */
	double top_p;                  /* 1: off */
	double min_p;                  /* 0: off */
	int64_t top_k;                 /* 0: off */
	int32_t add_bos;               /* 1; ours: put the tokenizer's begin-of-
					  text token, if any, before a prompt */

	/* from rewards to advantages (grpo/advantage.h) */
	double reward_timeout_s;    /* 3600; ours: limit_s of the reward set, so
				       that a run does not hang; 0: never */
	int32_t scale_rewards;      /* enum grpo_scale; GROUP */
	int32_t advantage_baseline; /* enum grpo_baseline; GROUP_MEAN; ours */
	int64_t advantage_ddof;     /* 1; deviation over n - 1; ours */
	double advantage_eps;       /* 1e-4; added to the deviation; ours */

	/* from advantages to loss (grpo/objective.h) */
	int32_t loss_type;                  /* enum grpo_loss_type; DAPO */
	int32_t loss_reduction;             /* 0: loss_type's own; else 1 + enum
					       grpo_reduction; ours */
	int32_t importance_sampling_level;  /* enum grpo_ratio_level; TOKEN:
					       loss_type's own */
	double epsilon;                     /* 0.2 */
	double epsilon_high;                /* -1: as epsilon (TRL: None) */
	int32_t mask_truncated_completions; /* 0 */
	int64_t num_iterations;             /* 1; updates a batch */

	/* Importance sampling between sampler and learner; ours, TRL has it
	 * as vllm_importance_sampling_…, and on where vLLM samples. */
	int32_t importance_sampling_correction; /* enum grpo_correction; NONE */
	double importance_sampling_clip_min;    /* 0 */
	double importance_sampling_clip_max;    /* 3 */

	/* divergence from a reference; above 0 the learner needs one */
	double beta;                /* 0 */
	int32_t kl_in_reward;       /* 0: in the loss; ours (grpo/kl.h) */
	int32_t kl_estimator;       /* enum grpo_kl_estimator; K3; ours */
	int32_t kl_bias_correction; /* enum grpo_kl_bias; AS_IS; ours: TRL has
				       use_bias_correction_kl, which is on */

	/* optimizer; AdamW's own numbers are the learner's */
	double learning_rate;      /* 1e-6 */
	int32_t lr_scheduler_type; /* enum grpo_lr_scheduler; LINEAR */
	int64_t warmup_steps;      /* 0; the first of them has rate 0 */
	double min_lr_ratio;       /* 0; ours: where LINEAR and COSINE end, as
				      a share of learning_rate */
	double max_grad_norm;      /* 1; 0: no clipping */
	double num_train_epochs;   /* 3 */
	int64_t max_steps;         /* -1: by num_train_epochs */
	int64_t tokens_per_micro_batch; /* 16384; ours: completion tokens and
					   prompts, each prompt once */

	/* reference policy, with beta > 0 */
	int32_t sync_ref_model;       /* 0 */
	double ref_model_mixup_alpha; /* 0.6 */
	int64_t ref_model_sync_steps; /* 512 */

	/* order and chance */
	int64_t seed;            /* 42; 0 … 2^53 */
	int32_t shuffle_dataset; /* 1 */

	/* what is written, and how often; counted in steps */
	const char *output_dir;       /* NULL: nothing is written (ours) */
	int64_t save_steps;           /* 500; 0: only where it is stopped */
	int64_t save_total_limit;     /* 0: keep all (TRL: None) */
	int64_t eval_steps;           /* 0: never; else needs held_out */
	int64_t num_generations_eval; /* 0: as num_generations (TRL: None) */
	int64_t samples_per_step;     /* 4; ours: rows of samples.jsonl */
	int32_t save_rollouts;        /* 0; ours: write rollouts.jsonl, what
					 grpo_trainer_update takes */
	/* Which figure of an evaluation says which checkpoint is the best, the
	 * larger the better: "eval_rewards/math/solved".  NULL: "eval_reward"
	 * (transformers: the loss). */
	const char *metric_for_best_model;
	int32_t load_best_model_at_end; /* 0; where the run ends, go back to
					   the best weights */
	/* A loss of your own instead of loss_type's (grpo/objective.h), and its
	 * first argument; NULL; ours.  It is no setting of a file. */
	grpo_policy_loss_fn policy_loss;
	void *policy_loss_ctx;
	double delta;                /* 0: off (TRL: None); CLIP: cut the ratio
					here where the advantage is negative */
	double sapo_temperature_pos; /* 1 */
	double sapo_temperature_neg; /* 1.05 */
	double squared_log_ratio;    /* 0; ours: adds this times (log r)^2 */
	double off_policy_mask_threshold; /* 0: off (TRL: None) */
	double entropy_coef;              /* 0; the learner needs dentropy */
	double top_entropy_quantile; /* 1; the policy loss only at this share
					of the tokens; below 1 a step has one
					more forward pass */
	/* A prompt is too long where it leaves no room for
	 * max_completion_length in the sampler's positions, or has more than
	 * max_prompt_length tokens; it is never cut.  All are measured before
	 * the first step. */
	int64_t max_prompt_length; /* 0: as the positions have it; ours */
	int32_t overlong_prompts;  /* enum grpo_overlong; ERROR; ours */
	int32_t check_references;  /* 1; ours: before a run, ask the rewards
				      which rows they can judge */
} grpo_trainer_config;

GRPO_BEGIN_DECLS

/**
 * Defaults, as written beside the fields.
 *
 * Returns 0, or GRPO_EINVAL for a size that no version of the struct has.
 * Threads: any.  Allocates: no.  Since 0.1.
 */
GRPO_API int grpo_trainer_config_init_(grpo_trainer_config *c, size_t size);
#define grpo_trainer_config_init(c) grpo_trainer_config_init_((c), sizeof *(c))

/**
 * The same settings as keys of a configuration (grpo/config.h); initialises
 * *t.  `t` must outlive `c`, whose strings it borrows.
 *
 * Returns what grpo_config_add returns.
 * Threads: one at a time.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_config_add_trainer(grpo_config *c, grpo_trainer_config *t);

GRPO_END_DECLS

#endif
