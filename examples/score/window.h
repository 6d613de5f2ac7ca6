/* SPDX-License-Identifier: MIT */
#ifndef SCORE_WINDOW_H
#define SCORE_WINDOW_H

#include <stdint.h>
#include "grpo/reward_set.h"
#include "input.h"

/** A reward's note on a row. */
struct note {
	struct note *next;
	char *name, *text;
	size_t len;
};

/**
 * Rows that are in flight together.  There are two windows: while the rows of
 * one are scored, the other is filled.
 */
struct window {
	struct item *items; /* [n] */
	int64_t n, cap;
	/* results, [n, K] unless said */
	double *rewards, *total; /* total: [n] */
	uint8_t *status;
	struct note **notes; /* NULL: nobody asked */
	int no_memory;       /* a note is lost */
};

/** Reads into an empty window: WINDOW_ROWS rows, or where groups must be
 *  whole up to the end of the last one.  At the end of the input the window
 *  holds what was left; n is 0 where there was nothing. */
struct filler {
	struct input *in;
	int whole_groups;
	struct item ahead; /* read, and for the next window */
	int has_ahead;
	uint32_t group; /* of the last row */
	int fault;      /* negative: what ended the input */
};

/** Whether a reward must be given whole groups. */
int needs_groups(const grpo_reward_set *set);

/** Never fails: what stopped it is in f->fault, and what was read before
 *  stands in the window. */
void window_fill(struct window *w, struct filler *f);

/** The item as rewards see it; the caller frees out->columns, which holds the
 *  cells too. */
int reward_row(grpo_reward_row *out, const struct item *x);

/** "rows.jsonl:13" for row `row` of the window that is scored now; 0 where none
 *  is.  For a crash or an exit in a plug-in. */
int window_name_row(char *out, size_t size, int64_t row);
void window_is_scored(const struct window *w);

/** Hands the rows over; returns while they are scored. */
int window_begin(struct window *w, grpo_reward_set *set, int explain);

/** Waits for the results; a reward's failure names the row's line. */
int window_wait(struct window *w, grpo_reward_set *set);

/** Empties it, for the next fill. */
void window_clear(struct window *w, int32_t n_rewards);
void window_dispose(struct window *w, int32_t n_rewards);

#endif
