/* SPDX-License-Identifier: MIT */
/* A program's output against what was expected. */
#include <string.h>

#include "rewards/code/supervisor/compare.h"
#include "rewards/code/supervisor/decimal.h"
#include "tests/suite.h"

static const struct compare_rules tokens = {COMPARE_TOKENS, 0};
static const struct compare_rules loose = {COMPARE_TOKENS, 1e-6};
static const struct compare_rules exact = {COMPARE_EXACT, 0};
static const struct compare_rules lines = {COMPARE_LINES, 0};
static const struct compare_rules loose_lines = {COMPARE_LINES, 1e-6};

static int agree(const char *expected, const char *got,
		 const struct compare_rules *rules)
{
	return compare_output(code_view_text(expected), code_view_text(got),
			      rules);
}

START_TEST(blanks_between_words_do_not_matter)
{
	ck_assert(agree("1 2\n3\n", "1\t2 3", &tokens));
	ck_assert(agree("1 2\n", "\r\n1 \v\f 2\r\n\r\n", &tokens));
	ck_assert(agree("", " \n", &tokens));
	ck_assert(agree("", "", &tokens));
}
END_TEST

START_TEST(words_must_agree_in_number_order_and_case)
{
	ck_assert(!agree("1\n2\n3\n", "1\n", &tokens));
	ck_assert(!agree("1\n2\n3\n", "", &tokens));
	ck_assert(!agree("1\n", "1\n2\n", &tokens));
	ck_assert(!agree("", "1", &tokens));
	ck_assert(!agree("1 2 3", "3 2 1", &tokens));
	ck_assert(!agree("1 1 2", "1 2 2", &tokens));
	ck_assert(!agree("YES", "yes", &tokens));
	ck_assert(!agree("1 2", "12", &tokens));
	ck_assert(!agree("NO", "YES NO", &tokens));
}
END_TEST

START_TEST(integers_must_agree_digit_by_digit)
{
	ck_assert(!agree("1000000", "1000009", &loose));
	ck_assert(!agree("10000000000000000", "10000000000000001", &loose));
	ck_assert(!agree("5", "5.0", &loose));
	ck_assert(!agree("5", "05", &loose));
	ck_assert(!agree("0", "1e-9", &loose));
	ck_assert(!agree("1", "0.9999999999", &loose));
	ck_assert(!agree("5", "+5", &tokens));
}
END_TEST

START_TEST(numbers_with_a_point_agree_by_value)
{
	ck_assert(agree("3.5", "3.50", &tokens));
	ck_assert(agree("3.50", "3.5", &tokens));
	ck_assert(agree("3.0", "3", &tokens));
	ck_assert(agree("1e3", "1000", &tokens));
	ck_assert(agree("0.001", "1E-3", &tokens));
	ck_assert(agree("-0.0", "0", &tokens));
	ck_assert(agree("100.25", "+100.25", &tokens));
	ck_assert(agree("12.0", "1.2e1", &tokens));
	ck_assert(agree("0.5", ".5", &tokens));
	ck_assert(!agree("3.5", "3.5000001", &tokens));
	ck_assert(!agree("3.5", "-3.5", &tokens));
	ck_assert(!agree("3.5", "35", &tokens));
	ck_assert(!agree("0.1", "0.01", &tokens));
	ck_assert(!agree("3.5", "3.5x", &tokens));
	ck_assert(!agree("3.5", "3.5.0", &tokens));
	ck_assert(!agree("12345678901234567890.5", "12345678901234567890.25",
			 &tokens));
}
END_TEST

START_TEST(tolerance_is_absolute_or_relative)
{
	ck_assert(agree("0.333333", "0.33333333333", &loose));
	ck_assert(!agree("0.333333", "0.3333", &loose));
	ck_assert(agree("1000000.5", "1000000.9", &loose));
	ck_assert(!agree("1000000.5", "1000002.5", &loose));
	ck_assert(!agree("0.5", "nan", &loose));
	ck_assert(!agree("0.5", "inf", &loose));
	ck_assert(!agree("0.5", "0x1p-1", &loose));
	ck_assert(!agree("0.5", "", &loose));
	ck_assert(!agree("1e400", "1e500", &loose));
}
END_TEST

