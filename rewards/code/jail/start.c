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
static const char *be_python(char *real, const char *keeper)
{
	static char text[128 * 1024 - 1]; /* the most of one argument */
	int len = snprintf(text, sizeof(text), "%s\n%s\nserve(warm, run)\n",
			   code_python_zygote, code_python_harness);
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
	execve(real, argv, environment);
	return real;
}

_Noreturn void jail_start(const struct jail_plan *plan,
			  const struct jail_request *r)
{
	static char python[PATH_MAX];
	const char *failed = NULL;

	/* The slot's own root may lack the links on the way. */
	if (r->kind == JAIL_PYTHON && !realpath(plan->config->python, python))
		failed = plan->config->python;
	if (!failed)
		failed = jail_lock(plan, r);
	if (!failed && r->kind == JAIL_PYTHON)
		failed = be_python(python, plan->config->keeper);
	if (failed) {
		keeper_fail(failed);
		_exit(1);
	}
	keeper_open(KEEPER_CONTROL);
	if (r->kind == JAIL_TOOL)
		jail_keep_tool();
	jail_keep_native();
}
