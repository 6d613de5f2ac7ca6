/* SPDX-License-Identifier: MIT */
/* Programs of the dataset that judge: checkers, and scripts on results. */
#include "tests/code_grading.h"

/* A checker that sees 1 as input, 2 as the right output and 3 as the program's.
 */
static const char *judged_by(const char *checker)
{
	static struct code_bytes tests;

	tests.len = 0;
	ck_assert_int_eq(
	    code_bytes_print(&tests,
			     "{\"tests\": [{\"input\": \"1\", \"output\": "
			     "\"2\"}], \"checker\": \"import sys\\n%s\\n\"}",
			     checker),
	    0);
	return grade_as("python", "print(3, end='')\n", tests.ptr);
}

START_TEST(a_checker_says_yes_by_its_first_word)
{
	ck_assert_str_eq(judged_by("print(1)"), "passed");
	ck_assert_str_eq(judged_by("print(100)"), "passed");
	ck_assert_str_eq(judged_by("print('OK because')"), "passed");
	ck_assert_str_eq(judged_by("print('Accepted')"), "passed");
	ck_assert_str_eq(judged_by("print(True)"), "passed");
	ck_assert_str_eq(judged_by("pass"), "passed");
	ck_assert_str_eq(judged_by("print(0)"), "wrong_answer");
	ck_assert_str_eq(judged_by("print(10)"), "wrong_answer");
	ck_assert_str_eq(judged_by("print('wrong answer')"), "wrong_answer");
	ck_assert_str_eq(judged_by("print(False)"), "wrong_answer");
}
END_TEST

START_TEST(a_checker_says_no_by_its_exit_status)
{
	ck_assert_str_eq(judged_by("sys.exit(1)"), "wrong_answer");
	ck_assert_str_eq(judged_by("print(1); sys.exit(1)"), "wrong_answer");
	ck_assert_str_eq(judged_by("print(1); raise ValueError(2)"),
			 "wrong_answer");
	ck_assert_ptr_nonnull(strstr(response.note.ptr, "ValueError: 2"));
	ck_assert_str_eq(judged_by("print(1); import os; os.abort()"),
			 "wrong_answer");
}
END_TEST

START_TEST(a_checker_gets_three_files)
{
	ck_assert_str_eq(
	    judged_by("x = [open(f).read() for f in sys.argv[1:]]\\n"
		      "print(int(x == ['1', '2', '3'] and "
		      "[f.split('/')[-1] for f in sys.argv[1:]] == "
		      "['input.txt', 'correct_output.txt', "
		      "'solution_output.txt']))"),
	    "passed");
}
END_TEST

START_TEST(a_checker_sees_no_output_of_a_program_that_failed)
{
	static const char tests[] =
	    "{\"tests\": [{\"input\": \"\", \"output\": \"\"}], \"checker\": "
	    "\"print(1)\"}";

	assert_verdict("passed", "python", "", tests);
	assert_verdict("runtime_error", "python", "raise SystemExit(1)", tests);
}
END_TEST

START_TEST(a_checker_judges_many_right_answers)
{
	static const char tests[] =
	    "{\"tests\": [{\"input\": \"10\", \"output\": \"3 7\"}], "
	    "\"checker\": \"import sys\\nn = int(open(sys.argv[1]).read())\\n"
	    "a = open(sys.argv[3]).read().split()\\n"
	    "print(int(len(a) == 2 and int(a[0]) + int(a[1]) == n))\\n\"}";

	assert_verdict("passed", "python", "print(4, 6)\n", tests);
	assert_verdict("wrong_answer", "python", "print(4, 7)\n", tests);
	assert_verdict("wrong_answer", "python", "print('x', 7)\n", tests);
	assert_verdict("wrong_answer", "python", "", tests);
}
END_TEST

