/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TRAIN_REFERENCES_H
#define GRPO_TRAIN_REFERENCES_H

#include "train/run.h"

/** Checks which rows the rewards can judge: GRPO_EFORMAT if a reward can judge
 * no row of a dataset, a warning if it cannot judge some.  In large datasets
 * only some rows are checked. */
int grpo__references_check(grpo_trainer *t, const grpo__rows *r);

#endif
