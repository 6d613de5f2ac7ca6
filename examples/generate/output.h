/* SPDX-License-Identifier: MIT */
#ifndef GENERATE_OUTPUT_H
#define GENERATE_OUTPUT_H

#include "prompts.h"

/**
 * Completions come as they finish and are written in the order of the
 * prompts: a line that comes early waits for those before it.
 */
struct output {
	const struct prompts *prompts;
	int64_t n;    /* completions of each prompt */
	char **lines; /* [prompts->n * n] those that wait */
	int64_t next; /* the first that is not written */
};

int output_open(struct output *o, const struct prompts *p, int64_t n);
void output_dispose(struct output *o);

/** A grpo_completion_fn; ctx is the output. */
int output_completion(void *ctx, const grpo_completion *c);

#endif
