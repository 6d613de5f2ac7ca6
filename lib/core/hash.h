/* SPDX-License-Identifier: MIT */
#ifndef GRPO_CORE_HASH_H
#define GRPO_CORE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include "grpo/export.h"

/*
 * XXH64 with seed 0 (github.com/Cyan4973/xxHash, doc/xxhash_spec.md): tells
 * whether contents are the same, at several GB/s.  It finds accidents; nobody
 * is kept from making two texts of one hash.  `xxhsum -H1 FILE` gives the same.
 */
typedef struct grpo__hash {
	uint64_t lane[4];
	uint64_t n_bytes; /* in all */
	unsigned char rest[32];
	size_t n_rest; /* of them, not yet in the lanes */
} grpo__hash;

#define GRPO__HASH_HEX 17 /* 16 digits and the NUL */

GRPO_API void grpo__hash_begin(grpo__hash *h);
GRPO_API void grpo__hash_add(grpo__hash *h, const void *data, size_t len);
/** The length, then the bytes, so that "ab", "c" is not "a", "bc". */
GRPO_API void grpo__hash_part(grpo__hash *h, const void *data, size_t len);
/** Of all bytes so far; more may be added after it. */
GRPO_API uint64_t grpo__hash_value(const grpo__hash *h);

/** Of a file's bytes.  *n_bytes: how many; may be NULL.  GRPO_EIO. */
GRPO_API int grpo__hash_file(uint64_t *hash, int64_t *n_bytes,
			     const char *path);
/** 16 lower-case hex digits. */
GRPO_API void grpo__hash_hex(char out[GRPO__HASH_HEX], uint64_t hash);

#endif
