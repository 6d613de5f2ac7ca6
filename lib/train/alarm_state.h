/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TRAIN_ALARM_STATE_H
#define GRPO_TRAIN_ALARM_STATE_H

#include <stdint.h>
#include "grpo/callbacks.h"

/* What the alarms of a run remember from batch to batch. */

#define GRPO__ALARM_WINDOW 10 /* batches that a symptom must last */
#define GRPO__ALARM_KINDS (GRPO_ALARM_COLLAPSE + 1)

/** One thing that may be wrong. */
typedef struct grpo__symptom {
	int64_t streak; /* batches in a row that show it */
	int64_t quiet;  /* nothing is said before this batch */
	int64_t wait;   /* batches until it is said again */
} grpo__symptom;

/** What one reward gave so far. */
typedef struct grpo__past {
	double mean[GRPO__ALARM_WINDOW]; /* of the last batches, a ring */
	double best, best_var;           /* of a whole window */
	double top;                      /* largest mean of a batch */
	double first, low;               /* its first value; its least one */
	int varied;                      /* it gave another than the first */
	int earned;                      /* it gave more than 0 */
	int told_missing;
	int64_t full; /* batches in a row near the top */
} grpo__past;

typedef struct grpo__alarms {
	int32_t n_rewards;
	int64_t batches; /* looked at */
	int64_t quiet;   /* nothing but a collapse is said before this batch */
	grpo__symptom general[GRPO__ALARM_KINDS];
	grpo__symptom (*of)[GRPO__ALARM_KINDS]; /* [K] */
	grpo__past *past;                       /* [K] */
} grpo__alarms;

int grpo__alarms_init(grpo__alarms *a, int32_t n_rewards);
void grpo__alarms_dispose(grpo__alarms *a);

#endif
