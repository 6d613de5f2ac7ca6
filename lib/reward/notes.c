/* SPDX-License-Identifier: MIT */
#include "reward/notes.h"

#include <math.h>
#include <string.h>
#include "core/fail.h"

struct grpo__note {
	struct grpo__note *next;
	char *name; /* NUL-terminated */
	grpo_str text;
	double value;
	int is_measure; /* value counts, not text */
};

static char *copy(grpo__arena *a, const char *p, size_t n)
{
	char *q = grpo__arena_alloc(a, n + 1, 1);

	if (q && n)
		memcpy(q, p, n);
	return q;
}

/* A new note at the end of row i; NULL where memory is out. */
static struct grpo__note *append(grpo__notes *notes, size_t i, const char *name)
{
	struct grpo__note *n = grpo__arena_alloc(notes->arena, 1, sizeof *n);

	if (!n || !(n->name = copy(notes->arena, name, strlen(name)))) {
		notes->no_memory = 1;
		return NULL;
	}
	if (notes->last[i])
		notes->last[i]->next = n;
	else
		notes->first[i] = n;
	notes->last[i] = n;
	return n;
}

static void keep_text(void *ctx, size_t i, const char *name, grpo_str text)
{
	grpo__notes *notes = ctx;
	struct grpo__note *n;

	if (i >= notes->n_rows || !name || (!text.ptr && text.len) ||
	    !(n = append(notes, i, name)))
		return;
	n->text.ptr = copy(notes->arena, text.ptr, text.len);
	if (n->text.ptr)
		n->text.len = text.len;
	else
		notes->no_memory = 1;
}

static int is_measure_name(const char *name)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
	size_t n = name ? strlen(name) : 0;

	return n > 0 && n < GRPO_REWARD_MEASURE_BYTES &&
	       strspn(name, plain) == n;
}

static void keep_value(void *ctx, size_t i, const char *name, double value)
{
	grpo__notes *notes = ctx;
	struct grpo__note *n;

	if (i >= notes->n_rows || !isfinite(value) || !is_measure_name(name) ||
	    !(n = append(notes, i, name)))
		return;
	n->value = value;
	n->is_measure = 1;
}

int grpo__notes_begin(grpo__notes *notes, grpo_reward_batch *batch,
		      const grpo__listener *l, grpo__arena *arena)
{
	size_t n = batch->n;

	*notes = (grpo__notes){.arena = arena, .n_rows = n};
	if (!l->explain && !l->measure)
		return 0;
	notes->first = grpo__arena_alloc(arena, n, sizeof *notes->first);
	notes->last = grpo__arena_alloc(arena, n, sizeof *notes->last);
	if (!notes->first || !notes->last)
		return GRPO_ENOMEM;
	batch->explain = l->explain ? keep_text : NULL;
	batch->explain_ctx = notes;
	batch->measure = l->measure ? keep_value : NULL;
	batch->measure_ctx = notes;
	return 0;
}

void grpo__notes_give(const grpo__notes *notes, const int64_t *rows, int32_t k,
		      const grpo__listener *l)
{
	for (size_t i = 0; notes->first && i < notes->n_rows; i++)
		for (const struct grpo__note *n = notes->first[i]; n;
		     n = n->next)
			if (n->is_measure)
				l->measure(l->measure_ctx, rows[i], k, n->name,
					   n->value);
			else
				l->explain(l->explain_ctx, rows[i], k, n->name,
					   n->text);
}
