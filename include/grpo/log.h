/* SPDX-License-Identifier: MIT */
#ifndef GRPO_LOG_H
#define GRPO_LOG_H

#include "grpo/export.h"

/*
 * Messages that are no errors.  The library never writes to stdout or stderr
 * by itself: what it has to say goes to one function of the process, and is
 * dropped while there is none.
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
 * Sends messages of `level` and more urgent to `fn(ctx, …)`; NULL drops all.
 *
 * Threads: call before others use the library; `fn` is then called from any
 * thread, one call at a time.  Allocates: no.  Since 0.1.
 */
GRPO_API void grpo_log_set(grpo_log_fn fn, void *ctx, int level);

GRPO_END_DECLS

#endif
