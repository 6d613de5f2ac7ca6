/* SPDX-License-Identifier: MIT */
#ifndef GRPO_REWARD_NOTES_H
#define GRPO_REWARD_NOTES_H

#include "core/mem.h"
#include "grpo/reward_set.h"

/*
 * What a plug-in explains and measures about its rows during one call.  It is
 * kept until the call has succeeded, so that a repeated call says nothing
 * twice.
 */
struct grpo__note;
typedef struct grpo__notes {
	grpo__arena *arena; /* of the call */
	size_t n_rows;
	struct grpo__note **first, **last; /* [n_rows] */
	int no_memory;
} grpo__notes;

/** Who hears it; a NULL function did not ask. */
typedef struct grpo__listener {
	grpo_reward_explain_fn explain;
	void *explain_ctx;
	grpo_reward_measure_fn measure;
	void *measure_ctx;
} grpo__listener;

/** Has the batch's explain and measure write into *notes where `l` asks;
 *  n_rows is the batch's. */
int grpo__notes_begin(grpo__notes *notes, grpo_reward_batch *batch,
		      const grpo__listener *l, grpo__arena *arena);

/** Hands out the notes, row by row; rows[i] is the name of the call's row i. */
void grpo__notes_give(const grpo__notes *notes, const int64_t *rows, int32_t k,
		      const grpo__listener *l);

#endif
