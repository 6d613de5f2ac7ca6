/* SPDX-License-Identifier: MIT */
/* Plug-ins that break the contract of grpo/reward.h: one clear line for each.
 * Those that do not come back are in test_reward_timeout.c. */
#define _POSIX_C_SOURCE 200809L

#include <math.h>
#include <signal.h>
#include <sys/wait.h>
#include "reward_rig.h"

/* Rows of which `bad` is one; wait fails and touches nothing. */
static void expect_failure(const char *plugin, const char *bad,
			   const char *message)
{
	grpo_reward_set *set = SET(2, "echo_length", plugin);
	double rewards[8], before[8];
	uint8_t status[8], status_before[8];

	memset(before, 0x5a, sizeof before);
	memcpy(rewards, before, sizeof before);
	memset(status_before, 0x5a, sizeof status_before);
	memcpy(status, status_before, sizeof status);
	ok(grpo_reward_set_begin(set, 4));
	for (int i = 0; i < 4; i++)
		ok(submit(set, i, i == 2 ? bad : "fine"));
	ck_assert_int_eq(grpo_reward_set_wait(set, rewards, status),
			 GRPO_EREWARD);
	ck_assert_str_eq(grpo_error_message(), message);
	ck_assert_mem_eq(rewards, before, sizeof before);
	ck_assert_mem_eq(status, status_before, sizeof status);
	grpo_reward_set_free(set);
}

START_TEST(a_scored_number_that_is_not_finite_is_refused)
{
	expect_failure("returns_nan", "nan",
		       "reward \"returns_nan\" gave nan for row 2");
	expect_failure("returns_nan", "inf",
		       "reward \"returns_nan\" gave inf for row 2");
	expect_failure("returns_nan", "-inf",
		       "reward \"returns_nan\" gave -inf for row 2");
}
END_TEST

START_TEST(a_failing_score_names_plugin_and_row_and_reason)
{
	expect_failure("fails_score", "fail here",
		       "reward \"fails_score\" failed on row 2: cannot verify "
		       "\"fail here\"");
}
END_TEST

START_TEST(a_score_that_writes_nothing_is_refused)
{
	expect_failure("writes_nothing", "x",
		       "reward \"writes_nothing\" wrote nothing for row 0");
}
END_TEST

START_TEST(a_set_goes_on_after_a_failure)
{
	grpo_reward_set *set = SET(2, "returns_nan");
	const char *fine[] = {"a", "b"};
	double rewards[2];

	ok(grpo_reward_set_begin(set, 1));
	ok(submit(set, 0, "nan"));
	ck_assert_int_eq(grpo_reward_set_wait(set, rewards, NULL),
			 GRPO_EREWARD);
	score_all(set, fine, 2, rewards, NULL);
	ck_assert_double_eq(rewards[1], 1);
	grpo_reward_set_free(set);
}
END_TEST

START_TEST(the_lowest_failing_row_is_reported_in_every_run)
{
	char text[32];

	for (int run = 0; run < 40; run++) {
		grpo_reward_set *set = SET(1 + run % 8, "fails_score");
		double rewards[64];

		ok(grpo_reward_set_begin(set, 64));
		for (int i = 63; i >= 0; i--) {
			snprintf(text, sizeof text, "%s %d",
				 i >= 17 && i % 3 == 0 ? "fail" : "fine", i);
			ok(submit(set, i, text));
		}
		ck_assert_int_eq(grpo_reward_set_wait(set, rewards, NULL),
				 GRPO_EREWARD);
		ck_assert_str_eq(grpo_error_message(),
				 "reward \"fails_score\" failed on row 18: "
				 "cannot verify \"fail 18\"");
		grpo_reward_set_free(set);
	}
}
END_TEST

START_TEST(of_two_failures_on_a_row_the_first_reward_is_reported)
{
	for (int run = 0; run < 20; run++) {
		grpo_reward_set *set =
		    SET(4, "returns_nan", "writes_nothing", "returns_nan");
		double rewards[12];

		ok(grpo_reward_set_begin(set, 4));
		for (int i = 3; i >= 0; i--)
			ok(submit(set, i, i == 0 ? "fine" : "nan"));
		ck_assert_int_eq(grpo_reward_set_wait(set, rewards, NULL),
				 GRPO_EREWARD);
		expect_message("\"writes_nothing\" wrote nothing for row 0");
		grpo_reward_set_free(set);
	}
}
END_TEST

