/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TEXT_BPE_H
#define GRPO_TEXT_BPE_H

#include <stddef.h>
#include <stdint.h>
#include <cjson/cJSON.h>
#include "core/mem.h"
#include "text/vocab.h"

/*
 * Byte-pair encoding of one piece: it starts as one symbol a byte, and the
 * adjacent pair of the lowest rank, leftmost first, is merged until none of
 * the pairs that are left is a merge.
 */
struct grpo__merge {
	uint64_t pair; /* left id << 32 | right id; UINT64_MAX: empty slot */
	uint32_t rank;
	int32_t id;
};

/** The hash of a pair; take it modulo n_slots and probe upwards. */
size_t grpo__merge_slot(uint64_t pair);

typedef struct grpo__bpe {
	grpo__vocab vocab;
	struct grpo__merge *merge; /* [n_slots], a power of two */
	size_t n_slots;
	int32_t byte_id[256]; /* the symbol of a byte, or -1 */
	int32_t unk_id;       /* for a byte without symbol; -1: dropped */
	int fuse_unk;
	int ignore_merges; /* a piece that is a token is that token */
	size_t longest;    /* of the model's tokens, in bytes of text */
} grpo__bpe;

/** Reads the "model" of a tokenizer.json; errors start with the key. */
int grpo__bpe_read(grpo__bpe *b, const cJSON *model);
void grpo__bpe_dispose(grpo__bpe *b);

typedef struct grpo__ids {
	int32_t *id;
	size_t n, cap;
} grpo__ids;
int grpo__ids_add(grpo__ids *ids, int32_t id);

/* Memory for merging, one a thread of use; zero-initialise. */
typedef struct grpo__bpe_scratch {
	struct grpo__symbol *symbol;
	uint64_t *heap;
	size_t symbol_cap, heap_cap, n_heap;
	grpo__buf text;
} grpo__bpe_scratch;
void grpo__bpe_scratch_dispose(grpo__bpe_scratch *s);

/** Appends the ids of a piece; time n log n of its bytes. */
int grpo__bpe_encode(const grpo__bpe *b, grpo__bpe_scratch *s, grpo__ids *ids,
		     const char *piece, size_t len);

#endif
