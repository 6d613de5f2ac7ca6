/* SPDX-License-Identifier: MIT */
/* The program examples/run_code, as a user runs it, and what the reward makes
 * of bad input. */
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tests/program.h"
#include "tests/suite.h"

#define MAX_ARGUMENTS 16
#define SUM "a, b = map(int, input().split())\nprint(a + b)\n"
#define TESTS                                                                  \
	"{\"inputs\": [\"1 2\\n\", \"3 4\\n\"], \"outputs\": [\"3\", \"7\"]}"

static int run_program(const char *name, const char *stdin_path, va_list list)
{
	char program[PROGRAM_PATH], *arguments[MAX_ARGUMENTS] = {NULL};
	int n = 0;

	arguments[0] = (char *)program_beside(program, name);
	while (n < MAX_ARGUMENTS - 2 && (arguments[++n] = va_arg(list, char *)))
		;
	return program_finish(program_start(arguments, stdin_path));
}

/* Arguments end with NULL; returns the exit status. */
static int run_code(const char *stdin_path, ...)
{
	va_list list;
	int status;

	va_start(list, stdin_path);
	status = run_program("../bin/run_code", stdin_path, list);
	va_end(list);
	return status;
}

static int score(const char *stdin_path, ...)
{
	va_list list;
	int status;

	va_start(list, stdin_path);
	status = run_program("../bin/score", stdin_path, list);
	va_end(list);
	return status;
}

#define RUN(...) run_code(NULL, __VA_ARGS__, NULL)

/* Paths stay, unlike scratch_text's. */
static const char *file(const char *name, const char *text)
{
	static char paths[8][512];
	static int next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof paths[0], "%s", scratch_text(name, text));
	return path;
}

START_TEST(a_program_that_passes_says_so)
{
	program_expect_status(RUN(file("s.py", SUM), file("t.json", TESTS)), 0);
	program_expect("out", "verdict    passed\n");
	program_expect("out", "tests      2 of 2 passed\n");
	program_expect("out", "tier       T");
	program_expect("out", "limits     4000 ms of processor time");
	program_expect("out", "reward     1\n");
}
END_TEST

START_TEST(the_first_test_that_fails_is_shown)
{
	program_expect_status(
	    RUN(file("s.py", "input()\nprint(3)\n"), file("t.json", TESTS)), 1);
	program_expect("out", "verdict    wrong_answer\n");
	program_expect("out", "test       2\n");
	program_expect("out", "expected   7\n");
	program_expect("out", "got        3");
	program_expect("out", "reward     0\n");
}
END_TEST

START_TEST(the_language_goes_by_the_files_name)
{
	program_expect_status(
	    RUN(file("s.c", "#include <stdio.h>\nint main(void) { int a, b; "
			    "scanf(\"%d %d\", &a, &b); printf(\"%d\\n\", a + "
			    "b); }\n"),
		file("t.json", TESTS)),
	    0);
	program_expect("out", "verdict    passed\n");
	program_expect_status(RUN(file("s.c", "int main(void) { return x; }\n"),
				  file("t.json", TESTS)),
			      1);
	program_expect("out", "verdict    compile_error\n");
	program_expect_status(RUN("--language", "python", file("s.c", SUM),
				  file("t.json", TESTS)),
			      0);
}
END_TEST

START_TEST(tests_may_be_python_and_come_from_standard_input)
{
	const char *asserts =
	    file("t.py", "assert double(3) == 6\nassert double(-1) == -2\n");
	const char *good = file("s.py", "def double(x):\n    return 2 * x\n");

	program_expect_status(RUN(good, asserts), 0);
	program_expect("out", "tests      2 of 2 passed\n");
	program_expect_status(run_code(asserts, good, "-", NULL), 0);
	program_expect_status(
	    RUN(file("s.py", "def double(x):\n    return x * x\n"), asserts),
	    1);
}
END_TEST

START_TEST(humanevals_tests_take_an_entry_point_and_a_prompt)
{
	const char *check = file(
	    "t.py", "def check(candidate):\n    assert candidate(2) == 4\n");
	const char *prompt =
	    file("p.py", "def twice(x):\n    \"\"\"2 -> 4\"\"\"\n");

	program_expect_status(RUN("--entry-point", "twice", "--prompt", prompt,
				  file("s.py", "    return x + x\n"), check),
			      0);
	program_expect_status(RUN("--entry-point", "twice", "--prompt", prompt,
				  file("s.py", "    return None\n"), check),
			      1);
}
END_TEST

START_TEST(limits_are_parameters)
{
	program_expect_status(RUN("--params", "{\"cpu_ms\": 100}",
				  file("s.py", "while True: pass\n"),
				  file("t.json", TESTS)),
			      1);
	program_expect("out", "verdict    time_limit\n");
	program_expect_status(RUN("--params", "{\"cpu_sm\": 100}",
				  file("s.py", SUM), file("t.json", TESTS)),
			      2);
	program_expect("err", "\"cpu_sm\": unknown parameter");
}
END_TEST

/* ------------------------------------------------------------- bad input */

