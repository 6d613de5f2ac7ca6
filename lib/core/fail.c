/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "core/fail.h"

/* fail.h tells the static analyzer more about these functions; here they are
 * defined. */
#undef grpo__fail
#undef grpo__fail_errno
#undef grpo__fail_context

#define LINE_BYTES 1024

static _Thread_local char line[LINE_BYTES];

/* A longer text is cut between UTF-8 characters and ends in "...". */
static void cut(char *s, size_t size)
{
	size_t n = size - sizeof "...";

	while (n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80)
		n--;
	memcpy(s + n, "...", sizeof "...");
}

/* No control character gets through: a name may come from a hostile file. */
static void one_line(char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			*s = ' ';
}

/* Formats into a buffer first, because an argument may be grpo_error_message().
 */
GRPO_PRINTF(1, 0)
static void set_line(const char *fmt, va_list ap, const char *tail)
{
	char s[LINE_BYTES];
	int n = vsnprintf(s, sizeof s, fmt, ap);

	if (n < 0) {
		s[0] = '\0';
		n = 0;
	}
	if (tail && (size_t)n < sizeof s)
		n += snprintf(s + n, sizeof s - (size_t)n, ": %s", tail);
	if ((size_t)n >= sizeof s)
		cut(s, sizeof s);
	one_line(s);
	memcpy(line, s, strlen(s) + 1);
}

int grpo__fail(int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set_line(fmt, ap, NULL);
	va_end(ap);
	return code;
}

int grpo__fail_errno(const char *fmt, ...)
{
	int error = errno;
	char text[128];
	va_list ap;

	if (strerror_r(error, text, sizeof text) != 0)
		snprintf(text, sizeof text, "error %d", error);
	va_start(ap, fmt);
	set_line(fmt, ap, text);
	va_end(ap);
	return error == ENOMEM ? GRPO_ENOMEM : GRPO_EIO;
}

int grpo__fail_context(int code, const char *fmt, ...)
{
	char old[LINE_BYTES];
	va_list ap;

	memcpy(old, line, sizeof old);
	va_start(ap, fmt);
	set_line(fmt, ap, old);
	va_end(ap);
	return code;
}

const char *grpo_error_message(void)
{
	return line;
}

const char *grpo_strerror(int code)
{
	switch (code) {
	case GRPO_OK:
		return "success";
#define TEXT_CASE(name, number, text)                                          \
	case number:                                                           \
		return text;
		GRPO_ERROR_MAP(TEXT_CASE)
#undef TEXT_CASE
	}
	return "unknown error";
}
