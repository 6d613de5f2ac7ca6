/* SPDX-License-Identifier: MIT */
/* The program examples/own_policy: that the example of grpo/policy.h works. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include "tests/suite.h"

static int run(char out[4096], const char *arguments)
{
	const char *build = getenv("BUILD");
	char command[512];
	size_t n;
	FILE *f;
	int status;

	snprintf(command, sizeof command,
		 "${EMULATOR-} %s/bin/own_policy %s 2>&1",
		 build ? build : "build", arguments);
	f = popen(command, "r");
	ck_assert_ptr_nonnull(f);
	n = fread(out, 1, 4095, f);
	out[n] = '\0';
	status = pclose(f);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

START_TEST(a_table_of_ones_own_learns_all_its_sums)
{
	char first[4096], second[4096];
	int right = 100;

	ck_assert_msg(run(first, "") == 0, "%s", first);
	ck_assert_int_eq(sscanf(first, "before: %d %%", &right), 1);
	ck_assert_int_lt(right, 50);
	ck_assert_ptr_nonnull(strstr(first, "after: 100 % of 25 sums right"));
	ck_assert_int_eq(run(second, ""), 0);
	ck_assert_str_eq(first, second);
}
END_TEST

START_TEST(a_file_that_is_not_there_is_named)
{
	char out[4096];

	ck_assert_int_eq(run(out, "examples/r1_zero/base /nowhere.jsonl"), 1);
	ck_assert_ptr_nonnull(strstr(out, "/nowhere.jsonl: No such file"));
	ck_assert_int_eq(run(out, "/nowhere"), 1);
	ck_assert_ptr_nonnull(strstr(out, "/nowhere"));
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("own_policy");
	TCase *tc = tcase_create("own_policy");

	tcase_add_test(tc, a_table_of_ones_own_learns_all_its_sums);
	tcase_add_test(tc, a_file_that_is_not_there_is_named);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
