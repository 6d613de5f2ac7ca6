/* SPDX-License-Identifier: MIT */
#ifndef GRPO_DATA_STREAM_H
#define GRPO_DATA_STREAM_H

#include <stddef.h>
#include <stdint.h>

/*
 * A file or pipe, line by line.  Zero-initialise, set path, fd and line = 1;
 * the memory grows with the longest line, not with the file.
 */
typedef struct grpo__stream {
	const char *path; /* for messages; borrowed */
	int fd;           /* borrowed */
	char *data;       /* [start, end) is read and not yet used */
	size_t start, end, cap;
	int64_t offset; /* of data[start] in the file */
	int64_t line;   /* line of data[start], from 1 */
	int at_end;
} grpo__stream;

/** One line, without its end; the text is valid until the next call. */
typedef struct grpo__line {
	const char *text;
	size_t len;
	int64_t offset, line;
} grpo__line;

/**
 * The next line that is not blank.  Returns 1, 0 at the end, GRPO_EIO,
 * GRPO_ENOMEM, or GRPO_EFORMAT for a line that is too long, which is then
 * skipped.
 */
int grpo__stream_next(grpo__stream *s, grpo__line *out);
void grpo__stream_dispose(grpo__stream *s);

#endif
