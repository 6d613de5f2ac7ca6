/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TRAIN_SAID_H
#define GRPO_TRAIN_SAID_H

#include <stdint.h>
#include "core/mem.h"
#include "grpo/reward_set.h"
#include "train/rollout.h"

/*
 * The rewards' notes on a few completions of a batch, for samples.jsonl and for
 * alarms: "answer: 12; rule: another number".  An explain function that was
 * already set on the reward set still receives everything.
 */
typedef struct grpo__said {
	grpo_reward_set *set; /* NULL: not listening */
	grpo_reward_explain_fn outer;
	void *outer_ctx;
	int64_t *rows; /* [n_rows] that are kept, ascending */
	int64_t n_rows;
	int32_t n_rewards;
	grpo__buf *text; /* [n_rows, K] */
	size_t cap_rows, cap_text;
	int no_memory;
} grpo__said;

#define GRPO__SAID_SAMPLES 3 /* completions that an alarm shows */

/** How many completions of a batch an alarm shows. */
int64_t grpo__said_samples(const grpo__rollout *r);

/** Of n rows that stand for a batch: row j. */
int64_t grpo__said_row(const grpo__rollout *r, int64_t n, int64_t j);

/** Listens to the batch that comes: n_samples of its rows, and the three of
 *  an alarm. */
int grpo__said_begin(grpo__said *s, grpo_reward_set *set,
		     const grpo__rollout *r, int64_t n_samples);
/** After the batch; GRPO_ENOMEM where something could not be kept. */
int grpo__said_end(grpo__said *s);
/** What reward k said of the row; "" where nothing is known. */
const char *grpo__said_text(const grpo__said *s, int64_t row, int32_t k);
void grpo__said_dispose(grpo__said *s);

#endif
