/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "core/fail.h"
#include "core/mem.h"
#include "torch/pack.h"

/* A prompt of fewer tokens is repeated for each of its completions: as one
 * family the rows of one prompt are worked on by one thread a head. */
#define MIN_SHARED_TOKENS 16

static int check_ids(const int32_t *ids, int64_t n, int64_t vocab)
{
	int rc = 0;

	for (int64_t i = 0; i < n; i++)
		GRPO_FAIL_IF(ids[i] < 0 || ids[i] >= vocab, GRPO_EINVAL,
			     "token id %d is not in the vocabulary of %lld",
			     ids[i], (long long)vocab);
out:
	return rc;
}

static int pack_alloc(grpo__pack *p, int64_t tokens, int64_t segments,
		      int64_t scored)
{
	int rc = 0;

	memset(p, 0, sizeof *p);
	p->ids = grpo__alloc((size_t)tokens, sizeof *p->ids);
	p->position = grpo__alloc((size_t)tokens, sizeof *p->position);
	p->start = grpo__alloc((size_t)segments + 1, sizeof *p->start);
	p->prefix = grpo__alloc((size_t)segments, sizeof *p->prefix);
	p->family = grpo__alloc((size_t)segments + 1, sizeof *p->family);
	p->source = grpo__alloc((size_t)scored, sizeof *p->source);
	p->target = grpo__alloc((size_t)scored, sizeof *p->target);
	GRPO_FAIL_IF(!p->ids || !p->position || !p->start || !p->prefix ||
			 !p->family || !p->source || !p->target,
		     GRPO_ENOMEM, "out of memory");
	p->segments.start = p->start;
	p->segments.prefix = p->prefix;
	p->segments.family = p->family;
out:
	return rc;
}

void grpo__pack_dispose(grpo__pack *p)
{
	free(p->ids);
	free(p->position);
	free(p->start);
	free(p->prefix);
	free(p->family);
	free(p->source);
	free(p->target);
	memset(p, 0, sizeof *p);
}

static void put(grpo__pack *p, const int32_t *ids, int64_t n, int64_t from)
{
	for (int64_t i = 0; i < n; i++) {
		p->ids[p->n] = ids[i];
		p->position[p->n++] = (int32_t)(from + i);
	}
	if (n && from + n - 1 > p->max_position)
		p->max_position = (int32_t)(from + n - 1);
}

/* Opens a segment; without a prefix it begins a family. */
static void open_segment(grpo__pack *p, int64_t prefix)
{
	int64_t s = p->segments.n_segments++;

	p->start[s] = p->n;
	p->prefix[s] = prefix;
	if (prefix < 0)
		p->family[p->segments.n_families++] = s;
}

static void close_segment(grpo__pack *p, int64_t before)
{
	int64_t s = p->segments.n_segments;
	int64_t keys = before + p->n - p->start[s - 1];

	p->start[s] = p->n;
	p->family[p->segments.n_families] = s;
	if (keys > p->segments.max_keys)
		p->segments.max_keys = keys;
}

static void score(grpo__pack *p, int64_t source, int32_t target)
{
	p->source[p->n_scored] = source;
	p->target[p->n_scored++] = target;
}

/* A completion after `before` tokens; `last` is the token before its first,
 * or -1: it lies right before. */
static void put_completion(grpo__pack *p, const int32_t *ids, int64_t n,
			   int64_t before, int64_t last)
{
	int64_t from = p->n;

	for (int64_t t = 0; t < n; t++)
		score(p, t == 0 && last >= 0 ? last : from + t - 1, ids[t]);
	put(p, ids, n - 1, before);
}

/* The rows first … last-1 of prompt k. */
static void pack_prompt(grpo__pack *p, const grpo_batch *b, int64_t k,
			int64_t first, int64_t last)
{
	const int32_t *prompt = b->prompt_tokens + b->prompt_row[k];
	int64_t n = b->prompt_row[k + 1] - b->prompt_row[k];
	int shared = n >= MIN_SHARED_TOKENS && last - first > 1;
	int64_t root = p->segments.n_segments, end = p->n + n - 1;

	if (shared) {
		open_segment(p, -1);
		put(p, prompt, n, 0);
		close_segment(p, 0);
	}
	for (int64_t i = first; i < last; i++) {
		const int32_t *ids = b->tokens + b->row[i];
		int64_t m = b->row[i + 1] - b->row[i];

		if (m == 0)
			continue;
		if (shared && m == 1) {
			score(p, end, ids[0]);
			continue;
		}
		open_segment(p, shared ? root : -1);
		if (!shared)
			put(p, prompt, n, 0);
		put_completion(p, ids, m, n, shared ? end : -1);
		close_segment(p, shared ? n : 0);
	}
}

int grpo__pack_batch(grpo__pack *out, const grpo_batch *b, int64_t vocab)
{
	int64_t tokens = b->row[b->n_rows] + b->prompt_row[b->n_prompts];
	int64_t row = 0;
	grpo__pack p = {0};
	int rc = 0;

	GRPO_TRY(
	    check_ids(b->prompt_tokens, b->prompt_row[b->n_prompts], vocab));
	GRPO_TRY(check_ids(b->tokens, b->row[b->n_rows], vocab));
	for (int64_t i = 0; i < b->n_rows; i++) {
		int64_t k = b->prompt_of[i];

		GRPO_FAIL_IF(k < 0 || k >= b->n_prompts ||
				 (i && k < b->prompt_of[i - 1]),
			     GRPO_EINVAL, "prompt_of[%lld] is out of order",
			     (long long)i);
		GRPO_FAIL_IF(b->prompt_row[k + 1] <= b->prompt_row[k],
			     GRPO_EINVAL, "prompt %lld is empty", (long long)k);
		tokens += b->prompt_row[k + 1] - b->prompt_row[k];
	}
	GRPO_TRY(pack_alloc(&p, tokens, b->n_rows + b->n_prompts,
			    b->row[b->n_rows]));
	for (int64_t k = 0; k < b->n_prompts; k++) {
		int64_t first = row;

		while (row < b->n_rows && b->prompt_of[row] == k)
			row++;
		if (row > first)
			pack_prompt(&p, b, k, first, row);
	}
	*out = p;
	memset(&p, 0, sizeof p);
out:
	grpo__pack_dispose(&p);
	return rc;
}

int grpo__pack_prompts(grpo__pack *out, const grpo_request *const *requests,
		       int64_t n_requests, int64_t vocab)
{
	int64_t tokens = 0;
	grpo__pack p = {0};
	int rc = 0;

	for (int64_t i = 0; i < n_requests; i++) {
		GRPO_FAIL_IF(requests[i]->n_prompt < 1, GRPO_EINVAL,
			     "prompt %lld is empty", (long long)i);
		GRPO_TRY(check_ids(requests[i]->prompt, requests[i]->n_prompt,
				   vocab));
		tokens += requests[i]->n_prompt;
	}
	GRPO_TRY(pack_alloc(&p, tokens, n_requests, 0));
	for (int64_t i = 0; i < n_requests; i++) {
		open_segment(&p, -1);
		put(&p, requests[i]->prompt, requests[i]->n_prompt, 0);
		close_segment(&p, 0);
	}
	*out = p;
	memset(&p, 0, sizeof p);
out:
	grpo__pack_dispose(&p);
	return rc;
}
