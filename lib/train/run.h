/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TRAIN_RUN_H
#define GRPO_TRAIN_RUN_H

#include <stdatomic.h>
#include <stdint.h>
#include "core/mem.h"
#include "grpo/trainer.h"
#include "train/alarm_state.h"
#include "train/measures.h"
#include "train/output.h"
#include "train/report.h"
#include "train/rollout.h"
#include "train/said.h"
#include "train/schedule.h"

/*
 * A run: what a trainer holds, and what every file above asks of it.
 */

/** The part of a checkpoint that is not the learner's state. */
typedef struct grpo__progress {
	int64_t steps;      /* optimizer steps done */
	int64_t batches;    /* of completions; also the place in the dataset */
	int64_t num_tokens; /* prompts and completions seen, as TRL counts */
	int64_t evaluated;  /* steps done at the last evaluation */
	int finish;         /* a callback asked for the end */
	int64_t best_step;  /* of the best evaluation; 0: there was none */
	double best_value;
	int best_only; /* its checkpoint is kept only for this reason */
	grpo_totals totals;
} grpo__progress;

/** The rows of a dataset that are used: all, or those that are not left out
 *  (train/rows.h). */
typedef struct grpo__rows {
	const grpo_dataset *dataset; /* NULL: there are none */
	int64_t *kept;               /* [n] ascending; NULL: every row */
	int64_t n;
} grpo__rows;

struct grpo_trainer {
	grpo_trainer_config config;
	grpo_trainer_parts parts;
	grpo_trainer_callbacks callbacks;
	char *output_dir;  /* config.output_dir, or NULL */
	char *identity;    /* parts.identity, or NULL */
	char *metric;      /* metric_for_best_model, resolved */
	char *best_folder; /* checkpoint of the best evaluation, or NULL */
	int32_t n_rewards;
	int64_t max_steps;
	grpo__rows train, held_out;

	grpo__progress progress;
	int started;  /* a step was taken, or a checkpoint read */
	int checked;  /* grpo_trainer_check has succeeded */
	int is_ahead; /* weights may be ahead of progress: the learner's step
			 failed, nobody knows how far it came */
	int is_mid_batch; /* steps of a batch were made that is not finished: a
			     run that goes on from here takes its rows again */
	int sampler_is_behind; /* the learner has stepped since load_weights */
	int64_t saved;         /* steps done at the last checkpoint; -1: none */
	atomic_int stop;       /* grpo_trainer_stop */

	grpo__order order;
	grpo__rollout *rollout;
	grpo__rollout *everyone; /* the rows of all ranks, as far as figures
				    need them; NULL: there is one rank */
	grpo__report report;
	grpo__alarms alarms;
	grpo__said said;
	grpo__measures measures;
	grpo__lines metrics, samples, rollouts; /* the files */
	int samples_lost; /* the last samples could not be written */
	int lock;         /* of output_dir; -1: not held */
};

/** Whether a multiple of `every` lies past `last`, up to the steps done. */
int grpo__run_is_due(const grpo_trainer *t, int64_t every, int64_t last);
/** Whether grpo_trainer_stop was called. */
int grpo__run_stop_asked(const grpo_trainer *t);
/** The same as an error: 0, or GRPO_ECANCELED with its line. */
int grpo__run_stopped(const grpo_trainer *t);
/** Keeps other runs out of output_dir, unless it does so already. */
int grpo__run_lock(grpo_trainer *t);
/** The name of reward k in metrics and messages. */
const char *grpo__run_reward(const grpo_trainer *t, int32_t k);

#endif
