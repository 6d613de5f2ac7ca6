/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TESTS_TORCH_SUITE_H
#define GRPO_TESTS_TORCH_SUITE_H

#include <stdio.h>
#include <unistd.h>
#include "tests/suite.h"

/* glibc's: atexit with the status; -D_XOPEN_SOURCE hides it. */
extern int on_exit(void (*leave)(int status, void *ctx), void *ctx);

static void leave_at_once(int status, void *ctx)
{
	(void)ctx;
	fflush(NULL);
	_exit(status);
}

/* Each test is a fork of a process that holds libtorch, whose destructors
 * would copy its pages first: a third of a second a test.  They do not run. */
static inline int run_torch_suite(Suite *s)
{
	on_exit(leave_at_once, NULL);
	return run_suite(s);
}

#endif
