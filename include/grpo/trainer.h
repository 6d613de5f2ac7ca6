/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TRAINER_H
#define GRPO_TRAINER_H

#include <stddef.h>
#include <stdint.h>
#include "grpo/advantage.h"
#include "grpo/config.h"
#include "grpo/dataset.h"
#include "grpo/export.h"
#include "grpo/objective.h"
#include "grpo/policy.h"
#include "grpo/reward_set.h"
#include "grpo/template.h"
#include "grpo/tokenizer.h"

/*
 * The training loop: prompts, G answers each, rewards, advantages inside the
 * group, clipped update (arXiv:2402.03300, algorithm 1), and what a long run
 * needs: metrics, checkpoints, evaluation, a way to stop.
 *
 *	grpo_trainer_config config;
 *	grpo_trainer_parts parts;
 *	grpo_trainer *trainer;
 *
 *	grpo_trainer_config_init(&config);
 *	config.num_generations = 16;
 *	config.learning_rate = 4e-4;
 *	config.max_steps = 70;
 *	config.output_dir = "runs/mine";
 *
 *	grpo_trainer_parts_init(&parts);
 *	parts.dataset = dataset;           // {"prompt": …, "answer": …}
 *	parts.tokenizer = tokenizer;
 *	parts.prompt_template = r1_zero;
 *	parts.rewards = rewards;
 *	parts.sampler = &sampler;          // of libgrpo-torch, or yours
 *	parts.learner = &learner;
 *
 *	grpo_trainer_create(&trainer, &config, &parts, NULL);
 *	grpo_trainer_run(trainer);
 *	grpo_trainer_free(trainer);
 *
 * The same seed gives the same run, bit for bit, also after a resume: random
 * numbers are functions of (seed, step, row, position), the order of the
 * dataset is one of (seed, epoch), and micro-batches are cut by tokens.
 * There is no global state; two trainers may live in one process, each with
 * its own parts.
 */
typedef struct grpo_trainer grpo_trainer;

/** transformers' names and formulas. */
enum grpo_lr_scheduler {
	GRPO_LR_CONSTANT = 0,
	GRPO_LR_LINEAR = 1,
	GRPO_LR_COSINE = 2,
	GRPO_LR_CONSTANT_WITH_WARMUP = 3
};

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
	int32_t kl_bias_correction; /* 0; ours: TRL's use_bias_correction_kl,
				       which is on there */

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
} grpo_trainer_config;

/** What a trainer is made of; all borrowed, all longer-lived than it. */
typedef struct grpo_trainer_parts {
	size_t struct_size;           /* set by grpo_trainer_parts_init */
	const grpo_dataset *dataset;  /* its columns go to the rewards */
	const grpo_dataset *held_out; /* for evaluation, or NULL */
	const grpo_tokenizer *tokenizer;
	const grpo_template *prompt_template;
	grpo_reward_set *rewards; /* at least one */
	grpo_sampler *sampler;
	grpo_learner *learner;
	/* A JSON object of whatever else the numbers of this run depend on
	 * (model, rewards, weight decay …), as grpo_config_text gives it; a
	 * checkpoint keeps it and a resumed run must bring the same.  NULL:
	 * nothing.  Used by grpo_trainer_create only. */
	const char *identity;
} grpo_trainer_parts;

/* ------------------------------------------------------------ callbacks */

/** One completion with all that is known of it; borrowed for the call. */
typedef struct grpo_scored {
	size_t struct_size;
	int64_t step;  /* steps done before it was sampled */
	int64_t row;   /* 0 … N-1 in the batch */
	int64_t group; /* which prompt of the batch */
	int64_t dataset_row;
	int32_t finish;      /* enum grpo_finish */
	int32_t n_rewards;   /* K, in the order of the reward set */
	grpo_str prompt;     /* as the model saw it */
	grpo_str completion; /* the template's "<think>" included, special
				tokens left out */
	const int32_t *tokens;
	int64_t n_tokens;      /* the stop token included */
	const double *rewards; /* [K] NaN where missing */
	const uint8_t *status; /* [K] enum grpo_reward_status */
	double total;          /* weighted sum, without a KL that is part of
				  the reward; NaN: no reward at all */
	double advantage;      /* 0 in an evaluation */
} grpo_scored;