START_TEST(a_script_judges_results_that_it_works_on)
{
	static const char tests[] =
	    "{\"test\": \"def check(candidate):\\n    for n in (2, 9):\\n"
	    "        assert abs(candidate(n) ** 2 - n) < 1e-6\\n    try:\\n"
	    "        candidate(-1)\\n        assert False\\n    "
	    "except ValueError:\\n        pass\\n\", \"entry_point\": "
	    "\"root\"}";

	assert_verdict("passed", "python",
		       "def root(n):\n    if n < 0: raise ValueError(n)\n"
		       "    return n ** 0.5\n",
		       tests);
	ck_assert_int_eq(response.is_weak, 0);
	assert_verdict("wrong_answer", "python", "def root(n): return 3.0\n",
		       tests);
	assert_verdict("wrong_answer", "python",
		       "def root(n): return float('nan')\n", tests);
	assert_verdict("wrong_answer", "python",
		       "import os\ndef root(n): os._exit(0)\n", tests);
	assert_verdict("time_limit", "python",
		       "def root(n):\n  while True: pass\n", tests);
}
END_TEST

START_TEST(what_allows_neither_is_marked_as_weak)
{
	static const char tests[] =
	    "{\"test\": \"def check(candidate):\\n    "
	    "assert candidate(lambda x: x + 1) == 3\\n\", "
	    "\"entry_point\": \"twice\"}";

	assert_verdict("passed", "python", "def twice(f): return f(f(1))\n",
		       tests);
	ck_assert_int_eq(response.is_weak, 1);
	assert_verdict("runtime_error", "python", "def twice(f): return 1\n",
		       tests);
	assert_verdict("wrong_answer", "python",
		       "import os\ndef twice(f): os._exit(0)\n", tests);
}
END_TEST

/* A program must not choose to be judged by a weaker way. */
START_TEST(a_result_without_text_is_wrong_not_weak)
{
	static const char tests[] = "{\"test\": \"def check(candidate):\\n    "
				    "assert candidate(candidate(1)) == 3\\n\", "
				    "\"entry_point\": \"next_one\"}";

	assert_verdict("passed", "python", "def next_one(x): return x + 1\n",
		       tests);
	ck_assert_int_eq(response.is_weak, 0);
	assert_verdict("wrong_answer", "python",
		       "class E:\n  def __eq__(self, o): return True\n"
		       "def next_one(x): return E()\n",
		       tests);
	ck_assert_int_eq(response.is_weak, 0);
}
END_TEST

START_TEST(a_script_gets_results_of_every_type)
{
	static const char tests[] =
	    "{\"test\": \"def check(candidate):\\n"
	    "    for x in (None, True, 10 ** 5000, -0.5, 'a\xc3\xa9', (1, "
	    "[2]), {3},"
	    " {4: (5,)}, b'6'):\\n        y = candidate(x)\\n"
	    "        assert type(y) is type(x) and y == x\\n\", "
	    "\"entry_point\": \"same\"}";

	assert_verdict("passed", "python", "def same(x): return x\n", tests);
	ck_assert_int_eq(response.is_weak, 0);
	assert_verdict("wrong_answer", "python", "def same(x): return str(x)\n",
		       tests);
	assert_verdict("wrong_answer", "python", "def same(x): pass\n", tests);
	assert_verdict("memory_limit", "python",
		       "def same(x): return bytearray(1 << 40)\n", tests);
	assert_verdict("output_limit", "python",
		       "def same(x):\n  while True: print('x' * 9999)\n",
		       tests);
	assert_verdict("compile_error", "python", "def same(x: return x\n",
		       tests);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("code checker");
	TCase *c = tcase_create("checker");

	if (getenv("EMULATOR")) {
		puts("skipped: programs are not run in an emulator");
		return 0;
	}
	tcase_set_timeout(c, 60);
	tcase_add_checked_fixture(c, begin_grading, end_grading);
	tcase_add_test(c, a_checker_says_yes_by_its_first_word);
	tcase_add_test(c, a_checker_says_no_by_its_exit_status);
	tcase_add_test(c, a_checker_gets_three_files);
	tcase_add_test(c, a_checker_sees_no_output_of_a_program_that_failed);
	tcase_add_test(c, a_checker_judges_many_right_answers);
	tcase_add_test(c, a_script_judges_results_that_it_works_on);
	tcase_add_test(c, what_allows_neither_is_marked_as_weak);
	tcase_add_test(c, a_result_without_text_is_wrong_not_weak);
	tcase_add_test(c, a_script_gets_results_of_every_type);
	suite_add_tcase(s, c);
	return run_suite(s);
}
