/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TRAIN_TRAINER_H
#define GRPO_TRAIN_TRAINER_H

#include <stdatomic.h>
#include <stdint.h>
#include <cjson/cJSON.h>
#include "core/mem.h"
#include "grpo/trainer.h"
#include "train/alarm.h"
#include "train/measures.h"
#include "train/output.h"
#include "train/report.h"
#include "train/rollout.h"
#include "train/said.h"

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

	grpo__progress progress;
	int started;   /* a step was taken, or a checkpoint read */
	int checked;   /* grpo_trainer_check has succeeded */
	int is_ahead;  /* weights may be ahead of progress: a step failed after
			  its optimizer had run */
	int64_t saved; /* steps done at the last checkpoint; -1: none */
	atomic_int stop; /* grpo_trainer_stop */

	uint32_t *order; /* [rows of the dataset] of epoch `order_epoch` */
	int64_t order_epoch;
	grpo__rollout *rollout;
	grpo__report report;
	grpo__alarms alarms;
	grpo__said said;
	grpo__measures measures;
	grpo__lines metrics, samples; /* the two files */
};

/* settings.c */
int grpo__settings_check(const grpo_trainer_config *c);
/** Every setting that the numbers of a run of max_steps depend on. */
int grpo__settings_json(cJSON **out, const grpo_trainer_config *c,
			int64_t max_steps);

/* schedule.c */
/** Learning rate of the step that follows `steps` done ones. */
double grpo__schedule_rate(const grpo_trainer_config *c, int64_t steps,
			   int64_t max_steps);
/** Dataset rows of batch `batch`: rows [prompts_per_step]. */
int grpo__schedule_rows(grpo_trainer *t, int64_t batch, int64_t *rows);

/* sizes.c */
/** Sets max_steps; GRPO_EINVAL where the dataset and the settings do not fit
 *  each other. */
int grpo__sizes_plan(grpo_trainer *t);
/** The number of epochs in this many batches. */
double grpo__sizes_epochs(const grpo_trainer *t, int64_t batches);

/* references.c */
/** Checks which rows the rewards can judge: GRPO_EFORMAT if a reward can judge
 * no row of a dataset, a warning if it cannot judge some.  In large datasets
 * only some rows are checked. */
int grpo__references_check(grpo_trainer *t, const grpo_dataset *d);

/* checkpoint.c */
/** GRPO_EINVAL where output_dir holds a checkpoint. */
int grpo__checkpoint_none(const grpo_trainer *t);
/** The folder of the checkpoint of that step in output_dir, where it is
 *  there; else *out is NULL. */
int grpo__checkpoint_find(char **out, const grpo_trainer *t, int64_t step);
int grpo__checkpoint_remove(const grpo_trainer *t, int64_t step);
/** Takes the weights, and the rest of the learner's state, from a checkpoint.
 */
int grpo__checkpoint_load(grpo_trainer *t, const char *path);

/* best.c */
/** Resolves the metric; GRPO_EINVAL where settings do not fit it. */
int grpo__best_init(grpo_trainer *t);
/** After an evaluation, whose figures are in t->report. */
int grpo__best_look(grpo_trainer *t);
/** Finds the best checkpoint again after a resume. */
int grpo__best_resume(grpo_trainer *t);
/** load_best_model_at_end. */
int grpo__best_load(grpo_trainer *t);

/* trainer.c */
/** Whether a multiple of `every` lies past `last`, up to the steps done. */
int grpo__trainer_is_due(const grpo_trainer *t, int64_t every, int64_t last);
int grpo__trainer_stopped(const grpo_trainer *t); /* 0 or GRPO_ECANCELED */
/** The name of reward k in metrics and messages. */
const char *grpo__trainer_reward(const grpo_trainer *t, int32_t k);

/* metrics.c */
/** Writes t->report to metrics.jsonl and shows it to `fn`, or NULL. */
int grpo__report_send(grpo_trainer *t,
		      int (*fn)(void *ctx, const grpo_report *report));

/* evaluate.c */
int grpo__evaluate_and_report(grpo_trainer *t);

#endif
