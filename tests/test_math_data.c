/* SPDX-License-Identifier: MIT */
/*
 * The math reward on real data: Math-Verify's own cases, and the references of
 * MATH and GSM8K.  DATA names the folder that holds
 *
 *	math/mathverify_cases.jsonl, math/train.jsonl, math/math500.jsonl,
 *	gsm8k/train.jsonl, gsm8k/test.jsonl
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/json.h"
#include "core/mem.h"
#include "grpo/dataset.h"
#include "grpo/error.h"
#include "grpo/reward_set.h"
#include "tests/suite.h"

static void ok(int rc)
{
	if (rc != 0)
		ck_abort_msg("%d: %s", rc, grpo_error_message());
}

static grpo_reward_set *math(const char *params)
{
	grpo_reward_set *set;

	ok(grpo_reward_set_create(&set, 1));
	ok(grpo_reward_set_add(set, "math", 1, params));
	return set;
}

/* Rows that are scored at once. */
struct batch {
	grpo_reward_row *rows;
	grpo_str *cells; /* "answer" of each, and its text */
	int64_t n, cap;
	double *rewards;
	uint8_t *status;
};

static const grpo_str answer_column = {"answer", 6};

static char *copy(const char *text, size_t len)
{
	char *p = grpo__strndup(text, len);

	ck_assert_ptr_nonnull(p);
	return p;
}

/* Takes the completion; the answer is JSON text. */
static void add(struct batch *b, char *completion, const char *json, size_t len)
{
	if (b->n == b->cap) {
		b->cap = b->cap ? 2 * b->cap : 512;
		b->rows = realloc(b->rows, (size_t)b->cap * sizeof *b->rows);
		b->cells = realloc(b->cells, (size_t)b->cap * sizeof *b->cells);
		ck_assert(b->rows && b->cells);
	}
	b->cells[b->n] = (grpo_str){copy(json, len), len};
	b->rows[b->n] =
	    (grpo_reward_row){.struct_size = sizeof *b->rows,
			      .completion = {completion, strlen(completion)},
			      .group = (uint32_t)b->n,
			      .group_size = 1,
			      .columns = &answer_column,
			      .n_columns = 1};
	b->n++;
}

static void score(struct batch *b, grpo_reward_set *set)
{
	b->rewards = grpo__alloc((size_t)b->n, sizeof *b->rewards);
	b->status = grpo__alloc((size_t)b->n, 1);
	ck_assert(b->rewards && b->status);
	ok(grpo_reward_set_begin(set, b->n));
	for (int64_t i = 0; i < b->n; i++) {
		b->rows[i].cells = &b->cells[i];
		ok(grpo_reward_set_submit(set, i, &b->rows[i]));
	}
	ok(grpo_reward_set_wait(set, b->rewards, b->status));
	grpo_reward_set_free(set);
}

static void dispose(struct batch *b)
{
	for (int64_t i = 0; i < b->n; i++) {
		free((char *)b->rows[i].completion.ptr);
		free((char *)b->cells[i].ptr);
	}
	free(b->rows);
	free(b->cells);
	free(b->rewards);
	free(b->status);
}

/* A file of DATA, or NULL. */
static grpo_jsonl *open_data(const char *name)
{
	const char *data = getenv("DATA");
	char path[4096];
	grpo_jsonl *file;

	if (!data) {
		printf("skipped: DATA is not set, %s\n", name);
		return NULL;
	}
	snprintf(path, sizeof path, "%s/%s", data, name);
	ok(grpo_jsonl_open(&file, path));
	return file;
}

/* ----------------------------------------------------- Math-Verify's cases */

/* What its tests ask for beside its defaults, and one where it is wrong. */
static const struct special {
	int id, wrong;
	const char *params;
} specials[] = {
    /* formulas alone, of which this is none */
    {31, 0, "{\"extract\": [\"boxed\", \"answer\", \"math\"]}"},
    {134, 0, "{\"digits\": 2}"},           /* rounded to two digits */
    {188, 0, "{\"inequalities\": false}"}, /* an interval was asked for */
    {257, 0, "{\"names\": true}"},
    {258, 0, "{\"names\": false}"},
    {278, 1, "{}"}, /* 1 - 1/e is not 1 + 1/e */
};
#define N_SPECIALS (sizeof specials / sizeof *specials)

static const struct special *special_of(int id)
{
	static const struct special none = {0, 0, "{}"};

	for (size_t i = 0; i < N_SPECIALS; i++)
		if (specials[i].id == id)
			return &specials[i];
	return &none;
}

struct group {
	char name[64];
	int n, n_right, agreed;
};

#define MAX_GROUPS 64
struct table {
	struct group groups[MAX_GROUPS];
	int n, n_cases, n_wrong;
};

static struct group *group_of(struct table *t, const char *name)
{
	for (int i = 0; i < t->n; i++)
		if (strcmp(t->groups[i].name, name) == 0)
			return &t->groups[i];
	ck_assert_int_lt(t->n, MAX_GROUPS);
	snprintf(t->groups[t->n].name, sizeof t->groups->name, "%s", name);
	return &t->groups[t->n++];
}

static const char *text_of(const cJSON *json, const char *key)
{
	const char *text =
	    cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, key));

	ck_assert_ptr_nonnull(text);
	return text;
}

