/* SPDX-License-Identifier: MIT */
#include "examples/fault.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static char line[2048];

int fail(int code, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof line, fmt, args);
	va_end(args);
	return code;
}

int fail_errno(const char *path)
{
	return fail(GRPO_EIO, "%s: %s", path, strerror(errno));
}

const char *fault(void)
{
	return line[0] ? line : grpo_error_message();
}

void fault_clear(void)
{
	line[0] = '\0';
}
