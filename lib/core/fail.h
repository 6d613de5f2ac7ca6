/* SPDX-License-Identifier: MIT */
#ifndef GRPO_CORE_FAIL_H
#define GRPO_CORE_FAIL_H

#include "grpo/error.h"
#include "grpo/log.h"

/*
 * How lib/ reports a failure.  A function that uses the macros declares
 * `int rc = 0;`, frees what it owns after the label `out`, and returns rc.
 */

/** Sets the thread's error line and returns `code`. */
GRPO_API int grpo__fail(int code, const char *fmt, ...) GRPO_PRINTF(2, 3);

/**
 * As grpo__fail, with strerror(errno) after ": " at the end of the line.
 * Returns GRPO_EIO, or GRPO_ENOMEM where errno says so.
 */
GRPO_API int grpo__fail_errno(const char *fmt, ...) GRPO_PRINTF(1, 2);

/** Puts "prefix: " before the thread's error line; returns `code`. */
GRPO_API int grpo__fail_context(int code, const char *fmt, ...)
    GRPO_PRINTF(2, 3);

/** Sends one line to the process's log function. */
GRPO_API void grpo__log(int level, const char *fmt, ...) GRPO_PRINTF(2, 3);

#ifdef __clang_analyzer__
/* For the static analyzer, which sees one file at a time: the returned code is
 * `code`, and it is negative. */
#define grpo__fail(code, ...) ((void)(grpo__fail)((code), __VA_ARGS__), (code))
#define grpo__fail_context(code, ...)                                          \
	((void)(grpo__fail_context)((code), __VA_ARGS__), (code))
#define grpo__fail_errno(...) ((void)(grpo__fail_errno)(__VA_ARGS__), GRPO_EIO)
#endif

#define GRPO_TRY(expr)                                                         \
	do {                                                                   \
		if ((rc = (expr)) < 0)                                         \
			goto out;                                              \
	} while (0)

#define GRPO_FAIL_IF(cond, ...)                                                \
	do {                                                                   \
		if (cond) {                                                    \
			rc = grpo__fail(__VA_ARGS__);                          \
			goto out;                                              \
		}                                                              \
	} while (0)

#endif
