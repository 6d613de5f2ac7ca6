/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "report.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static FILE *to;

void report_begin(void)
{
	to = fdopen(REPORT_FD, "w");
	if (!to || fcntl(REPORT_FD, F_SETFD, FD_CLOEXEC) < 0)
		exit(1);
}

/* One line: a plug-in's text may hold others. */
static void put(char kind, const char *fmt, va_list args)
{
	char text[2048];

	vsnprintf(text, sizeof text, fmt, args);
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < ' ')
			*p = ' ';
	fprintf(to, "%c%s\n", kind, text);
	fflush(to);
}

void report_phase(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	put('@', fmt, args);
	va_end(args);
}

void report_note(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	put('!', fmt, args);
	va_end(args);
}

void report_ok(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	put('+', fmt, args);
	va_end(args);
}

void report_bad(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	put('-', fmt, args);
	va_end(args);
}

void report_end(void)
{
	fputs(".\n", to);
	fflush(to);
}
