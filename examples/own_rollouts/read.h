/* SPDX-License-Identifier: MIT */
#ifndef OWN_ROLLOUTS_READ_H
#define OWN_ROLLOUTS_READ_H

#include <stdio.h>
#include "grpo/rollout.h"

/** A file of rollouts (docs/rollouts.md), read batch by batch. */
struct reader {
	FILE *file;
	const char *path;
	int64_t line;
	grpo_rollout ahead; /* the first of the next batch */
	int has_ahead;
};

/** What is trained on together: lines of one "version". */
struct batch {
	grpo_rollout *list; /* [n] with arrays of their own */
	int64_t n, cap;
};

/** 0, or a negative code with the line that is wrong. */
int reader_open(struct reader *r, const char *path);
/** b->n is 0 at the end. */
int reader_next(struct reader *r, struct batch *b);
void reader_close(struct reader *r);
void batch_clear(struct batch *b);
void batch_dispose(struct batch *b);

#endif
