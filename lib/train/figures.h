/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TRAIN_FIGURES_H
#define GRPO_TRAIN_FIGURES_H

#include "grpo/evaluation.h"
#include "train/update.h"

/** The figures of a step that took so many seconds, into t->report. */
int grpo__figures_of_step(grpo_trainer *t, const grpo__rollout *r,
			  const grpo__update *u, double seconds);
/** Those of an evaluation. */
int grpo__figures_of_evaluation(grpo_trainer *t, const grpo_evaluation *e);

#endif
