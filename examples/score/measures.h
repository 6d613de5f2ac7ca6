/* SPDX-License-Identifier: MIT */
#ifndef SCORE_MEASURES_H
#define SCORE_MEASURES_H

#include <stdint.h>
#include "grpo/reward_set.h"

/** What the rewards measure of their rows: the sum of each figure. */
struct measures {
	struct measure *list; /* [n] by reward, then by name */
	size_t n, cap;
	int no_memory;
};

/** A grpo_reward_measure_fn; ctx is the struct. */
void measures_hear(void *ctx, int64_t row, int32_t k, const char *name,
		   double value);

/** A line on the screen for each figure of reward k: its name, its mean, over
 *  how many rows. */
void measures_say(const struct measures *m, int32_t k);
void measures_dispose(struct measures *m);

#endif
