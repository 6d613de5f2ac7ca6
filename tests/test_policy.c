/* SPDX-License-Identifier: MIT */
/*
 * The tables of a policy (grpo/policy.h): what is read from one that lacks
 * newer functions.
 */
#include <check.h>
#include <stddef.h>
#include <stdint.h>

#include "grpo/policy.h"
#include "tests/suite.h"

static int64_t limit;

static int64_t tell_limit(void *self)
{
	return *(const int64_t *)self;
}

static grpo_sampler_ops ops;
static grpo_sampler sampler = {&ops, &limit};

static void setup(void)
{
	ops = (grpo_sampler_ops){.struct_size = sizeof ops,
				 .max_positions = tell_limit};
	limit = 512;
}

START_TEST(a_sampler_tells_its_limit)
{
	ck_assert_int_eq(grpo_sampler_max_positions(&sampler), 512);
}
END_TEST

START_TEST(a_table_without_the_function_has_no_limit)
{
	ops.max_positions = NULL;
	ck_assert_int_eq(grpo_sampler_max_positions(&sampler), 0);
}
END_TEST

START_TEST(a_table_built_before_the_function_has_no_limit)
{
	ops.struct_size = offsetof(grpo_sampler_ops, max_positions);
	ck_assert_int_eq(grpo_sampler_max_positions(&sampler), 0);
}
END_TEST

START_TEST(a_negative_limit_means_no_limit)
{
	limit = -1;
	ck_assert_int_eq(grpo_sampler_max_positions(&sampler), 0);
}
END_TEST

START_TEST(no_sampler_has_no_limit)
{
	grpo_sampler empty = {NULL, NULL};

	ck_assert_int_eq(grpo_sampler_max_positions(&empty), 0);
	ck_assert_int_eq(grpo_sampler_max_positions(NULL), 0);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("policy");
	TCase *c = tcase_create("tables");

	tcase_add_checked_fixture(c, setup, NULL);
	tcase_add_test(c, a_sampler_tells_its_limit);
	tcase_add_test(c, a_table_without_the_function_has_no_limit);
	tcase_add_test(c, a_table_built_before_the_function_has_no_limit);
	tcase_add_test(c, a_negative_limit_means_no_limit);
	tcase_add_test(c, no_sampler_has_no_limit);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
