/* SPDX-License-Identifier: MIT */
#ifndef CODE_JAIL_PUMP_H
#define CODE_JAIL_PUMP_H

/*
 * The pipes of a running program: collects what it writes, with a cap on each,
 * and answers what it asks.
 */
#include "jail.h"

enum { PUMP_OUTPUT, PUMP_ERROR, PUMP_RESULT, PUMP_N };

struct pump {
	int in[PUMP_N]; /* the jail's ends, non-blocking; -1: ended */
	int reply;      /* answers; -1: closed */
	int theirs[5];  /* the program's ends: 0 to 4 */
	struct code_bytes got[PUMP_N];
	int64_t cap[PUMP_N];
	struct code_bytes answers; /* those not yet written */
	int is_flood, is_over;     /* more than a cap; an answer ended it */
	int64_t answering_us;      /* spent in run->answer */
	const struct jail_run *run;
};

/** Makes the pipes and the input; 0, or -1 (errno) with nothing made. */
int pump_open(struct pump *p, const struct jail_run *run, int null_fd);
/** Closes the program's ends, which it has by now. */
void pump_close_theirs(struct pump *p);
/**
 * Waits until something can be read or written, or `control` says something, or
 * the time is over; moves what there is.  Returns whether `control` is ready.
 */
int pump_turn(struct pump *p, int control, int timeout_ms);
/** Reads what is left, without waiting. */
void pump_drain(struct pump *p);
/** Closes all; got[] stays the caller's. */
void pump_close(struct pump *p);

/** A descriptor of a sealed file in memory with these bytes, from the start;
 *  -1 (errno). */
int pump_file(const char *name, struct code_view a, struct code_view b);
int64_t pump_now_us(void);

#endif