START_TEST(a_score_that_writes_outside_its_arrays_is_refused)
{
	static const char *const where[] = {"before", "after", "status"};

	for (int i = 0; i < 3; i++) {
		grpo_reward_set *set = SET(1, "writes_outside");
		double reward = -7;

		ok(grpo_reward_set_begin(set, 1));
		ok(submit(set, 0, where[i]));
		ck_assert_int_eq(grpo_reward_set_wait(set, &reward, NULL),
				 GRPO_EREWARD);
		ck_assert_str_eq(grpo_error_message(),
				 "reward \"writes_outside\" wrote outside its "
				 "arrays for row 0");
		ck_assert_double_eq(reward, -7);
		grpo_reward_set_free(set);
	}
}
END_TEST

/* ------------------------------------- what no host in one process survives */

/* The child's log goes to a pipe, unbuffered, as to a terminal. */
static void log_to_pipe(void *ctx, int level, const char *text)
{
	(void)level;
	dprintf(*(int *)ctx, "%s\n", text);
}

/* Runs `work` in a child that ends by SIGABRT; *log is all that it logged. */
static void expect_abort(void (*work)(void), char *log, size_t size)
{
	int ends[2], status;
	size_t len = 0;
	ssize_t n;
	pid_t child;

	ck_assert_int_eq(pipe(ends), 0);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		close(ends[0]);
		grpo_log_set(log_to_pipe, &ends[1], GRPO_LOG_DEBUG);
		work();
		_exit(0);
	}
	close(ends[1]);
	while ((n = read(ends[0], log + len, size - 1 - len)) > 0)
		len += (size_t)n;
	log[len] = '\0';
	close(ends[0]);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), SIGABRT);
}

/* The log's last line ends with `text`. */
static void expect_last_line(const char *log, const char *text)
{
	size_t n = strlen(log), len = strlen(text);

	if (n <= len || log[n - 1] != '\n' ||
	    memcmp(log + n - 1 - len, text, len) != 0)
		ck_abort_msg("the log ends with: %s", log);
}

static void load_crashing(void)
{
	grpo_reward_set *set;

	if (grpo_reward_set_create(&set, 1) == 0)
		grpo_reward_set_add(set, plugin_path("crashes_loading"), 1,
				    NULL);
}

START_TEST(the_last_line_before_a_crash_in_loading_names_the_file)
{
	char log[2048];

	expect_abort(load_crashing, log, sizeof log);
	expect_last_line(log, "/plugins/crashes_loading.so");
	ck_assert_ptr_nonnull(strstr(log, "loading reward plug-in /"));
}
END_TEST

static void score_throwing(void)
{
	grpo_reward_set *set = SET(1, "throws");
	double reward;

	if (grpo_reward_set_begin(set, 1) == 0 && submit(set, 0, "throw") == 0)
		grpo_reward_set_wait(set, &reward, NULL);
}

START_TEST(the_last_line_of_a_debug_log_names_who_threw)
{
	char log[2048];

	expect_abort(score_throwing, log, sizeof log);
	expect_last_line(log, "reward \"throws\" scores row 0");
}
END_TEST

START_TEST(a_plugin_in_cplusplus_that_throws_nothing_is_like_any_other)
{
	grpo_reward_set *set = SET(2, "throws", "plain_c99");
	const char *completions[] = {"a"};
	double rewards[2];

	score_all(set, completions, 1, rewards, NULL);
	ck_assert_double_eq(rewards[0], 1);
	ck_assert_double_eq(rewards[1], 1);
	grpo_reward_set_free(set);
}
END_TEST

static void add_tests(TCase *t)
{
	tcase_add_test(t, a_scored_number_that_is_not_finite_is_refused);
	tcase_add_test(t, a_failing_score_names_plugin_and_row_and_reason);
	tcase_add_test(t, a_score_that_writes_nothing_is_refused);
	tcase_add_test(t, a_set_goes_on_after_a_failure);
	tcase_add_test(t, the_lowest_failing_row_is_reported_in_every_run);
	tcase_add_test(t,
		       of_two_failures_on_a_row_the_first_reward_is_reported);
	tcase_add_test(t, a_score_that_writes_outside_its_arrays_is_refused);
	tcase_add_test(t,
		       the_last_line_before_a_crash_in_loading_names_the_file);
	tcase_add_test(t, the_last_line_of_a_debug_log_names_who_threw);
	tcase_add_test(
	    t, a_plugin_in_cplusplus_that_throws_nothing_is_like_any_other);
}

int main(void)
{
	return run_case("reward_misbehaviour", add_tests);
}
