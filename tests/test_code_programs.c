/* SPDX-License-Identifier: MIT */
/*
 * Generated problems: the solutions in each language pass, and what is cut or
 * guessed does not.
 */
#include "datasets/programs.h"
#include "tests/code_grading.h"

static programs_problem problem;

static const char *const languages[PROGRAMS_LANGUAGES] = {"python", "c", "cpp"};

static int has_compiler(int language)
{
	static const char *const paths[] = {NULL, "/usr/bin/gcc",
					    "/usr/bin/g++"};

	if (!paths[language] || access(paths[language], X_OK) == 0)
		return 1;
	printf("skipped: %s is not there\n", paths[language]);
	return 0;
}

/* The solution without its last line that prints. */
static void cut(char out[1536], const char *solution)
{
	static const char *const prints[] = {"print(", "printf(", "puts(",
					     "cout <<"};
	char *at, *last = NULL;
	size_t i;

	(void)snprintf(out, 1536, "%s", solution);
	for (i = 0; i < sizeof(prints) / sizeof(prints[0]); i++)
		for (at = out; (at = strstr(at, prints[i])) != NULL; at++)
			if (!last || at > last)
				last = at;
	ck_assert_ptr_nonnull(last);
	while (last > out && last[-1] != '\n')
		last--;
	while (*last && *last != '\n')
		*last++ = ' ';
}

START_TEST(solutions_pass_in_python)
{
	int held_out, i;

	for (i = 0; i < 40; i++) {
		for (held_out = 0; held_out < 2; held_out++) {
			programs_draw(&problem, 3, (uint64_t)i, held_out);
			assert_verdict("passed", "python",
				       problem.solutions[PROGRAMS_PYTHON],
				       problem.tests);
			ck_assert_int_eq(response.n_tests, 8);
		}
	}
}
END_TEST

START_TEST(solutions_pass_in_c_and_cpp)
{
	int i;

	if (!has_compiler(_i))
		return;
	for (i = 0; i < programs_kinds(); i++) {
		programs_draw(&problem, 4, (uint64_t)i, 0);
		assert_verdict("passed", languages[_i], problem.solutions[_i],
			       problem.tests);
	}
}
END_TEST

START_TEST(solutions_that_are_cut_fail)
{
	char text[1536];
	int i;

	if (!has_compiler(_i))
		return;
	for (i = 0; i < programs_kinds() && (_i < 2 || i < 3); i++) {
		programs_draw(&problem, 5, (uint64_t)i, 0);
		cut(text, problem.solutions[_i]);
		ck_assert_str_ne(text, problem.solutions[_i]);
		ck_assert_str_ne(grade_as(languages[_i], text, problem.tests),
				 "passed");
		ck_assert_int_ne(response.verdict, CODE_FAILED);
	}
}
END_TEST

START_TEST(a_constant_is_no_solution)
{
	static const char *const guesses[] = {"print(0)", "print(1)", "print()",
					      "print(input())"};
	size_t g;
	int i;

	for (i = 0; i < 40; i++) {
		programs_draw(&problem, 6, (uint64_t)i, i % 2);
		for (g = 0; g < sizeof(guesses) / sizeof(guesses[0]); g++)
			assert_verdict("wrong_answer", "python", guesses[g],
				       problem.tests);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("code programs");
	TCase *c = tcase_create("programs");

	if (getenv("EMULATOR")) {
		puts("skipped: programs are not run in an emulator");
		return 0;
	}
	tcase_set_timeout(c, 200);
	tcase_add_checked_fixture(c, begin_grading, end_grading);
	tcase_add_test(c, solutions_pass_in_python);
	tcase_add_loop_test(c, solutions_pass_in_c_and_cpp, PROGRAMS_C,
			    PROGRAMS_LANGUAGES);
	tcase_add_loop_test(c, solutions_that_are_cut_fail, PROGRAMS_PYTHON,
			    PROGRAMS_LANGUAGES);
	tcase_add_test(c, a_constant_is_no_solution);
	suite_add_tcase(s, c);
	return run_suite(s);
}
