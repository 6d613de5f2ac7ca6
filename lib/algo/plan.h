/* SPDX-License-Identifier: MIT */
#ifndef GRPO_ALGO_PLAN_H
#define GRPO_ALGO_PLAN_H

#include "grpo/objective.h"

/* What a slice needs to know about the whole step. */
struct grpo_plan {
	grpo_objective_options options;
	int64_t n_rows;    /* N */
	int64_t n_rows_in; /* rows with n_i > 0 */
	int64_t n_tokens;  /* M, tokens in the loss */
	int64_t *length;   /* [N] tokens of row i */
	int64_t *n_in;     /* [N] those in the loss, n_i */
};

static inline int grpo__token_in(const grpo_tokens *s, int64_t k)
{
	return !s->mask || s->mask[k];
}

/** Their struct into ours; n_rows and row are checked. */
int grpo__tokens_import(grpo_tokens *ours, const grpo_tokens *theirs);

/** The rows fit in the plan and have its lengths and token counts. */
int grpo__plan_check_slice(const grpo_plan *plan, const grpo_tokens *slice,
			   int64_t first_row);

/** d loss / d l of the tokens of row i (of the step). */
double grpo__plan_weight(const grpo_plan *plan, int64_t i);

#endif
