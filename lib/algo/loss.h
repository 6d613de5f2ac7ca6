/* SPDX-License-Identifier: MIT */
#ifndef GRPO_ALGO_LOSS_H
#define GRPO_ALGO_LOSS_H

#include "algo/plan.h"

#define GRPO__BLOCK 64

/*
 * The objective at the next few tokens of a row that are in the loss and of one
 * component, column by column: short loops of a fixed length become vector
 * code.  Columns are padded with tokens of advantage 0 and ratio 1.  The result
 * for a token does not depend on its block.
 */
struct grpo__block {
	int component;           /* enum grpo_component */
	int n;                   /* tokens, at most GRPO__BLOCK */
	int64_t at[GRPO__BLOCK]; /* where each is in the slice's arrays */

	double advantage[GRPO__BLOCK];
	double logp[GRPO__BLOCK], old_logp[GRPO__BLOCK]; /* where they are
							    needed */
	double log_ratio[GRPO__BLOCK];  /* logp - old_logp; 0 without it */
	double ratio[GRPO__BLOCK];      /* exp of it */
	double correction[GRPO__BLOCK]; /* w; 1 without one */
	double weight[GRPO__BLOCK];     /* the caller's; 1 without them */
	double policy[GRPO__BLOCK];     /* the policy loss, times w and weight
					 */
	double kl[GRPO__BLOCK];         /* k, or k ratio; 0 without ref_logp */
	double loss[GRPO__BLOCK];       /* policy + beta kl weight */
	double slope[GRPO__BLOCK];      /* d loss / d logp */
	double low[GRPO__BLOCK], high[GRPO__BLOCK]; /* 1: clipped there */
};

/** Takes the tokens of the block's component from k up to end; returns where to
 *  continue. */
int64_t grpo__block_take(struct grpo__block *b, const grpo_tokens *s, int64_t k,
			 int64_t end);

/** What is the same for all tokens of a row. */
struct grpo__row {
	double weight;       /* w of the row; 1 where tokens have their own */
	double log_ratio;    /* of all its tokens, where they have one ratio */
	double slope;        /* the policy loss's of a token, likewise */
	int is_left;         /* off_policy_threshold: the policy has left it */
	double entropy_from; /* tokens below it have no policy loss */
};

/** Before the row's first block: a pass over its tokens, or two, where one
 *  needs them all. */
void grpo__row_prepare(struct grpo__row *row, const grpo_plan *plan,
		       const grpo_tokens *s, int64_t i);

/** Fills every column. */
void grpo__block_compute(struct grpo__block *b, const grpo_objective_options *o,
			 const grpo_tokens *s, const struct grpo__row *row);

/** Whether the correction has a weight for each token, or one for each row. */
int grpo__corrects_tokens(const grpo_objective_options *o);
int grpo__corrects_rows(const grpo_objective_options *o);
#endif
