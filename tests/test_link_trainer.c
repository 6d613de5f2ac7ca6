/* SPDX-License-Identifier: MIT */
/* The library linked into trainers of others: it learns, and C, C++ and
 * Python see the same numbers. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/program.h"
#include "tests/suite.h"

/* What a program prints; the caller frees it. */
static char *output_of(const char *program, const char *first,
		       const char *second)
{
	char *arguments[] = {(char *)program, (char *)first, (char *)second,
			     NULL};
	int status = program_finish(program_start(arguments, NULL));
	char *out = program_wrote("out"), *err = program_wrote("err");

	if (status != 0)
		ck_abort_msg("%s: exit status %d: %s", program, status, err);
	free(err);
	return out;
}

static char *numbers_of_c(void)
{
	char program[PROGRAM_PATH];

	return output_of(program_beside(program, "../bin/link_trainer"),
			 "--numbers", NULL);
}

START_TEST(a_trainer_in_plain_c_learns)
{
	char program[PROGRAM_PATH], *out, *line;
	double before, after;

	out = output_of(program_beside(program, "../bin/link_trainer"), NULL,
			NULL);
	line = strstr(out, "reward before ");
	ck_assert_ptr_nonnull(line);
	ck_assert_int_eq(
	    sscanf(line, "reward before %lf, after %lf", &before, &after), 2);
	ck_assert_double_lt(before, 0.1);
	ck_assert_double_gt(after, 0.9);
	free(out);
}
END_TEST

START_TEST(the_small_step_has_the_values_of_the_formulas)
{
	/* 0.5 / (sqrt(0.5) + 1e-4): two rewards a whole apart */
	static const char advantages[] = "advantage 0.707006795\n"
					 "advantage -0.707006795\n"
					 "advantage 0\n"
					 "advantage 0\n";
	char *out = numbers_of_c();

	ck_assert_int_eq(strncmp(out, advantages, strlen(advantages)), 0);
	free(out);
}
END_TEST

START_TEST(cpp_sees_the_same_numbers)
{
	char program[PROGRAM_PATH], *c = numbers_of_c(), *cpp;

	cpp = output_of(program_beside(program, "../bin/link_trainer_cpp"),
			NULL, NULL);
	ck_assert_str_eq(c, cpp);
	free(c);
	free(cpp);
}
END_TEST

#if !defined(__SANITIZE_ADDRESS__) /* which must be loaded before Python */
START_TEST(python_sees_the_same_numbers)
{
	char library[PROGRAM_PATH], *c = numbers_of_c(), *python;

	if (getenv("EMULATOR")) {
		puts("skipped: python3 is not emulated");
		return;
	}
	program_beside(library, "../lib/libgrpo.so");
	python = output_of("python3", "examples/link_trainer/ctypes_grpo.py",
			   library);
	ck_assert_str_eq(c, python);
	free(c);
	free(python);
}
END_TEST
#endif

static Suite *suite(void)
{
	Suite *s = suite_create("link_trainer");
	TCase *tc = tcase_create("link_trainer");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, scratch_make, scratch_remove);
	tcase_add_test(tc, a_trainer_in_plain_c_learns);
	tcase_add_test(tc, the_small_step_has_the_values_of_the_formulas);
	tcase_add_test(tc, cpp_sees_the_same_numbers);
#if !defined(__SANITIZE_ADDRESS__)
	tcase_add_test(tc, python_sees_the_same_numbers);
#endif
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
