/* SPDX-License-Identifier: MIT */
#ifndef EXAMPLES_ARGUMENTS_H
#define EXAMPLES_ARGUMENTS_H

#include <stdint.h>

#define EXIT_USAGE 2 /* a wrong command line */

/** A whole number from min to max, else GRPO_EINVAL with the option's name:
 *	--threads: "x" is not a whole number from 1 to 1024 */
int argument_int(int64_t *out, const char *option, const char *text,
		 int64_t min, int64_t max);
int argument_number(double *out, const char *option, const char *text,
		    double min, double max);

/** "error", "warn", "info" or "debug": what the library logs, and everything
 *  that is more urgent. */
int argument_log_level(int *out, const char *option, const char *text);

/** After getopt_long (its string begins with ':') returned ':' or '?': the
 *  line that says what is wrong with argv[optind - 1]; GRPO_EINVAL. */
int argument_unknown(int c, char *const *argv);

/** Of the online CPUs, at least 1. */
int32_t cpu_count(void);

#endif
