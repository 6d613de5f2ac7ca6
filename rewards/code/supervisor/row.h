/* SPDX-License-Identifier: MIT */
#ifndef CODE_ROW_H
#define CODE_ROW_H

/*
 * What the steps of grading one row share: its tests, its program, its time,
 * and the response that they fill.
 */
#include "grader.h"
#include "tests.h"

/** A row at work. */
struct row {
	struct grader *grader;
	const struct code_request *request;
	struct code_response *response;
	const struct language *language;
	struct tests tests;
	struct code_bytes source; /* as it runs, with the prompt */
	int exe;                  /* of a compiled program, or -1 */
	int64_t end_ms;           /* of the monotonic clock; INT64_MAX: never */
};

/** What came of one test. */
struct outcome {
	enum code_verdict verdict;
	struct code_bytes got;  /* stdout, or the result's typed text */
	struct code_bytes said; /* the end of stderr, or why */
};

void outcome_free(struct outcome *o);

/** Starts the row's clock. */
void row_begin(struct row *row);
/** Milliseconds until the row must be done; 0: it is over. */
int64_t row_time_left(const struct row *row);
/** The limits of one run of the program: the request's, the row's own where
 *  they are lower, and what is left of the row's time. */
void row_limits(const struct row *row, struct jail_limits *limits);
/** Adds to the response what the run used. */
void row_used(struct row *row, const struct jail_end *end);

/** A line of the response's note where an explanation is wanted; the text is
 *  cut, and made one line. */
void row_note(struct row *row, const char *name, struct code_view text);
/** Ends the row with a verdict that no test gave, and why. */
void row_end(struct row *row, enum code_verdict verdict, const char *why);

#endif
