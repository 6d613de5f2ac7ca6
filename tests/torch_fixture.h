/* SPDX-License-Identifier: MIT */
#ifndef TESTS_TORCH_FIXTURE_H
#define TESTS_TORCH_FIXTURE_H

#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/file.h"
#include "grpo/error.h"
#include "grpo/torch.h"
#include "data/safetensors.h"
#include "torch/model.h"

/* What the tests of the torch backend share. */

/** Fails the test with the library's error line. */
#define must(expr)                                                             \
	ck_assert_msg((expr) == 0, "%s: %s", #expr, grpo_error_message())

#define FLAT_ROWS 64
#define FLAT_TOKENS 8192

/** A grpo_batch that is built row by row. */
struct flat_batch {
	grpo_batch batch;
	int64_t prompt_row[FLAT_ROWS + 1], prompt_of[FLAT_ROWS];
	int64_t row[FLAT_ROWS + 1];
	int32_t prompt_tokens[FLAT_TOKENS], tokens[FLAT_TOKENS];
};

static inline void flat_batch_init(struct flat_batch *b, double temperature)
{
	memset(b, 0, sizeof *b);
	b->batch.struct_size = sizeof b->batch;
	b->batch.prompt_row = b->prompt_row;
	b->batch.prompt_tokens = b->prompt_tokens;
	b->batch.prompt_of = b->prompt_of;
	b->batch.row = b->row;
	b->batch.tokens = b->tokens;
	b->batch.temperature = temperature;
}

static inline void flat_batch_prompt(struct flat_batch *b, const int32_t *ids,
				     int64_t n)
{
	int64_t k = b->batch.n_prompts++, at = b->prompt_row[k];

	ck_assert_int_le(at + n, FLAT_TOKENS);
	memcpy(b->prompt_tokens + at, ids, (size_t)n * sizeof *ids);
	b->prompt_row[k + 1] = at + n;
}

static inline void flat_batch_row(struct flat_batch *b, const int32_t *ids,
				  int64_t n)
{
	int64_t i = b->batch.n_rows++, at = b->row[i];

	ck_assert_int_lt(i, FLAT_ROWS);
	ck_assert_int_le(at + n, FLAT_TOKENS);
	memcpy(b->tokens + at, ids, (size_t)n * sizeof *ids);
	b->row[i + 1] = at + n;
	b->prompt_of[i] = b->batch.n_prompts - 1;
}

static inline grpo_model *open_model(const char *name)
{
	char folder[256];
	grpo_model *m;

	snprintf(folder, sizeof folder, "tests/golden/models/%s", name);
	must(grpo_model_open(&m, folder, NULL));
	return m;
}

static inline void remove_folder(const char *path)
{
	must(grpo__remove_folder(path));
}

#endif
