/* SPDX-License-Identifier: MIT */
#ifndef SCORE_CHECK_H
#define SCORE_CHECK_H

#include "window.h"

/**
 * For --check: reads all rows and prints how many have no reference that a
 * reward can use, and the lines of the first of them.
 *
 * Returns 0, also where some have none, or a negative code with the line of
 * the fault set.
 */
int check_references(grpo_reward_set *set, struct filler *f);

#endif
