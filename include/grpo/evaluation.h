/* SPDX-License-Identifier: MIT */
#ifndef GRPO_EVALUATION_H
#define GRPO_EVALUATION_H

#include <stddef.h>
#include <stdint.h>
#include "grpo/callbacks.h"
#include "grpo/dataset.h"
#include "grpo/export.h"
#include "grpo/trainer.h"

/*
 * How good a trainer's policy is now: it samples answers to problems, scores
 * them with the trainer's rewards, and changes nothing.
 *
 *	grpo_evaluation_options o;
 *	grpo_evaluation e = {.struct_size = sizeof e};
 *
 *	grpo_evaluation_options_init(&o);
 *	o.temperature = 0;                 // greedy
 *	grpo_trainer_evaluate(trainer, &e, &o);
 *	printf("%.1f %% solved\n", 100 * e.solved[0]);
 *	grpo_evaluation_dispose(&e);
 *
 * A run does so by itself every eval_steps, and tells it to on_evaluation.
 */
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

GRPO_BEGIN_DECLS

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

GRPO_END_DECLS

#endif
