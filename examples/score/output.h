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

/** Names of the rewards, each once: "math", "math-2"; [K], free with
 *  labels_free. */
char **labels_create(const grpo_reward_set *set);
void labels_free(char **labels, int32_t n);

/** Row i of a window that has been waited for. */
int output_row(struct output *o, const struct window *w, int64_t i,
	       char *const *labels, int32_t n_rewards);

#endif
