/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TORCH_DRAW_H
#define GRPO_TORCH_DRAW_H

#include <stdint.h>
#include "grpo/policy.h"

/**
 * Draws a token from each of n rows of logits [n, v], host fp32.
 *
 * Temperature, then top-k, then top-p, then min-p restrict what is drawn, in
 * Hugging Face's order; logp is that of the token under the whole
 * distribution at the temperature.  Temperature 0 takes the first of the
 * largest, with logp at temperature 1.
 *
 * token, logp  out  [n]
 * row          in   [n] which random stream: (o->seed, o->step, row[i],
 *                   position[i]) gives the one number a draw uses
 *
 * Returns 0, GRPO_ENOMEM, or GRPO_ENUMERIC where a row has no finite
 * distribution.
 */
int grpo__draw(int32_t *token, float *logp, const float *logits, int64_t n,
	       int64_t v, const grpo_sampling *o, const uint32_t *row,
	       const uint32_t *position);

#endif
