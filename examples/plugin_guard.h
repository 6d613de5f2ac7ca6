/* SPDX-License-Identifier: MIT */
#ifndef EXAMPLES_PLUGIN_GUARD_H
#define EXAMPLES_PLUGIN_GUARD_H

#include <stdint.h>
#include <stdio.h>

/*
 * What a reward plug-in could do to the program that it runs in: print into
 * its output, crash, or call exit().
 */

/**
 * Names a row that a plug-in was scoring, such as "rows.jsonl:13", into out;
 * returns 0 if it cannot.  It may run in a signal handler.
 */
typedef int (*guard_row_fn)(char *out, size_t size, int64_t row);

/**
 * From now on one line on stderr names the reward and the row if a plug-in
 * crashes or calls exit(), which then ends the program with status 1:
 *
 *	score: reward "x" crashed with SIGSEGV while scoring rows.jsonl:13
 *
 * name_row may be NULL.  Call it again after libraries with exit functions of
 * their own are loaded: the last call's function runs first.
 */
void guard_plugins(const char *program, guard_row_fn name_row);

/** The same for crashes alone. */
void guard_crashes(const char *program, guard_row_fn name_row);

/**
 * The program's own standard output.  What a plug-in prints goes to stderr
 * from the first call on.  Returns stdout if the descriptors run out.
 */
FILE *guard_output(void);

/** "SIGSEGV"; out is used where the signal has no name here. */
const char *guard_signal_name(int signal, char out[32]);

#endif
