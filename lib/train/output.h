/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TRAIN_OUTPUT_H
#define GRPO_TRAIN_OUTPUT_H

#include <stdint.h>
#include "core/mem.h"

/*
 * A file of JSON lines that grows: each line is one write, so that a reader
 * never sees half of one.
 */
typedef struct grpo__lines {
	int fd; /* -1: not open */
	char *path;
	int64_t bytes;     /* length of the file */
	grpo__buf pending; /* could not be written yet */
} grpo__lines;

#define GRPO__LINES_NONE                                                       \
	{                                                                      \
		-1, NULL, 0,                                                   \
		{                                                              \
			NULL, 0, 0                                             \
		}                                                              \
	}

/**
 * Keeps other runs out of the folder, which is made if need be, until the
 * descriptor is closed.  GRPO_EINVAL where one is at work there.
 */
int grpo__folder_lock(int *fd, const char *folder);

/** Opens output_dir/name, cut to its first keep_bytes; a shorter file stays as
 *  it is.  With 0 it is begun anew, and what an earlier run left there is kept
 *  beside it as NAME.1, NAME.2, … */
int grpo__lines_open(grpo__lines *l, const char *folder, const char *name,
		     int64_t keep_bytes);
/** Appends the text, which ends in a newline: all of it, or nothing.  What
 * could not be written is kept and written before the next text. */
int grpo__lines_add(grpo__lines *l, const grpo__buf *text);
/** Gives up what could not be written. */
void grpo__lines_forget(grpo__lines *l);
/** Writes what is still to be written, and syncs. */
int grpo__lines_sync(grpo__lines *l);
void grpo__lines_close(grpo__lines *l);

#endif
