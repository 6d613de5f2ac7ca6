/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "slot.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

extern const char code_python_zygote[];
extern const char code_python_harness[];

static char *const environment[] = {
    "PATH=/usr/bin:/bin",        "HOME=/", "LANG=C.UTF-8", "PYTHONHASHSEED=0",
    "PYTHONDONTWRITEBYTECODE=1", NULL};

/* The waiting Python: -I would ignore the seed, so its parts are said one by
 * one, and the text takes the folder '' off the path itself. */
static const char *be_python(const struct jail_plan *plan, const char *keeper)
{
	static char text[128 * 1024 - 1]; /* the most of one argument */
	int len = snprintf(text, sizeof(text), "%s\n%s\nserve(warm, run)\n",
			   code_python_zygote, code_python_harness);
	static char real[PATH_MAX];
	char *const argv[] = {real,
			      (char *)"-s",
			      (char *)"-S",
			      (char *)"-B",
			      (char *)"-c",
			      text,
			      (char *)(uintptr_t)keeper,
			      NULL};

	if ((size_t)len >= sizeof(text)) {
		errno = E2BIG;
		return "the waiting Python's text";
	}
	if (!realpath(plan->config->python, real))
		return plan->config->python;
	execve(real, argv, environment);
	return real;
}

_Noreturn void jail_start(const struct jail_plan *plan,
			  const struct jail_request *r)
{
	const char *failed = jail_lock(plan, r);

	if (!failed && r->kind == JAIL_PYTHON)
		failed = be_python(plan, plan->config->keeper);
	if (failed) {
		keeper_fail(failed);
		_exit(1);
	}
	keeper_open(KEEPER_CONTROL);
	if (r->kind == JAIL_TOOL)
		jail_keep_tool();
	jail_keep_native();
}
