/* SPDX-License-Identifier: MIT */
#ifndef GRPO_ALGO_PLAN_H
#define GRPO_ALGO_PLAN_H

#include "grpo/objective.h"

#define GRPO__N_COMPONENTS 3

/* What a slice needs to know about the whole step. */
struct grpo_plan {
	grpo_objective_options options;
	int64_t n_rows;         /* N, here */
	int64_t *length;        /* [N] tokens of row i */
	int64_t *n_in;          /* [N, components] those in the loss, n_i */
	int64_t *n_prompt;      /* PROMPT_MEAN: [N] the policy's tokens in the
				   loss of all rows of row i's prompt; or NULL */
	grpo_plan_totals own;   /* of these rows */
	grpo_plan_totals total; /* of the step, with the rows of other ranks */

	/* what grpo_plan_add has seen */
	int64_t n_added; /* rows */
	double *entropy; /* [n_entropy] of the policy's tokens, or NULL */
	int64_t n_entropy;
	int is_finished;
};

static inline int grpo__token_of(const grpo_tokens *s, int64_t k, int component)
{
	return (!s->mask || s->mask[k]) &&
	       (s->component ? s->component[k] : GRPO_COMPONENT_POLICY) ==
		   component;
}

/** Defaults and the caller's; what cannot be is refused. */
int grpo__objective_options_import(grpo_objective_options *ours,
				   const grpo_objective_options *theirs);

/** Their struct into ours; n_rows and row are checked. */
int grpo__tokens_import(grpo_tokens *ours, const grpo_tokens *theirs);

/** The rows fit in the plan and have its lengths and token counts. */
int grpo__plan_check_slice(const grpo_plan *plan, const grpo_tokens *slice,
			   int64_t first_row);

/** torch.quantile of x, with its default, linear interpolation; sorts x.  0 for
 *  n = 0. */
double grpo__quantile(double *x, int64_t n, double q);

/** entropy_coef / M: what a token's entropy takes off the loss. */
static inline double grpo__plan_entropy_weight(const grpo_plan *plan)
{
	int64_t n = plan->total.n_tokens[GRPO_COMPONENT_POLICY];

	return n > 0 ? plan->options.entropy_coef / (double)n : 0;
}

/** d loss / d l of the tokens of a component in row i (of the step). */
double grpo__plan_weight(const grpo_plan *plan, int64_t i, int component);

#endif
