/* SPDX-License-Identifier: MIT */
/* Tests of every format become one list; what is wrong is one clear line. */
#include <stdio.h>
#include <string.h>

#include "rewards/code/supervisor/tests.h"
#include "tests/suite.h"

static struct tests tests;

static int read_as(const char *text, const char *format)
{
	struct code_request r = {.tests = code_view_text(text),
				 .format = code_view_text(format)};

	tests_free(&tests);
	return tests_read(&tests, &r);
}

static int holds(struct code_view v, const char *text)
{
	return v.len == strlen(text) && memcmp(v.ptr, text, v.len) == 0;
}

/* Read without a name, and as a format. */
static void takes(const char *text, const char *format, size_t n)
{
	ck_assert_msg(read_as(text, "") == 0, "%s: %s", text, tests.why);
	ck_assert_str_eq(tests.format, format);
	ck_assert_uint_eq(tests.n, n);
	ck_assert_msg(read_as(text, format) == 0, "%s: %s", text, tests.why);
	ck_assert_uint_eq(tests.n, n);
}

static void refuses(const char *text, const char *why)
{
	ck_assert_msg(read_as(text, "") == -1, "%s", text);
	ck_assert_msg(strstr(tests.why, why) != NULL, "%s: %s", text,
		      tests.why);
	ck_assert_ptr_null(strchr(tests.why, '\n'));
}

START_TEST(apps_reads_input_and_output)
{
	takes("{\"inputs\": [\"1 2\\n\", [\"3\", \"4\"]], "
	      "\"outputs\": [\"3\\n\", [\"7\"]]}",
	      "apps", 2);
	ck_assert(holds(tests.list[0].input, "1 2\n"));
	ck_assert(holds(tests.list[1].input, "3\n4\n"));
	ck_assert(holds(tests.list[1].output, "7\n"));
	ck_assert_int_eq(tests.list[1].expect, EXPECT_OUTPUT);
	ck_assert_uint_eq(tests.list[0].call.len, 0);
}
END_TEST

START_TEST(apps_calls_a_function)
{
	takes("{\"fn_name\": \"f\", \"inputs\": [[1, \"a\"], [{\"2\": []}, "
	      "true]], \"outputs\": [[3], [4]]}",
	      "apps", 2);
	ck_assert_int_eq(tests.list[0].expect, EXPECT_EQUAL);
	ck_assert(holds(tests.list[0].call, "{\"name\": \"f\", \"prelude\": "
					    "true, \"args\": [1, \"a\"]}"));
	ck_assert(holds(tests.list[1].call,
			"{\"name\": \"f\", \"prelude\": true, \"args\": "
			"[{\"d\": [2, []]}, true]}"));
	ck_assert_int_eq(tests.list[0].result->kind, VALUE_LIST);
	ck_assert_int_eq(tests.list[0].other->kind, VALUE_INT);
}
END_TEST

START_TEST(apps_takes_arguments_as_lines)
{
	takes("{\"fn_name\": \"f\", \"inputs\": [\"[1]\\n2\"], \"outputs\": "
	      "[\"5\"]}",
	      "apps", 1);
	ck_assert(strstr(tests.list[0].call.ptr, "\"args\": [[1], 2]}"));
	ck_assert_int_eq(tests.list[0].result->kind, VALUE_TEXT);
	ck_assert_int_eq(tests.list[0].other->kind, VALUE_INT);
}
END_TEST

START_TEST(a_cell_may_hold_json_in_a_text)
{
	ck_assert_int_eq(
	    read_as("\"{\\\"inputs\\\": [\\\"1\\\"], \\\"outputs\\\": "
		    "[\\\"2\\\"]}\"",
		    ""),
	    0);
	ck_assert_str_eq(tests.format, "apps");
}
END_TEST

START_TEST(livecodebench_reads_both_lists)
{
	takes("{\"public_test_cases\": \"[{\\\"input\\\": \\\"1\\\", "
	      "\\\"output\\\": \\\"2\\\", \\\"testtype\\\": \\\"stdin\\\"}]\", "
	      "\"private_test_cases\": [{\"input\": \"3\", \"output\": \"4\", "
	      "\"testtype\": \"stdin\"}]}",
	      "livecodebench", 2);
	ck_assert(holds(tests.list[1].input, "3"));
	ck_assert(holds(tests.list[1].call, "{\"name\": null, \"prelude\": "
					    "true, \"args\": []}"));
}
END_TEST

START_TEST(livecodebench_calls_a_function)
{
	takes("{\"public_test_cases\": [{\"input\": \"[1, 2]\\n\\\"x\\\"\", "
	      "\"output\": \"[2.0]\", \"testtype\": \"functional\"}], "
	      "\"metadata\": \"{\\\"func_name\\\": \\\"go\\\"}\"}",
	      "livecodebench", 1);
	ck_assert(holds(tests.list[0].call, "{\"name\": \"go\", \"prelude\": "
					    "true, \"args\": [[1, 2], "
					    "\"x\"]}"));
	ck_assert_int_eq(tests.list[0].result->kind, VALUE_LIST);
	takes("[{\"input\": \"1\", \"output\": \"2\", \"testtype\": "
	      "\"stdin\"}]",
	      "livecodebench", 1);
}
END_TEST

