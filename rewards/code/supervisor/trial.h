/* SPDX-License-Identifier: MIT */
#ifndef CODE_TRIAL_H
#define CODE_TRIAL_H

/*
 * One test: runs the program and compares what it wrote or returned.
 */
#include "row.h"

/** Fills the outcome, which must be {0} or freed. */
void trial_run(struct row *row, const struct test *test, struct outcome *o);

/** Runs the program of the row, or `source` in its place, and says how it
 * ended: CODE_PASSED where its exit status is 0.  Returns -1 where the jail
 * failed; the outcome then says so. */
int trial_program(struct row *row, struct code_view source,
		  const struct test *test, struct jail_end *end,
		  struct outcome *o);

/** The last line of what a program said, without blanks at its end. */
struct code_view trial_last_line(struct code_view v);

#endif
