/* SPDX-License-Identifier: MIT */
#include "data/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "core/fail.h"
#include "core/mem.h"

#define MAX_LINE_BYTES ((size_t)256 << 20)
#define CHUNK_BYTES ((size_t)256 << 10)

/* Some editors begin a file with a byte order mark. */
static void skip_mark(grpo__stream *s)
{
	if (s->offset == 0 && s->end - s->start >= 3 &&
	    !memcmp(s->data + s->start, "\xef\xbb\xbf", 3)) {
		s->offset = 3;
		s->start += 3;
	}
}

static int read_more(grpo__stream *s)
{
	ssize_t n;
	int rc = 0;

	if (s->start > 0)
		memmove(s->data, s->data + s->start, s->end - s->start);
	s->end -= s->start;
	s->start = 0;
	GRPO_TRY(grpo__grow(&s->data, &s->cap, s->end + CHUNK_BYTES, 1));
	do
		n = read(s->fd, s->data + s->end, s->cap - s->end);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return grpo__fail_errno("%s", s->path);
	s->at_end = n == 0;
	s->end += (size_t)n;
	skip_mark(s);
out:
	return rc;
}

/* Length of the first line of what is there, with its end; 0 where more must
 * be read first. */
static size_t first_line(const grpo__stream *s)
{
	size_t n = s->end - s->start;
	const char *p = n > 0 ? s->data + s->start : NULL;
	const char *stop = n > 0 ? memchr(p, '\n', n) : NULL;

	if (stop)
		return (size_t)(stop - p) + 1;
	return s->at_end ? n : 0;
}

static void use(grpo__stream *s, size_t n)
{
	s->start += n;
	s->offset += (int64_t)n;
}

/* Reads on to the end of a line without keeping it. */
static int skip_long_line(grpo__stream *s)
{
	int64_t line = s->line++;
	size_t n;
	int rc = 0;

	while (!(n = first_line(s)) && !s->at_end) {
		use(s, s->end - s->start);
		GRPO_TRY(read_more(s));
	}
	use(s, n);
	rc = grpo__fail(GRPO_EFORMAT,
			"%s:%lld: the line is longer than %zu bytes", s->path,
			(long long)line, MAX_LINE_BYTES);
out:
	return rc;
}

static int is_blank(const char *text, size_t len)
{
	while (len > 0 && strchr(" \t\r", text[len - 1]) && text[len - 1])
		len--;
	return len == 0;
}

int grpo__stream_next(grpo__stream *s, grpo__line *out)
{
	int rc = 0;

	for (;;) {
		size_t n = first_line(s);

		if (n > 0) {
			const char *p = s->data + s->start;
			size_t len = n - (p[n - 1] == '\n');

			*out = (grpo__line){p, len, s->offset, s->line++};
			use(s, n);
			if (!is_blank(p, len))
				return 1;
		} else if (s->at_end) {
			return 0;
		} else if (s->end - s->start > MAX_LINE_BYTES) {
			return skip_long_line(s);
		} else {
			GRPO_TRY(read_more(s));
		}
	}
out:
	return rc;
}

void grpo__stream_dispose(grpo__stream *s)
{
	free(s->data);
	s->data = NULL;
	s->start = s->end = s->cap = 0;
}
