/* SPDX-License-Identifier: MIT */
#ifndef CHECK_REWARD_STAGES_H
#define CHECK_REWARD_STAGES_H

#include "child.h"

/*
 * The checks.  Each stage runs in a process of its own, says with report.h
 * what it does and what it found, and returns a negative code with its fault
 * where it could not come to a result.
 */
int stage_load(const struct job *job);   /* loads, opens, what it is */
int stage_alone(const struct job *job);  /* each row: which one crashes? */
int stage_cases(const struct job *job);  /* the cases that come with it */
int stage_order(const struct job *job);  /* threads and orders (R5, R6) */
int stage_bounds(const struct job *job); /* writes and reads (R2, R7) */
int stage_time(const struct job *job);
int stage_memory(const struct job *job); /* what is not given back */

int stage_attack(const struct job *job); /* what does it pay for nothing? */

#endif
