/* SPDX-License-Identifier: MIT */
/*
 * Merges, the splits before them, added tokens: what golden_tokenizer.c, which
 * compares with Hugging Face's library, does not see.
 */
#include "tests/tokenizer_rig.h"

START_TEST(merges_are_read_in_both_layouts)
{
	static const char *const models[] = {
	    MODEL(""),
	    "{\"vocab\": {\"a\": 0, \"b\": 1, \"ab\": 2, \"aba\": 4}, "
	    "\"merges\": [[\"a\", \"b\"], [\"ab\", \"a\"]]}",
	    "{\"vocab\": {\"a\": 0, \"b\": 1, \"ab\": 2, \"aba\": 4}, "
	    "\"merges\": [\"#version: 0.2\", \"a b\", \"ab a\"]}"};
	size_t i;

	for (i = 0; i < 3; i++)
		expect_ids_of(&(struct parts){.model = models[i]}, "ababaab",
			      "2 4 2");
}
END_TEST

START_TEST(a_byte_without_a_token_is_dropped_or_unknown)
{
	expect_ids_of(&(struct parts){0}, "a!b!!a", "4");
	expect_ids_of(&(struct parts){.model = MODEL("\"unk_token\": \"c\", ")},
		      "a!b!!a", "0 5 1 5 5 0");
	expect_ids_of(&(struct parts){.model = MODEL("\"unk_token\": \"c\", "
						     "\"fuse_unk\": true, ")},
		      "a!b!!a!", "0 5 1 5 0 5");
}
END_TEST

START_TEST(a_word_of_a_megabyte_takes_no_quadratic_time)
{
	grpo_tokenizer *t = open_parts(&(struct parts){0});
	size_t len = 1000000, i;
	char *text = malloc(len);
	int32_t *ids;
	int64_t n;

	for (i = 0; i < len; i++)
		text[i] = i % 2 ? 'b' : 'a';
	ck_assert_int_eq(grpo_tokenizer_encode(t, &ids, &n, text, len), 0);
	ck_assert_int_eq(n, 500000);
	for (i = 0; i < 500000; i++)
		ck_assert_int_eq(ids[i], 2);
	free(ids);
	free(text);
	grpo_tokenizer_free(t);
}
END_TEST

START_TEST(an_empty_pattern_splits_every_character)
{
	expect_ids_of(&(struct parts){0}, "ab", "2");
	expect_ids_of(&(struct parts){.pre_tokenizer = SPLIT("")}, "ab", "0 1");
}
END_TEST

START_TEST(a_text_that_is_removed_whole_has_no_ids)
{
	struct parts p = {.pre_tokenizer = SPLIT_AS("Removed", "a*")};

	expect_ids_of(&p, "aa", "");
	expect_ids_of(&p, "aba", "1");
}
END_TEST

START_TEST(a_regular_expression_that_explodes_is_an_error)
{
	grpo_tokenizer *t =
	    open_parts(&(struct parts){.pre_tokenizer = SPLIT("(?:a+|b)+c")});
	const char *text = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaad c";
	int32_t *ids = (int32_t *)&t;
	int64_t n = 7;

	expect_ids(t, "aaac", "0 0 0 5");
	ck_assert_int_eq(grpo_tokenizer_encode(t, &ids, &n, text, 33),
			 GRPO_EFORMAT);
	ck_assert_ptr_null(ids);
	ck_assert_int_eq(n, 7);
	ck_assert_str_eq(grpo_error_message(),
			 "the pre-tokenizer's regular expression failed on a "
			 "text of 33 bytes: match limit exceeded");
	grpo_tokenizer_free(t);
}
END_TEST

