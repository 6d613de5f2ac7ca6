/* SPDX-License-Identifier: MIT */
/* When a call is slow, when stuck, and when it is time to look. */
#define _POSIX_C_SOURCE 200809L

#include <math.h>
#include <time.h>
#include "reward/watch.h"
#include "reward_rig.h"

static void let_pass(double seconds)
{
	struct timespec t = {0, (long)(seconds * 1e9)};

	nanosleep(&t, NULL);
}

static grpo__watch *new_watch(double warn_s, double limit_s)
{
	grpo__watch *w;

	ok(grpo__watch_create(&w, 2));
	grpo__watch_limits(w, warn_s, limit_s);
	return w;
}

START_TEST(without_limits_nothing_is_watched)
{
	grpo__watch *w = new_watch(0, 0);
	grpo__watch_call call;
	double seconds;

	ck_assert_double_eq(grpo__watch_next(w), 3600);
	grpo__watch_begin(w, 1, 0, 7, 1);
	let_pass(0.002);
	ck_assert_double_eq(grpo__watch_next(w), 3600);
	ck_assert_int_eq(grpo__watch_look(w, &call, &seconds),
			 GRPO__WATCH_NOTHING);
	ck_assert_double_ge(grpo__watch_end(w, 1), 0.002);
	grpo__watch_free(w);
}
END_TEST

START_TEST(a_call_is_stuck_once_and_then_no_business_of_the_watch)
{
	grpo__watch *w = new_watch(0, 0.001);
	grpo__watch_call call;
	double seconds;

	grpo__watch_begin(w, 1, 3, 7, 2);
	let_pass(0.002);
	ck_assert_double_eq(grpo__watch_next(w), 0);
	ck_assert_int_eq(grpo__watch_look(w, &call, &seconds),
			 GRPO__WATCH_STUCK);
	ck_assert_int_eq(call.worker, 1);
	ck_assert_int_eq(call.k, 3);
	ck_assert_int_eq(call.row, 7);
	ck_assert_uint_eq(call.n, 2);
	ck_assert_double_ge(seconds, 0.001);
	ck_assert_int_eq(grpo__watch_look(w, &call, &seconds),
			 GRPO__WATCH_NOTHING);
	ck_assert_double_gt(grpo__watch_next(w), 0);
	grpo__watch_free(w);
}
END_TEST

START_TEST(a_slow_call_is_told_again_when_its_time_has_doubled)
{
	grpo__watch *w = new_watch(0.001, 0);
	grpo__watch_call call;
	double first, second;

	grpo__watch_begin(w, 0, 0, 0, 1);
	let_pass(0.002);
	ck_assert_int_eq(grpo__watch_look(w, &call, &first), GRPO__WATCH_SLOW);
	while (grpo__watch_look(w, &call, &second) == GRPO__WATCH_NOTHING)
		let_pass(grpo__watch_next(w));
	ck_assert_double_ge(second, 2 * first);
	grpo__watch_end(w, 0);
	ck_assert_int_eq(grpo__watch_look(w, &call, &second),
			 GRPO__WATCH_NOTHING);
	grpo__watch_free(w);
}
END_TEST

static void add_tests(TCase *t)
{
	tcase_add_test(t, without_limits_nothing_is_watched);
	tcase_add_test(t,
		       a_call_is_stuck_once_and_then_no_business_of_the_watch);
	tcase_add_test(t, a_slow_call_is_told_again_when_its_time_has_doubled);
}

int main(void)
{
	return run_case("reward_watch", add_tests);
}
