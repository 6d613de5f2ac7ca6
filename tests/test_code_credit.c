/* SPDX-License-Identifier: MIT */
/* From a verdict to a reward: what the completion did is scored, what it did
 * not is missing. */
#include "rewards/code/credit.h"
#include "tests/suite.h"

static struct code_response response(int verdict, int n_passed)
{
	return (struct code_response){
	    .verdict = verdict, .n_tests = 4, .n_passed = n_passed};
}

static void expect(int verdict, int n_passed, enum credit way, double reward,
		   int status)
{
	struct code_response r = response(verdict, n_passed);
	struct credit_result c = credit_of_response(&r, way);

	ck_assert_int_eq(c.status, status);
	ck_assert_double_eq_tol(c.reward, reward, 1e-12);
}

START_TEST(what_the_program_did_is_scored)
{
	for (int v = CODE_WRONG; v <= CODE_OUTPUT; v++) {
		expect(v, 3, CREDIT_ALL, 0, GRPO_REWARD_SCORED);
		expect(v, 3, CREDIT_FRACTION, 0.75, GRPO_REWARD_SCORED);
		if (v != CODE_COMPILE_ERROR)
			expect(v, 3, CREDIT_CODEFORCES, 0.075,
			       GRPO_REWARD_SCORED);
	}
	expect(CODE_PASSED, 4, CREDIT_ALL, 1, GRPO_REWARD_SCORED);
	expect(CODE_PASSED, 4, CREDIT_FRACTION, 1, GRPO_REWARD_SCORED);
	expect(CODE_PASSED, 4, CREDIT_CODEFORCES, 1.1, GRPO_REWARD_SCORED);
	expect(CODE_COMPILE_ERROR, 0, CREDIT_CODEFORCES, -0.1,
	       GRPO_REWARD_SCORED);
}
END_TEST

START_TEST(what_it_did_not_do_is_missing)
{
	for (int way = CREDIT_ALL; way <= CREDIT_CODEFORCES; way++) {
		expect(CODE_BAD_TESTS, 0, (enum credit)way, 0,
		       GRPO_REWARD_MISSING);
		expect(CODE_FAILED, 4, (enum credit)way, 0, GRPO_REWARD_FAILED);
		expect(CODE_NOT_RUN, 0, (enum credit)way, 0,
		       GRPO_REWARD_FAILED);
	}
}
END_TEST

START_TEST(no_program_is_no_answer)
{
	struct credit_result c =
	    credit_of_no_program(EXTRACT_NOT_CLOSED, CREDIT_ALL);

	ck_assert_int_eq(c.status, GRPO_REWARD_NO_ANSWER);
	ck_assert_double_eq(c.reward, 0);
	c = credit_of_no_program(EXTRACT_THINKING, CREDIT_CODEFORCES);
	ck_assert_int_eq(c.status, GRPO_REWARD_NO_ANSWER);
	ck_assert_double_eq(c.reward, -1);
	c = credit_of_no_program(EXTRACT_NO_MEMORY, CREDIT_CODEFORCES);
	ck_assert_int_eq(c.status, GRPO_REWARD_FAILED);
}
END_TEST

/* Sums by name. */
struct sums {
	int n, passed, time_limit, no_program, weak;
	double cpu_ms, share;
};

static void add(void *ctx, size_t i, const char *name, double value)
{
	struct sums *s = ctx;

	(void)i;
	s->n++;
	s->passed += strcmp(name, "passed") == 0 && value == 1;
	s->time_limit += strcmp(name, "time_limit") == 0 && value == 1;
	s->no_program += strcmp(name, "no_program") == 0 && value == 1;
	s->weak += strcmp(name, "weak_tests") == 0 && value == 1;
	if (strcmp(name, "cpu_ms") == 0)
		s->cpu_ms = value;
	if (strcmp(name, "tests_passed") == 0)
		s->share = value;
}

START_TEST(each_kind_of_end_has_its_own_count)
{
	struct sums s = {0};
	grpo_reward_batch b = {
	    .struct_size = sizeof b, .n = 1, .measure = add, .measure_ctx = &s};
	struct code_response r = response(CODE_TIME, 1);

	r.cpu_us = 1500;
	r.is_weak = 1;
	credit_measure(&b, 0, &r);
	ck_assert_int_eq(s.time_limit, 1);
	ck_assert_int_eq(s.passed, 0);
	ck_assert_int_eq(s.weak, 1);
	ck_assert_double_eq(s.cpu_ms, 1.5);
	ck_assert_double_eq(s.share, 0.25);
	ck_assert_int_le(s.n, GRPO_REWARD_MEASURES);
	credit_measure(&b, 0, NULL);
	ck_assert_int_eq(s.no_program, 1);
	s.n = 0;
	r = response(CODE_FAILED, 0);
	credit_measure(&b, 0, &r);
	r = response(CODE_BAD_TESTS, 0);
	credit_measure(&b, 0, &r);
	ck_assert_int_eq(s.n, 0);
	b.struct_size =
	    offsetof(grpo_reward_batch, measure); /* a host of 1.0 */
	credit_measure(&b, 0, NULL);
	ck_assert_int_eq(s.n, 0);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("code credit");
	TCase *c = tcase_create("credit");

	tcase_add_test(c, what_the_program_did_is_scored);
	tcase_add_test(c, what_it_did_not_do_is_missing);
	tcase_add_test(c, no_program_is_no_answer);
	tcase_add_test(c, each_kind_of_end_has_its_own_count);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
