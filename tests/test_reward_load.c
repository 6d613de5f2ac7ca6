/* SPDX-License-Identifier: MIT */
/* Finding, loading and opening plug-ins. */
#define _POSIX_C_SOURCE 200809L

#include <math.h>
#include "core/file.h"
#include "reward_rig.h"

/* Adding `plugin` fails with `code` and leaves the set empty. */
static inline void expect_refused(const char *path, const char *params,
				  int code, const char *message)
{
	grpo_reward_set *set;

	ok(grpo_reward_set_create(&set, 1));
	ck_assert_int_eq(grpo_reward_set_add(set, path, 1, params), code);
	expect_message(message);
	ck_assert_int_eq(grpo_reward_set_count(set), 0);
	grpo_reward_set_free(set);
}

START_TEST(a_path_that_is_not_there_is_not_found)
{
	expect_refused("/nowhere/x.so", NULL, GRPO_ENOTFOUND,
		       "reward \"/nowhere/x.so\": no such file");
}
END_TEST

START_TEST(an_unknown_name_lists_every_folder_that_was_looked_in)
{
	setenv("GRPO_REWARD_PATH", "/first/a::/second/b", 1);
	expect_refused("nosuch", NULL, GRPO_ENOTFOUND,
		       "reward \"nosuch\": no nosuch.so in /first/a, "
		       "/second/b, ");
	expect_refused("nosuch", NULL, GRPO_ENOTFOUND, program_folder());
	expect_refused("nosuch", NULL, GRPO_ENOTFOUND, "/rewards, ");
	expect_refused("nosuch", NULL, GRPO_ENOTFOUND, "/../rewards, ");
	expect_refused("nosuch", NULL, GRPO_ENOTFOUND, "/../lib/grpo/rewards");
}
END_TEST

START_TEST(a_file_name_without_a_slash_hints_at_the_slash)
{
	expect_refused("my_reward.so", NULL, GRPO_ENOTFOUND,
		       "a path needs a slash");
}
END_TEST

START_TEST(a_name_is_found_in_the_folders_of_the_environment)
{
	char path[PATH_BYTES + 64];
	grpo_reward_set *set;

	snprintf(path, sizeof path, "/nowhere::%s/plugins:", program_folder());
	setenv("GRPO_REWARD_PATH", path, 1);
	ok(grpo_reward_set_create(&set, 1));
	ok(grpo_reward_set_add(set, "echo_length", 0.5, NULL));
	ok(grpo_reward_set_add(set, "older_table", -2, "{}"));
	ck_assert_int_eq(grpo_reward_set_count(set), 2);
	ck_assert_str_eq(grpo_reward_set_name(set, 0), "echo_length");
	ck_assert_str_eq(grpo_reward_set_name(set, 1), "older_table");
	ck_assert_ptr_null(grpo_reward_set_name(set, 2));
	ck_assert_ptr_null(grpo_reward_set_name(set, -1));
	ck_assert_double_eq(grpo_reward_set_weights(set)[0], 0.5);
	ck_assert_double_eq(grpo_reward_set_weights(set)[1], -2);
	grpo_reward_set_free(set);
}
END_TEST

START_TEST(our_own_rewards_are_found_beside_the_program)
{
	grpo_reward_set *set;

	unsetenv("GRPO_REWARD_PATH");
	ok(grpo_reward_set_create(&set, 1));
	ok(grpo_reward_set_add(set, "format", 1, "{\"mode\": \"soft\"}"));
	ok(grpo_reward_set_add(set, "countdown", 1, NULL));
	grpo_reward_set_free(set);
}
END_TEST

START_TEST(an_empty_name_is_refused)
{
	expect_refused("", NULL, GRPO_EINVAL, "needs a name");
	expect_refused(NULL, NULL, GRPO_EINVAL, "needs a name");
}
END_TEST

