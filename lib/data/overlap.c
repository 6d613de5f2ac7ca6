/* SPDX-License-Identifier: MIT */
/*
 * Prompts that two datasets share.  The hashes of one are sorted; each row of
 * the other is looked up, and where a hash is found the texts are compared.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "core/fail.h"
#include "core/json.h"
#include "core/mem.h"
#include "grpo/dataset.h"

/* --------------------------------------------------- the text compared */

static int is_space(utf8proc_int32_t c)
{
	utf8proc_category_t k = utf8proc_category(c);

	return (c >= '\t' && c <= '\r') || c == 0x85 ||
	       k == UTF8PROC_CATEGORY_ZS || k == UTF8PROC_CATEGORY_ZL ||
	       k == UTF8PROC_CATEGORY_ZP;
}

static int put_point(grpo__buf *b, utf8proc_int32_t c)
{
	utf8proc_uint8_t bytes[4];
	utf8proc_ssize_t n;

	n = utf8proc_encode_char(utf8proc_tolower(c), bytes);
	return grpo__buf_add(b, bytes, (size_t)n);
}

/* Appends text in lower case, a space before each of its words. */
static int add_words(grpo__buf *b, const char *text, size_t len)
{
	const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)text;
	utf8proc_ssize_t n, left = (utf8proc_ssize_t)len;
	utf8proc_int32_t c;
	int space = 1, rc = 0;

	for (; left > 0; p += n, left -= n) {
		n = utf8proc_iterate(p, left, &c);
		GRPO_FAIL_IF(n < 1, GRPO_EFORMAT, "a prompt is not UTF-8");
		if (is_space(c)) {
			space = 1;
			continue;
		}
		if (space)
			GRPO_TRY(grpo__buf_add(b, " ", 1));
		space = 0;
		GRPO_TRY(put_point(b, c));
	}
out:
	return rc;
}

/* A system message says how to answer, not what the question is. */
static int add_message(grpo__buf *b, const cJSON *message)
{
	const char *role, *content;
	int rc = 0;

	GRPO_TRY(grpo__json_string(&role, message, "role", "prompt"));
	GRPO_TRY(grpo__json_string(&content, message, "content", "prompt"));
	if (strcmp(role, "system") != 0)
		GRPO_TRY(add_words(b, content, strlen(content)));
out:
	return rc;
}

static int add_messages(grpo__buf *b, const grpo_cell *prompt)
{
	cJSON *list = NULL;
	const cJSON *message;
	int rc = 0;

	GRPO_TRY(
	    grpo__json_parse(&list, prompt->json, prompt->json_len, "prompt"));
	cJSON_ArrayForEach(message, list) GRPO_TRY(add_message(b, message));
out:
	cJSON_Delete(list);
	return rc;
}

/* The text of a row to compare, and its line; empty if the row has no prompt.
 */
static int read_words(grpo__buf *b, int64_t *line, const grpo_dataset *d,
		      int64_t index)
{
	grpo_row row;
	int rc;

	b->len = 0;
	rc = grpo_dataset_read(d, &row, index);
	if (rc < 0)
		return rc;
	*line = row.line;
	if (row.prompt)
		rc = add_words(b, row.prompt, row.prompt_len);
	else if (row.prompt_json.json)
		rc = add_messages(b, &row.prompt_json);
	grpo_row_dispose(&row);
	return rc;
}

/* --------------------------------------------------------------- search */

struct mark {
	uint64_t hash;
	int64_t row;
};

struct search {
	const grpo_dataset *train, *held_out;
	struct mark *marks; /* [n] by hash, then row */
	size_t n;
	grpo__buf words, other; /* of the held-out row and of one to compare */
};

static uint64_t hash_words(const grpo__buf *b)
{
	uint64_t h = 0xcbf29ce484222325; /* FNV-1a, 64 bits */
	size_t i;

	for (i = 0; i < b->len; i++)
		h = (h ^ (unsigned char)b->data[i]) * 0x100000001b3;
	return h;
}

static int by_hash(const void *a, const void *b)
{
	const struct mark *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return (x->row > y->row) - (x->row < y->row);
}

static int mark_train(struct search *s)
{
	int64_t n = grpo_dataset_rows(s->train), i, line;
	int rc = 0;

	s->marks = grpo__alloc((size_t)n, sizeof *s->marks);
	GRPO_FAIL_IF(!s->marks, GRPO_ENOMEM, "out of memory");
	for (i = 0; i < n; i++) {
		GRPO_TRY(read_words(&s->words, &line, s->train, i));
		if (s->words.len > 0)
			s->marks[s->n++] =
			    (struct mark){hash_words(&s->words), i};
	}
	qsort(s->marks, s->n, sizeof *s->marks, by_hash);
out:
	return rc;
}

/* The first entry whose hash is not less than this one. */
static size_t find(const struct search *s, uint64_t hash)
{
	size_t low = 0, high = s->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->marks[middle].hash < hash)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Whether the words of pair->held_out_row stand in train; then also where. */
static int look_up(struct search *s, grpo_dataset_pair *pair, int *found)
{
	uint64_t hash;
	size_t i;
	int rc = 0;

	*found = 0;
	GRPO_TRY(read_words(&s->words, &pair->held_out_line, s->held_out,
			    pair->held_out_row));
	hash = hash_words(&s->words);
	for (i = find(s, hash); i < s->n && s->marks[i].hash == hash; i++) {
		pair->train_row = s->marks[i].row;
		GRPO_TRY(read_words(&s->other, &pair->train_line, s->train,
				    pair->train_row));
		*found = s->other.len == s->words.len && s->words.len > 0 &&
			 !memcmp(s->other.data, s->words.data, s->words.len);
		if (*found)
			break;
	}
out:
	return rc;
}

static int search(struct search *s, int64_t *n_rows, grpo_dataset_pair_fn fn,
		  void *ctx)
{
	grpo_dataset_pair pair = {.struct_size = sizeof pair};
	int64_t n = grpo_dataset_rows(s->held_out);
	int found, rc = 0;

	for (; pair.held_out_row < n; pair.held_out_row++) {
		GRPO_TRY(look_up(s, &pair, &found));
		*n_rows += found;
		if (found && fn)
			GRPO_TRY(fn(ctx, &pair));
	}
out:
	return rc;
}

int grpo_dataset_overlap(int64_t *n_rows, const grpo_dataset *train,
			 const grpo_dataset *held_out, grpo_dataset_pair_fn fn,
			 void *ctx)
{
	struct search s = {.train = train, .held_out = held_out};
	int64_t n = 0;
	int rc = 0;

	GRPO_TRY(mark_train(&s));
	GRPO_TRY(search(&s, &n, fn, ctx));
	if (n_rows)
		*n_rows = n;
out:
	grpo__buf_dispose(&s.words);
	grpo__buf_dispose(&s.other);
	free(s.marks);
	return rc;
}