START_TEST(a_deep_match_does_not_run_over_the_stack)
{
	grpo_tokenizer *t =
	    open_parts(&(struct parts){.pre_tokenizer = SPLIT("(?:a|b)+c")});
	size_t len = 4000000;
	char *text = malloc(len);
	int32_t *ids = NULL;
	int64_t n = 0;

	memset(text, 'a', len);
	text[99999] = 'c'; /* more than the machine's stack, less than ours */
	ck_assert_int_eq(grpo_tokenizer_encode(t, &ids, &n, text, 100000), 0);
	ck_assert_int_eq(n, 100000);
	free(ids);
	memset(text, 'a', len);
	text[len - 1] = 'c';
	if (grpo_tokenizer_encode(t, &ids, &n, text, len) < 0)
		ck_assert_ptr_nonnull(
		    strstr(grpo_error_message(), "failed on a text"));
	free(ids);
	free(text);
	grpo_tokenizer_free(t);
}
END_TEST

#define ADDED(content, more)                                                   \
	"{\"content\": \"" content "\", \"single_word\": false, "              \
	"\"lstrip\": false, \"rstrip\": false, \"special\": false, "           \
	"\"normalized\": false" more "}"

START_TEST(added_tokens_are_numbered_as_tokenizers_does)
{
	struct parts p = {
	    .added = "[" ADDED("<x>", ", \"id\": 9") ", " ADDED(
		"ab", ", \"id\": 2") ", " ADDED("<y>", ", \"id\": 7") "]"};
	grpo_tokenizer *t = open_parts(&p);

	ck_assert_int_eq(grpo_tokenizer_id(t, "<x>"), 6);
	ck_assert_int_eq(grpo_tokenizer_id(t, "ab"), 2);
	ck_assert_int_eq(grpo_tokenizer_id(t, "<y>"), 7);
	ck_assert_int_eq(grpo_tokenizer_id(t, "<z>"), -1);
	ck_assert_int_eq(grpo_tokenizer_id(t, ""), -1);
	ck_assert_int_eq(grpo_tokenizer_size(t), 8);
	expect_ids(t, "a<y>b<x>aba", "0 7 1 6 2 0");
	grpo_tokenizer_free(t);
}
END_TEST

START_TEST(the_leftmost_then_longest_added_token_is_taken)
{
	struct parts p = {
	    .added = "[" ADDED("aa", "") ", " ADDED("aab", "") ", " ADDED(
		"abbb", "") ", " ADDED("b<", "") "]"};
	grpo_tokenizer *t = open_parts(&p);

	expect_ids(t, "aaa", "6 0");
	expect_ids(t, "aabbb", "7 1 1");
	expect_ids(t, "abbb<", "8");
	expect_ids(t, "ab<", "0 9");
	grpo_tokenizer_free(t);
}
END_TEST

START_TEST(an_added_token_is_no_whole_word_of_ignore_merges)
{
	struct parts p = {
	    .model = MODEL("\"ignore_merges\": true, "),
	    .pre_tokenizer = SPLIT("b"),
	    .added = "[{\"content\": \"ca\", \"single_word\": true, "
		     "\"lstrip\": false, \"rstrip\": false, \"special\": "
		     "false, \"normalized\": true}]"};

	expect_ids_of(&p, "cab ca", "5 0 1 3 6");
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("tokenizer_model");
	TCase *tc = tcase_create("models");

	tcase_add_checked_fixture(tc, scratch_make, scratch_remove);
	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, merges_are_read_in_both_layouts);
	tcase_add_test(tc, a_byte_without_a_token_is_dropped_or_unknown);
	tcase_add_test(tc, a_word_of_a_megabyte_takes_no_quadratic_time);
	tcase_add_test(tc, an_empty_pattern_splits_every_character);
	tcase_add_test(tc, a_text_that_is_removed_whole_has_no_ids);
	tcase_add_test(tc, a_regular_expression_that_explodes_is_an_error);
	tcase_add_test(tc, a_deep_match_does_not_run_over_the_stack);
	tcase_add_test(tc, added_tokens_are_numbered_as_tokenizers_does);
	tcase_add_test(tc, the_leftmost_then_longest_added_token_is_taken);
	tcase_add_test(tc, an_added_token_is_no_whole_word_of_ignore_merges);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
