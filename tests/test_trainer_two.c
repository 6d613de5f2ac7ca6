/* SPDX-License-Identifier: MIT */
/* Two trainers in one process, each with its own parts. */
#include "trainer_rig.h"
#include "tests/suite.h"

#include <pthread.h>

static void start_two(struct rig *a, struct rig *b)
{
	rig_make(a);
	rig_make(b);
	a->config.seed = 7;
	b->config.seed = 8;
	rig_start(a);
	rig_start(b);
}

START_TEST(two_trainers_in_turns_are_each_as_if_alone)
{
	struct bigram one, two;
	struct rig a, b;

	rig_run_whole(&one, 7);
	rig_run_whole(&two, 8);
	start_two(&a, &b);
	while (!grpo_trainer_done(a.trainer)) {
		ok(grpo_trainer_step(a.trainer));
		ok(grpo_trainer_step(b.trainer));
	}
	ck_assert_mem_eq(&a.policy.s, &one.s, sizeof one.s);
	ck_assert_mem_eq(&b.policy.s, &two.s, sizeof two.s);
	rig_free(&a);
	rig_free(&b);
}
END_TEST

struct job {
	struct rig rig;
	int rc;
};

static void *run_all(void *arg)
{
	struct job *job = arg;

	job->rc = grpo_trainer_run(job->rig.trainer);
	return NULL;
}

START_TEST(two_trainers_in_two_threads_are_each_as_if_alone)
{
	struct bigram one, two;
	struct job a, b;
	pthread_t thread;

	rig_run_whole(&one, 7);
	rig_run_whole(&two, 8);
	start_two(&a.rig, &b.rig);
	ck_assert_int_eq(pthread_create(&thread, NULL, run_all, &a), 0);
	run_all(&b);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert(a.rc == 0 && b.rc == 0);
	ck_assert_mem_eq(&a.rig.policy.s, &one.s, sizeof one.s);
	ck_assert_mem_eq(&b.rig.policy.s, &two.s, sizeof two.s);
	rig_free(&a.rig);
	rig_free(&b.rig);
}
END_TEST

START_TEST(stopping_one_trainer_does_not_stop_the_other)
{
	struct rig a, b;

	start_two(&a, &b);
	grpo_trainer_stop(a.trainer);
	ck_assert_int_eq(grpo_trainer_run(a.trainer), GRPO_ECANCELED);
	ok(grpo_trainer_run(b.trainer));
	ck_assert_int_eq(grpo_trainer_steps(a.trainer), 0);
	ck_assert_int_eq(grpo_trainer_steps(b.trainer), 6);
	rig_free(&a);
	rig_free(&b);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("trainer_two");
	TCase *c = tcase_create("loop");

	tcase_add_checked_fixture(c, scratch_make, scratch_remove);
	tcase_add_test(c, two_trainers_in_turns_are_each_as_if_alone);
	tcase_add_test(c, two_trainers_in_two_threads_are_each_as_if_alone);
	tcase_add_test(c, stopping_one_trainer_does_not_stop_the_other);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
