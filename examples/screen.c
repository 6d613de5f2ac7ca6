/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "examples/screen.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "examples/clock.h"
#include "grpo/log.h"

#define SECONDS_BETWEEN_LINES 10 /* where it is no terminal */

static FILE *screen;     /* NULL: stdout */
static int line_is_open; /* progress stands on the last line */

void screen_to(FILE *f)
{
	screen = f;
}

static FILE *out(void)
{
	return screen ? screen : stdout;
}

static void close_line(void)
{
	if (line_is_open)
		putc('\n', out());
	line_is_open = 0;
}

void screen_say(const char *fmt, ...)
{
	va_list args;

	close_line();
	va_start(args, fmt);
	vfprintf(out(), fmt, args);
	va_end(args);
	putc('\n', out());
	fflush(out());
}

void screen_progress(int last, const char *fmt, ...)
{
	static double shown;
	int terminal = isatty(fileno(out()));
	va_list args;

	if (!terminal && !last && now() - shown < SECONDS_BETWEEN_LINES)
		return;
	shown = now();
	if (terminal)
		fputs("\r\033[K", out());
	va_start(args, fmt);
	vfprintf(out(), fmt, args);
	va_end(args);
	line_is_open = terminal;
	if (!terminal || last)
		putc('\n', out());
	if (last)
		line_is_open = 0;
	fflush(out());
}

/* What a model writes may hold escape sequences; none reach the terminal. */
void screen_text(const char *text, size_t len)
{
	size_t i;

	close_line();
	fputs("    | ", out());
	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '\n')
			fputs("\n    | ", out());
		else if (c < 0x20 || c == 0x7f)
			fprintf(out(), "\\x%02x", c);
		else
			putc(c, out());
	}
	putc('\n', out());
	fflush(out());
}

const char *screen_duration(char out[32], double seconds)
{
	long s = seconds > 0 && seconds < 1e9 ? (long)(seconds + 0.5) : 0;

	if (s < 3600)
		snprintf(out, 32, "%ld:%02ld", s / 60, s % 60);
	else
		snprintf(out, 32, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60,
			 s % 60);
	return out;
}

void screen_log(void *ctx, int level, const char *text)
{
	(void)ctx;
	close_line();
	fflush(out());
	fprintf(stderr, "%s: %s\n",
		level <= GRPO_LOG_ERROR  ? "error"
		: level == GRPO_LOG_WARN ? "warning"
					 : "note",
		text);
}
