/* SPDX-License-Identifier: MIT */
/* Plug-ins that do not come back: a warning, a limit, and what is left. */
#define _POSIX_C_SOURCE 200809L

#include <math.h>
#include <pthread.h>
#include <time.h>
#include "reward/set.h"
#include "reward_rig.h"

/* Nothing here asserts on how long anything took. */
#define LIMIT_S 0.1

/* Lets all calls of the plug-in go; how often it was closed. */
static int release(const char *plugin)
{
	return ask_hangs(plugin, "hangs_release");
}

/* A batch of which row 1 hangs in `plugin`, which is reward k = 1. */
static grpo_reward_set *hanging(const char *plugin, int threads)
{
	grpo_reward_set *set = SET(threads, "echo_length", plugin);

	ok(grpo_reward_set_timeout(set, 0, LIMIT_S));
	ok(grpo_reward_set_begin(set, 3));
	ok(submit(set, 1, "hang"));
	ok(submit(set, 0, "fine"));
	ok(submit(set, 2, "fine"));
	ask_hangs(plugin, "hangs_entered");
	return set;
}

static void expect_given_up(grpo_reward_set *set, const char *message)
{
	double rewards[6], before[6];

	memset(before, 0x5a, sizeof before);
	memcpy(rewards, before, sizeof before);
	ck_assert_int_eq(grpo_reward_set_wait(set, rewards, NULL),
			 GRPO_EREWARD);
	expect_message(message);
	ck_assert_mem_eq(rewards, before, sizeof before);
}

START_TEST(a_call_past_the_limit_is_given_up_and_named)
{
	grpo_reward_set *set = hanging("hangs", 4);

	expect_given_up(set, "reward \"hangs\" was abandoned on row 1");
	grpo_reward_set_free(set);
}
END_TEST

START_TEST(a_set_that_lost_a_call_refuses_everything_but_its_end)
{
	static const char why[] = "the reward set cannot be used again: "
				  "reward \"hangs\" was abandoned on row 1";
	grpo_reward_set *set = hanging("hangs", 4);
	double rewards[6];

	expect_given_up(set, "abandoned");
	ck_assert_int_eq(grpo_reward_set_begin(set, 1), GRPO_EREWARD);
	expect_message(why);
	ck_assert_int_eq(submit(set, 0, "a"), GRPO_EREWARD);
	expect_message(why);
	ck_assert_int_eq(grpo_reward_set_wait(set, rewards, NULL),
			 GRPO_EREWARD);
	expect_message(why);
	ck_assert_int_eq(
	    grpo_reward_set_add(set, plugin_path("echo_length"), 1, NULL),
	    GRPO_EREWARD);
	expect_message(why);
	ck_assert_str_eq(grpo_reward_set_name(set, 1), "hangs");
	grpo_reward_set_free(set);
}
END_TEST

START_TEST(a_call_may_return_after_the_set_was_freed)
{
	grpo_reward_set *set = hanging("hangs", 2);

	expect_given_up(set, "abandoned");
	grpo_reward_set_free(set);
	ck_assert_int_eq(release("hangs"), 0); /* it was never closed */
	/* and another set, with the same plug-in, is as good as ever */
	set = SET(2, "hangs");
	ok(grpo_reward_set_begin(set, 1));
	ok(submit(set, 0, "fine"));
	ok(grpo_reward_set_wait(set, (double[1]){0}, NULL));
	grpo_reward_set_free(set);
	ck_assert_int_eq(release("hangs"), 1);
}
END_TEST

START_TEST(a_call_may_return_before_the_set_is_freed)
{
	grpo_reward_set *set = hanging("hangs", 2);

	expect_given_up(set, "abandoned");
	release("hangs");
	ck_assert_int_eq(grpo_reward_set_begin(set, 1), GRPO_EREWARD);
	grpo_reward_set_free(set);
	ck_assert_int_eq(release("hangs"), 0);
}
END_TEST

START_TEST(a_set_is_freed_in_the_middle_of_a_batch_that_hangs)
{
	grpo_reward_set_free(hanging("hangs", 2));
	ck_assert_int_eq(release("hangs"), 0);
}
END_TEST

/* The row that hangs locks out the other instance of the shared object, which
 * must not be waited for when the set is freed. */
START_TEST(a_stuck_plugin_of_one_call_at_a_time_is_not_loaded_again)
{
	grpo_reward_set *set = SET(4, "hangs_alone", "hangs_alone"), *other;

	ok(grpo_reward_set_timeout(set, 0, LIMIT_S));
	ok(grpo_reward_set_begin(set, 1));
	ok(submit(set, 0, "hang"));
	ck_assert_int_eq(grpo_reward_set_wait(set, (double[2]){0}, NULL),
			 GRPO_EREWARD);
	expect_message("abandoned on row 0");
	grpo_reward_set_free(set);
	ok(grpo_reward_set_create(&other, 1));
	ck_assert_int_eq(
	    grpo_reward_set_add(other, plugin_path("hangs_alone"), 1, NULL),
	    GRPO_EREWARD);
	expect_message("reward \"hangs_alone\" takes one call at a time, and "
		       "an earlier call has not returned");
	grpo_reward_set_free(other);
	ck_assert_int_eq(release("hangs_alone"), 0);
}
END_TEST

static void note(void *ctx, int64_t row, int32_t k, const char *name,
		 grpo_str text)
{
	(void)row, (void)k, (void)name, (void)text;
	++*(int *)ctx;
}

