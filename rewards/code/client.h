/* SPDX-License-Identifier: MIT */
#ifndef CODE_CLIENT_H
#define CODE_CLIENT_H

/*
 * The plug-in's side of the supervisor, a program of its own (code-supervisor)
 * that runs and grades what models wrote.  It is started with posix_spawn,
 * since a trainer holds OpenMP or CUDA and is never forked, and ends when the
 * trainer does, however that ends.
 *
 * Threads: any, also several at once; each call waits for a worker of the
 * supervisor that is free.
 */
#include <stdint.h>
#include "shared/wire.h"

struct code_client;

/** All texts are borrowed until code_client_open returns; NULL: the default. */
struct code_client_config {
	const char *least_tier; /* "T0", "T0r", "T1", "T2" */
	const char *python, *cc, *cxx;
	const char *supervisor; /* path of code-supervisor; else it is looked
				   for beside this plug-in, then in libexec */
	int64_t workers;        /* 0: one for each processor */
	/* One line without newline, such as the end of the supervisor; NULL:
	 * not wanted.  Threads: any. */
	void (*log)(void *ctx, const char *text);
	void *log_ctx;
};

/**
 * Starts a supervisor and waits until it says what it found.
 *
 * hello  out  the tier, and which languages can be run
 * why    out  [size] one line where it fails
 *
 * Returns 0, or -1: no supervisor, or the machine gives less than least_tier.
 */
int code_client_open(struct code_client **out, struct code_hello *hello,
		     const struct code_client_config *o, char *why,
		     size_t size);

/** Milliseconds of a clock that only goes forward. */
int64_t code_client_now(void);

/**
 * Grades n rows, over as many workers as are free.  responses[i] must be {0}
 * and is filled for each: with CODE_FAILED, and the line "why" in its note,
 * where the supervisor died or did not answer in time.  A supervisor that died
 * is started again for the rows that follow.
 *
 * until  in  by code_client_now: what is not done by then is CODE_FAILED too;
 *            0: no end
 */
void code_client_grade(struct code_client *c,
		       const struct code_request *requests,
		       struct code_response *responses, size_t n,
		       int64_t until);

/** Ends the supervisor and waits for its end.  NULL is fine. */
void code_client_close(struct code_client *c);

#endif
