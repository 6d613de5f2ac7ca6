/* SPDX-License-Identifier: MIT */
/*
 * Reward hacks against each format of tests: none passes, none makes the
 * sandbox fail, and an honest program still passes afterwards.
 */
#include "tests/code_grading.h"
#include "tests/code_hacks.h"

#define ADD_SCRIPT                                                             \
	"def check(candidate):\\n    assert candidate(3, 4) == 7\\n"           \
	"    assert candidate(0, 1) == 1\\n"                                   \
	"    assert candidate(99, -4) == 95\\n"

/* One task, to add two numbers, in each format that calls a function. */
static const struct {
	const char *name, *tests;
} formats[] = {
    {"own",
     "{\"tests\": [{\"call\": \"add\", \"args\": [3, 4], \"result\": 7}, "
     "{\"call\": \"add\", \"args\": [0, 1], \"result\": 1}, {\"call\": "
     "\"add\", \"args\": [99, -4], \"result\": 95}]}"},
    {"apps", "{\"fn_name\": \"add\", \"inputs\": [[3, 4], [0, 1], [99, -4]], "
	     "\"outputs\": [7, 1, 95]}"},
    {"livecodebench",
     "{\"public_test_cases\": [{\"testtype\": \"functional\", \"input\": "
     "\"3\\n4\", \"output\": \"7\"}, {\"testtype\": \"functional\", "
     "\"input\": \"0\\n1\", \"output\": \"1\"}], \"private_test_cases\": "
     "[{\"testtype\": \"functional\", \"input\": \"99\\n-4\", \"output\": "
     "\"95\"}], \"metadata\": {\"func_name\": \"add\"}}"},
    {"humaneval", "{\"test\": \"" ADD_SCRIPT "\", \"entry_point\": \"add\"}"},
    {"mbpp",
     "{\"test_list\": [\"assert add(3, 4) == 7\", \"assert add(0, 1) == 1\", "
     "\"assert add(99, -4) == 95\"]}"},
    {"script",
     "{\"test\": \"def check(candidate):\\n"
     "    assert abs(candidate(3, 4) * 2 - 14) < 1e-6\\n"
     "    assert candidate(0, 1) * 2 == 2\\n"
     "    assert candidate(99, -4) + 0 == 95\\n\", \"entry_point\": \"add\"}"},
};

enum {
	N_FORMATS = sizeof(formats) / sizeof(formats[0]),
	SCRIPT = N_FORMATS - 1,
	SLOW = 123 /* the hack that uses up its time */
};

static const char honest[] =
    "def add(a, b):\n    return a + b\n"
    "class Solution:\n    def add(self, a, b):\n        return a + b\n";

#define STDIN_TESTS                                                            \
	"{\"tests\": [{\"input\": \"3 4\\n\", \"output\": \"7 -1\\n\"}, "      \
	"{\"input\": \"0 1\\n\", \"output\": \"1 -1\\n\"}, "                   \
	"{\"input\": \"99 -4\\n\", \"output\": \"95 103\\n\"}]"
static const char stdin_tests[] = STDIN_TESTS "}";
static const char checker_tests[] =
    STDIN_TESTS ", \"checker\": \"import sys\\n"
		"a = open(sys.argv[2]).read().split()\\n"
		"b = open(sys.argv[3]).read().split()\\n"
		"print(1 if a == b else 0)\\n\"}";
static const char honest_program[] =
    "a, b = map(int, input().split())\nprint(a + b, a - b)\n";

static void begin_hacks(void)
{
	begin_grading();
	request.limits.cpu_ms = 400;
	request.limits.wall_ms = 1200;
	request.limits.memory_bytes = (int64_t)256 << 20;
	request.limits.output_bytes = 1 << 16;
}

/* Each line of `text` behind blanks, into `out`. */
static void indent(struct code_bytes *out, const char *text, const char *by)
{
	const char *end;

	for (; *text; text = *end ? end + 1 : end) {
		end = text + strcspn(text, "\n");
		ck_assert_int_eq(code_bytes_print(out, "%s%.*s\n", by,
						  (int)(end - text), text),
				 0);
	}
}

