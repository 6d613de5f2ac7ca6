/* SPDX-License-Identifier: MIT */
#include "train/said.h"

#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "reward/set.h"

#define NOTE_BYTES 200 /* most of one note */
#define TEXT_BYTES 800 /* most of a reward's notes on one row */

int64_t grpo__said_samples(const grpo__rollout *r)
{
	return r->n_rows < GRPO__SAID_SAMPLES ? r->n_rows : GRPO__SAID_SAMPLES;
}

int64_t grpo__said_row(const grpo__rollout *r, int64_t n, int64_t j)
{
	return j * r->n_rows / n;
}

static int ascending(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* The text of row i by reward k, i counting kept rows. */
static grpo__buf *text_at(const grpo__said *s, int64_t i, int32_t k)
{
	return &s->text[i * s->n_rewards + k];
}

static const int64_t *find(const grpo__said *s, int64_t row)
{
	if (s->n_rows == 0)
		return NULL;
	return bsearch(&row, s->rows, (size_t)s->n_rows, sizeof *s->rows,
		       ascending);
}

/* At most `most` bytes, and no half of a character. */
static size_t cut(grpo_str text, size_t most)
{
	size_t n = text.len < most ? text.len : most;

	while (n > 0 && n < text.len &&
	       ((unsigned char)text.ptr[n] & 0xc0) == 0x80)
		n--;
	return n;
}

static int keep(grpo__buf *b, const char *name, grpo_str text)
{
	size_t n = cut(text, NOTE_BYTES);
	int rc = 0;

	if (b->len > TEXT_BYTES)
		return 0;
	GRPO_TRY(grpo__buf_printf(b, "%s%s: ", b->len ? "; " : "", name));
	GRPO_TRY(grpo__buf_add(b, text.ptr, n));
	if (n < text.len)
		GRPO_TRY(grpo__buf_add(b, "…", strlen("…")));
out:
	return rc;
}

/* From the workers, one call at a time. */
static void hear(void *ctx, int64_t row, int32_t k, const char *name,
		 grpo_str text)
{
	grpo__said *s = ctx;
	const int64_t *found = find(s, row);

	if (s->outer)
		s->outer(s->outer_ctx, row, k, name, text);
	if (found && keep(text_at(s, found - s->rows, k), name, text) < 0)
		s->no_memory = 1;
}

/* Room for n rows; those that were there are emptied. */
static int make_room(grpo__said *s, int64_t n, int32_t n_rewards)
{
	size_t need = (size_t)n * (size_t)n_rewards, had = s->cap_text, i;
	int rc = 0;

	GRPO_TRY(
	    grpo__grow(&s->rows, &s->cap_rows, (size_t)n, sizeof *s->rows));
	GRPO_TRY(grpo__grow(&s->text, &s->cap_text, need, sizeof *s->text));
	if (s->cap_text > had)
		memset(s->text + had, 0, (s->cap_text - had) * sizeof *s->text);
	for (i = 0; i < need; i++)
		s->text[i].len = 0;
out:
	return rc;
}

static void choose_rows(grpo__said *s, const grpo__rollout *r, int64_t n)
{
	int64_t alarm = grpo__said_samples(r), j, kept = 0;

	for (j = 0; j < n; j++)
		s->rows[kept++] = grpo__said_row(r, n, j);
	for (j = 0; j < alarm; j++)
		s->rows[kept++] = grpo__said_row(r, alarm, j);
	qsort(s->rows, (size_t)kept, sizeof *s->rows, ascending);
	s->n_rows = 0;
	for (j = 0; j < kept; j++)
		if (j == 0 || s->rows[j] != s->rows[j - 1])
			s->rows[s->n_rows++] = s->rows[j];
}

int grpo__said_begin(grpo__said *s, grpo_reward_set *set,
		     const grpo__rollout *r, int64_t n_samples)
{
	int64_t n = n_samples < r->n_rows ? n_samples : r->n_rows;
	int rc = 0;

	s->n_rows = 0;
	s->no_memory = 0;
	if (set->is_lost) /* scoring will say so */
		return 0;
	GRPO_TRY(make_room(s, n + grpo__said_samples(r), r->n_rewards));
	s->n_rewards = r->n_rewards;
	choose_rows(s, r, n);
	s->outer = set->listener.explain;
	s->outer_ctx = set->listener.explain_ctx;
	GRPO_TRY(grpo_reward_set_explain(set, hear, s));
	s->set = set;
out:
	return rc;
}

/* A set that is lost is left as it is: a worker may still be in it. */
int grpo__said_end(grpo__said *s)
{
	if (s->set && !s->set->is_lost)
		grpo_reward_set_explain(s->set, s->outer, s->outer_ctx);
	s->set = NULL;
	if (s->no_memory)
		return grpo__fail(GRPO_ENOMEM, "out of memory");
	return 0;
}

const char *grpo__said_text(const grpo__said *s, int64_t row, int32_t k)
{
	const int64_t *found = find(s, row);
	const grpo__buf *b = found ? text_at(s, found - s->rows, k) : NULL;

	return b && b->len ? b->data : "";
}

void grpo__said_dispose(grpo__said *s)
{
	size_t i;

	for (i = 0; i < s->cap_text; i++)
		grpo__buf_dispose(&s->text[i]);
	free(s->text);
	free(s->rows);
	*s = (grpo__said){0};
}
