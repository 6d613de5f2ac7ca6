/* SPDX-License-Identifier: MIT */
#ifndef SCORE_KEYS_H
#define SCORE_KEYS_H

#include <stddef.h>
#include <stdint.h>

/**
 * The hashes of the keys of all groups so far, 8 bytes per group.  They reveal
 * a group whose rows are not consecutive, which would otherwise be treated as
 * two groups.
 */
struct keys {
	uint64_t *slots; /* [n_slots] 0: free */
	size_t n, n_slots;
	uint64_t last; /* the key of the row before; 0: none yet */
};

/** Whether the row's group may go on here: 1, or 0 where it ended before, or
 *  a negative code. */
int keys_next(struct keys *k, const char *key, size_t len);
void keys_dispose(struct keys *k);

#endif