START_TEST(humaneval_is_a_script_with_an_entry)
{
	struct code_request r = {
	    .tests = code_view_text("def check(candidate):\n    pass\n"),
	    .entry = code_view_text("g")};

	takes("{\"test\": \"def check(candidate): pass\", \"entry_point\": "
	      "\"f\", \"prompt\": \"def f():\"}",
	      "humaneval", 0);
	ck_assert(holds(tests.entry, "f"));
	ck_assert(holds(tests.prompt, "def f():"));
	tests_free(&tests);
	ck_assert_int_eq(tests_read(&tests, &r), 0);
	ck_assert_str_eq(tests.format, "humaneval");
	ck_assert(holds(tests.entry, "g"));
	ck_assert(holds(tests.script, "def check(candidate):\n    pass\n"));
	refuses("{\"test\": \"def check(candidate): pass\"}", "entry point");
}
END_TEST

START_TEST(mbpp_is_a_script_of_asserts)
{
	takes("{\"test_list\": [\"assert f(1) == 2\", \"assert f(2) == 3\"], "
	      "\"test_setup_code\": \"import math\"}",
	      "mbpp", 0);
	ck_assert(holds(tests.script, "assert f(1) == 2\nassert f(2) == 3\n"));
	ck_assert(holds(tests.setup, "import math"));
	takes("{\"test_list\": [\"assert f(1)\"], \"test_imports\": [\"import "
	      "re\"]}",
	      "mbpp", 0);
	ck_assert(holds(tests.setup, "import re\n"));
	takes("[\"assert f(1) == 2\"]", "mbpp", 0);
	takes("assert f(1) == 2\n", "mbpp", 0);
}
END_TEST

START_TEST(codeforces_has_limits_and_a_checker)
{
	takes("{\"official_tests\": [{\"input\": \"1\", \"output\": \"2\"}], "
	      "\"time_limit\": 2.5, \"memory_limit\": 256, "
	      "\"generated_checker\": \"print(1)\"}",
	      "codeforces", 1);
	ck_assert_int_eq(tests.cpu_ms, 2500);
	ck_assert_int_eq(tests.memory_bytes, 256 << 20);
	ck_assert(holds(tests.checker, "print(1)"));
	takes("{\"public_tests\": {\"input\": [\"1\"], \"output\": [\"2\"]}, "
	      "\"private_tests\": {\"input\": [\"3\"], \"output\": [\"4\"]}}",
	      "codeforces", 2);
	ck_assert(holds(tests.list[1].output, "4"));
	takes("[{\"input\": \"1\", \"output\": \"2\"}]", "codeforces", 1);
}
END_TEST

START_TEST(own_mixes_programs_and_calls)
{
	takes("{\"tests\": [{\"input\": \"1\", \"output\": \"2\"}, {\"call\": "
	      "\"f\", \"args\": [null], \"result\": {\"a\": 1}}], "
	      "\"compare\": \"lines\", \"tolerance\": 0.01, \"language\": "
	      "\"python\", \"checker\": \"x\", \"time_limit\": 1}",
	      "own", 2);
	ck_assert_int_eq(tests.compare.mode, COMPARE_LINES);
	ck_assert(tests.compare.tolerance == 0.01);
	ck_assert(tests.values.rel == 0.01);
	ck_assert(holds(tests.language, "python"));
	ck_assert_int_eq(tests.cpu_ms, 1000);
	ck_assert_int_eq(tests.list[1].result->kind, VALUE_DICT);
}
END_TEST

START_TEST(what_is_no_tests_is_refused)
{
	refuses("", "no tests");
	refuses(" \n", "no tests");
	refuses("hello", "no JSON");
	refuses("{\"inputs\": [", "no JSON");
	refuses("3", "no JSON object or list");
	refuses("{}", "no key of a known format");
	refuses("[]", "no tests");
	refuses("[3]", "no known format");
	refuses("{\"tests\": []}", "no tests");
	refuses("{\"inputs\": [], \"outputs\": []}", "no tests");
	refuses("{\"test_list\": []}", "no tests");
	refuses("{\"public_test_cases\": []}", "no tests");
}
END_TEST

START_TEST(two_formats_are_refused)
{
	refuses("{\"tests\": [], \"test_list\": []}",
		"two formats: mbpp and own");
	refuses("{\"inputs\": [], \"outputs\": [], \"test\": \"\"}",
		"two formats: apps and humaneval");
}
END_TEST

