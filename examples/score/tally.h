/* SPDX-License-Identifier: MIT */
#ifndef SCORE_TALLY_H
#define SCORE_TALLY_H

#include <stdint.h>
#include "measures.h"
#include "window.h"

/** What was seen so far, for progress and summary. */
struct tally {
	const grpo_reward_set *set; /* for names and weights */
	int32_t n_rewards;          /* K */
	int64_t n_rows;
	double began, shown;   /* seconds */
	struct count *rewards; /* [K] */
	double score_sum;
	int64_t n_scores;
	struct measures measures;
};

int tally_create(struct tally *t, const grpo_reward_set *set);
void tally_dispose(struct tally *t);

/** Adds a window that has been waited for. */
void tally_add(struct tally *t, const struct window *w);

/** Now and then a line: rows, speed, means, statuses. */
void tally_progress(struct tally *t);

/** At the end: the same for each reward, and what it measured. */
void tally_summary(const struct tally *t, int64_t skipped);

#endif
