/* SPDX-License-Identifier: MIT */
/* Prompts that stand in the training file and in the held-out one. */
#include <check.h>
#include <string.h>
#include "grpo/dataset.h"
#include "grpo/error.h"
#include "tests/scratch.h"
#include "tests/suite.h"

struct found {
	int64_t lines[512][2]; /* train's, held-out's */
	int n, fail_at;
};

static int take_pair(void *ctx, const grpo_dataset_pair *pair)
{
	struct found *f = ctx;

	f->lines[f->n][0] = pair->train_line;
	f->lines[f->n++][1] = pair->held_out_line;
	ck_assert_int_ge(pair->train_line, pair->train_row + 1);
	ck_assert_int_ge(pair->held_out_line, pair->held_out_row + 1);
	return f->n == f->fail_at ? GRPO_ENOTFOUND : 0;
}

static grpo_dataset *open_text(const char *name, const char *text)
{
	grpo_dataset_options o;
	grpo_dataset *d;

	ck_assert_int_eq(grpo_dataset_options_init(&o), 0);
	o.prompt_optional = 1;
	ck_assert_msg(grpo_dataset_open(&d, scratch_text(name, text), &o) == 0,
		      "%s", grpo_error_message());
	return d;
}

static int64_t overlap(struct found *f, const char *train, const char *test)
{
	grpo_dataset *a = open_text("train.jsonl", train);
	grpo_dataset *b = open_text("test.jsonl", test);
	int64_t n = -1;

	ck_assert_int_eq(grpo_dataset_overlap(&n, a, b, take_pair, f), 0);
	grpo_dataset_free(a);
	grpo_dataset_free(b);
	ck_assert_int_eq(n, f->n);
	return n;
}

/* Whether the two prompts, as JSON, count as the same. */
static int same(const char *a, const char *b)
{
	struct found f = {.n = 0};
	char train[512], test[512];

	snprintf(train, sizeof train, "{\"prompt\": %s}", a);
	snprintf(test, sizeof test, "{\"prompt\": %s}", b);
	return overlap(&f, train, test) == 1;
}

START_TEST(a_row_in_both_is_found_with_both_lines)
{
	struct found f = {.n = 0};

	ck_assert_int_eq(overlap(&f,
				 "{\"prompt\": \"one\"}\n\n"
				 "{\"prompt\": \"two\"}\n"
				 "{\"prompt\": \"three\"}\n"
				 "{\"prompt\": \"two\"}\n",
				 "{\"prompt\": \"four\"}\n"
				 "{\"prompt\": \"two\", \"answer\": 1}\n"
				 "{\"prompt\": \"one\"}\n"),
			 2);
	ck_assert_int_eq(f.lines[0][0], 3);
	ck_assert_int_eq(f.lines[0][1], 2);
	ck_assert_int_eq(f.lines[1][0], 1);
	ck_assert_int_eq(f.lines[1][1], 3);
}
END_TEST

START_TEST(white_space_and_case_do_not_tell_prompts_apart)
{
	ck_assert(same("\"What is 2 + 3?\"", "\"what  is\\n2 +\\t3? \""));
	ck_assert(same("\" a\\u00a0b\"", "\"A B\\u2003\""));
	ck_assert(same("\"\\u00c9t\\u00e9\"", "\"\\u00e9T\\u00c9\""));
	ck_assert(!same("\"What is 2 + 3?\"", "\"What is 2 + 4?\""));
	ck_assert(!same("\"2 3\"", "\"23\""));
	ck_assert(!same("\"x\\u00b2\"", "\"x2\""));
	ck_assert(!same("\"a\"", "\"a b\""));
}
END_TEST

#define USER(text) "{\"role\": \"user\", \"content\": \"" text "\"}"
#define SYSTEM(text) "{\"role\": \"system\", \"content\": \"" text "\"}"

START_TEST(a_question_is_the_same_in_a_list_of_messages)
{
	ck_assert(same("\"Hi there\"", "[" USER("hi there") "]"));
	ck_assert(same("[" SYSTEM("Think.") ", " USER("Hi") "]",
		       "[" SYSTEM("Be brief.") ", " USER("Hi") "]"));
	ck_assert(!same("[" USER("Hi") "]", "[" USER("Hi") ", " USER("x") "]"));
}
END_TEST

START_TEST(rows_without_a_prompt_are_the_same_as_none)
{
	struct found f = {.n = 0};

	ck_assert_int_eq(overlap(&f, "{\"a\": 1}\n{\"prompt\": \" \"}",
				 "{\"a\": 1}\n{\"prompt\": \"\"}"),
			 0);
}
END_TEST

START_TEST(a_callback_that_fails_ends_the_search)
{
	grpo_dataset *d =
	    open_text("train.jsonl", "{\"prompt\": \"a\"}\n{\"prompt\": "
				     "\"b\"}\n{\"prompt\": \"c\"}\n");
	struct found f = {.fail_at = 2};
	int64_t n = 77;

	ck_assert_int_eq(grpo_dataset_overlap(&n, d, d, take_pair, &f),
			 GRPO_ENOTFOUND);
	ck_assert_int_eq(f.n, 2);
	ck_assert_int_eq(n, 77);
	ck_assert_int_eq(grpo_dataset_overlap(&n, d, d, NULL, NULL), 0);
	ck_assert_int_eq(n, 3);
	ck_assert_int_eq(grpo_dataset_overlap(NULL, d, d, NULL, NULL), 0);
	grpo_dataset_free(d);
}
END_TEST

/* Every held-out prompt against a plain search through all of train. */
START_TEST(overlap_of_many_rows_matches_a_full_comparison)
{
	enum { N = 300 };
	int train[N], test[N], i, k, want = 0, at = 0;
	struct found f = {.n = 0};
	char a[N * 24], b[N * 24];
	size_t n = 0, m = 0;

	for (i = 0; i < N; i++) {
		train[i] = i * 7919 % 1009;
		test[i] = i * 31 % 997;
		n += (size_t)snprintf(a + n, sizeof a - n,
				      "{\"prompt\": \"p%d\"}\n", train[i]);
		m += (size_t)snprintf(b + m, sizeof b - m,
				      "{\"prompt\": \"P%d\"}\n", test[i]);
	}
	for (i = 0; i < N; i++)
		for (k = 0; k < N; k++)
			want += test[i] == train[k];
	ck_assert_int_gt(want, 50);
	ck_assert_int_eq(overlap(&f, a, b), want);
	for (; at < want; at++)
		ck_assert_int_eq(test[f.lines[at][1] - 1],
				 train[f.lines[at][0] - 1]);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("overlap");
	TCase *tc = tcase_create("overlap");

	tcase_add_checked_fixture(tc, scratch_make, scratch_remove);
	tcase_add_test(tc, a_row_in_both_is_found_with_both_lines);
	tcase_add_test(tc, white_space_and_case_do_not_tell_prompts_apart);
	tcase_add_test(tc, a_question_is_the_same_in_a_list_of_messages);
	tcase_add_test(tc, rows_without_a_prompt_are_the_same_as_none);
	tcase_add_test(tc, a_callback_that_fails_ends_the_search);
	tcase_add_test(tc, overlap_of_many_rows_matches_a_full_comparison);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
