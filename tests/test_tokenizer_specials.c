/* SPDX-License-Identifier: MIT */
/*
 * Special tokens: which end a completion, which begins a text.
 */
#include "grpo/log.h"
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

START_TEST(an_end_token_past_the_vocabulary_is_refused)
{
	static const char *const files[] = {"generation_config.json",
					    "config.json"};
	char line[512];
	size_t i;

	write_parts(&(struct parts){0});
	for (i = 0; i < sizeof files / sizeof *files; i++) {
		scratch_text(files[i], "{\"eos_token_id\": [1, 6]}");
		expect_open_fails(GRPO_EFORMAT);
		snprintf(line, sizeof line,
			 "%s: \"eos_token_id\": 6 is not one of the 6 ids of "
			 "%s/tokenizer.json: correct it, or set it to null",
			 files[i], scratch_folder);
		assert_message_in_scratch(line);
		scratch_text(files[i], "{}");
	}
}
END_TEST

static void keep_line(void *ctx, int level, const char *text)
{
	ck_assert_int_eq(level, GRPO_LOG_WARN);
	snprintf(ctx, 512, "%s", text);
}

START_TEST(a_model_without_an_end_token_is_told)
{
	static const char *const none[] = {"{}", "{\"eos_token_id\": null}",
					   "{\"eos_token_id\": []}"};
	char line[512], want[512];
	size_t i;

	grpo_log_set(keep_line, line, GRPO_LOG_WARN);
	write_parts(&(struct parts){0});
	snprintf(want, sizeof want,
		 "%s/config.json: the model has no end token", scratch_folder);
	for (i = 0; i < sizeof none / sizeof *none; i++) {
		line[0] = 0;
		scratch_text("config.json", none[i]);
		grpo_tokenizer_free(open_path(scratch_folder));
		ck_assert_msg(strstr(line, want) == line, "%s", line);
		ck_assert_ptr_nonnull(strstr(line, "set \"eos_token_id\""));
	}
	line[0] = 0;
	scratch_text("tokenizer_config.json", "{\"eos_token\": \"c\"}");
	grpo_tokenizer_free(open_path(scratch_folder));
	ck_assert_str_eq(line, "");
	grpo_log_set(NULL, NULL, 0);
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
	tcase_add_test(tc, an_end_token_past_the_vocabulary_is_refused);
	tcase_add_test(tc, a_model_without_an_end_token_is_told);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
