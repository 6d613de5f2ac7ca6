/* SPDX-License-Identifier: MIT */
/* Data of tests and of results: reading, writing, equality. */
#include <stdio.h>
#include <string.h>

#include "rewards/code/supervisor/value.h"
#include "tests/suite.h"

static struct arena arena;

static const struct value *read_as(const char *text, enum value_syntax syntax)
{
	const struct value *v = NULL;

	if (value_read(&v, &arena, code_view_text(text), syntax) < 0)
		return NULL;
	return v;
}

/* Expected JSON against a typed result. */
static int equal_by(const char *expected, const char *got,
		    const struct value_rules *rules)
{
	const struct value *a = read_as(expected, VALUE_JSON);
	const struct value *b = read_as(got, VALUE_TYPED);

	ck_assert_msg(a && b, "%s, %s", expected, got);
	return value_equal(a, b, rules);
}

static int equal(const char *expected, const char *got)
{
	static const struct value_rules rules = {1e-9, 1e-9, 1};

	return equal_by(expected, got, &rules);
}

/* Both typed, no JSON keys. */
static int same(const char *a, const char *b)
{
	static const struct value_rules rules = {1e-9, 1e-9, 0};
	const struct value *x = read_as(a, VALUE_TYPED);
	const struct value *y = read_as(b, VALUE_TYPED);

	ck_assert_msg(x && y, "%s, %s", a, b);
	return value_equal(x, y, &rules);
}

static void check_written(const char *typed)
{
	struct code_bytes b = {0};
	const struct value *v = read_as(typed, VALUE_TYPED);

	ck_assert_msg(v != NULL, "%s", typed);
	ck_assert_int_eq(value_write(&b, v), 0);
	ck_assert_int_eq(code_bytes_add(&b, "", 1), 0);
	ck_assert_str_eq(b.ptr, typed);
	code_bytes_free(&b);
}

START_TEST(json_is_read)
{
	static const char *const good[] = {"null",
					   "true",
					   "false",
					   "0",
					   "-0",
					   "-12",
					   "1.5",
					   "1e9",
					   "-2E-3",
					   "\"\"",
					   "\"a\"",
					   "[]",
					   "[1,2]",
					   "{}",
					   " [ ] ",
					   "NaN",
					   "Infinity",
					   "-Infinity",
					   "{\"a\": [1, {\"b\": null}]}",
					   "\"\\u00e9\\n\\\"\"",
					   "\t1\r\n"};
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ck_assert_msg(read_as(good[i], VALUE_JSON) != NULL, "%s",
			      good[i]);
}
END_TEST

START_TEST(what_is_no_json_is_refused)
{
	static const char *const bad[] = {
	    "",     " ",       "nul",       "True",    "01",       "-",
	    "1.",   ".5",      "1e",        "+1",      "[1,]",     "[",
	    "[1",   "{",       "{1:2}",     "{\"a\"}", "{\"a\":}", "\"",
	    "\"\\", "\"\\x\"", "\"\\u12\"", "1 2",     "[1]]",     "'a'",
	    "Inf",  "nan",     "\"\\"};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(read_as(bad[i], VALUE_JSON) == NULL, "%s",
			      bad[i]);
}
END_TEST

START_TEST(nesting_has_an_end)
{
	char text[2 * VALUE_MAX_DEPTH + 3];
	size_t n = VALUE_MAX_DEPTH;

	memset(text, '[', n);
	memset(text + n, ']', n);
	text[2 * n] = '\0';
	ck_assert_ptr_nonnull(read_as(text, VALUE_JSON));
	memset(text, '[', n + 1);
	memset(text + n + 1, ']', n + 1);
	text[2 * n + 2] = '\0';
	ck_assert_ptr_null(read_as(text, VALUE_JSON));
}
END_TEST

