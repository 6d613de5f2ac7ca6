/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TRAIN_RANKS_H
#define GRPO_TRAIN_RANKS_H

#include "grpo/objective.h"
#include "train/run.h"

/*
 * What the ranks of a run tell each other (grpo/comm.h).  With one rank every
 * function leaves its argument as it is and returns 0.
 */

int32_t grpo__ranks_count(const grpo_trainer *t);
int32_t grpo__ranks_mine(const grpo_trainer *t);

/** The table is whole and fits the settings, or one line says what is wrong. */
int grpo__ranks_check(const grpo_comm *c, const grpo_trainer_config *config,
		      const grpo_learner *learner);

/** All ranks call it with how they fared.  0 where all did well; else this
 *  rank's code, or that of another with a line that says so.  Where one was
 *  stopped, all are. */
int grpo__ranks_agree(grpo_trainer *t, int rc);

/** Element by element, over the ranks. */
int grpo__ranks_sum(grpo_trainer *t, double *x, int64_t n);
int grpo__ranks_max(grpo_trainer *t, double *x, int64_t n);

/** The totals of all ranks' plans into this one, and their common threshold. */
int grpo__ranks_plan(grpo_trainer *t, grpo_plan *plan);

/** The metrics of all ranks, merged in the same order everywhere. */
int grpo__ranks_metrics(grpo_trainer *t, grpo_metrics *m);

/** The sum of the learners' gradients, in each of them. */
int grpo__ranks_gradient(grpo_trainer *t);

/** The rows of all ranks as one rollout, in `all`, with rank 0's first: what
 *  advantages and figures are made of, no tokens and no text.  *mine: this
 *  rank's first row. */
int grpo__ranks_gather(grpo_trainer *t, grpo__rollout *all,
		       const grpo__rollout *own, int64_t *mine);

#endif
