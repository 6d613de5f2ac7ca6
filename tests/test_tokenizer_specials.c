/* SPDX-License-Identifier: MIT */
/*
 * Special tokens: which end a completion, which begins a text.
 */
#include "tests/tokenizer_rig.h"

static void expect_stops(const grpo_tokenizer *t, int n, const int32_t *want)
{
	const int32_t *ids;
	int i;

	ck_assert_int_eq(grpo_tokenizer_stops(t, &ids), n);
	for (i = 0; i < n; i++)
		ck_assert_int_eq(ids[i], want[i]);
}

START_TEST(without_other_files_nothing_ends_a_completion)
{
	grpo_tokenizer *t = open_parts(&(struct parts){0});

	expect_stops(t, 0, NULL);
	ck_assert_int_eq(grpo_tokenizer_bos(t), -1);
	grpo_tokenizer_free(t);
}
END_TEST

START_TEST(stops_are_the_union_of_the_three_files)
{
	grpo_tokenizer *t;

	scratch_text("generation_config.json", "{\"eos_token_id\": [4, 2]}");
	scratch_text("config.json", "{\"eos_token_id\": 2}");
	scratch_text("tokenizer_config.json",
		     "{\"bos_token\": \"a\", \"eos_token\": {\"content\": "
		     "\"c\", \"lstrip\": false}}");
	t = open_parts(&(struct parts){0});
	expect_stops(t, 3, (const int32_t[]){4, 2, 5});
	ck_assert_int_eq(grpo_tokenizer_bos(t), 0);
	grpo_tokenizer_free(t);
	/* Also by the path of the file, and with nothing to say. */
	scratch_text("generation_config.json", "{\"eos_token_id\": null}");
	scratch_text("tokenizer_config.json",
		     "{\"bos_token\": null, \"eos_token\": \"b\"}");
	t = open_path(scratch_path("tokenizer.json"));
	expect_stops(t, 2, (const int32_t[]){2, 1});
	ck_assert_int_eq(grpo_tokenizer_bos(t), -1);
	grpo_tokenizer_free(t);
}
END_TEST

START_TEST(special_tokens_that_make_no_sense_are_refused)
{
	static const struct {
		const char *file, *text, *message;
	} cases[] = {
	    {"config.json", "{\"eos_token_id\": -1}",
	     "config.json: \"eos_token_id\": expected an id or a list of "
	     "ids"},
	    {"config.json", "{\"eos_token_id\": \"2\"}",
	     "config.json: \"eos_token_id\": expected an id or a list of "
	     "ids"},
	    {"generation_config.json", "{\"eos_token_id\": [1, 2.5]}",
	     "generation_config.json: \"eos_token_id\": expected an id or "
	     "a list of ids"},
	    {"tokenizer_config.json", "{\"eos_token\": 2}",
	     "tokenizer_config.json: \"eos_token\": expected a token"},
	    {"tokenizer_config.json", "{\"bos_token\": {}}",
	     "tokenizer_config.json: \"bos_token\": expected a token"},
	    {"tokenizer_config.json", "[]",
	     "tokenizer_config.json: expected an object"},
	};
	size_t i;

	write_parts(&(struct parts){0});
	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		scratch_text(cases[i].file, cases[i].text);
		expect_open_fails(GRPO_EFORMAT);
		assert_message_in_scratch(cases[i].message);
		scratch_text(cases[i].file, "{}");
	}
}
END_TEST

START_TEST(a_special_token_that_does_not_exist_is_refused)
{
	char line[512];

	write_parts(&(struct parts){0});
	scratch_text("tokenizer_config.json", "{\"eos_token\": \"</s>\"}");
	expect_open_fails(GRPO_EFORMAT);
	snprintf(line, sizeof line,
		 "tokenizer_config.json: \"eos_token\": \"</s>\" is not in "
		 "%s/tokenizer.json",
		 scratch_folder);
	assert_message_in_scratch(line);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("tokenizer_specials");
	TCase *tc = tcase_create("files");

	tcase_add_checked_fixture(tc, scratch_make, scratch_remove);
	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, without_other_files_nothing_ends_a_completion);
	tcase_add_test(tc, stops_are_the_union_of_the_three_files);
	tcase_add_test(tc, special_tokens_that_make_no_sense_are_refused);
	tcase_add_test(tc, a_special_token_that_does_not_exist_is_refused);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
