/* SPDX-License-Identifier: MIT */
#ifndef R1_ZERO_MEASURE_H
#define R1_ZERO_MEASURE_H

#include "lab.h"

/*
 * What the model can do on problems that it was never trained on.  Shares are
 * fractions; NaN is "not measured".
 */
struct measure {
	/* at temperature 1, one completion a problem */
	double format, accuracy, mean_length, clipped_ratio, reward;
	double counted_word; /* share that holds recipe.counted_word */
	double greedy_format, greedy_accuracy;
	double pass_at_k; /* a right one among pass_k at temperature 1 */
	double
	    no_thought_accuracy; /* the answer at once, the thought left out */
	int64_t n_problems;
};

/** A number of a report. */
#define FIGURE(type, key, help)                                                \
	GRPO_OPT_NUMBER(type, key, NAN, -1e300, 1e300, 0, help)

/** The same as keys of a report. */
extern const grpo_option measure_options[];

/** `seed` picks the random stream. */
int measure_take(struct measure *m, struct lab *l, uint64_t seed);

/** Share of the first n_prompts training problems in whose completion the
 *  right number stands anywhere: has the base the skill, in any form? */
int measure_skill(double *skill, double *format, struct lab *l,
		  int64_t n_prompts, uint64_t seed);

/** "12.5 %", or "-" for what was not measured. */
const char *measure_share(char out[16], double share);

/** before and after side by side. */
void measure_show(const struct recipe *r, const struct measure *before,
		  const struct measure *after);

#endif
