/* SPDX-License-Identifier: MIT */
#ifndef SCORE_OUTPUT_H
#define SCORE_OUTPUT_H

#include <stdio.h>
#include "grpo/reward_set.h"
#include "window.h"

/** Where rows go. */
struct output {
	const char *path; /* NULL: standard output */
	char *beside;     /* written first, then renamed; NULL: not */
	FILE *file;
};

int output_open(struct output *o, const char *path);
/** Ends it: gives the file its name where `good`, else removes it. */
int output_close(struct output *o, int good);

/** Row i of a window that has been waited for. */
int output_row(struct output *o, const struct window *w, int64_t i,
	       const grpo_reward_set *set);

#endif