START_TEST(parts_that_do_not_fit_are_refused)
{
	refuses("{\"inputs\": [\"1\"], \"outputs\": []}",
		"1 inputs, but 0 outputs");
	refuses("{\"inputs\": [\"1\"]}", "must both be lists");
	refuses("{\"inputs\": [null], \"outputs\": [\"1\"]}", "test 1");
	refuses("{\"inputs\": [1], \"outputs\": [1], \"fn_name\": \"f\"}",
		"no list of arguments");
	refuses("{\"inputs\": [[]], \"outputs\": [1], \"fn_name\": 3}",
		"no name");
	refuses("[{\"input\": \"1\"}]", "\"output\" is missing");
	refuses("{\"private_test_cases\": \"eJxrYEos\"}", "pickles");
	refuses("[{\"input\": \"1\", \"output\": \"1\", \"testtype\": "
		"\"functional\"}]",
		"func_name");
	refuses("[{\"input\": \"1\", \"output\": \"1\", \"testtype\": \"x\"}]",
		"neither stdin nor functional");
	refuses("{\"tests\": [{\"call\": \"f\", \"args\": []}]}",
		"\"result\" is missing");
	refuses("{\"tests\": [{\"call\": \"f\", \"args\": [], \"input\": "
		"\"\"}]}",
		"both");
	refuses("{\"tests\": [{\"input\": \"\", \"output\": \"\"}], "
		"\"compare\": \"x\"}",
		"\"compare\"");
	refuses("{\"tests\": [{\"input\": \"\", \"output\": \"\"}], "
		"\"tolerance\": -1}",
		"\"tolerance\"");
	refuses("{\"official_tests\": [], \"time_limit\": \"x\"}",
		"\"time_limit\"");
}
END_TEST

START_TEST(a_named_format_must_fit)
{
	ck_assert_int_eq(read_as("{\"tests\": []}", "apps"), -1);
	ck_assert_str_eq(tests.why, "tests of format apps have no \"inputs\"");
	ck_assert_int_eq(read_as("{\"tests\": []}", "jest"), -1);
	ck_assert_str_eq(tests.why, "unknown format of tests \"jest\"");
	ck_assert_int_eq(read_as("3", "mbpp"), -1);
	ck_assert_int_eq(read_as("3", "own"), -1);
	ck_assert_int_eq(read_as("3", "apps"), -1);
	ck_assert_int_eq(read_as("3", "codeforces"), -1);
	ck_assert_int_eq(read_as("3", "humaneval"), -1);
	ck_assert_int_eq(read_as("3", "livecodebench"), -1);
}
END_TEST

START_TEST(ten_thousand_tests_are_too_many)
{
	static const char one[] = "{\"input\": \"\", \"output\": \"\"}";
	struct code_bytes b = {0};
	int i;

	for (i = 0; i < 10000; i++)
		ck_assert_int_eq(
		    code_bytes_print(&b, "%s%s", i ? "," : "[", one), 0);
	ck_assert_int_eq(code_bytes_add(&b, "]", 2), 0);
	refuses(b.ptr, "10000 tests: at most 4096");
	code_bytes_free(&b);
}
END_TEST

START_TEST(a_hundred_megabytes_are_too_many)
{
	struct code_request r = {.tests = {NULL, 100u << 20}};
	char *text = calloc(1, r.tests.len);

	ck_assert_ptr_nonnull(text);
	text[0] = '[';
	r.tests.ptr = text;
	tests_free(&tests);
	ck_assert_int_eq(tests_read(&tests, &r), -1);
	ck_assert_ptr_nonnull(strstr(tests.why, "104857600 bytes"));
	free(text);
}
END_TEST

static void forget(void)
{
	tests_free(&tests);
}

int main(void)
{
	Suite *s = suite_create("code tests");
	TCase *c = tcase_create("tests");

	tcase_add_checked_fixture(c, NULL, forget);
	tcase_add_test(c, apps_reads_input_and_output);
	tcase_add_test(c, apps_calls_a_function);
	tcase_add_test(c, apps_takes_arguments_as_lines);
	tcase_add_test(c, a_cell_may_hold_json_in_a_text);
	tcase_add_test(c, livecodebench_reads_both_lists);
	tcase_add_test(c, livecodebench_calls_a_function);
	tcase_add_test(c, humaneval_is_a_script_with_an_entry);
	tcase_add_test(c, mbpp_is_a_script_of_asserts);
	tcase_add_test(c, codeforces_has_limits_and_a_checker);
	tcase_add_test(c, own_mixes_programs_and_calls);
	tcase_add_test(c, what_is_no_tests_is_refused);
	tcase_add_test(c, two_formats_are_refused);
	tcase_add_test(c, parts_that_do_not_fit_are_refused);
	tcase_add_test(c, a_named_format_must_fit);
	tcase_add_test(c, ten_thousand_tests_are_too_many);
	tcase_add_test(c, a_hundred_megabytes_are_too_many);
	suite_add_tcase(s, c);
	return run_suite(s);
}
