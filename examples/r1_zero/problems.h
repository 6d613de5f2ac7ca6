/* SPDX-License-Identifier: MIT */
#ifndef R1_ZERO_PROBLEMS_H
#define R1_ZERO_PROBLEMS_H

#include <stdint.h>
#include "recipe.h"

/**
 * Writes n problems of the recipe's kind as JSON Lines; the same seed gives
 * the same file.  held_out 1: of numbers that held_out 0 never poses.
 */
int problems_write(const char *path, const struct problem_settings *p,
		   int64_t n, uint64_t seed, int held_out);

#endif
