/* SPDX-License-Identifier: MIT */
#include "corpus.h"

#include <stdlib.h>
#include <string.h>

#include "datasets/arithmetic.h"
#include "examples/fault.h"
#include "files.h"

int corpus_open(struct corpus *c, const grpo_tokenizer *tokenizer,
		uint64_t seed, int32_t digits, int64_t docs_per_step,
		int64_t window)
{
	size_t n = (size_t)(docs_per_step * window);
	const int32_t *stops;

	*c = (struct corpus){.tokenizer = tokenizer,
			     .seed = seed,
			     .digits = digits,
			     .docs_per_step = docs_per_step,
			     .window = window,
			     .loaded = -1};
	if (grpo_tokenizer_stops(tokenizer, &stops) < 1)
		return fail(GRPO_EFORMAT,
			    "%s: a base needs a token that ends a text",
			    grpo_tokenizer_path(tokenizer));
	c->end = stops[0];
	c->begin = grpo_tokenizer_bos(tokenizer);
	if (c->begin < 0)
		c->begin = c->end; /* as GPT-2 was trained */
	c->ids = calloc(n, sizeof *c->ids);
	c->n_ids = calloc(n, sizeof *c->n_ids);
	c->order = calloc((size_t)window, sizeof *c->order);
	c->prompt_of = calloc((size_t)docs_per_step, sizeof *c->prompt_of);
	c->row = calloc((size_t)docs_per_step + 1, sizeof *c->row);
	if (!c->ids || !c->n_ids || !c->order || !c->prompt_of || !c->row)
		return fail(GRPO_ENOMEM, "out of memory");
	return 0;
}

void corpus_close(struct corpus *c)
{
	int64_t i;

	for (i = 0; c->ids && i < c->docs_per_step * c->window; i++)
		free(c->ids[i]);
	free(c->ids);
	free(c->n_ids);
	free(c->order);
	free(c->prompt_of);
	free(c->row);
	free(c->tokens);
	*c = (struct corpus){0};
}

static size_t document(char text[ARITHMETIC_MAX_TEXT], const struct corpus *c,
		       int64_t index)
{
	arithmetic_options o;

	arithmetic_options_init(&o);
	o.digits = c->digits;
	return arithmetic_document(text, ARITHMETIC_MAX_TEXT, &o, c->seed,
				   (uint64_t)index);
}

uint64_t corpus_hash(const struct corpus *c, uint64_t hash)
{
	char text[ARITHMETIC_MAX_TEXT];
	int64_t i;

	for (i = 0; i < 1000; i++)
		hash = hash_bytes(hash, text, document(text, c, i));
	return hash;
}

/* ids and n_ids together, by length; the sort is stable, so that the order
 * is the same everywhere. */
static void sort_by_length(struct corpus *c, int64_t n)
{
	int64_t i, j;

	for (i = 1; i < n; i++) { /* some hundred documents */
		int32_t *ids = c->ids[i];
		int64_t len = c->n_ids[i];

		for (j = i; j > 0 && c->n_ids[j - 1] > len; j--) {
			c->ids[j] = c->ids[j - 1];
			c->n_ids[j] = c->n_ids[j - 1];
		}
		c->ids[j] = ids;
		c->n_ids[j] = len;
	}
}

/* Fisher-Yates with numbers of a hash. */
static void shuffle_batches(struct corpus *c, int64_t window)
{
	int64_t i, k[3] = {(int64_t)c->seed, window, 0};

	for (i = 0; i < c->window; i++)
		c->order[i] = i;
	for (i = c->window - 1; i > 0; i--) {
		int64_t j, swap = c->order[i];

		k[2] = i;
		j = (int64_t)((hash_bytes(HASH_START, k, sizeof k) >> 11) %
			      (uint64_t)(i + 1));
		c->order[i] = c->order[j];
		c->order[j] = swap;
	}
}

static int load_window(struct corpus *c, int64_t window)
{
	int64_t n = c->docs_per_step * c->window, i;
	char text[ARITHMETIC_MAX_TEXT];
	int rc = 0;

	for (i = 0; i < n; i++) {
		size_t len = document(text, c, window * n + i);

		free(c->ids[i]);
		c->ids[i] = NULL;
		TRY(grpo_tokenizer_encode(c->tokenizer, &c->ids[i],
					  &c->n_ids[i], text, len));
	}
	sort_by_length(c, n);
	shuffle_batches(c, window);
	c->loaded = window;
out:
	return rc;
}

static int make_room(struct corpus *c, int64_t n)
{
	int32_t *tokens;

	if (n <= c->cap_tokens)
		return 0;
	tokens = realloc(c->tokens, (size_t)n * sizeof *tokens);
	if (!tokens)
		return fail(GRPO_ENOMEM, "out of memory");
	c->tokens = tokens;
	c->cap_tokens = n;
	return 0;
}

int corpus_batch(struct corpus *c, grpo_batch *out, int64_t step)
{
	int64_t n = c->docs_per_step, first, i;
	int rc = 0;

	if (c->loaded != step / c->window)
		TRY(load_window(c, step / c->window));
	first = c->order[step % c->window] * n;
	for (i = 0; i < n; i++)
		c->row[i + 1] = c->row[i] + c->n_ids[first + i] + 1;
	TRY(make_room(c, c->row[n]));
	for (i = 0; i < n; i++) {
		int64_t len = c->n_ids[first + i];

		memcpy(c->tokens + c->row[i], c->ids[first + i],
		       (size_t)len * sizeof *c->tokens);
		c->tokens[c->row[i] + len] = c->end;
	}
	c->prompt_row[1] = 1;
	*out = (grpo_batch){.struct_size = sizeof *out,
			    .n_prompts = 1,
			    .prompt_row = c->prompt_row,
			    .prompt_tokens = &c->begin,
			    .n_rows = n,
			    .prompt_of = c->prompt_of,
			    .row = c->row,
			    .tokens = c->tokens,
			    .temperature = 1};
out:
	return rc;
}