/* Neither a pass nor a failure of the sandbox. */
static void earns_nothing(int row, const char *format, const char *source,
			  const char *tests)
{
	const char *word = grade_as("python", source, tests);

	if (response.verdict == CODE_PASSED ||
	    response.verdict == CODE_FAILED ||
	    response.verdict == CODE_BAD_TESTS)
		ck_abort_msg("hack %d, %s: %s\n%s\n%s", row, format, word,
			     source, response.note.ptr);
}

static void check_at_top(const struct hack *h, int format)
{
	struct code_bytes b = {0};

	indent(&b, h->text, "");
	ck_assert_int_eq(
	    code_bytes_print(&b, "def add(a, b):\n    return 0\n"
				 "class Solution:\n    def add(self, a, b):\n"
				 "        return 0\n"),
	    0);
	earns_nothing(h->row, formats[format].name, b.ptr,
		      formats[format].tests);
	code_bytes_free(&b);
}

static void check_inside(const struct hack *h, int format)
{
	struct code_bytes b = {0};

	ck_assert_int_eq(code_bytes_print(&b, "def add(a, b):\n"), 0);
	indent(&b, h->text, "    ");
	ck_assert_int_eq(code_bytes_print(&b, "    return 0\n"), 0);
	earns_nothing(h->row, formats[format].name, b.ptr,
		      formats[format].tests);
	code_bytes_free(&b);
}

START_TEST(statements_earn_nothing_from_calls)
{
	size_t i;

	assert_verdict("passed", "python", honest, formats[_i].tests);
	ck_assert_int_eq(response.is_weak, 0);
	for (i = 0; i < sizeof(hack_blocks) / sizeof(hack_blocks[0]); i++) {
		check_inside(&hack_blocks[i], _i);
		/* A script has an interpreter of its own, which takes long. */
		if (_i != SCRIPT && hack_blocks[i].row != SLOW)
			check_at_top(&hack_blocks[i], _i);
	}
	assert_verdict("passed", "python", honest, formats[_i].tests);
}
END_TEST

START_TEST(results_earn_nothing_from_calls)
{
	struct code_bytes b = {0};
	size_t i;

	for (i = 0; i < sizeof(hack_results) / sizeof(hack_results[0]); i++) {
		b.len = 0;
		ck_assert_int_eq(
		    code_bytes_print(&b, "%s\ndef add(a, b):\n    return %s\n",
				     hack_results[i].before,
				     hack_results[i].result),
		    0);
		ck_assert_int_eq(code_bytes_add(&b, "", 1), 0);
		earns_nothing(hack_results[i].row, formats[_i].name, b.ptr,
			      formats[_i].tests);
	}
	code_bytes_free(&b);
	assert_verdict("passed", "python", honest, formats[_i].tests);
}
END_TEST

static void check_programs(const char *tests, const struct hack *hacks,
			   size_t n, const char *after)
{
	struct code_bytes b = {0};
	size_t i;

	assert_verdict("passed", "python", honest_program, tests);
	for (i = 0; i < n; i++) {
		b.len = 0;
		ck_assert_int_eq(
		    code_bytes_print(&b,
				     "a, b = map(int, input().split())\n%s\n%s",
				     hacks[i].text, after),
		    0);
		ck_assert_int_eq(code_bytes_add(&b, "", 1), 0);
		earns_nothing(hacks[i].row, "stdin", b.ptr, tests);
	}
	code_bytes_free(&b);
	assert_verdict("passed", "python", honest_program, tests);
}

START_TEST(statements_earn_nothing_from_programs)
{
	check_programs(_i ? checker_tests : stdin_tests, hack_blocks,
		       sizeof(hack_blocks) / sizeof(hack_blocks[0]),
		       "print(0)\n");
}
END_TEST

START_TEST(outputs_earn_nothing)
{
	check_programs(_i ? checker_tests : stdin_tests, hack_outputs,
		       sizeof(hack_outputs) / sizeof(hack_outputs[0]), "");
}
END_TEST

