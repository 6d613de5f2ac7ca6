/* SPDX-License-Identifier: MIT */
#ifndef R1_ZERO_WATCH_H
#define R1_ZERO_WATCH_H

#include "lab.h"

/** What is shown while the run goes on, and when it has learnt enough. */
struct watch {
	const struct lab *lab;
	const struct recipe *recipe;
	double seconds; /* of the steps so far in this process */
	int64_t steps;  /* that many */
	double sampling, scoring, training; /* seconds of them */
	double held_out;     /* accuracy of the last evaluation; NaN: none */
	char metric[2][128]; /* names of format and accuracy in a report */
	char solved[128];
	char *text; /* a completion of the batch, to show */
	size_t text_len;
	double reward;
};

int watch_begin(struct watch *w, const struct lab *l,
		grpo_trainer_callbacks *callbacks);
void watch_end(struct watch *w);

#endif
