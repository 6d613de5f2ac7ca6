/* SPDX-License-Identifier: MIT */
#ifndef GRPO_CORE_FILE_H
#define GRPO_CORE_FILE_H

#include <dirent.h>
#include <stddef.h>
#include <stdint.h>
#include "grpo/export.h"
#include "core/mem.h"

/*
 * Files.  Every failure names the path.  A file is written under a temporary
 * name in the same folder, synced, then renamed: a reader sees either the old
 * file or the complete new one.
 */
GRPO_API int grpo__file_read(char **out, size_t *len, const char *path,
			     size_t max_bytes); /* NUL added after len */
GRPO_API int grpo__file_write(const char *path, const void *data, size_t len);
GRPO_API int grpo__file_exists(const char *path); /* 0: certainly not */

/**
 * The same in pieces: create, write as often as needed, then commit (sync,
 * close, rename).  Discard removes the unfinished file.  After a commit,
 * successful or not, it does nothing, so it can always be called after `out`.
 */
typedef struct grpo__new_file {
	int fd;     /* -1: nothing open */
	char *path; /* the final name */
	char *temp; /* beside it */
} grpo__new_file;
GRPO_API int grpo__new_file_create(grpo__new_file *f, const char *path);
GRPO_API int grpo__new_file_write(grpo__new_file *f, const void *data,
				  size_t len);
GRPO_API int grpo__new_file_commit(grpo__new_file *f);
GRPO_API void grpo__new_file_discard(grpo__new_file *f);

/** mkdir -p.  Returns 0 also if the folder already exists. */
GRPO_API int grpo__make_folder(const char *path);

/** Removes a folder and everything in it; 0 if there is none. */
GRPO_API int grpo__remove_folder(const char *path);

/** The next name in an open folder, without "." and ".."; NULL at the end.
 * Borrowed until the next call. */
GRPO_API int grpo__folder_next(const char **name, DIR *dir, const char *path);

/** fsync of a folder, so that renames in it survive a crash. */
GRPO_API int grpo__sync_folder(const char *path);

/** Joins two paths, "a/b", into a new string; free() it. */
GRPO_API char *grpo__path_join(const char *folder, const char *name);

/** A monotonic clock, seconds. */
GRPO_API double grpo__now(void);

#endif
