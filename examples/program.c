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

static void put_name(const char *name, size_t len)
{
	static const char own[] = "program";
	char sibling[64];
	const char *path, *slash;

	if (len < sizeof own || len >= sizeof sibling) {
		fputs(program_name(), stdout);
		return;
	}
	snprintf(sibling, sizeof sibling, "%.*s", (int)(len - sizeof own),
		 name + sizeof own);
	path = program_sibling(sibling);
	slash = strrchr(path, '/');
	fputs(slash ? slash + 1 : path, stdout);
}

void program_usage(const char *text)
{
	const char *p, *end;

	while ((p = strstr(text, "{program")) && (end = strchr(p, '}'))) {
		fwrite(text, 1, (size_t)(p - text), stdout);
		put_name(p + 1, (size_t)(end - p - 1));
		text = end + 1;
	}
	fputs(text, stdout);
}
