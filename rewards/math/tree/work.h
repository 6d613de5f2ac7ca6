/* SPDX-License-Identifier: MIT */
#ifndef GRPO_MATH_WORK_H
#define GRPO_MATH_WORK_H

/*
 * The budget for one row: memory that is freed all at once, and a limited
 * number of steps.  They limit the time without a clock, so a verdict does not
 * depend on the machine.  There is one per call of score; threads share
 * nothing.
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

/** Prepares for the next row and frees everything that was allocated. */
void work_reset(struct work *w);

void work_clear(struct work *w);

/** Zeroed and aligned; NULL where w->status says why. */
void *work_alloc(struct work *w, size_t bytes);

/** A copy of the text. */
grpo_str work_text(struct work *w, grpo_str text);

/** Uses up steps; returns 0, or -1 if none are left. */
int work_step(struct work *w, long steps);

#endif