static int number_of(const cJSON *json, const char *key)
{
	const cJSON *p = cJSON_GetObjectItemCaseSensitive(json, key);

	ck_assert(cJSON_IsNumber(p));
	return (int)p->valuedouble;
}

static void check_case(struct table *t, const cJSON *json,
		       const grpo_cell *gold)
{
	const struct special *s = special_of(number_of(json, "id"));
	struct group *g = group_of(t, text_of(json, "group"));
	const char *pred = text_of(json, "pred");
	int expected = number_of(json, "expected") ^ s->wrong;
	struct batch b = {0};

	add(&b, copy(pred, strlen(pred)), gold->json, gold->json_len);
	score(&b, math(s->params));
	g->n++;
	g->n_right += expected;
	g->agreed += b.rewards[0] == expected;
	if (b.rewards[0] != expected) {
		printf("case %d: \"%s\" and \"%s\": reward %g, status %d\n",
		       number_of(json, "id"), text_of(json, "gold"), pred,
		       b.rewards[0], b.status[0]);
		t->n_wrong++;
	}
	t->n_cases++;
	dispose(&b);
}

static void print_table(const struct table *t)
{
	printf("%-52s %5s %5s %7s\n", "group", "cases", "right", "agreed");
	for (int i = 0; i < t->n; i++)
		printf("%-52s %5d %5d %7d\n", t->groups[i].name, t->groups[i].n,
		       t->groups[i].n_right, t->groups[i].agreed);
	printf("%-52s %5d %5s %7d\n", "all", t->n_cases, "",
	       t->n_cases - t->n_wrong);
}

START_TEST(the_cases_of_math_verify_get_its_verdicts)
{
	grpo_jsonl *file = open_data("math/mathverify_cases.jsonl");
	struct table t = {.n = 0};
	grpo_row row;
	int rc;

	if (!file)
		return;
	while ((rc = grpo_jsonl_next(file, &row)) > 0) {
		cJSON *json;

		ok(grpo__json_parse(&json, row.text, row.text_len, "case"));
		check_case(&t, json, grpo_row_cell(&row, "gold"));
		cJSON_Delete(json);
		grpo_row_dispose(&row);
	}
	ok(rc);
	grpo_jsonl_free(file);
	print_table(&t);
	ck_assert_int_eq(t.n_cases, 269);
	ck_assert_int_eq(t.n_wrong, 0);
}
END_TEST

/* ------------------------------------------------------- every reference */

static const struct {
	const char *file, *before, *after; /* around the answer */
	int n, unusable;                   /* the rows, and of them without an
					      answer */
} references[] = {
    {"math/train.jsonl", "\\boxed{", "}", 7474, 4},
    {"math/train.jsonl", "", "", 7474, 4},
    {"math/train.jsonl", "We add 3 and 4. The answer is ", "", 7474, 4},
    {"math/math500.jsonl", "\\boxed{", "}", 500, 0},
    {"math/math500.jsonl", "", "", 500, 0},
    {"gsm8k/train.jsonl", "", "", 7473, 0},
    {"gsm8k/test.jsonl", "", "", 1319, 0},
};
#define N_REFERENCES (int)(sizeof references / sizeof *references)

static void add_reference(struct batch *b, const grpo_row *row, int which)
{
	const grpo_cell *cell = grpo_row_cell(row, "answer");
	char *answer, *completion;
	size_t size;

	ck_assert_ptr_nonnull(cell);
	if (grpo_cell_text(&answer, NULL, cell) < 0)
		answer = copy("", 0); /* null */
	size = strlen(references[which].before) + strlen(answer) +
	       strlen(references[which].after) + 1;
	completion = malloc(size);
	ck_assert_ptr_nonnull(completion);
	snprintf(completion, size, "%s%s%s", references[which].before, answer,
		 references[which].after);
	add(b, completion, cell->json, cell->json_len);
	free(answer);
}

START_TEST(every_reference_is_read_and_equal_to_itself)
{
	grpo_jsonl *file = open_data(references[_i].file);
	struct batch b = {0};
	int missing = 0, wrong = 0, rc;
	grpo_row row;

	if (!file)
		return;
	while ((rc = grpo_jsonl_next(file, &row)) > 0) {
		add_reference(&b, &row, _i);
		grpo_row_dispose(&row);
	}
	ok(rc);
	grpo_jsonl_free(file);
	score(&b, math(NULL));
	for (int64_t i = 0; i < b.n; i++) {
		missing += b.status[i] == GRPO_REWARD_MISSING;
		if (b.status[i] == GRPO_REWARD_MISSING || b.rewards[i] == 1)
			continue;
		printf("%s:%d: \"%.300s\": status %d\n", references[_i].file,
		       (int)i + 1, b.rows[i].completion.ptr, b.status[i]);
		wrong++;
	}
	ck_assert_int_eq(b.n, references[_i].n);
	ck_assert_int_eq(missing, references[_i].unusable);
	ck_assert_int_eq(wrong, 0);
	dispose(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("math data");
	TCase *t = tcase_create("math data");

	tcase_set_timeout(t, 300);
	tcase_add_test(t, the_cases_of_math_verify_get_its_verdicts);
	tcase_add_loop_test(t, every_reference_is_read_and_equal_to_itself, 0,
			    N_REFERENCES);
	suite_add_tcase(s, t);
	return run_suite(s);
}
