/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TRAIN_BEST_H
#define GRPO_TRAIN_BEST_H

#include "train/run.h"

/** Resolves the metric; GRPO_EINVAL where settings do not fit it. */
int grpo__best_init(grpo_trainer *t);
/** After an evaluation, whose figures are in t->report: keeps it, and saves a
 *  checkpoint, where it is the best.  *value is its metric, NaN where it has
 *  none. */
int grpo__best_look(grpo_trainer *t, double *value);
/** Finds the best checkpoint again after a resume. */
int grpo__best_resume(grpo_trainer *t);
/** load_best_model_at_end. */
int grpo__best_load(grpo_trainer *t);

#endif
