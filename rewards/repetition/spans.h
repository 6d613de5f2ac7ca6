/* SPDX-License-Identifier: MIT */
#ifndef GRPO_REPETITION_SPANS_H
#define GRPO_REPETITION_SPANS_H

/*
 * A set of spans of bytes, each with how often it was added.  The bytes stay
 * the caller's, and must stay.  Spans are compared in full (N10).
 */
#include <stddef.h>
#include <stdint.h>

struct span {
	const void *ptr;
	uint32_t len;
	uint32_t count;
};

struct spans {
	struct span *at; /* [n], in the order of first appearance */
	uint32_t n;
	uint32_t *slot; /* [mask + 1] of hash to index + 1; 0: free */
	size_t mask;
	uint64_t key;
};

/* Room for `most` spans.  Returns 0, or -1 where memory is out; spans_free
 * is called either way. */
int spans_create(struct spans *s, size_t most, uint64_t key);
void spans_free(struct spans *s);

/* Adds one, or counts it once more; returns its index in at. */
uint32_t spans_add(struct spans *s, const void *ptr, size_t len);

/* Room for `need` elements at *(void **)array.  Returns 0 or -1. */
int spans_grow(void *array, size_t *cap, size_t need, size_t size);

#endif
