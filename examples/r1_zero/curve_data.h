/* SPDX-License-Identifier: MIT */
#ifndef R1_ZERO_CURVE_DATA_H
#define R1_ZERO_CURVE_DATA_H

#include <stddef.h>
#include "files.h"

struct point {
	double step, value;
};

struct line {
	struct point *points; /* [n] those that have a value */
	size_t n, cap;
};

/** A run as its metrics.jsonl has it. */
struct curve {
	struct line format, accuracy, length;
	struct line held_out; /* accuracy */
	size_t n_steps;
};

/** run: its folder, or the metrics.jsonl in it. */
int curve_read(struct curve *c, const char *run);

/** curve.svg in the run's folder. */
int curve_path(char out[MAX_PATH], const char *run);
void curve_dispose(struct curve *c);

#endif
