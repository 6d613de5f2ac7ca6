/* SPDX-License-Identifier: MIT */
#ifndef R1_ZERO_FILES_H
#define R1_ZERO_FILES_H

#include <stddef.h>
#include <stdint.h>

/* Paths are built in buffers of this size; longer ones are an error. */
#define MAX_PATH 4096

/** "folder/name" into out. */
int path_in(char out[MAX_PATH], const char *folder, const char *name);
int file_exists(const char *path);
/** mkdir -p */
int make_folder(const char *path);
/** rm -r, of a folder of plain files. */
int remove_files(const char *folder);
/** Locks a folder for this process, until the descriptor *lock is closed or
 *  the process ends.  Returns 1 where another process has it.  On a file system
 *  without locks nothing is locked, and *lock is -1. */
int lock_folder(int *lock, const char *folder);
/** Beside it first, then renamed. */
int write_text(const char *path, const char *text);

/** ${XDG_CACHE_HOME:-~/.cache}/libgrpo/models */
int cache_folder(char out[MAX_PATH]);
/** A leading "{cache}" becomes that folder. */
int model_folder(char out[MAX_PATH], const char *model);

/** FNV-1a, to go on from `hash`; begin with HASH_START. */
#define HASH_START 0xcbf29ce484222325u
uint64_t hash_bytes(uint64_t hash, const void *data, size_t n);
int hash_file(uint64_t *hash, const char *path);

#endif
