/* SPDX-License-Identifier: MIT */
#ifndef GRPO_REWARD_ROWS_H
#define GRPO_REWARD_ROWS_H

#include <stddef.h>
#include <stdint.h>
#include "core/mem.h"
#include "grpo/reward.h"
#include "grpo/reward_set.h"

/*
 * The rows of one batch: copies of what was submitted, their groups, and views
 * of some of them in the form that plug-ins receive.
 */
typedef struct grpo__rows grpo__rows;

/** `groups`: group_size is needed, and rows are counted by group. */
int grpo__rows_create(grpo__rows **out, int64_t n_rows, int groups);
void grpo__rows_free(grpo__rows *r);

/**
 * Copies row i.  *group is the number of the group that this row made whole,
 * or -1.  GRPO_EINVAL (row out of range or there already, group too large or
 * of another size than said before) leaves all as it was.
 * Threads: any.
 */
int grpo__rows_put(grpo__rows *r, int64_t i, const grpo_reward_row *row,
		   int64_t *group);

/** 0, or GRPO_EINVAL saying which rows or groups are not whole. */
int grpo__rows_check_whole(grpo__rows *r);

/** The rows of a whole group, ascending: *ids [return value], in `a`; 0 and
 *  *ids NULL for lack of memory. */
size_t grpo__rows_of_group(const grpo__rows *r, int64_t group, int64_t **ids,
			   grpo__arena *a);

/** A view of rows ids[0 … n-1]; arrays are in `a`, text is the rows' own. */
int grpo__rows_view(grpo_reward_batch *out, const grpo__rows *r,
		    const int64_t *ids, size_t n, grpo__arena *a);

#endif
