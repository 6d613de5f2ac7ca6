/* SPDX-License-Identifier: MIT */
#include "reward/notes.h"

#include <string.h>
#include "core/fail.h"

struct grpo__note {
	struct grpo__note *next;
	char *name; /* NUL-terminated */
	grpo_str text;
};

static char *copy(grpo__arena *a, const char *p, size_t n)
{
	char *q = grpo__arena_alloc(a, n + 1, 1);

	if (q && n)
		memcpy(q, p, n);
	return q;
}

static void keep(void *ctx, size_t i, const char *name, grpo_str text)
{
	grpo__notes *notes = ctx;
	struct grpo__note *n;

	if (i >= notes->n_rows || !name || (!text.ptr && text.len))
		return;
	n = grpo__arena_alloc(notes->arena, 1, sizeof *n);
	if (!n || !(n->name = copy(notes->arena, name, strlen(name))) ||
	    !(n->text.ptr = copy(notes->arena, text.ptr, text.len))) {
		notes->no_memory = 1;
		return;
	}
	n->text.len = text.len;
	if (notes->last[i])
		notes->last[i]->next = n;
	else
		notes->first[i] = n;
	notes->last[i] = n;
}

int grpo__notes_begin(grpo__notes *notes, grpo_reward_batch *batch,
		      grpo__arena *arena)
{
	size_t n = batch->n;

	*notes = (grpo__notes){.arena = arena, .n_rows = n};
	notes->first = grpo__arena_alloc(arena, n, sizeof *notes->first);
	notes->last = grpo__arena_alloc(arena, n, sizeof *notes->last);
	if (!notes->first || !notes->last)
		return GRPO_ENOMEM;
	batch->explain = keep;
	batch->explain_ctx = notes;
	return 0;
}

void grpo__notes_give(const grpo__notes *notes, const int64_t *rows, int32_t k,
		      grpo_reward_explain_fn fn, void *ctx)
{
	for (size_t i = 0; i < notes->n_rows; i++)
		for (const struct grpo__note *n = notes->first[i]; n;
		     n = n->next)
			fn(ctx, rows[i], k, n->name, n->text);
}
