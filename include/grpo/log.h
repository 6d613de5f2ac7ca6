/* SPDX-License-Identifier: MIT */
#ifndef GRPO_LOG_H
#define GRPO_LOG_H

#include "grpo/export.h"

/*
 * Log messages.  The library never writes to stdout or stderr itself.  It
 * passes its messages to one function that the process sets, and drops them
 * if none is set.
 */
enum grpo_log_level {
	GRPO_LOG_ERROR = 0,
	GRPO_LOG_WARN = 1,
	GRPO_LOG_INFO = 2,
	GRPO_LOG_DEBUG = 3
};

/** One message: a line without newline, borrowed for the call. */
typedef void (*grpo_log_fn)(void *ctx, int level, const char *text);

GRPO_BEGIN_DECLS

/**
 * Sends messages of `level` and more urgent ones to fn; NULL drops them all.
 *
 * Threads: call it before other threads use the library.  `fn` is called from
 * any thread, one call at a time.  Allocates: no.  Since 0.1.
 */
GRPO_API void grpo_log_set(grpo_log_fn fn, void *ctx, int level);

GRPO_END_DECLS

#endif