/** A figure; this struct never grows. */
typedef struct grpo_metric {
	const char *name; /* "completions/mean_length" */
	double value;     /* NaN: there is none this time */
} grpo_metric;

/**
 * What came of a batch, or of an evaluation; borrowed for the call.  Names
 * are TRL's (loss, reward, rewards/NAME/mean, kl, entropy, grad_norm,
 * completions/mean_length, clip_ratio/low_mean, …; docs/metrics.md has all);
 * ours are time/…, in seconds, and tokens_per_second/….
 */
typedef struct grpo_report {
	size_t struct_size;
	int64_t step;      /* optimizer steps done */
	int64_t max_steps; /* of the run */
	size_t n_metrics;
	const grpo_metric *metrics; /* [n_metrics] */
} grpo_report;

/** A checkpoint that is in place, whole and synced; borrowed for the call. */
typedef struct grpo_checkpoint {
	size_t struct_size;
	int64_t step;       /* optimizer steps done */
	const char *folder; /* output_dir/checkpoints/step-000020 */
} grpo_checkpoint;

/**
 * Each may be NULL and returns 0 to go on, 1 to finish the run after this
 * step as if it were the last, or a negative code, which ends the call that
 * is under way and is returned by it.
 */
typedef struct grpo_trainer_callbacks {
	size_t struct_size; /* set by grpo_trainer_callbacks_init */
	void *ctx;
	/* Every completion of the batch, rows in order, once advantages are
	 * known and before the update. */
	int (*on_completion)(void *ctx, const grpo_scored *completion);
	/* After the update. */
	int (*on_step)(void *ctx, const grpo_report *report);
	/* After an evaluation of eval_steps; names start with "eval_". */
	int (*on_evaluation)(void *ctx, const grpo_report *report);
	/* After each checkpoint: of save_steps, at the end, after a stop, of
	 * grpo_trainer_save.  Older ones that save_total_limit does not keep
	 * are gone by then.  The checkpoint knows nothing of a 1 returned
	 * here; a run that goes on from it does not end at once. */
	int (*on_checkpoint)(void *ctx, const grpo_checkpoint *saved);
} grpo_trainer_callbacks;

GRPO_BEGIN_DECLS

/**
 * Defaults, as written beside the fields; no parts and no callbacks.
 *
 * Returns 0, or GRPO_EINVAL for a size that no version of the struct has.
 * Threads: any.  Allocates: no.  Since 0.1.
 */
GRPO_API int grpo_trainer_config_init_(grpo_trainer_config *c, size_t size);
#define grpo_trainer_config_init(c) grpo_trainer_config_init_((c), sizeof *(c))
GRPO_API int grpo_trainer_parts_init_(grpo_trainer_parts *p, size_t size);
#define grpo_trainer_parts_init(p) grpo_trainer_parts_init_((p), sizeof *(p))
GRPO_API int grpo_trainer_callbacks_init_(grpo_trainer_callbacks *c,
					  size_t size);
#define grpo_trainer_callbacks_init(c)                                         \
	grpo_trainer_callbacks_init_((c), sizeof *(c))

/**
 * The same settings as keys of a configuration (grpo/config.h); initialises
 * *t.  `t` must outlive `c`, whose strings it borrows.
 *
 * Returns what grpo_config_add returns.
 * Threads: one at a time.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_config_add_trainer(grpo_config *c, grpo_trainer_config *t);

/**
 * Checks settings and parts; samples nothing yet.
 *
 * out        out  free with grpo_trainer_free
 * config     in   copied; NULL for defaults
 * parts      in   copied; what it points to is borrowed
 * callbacks  in   copied; NULL for none
 *
 * Returns 0, GRPO_EINVAL (the message names the key, or both where two
 * contradict each other: "num_generations" is 1, …), GRPO_EFORMAT for an
 * identity that is no JSON object, GRPO_ENOMEM.
 * Threads: any.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_trainer_create(grpo_trainer **out,
				 const grpo_trainer_config *config,
				 const grpo_trainer_parts *parts,
				 const grpo_trainer_callbacks *callbacks);

/**
 * Frees the trainer and none of its parts.
 *
 * Threads: one at a time.  Since 0.1.
 */
