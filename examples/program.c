/* SPDX-License-Identifier: MIT */
#include "examples/program.h"

#include <stdio.h>
#include <string.h>

#define INSTALLED "grpo-" /* stands before the names that are installed */

static const char *called = "";

void program_called(char *const *argv)
{
	called = argv[0] ? argv[0] : "";
}

const char *program_name(void)
{
	const char *slash = strrchr(called, '/');

	return slash ? slash + 1 : called;
}

const char *program_sibling(const char *name)
{
	static char path[4096];
	const char *own = program_name();
	int folder = (int)(own - called);
	int installed = strncmp(own, INSTALLED, sizeof INSTALLED - 1) == 0;
	int n = snprintf(path, sizeof path, "%.*s%s%s", folder, called,
			 installed ? INSTALLED : "", name);

	return n > 0 && n < (int)sizeof path ? path : name;
}
