/* SPDX-License-Identifier: MIT */
/* examples/program.h: the names of programs, as they are called. */
#include "examples/program.h"

#include <check.h>
#include "tests/suite.h"

static void called(const char *path, const char *name, const char *sibling)
{
	char *argv[] = {(char *)path, NULL};

	program_called(argv);
	ck_assert_str_eq(program_name(), name);
	ck_assert_str_eq(program_sibling("generate"), sibling);
}

START_TEST(a_program_has_the_name_that_it_was_called_by)
{
	called("build/bin/score", "score", "build/bin/generate");
	called("/usr/bin/grpo-score", "grpo-score", "/usr/bin/grpo-generate");
	called("grpo-score", "grpo-score", "grpo-generate");
}
END_TEST

START_TEST(a_program_without_a_name_still_has_text)
{
	char *argv[] = {NULL};

	program_called(argv);
	ck_assert_str_eq(program_name(), "");
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("example_names");
	TCase *c = tcase_create("names");

	tcase_add_test(c, a_program_has_the_name_that_it_was_called_by);
	tcase_add_test(c, a_program_without_a_name_still_has_text);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