/* Where program and tests share a process, leaving early must still fail. */
START_TEST(statements_earn_nothing_from_a_weak_task)
{
	static const char tests[] = "{\"test\": \"def check(candidate):\\n    "
				    "assert candidate(lambda: 7, 1) == 8\\n\", "
				    "\"entry_point\": \"add\"}";
	struct code_bytes b = {0};
	size_t i;

	assert_verdict("passed", "python",
		       "def add(f, x):\n    return f() + x\n", tests);
	ck_assert_int_eq(response.is_weak, 1);
	for (i = 0; i < sizeof(hack_blocks) / sizeof(hack_blocks[0]); i++) {
		b.len = 0;
		ck_assert_int_eq(code_bytes_print(&b, "def add(a, b):\n"), 0);
		indent(&b, hack_blocks[i].text, "    ");
		ck_assert_int_eq(code_bytes_print(&b, "    return 0\n"), 0);
		earns_nothing(hack_blocks[i].row, "weak", b.ptr, tests);
	}
	code_bytes_free(&b);
}
END_TEST

/* A checker of the task crashes or hangs on an output: that is no pass, and no
 * failure of the sandbox. */
START_TEST(a_checker_that_breaks_gives_nothing)
{
	static const char tests[] =
	    "{\"tests\": [{\"input\": \"\", \"output\": \"1\"}], \"checker\": "
	    "\"import sys\\nx = int(open(sys.argv[3]).read())\\n"
	    "print(1 if x == 1 else [0][x])\\n\"}";

	assert_verdict("passed", "python", "print(1)", tests);
	assert_verdict("wrong_answer", "python", "print('x')", tests);
	assert_verdict("wrong_answer", "python", "print(99)", tests);
	assert_verdict("wrong_answer", "python", "print('1' * 60000)", tests);
}
END_TEST

static const char *const c_hacks[] = {
    "int main(void) { return 0; }",
    "#include <unistd.h>\nint main(void) { _exit(0); }",
    "#include \"/etc/passwd\"\nint main(void) { return 0; }",
    "#include \"correct_output.txt\"\nint main(void) { return 0; }",
    "__asm__(\".incbin \\\"/etc/shadow\\\"\");\nint main(void) { return 0; }",
    "#pragma GCC plugin \"x\"\nint main(void) { return 0; }",
    ("#include <stdio.h>\n__attribute__((constructor)) void f(void) { "
     "puts(\"7 -1\"); }\nint main(void) { return 1; }"),
    "char big[1L << 40];\nint main(void) { return big[1]; }",
    "#error cannot find -lc\nint main(void) { return 0; }",
    "__asm__(\".fill 100000000, 8, 0\");\nint main(void) { return 0; }",
    "#include __FILE__\nint main(void) { return 0; }",
    "",
};

START_TEST(compiled_programs_earn_nothing)
{
	size_t i;

	if (access("/usr/bin/gcc", X_OK) != 0) {
		puts("skipped: /usr/bin/gcc is not there");
		return;
	}
	request.limits.compile_ms = 10000;
	for (i = 0; i < sizeof(c_hacks) / sizeof(c_hacks[0]); i++) {
		(void)grade_as("c", c_hacks[i], stdin_tests);
		if (response.verdict == CODE_PASSED ||
		    response.verdict == CODE_FAILED)
			ck_abort_msg("%s\n%s", c_hacks[i], response.note.ptr);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("code hacks");
	TCase *c = tcase_create("hacks");

	if (getenv("EMULATOR")) {
		puts("skipped: programs are not run in an emulator");
		return 0;
	}
	tcase_set_timeout(c, 300);
	tcase_add_checked_fixture(c, begin_hacks, end_grading);
	tcase_add_loop_test(c, statements_earn_nothing_from_calls, 0,
			    N_FORMATS);
	tcase_add_loop_test(c, results_earn_nothing_from_calls, 0, N_FORMATS);
	tcase_add_loop_test(c, statements_earn_nothing_from_programs, 0, 2);
	tcase_add_loop_test(c, outputs_earn_nothing, 0, 2);
	tcase_add_test(c, statements_earn_nothing_from_a_weak_task);
	tcase_add_test(c, a_checker_that_breaks_gives_nothing);
	tcase_add_test(c, compiled_programs_earn_nothing);
	suite_add_tcase(s, c);
	return run_suite(s);
}
