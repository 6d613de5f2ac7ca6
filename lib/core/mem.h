/* SPDX-License-Identifier: MIT */
#ifndef GRPO_CORE_MEM_H
#define GRPO_CORE_MEM_H

#include <stddef.h>
#include <stdint.h>
#include "grpo/export.h"

/*
 * Memory.  Only here are sizes multiplied and added, with overflow checks.  A
 * function that fails sets the error line (GRPO_ENOMEM) and returns NULL. Zero
 * bytes give a valid pointer.  Freed with free().
 */
GRPO_API void *grpo__alloc(size_t n, size_t size); /* zeroed, [n] of size */
GRPO_API void *grpo__memdup(const void *p, size_t n);
GRPO_API char *grpo__strndup(const char *s, size_t n); /* adds the NUL */

/** realloc to [n] of size; on failure `p` stays valid. */
GRPO_API void *grpo__realloc(void *p, size_t n, size_t size);

/**
 * Grows the array *p (capacity *cap, elements of `size` bytes) so that it
 * holds `need` elements, at least doubling.  Returns 0, or GRPO_ENOMEM with *p
 * and *cap unchanged.
 */
GRPO_API int grpo__grow(void *p_address, size_t *cap, size_t need, size_t size);

/**
 * Arena: bump allocation, all freed at once.  grpo__arena_reset keeps the
 * memory for the next use.  Pointers are aligned for any type, zeroed.
 */
typedef struct grpo__arena grpo__arena;
GRPO_API int grpo__arena_create(grpo__arena **out);
GRPO_API void *grpo__arena_alloc(grpo__arena *a, size_t n, size_t size);
GRPO_API void grpo__arena_reset(grpo__arena *a);
GRPO_API void grpo__arena_free(grpo__arena *a);

/** Growing byte string; zero-initialise; data is always NUL-terminated. */
typedef struct grpo__buf {
	char *data; /* NULL while empty */
	size_t len, cap;
} grpo__buf;
GRPO_API int grpo__buf_add(grpo__buf *b, const void *p, size_t n);
GRPO_API int grpo__buf_printf(grpo__buf *b, const char *fmt, ...)
    GRPO_PRINTF(2, 3);
GRPO_API void grpo__buf_dispose(grpo__buf *b);

#ifdef __clang_analyzer__
/* For the static analyzer, which sees one file at a time but knows calloc. */
#include <stdlib.h>
#define grpo__alloc(n, size) calloc((n), (size))
#endif

#endif