START_TEST(escapes_become_utf_8)
{
	const struct value *v = read_as(
	    "\"\\u0041\\u00e9\\u20ac\\ud83d\\ude00\\u0000\"", VALUE_JSON);

	ck_assert_uint_eq(v->text.len, 11);
	ck_assert_mem_eq(v->text.ptr, "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\0",
			 11);
	v = read_as("\"\\ud800x\"", VALUE_JSON);
	ck_assert_mem_eq(v->text.ptr, "\xed\xa0\x80x", 4);
}
END_TEST

START_TEST(typed_text_is_written_as_it_was_read)
{
	check_written("null");
	check_written("[true, false, -12, 1.5e+20]");
	check_written("{\"t\": [1, {\"s\": [\"a\"]}]}");
	check_written("{\"d\": [1, \"b\", {\"t\": []}, {\"d\": []}]}");
	check_written("{\"b\": \"00ff\"}");
	check_written("{\"o\": \"object\"}");
	check_written("\"a\\u000a\\\"\\\\\xc3\xa9\"");
}
END_TEST

START_TEST(unknown_tags_are_refused)
{
	ck_assert_ptr_null(read_as("{}", VALUE_TYPED));
	ck_assert_ptr_null(read_as("{\"x\": []}", VALUE_TYPED));
	ck_assert_ptr_null(read_as("{\"t\": 1}", VALUE_TYPED));
	ck_assert_ptr_null(read_as("{\"d\": [1]}", VALUE_TYPED));
	ck_assert_ptr_null(read_as("{\"b\": [1]}", VALUE_TYPED));
	ck_assert_ptr_null(read_as("{\"t\": [], \"s\": []}", VALUE_TYPED));
}
END_TEST

START_TEST(integers_are_exact)
{
	ck_assert(equal("10000000000000000", "10000000000000000"));
	ck_assert(!equal("10000000000000000", "10000000000000001"));
	ck_assert(!equal("1000000", "1000009"));
	ck_assert(!equal("1", "-1"));
	ck_assert(equal("0", "-0"));
	ck_assert(equal("3", "3.0"));
	ck_assert(!equal("3", "3.0000000000000004"));
	ck_assert(!equal("10000000000000001", "1e16"));
	ck_assert(!equal("0", "1e-12"));
	ck_assert(!equal("3", "NaN"));
}
END_TEST

START_TEST(floats_may_be_off_a_little)
{
	ck_assert(equal("0.3", "0.30000000000000004"));
	ck_assert(!equal("0.3", "0.3001"));
	ck_assert(equal("2.0", "2"));
	ck_assert(equal("1e300", "1.0000000000001e300"));
	ck_assert(!equal("NaN", "NaN"));
	ck_assert(!equal("0.5", "NaN"));
	ck_assert(!equal("0.5", "Infinity"));
	ck_assert(equal("Infinity", "Infinity"));
	ck_assert(!equal("Infinity", "-Infinity"));
	ck_assert(!equal("1e300", "Infinity"));
}
END_TEST

START_TEST(types_are_kept_apart)
{
	ck_assert(!equal("1", "true"));
	ck_assert(!equal("true", "1"));
	ck_assert(!equal("0", "null"));
	ck_assert(!equal("\"1\"", "1"));
	ck_assert(!equal("1", "\"1\""));
	ck_assert(!equal("[]", "null"));
	ck_assert(!equal("\"\"", "[]"));
	ck_assert(!equal("[1]", "{\"s\": [1]}"));
	ck_assert(!equal("\"a\"", "{\"b\": \"61\"}"));
	ck_assert(!equal("\"o\"", "{\"o\": \"o\"}"));
	ck_assert(!same("{\"o\": \"o\"}", "{\"o\": \"o\"}"));
}
END_TEST

START_TEST(a_tuple_is_as_good_as_a_list)
{
	ck_assert(equal("[1, [2]]", "{\"t\": [1, {\"t\": [2]}]}"));
	ck_assert(same("{\"t\": [1]}", "[1]"));
	ck_assert(!equal("[1, 2]", "[2, 1]"));
	ck_assert(!equal("[1, 2]", "[1]"));
	ck_assert(!equal("[1]", "[1, 2]"));
}
END_TEST

