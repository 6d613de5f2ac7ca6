/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/fail.h"
#include "core/mem.h"

#undef grpo__alloc /* as the analyzer is told of it */

/* No allocation may be larger than a pointer difference can hold. */
#define MAX_BYTES (SIZE_MAX / 2)

static void *too_large(size_t n, size_t size)
{
	grpo__fail(GRPO_ENOMEM, "out of memory (%zu times %zu bytes)", n, size);
	return NULL;
}

/* n * size in *bytes, at least 1; 0 where it does not fit. */
static int multiply(size_t *bytes, size_t n, size_t size)
{
	if (size && n > MAX_BYTES / size)
		return 0;
	n *= size;
	*bytes = n > 0 ? n : 1;
	return 1;
}

void *grpo__alloc(size_t n, size_t size)
{
	size_t bytes;
	void *p = NULL;

	if (multiply(&bytes, n, size))
		p = calloc(bytes, 1);
	return p ? p : too_large(n, size);
}

void *grpo__memdup(const void *p, size_t n)
{
	size_t bytes;
	void *copy = NULL;

	if (multiply(&bytes, n, 1))
		copy = malloc(bytes);
	if (!copy)
		return too_large(n, 1);
	if (n)
		memcpy(copy, p, n);
	return copy;
}

char *grpo__strndup(const char *s, size_t n)
{
	char *copy = n < MAX_BYTES ? malloc(n + 1) : NULL;

	if (!copy)
		return too_large(n, 1);
	if (n)
		memcpy(copy, s, n);
	copy[n] = '\0';
	return copy;
}

void *grpo__realloc(void *p, size_t n, size_t size)
{
	size_t bytes;
	void *q = NULL;

	if (multiply(&bytes, n, size))
		q = realloc(p, bytes);
	return q ? q : too_large(n, size);
}

int grpo__grow(void *p_address, size_t *cap, size_t need, size_t size)
{
	size_t want = *cap < 8 ? 8 : *cap;
	void *p;

	if (need <= *cap)
		return 0;
	while (want < need)
		want = want > MAX_BYTES / 2 ? need : want * 2;
	memcpy(&p, p_address, sizeof p); /* whatever it points to */
	p = grpo__realloc(p, want, size);
	if (!p)
		return GRPO_ENOMEM;
	memcpy(p_address, &p, sizeof p);
	*cap = want;
	return 0;
}

/* Arena: a list of chunks, filled one after another. */

#define CHUNK_BYTES 65536

struct chunk {
	struct chunk *next;
	size_t used, cap;
	max_align_t data[];
};

struct grpo__arena {
	struct chunk *first, *current;
};

int grpo__arena_create(grpo__arena **out)
{
	*out = grpo__alloc(1, sizeof **out);
	return *out ? 0 : GRPO_ENOMEM;
}

static struct chunk *new_chunk(size_t bytes)
{
	size_t cap = bytes > CHUNK_BYTES ? bytes : CHUNK_BYTES;
	struct chunk *c = NULL;

	if (cap <= MAX_BYTES - sizeof *c)
		c = malloc(sizeof *c + cap);
	if (!c)
		return too_large(cap, 1);
	c->next = NULL;
	c->used = 0;
	c->cap = cap;
	return c;
}

/* The next chunk with room, a new one where the kept ones are too small. */
static struct chunk *chunk_with_room(grpo__arena *a, size_t bytes)
{
	struct chunk *c = a->current;
	struct chunk *fresh;

	while (c && c->cap - c->used < bytes && c->next)
		c = c->next;
	if (!c || c->cap - c->used < bytes) {
		fresh = new_chunk(bytes);
		if (!fresh)
			return NULL;
		if (c)
			c->next = fresh;
		else
			a->first = fresh;
		c = fresh;
	}
	a->current = c;
	return c;
}

void *grpo__arena_alloc(grpo__arena *a, size_t n, size_t size)
{
	const size_t align = _Alignof(max_align_t);
	struct chunk *c;
	size_t bytes;
	char *p;

	if (!multiply(&bytes, n, size))
		return too_large(n, size);
	bytes = (bytes + align - 1) / align * align;
	c = chunk_with_room(a, bytes);
	if (!c)
		return NULL;
	p = (char *)c->data + c->used;
	c->used += bytes;
	return memset(p, 0, bytes);
}

void grpo__arena_reset(grpo__arena *a)
{
	struct chunk *c;

	for (c = a->first; c; c = c->next)
		c->used = 0;
	a->current = a->first;
}

void grpo__arena_free(grpo__arena *a)
{
	struct chunk *c, *next;

	if (!a)
		return;
	for (c = a->first; c; c = next) {
		next = c->next;
		free(c);
	}
	free(a);
}

int grpo__buf_add(grpo__buf *b, const void *p, size_t n)
{
	if (n > MAX_BYTES - 1 - b->len) {
		too_large(n, 1);
		return GRPO_ENOMEM;
	}
	if (grpo__grow(&b->data, &b->cap, b->len + n + 1, 1) < 0)
		return GRPO_ENOMEM;
	if (n)
		memcpy(b->data + b->len, p, n);
	b->len += n;
	b->data[b->len] = '\0';
	return 0;
}

int grpo__buf_printf(grpo__buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return grpo__fail(GRPO_EINVAL, "cannot format the text");
	if (grpo__grow(&b->data, &b->cap, b->len + (size_t)n + 1, 1) < 0)
		return GRPO_ENOMEM;
	va_start(ap, fmt);
	vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
	return 0;
}

void grpo__buf_dispose(grpo__buf *b)
{
	free(b->data);
	b->data = NULL;
	b->len = b->cap = 0;
}
