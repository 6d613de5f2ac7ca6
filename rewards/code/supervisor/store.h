/* SPDX-License-Identifier: MIT */
#ifndef CODE_STORE_H
#define CODE_STORE_H

/*
 * A bounded folder of files that the workers of a supervisor share: compiled
 * programs, split tests.  A file appears whole or not at all; the least
 * recently used go first.  No program can reach the folder.  Where the disk is
 * full or a file is gone the work is done again: nothing here fails a row.
 */
#include <stdint.h>
#include "../shared/bytes.h"

struct store {
	const char *folder; /* borrowed; NULL: nothing is kept */
	int64_t max_bytes;
	int64_t written; /* since the folder was last measured */
};

/** The file of that name: its bytes into a sealed descriptor of memory, that an
 *  executable can run from.  Returns it, or -1. */
int store_open(struct store *s, const char *name);
/** The same into `out`; 0, or -1 where there is none. */
int store_read(struct store *s, const char *name, struct code_bytes *out);
/** Keeps the bytes, or what a descriptor holds from its start. */
void store_keep(struct store *s, const char *name, struct code_view data);
void store_keep_file(struct store *s, const char *name, int fd);

/** A new descriptor of memory with the bytes, or -1. */
int store_memory(const char *name, struct code_view data);
/** All of a descriptor's bytes, from its start; 0 or -1. */
int store_load(int fd, struct code_bytes *out);

#endif