START_TEST(sets_and_dicts_have_no_order)
{
	ck_assert(same("{\"s\": [1, 2, 3]}", "{\"s\": [3, 1, 2]}"));
	ck_assert(!same("{\"s\": [1, 2, 3]}", "{\"s\": [3, 1, 4]}"));
	ck_assert(!same("{\"s\": [1]}", "{\"s\": []}"));
	ck_assert(same("{\"d\": [1, 2, 3, 4]}", "{\"d\": [3, 4, 1, 2]}"));
	ck_assert(!same("{\"d\": [1, 2, 3, 4]}", "{\"d\": [3, 2, 1, 4]}"));
	ck_assert(!same("{\"d\": [\"1\", 2]}", "{\"d\": [1, 2]}"));
}
END_TEST

START_TEST(a_key_of_json_stands_for_other_types)
{
	ck_assert(equal("{\"1\": 2}", "{\"d\": [1, 2]}"));
	ck_assert(equal("{\"1\": 2}", "{\"d\": [\"1\", 2]}"));
	ck_assert(equal("{\"true\": 2}", "{\"d\": [true, 2]}"));
	ck_assert(!equal("{\"1\": 2}", "{\"d\": [2, 2]}"));
	ck_assert(!equal("{\"1\": 2}", "{\"d\": [1, \"2\"]}"));
}
END_TEST

START_TEST(members_are_found_by_name)
{
	const struct value *v =
	    read_as("{\"a\": 1, \"b\": 2, \"a\": 3}", VALUE_JSON);

	ck_assert(value_member(v, "a")->text.ptr[0] == '3');
	ck_assert_ptr_null(value_member(v, "c"));
	ck_assert_ptr_null(value_member(NULL, "a"));
	ck_assert_ptr_null(value_member(read_as("[1]", VALUE_JSON), "a"));
}
END_TEST

START_TEST(truth_is_that_of_python)
{
	ck_assert_int_eq(value_truth(read_as("0", VALUE_TYPED)), 0);
	ck_assert_int_eq(value_truth(read_as("0.0", VALUE_TYPED)), 0);
	ck_assert_int_eq(value_truth(read_as("null", VALUE_TYPED)), 0);
	ck_assert_int_eq(value_truth(read_as("\"\"", VALUE_TYPED)), 0);
	ck_assert_int_eq(value_truth(read_as("{\"t\": []}", VALUE_TYPED)), 0);
	ck_assert_int_eq(value_truth(read_as("\"0\"", VALUE_TYPED)), 1);
	ck_assert_int_eq(value_truth(read_as("[0]", VALUE_TYPED)), 1);
	ck_assert_int_eq(value_truth(read_as("NaN", VALUE_TYPED)), 1);
	ck_assert_int_eq(value_truth(read_as("{\"o\": \"x\"}", VALUE_TYPED)),
			 -1);
}
END_TEST

static void free_arena(void)
{
	arena_free(&arena);
}

int main(void)
{
	Suite *s = suite_create("code value");
	TCase *c = tcase_create("value");

	tcase_add_checked_fixture(c, NULL, free_arena);
	tcase_add_test(c, json_is_read);
	tcase_add_test(c, what_is_no_json_is_refused);
	tcase_add_test(c, nesting_has_an_end);
	tcase_add_test(c, escapes_become_utf_8);
	tcase_add_test(c, typed_text_is_written_as_it_was_read);
	tcase_add_test(c, unknown_tags_are_refused);
	tcase_add_test(c, integers_are_exact);
	tcase_add_test(c, floats_may_be_off_a_little);
	tcase_add_test(c, types_are_kept_apart);
	tcase_add_test(c, a_tuple_is_as_good_as_a_list);
	tcase_add_test(c, sets_and_dicts_have_no_order);
	tcase_add_test(c, a_key_of_json_stands_for_other_types);
	tcase_add_test(c, members_are_found_by_name);
	tcase_add_test(c, truth_is_that_of_python);
	suite_add_tcase(s, c);
	return run_suite(s);
}