START_TEST(another_major_version_is_named)
{
	expect_refused(plugin_path("wrong_major"), NULL, GRPO_EABI,
		       "wrong_major.so: was built for reward ABI 2, this "
		       "library supports 1");
}
END_TEST

START_TEST(a_library_without_the_symbol_is_refused)
{
	expect_refused(plugin_path("no_symbol"), NULL, GRPO_EABI,
		       "no symbol grpo_reward_plugin_v1");
}
END_TEST

START_TEST(a_file_that_is_no_library_is_refused)
{
	char path[] = "/tmp/grpo-reward-XXXXXX";
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, "text", 4), 4);
	close(fd);
	expect_refused(path, NULL, GRPO_EABI, "cannot load ");
	unlink(path);
}
END_TEST

START_TEST(a_table_without_required_fields_is_refused)
{
	expect_refused(plugin_path("null_table"), NULL, GRPO_EABI,
		       "its table is NULL");
	expect_refused(plugin_path("short_table"), NULL, GRPO_EABI,
		       "its table has 32 bytes, at least ");
	expect_refused(plugin_path("null_score"), NULL, GRPO_EABI,
		       "no score function");
	expect_refused(plugin_path("bad_name"), NULL, GRPO_EABI,
		       "no name of letters");
}
END_TEST

START_TEST(a_failing_open_says_the_last_error_line)
{
	expect_refused(plugin_path("fails_open"), NULL, GRPO_EREWARD,
		       "reward \"fails_open\": open failed: "
		       "no verifier found");
}
END_TEST

START_TEST(an_open_that_fails_in_silence_is_reported)
{
	expect_refused(plugin_path("fails_open"), "{\"quiet\": true}",
		       GRPO_EREWARD, "it returned -3 and did not say why");
}
END_TEST

START_TEST(params_that_are_no_json_object_are_refused)
{
	const char *path = plugin_path("echo_length");

	expect_refused(path, "[1]", GRPO_EFORMAT,
		       "parameters of reward \"echo_length\": expected a JSON "
		       "object");
	expect_refused(path, "{\"a\": 1", GRPO_EFORMAT,
		       "parameters of reward \"echo_length\"");
	expect_refused(path, "", GRPO_EFORMAT, "echo_length");
	expect_refused(path, "{\"a\": 1, \"a\": 2}", GRPO_EFORMAT,
		       "echo_length");
}
END_TEST

START_TEST(a_weight_that_is_not_finite_is_refused)
{
	grpo_reward_set *set;

	ok(grpo_reward_set_create(&set, 1));
	ck_assert_int_eq(
	    grpo_reward_set_add(set, plugin_path("echo_length"), NAN, NULL),
	    GRPO_EINVAL);
	expect_message("not finite");
	grpo_reward_set_free(set);
}
END_TEST

START_TEST(a_number_of_threads_that_makes_no_sense_is_refused)
{
	grpo_reward_set *set = (grpo_reward_set *)1;

	ck_assert_int_eq(grpo_reward_set_create(&set, -1), GRPO_EINVAL);
	ck_assert_ptr_null(set);
	ck_assert_int_eq(grpo_reward_set_create(&set, 1 << 20), GRPO_EINVAL);
	ok(grpo_reward_set_create(&set, 0)); /* one */
	grpo_reward_set_free(set);
	grpo_reward_set_free(NULL);
}
END_TEST

START_TEST(warnings_of_a_plugin_reach_the_log_with_its_name)
{
	struct log_lines log;

	keep_log(&log, GRPO_LOG_WARN);
	expect_refused(plugin_path("fails_open"), NULL, GRPO_EREWARD, "");
	ck_assert_int_eq(log.n, 1);
	ck_assert_str_eq(log.last, "fails_open: only a warning");
	grpo_log_set(NULL, NULL, 0);
}
END_TEST

