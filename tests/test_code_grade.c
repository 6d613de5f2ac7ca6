/* SPDX-License-Identifier: MIT */
/* Verdicts on whole rows: programs in a jail, compared outside of it. */
#include "tests/code_grading.h"

#define SUM                                                                    \
	"{\"tests\": [{\"input\": \"1 2\\n\", \"output\": \"3\\n\"}, "         \
	"{\"input\": \"40 2\\n\", \"output\": \"42\\n\"}]}"
#define SUM_CALL                                                               \
	"{\"tests\": [{\"call\": \"add\", \"args\": [1, 2], \"result\": 3}, "  \
	"{\"call\": \"add\", \"args\": [40, 2], \"result\": 42}]}"
#define PYTHON_SUM "print(sum(map(int, input().split())))\n"
#define C_SUM                                                                  \
	"#include <stdio.h>\nint main(void) { int a, b; "                      \
	"if (scanf(\"%d %d\", &a, &b) != 2) return 1; "                        \
	"printf(\"%d\\n\", a + b); return 0; }\n"

static int has_compiler(const char *language)
{
	const char *path =
	    strcmp(language, "c") == 0 ? "/usr/bin/gcc" : "/usr/bin/g++";

	if (access(path, X_OK) == 0)
		return 1;
	printf("skipped: %s is not there\n", path);
	return 0;
}

static int noted(const char *line)
{
	return strstr(response.note.ptr, line) != NULL;
}

START_TEST(a_right_program_passes)
{
	assert_verdict("passed", "python", PYTHON_SUM, SUM);
	ck_assert_int_eq(response.n_tests, 2);
	ck_assert_int_eq(response.n_run, 2);
	ck_assert_int_eq(response.n_passed, 2);
	ck_assert_int_eq(response.first_failed, -1);
	ck_assert_int_eq(response.is_weak, 0);
	ck_assert(response.peak_bytes > 0);
	assert_verdict("passed", "python", "def add(a, b):\n    return a + b\n",
		       SUM_CALL);
}
END_TEST

START_TEST(a_wrong_program_is_explained)
{
	assert_verdict("wrong_answer", "python", "print(3)\n", SUM);
	ck_assert_int_eq(response.first_failed, 1);
	ck_assert_int_eq(response.n_passed, 1);
	ck_assert(noted("test\t2\n"));
	ck_assert(noted("expected\t42\\n\n"));
	ck_assert(noted("got\t3\\n\n"));
}
END_TEST

START_TEST(the_first_failure_ends_a_row_only_where_asked)
{
	request.stop_first = 0;
	assert_verdict("wrong_answer", "python",
		       "a, b = input().split()\nprint(int(a) + 2)\n",
		       "{\"tests\": [{\"input\": \"1 1\", \"output\": \"2\"}, "
		       "{\"input\": \"1 2\", \"output\": \"3\"}]}");
	ck_assert_int_eq(response.n_run, 2);
	ck_assert_int_eq(response.n_passed, 1);
	ck_assert_int_eq(response.first_failed, 0);
	request.stop_first = 1;
	assert_verdict("wrong_answer", "python", "print(0)\n", SUM);
	ck_assert_int_eq(response.n_run, 1);
}
END_TEST

START_TEST(each_way_to_fail_has_its_verdict)
{
	request.limits.cpu_ms = 500;
	request.limits.wall_ms = 1500;
	assert_verdict("runtime_error", "python", "raise ValueError(1)\n", SUM);
	ck_assert(noted("stderr\tValueError: 1\n"));
	assert_verdict("runtime_error", "python",
		       PYTHON_SUM "raise SystemExit(3)\n", SUM);
	assert_verdict("compile_error", "python", "print(\n", SUM);
	assert_verdict("time_limit", "python", "while True: pass\n", SUM);
	assert_verdict("time_limit", "python", "import time; time.sleep(60)\n",
		       SUM);
	assert_verdict("memory_limit", "python", "x = bytearray(1 << 40)\n",
		       SUM);
	assert_verdict("output_limit", "python",
		       "while True: print('x' * 10000)\n", SUM);
	assert_verdict("wrong_answer", "python", "", SUM);
}
END_TEST

