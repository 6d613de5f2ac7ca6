/* SPDX-License-Identifier: MIT */
/* Tests that are Python, as calls and what they must return. */
#include "rewards/code/supervisor/row.h"
#include "rewards/code/supervisor/split.h"
#include "tests/code_grading.h"

static struct row row;

static enum split_way split_as(const char *script, const char *entry,
			       const char *prompt)
{
	static struct code_response nothing;
	struct code_request r = {
	    .tests = code_view_text(script),
	    .format = code_view_text(entry[0] ? "humaneval" : "mbpp"),
	    .entry = code_view_text(entry),
	    .prompt = code_view_text(prompt)};

	tests_free(&row.tests);
	row = (struct row){
	    .grader = grader, .request = &r, .response = &nothing, .exe = -1};
	row_begin(&row);
	ck_assert_msg(tests_read(&row.tests, &r) == 0, "%s", row.tests.why);
	return split_script(&row);
}

static int calls(size_t i, const char *part)
{
	struct code_view call = row.tests.list[i].call;
	char text[512];

	(void)snprintf(text, sizeof(text), "%.*s", (int)call.len, call.ptr);
	return strstr(text, part) != NULL;
}

static const char *expected(size_t i)
{
	static struct code_bytes b;

	b.len = 0;
	ck_assert_int_eq(value_write(&b, row.tests.list[i].result), 0);
	ck_assert_int_eq(code_bytes_add(&b, "", 1), 0);
	return b.ptr;
}

START_TEST(asserts_become_calls)
{
	ck_assert_int_eq(split_as("assert f(1, 'x') == [2]\n"
				  "assert (3,) == f({1: 2})\n"
				  "assert f(x=1) is None, 'why'\n",
				  "", ""),
			 SPLIT_CALLS);
	ck_assert_uint_eq(row.tests.n, 3);
	ck_assert(calls(0, "{\"name\": \"f\", \"prelude\": false, \"args\": "
			   "[1, \"x\"], \"wrap\": []}"));
	ck_assert_str_eq(expected(0), "[2]");
	ck_assert(calls(1, "[{\"d\": [1, 2]}]"));
	ck_assert_str_eq(expected(1), "{\"t\": [3]}");
	ck_assert(calls(2, "\"named\": {\"d\": [\"x\", 1]}"));
	ck_assert_str_eq(expected(2), "null");
}
END_TEST

START_TEST(all_forms_of_asserts_are_known)
{
	ck_assert_int_eq(split_as("import math\n"
				  "assert f(1)\n"
				  "assert not f(2)\n"
				  "assert f(3) in (1, 2)\n"
				  "assert abs(f(4) - 0.5) < 1e-6\n"
				  "assert math.isclose(f(5), 2.0)\n"
				  "assert sorted(f(6)) == [1] and f(7) == 7\n"
				  "for i in range(2): assert f(i) == i * i\n",
				  "", ""),
			 SPLIT_CALLS);
	ck_assert_uint_eq(row.tests.n, 9);
	ck_assert_int_eq(row.tests.list[0].expect, EXPECT_TRUE);
	ck_assert_int_eq(row.tests.list[1].expect, EXPECT_FALSE);
	ck_assert_int_eq(row.tests.list[2].expect, EXPECT_ONE_OF);
	ck_assert(row.tests.list[3].near == 1e-6);
	ck_assert(row.tests.list[4].near > 0);
	ck_assert(calls(5, "\"wrap\": [\"sorted\"]"));
	ck_assert(calls(8, "\"args\": [1]"));
	ck_assert_str_eq(expected(8), "1");
}
END_TEST

START_TEST(a_prompt_lends_its_helpers)
{
	ck_assert_int_eq(
	    split_as("def check(candidate):\n"
		     "    assert candidate(double(2)) == double(3)\n",
		     "f",
		     "def double(x):\n    return 2 * x\n"
		     "def f(x):\n    \"\"\"Stub.\"\"\"\n"),
	    SPLIT_CALLS);
	ck_assert(calls(0, "\"name\": \"f\""));
	ck_assert(calls(0, "\"args\": [4]"));
	ck_assert_str_eq(expected(0), "6");
}
END_TEST

