/* SPDX-License-Identifier: MIT */
#ifndef DATASETS_COUNTDOWN_H
#define DATASETS_COUNTDOWN_H

#include <stdint.h>

/*
 * Countdown, after TinyZero (github.com/Jiayi-Pan/TinyZero): three or four
 * numbers from 1 to 99 and a target from 10 to 99 that an expression over
 * +, -, * and / reaches, each number used exactly once.
 *
 * Problems are made from a solution, so each has one; values on its way are
 * whole and from 1 to 9999.  A tenth of all problems, chosen by a hash of the
 * sorted numbers and the target, is held out: the two splits have no problem in
 * common.
 */
#define COUNTDOWN_MAX_NUMS 4

/**
 * Problem `index` of stream `seed`; held_out 0 for training.  Writes the
 * prompt's text, the numbers ([n_nums] of nums[8]) and the target.
 *
 * Pure: the same arguments give the same problem.  Threads: any.
 */
void countdown_problem(char prompt[512], int32_t nums[8], int32_t *n_nums,
		       int32_t *target, uint64_t seed, uint64_t index,
		       int held_out);

/** Whether the problem is kept out of training; order does not matter. */
int countdown_held_out(const int32_t *nums, int32_t n_nums, int32_t target);

#endif