GRPO_API void grpo_trainer_free(grpo_trainer *t);

/**
 * One batch: sample, score, num_iterations optimizer steps, metrics; then,
 * where they are due, evaluation and checkpoint.
 *
 * Every completion counts in the loss's denominators.  Those that cannot
 * change anything (advantage exactly 0 and no KL in the loss, or masked) are
 * not sent through the update; entropy, kl and sampling ratios are means over
 * the tokens that were.  With kl_in_reward every completion goes through the
 * learner once before, forward only.
 *
 * Returns 0; GRPO_ECANCELED after grpo_trainer_stop, with the step undone:
 * weights and counters are those before the call; GRPO_ENUMERIC for a loss,
 * reward or gradient that is not finite, weights unstepped; or the code of
 * the part that failed.  Counters are then those before the call, and the
 * same batch may be tried again; with num_iterations above 1 the weights keep
 * the updates of the batch that came before the one that failed.  A stop
 * after the first of them lets the batch end.  A finished run
 * (grpo_trainer_done) gives GRPO_EINVAL.
 * Threads: one at a time, and one that the parts allow.  Allocates: yes.
 * Since 0.1.
 */
GRPO_API int grpo_trainer_step(grpo_trainer *t);

/**
 * Steps until the run is done, and saves a checkpoint at the end if
 * save_steps > 0.  After grpo_trainer_stop it saves a checkpoint (whatever
 * save_steps says) and returns GRPO_ECANCELED.
 *
 * Otherwise as grpo_trainer_step.
 * Threads: as grpo_trainer_step.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_trainer_run(grpo_trainer *t);

/**
 * Asks grpo_trainer_step, _run or _evaluate to return GRPO_ECANCELED soon:
 * at the next finished completion or micro-batch.  Sticks until
 * grpo_trainer_unstop.
 *
 * Threads: any, also from a signal handler.  Allocates: no.  Since 0.1.
 */
GRPO_API void grpo_trainer_stop(grpo_trainer *t);

/**
 * Takes grpo_trainer_stop back, so that one can go on.
 *
 * Threads: any.  Allocates: no.  Since 0.1.
 */
GRPO_API void grpo_trainer_unstop(grpo_trainer *t);

/**
 * Optimizer steps done, of how many, and whether the run is at its end.
 *
 * Threads: as grpo_trainer_step.  Allocates: no.  Since 0.1.
 */
GRPO_API int64_t grpo_trainer_steps(const grpo_trainer *t);
GRPO_API int64_t grpo_trainer_max_steps(const grpo_trainer *t);
GRPO_API int grpo_trainer_done(const grpo_trainer *t);

/**
 * The value of a metric, or NaN where there is none of that name.
 *
 * Threads: any.  Allocates: no.  Since 0.1.
 */
GRPO_API double grpo_report_value(const grpo_report *r, const char *name);

/**
 * Sums since the run began, resumed or not.  Tokens trained are those that
 * went through the learner, each prompt once a micro-batch.
 */
typedef struct grpo_totals {
	size_t struct_size; /* sizeof(grpo_totals) */
	int64_t completions, tokens_sampled, tokens_trained;
	double sampling_s; /* in the sampler */
	double rewards_s;  /* waiting for rewards after the last completion */
	double training_s; /* in the learner */
	double eval_s;     /* in evaluations of eval_steps */
	double total_s;    /* in grpo_trainer_step */
} grpo_totals;

/**
 * Returns 0, or GRPO_EINVAL for a struct_size that no version has.
 * Threads: as grpo_trainer_step.  Allocates: no.  Since 0.1.
 */
GRPO_API int grpo_trainer_totals(const grpo_trainer *t, grpo_totals *out);

