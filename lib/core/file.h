/* SPDX-License-Identifier: MIT */
#ifndef GRPO_CORE_FILE_H
#define GRPO_CORE_FILE_H

#include <dirent.h>
#include <stddef.h>
#include <stdint.h>
#include "grpo/export.h"
#include "core/mem.h"

/*
 * Files.  Every failure names the path.  A file is written beside its final
 * name, synced, then renamed: a reader sees the old one or the whole new one.
 */
GRPO_API int grpo__file_read(char **out, size_t *len, const char *path,
			     size_t max_bytes); /* NUL added after len */
GRPO_API int grpo__file_write(const char *path, const void *data, size_t len);
GRPO_API int grpo__file_exists(const char *path); /* 0: surely not */

/**
 * The same in pieces: create, write as often as needed, then commit (sync,
 * close, rename).  Discard removes what is there; after a commit, whether it
 * failed or not, it does nothing, so that it can always stand after `out`.
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

/** mkdir -p.  0 also where it is there already. */
GRPO_API int grpo__make_folder(const char *path);

/** Removes a folder and all below it; 0 where there is none. */
GRPO_API int grpo__remove_folder(const char *path);

/** The next name in a folder that is open, "." and ".." left out; NULL: there
 *  are no more.  Borrowed until the next call. */
GRPO_API int grpo__folder_next(const char **name, DIR *dir, const char *path);

/** fsync of a folder, so that renames in it last. */
GRPO_API int grpo__sync_folder(const char *path);

/** "a/b" into a new string; free() it. */
GRPO_API char *grpo__path_join(const char *folder, const char *name);

/** A monotonic clock, seconds. */
GRPO_API double grpo__now(void);

#endif
