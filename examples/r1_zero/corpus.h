/* SPDX-License-Identifier: MIT */
#ifndef R1_ZERO_CORPUS_H
#define R1_ZERO_CORPUS_H

#include <stdint.h>
#include "grpo/policy.h"
#include "grpo/tokenizer.h"

/*
 * Documents for next-token training, as batches that a learner takes: the one
 * prompt is the token that begins a text (or, for want of one, that ends it),
 * and each row is a document and the token that ends it.  A window of some
 * batches is sorted by length, so that the rows of a batch are about as long;
 * the batches of a window then come in an order of chance.  A function of
 * (seed, step), like all randomness here.
 */
struct corpus {
	const grpo_tokenizer *tokenizer;
	uint64_t seed;
	int32_t digits;
	int64_t docs_per_step, window; /* documents; batches */

	int64_t loaded; /* the window that is here; -1: none */
	int32_t **ids;  /* [window * docs_per_step], sorted by length */
	int64_t *n_ids;
	int64_t *order; /* [window] */
	int32_t begin, end;

	/* of the batch that corpus_batch made */
	int64_t prompt_row[2], *prompt_of, *row;
	int32_t *tokens;
	int64_t cap_tokens;
};

int corpus_open(struct corpus *c, const grpo_tokenizer *tokenizer,
		uint64_t seed, int32_t digits, int64_t docs_per_step,
		int64_t window);
void corpus_close(struct corpus *c);

/** The batch of a step; its arrays are valid until the next call. */
int corpus_batch(struct corpus *c, grpo_batch *out, int64_t step);

/** Goes on from a hash over some documents: changes where the corpus does. */
uint64_t corpus_hash(const struct corpus *c, uint64_t hash);

#endif