/* ----------------------------------------------------------- evaluation */

typedef struct grpo_evaluation_options {
	size_t struct_size;            /* set by …_init */
	const grpo_dataset *dataset;   /* NULL: parts.held_out */
	int64_t n_prompts;             /* the first so many; 0: all */
	int64_t num_generations;       /* 1; k of pass@k */
	int64_t max_completion_length; /* 0: as in training */
	double temperature;            /* 1; 0: greedy */
	/* Put after every prompt and counted as written by the model, such as
	 * " </think> <answer>": what is the answer worth without the
	 * thought?  NULL: nothing. */
	const char *continuation;
	uint64_t seed; /* 0; which of the random streams, which
			  no step of training shares */
	int (*on_completion)(void *ctx, const grpo_scored *completion);
	void *ctx;
} grpo_evaluation_options;

/** Shares are fractions; arrays are [K] in the order of the reward set. */
typedef struct grpo_evaluation {
	size_t struct_size; /* sizeof(grpo_evaluation) */
	int32_t n_rewards;
	int64_t n_prompts, n_completions, n_tokens;
	double reward;        /* mean weighted sum */
	double mean_length;   /* tokens */
	double clipped_ratio; /* share cut at max_completion_length */
	double seconds;
	double *reward_mean; /* NaN where all are missing */
	double *solved;      /* share of completions with a reward >= 1 */
	double *pass;        /* share of prompts with a solved completion:
				pass@k */
} grpo_evaluation;

/**
 * Defaults, as written beside the fields.
 *
 * Returns 0, or GRPO_EINVAL for a size that no version of the struct has.
 * Threads: any.  Allocates: no.  Since 0.1.
 */
GRPO_API int grpo_evaluation_options_init_(grpo_evaluation_options *o,
					   size_t size);
#define grpo_evaluation_options_init(o)                                        \
	grpo_evaluation_options_init_((o), sizeof *(o))

/**
 * Samples and scores; the weights and the run stay as they are.
 *
 * out  out  dispose with grpo_evaluation_dispose; set its struct_size
 * o    in   NULL for defaults
 *
 * Returns 0, GRPO_EINVAL without a dataset, GRPO_ECANCELED after
 * grpo_trainer_stop, or the code of what failed (out untouched).
 * Threads: as grpo_trainer_step; also from on_step and on_evaluation.
 * Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_trainer_evaluate(grpo_trainer *t, grpo_evaluation *out,
				   const grpo_evaluation_options *o);

/**
 * Frees the arrays and zeroes them.
 *
 * Threads: one at a time.  Since 0.1.
 */
GRPO_API void grpo_evaluation_dispose(grpo_evaluation *e);

/* ---------------------------------------------------------- checkpoints */

/*
 * output_dir/
 *   metrics.jsonl   one object a batch, and one an evaluation
 *   samples.jsonl   some completions of each batch, with their rewards
 *   checkpoints/step-000020/
 *     state.json    step, totals, configuration
 *     learner/      whatever the learner's save_state wrote
 *
 * A checkpoint is written under another name, synced, then renamed, so that
 * whatever is called step-… is whole.  Older ones go only after that, as
 * save_total_limit says.
 */

/**
 * Saves one now.  Returns GRPO_EINVAL without output_dir, GRPO_EIO, or the
 * learner's code; the earlier checkpoints are then as they were.
 *
 * Threads: as grpo_trainer_step.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_trainer_save(grpo_trainer *t);

/**
 * Goes on from a checkpoint as if the run had never stopped; metrics.jsonl
 * and samples.jsonl are cut to where it was saved.
 *
 * folder  in   a checkpoint, or NULL for the newest of output_dir
 *
 * Returns 0; GRPO_ENOTFOUND where there is none; GRPO_EINVAL where a setting
 * that changes the numbers differs, or after a step:
 *	runs/a/checkpoints/step-000020: "learning_rate" was 0.0004 and is
 *	now 0.0003
 * Threads: as grpo_trainer_step.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_trainer_resume(grpo_trainer *t, const char *folder);

GRPO_END_DECLS

#endif
