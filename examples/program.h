/* SPDX-License-Identifier: MIT */
#ifndef EXAMPLES_PROGRAM_H
#define EXAMPLES_PROGRAM_H

/*
 * The name that the user called this program by, for usage and errors: the
 * same program is `build/bin/score` here and `grpo-score` once installed.
 *
 *	program_called(argv);           first in main
 *	fprintf(stderr, "%s: %s\n", program_name(), fault());
 */
void program_called(char *const *argv);

/** The last part of argv[0], such as "grpo-score". */
const char *program_name(void);

/** The same for a program beside this one: "generate" becomes
 *  "build/bin/generate", "/usr/bin/grpo-generate" or, where this one was found
 *  on PATH, "grpo-generate".  Valid until the next call. */
const char *program_sibling(const char *name);

/** Prints a usage text to stdout, with {program} replaced by program_name()
 *  and {program/score} by the name of that program beside it. */
void program_usage(const char *text);

#endif