START_TEST(nan_equals_nothing)
{
	ck_assert(!agree("nan", "nan", &tokens));
	ck_assert(!agree("-NaN", "-NaN", &loose));
	ck_assert(agree("nanny", "nanny", &tokens));
}
END_TEST

START_TEST(exact_means_every_byte)
{
	ck_assert(agree("a b\n", "a b\n", &exact));
	ck_assert(!agree("a b\n", "a b", &exact));
	ck_assert(!agree("a b\n", "a  b\n", &exact));
	ck_assert(!agree("3.5", "3.50", &exact));
	ck_assert(!agree("a\n", "a\r\n", &exact));
}
END_TEST

START_TEST(lines_forgive_blanks_at_their_ends)
{
	ck_assert(agree("a b\nc\n", "a b  \r\nc\n\n\n", &lines));
	ck_assert(agree("a\n\nb", "a\n\nb\n", &lines));
	ck_assert(!agree("a\nb", "a b", &lines));
	ck_assert(!agree("a\n\nb", "a\nb", &lines));
	ck_assert(!agree("a b", "a  b", &lines));
	ck_assert(!agree("a", " a", &lines));
	ck_assert(!agree("a\nb\n", "a\n", &lines));
	ck_assert(!agree("a\n", "a\nb\n", &lines));
	ck_assert(agree("", "\n\n", &lines));
	ck_assert(agree("1.5 x\n2\n", "1.5000000001 x\n2\n", &loose_lines));
	ck_assert(!agree("1.5\n2\n", "1.5 2\n", &loose_lines));
}
END_TEST

START_TEST(any_byte_can_be_compared)
{
	const struct code_view a = {"a\0b\xff\xfe", 5}, b = {"a\0c\xff\xfe", 5};
	const struct code_view cut = {"a", 1};

	ck_assert(compare_output(a, a, &tokens));
	ck_assert(!compare_output(a, b, &tokens));
	ck_assert(!compare_output(a, cut, &tokens));
	ck_assert(!compare_output(a, cut, &exact));
	ck_assert(!compare_output(a, cut, &lines));
	ck_assert(!agree("1", "\x1b[0m1", &tokens));
	ck_assert(!agree("1", "1\xe2\x80\x8b", &tokens));
}
END_TEST

START_TEST(huge_numbers_do_no_harm)
{
	char digits[2001];

	memset(digits, '9', 2000);
	digits[2000] = '\0';
	ck_assert(agree(digits, digits, &loose));
	digits[1] = '.';
	ck_assert(agree(digits, digits, &loose));
	ck_assert(!agree(digits, "9.9", &tokens));
	ck_assert(!agree("1e99999999999999999999", "1e9999", &tokens));
	ck_assert(!agree("1e-99999999999999999999", "0", &tokens));
}
END_TEST

START_TEST(modes_have_names)
{
	enum compare_mode mode;

	ck_assert_int_eq(compare_mode_named(&mode, code_view_text("lines")), 0);
	ck_assert_int_eq(mode, COMPARE_LINES);
	ck_assert_int_eq(compare_mode_named(&mode, code_view_text("exact")), 0);
	ck_assert_int_eq(mode, COMPARE_EXACT);
	ck_assert_int_eq(compare_mode_named(&mode, code_view_text("tokens")),
			 0);
	ck_assert_int_eq(mode, COMPARE_TOKENS);
	ck_assert_int_eq(compare_mode_named(&mode, code_view_text("fuzzy")),
			 -1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("code compare");
	TCase *c = tcase_create("compare");

	tcase_add_test(c, blanks_between_words_do_not_matter);
	tcase_add_test(c, words_must_agree_in_number_order_and_case);
	tcase_add_test(c, integers_must_agree_digit_by_digit);
	tcase_add_test(c, numbers_with_a_point_agree_by_value);
	tcase_add_test(c, tolerance_is_absolute_or_relative);
	tcase_add_test(c, nan_equals_nothing);
	tcase_add_test(c, exact_means_every_byte);
	tcase_add_test(c, lines_forgive_blanks_at_their_ends);
	tcase_add_test(c, any_byte_can_be_compared);
	tcase_add_test(c, huge_numbers_do_no_harm);
	tcase_add_test(c, modes_have_names);
	suite_add_tcase(s, c);
	return run_suite(s);
}
