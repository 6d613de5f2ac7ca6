/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TRAIN_STATE_H
#define GRPO_TRAIN_STATE_H

#include "core/mem.h"
#include "train/run.h"

/* state.json of a checkpoint: where the run is, and what it depends on. */
typedef struct grpo__state {
	grpo__progress progress;
	/* of the files, at that time */
	int64_t metrics_bytes, samples_bytes, rollouts_bytes;
} grpo__state;

int grpo__state_print(grpo__buf *out, const grpo_trainer *t);

/** Reads `path`; GRPO_EINVAL where a setting of `t` differs from then. */
int grpo__state_read(grpo__state *out, const grpo_trainer *t, const char *path);

#endif
