/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "value.h"

enum { BLOCK = 32768, ALIGN = 16 };

struct arena_block {
	struct arena_block *before;
	size_t used, size;
};

static char *block_data(struct arena_block *b)
{
	return (char *)b + (sizeof(*b) + ALIGN - 1) / ALIGN * ALIGN;
}

static struct arena_block *new_block(struct arena *a, size_t size)
{
	struct arena_block *b;

	size = size > BLOCK ? size : BLOCK;
	b = malloc(size + sizeof(*b) + ALIGN);
	if (!b)
		return NULL;
	*b = (struct arena_block){a->last, 0, size};
	a->last = b;
	return b;
}

void *arena_take(struct arena *a, size_t size)
{
	struct arena_block *b = a->last;
	void *at;

	if (size > SIZE_MAX / 2)
		return NULL;
	size = (size + ALIGN - 1) / ALIGN * ALIGN;
	if (!b || b->size - b->used < size)
		b = new_block(a, size);
	if (!b)
		return NULL;
	at = block_data(b) + b->used;
	b->used += size;
	return at;
}

struct code_view arena_copy(struct arena *a, struct code_view v)
{
	char *at = arena_take(a, v.len + 1);

	if (!at)
		return (struct code_view){NULL, 0};
	if (v.len)
		memcpy(at, v.ptr, v.len);
	at[v.len] = '\0';
	return (struct code_view){at, v.len};
}

void arena_free(struct arena *a)
{
	struct arena_block *b, *before;

	for (b = a->last; b; b = before) {
		before = b->before;
		free(b);
	}
	*a = (struct arena){0};
}
