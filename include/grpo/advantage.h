/* SPDX-License-Identifier: MIT */
#ifndef GRPO_ADVANTAGE_H
#define GRPO_ADVANTAGE_H

#include <stddef.h>
#include <stdint.h>
#include "grpo/export.h"

/*
 * From rewards to group-relative advantages, on plain arrays.
 *
 *	double reward[8] = {1, 0, 0, 1,  0, 0, 0, 0}, adv[8];
 *	int64_t group[3] = {0, 4, 8};
 *	grpo_advantage_options o;
 *	grpo_advantage_options_init(&o);
 *	grpo_advantages(adv, NULL, reward, group, 2, &o);
 *
 * A missing reward is NaN; an infinite one is an error.
 */
enum grpo_baseline {
	GRPO_BASELINE_GROUP_MEAN = 0,   /* r - mean(group) */
	GRPO_BASELINE_LEAVE_ONE_OUT = 1 /* r - mean(the others), RLOO */
};

enum grpo_scale {
	GRPO_SCALE_GROUP = 0, /* divide by std of the group, plus eps */
	GRPO_SCALE_BATCH = 1, /* divide by std of all rows, plus eps */
	GRPO_SCALE_NONE = 2   /* Dr.GRPO, arXiv:2503.20783 */
};

typedef struct grpo_advantage_options {
	size_t struct_size; /* set by grpo_advantage_options_init */
	int32_t baseline;   /* enum grpo_baseline; default GROUP_MEAN */
	int32_t scale;      /* enum grpo_scale; default GROUP */
	int32_t ddof;       /* 1: std over n-1, as TRL (default); 0: over n */
	double eps;         /* added to std, unit of the reward; default 1e-4 */
} grpo_advantage_options;

GRPO_BEGIN_DECLS

/**
 * Sets every field to the default given beside it; the defaults are TRL's.
 *
 * Returns 0, or GRPO_EINVAL if no version of the struct has this size.
 * Threads: any.  Allocates: no.  Since 0.1.
 */
GRPO_API int grpo_advantage_options_init_(grpo_advantage_options *o,
					  size_t size);
#define grpo_advantage_options_init(o)                                         \
	grpo_advantage_options_init_((o), sizeof *(o))

/**
 * Adds up the K rewards of each row, with weights.  A missing reward (NaN) is
 * left out of the row's sum; a row whose rewards are all missing gets NaN.
 *
 * total    out  [n_rows]
 * rewards  in   [n_rows, n_rewards], NaN = missing
 * weights  in   [n_rewards]; NULL: every weight is 1
 *
 * Returns 0, GRPO_EINVAL if a weight is not finite, GRPO_ENUMERIC if a reward
 * or a total is infinite (total untouched).
 * Threads: any.  Allocates: no.  Since 0.1.
 */
GRPO_API int grpo_reward_totals(double *total, const double *rewards,
				const double *weights, int64_t n_rows,
				int32_t n_rewards);

/**
 * A_i = (r_i - mean(group)) / (std(group) + eps)   (arXiv:2402.03300, 4.1.2)
 *
 * The paper has no eps; we add it as TRL does.  With LEAVE_ONE_OUT, the mean
 * is that of the group's other rewards; with BATCH, the deviation is that of
 * all rows that have a reward.
 *
 * If all rewards of a group are equal, its advantages are exactly 0, even if
 * its mean is rounded.  A row without a reward (NaN) gets 0 and does not count
 * in its group.  A group with fewer than two rewards gets 0.
 *
 * advantage  out  [n_rows], n_rows = group[n_groups]; may be the same array
 *                 as `reward`
 * group_std  out  [n_groups] standard deviation of each group's rewards,
 *                 computed with `ddof`; may be NULL
 * reward     in   [n_rows]
 * group      in   [n_groups + 1] first row of each group, ascending from 0
 * o          in   NULL for defaults
 *
 * Returns 0, GRPO_EINVAL if the groups are out of order or an option is out
 * of range, GRPO_EABI if the options come from a newer version and set a field
 * that this version does not have, GRPO_ENUMERIC if a reward is infinite or
 * rewards are so large that their deviation is (outputs untouched).
 * Threads: any.  Allocates: no.  Since 0.1.
 */
GRPO_API int grpo_advantages(double *advantage, double *group_std,
			     const double *reward, const int64_t *group,
			     int64_t n_groups, const grpo_advantage_options *o);

GRPO_END_DECLS

#endif
