/* SPDX-License-Identifier: MIT */
#ifndef DATASETS_PROGRAMS_H
#define DATASETS_PROGRAMS_H

#include <stdint.h>

/*
 * Small programming problems of several kinds: read numbers or words, print
 * what is asked.  Each comes with tests and with right solutions in Python, C
 * and C++.
 *
 * A problem is a kind and a number in its statement ("multiples of 17").  A
 * tenth of them, chosen by a hash of both, is held out: the two splits have no
 * problem in common.  Two indices may draw the same problem with other tests.
 */
enum { PROGRAMS_PYTHON, PROGRAMS_C, PROGRAMS_CPP, PROGRAMS_LANGUAGES };

typedef struct programs_problem {
	const char *kind;
	char statement[1024];
	char tests[16384]; /* JSON: the code reward's own format */
	char solutions[PROGRAMS_LANGUAGES][1536];
} programs_problem;

/** How many kinds there are; index i is of kind i % programs_kinds(). */
int32_t programs_kinds(void);

/**
 * Problem `index` of stream `seed`; held_out 0 for training.
 *
 * Pure: the same arguments give the same problem.  Threads: any.
 */
void programs_draw(programs_problem *out, uint64_t seed, uint64_t index,
		   int held_out);

/** Whether the problem is kept out of training. */
int programs_held_out(int32_t kind, int64_t number);

#endif
