/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TRAINER_H
#define GRPO_TRAINER_H

#include <stddef.h>
#include <stdint.h>
#include "grpo/callbacks.h"
#include "grpo/comm.h"
#include "grpo/dataset.h"
#include "grpo/export.h"
#include "grpo/policy.h"
#include "grpo/reward_set.h"
#include "grpo/template.h"
#include "grpo/tokenizer.h"
#include "grpo/trainer_config.h"

/*
 * The training loop: prompts, G answers each, rewards, advantages inside the
 * group, clipped update (arXiv:2402.03300, algorithm 1), and a way to stop.
 *
 *	its settings                             trainer_config.h
 *	what it tells while it runs              callbacks.h
 *	how good the policy is now               evaluation.h
 *	to go on another day                     checkpoint.h
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

/**
 * What a trainer is made of; all borrowed, all longer-lived than it.  One that
 * only gets rollouts (grpo/rollout.h) needs the learner alone: dataset, rewards
 * and sampler are then all NULL.
 */
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
	 * (the model's configuration, weight decay …), as grpo_config_text
	 * gives it; a checkpoint keeps it and a resumed run must bring the
	 * same.  Contents, not paths; the parts above are held already.
	 * NULL: nothing.  Used by grpo_trainer_create only. */
	const char *identity;
	/* What the ranks of a run on several tell each other (grpo/comm.h), for
	 * as long as the trainer lives; NULL: there is one. */
	const grpo_comm *comm;
} grpo_trainer_parts;

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
 * How large a run is.  The dataset is read in epochs, each in an order of its
 * own; rows that do not fill a batch at an epoch's end begin the first batch
 * of the next one, so that no row is left out.  (TRL drops them.)
 */
typedef struct grpo_sizes {
	size_t struct_size; /* sizeof(grpo_sizes) */
	int64_t rows;       /* of the dataset, without those left out */
	int64_t held_out_rows;
	double batches_per_epoch;     /* 1.75 for 7 rows, 4 a batch */
	int64_t steps;                /* optimizer steps of the run */
	int64_t batches;              /* that they need, num_iterations each */
	double epochs;                /* that these make */
	int64_t completions_per_step; /* of a batch */
	int64_t tokens_per_step;      /* most that a batch samples */
	int64_t rows_unseen;          /* the run is too short for these */
	int64_t rows_dropped;         /* by "overlong_prompts"; not in rows */
} grpo_sizes;

GRPO_BEGIN_DECLS

/**
 * No parts: every pointer NULL.
 *
 * Returns 0, or GRPO_EINVAL for a size that no version of the struct has.
 * Threads: any.  Allocates: no.  Since 0.1.
 */
GRPO_API int grpo_trainer_parts_init_(grpo_trainer_parts *p, size_t size);
#define grpo_trainer_parts_init(p) grpo_trainer_parts_init_((p), sizeof *(p))

/**
 * Checks settings and parts; samples nothing yet.  With "overlong_prompts":
 * "drop" it reads every row, and warns of those that it leaves out.
 *
 * out        out  free with grpo_trainer_free
 * config     in   copied; NULL for defaults
 * parts      in   copied; what it points to is borrowed
 * callbacks  in   copied; NULL for none
 *
 * Returns 0, GRPO_EINVAL (the message names the key, or both where two
 * contradict each other: "num_generations" is 1, …), GRPO_EFORMAT for an
 * identity that is no JSON object, GRPO_ENOMEM; with "drop", also what
 * grpo_trainer_check returns for a row that makes no prompt.
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
 * Looks at every row of the dataset and of held_out before anything is
 * sampled: each must make a prompt (template, tokenizer) that leaves room for
 * max_completion_length in the model's positions (sampler ops) and has at most
 * max_prompt_length tokens, unless overlong_prompts leaves it out; and each
 * reward must be able to judge some rows, unless check_references is 0.  Where
 * a reward lacks only some, a warning says which.
 *
 * The first step, run or evaluation does this by itself; call it to know
 * sooner.  Once it has succeeded it does nothing.
 *
 * Returns 0; GRPO_EFORMAT, or the template's code, with file and line,
 *	train.jsonl:12: the prompt has 649 tokens …
 *	train.jsonl: reward "math" can judge none of its 100 rows: column
 *	"answer" is missing …
 * GRPO_EREWARD for a reward that was given up; GRPO_ECANCELED.
 * Threads: as grpo_trainer_step.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_trainer_check(grpo_trainer *t);

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
 * the part that failed.  Every optimizer step that was made is counted, also
 * if something fails after it (a line of metrics that cannot be written, a
 * callback that returns a negative code): call again to go on; that line comes
 * first, and the same rows are sampled anew if the batch was not finished.  A
 * stop after the first update of a batch lets the batch end.  A finished run
 * (grpo_trainer_done) gives GRPO_EINVAL. Threads: one at a time, and one that
 * the parts allow.  Allocates: yes. Since 0.1.
 */
GRPO_API int grpo_trainer_step(grpo_trainer *t);

/**
 * Steps until the run is done, and saves a checkpoint at the end if
 * save_steps > 0.  After grpo_trainer_stop it saves a checkpoint (whatever
 * save_steps says) and returns GRPO_ECANCELED.
 * After an error it also saves one, if output_dir is set and steps would be
 * lost; the message then ends in "(a checkpoint of step 3 is saved)".  It saves
 * none if the learner's step itself failed, because the weights may then be
 * ahead of the step's number, nor between two updates of a batch, which an
 * earlier checkpoint makes again bit for bit.
 * When a run ends with load_best_model_at_end set, the weights are those of the
 * best checkpoint.
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
 * Returns 0, or GRPO_EINVAL for a struct_size that no version has.
 * Threads: as grpo_trainer_step.  Allocates: no.  Since 0.1.
 */
GRPO_API int grpo_trainer_totals(const grpo_trainer *t, grpo_totals *out);

/**
 * Returns 0, or GRPO_EINVAL for a struct_size that no version has.
 * Threads: as grpo_trainer_step.  Allocates: no.  Since 0.1.
 */
GRPO_API int grpo_trainer_sizes(const grpo_trainer *t, grpo_sizes *out);

GRPO_END_DECLS

#endif
