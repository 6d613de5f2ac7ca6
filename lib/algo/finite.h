/* SPDX-License-Identifier: MIT */
#ifndef GRPO_ALGO_FINITE_H
#define GRPO_ALGO_FINITE_H

#include "algo/plan.h"

/**
 * Checks that everything the objective computes for this slice is finite, and
 * remains so when added to *before; if not, GRPO_ENUMERIC names row and token.
 */
int grpo__check_finite(const grpo_plan *plan, const grpo_tokens *slice,
		       int64_t first_row, const grpo_metrics *before);

#endif