START_TEST(leaving_early_is_wrong)
{
	assert_verdict("wrong_answer", "python", "import os; os._exit(0)\n",
		       SUM);
	assert_verdict("wrong_answer", "python", "raise SystemExit\n",
		       SUM_CALL);
	assert_verdict("wrong_answer", "python", "import os; os._exit(0)\n",
		       SUM_CALL);
}
END_TEST

START_TEST(bad_tests_are_told_apart)
{
	assert_verdict("bad_tests", "python", PYTHON_SUM, "");
	ck_assert(noted("why\tno tests\n"));
	assert_verdict("bad_tests", "python", PYTHON_SUM, "{\"tests\": []}");
	assert_verdict("bad_tests", "cobol", PYTHON_SUM, SUM);
	ck_assert(noted("why\tunknown language \"cobol\"\n"));
	assert_verdict("bad_tests", "c", PYTHON_SUM, SUM_CALL);
	assert_verdict("bad_tests", "c", PYTHON_SUM,
		       "{\"tests\": [{\"input\": \"\", \"output\": \"\"}], "
		       "\"language\": \"python3\"}");
	ck_assert(noted("another language"));
	request.entry = code_view_text("f");
	assert_verdict("bad_tests", "python", PYTHON_SUM,
		       "def check(candidate):\n    assert (\n");
	ck_assert(noted("SyntaxError"));
}
END_TEST

START_TEST(the_deadline_holds_for_the_row)
{
	request.deadline_ms = 300;
	request.stop_first = 0;
	assert_verdict("time_limit", "python", "import time; time.sleep(60)\n",
		       SUM);
	ck_assert_int_eq(response.n_passed, 0);
}
END_TEST

START_TEST(c_and_cpp_are_compiled)
{
	if (has_compiler("c")) {
		assert_verdict("passed", "c", C_SUM, SUM);
		assert_verdict("passed", "C", C_SUM, SUM); /* from the store */
		assert_verdict("runtime_error", "c",
			       "int main(void) { __builtin_trap(); }\n", SUM);
		assert_verdict("compile_error", "c", "int main( {\n", SUM);
		ck_assert(noted("diagnostics\tsolution.c"));
	}
	if (has_compiler("cpp")) {
		assert_verdict("passed", "cpp",
			       "#include <iostream>\nint main() { long a, b; "
			       "std::cin >> a >> b; std::cout << a + b; }\n",
			       SUM);
		assert_verdict("memory_limit", "c++",
			       "#include <vector>\nint main() { "
			       "std::vector<char> v(1L << 40); "
			       "return v[1] + 1; }\n",
			       SUM);
	}
}
END_TEST

START_TEST(the_slow_header_is_compiled_once)
{
	char path[256];

	if (!has_compiler("cpp"))
		return;
	assert_verdict("passed", "cpp",
		       "#include <bits/stdc++.h>\nusing namespace std;\n"
		       "int main() { int a, b; cin >> a >> b; "
		       "cout << a + b << endl; }\n",
		       SUM);
	(void)snprintf(path, sizeof(path), "%s/bits/stdc++.h.gch",
		       grading_shelf);
	ck_assert_int_eq(access(path, R_OK), 0);
	assert_verdict("wrong_answer", "cpp",
		       "#include <bits/stdc++.h>\nusing namespace std;\n"
		       "int main() { cout << 1; }\n",
		       SUM);
}
END_TEST

START_TEST(results_of_calls_are_compared_by_value)
{
	static const char tests[] =
	    "{\"tests\": [{\"call\": \"f\", \"args\": [], \"result\": "
	    "{\"a\": [1, 2.5, \"x\", null, true]}}]}";

	assert_verdict("passed", "python",
		       "def f(): return {'a': (1, 2.5, 'x', None, True)}\n",
		       tests);
	assert_verdict("wrong_answer", "python",
		       "def f(): return {'a': (1, 2.5, 'x', None, 1)}\n",
		       tests);
	assert_verdict("wrong_answer", "python",
		       "def f(): return {'a': object()}\n", tests);
	assert_verdict("passed", "python",
		       "class Solution:\n  def f(self): return {'a': [1, 2.5, "
		       "'x', None, True]}\n",
		       tests);
}
END_TEST