START_TEST(what_works_on_results_is_left_to_a_checker)
{
	static const char *const scripts[] = {
	    "assert f(1) + 1 == 2\n",
	    "assert f(1) == f(2)\n",
	    "assert f(1) > 2\n",
	    "assert f(1) != 2\n",
	    "x = f(1)\nassert x[0] == 1\n",
	    "assert all(y > 0 for y in f(1))\n",
	    "try:\n    f(1)\n    assert False\nexcept ValueError: pass\n",
	    "f(1)\nassert f(2) == 3\n",
	    "assert True\n",
	    "assert f(1) == 2 or f(1) == 3\n",
	    "if f(1): assert f(2) == 3\n",
	    "assert f(f(1)) == 3\n",
	    "assert f(1) in 'abc'\n"};
	size_t i;

	for (i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++)
		ck_assert_msg(split_as(scripts[i], "", "") == SPLIT_CHECKER,
			      "%s", scripts[i]);
}
END_TEST

START_TEST(what_has_no_text_is_weak)
{
	ck_assert_int_eq(split_as("assert f(lambda x: x) == 1\n", "", ""),
			 SPLIT_TOGETHER);
	ck_assert_int_eq(split_as("assert f(1) == object\n", "", ""),
			 SPLIT_TOGETHER);
	ck_assert_int_eq(split_as("assert eval(f(1)) == 3\n", "", ""),
			 SPLIT_TOGETHER);
	ck_assert_int_eq(split_as("assert f(Pair(1, 2)) == 1\n", "", ""),
			 SPLIT_TOGETHER);
}
END_TEST

START_TEST(what_is_no_python_is_bad)
{
	ck_assert_int_eq(split_as("assert f(\n", "", ""), SPLIT_BAD);
	ck_assert_ptr_nonnull(strstr(row.tests.why, "SyntaxError"));
	ck_assert_int_eq(split_as("import nosuch\nassert f(1)\n", "", ""),
			 SPLIT_BAD);
	ck_assert_ptr_nonnull(strstr(row.tests.why, "nosuch"));
	ck_assert_int_eq(split_as("def test(): pass\n", "f", ""), SPLIT_BAD);
}
END_TEST

START_TEST(answers_are_kept)
{
	static const char script[] = "import random\n"
				     "assert f(random.random()) == 1\n";
	struct code_bytes first = {0};

	ck_assert_int_eq(split_as(script, "", ""), SPLIT_CALLS);
	ck_assert_int_eq(code_bytes_add(&first, row.tests.list[0].call.ptr,
					row.tests.list[0].call.len),
			 0);
	ck_assert_int_eq(split_as(script, "", ""), SPLIT_CALLS);
	ck_assert_uint_eq(first.len, row.tests.list[0].call.len);
	ck_assert_mem_eq(first.ptr, row.tests.list[0].call.ptr, first.len);
	code_bytes_free(&first);
}
END_TEST

static void end_split(void)
{
	tests_free(&row.tests);
	end_grading();
}

int main(void)
{
	Suite *s = suite_create("code split");
	TCase *c = tcase_create("split");

	if (getenv("EMULATOR")) {
		puts("skipped: programs are not run in an emulator");
		return 0;
	}
	tcase_set_timeout(c, 60);
	tcase_add_checked_fixture(c, begin_grading, end_split);
	tcase_add_test(c, asserts_become_calls);
	tcase_add_test(c, all_forms_of_asserts_are_known);
	tcase_add_test(c, a_prompt_lends_its_helpers);
	tcase_add_test(c, what_works_on_results_is_left_to_a_checker);
	tcase_add_test(c, what_has_no_text_is_weak);
	tcase_add_test(c, what_is_no_python_is_bad);
	tcase_add_test(c, answers_are_kept);
	suite_add_tcase(s, c);
	return run_suite(s);
}
