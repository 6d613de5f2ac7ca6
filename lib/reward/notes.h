/* SPDX-License-Identifier: MIT */
#ifndef GRPO_REWARD_NOTES_H
#define GRPO_REWARD_NOTES_H

#include "core/mem.h"
#include "grpo/reward_set.h"

/*
 * What a plug-in explains about its rows during one call.  It is kept until the
 * call has succeeded, so that a repeated call explains nothing twice.
 */
struct grpo__note;
typedef struct grpo__notes {
	grpo__arena *arena; /* of the call */
	size_t n_rows;
	struct grpo__note **first, **last; /* [n_rows] */
	int no_memory;
} grpo__notes;

/** Has the batch's explain write into *notes; n_rows is the batch's. */
int grpo__notes_begin(grpo__notes *notes, grpo_reward_batch *batch,
		      grpo__arena *arena);

/** Hands out the notes, row by row; rows[i] is the name of the call's row i. */
void grpo__notes_give(const grpo__notes *notes, const int64_t *rows, int32_t k,
		      grpo_reward_explain_fn fn, void *ctx);

#endif
