/* SPDX-License-Identifier: MIT */
#ifndef SCORE_CHECK_H
#define SCORE_CHECK_H

#include "window.h"

/**
 * Instead of scoring: reads all rows, and says on standard output how many
 * have no reference that a reward can use, and where the first of them are.
 *
 * Returns 0, also where some have none, or a negative code with the line of
 * the fault set.
 */
int check_references(grpo_reward_set *set, struct filler *f);

#endif
