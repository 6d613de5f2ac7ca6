/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "examples/screen.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "examples/clock.h"
#include "grpo/log.h"

#define SECONDS_BETWEEN_LINES 10 /* where it is no terminal */
#define USUAL_COLUMNS 80
#define MAX_LINE 512

static FILE *screen; /* NULL: stdout */
static int lost;     /* errno of the first write that failed */
static size_t open_length;
static volatile sig_atomic_t line_is_open; /* progress is on the last line */

void screen_to(FILE *f)
{
	screen = f;
}

static FILE *out(void)
{
	return screen ? screen : stdout;
}

/* Each piece of output ends with this. */
static void flush(void)
{
	if (fflush(out()) != 0 && !lost)
		lost = errno;
}

int screen_lost(void)
{
	return lost;
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
	flush();
}

/* The line can be written over: a terminal that knows how. */
static int is_terminal(void)
{
	const char *term = getenv("TERM");

	return term && strcmp(term, "dumb") != 0 && isatty(fileno(out()));
}

/* As the user says, else as the terminal is now; asked each time, since a
 * window may change its size.  The last column stays free: some terminals
 * wrap as soon as it is written. */
static size_t columns(void)
{
	const char *said = getenv("COLUMNS");
	long n = said ? strtol(said, NULL, 10) : 0;
	struct winsize w;

	if (n <= 0 && ioctl(fileno(out()), TIOCGWINSZ, &w) == 0)
		n = w.ws_col;
	if (n <= 0)
		n = USUAL_COLUMNS;
	return n > 1 ? (size_t)n - 1 : 1;
}

/* One word, and where the line is then. */
static size_t put_word(const char *word, size_t n, size_t at, size_t width)
{
	static const char indent[] = "  ";

	if (at > 0 && at + 1 + n > width) {
		fprintf(out(), "\n%s%.*s", indent, (int)n, word);
		return sizeof indent - 1 + n;
	}
	fprintf(out(), "%s%.*s", at > 0 ? " " : "", (int)n, word);
	return at + (at > 0) + n;
}

void screen_paragraph(const char *fmt, ...)
{
	size_t width = is_terminal() ? columns() : USUAL_COLUMNS - 1;
	char text[4 * MAX_LINE];
	const char *p = text;
	size_t n, at = 0;
	va_list args;

	close_line();
	if (width >= USUAL_COLUMNS)
		width = USUAL_COLUMNS - 1;
	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	for (; *p; p += n + (p[n] == ' ')) {
		n = strcspn(p, " ");
		at = put_word(p, n, at, width);
	}
	putc('\n', out());
	flush();
}

/* ------------------------------------------------------------- progress */

/* How long the line is with the figures of this rank and above; *next is the
 * lowest rank among them. */
static size_t line_length(int *next, const struct screen_figure *f, size_t n,
			  int rank)
{
	size_t length = 0, i;
	int any = 0;

	for (i = 0; i < n; i++) {
		if (f[i].rank < rank || !f[i].text[0])
			continue;
		length += strlen(f[i].text) + (any ? 2 : 0);
		if (!any || f[i].rank < *next)
			*next = f[i].rank;
		any = 1;
	}
	return length;
}

static int highest_rank(const struct screen_figure *f, size_t n)
{
	int rank = 0;
	size_t i;

	for (i = 0; i < n; i++)
		if (f[i].text[0] && f[i].rank > rank)
			rank = f[i].rank;
	return rank;
}

void screen_fit(char *line, size_t size, const struct screen_figure *figures,
		size_t n, size_t most)
{
	int rank = 0, next = 0, highest = highest_rank(figures, n);
	size_t used = 0, i;

	while (line_length(&next, figures, n, rank) > most && rank < highest)
		rank = next + 1;
	line[0] = '\0';
	for (i = 0; i < n && used < size; i++)
		if (figures[i].rank >= rank && figures[i].text[0])
			used +=
			    (size_t)snprintf(line + used, size - used, "%s%s",
					     used ? "  " : "", figures[i].text);
	if (most < size)
		line[most] = '\0';
}

/* Back to where the open line begins.  A window that became narrower has
 * broken it into several rows. */
static void wipe_line(void)
{
	size_t rows = line_is_open && open_length > 0
			  ? (open_length - 1) / (columns() + 1)
			  : 0;

	if (rows > 0)
		fprintf(out(), "\033[%zuA\r\033[J", rows);
	else
		fputs("\r\033[K", out());
}

/* On a terminal the line stays open; elsewhere there is no line to be open. */
static void write_line(const char *line, int terminal, int last)
{
	if (terminal)
		wipe_line();
	fputs(line, out());
	open_length = strlen(line);
	if (!terminal || last)
		putc('\n', out());
	line_is_open = terminal && !last;
	flush();
}

void screen_figures(enum screen_kind kind, const struct screen_figure *figures,
		    size_t n)
{
	static double shown;
	int terminal = is_terminal();
	char line[MAX_LINE];

	if (!terminal && kind == SCREEN_BRIEF &&
	    now() - shown < SECONDS_BETWEEN_LINES)
		return;
	shown = now();
	screen_fit(line, sizeof line, figures, n,
		   terminal ? columns() : sizeof line);
	write_line(line, terminal, kind == SCREEN_STAY);
}

void screen_progress(int last, const char *fmt, ...)
{
	char line[MAX_LINE];
	struct screen_figure whole = {line, 0};
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof line, fmt, args);
	va_end(args);
	screen_figures(last ? SCREEN_STAY : SCREEN_BRIEF, &whole, 1);
}

void screen_wipe(void)
{
	if (line_is_open)
		wipe_line();
	line_is_open = 0;
}

/* ----------------------------------------------------------------- rest */

/* How many bytes at p make one control character: 1 of ASCII, 2 of those that
 * UTF-8 writes as C2 80 to C2 9F; 0: it is none. */
static size_t control_length(const unsigned char *p, size_t n)
{
	if (p[0] < 0x20 || p[0] == 0x7f)
		return 1;
	return n > 1 && p[0] == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f ? 2 : 0;
}

/* What a model writes may hold escape sequences; none reach the terminal. */
void screen_text(const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t i, n;

	close_line();
	fputs("    | ", out());
	for (i = 0; i < len; i += n ? n : 1) {
		n = control_length(p + i, len - i);
		if (p[i] == '\n')
			fputs("\n    | ", out());
		else if (n > 0)
			fprintf(out(), "\\x%02x", p[i + n - 1]);
		else
			putc(p[i], out());
	}
	putc('\n', out());
	flush();
}

const char *screen_duration(char text[32], double seconds)
{
	long s = seconds > 0 && seconds < 1e9 ? (long)(seconds + 0.5) : 0;

	if (s < 3600)
		snprintf(text, 32, "%ld:%02ld", s / 60, s % 60);
	else
		snprintf(text, 32, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60,
			 s % 60);
	return text;
}

void screen_log(void *ctx, int level, const char *text)
{
	(void)ctx;
	close_line();
	flush();
	fprintf(stderr, "%s: %s\n",
		level <= GRPO_LOG_ERROR  ? "error"
		: level == GRPO_LOG_WARN ? "warning"
					 : "note",
		text);
}

/* The result of write is of no use here. */
void screen_interrupt(const char *line)
{
	int keep = errno;
	ssize_t n = 0;

	if (line_is_open)
		n += write(STDERR_FILENO, "\n", 1);
	n += write(STDERR_FILENO, line, strlen(line));
	n += write(STDERR_FILENO, "\n", 1);
	(void)n;
	line_is_open = 0;
	errno = keep;
}
