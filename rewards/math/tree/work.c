/* SPDX-License-Identifier: MIT */
#include "work.h"

#include <stdlib.h>
#include <string.h>

#include "expr.h"

#define BLOCK_BYTES ((size_t)32 << 10)
#define ALIGN 16

struct work_block {
	struct work_block *next;
	size_t size, used; /* of bytes, after this header */
};
#define HEADER ((sizeof(struct work_block) + ALIGN - 1) / ALIGN * ALIGN)

void work_init(struct work *w)
{
	memset(w, 0, sizeof *w);
	w->steps = WORK_STEPS;
}

/* The newest block stays for the next row. */
void work_reset(struct work *w)
{
	struct work_block *keep = w->blocks;

	for (struct expr *e = w->numbers; e; e = e->next_number)
		fmpq_clear(e->value);
	while (keep && keep->next) {
		struct work_block *next = keep->next->next;

		free(keep->next);
		keep->next = next;
	}
	work_init(w);
	w->blocks = keep;
	if (keep) {
		keep->used = 0;
		w->bytes = keep->size;
	}
}

void work_clear(struct work *w)
{
	work_reset(w);
	free(w->blocks);
	work_init(w);
}

static struct work_block *new_block(struct work *w, size_t bytes)
{
	size_t size = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;
	struct work_block *b;

	if (size > WORK_MAX_BYTES - w->bytes) {
		w->status = w->status ? w->status : GRPO_REWARD_BUDGET;
		return NULL;
	}
	b = malloc(HEADER + size);
	if (!b) {
		w->status = w->status ? w->status : GRPO_REWARD_FAILED;
		return NULL;
	}
	*b = (struct work_block){w->blocks, size, 0};
	w->blocks = b;
	w->bytes += size;
	return b;
}

void *work_alloc(struct work *w, size_t bytes)
{
	struct work_block *b = w->blocks;
	void *p;

	if (bytes > WORK_MAX_BYTES) {
		w->status = w->status ? w->status : GRPO_REWARD_BUDGET;
		return NULL;
	}
	bytes = (bytes + ALIGN - 1) / ALIGN * ALIGN;
	if (!b || b->size - b->used < bytes)
		b = new_block(w, bytes);
	if (!b)
		return NULL;
	p = (char *)b + HEADER + b->used;
	b->used += bytes;
	return memset(p, 0, bytes);
}

grpo_str work_text(struct work *w, grpo_str text)
{
	char *copy = work_alloc(w, text.len + 1);

	if (!copy)
		return (grpo_str){NULL, 0};
	if (text.len)
		memcpy(copy, text.ptr, text.len);
	return (grpo_str){copy, text.len};
}

int work_step(struct work *w, long steps)
{
	w->steps -= steps;
	if (w->steps >= 0)
		return 0;
	w->status = w->status ? w->status : GRPO_REWARD_BUDGET;
	return -1;
}
