/* SPDX-License-Identifier: MIT */
#ifndef GRPO_MATH_WORK_H
#define GRPO_MATH_WORK_H

/*
 * What deciding one row may use: memory that is freed at once, and steps that
 * run out.  Both stand for time, so a verdict does not depend on the machine.
 * One per call of score; nothing is shared between threads.
 *
 *	struct work w;
 *
 *	work_init(&w);
 *	for each row {
 *		work_reset(&w);
 *		... returns NULL or -1 where w.status is not 0 ...
 *	}
 *	work_clear(&w);
 */
#include <stddef.h>
#include <stdint.h>

#include "grpo/reward.h"

#define WORK_MAX_BYTES ((size_t)4 << 20) /* of one row's trees */
#define WORK_MAX_NODES 10000
#define WORK_MAX_DEPTH 200
/* Of one row.  A step is a quarter of a microsecond or less. */
#define WORK_STEPS 200000

struct work_block;
struct expr;

struct work {
	/* 0, GRPO_REWARD_BUDGET: too long or too deep, GRPO_REWARD_FAILED: no
	 * memory.  Set once, until the next row. */
	int status;
	long steps; /* left */
	int nodes;  /* made */
	struct work_block *blocks;
	size_t bytes;
	struct expr *numbers; /* whose value is to be cleared */
};

void work_init(struct work *w);

/** For the next row: whatever was allocated is gone. */
void work_reset(struct work *w);

void work_clear(struct work *w);

/** Zeroed and aligned; NULL where w->status says why. */
void *work_alloc(struct work *w, size_t bytes);

/** A copy of the text. */
grpo_str work_text(struct work *w, grpo_str text);

/** Takes steps; returns 0, or -1 where they have run out. */
int work_step(struct work *w, long steps);

#endif
