/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TRAIN_MEASURES_H
#define GRPO_TRAIN_MEASURES_H

#include <stdint.h>
#include "grpo/reward_set.h"
#include "train/report.h"

/*
 * What the rewards measure of a batch's rows (grpo_reward_batch.measure), for
 * the metrics: the mean of each figure over the rows that gave it.  Sums are
 * taken in the order of rows, so a run repeats to the last bit.  A measure
 * function that was already set on the reward set still receives everything.
 */
struct grpo__measure;
typedef struct grpo__measures {
	grpo_reward_set *set; /* NULL: not listening */
	grpo_reward_measure_fn outer;
	void *outer_ctx;
	int64_t n_rows;
	/* [n] by reward, then by name; a figure once seen stays, so that curves
	 * have no gaps. */
	struct grpo__measure *list;
	size_t n, cap;
	int no_memory, is_full;
} grpo__measures;

/** Listens to the batch of n_rows that comes. */
int grpo__measures_begin(grpo__measures *m, grpo_reward_set *set,
			 int64_t n_rows);
/** After the batch; GRPO_ENOMEM where something could not be kept. */
int grpo__measures_end(grpo__measures *m);
/** Adds "rewards/NAME/measure/FIGURE" for reward k: NaN where no row gave it.
 */
int grpo__measures_report(grpo__report *o, const grpo__measures *m, int32_t k,
			  const char *reward);
void grpo__measures_dispose(grpo__measures *m);

#endif
