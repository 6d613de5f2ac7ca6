/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TRAIN_REPORT_H
#define GRPO_TRAIN_REPORT_H

#include <stddef.h>
#include <stdint.h>
#include "core/mem.h"
#include "grpo/callbacks.h"

/*
 * A list of named figures, in the order in which they were added, for
 * metrics.jsonl and the callbacks.
 */
typedef struct grpo__report {
	grpo_metric *metrics; /* [n] names are owned */
	size_t n, cap;
} grpo__report;

void grpo__report_clear(grpo__report *r);
void grpo__report_dispose(grpo__report *r);
int grpo__report_add(grpo__report *r, double value, const char *name, ...)
    GRPO_PRINTF(3, 4);

/** {"step": 3, "loss": 0.1, …} and a newline; a NaN is null. */
int grpo__report_line(grpo__buf *out, const grpo__report *r, int64_t step);

/* Means that leave NaN out; NaN where nothing is left. */
typedef struct grpo__mean {
	double sum, sum_sq; /* of deviations from the first value */
	double first, min, max;
	int64_t n;
} grpo__mean;
void grpo__mean_add(grpo__mean *m, double x);
double grpo__mean_of(const grpo__mean *m);
double grpo__mean_std(const grpo__mean *m); /* over n-1; NaN below 2 */

#endif