static const struct {
	const char *tests, *why;
} bad[] = {
    {"{\"inputs\": [", "the tests are no JSON"},
    {"{}", "why "},
    {"{\"inputs\": [], \"outputs\": []}", "why "},
    {"{\"inputs\": [\"1\"], \"outputs\": []}", "1 inputs, but 0 outputs"},
    {"{\"inputs\": [\"1\"], \"outputs\": [\"1\"], \"test_list\": [\"assert "
     "f(1) "
     "== 1\"]}",
     "why "},
    {"[1, 2]", "why "},
    {"{\"tests\": [{\"call\": \"f\", \"args\": 3, \"result\": 1}]}",
     "\"args\" is no list"},
};
#define N_BAD (sizeof bad / sizeof *bad)

START_TEST(tests_that_cannot_be_used_are_said_in_one_line)
{
	program_expect_status(
	    RUN(file("s.py", SUM), file("t.json", bad[_i].tests)), 2);
	program_expect("out", "verdict    bad_tests\n");
	program_expect("out", bad[_i].why);
}
END_TEST

START_TEST(files_that_are_not_there_are_named)
{
	program_expect_status(RUN("/no/such.py", file("t.json", TESTS)), 2);
	program_expect("err", "/no/such.py: No such file or directory");
	program_expect_status(RUN(file("s.py", SUM)), 2);
	program_expect("err", "expected a program and a file of tests");
	program_expect_status(RUN("-", "-"), 2);
	program_expect("err", "only one of the two");
}
END_TEST

/* Ten thousand tests, and then a row that goes on. */
START_TEST(a_row_with_too_many_tests_is_missing_and_the_next_is_judged)
{
	static char text[400000];
	size_t n = 0;

	n += (size_t)snprintf(text + n, sizeof text - n,
			      "{\"completion\": \"```\\nprint(1)\\n```\", "
			      "\"tests\": {\"inputs\": [\"1\"");
	for (int i = 1; i < 10000; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, ", \"1\"");
	n += (size_t)snprintf(text + n, sizeof text - n,
			      "], \"outputs\": [\"1\"");
	for (int i = 1; i < 10000; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, ", \"1\"");
	n += (size_t)snprintf(
	    text + n, sizeof text - n,
	    "]}}\n{\"completion\": \"```\\nprint(1)\\n```\", \"tests\": "
	    "{\"inputs\": [\"\"], \"outputs\": [\"1\"]}}\n");
	ck_assert_uint_lt(n, sizeof text - 1);
	program_expect_status(
	    score(NULL, "--reward", "code", file("rows.jsonl", text), NULL), 0);
	program_expect("out", "\"status\": {\"code\": \"missing\"}");
	program_expect("out", "\"rewards\": {\"code\": 1}");
	program_expect("err", "    passed               mean 1 over 1\n");
}
END_TEST

START_TEST(a_language_that_is_not_installed_makes_its_rows_missing)
{
	program_expect_status(RUN("--params", "{\"cc\": \"/no/such/cc\"}",
				  file("s.c", "int main(void) { return 0; }\n"),
				  file("t.json", TESTS)),
			      2);
	program_expect("out", "why        no compiler is installed here\n");
	program_expect_status(RUN("--params", "{\"cc\": \"/no/such/cc\"}",
				  file("s.py", SUM), file("t.json", TESTS)),
			      0);
}
END_TEST

START_TEST(the_doctor_says_what_the_machine_gives)
{
	program_expect_status(RUN("--doctor"), 0);
	program_expect("out", "tier       T");
	program_expect("out", "landlock   ABI ");
	program_expect("out", "python     /");
}
END_TEST

START_TEST(help_and_version)
{
	program_expect_status(RUN("--help"), 0);
	program_expect("out", "usage: ");
	program_expect_status(RUN("--version"), 0);
	program_expect("out", "run_code (libgrpo) ");
	program_expect_status(RUN("--verbose"), 2);
	program_expect("err", "--verbose");
}
END_TEST

/* Whether this machine can isolate programs at all. */
static int has_sandbox(void)
{
	char command[PROGRAM_PATH + 64], self[PROGRAM_PATH] = "";
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	char *slash = strrchr(self, '/');

	if (getenv("EMULATOR") || n <= 0 || !slash)
		return 0;
	*slash = '\0';
	snprintf(command, sizeof command,
		 "%s/../bin/run_code --doctor >/dev/null 2>&1", self);
	return system(command) == 0;
}

static Suite *suite(void)
{
	Suite *s = suite_create("run_code");
	TCase *c = tcase_create("run_code");

	tcase_add_checked_fixture(c, scratch_make, scratch_remove);
	tcase_set_timeout(c, 60);
	tcase_add_test(c, help_and_version);
	tcase_add_test(c, files_that_are_not_there_are_named);
	suite_add_tcase(s, c);
	if (!has_sandbox()) {
		puts("skipped: run_code (no sandbox here)");
		return s;
	}
	tcase_add_test(c, a_program_that_passes_says_so);
	tcase_add_test(c, the_first_test_that_fails_is_shown);
	tcase_add_test(c, the_language_goes_by_the_files_name);
	tcase_add_test(c, tests_may_be_python_and_come_from_standard_input);
	tcase_add_test(c, humanevals_tests_take_an_entry_point_and_a_prompt);
	tcase_add_test(c, limits_are_parameters);
	tcase_add_loop_test(c, tests_that_cannot_be_used_are_said_in_one_line,
			    0, N_BAD);
	tcase_add_test(
	    c, a_row_with_too_many_tests_is_missing_and_the_next_is_judged);
	tcase_add_test(c,
		       a_language_that_is_not_installed_makes_its_rows_missing);
	tcase_add_test(c, the_doctor_says_what_the_machine_gives);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
