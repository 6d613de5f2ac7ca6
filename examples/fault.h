/* SPDX-License-Identifier: MIT */
#ifndef EXAMPLES_FAULT_H
#define EXAMPLES_FAULT_H

#include "grpo/error.h"

/*
 * One line that says what went wrong: the program's own, or else the
 * library's.  A function that uses TRY declares `int rc = 0;` and frees what
 * it owns after the label `out`.
 */
int fail(int code, const char *fmt, ...) GRPO_PRINTF(2, 3);
int fail_errno(const char *path);
const char *fault(void);

/** The line is the library's again. */
void fault_clear(void);

#define TRY(expr)                                                              \
	do {                                                                   \
		if ((rc = (expr)) < 0)                                         \
			goto out;                                              \
	} while (0)

#define FAIL_IF(cond, ...)                                                     \
	do {                                                                   \
		if (cond) {                                                    \
			rc = fail(__VA_ARGS__);                                \
			goto out;                                              \
		}                                                              \
	} while (0)

#endif
