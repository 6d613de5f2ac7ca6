/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include "core/fail.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static grpo_log_fn sink;
static void *sink_ctx;
static int sink_level;

/* A sink may call the library, which may log again: it must not wait for its
 * own lock. */
static _Thread_local int inside;

void grpo_log_set(grpo_log_fn fn, void *ctx, int level)
{
	pthread_mutex_lock(&lock);
	sink = fn;
	sink_ctx = ctx;
	sink_level = level;
	pthread_mutex_unlock(&lock);
}

void grpo__log(int level, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	if (inside)
		return;
	pthread_mutex_lock(&lock);
	if (sink && level <= sink_level) {
		va_start(ap, fmt);
		vsnprintf(text, sizeof text, fmt, ap);
		va_end(ap);
		inside = 1;
		sink(sink_ctx, level, text);
		inside = 0;
	}
	pthread_mutex_unlock(&lock);
}