START_TEST(asserts_are_split_into_calls)
{
	request.stop_first = 0;
	assert_verdict("wrong_answer", "python", "def f(x): return list(x)\n",
		       "{\"test_list\": [\"assert f([1]) == [1]\", \"assert "
		       "f([2]) == [3]\"]}");
	ck_assert_int_eq(response.n_tests, 2);
	ck_assert_int_eq(response.n_passed, 1);
	assert_verdict("passed", "python",
		       "def f(x): return [1, 2] if x else ()\n",
		       "{\"test_list\": [\"assert set(f((9, {2: 3}))) == {2, "
		       "1}\", \"assert not f([])\", \"assert f([1]) in ([5], "
		       "[1, 2])\", \"assert len(f(b'x')) == 2 and f({1})\"]}");
	ck_assert_int_eq(response.n_tests, 5);
	ck_assert_int_eq(response.is_weak, 0);
}
END_TEST

START_TEST(a_program_continues_its_prompt)
{
	static const char tests[] =
	    "def check(candidate):\n    assert candidate([1, 2]) == 3\n";

	request.entry = code_view_text("total");
	request.prompt = code_view_text(
	    "from typing import List\ndef total(x: List[int]):\n    \"\"\"The "
	    "sum.\"\"\"\n");
	assert_verdict("passed", "python", "    return sum(x)\n", tests);
	assert_verdict("passed", "python",
		       "def total(x: List[int]):\n    return sum(x)\n", tests);
	assert_verdict("wrong_answer", "python", "    pass\n", tests);
}
END_TEST

START_TEST(livecodebench_programs_have_its_imports)
{
	assert_verdict("passed", "python",
		       "class Solution:\n    def f(self, x: List[int]) -> "
		       "Optional[int]:\n        return reduce(gcd, x)\n",
		       "{\"public_test_cases\": [{\"input\": \"[4, 6]\", "
		       "\"output\": \"2\", \"testtype\": \"functional\"}], "
		       "\"metadata\": {\"func_name\": \"f\"}}");
	assert_verdict("passed", "python", "print(gcd(4, 6))\n",
		       "[{\"input\": \"\", \"output\": \"2\", \"testtype\": "
		       "\"stdin\"}]");
}
END_TEST

START_TEST(odd_programs_end_as_python_ends_them)
{
	assert_verdict("passed", "python",
		       "import threading\ndef main():\n    " PYTHON_SUM
		       "threading.Thread(target=main).start()\n",
		       SUM);
	assert_verdict("passed", "python",
		       "import atexit\n@atexit.register\ndef main():\n"
		       "    " PYTHON_SUM,
		       SUM);
	assert_verdict("passed", "python",
		       "def main():\n    " PYTHON_SUM
		       "if __name__ == '__main__':\n    main()\n",
		       SUM);
	assert_verdict("passed", "python",
		       "import sys\n" PYTHON_SUM "sys.exit()\n", SUM);
	assert_verdict("passed", "python",
		       "import sys\ndata = sys.stdin.buffer.read().split()\n"
		       "sys.stdout.buffer.write(b'%d' % sum(map(int, data)))\n",
		       SUM);
}
END_TEST

static void add_tests(TCase *c)
{
	tcase_add_test(c, a_right_program_passes);
	tcase_add_test(c, a_wrong_program_is_explained);
	tcase_add_test(c, the_first_failure_ends_a_row_only_where_asked);
	tcase_add_test(c, each_way_to_fail_has_its_verdict);
	tcase_add_test(c, leaving_early_is_wrong);
	tcase_add_test(c, bad_tests_are_told_apart);
	tcase_add_test(c, the_deadline_holds_for_the_row);
	tcase_add_test(c, c_and_cpp_are_compiled);
	tcase_add_test(c, the_slow_header_is_compiled_once);
	tcase_add_test(c, results_of_calls_are_compared_by_value);
	tcase_add_test(c, asserts_are_split_into_calls);
	tcase_add_test(c, a_program_continues_its_prompt);
	tcase_add_test(c, livecodebench_programs_have_its_imports);
	tcase_add_test(c, odd_programs_end_as_python_ends_them);
}

int main(void)
{
	Suite *s = suite_create("code grade");
	TCase *c = tcase_create("grade");

	if (getenv("EMULATOR")) {
		puts("skipped: programs are not run in an emulator");
		return 0;
	}
	tcase_set_timeout(c, 120);
	tcase_add_checked_fixture(c, begin_grading, end_grading);
	add_tests(c);
	suite_add_tcase(s, c);
	return run_suite(s);
}
