/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TEXT_VOCAB_H
#define GRPO_TEXT_VOCAB_H

#include <stddef.h>
#include <stdint.h>
#include "core/mem.h"

/*
 * Tokens by id and by text: open addressing over the texts, which live in an
 * arena.  A text is what the file holds, so in GPT-2's alphabet for the
 * model's own tokens.
 */
enum grpo__token_flag {
	GRPO__TOKEN_MODEL = 1,     /* in model.vocab, not only added */
	GRPO__TOKEN_SPECIAL = 2,   /* left out by skip_special */
	GRPO__TOKEN_NORMALIZED = 4 /* an added token, normalized on its way in:
				      decodes to its normalized text */
};

typedef struct grpo__token {
	const char *text; /* NULL where there is no such id */
	uint32_t len;
	uint32_t flags;
} grpo__token;

typedef struct grpo__vocab {
	grpo__token *token; /* [size] */
	size_t size, cap;
	size_t n_tokens;
	int32_t *slot; /* [n_slots], a power of two: an id, or -1 */
	size_t n_slots;
	grpo__arena *strings;
} grpo__vocab;

int grpo__vocab_init(grpo__vocab *v, size_t n_tokens);
void grpo__vocab_dispose(grpo__vocab *v);

/** Adds a token; GRPO_EFORMAT where its text or its id is taken. */
int grpo__vocab_add(grpo__vocab *v, const char *text, size_t len, int32_t id,
		    uint32_t flags);

/** The id of a text, or -1. */
int32_t grpo__vocab_find(const grpo__vocab *v, const char *text, size_t len);

/** The token of an id, or NULL. */
const grpo__token *grpo__vocab_at(const grpo__vocab *v, int32_t id);

#endif