START_TEST(several_of_one_plugin_have_names_of_their_own)
{
	grpo_reward_set *set =
	    SET(1, "echo_length", "older_table", "echo_length", "echo_length");
	const char *first = grpo_reward_set_name(set, 0);

	ck_assert_str_eq(first, "echo_length");
	ck_assert_str_eq(grpo_reward_set_name(set, 1), "older_table");
	ck_assert_str_eq(grpo_reward_set_name(set, 2), "echo_length-2");
	ck_assert_str_eq(grpo_reward_set_name(set, 3), "echo_length-3");
	ok(grpo_reward_set_add(set, plugin_path("older_table"), 1, NULL));
	ck_assert_ptr_eq(grpo_reward_set_name(set, 0), first);
	ck_assert_str_eq(grpo_reward_set_name(set, 4), "older_table-2");
	grpo_reward_set_free(set);
}
END_TEST

START_TEST(a_message_says_which_of_several_it_is_about)
{
	grpo_reward_set *set = SET(1, "echo_length");

	ck_assert_int_eq(
	    grpo_reward_set_add(set, plugin_path("echo_length"), 1, "[]"),
	    GRPO_EFORMAT);
	expect_message("reward \"echo_length-2\"");
	grpo_reward_set_free(set);
}
END_TEST

/* From `from` on; NUL-terminated, the caller frees it. */
static char *text_of(const char *path, const char *from)
{
	char *text, *at;
	size_t len;

	ok(grpo__file_read(&text, &len, path, 1 << 20));
	at = strstr(text, from);
	ck_assert_ptr_nonnull(at);
	memmove(text, at, strlen(at) + 1);
	return text;
}

START_TEST(the_example_of_the_guide_is_this_and_works)
{
	const char *completions[] = {"1 + 1 = 2", "Yes", ""};
	grpo_reward_set *set = SET(1, "smallest");
	char *code = text_of("tests/plugins/smallest.c", "#include <grpo/");
	char *guide = text_of("docs/rewards.md", "#include <grpo/");
	double rewards[3];
	uint8_t status[3];

	ck_assert(strncmp(guide, code, strlen(code)) == 0);
	score_all(set, completions, 3, rewards, status);
	ck_assert_double_eq(rewards[0], 1);
	ck_assert_double_eq(rewards[1], 0);
	ck_assert_double_eq(rewards[2], 0);
	ck_assert_int_eq(status[2], GRPO_REWARD_SCORED);
	free(code);
	free(guide);
	grpo_reward_set_free(set);
}
END_TEST

static void add_tests(TCase *t)
{
	tcase_add_test(t, a_path_that_is_not_there_is_not_found);
	tcase_add_test(t,
		       an_unknown_name_lists_every_folder_that_was_looked_in);
	tcase_add_test(t, a_file_name_without_a_slash_hints_at_the_slash);
	tcase_add_test(t, a_name_is_found_in_the_folders_of_the_environment);
	tcase_add_test(t, our_own_rewards_are_found_beside_the_program);
	tcase_add_test(t, an_empty_name_is_refused);
	tcase_add_test(t, another_major_version_is_named);
	tcase_add_test(t, a_library_without_the_symbol_is_refused);
	tcase_add_test(t, a_file_that_is_no_library_is_refused);
	tcase_add_test(t, a_table_without_required_fields_is_refused);
	tcase_add_test(t, a_failing_open_says_the_last_error_line);
	tcase_add_test(t, an_open_that_fails_in_silence_is_reported);
	tcase_add_test(t, params_that_are_no_json_object_are_refused);
	tcase_add_test(t, a_weight_that_is_not_finite_is_refused);
	tcase_add_test(t, a_number_of_threads_that_makes_no_sense_is_refused);
	tcase_add_test(t, warnings_of_a_plugin_reach_the_log_with_its_name);
	tcase_add_test(t, several_of_one_plugin_have_names_of_their_own);
	tcase_add_test(t, a_message_says_which_of_several_it_is_about);
	tcase_add_test(t, the_example_of_the_guide_is_this_and_works);
}

int main(void)
{
	return run_case("reward_load", add_tests);
}
