/* SPDX-License-Identifier: MIT */
#include "text/bpe.h"

#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "text/byte_level.h"

/* A linked list in an array: symbols that were merged away have id -1. */
struct grpo__symbol {
	int32_t id;
	uint32_t prev, next; /* NONE at the ends */
};
#define NONE UINT32_MAX

int grpo__ids_add(grpo__ids *ids, int32_t id)
{
	if (grpo__grow(&ids->id, &ids->cap, ids->n + 1, sizeof *ids->id) < 0)
		return GRPO_ENOMEM;
	ids->id[ids->n++] = id;
	return 0;
}

void grpo__bpe_scratch_dispose(grpo__bpe_scratch *s)
{
	free(s->symbol);
	free(s->heap);
	grpo__buf_dispose(&s->text);
}

size_t grpo__merge_slot(uint64_t pair)
{
	pair *= 0x9e3779b97f4a7c15; /* Fibonacci hashing */
	return (size_t)(pair ^ pair >> 32);
}

static const struct grpo__merge *find_merge(const grpo__bpe *b, int32_t left,
					    int32_t right)
{
	uint64_t pair = (uint64_t)(uint32_t)left << 32 | (uint32_t)right;
	size_t i = grpo__merge_slot(pair) & (b->n_slots - 1);

	while (b->merge[i].pair != pair) {
		if (b->merge[i].pair == UINT64_MAX)
			return NULL;
		i = (i + 1) & (b->n_slots - 1);
	}
	return &b->merge[i];
}

/* The heap holds rank << 32 | place: the least is what merges next. */

static int heap_push(grpo__bpe_scratch *s, uint64_t key)
{
	size_t i = s->n_heap, up;

	if (grpo__grow(&s->heap, &s->heap_cap, i + 1, sizeof *s->heap) < 0)
		return GRPO_ENOMEM;
	for (; i > 0; i = up) {
		up = (i - 1) / 2;
		if (s->heap[up] <= key)
			break;
		s->heap[i] = s->heap[up];
	}
	s->heap[i] = key;
	s->n_heap++;
	return 0;
}

static uint64_t heap_pop(grpo__bpe_scratch *s)
{
	uint64_t top = s->heap[0], key = s->heap[--s->n_heap];
	size_t i = 0, down;

	while ((down = 2 * i + 1) < s->n_heap) {
		if (down + 1 < s->n_heap && s->heap[down + 1] < s->heap[down])
			down++;
		if (key <= s->heap[down])
			break;
		s->heap[i] = s->heap[down];
		i = down;
	}
	s->heap[i] = key;
	return top;
}

/* Queues the merge of the symbol at `place` with its next, if it is one. */
static int consider(const grpo__bpe *b, grpo__bpe_scratch *s, uint32_t place)
{
	const struct grpo__symbol *left = &s->symbol[place];
	const struct grpo__merge *m;

	if (left->next == NONE)
		return 0;
	m = find_merge(b, left->id, s->symbol[left->next].id);
	return m ? heap_push(s, (uint64_t)m->rank << 32 | place) : 0;
}

/* A queued merge that is still possible, or NULL if an earlier merge used one
 * of its parts. */
static const struct grpo__merge *still(const grpo__bpe *b,
				       const grpo__bpe_scratch *s, uint64_t key)
{
	const struct grpo__symbol *left = &s->symbol[(uint32_t)key];
	const struct grpo__merge *m;

	if (left->id < 0 || left->next == NONE)
		return NULL;
	m = find_merge(b, left->id, s->symbol[left->next].id);
	return m && m->rank == key >> 32 ? m : NULL;
}

static void join(grpo__bpe_scratch *s, uint32_t place, int32_t id)
{
	struct grpo__symbol *left = &s->symbol[place];
	struct grpo__symbol *right = &s->symbol[left->next];

	left->id = id;
	left->next = right->next;
	right->id = -1;
	if (left->next != NONE)
		s->symbol[left->next].prev = place;
}

static int merge_all(const grpo__bpe *b, grpo__bpe_scratch *s, uint32_t n)
{
	const struct grpo__merge *m;
	uint32_t i, place;
	uint64_t key;
	int rc = 0;

	s->n_heap = 0;
	for (i = 0; i < n && rc == 0; i++)
		rc = consider(b, s, i);
	while (rc == 0 && s->n_heap > 0) {
		key = heap_pop(s);
		m = still(b, s, key);
		if (!m)
			continue;
		place = (uint32_t)key;
		join(s, place, m->id);
		if (s->symbol[place].prev != NONE)
			rc = consider(b, s, s->symbol[place].prev);
		if (rc == 0)
			rc = consider(b, s, place);
	}
	return rc;
}

/* One symbol per byte; a byte without a symbol is unknown or dropped.  Returns
 * the number of symbols.
 */
static uint32_t first_symbols(const grpo__bpe *b, struct grpo__symbol *symbol,
			      const char *piece, size_t len)
{
	uint32_t n = 0;
	int unknown = 0; /* the last symbol is */
	int32_t id;
	size_t i;

	for (i = 0; i < len; i++) {
		id = b->byte_id[(unsigned char)piece[i]];
		if (id < 0) {
			id = b->unk_id;
			if (id < 0 || (unknown && b->fuse_unk))
				continue;
			unknown = 1;
		} else {
			unknown = 0;
		}
		symbol[n] = (struct grpo__symbol){id, n - 1, n + 1};
		n++;
	}
	if (n > 0) {
		symbol[0].prev = NONE;
		symbol[n - 1].next = NONE;
	}
	return n;
}

/* The model's token whose text is the whole piece, or -1. */
static int whole(const grpo__bpe *b, grpo__bpe_scratch *s, int32_t *id,
		 const char *piece, size_t len)
{
	*id = -1;
	if (len > b->longest)
		return 0;
	s->text.len = 0;
	if (grpo__byte_level_encode(&s->text, piece, len) < 0)
		return GRPO_ENOMEM;
	*id = grpo__vocab_find(&b->vocab, s->text.data, s->text.len);
	if (*id >= 0 && !(b->vocab.token[*id].flags & GRPO__TOKEN_MODEL))
		*id = -1;
	return 0;
}

int grpo__bpe_encode(const grpo__bpe *b, grpo__bpe_scratch *s, grpo__ids *ids,
		     const char *piece, size_t len)
{
	uint32_t i, n;
	int32_t id;

	if (b->ignore_merges) {
		if (whole(b, s, &id, piece, len) < 0)
			return GRPO_ENOMEM;
		if (id >= 0)
			return grpo__ids_add(ids, id);
	}
	if (grpo__grow(&s->symbol, &s->symbol_cap, len, sizeof *s->symbol) < 0)
		return GRPO_ENOMEM;
	n = first_symbols(b, s->symbol, piece, len);
	if (merge_all(b, s, n) < 0)
		return GRPO_ENOMEM;
	for (i = n > 0 ? 0 : NONE; i != NONE; i = s->symbol[i].next)
		if (grpo__ids_add(ids, s->symbol[i].id) < 0)
			return GRPO_ENOMEM;
	return 0;
}
