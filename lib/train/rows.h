/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TRAIN_ROWS_H
#define GRPO_TRAIN_ROWS_H

#include <stdint.h>
#include "train/run.h"

/** All rows of the dataset; or, where "overlong_prompts" is "drop", those whose
 *  prompts fit, and a warning that names the others.  d may be NULL. */
int grpo__rows_choose(grpo__rows *out, const grpo_trainer *t,
		      const grpo_dataset *d);
void grpo__rows_dispose(grpo__rows *r);

/** Row i of those that are used, as the dataset counts. */
int64_t grpo__rows_at(const grpo__rows *r, int64_t i);

/** How many rows were left out. */
int64_t grpo__rows_dropped(const grpo__rows *r);

#endif
