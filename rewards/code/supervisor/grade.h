/* SPDX-License-Identifier: MIT */
#ifndef CODE_GRADE_H
#define CODE_GRADE_H

/*
 * The verdict on one row: reads the tests, builds the program, runs it test by
 * test in a jail, and compares here, outside of it.
 */
#include "../jail/jail.h"
#include "../shared/wire.h"

/** What a worker keeps between rows: its jail, its caches. */
struct grader;

struct grader_config {
	struct jail *jail; /* borrowed */
	const char *store; /* folder that all workers of a supervisor share:
			      compiled programs, split tests */
	const char *shelf; /* the jail's, that this worker may write: headers
			      are precompiled into it; or NULL */
	const char *python, *cc,
	    *cxx;            /* absolute, or NULL where there is none */
	int64_t store_bytes; /* at most this much in the store */
};

/** Returns 0, or -1 where memory is out. */
int grader_new(struct grader **g, const struct grader_config *c);
void grader_free(struct grader *g);

/** Fills the response; it never fails: CODE_FAILED and CODE_BAD_TESTS are
 *  verdicts, with their reason as the note's line "why". */
void grade(struct grader *g, const struct code_request *request,
	   struct code_response *response);

#endif
