/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TRAIN_ALARM_H
#define GRPO_TRAIN_ALARM_H

#include "train/run.h"

/** Looks at the batch that was just trained on, and says what is wrong. */
int grpo__alarms_look(grpo_trainer *t, const grpo__rollout *r,
		      double grad_norm);

/** An evaluation came out at `value` after one at `best`. */
int grpo__alarms_evaluated(grpo_trainer *t, double value, double best);

/* alarm_send.c */
/** To the callback, or to the log.  `k`: the reward it is about, or -1. */
int grpo__alarm_send(grpo_trainer *t, int32_t kind, int32_t k, const char *key,
		     const char *message);

#endif
