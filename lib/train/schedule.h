/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TRAIN_SCHEDULE_H
#define GRPO_TRAIN_SCHEDULE_H

#include <stdint.h>
#include "grpo/trainer_config.h"

/** Learning rate of the step that follows `steps` done ones. */
double grpo__schedule_rate(const grpo_trainer_config *c, int64_t steps,
			   int64_t max_steps);

/** The order of a dataset's rows, one epoch at a time.  Start with {0}. */
typedef struct grpo__order {
	uint32_t *row; /* [n] of this epoch; NULL: none yet */
	int64_t epoch;
} grpo__order;

/** Rows of batch `batch` of a dataset of n rows: rows [prompts_per_step]. */
int grpo__order_rows(grpo__order *o, const grpo_trainer_config *c, int64_t n,
		     int64_t batch, int64_t *rows);
void grpo__order_dispose(grpo__order *o);

#endif
