/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "report.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

void report_line(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	put('=', fmt, args);
	va_end(args);
}

void report_progress(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	put('%', fmt, args);
	va_end(args);
}

void report_end(void)
{
	fputs(".\n", to);
	fflush(to);
}

/* Bytes of the UTF-8 character that the text begins with; 0: it is none. */
static size_t character(const unsigned char *p, size_t len)
{
	size_t n = p[0] < 0x80                   ? 1
		   : p[0] >= 0xc2 && p[0] < 0xe0 ? 2
		   : p[0] >= 0xe0 && p[0] < 0xf0 ? 3
		   : p[0] >= 0xf0 && p[0] < 0xf5 ? 4
						 : 0;

	if (n > len)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

void report_shorten(char *out, grpo_str text, size_t most)
{
	const unsigned char *p = (const unsigned char *)text.ptr;
	size_t i = 0, n = 0;

	while (i < text.len && i < most) {
		size_t bytes = character(p + i, text.len - i);

		if (p[i] == '\n') {
			n += (size_t)snprintf(out + n, 5, "\\n");
		} else if (!bytes || p[i] < ' ' || p[i] == 0x7f) {
			n += (size_t)snprintf(out + n, 5, "\\x%02x", p[i]);
		} else {
			memcpy(out + n, p + i, bytes);
			n += bytes;
		}
		i += bytes ? bytes : 1;
	}
	snprintf(out + n, 8, i < text.len ? "…" : "");
}
