/* SPDX-License-Identifier: MIT */
#ifndef R1_ZERO_BASE_H
#define R1_ZERO_BASE_H

#include "lab.h"

/** How the base came to be; kept beside it as base.json. */
struct base_record {
	int32_t cached; /* it was there already */
	double seconds; /* that its training took, whenever that was */
	int64_t steps, tokens;
	double loss;  /* mean of the last steps, nats a token */
	double skill; /* of the last probe, see measure_skill */
	double format;
};

extern const grpo_option base_record_options[];

/**
 * Finds the base of these settings and this seed in the cache, or trains it
 * on the text of datasets/arithmetic.h and puts it there.
 *
 * folder  out  a Hugging Face folder
 */
int base_get(char folder[MAX_PATH], struct base_record *record, struct lab *l);

/** The same without training: where it is not in the cache, `folder` is what
 *  it would be made from, and record->cached is 0. */
int base_look(char folder[MAX_PATH], struct base_record *record, struct lab *l);

#endif
