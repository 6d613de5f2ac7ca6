/* SPDX-License-Identifier: MIT */
/*
 * Ids and decoded text against Hugging Face's tokenizers, on tokenizers of
 * the kinds that models have; recorded by tests/golden/make_tokenizer.py.
 */
#include <check.h>
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grpo/error.h"
#include "grpo/tokenizer.h"
#include "tests/suite.h"

#define FOLDER "tests/golden/tokenizer"
#define MAX_LINES 1024

static const char *const names[] = {"qwen2",   "llama3", "deepseek", "gpt2",
				    "smollm2", "gpt4o",  "added",    "splits"};

/* The values of a JSON Lines file. */
struct lines {
	cJSON *value[MAX_LINES];
	int n;
};

static char *read_all(const char *path)
{
	FILE *f = fopen(path, "rb");
	size_t size = 1 << 20, n;
	char *text = malloc(size);

	ck_assert_msg(f != NULL, "%s: run from the repository's root", path);
	n = fread(text, 1, size - 1, f);
	ck_assert_uint_lt(n, size - 1);
	fclose(f);
	text[n] = 0;
	return text;
}

static void read_lines(struct lines *l, const char *path)
{
	char *text = read_all(path), *s = text, *end;

	for (l->n = 0; *s; s = end + 1) {
		end = strchr(s, '\n');
		ck_assert_ptr_nonnull(end);
		*end = 0;
		ck_assert_int_lt(l->n, MAX_LINES);
		l->value[l->n] = cJSON_Parse(s);
		ck_assert_msg(l->value[l->n] != NULL, "%s:%d", path, l->n + 1);
		l->n++;
	}
	free(text);
}

static void free_lines(struct lines *l)
{
	while (l->n > 0)
		cJSON_Delete(l->value[--l->n]);
}

static int32_t *ids_of(const cJSON *vector, int *n)
{
	const cJSON *list = cJSON_GetObjectItem(vector, "ids");
	int32_t *ids;
	int i;

	*n = cJSON_GetArraySize(list);
	ids = malloc(((size_t)*n + 1) * sizeof *ids);
	for (i = 0; i < *n; i++)
		ids[i] = cJSON_GetArrayItem(list, i)->valueint;
	return ids;
}

static void check_encoded(const grpo_tokenizer *t, const char *text,
			  const int32_t *want, int n_want)
{
	int32_t *ids;
	int64_t n;
	int i;

	ck_assert_msg(grpo_tokenizer_encode(t, &ids, &n, text, strlen(text)) ==
			  0,
		      "%s", grpo_error_message());
	for (i = 0; i < n_want && i < n; i++)
		ck_assert_msg(
		    ids[i] == want[i], "%s: id %d is %d, expected %d, of: %s",
		    grpo_tokenizer_path(t), i, (int)ids[i], (int)want[i], text);
	ck_assert_msg(n == n_want, "%s: %d ids, expected %d, of: %s",
		      grpo_tokenizer_path(t), (int)n, n_want, text);
	free(ids);
}

/* `key` of the vector, or the text where it is left out. */
static void check_decoded(const grpo_tokenizer *t, const cJSON *vector,
			  const char *key, int skip, const char *text)
{
	const cJSON *item = cJSON_GetObjectItem(vector, key);
	const char *want = item ? item->valuestring : text;
	int32_t *ids;
	size_t len;
	char *got;
	int n;

	ck_assert_ptr_nonnull(want);
	ids = ids_of(vector, &n);
	ck_assert_msg(grpo_tokenizer_decode(t, &got, &len, ids, n, skip) == 0,
		      "%s", grpo_error_message());
	ck_assert_msg(strcmp(got, want) == 0,
		      "%s (%s): \"%s\", expected \"%s\"",
		      grpo_tokenizer_path(t), key, got, want);
	ck_assert_uint_eq(len, strlen(want));
	free(got);
	free(ids);
}

struct golden {
	grpo_tokenizer *t;
	struct lines texts, vectors;
};

static void open_golden(struct golden *g, const char *name)
{
	char path[128];

	read_lines(&g->texts, FOLDER "/texts.jsonl");
	snprintf(path, sizeof path, FOLDER "/%s/vectors.jsonl", name);
	read_lines(&g->vectors, path);
	ck_assert_int_gt(g->texts.n, 200);
	ck_assert_int_gt(g->vectors.n, g->texts.n);
	snprintf(path, sizeof path, FOLDER "/%s", name);
	ck_assert_msg(grpo_tokenizer_open(&g->t, path) == 0, "%s",
		      grpo_error_message());
}

static void close_golden(struct golden *g)
{
	grpo_tokenizer_free(g->t);
	free_lines(&g->texts);
	free_lines(&g->vectors);
}

START_TEST(ids_are_those_of_tokenizers)
{
	struct golden g;
	int32_t *want;
	int i, n;

	open_golden(&g, names[_i]);
	for (i = 0; i < g.texts.n; i++) {
		want = ids_of(g.vectors.value[i], &n);
		check_encoded(g.t, g.texts.value[i]->valuestring, want, n);
		free(want);
	}
	close_golden(&g);
}
END_TEST

START_TEST(decoded_text_is_that_of_tokenizers)
{
	struct golden g;
	const char *text;
	int i;

	open_golden(&g, names[_i]);
	for (i = 0; i < g.vectors.n; i++) {
		text = i < g.texts.n ? g.texts.value[i]->valuestring : NULL;
		check_decoded(g.t, g.vectors.value[i], "all", 0, text);
		check_decoded(g.t, g.vectors.value[i], "skip", 1, text);
	}
	close_golden(&g);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("golden_tokenizer");
	TCase *tc = tcase_create("vectors");
	int n = (int)(sizeof names / sizeof *names);

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, ids_are_those_of_tokenizers, 0, n);
	tcase_add_loop_test(tc, decoded_text_is_that_of_tokenizers, 0, n);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