START_TEST(an_abandoned_call_explains_nothing_later)
{
	grpo_reward_set *set = SET(1, "hangs");
	int notes = 0;

	ok(grpo_reward_set_explain(set, note, &notes));
	ok(grpo_reward_set_timeout(set, 0, LIMIT_S));
	ok(grpo_reward_set_begin(set, 1));
	ok(submit(set, 0, "hang"));
	ck_assert_int_eq(grpo_reward_set_wait(set, (double[1]){0}, NULL),
			 GRPO_EREWARD);
	release("hangs");
	grpo_reward_set_free(set);
	ck_assert_int_eq(notes, 0);
}
END_TEST

struct releaser {
	struct log_lines lines;
	const char *plugin;
	int after; /* warnings */
};

static void count_and_release(void *ctx, int level, const char *text)
{
	struct releaser *r = ctx;

	keep_line(&r->lines, level, text);
	if (r->lines.n == r->after)
		release(r->plugin);
}

START_TEST(a_slow_call_is_named_again_and_again_and_then_counts)
{
	struct releaser r = {{.level = GRPO_LOG_WARN}, "hangs", 3};
	grpo_reward_set *set = SET(1, "hangs");
	double reward;

	grpo_log_set(count_and_release, &r, GRPO_LOG_WARN);
	ok(grpo_reward_set_timeout(set, 0.01, 0));
	ok(grpo_reward_set_begin(set, 1));
	ok(submit(set, 0, "hang"));
	ok(grpo_reward_set_wait(set, &reward, NULL));
	grpo_log_set(NULL, NULL, 0);
	ck_assert_double_eq(reward, 1);
	ck_assert_int_eq(r.lines.n, 3);
	ck_assert_ptr_eq(strstr(r.lines.last,
				"reward \"hangs\" has been scoring row 0 for "),
			 r.lines.last);
	grpo_reward_set_free(set);
	ck_assert_int_eq(release("hangs"), 1);
}
END_TEST

START_TEST(a_time_that_makes_no_sense_is_refused)
{
	grpo_reward_set *set = SET(1, "echo_length");

	ck_assert_int_eq(grpo_reward_set_timeout(set, -1, 0), GRPO_EINVAL);
	ck_assert_int_eq(grpo_reward_set_timeout(set, NAN, 0), GRPO_EINVAL);
	ck_assert_int_eq(grpo_reward_set_timeout(set, 0, INFINITY),
			 GRPO_EINVAL);
	expect_message("a time limit of inf s for rewards");
	ok(grpo_reward_set_begin(set, 0));
	ck_assert_int_eq(grpo_reward_set_timeout(set, 0, 1), GRPO_EINVAL);
	ok(grpo_reward_set_wait(set, NULL, NULL));
	grpo_reward_set_free(set);
}
END_TEST

/* -------------------------------------------------------------- a stop */

static pthread_t releaser;

/* Long after the waiting thread has dropped what waits. */
static void *release_later(void *arg)
{
	struct timespec t = {.tv_sec = 1};

	(void)arg;
	nanosleep(&t, NULL);
	release("hangs");
	return NULL;
}

static int stop_now(const void *ctx)
{
	(void)ctx;
	ask_hangs("hangs", "hangs_entered");
	ck_assert_int_eq(pthread_create(&releaser, NULL, release_later, NULL),
			 0);
	return 1;
}

static void count_note(void *ctx, int64_t row, int32_t k, const char *name,
		       grpo_str text)
{
	(void)row, (void)k, (void)name, (void)text;
	++*(int *)ctx;
}

/* The call that hangs has 16 rows at most; the other rows are not begun. */
START_TEST(a_stop_waits_only_for_calls_that_have_begun)
{
	grpo_reward_set *set = SET(1, "hangs");
	double rewards[64];
	int heard = 0;

	ok(grpo_reward_set_explain(set, count_note, &heard));
	ok(grpo_reward_set_begin(set, 64));
	for (int i = 0; i < 64; i++)
		ok(submit(set, i, i == 0 ? "hang" : "a"));
	ck_assert_int_eq(
	    grpo__reward_set_wait(set, rewards, NULL, stop_now, NULL),
	    GRPO_ECANCELED);
	pthread_join(releaser, NULL);
	ck_assert_int_le(heard, 16);
	ok(grpo_reward_set_begin(set, 1)); /* and it goes on */
	ok(submit(set, 0, "a"));
	ok(grpo_reward_set_wait(set, rewards, NULL));
	ck_assert_double_eq(rewards[0], 1);
	grpo_reward_set_free(set);
}
END_TEST

static void add_tests(TCase *t)
{
	tcase_add_test(t, a_call_past_the_limit_is_given_up_and_named);
	tcase_add_test(t,
		       a_set_that_lost_a_call_refuses_everything_but_its_end);
	tcase_add_test(t, a_call_may_return_after_the_set_was_freed);
	tcase_add_test(t, a_call_may_return_before_the_set_is_freed);
	tcase_add_test(t, a_set_is_freed_in_the_middle_of_a_batch_that_hangs);
	tcase_add_test(
	    t, a_stuck_plugin_of_one_call_at_a_time_is_not_loaded_again);
	tcase_add_test(t, an_abandoned_call_explains_nothing_later);
	tcase_add_test(t, a_slow_call_is_named_again_and_again_and_then_counts);
	tcase_add_test(t, a_time_that_makes_no_sense_is_refused);
	tcase_add_test(t, a_stop_waits_only_for_calls_that_have_begun);
}

int main(void)
{
	return run_case("reward_timeout", add_tests);
}
