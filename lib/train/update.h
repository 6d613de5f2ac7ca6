/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TRAIN_UPDATE_H
#define GRPO_TRAIN_UPDATE_H

#include "train/batch.h"
#include "train/run.h"

/** The updates of one batch and their measurements, which are those of all
 * ranks in the end. */
typedef struct grpo__update {
	grpo__flat flat; /* of this rank */
	grpo_plan *plan;
	grpo_batch batch;          /* the micro-batch under way */
	int64_t iteration;         /* 0 … num_iterations-1 */
	grpo_metrics metrics;      /* of the iteration under way */
	grpo_metrics sum;          /* over iterations; extremes are extremes */
	double entropy, entropies; /* sum over the tokens sent, and how many */
	double difference, difference_max; /* |learner's - sampler's logp| */
	int64_t differences;
	/* what an importance sampling weight belongs to, tokens or rows: of
	 * all rows, and of those that were sent */
	double weighted, weighted_sent;
	double norm, rate; /* gradient norms summed; the last rate */
	int64_t trained;   /* tokens through the learner, here */
	double seconds;
} grpo__update;

/** advantages -> plan -> micro-batches -> optimizer steps; u starts with {0}.
 *  progress.steps counts each that was made, also where a later one fails.
 *  Free the plan with grpo__update_dispose, also after an error. */
int grpo__update_run(grpo__update *u, grpo_trainer *t, const grpo__rollout *r);
void grpo__update_dispose(grpo__update *u);

#endif
