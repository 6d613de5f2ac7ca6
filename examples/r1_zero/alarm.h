/* SPDX-License-Identifier: MIT */
#ifndef R1_ZERO_ALARM_H
#define R1_ZERO_ALARM_H

#include "measure.h"

/** "eval_rewards/math/solved": accuracy, in an evaluation of the run. */
void alarm_metric(char out[128], const struct lab *l);

/** What is wrong with a run, on the screen: the message, the setting to look
 *  at, and three completions with what the rewards said of them. */
void alarm_show(const struct lab *l, const grpo_alarm *a);

/** Warns before a run whose model never solves a problem. */
int alarm_before(struct lab *l, const struct measure *before);

/** Where a run has made its model worse: which weights are better. */
void alarm_after(const struct lab *l, const struct measure *before,
		 const struct measure *after);

#endif
