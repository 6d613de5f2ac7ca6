/* SPDX-License-Identifier: MIT */
/* What expressions with symbols are worth to the math reward. */
#include <stdlib.h>

#include "tests/math_trees.h"
#include "tests/suite.h"

static tree x, y, n, one, two, three;

static void start(void)
{
	trees_start();
	x = sym("x");
	y = sym("y");
	n = sym("n");
	one = num(1);
	two = num(2);
	three = num(3);
}

START_TEST(rational_functions_are_compared_exactly)
{
	SAME(over(add(x, two), num(7)),
	     add(over(x, num(7)), over(two, num(7))));
	SAME(squared(add(x, y)),
	     add(squared(x), add(mul(two, mul(x, y)), squared(y))));
	SAME(over(sub(squared(x), one), sub(x, one)), add(x, one));
	DIFFER(squared(add(x, one)), add(squared(x), one));
	DIFFER(x, y);
	DIFFER(x, add(x, power(num(10), num(-60))));
	SAME(power(add(x, one), num(2000)),
	     squared(power(add(x, one), num(1000))));
}
END_TEST

START_TEST(trigonometric_identities_hold)
{
	tree sine = call1(FN_SIN, x), cosine = call1(FN_COS, x);

	SAME(add(squared(sine), squared(cosine)), one);
	SAME(add(squared(call1(FN_TAN, y)), one), squared(call1(FN_SEC, y)));
	SAME(call1(FN_SIN, mul(two, x)), mul(two, mul(sine, cosine)));
	SAME(call1(FN_SIN, add(x, y)),
	     add(mul(sine, call1(FN_COS, y)), mul(cosine, call1(FN_SIN, y))));
	SAME(add(call1(FN_ASIN, x), call1(FN_ACOS, x)),
	     over(leaf(EXPR_PI), two));
	DIFFER(call1(FN_SIN, mul(two, x)), mul(two, sine));
}
END_TEST

START_TEST(powers_and_logarithms_follow_their_rules)
{
	SAME(squared(power(x, frac(1, 3))), power(x, frac(2, 3)));
	SAME(mul(power(two, x), power(two, y)), power(two, add(x, y)));
	SAME(call1(FN_LN, squared(x)), mul(two, call1(FN_LN, x)));
	SAME(call1(FN_LN, mul(x, y)), add(call1(FN_LN, x), call1(FN_LN, y)));
	SAME(call1(FN_EXP, x), power(leaf(EXPR_E), x));
	DIFFER(call1(FN_LN, add(x, y)), add(call1(FN_LN, x), call1(FN_LN, y)));
	DIFFER(power(two, x), power(x, two));
}
END_TEST

START_TEST(signs_are_tried_but_under_a_root_alone_letters_are_positive)
{
	SAME(root2(squared(x)), x);
	SAME(root2(squared(y)), y);
	DIFFER(root2(squared(x)), neg(x));
	SAME(root2(squared(x)), call1(FN_ABS, x));
	DIFFER(call1(FN_ABS, x), x);
}
END_TEST

START_TEST(points_lie_where_functions_are_defined)
{
	SAME(squared(root2(sub(num(4), squared(x)))), sub(num(4), squared(x)));
	DIFFER(root2(sub(x, num(5))), neg(root2(sub(x, num(5)))));
	SAME(call1(FN_LN, sub(squared(x), num(25))),
	     call1(FN_LN, mul(sub(x, num(5)), add(x, num(5)))));
}
END_TEST

START_TEST(expressions_never_real_are_compared_as_complex)
{
	tree under = sub(num(-1), squared(x));

	SAME(squared(root2(under)), under);
	DIFFER(root2(under), neg(root2(under)));
	SAME(mul(add(x, leaf(EXPR_I)), sub(x, leaf(EXPR_I))),
	     add(squared(x), one));
	SAME(mul(x, call1(FN_CONJUGATE, x)), squared(call1(FN_ABS, x)));
	DIFFER(add(leaf(EXPR_I), call1(FN_CONJUGATE, x)), add(leaf(EXPR_I), x));
}
END_TEST

START_TEST(counting_symbols_are_whole_numbers)
{
	tree k = sym("k");

	SAME(over(factorial(add(n, one)), factorial(n)), add(n, one));
	SAME(series(EXPR_SUM, "k", one, n, k), over(mul(n, add(n, one)), two));
	SAME(call2(FN_BINOMIAL, n, two), over(mul(n, sub(n, one)), two));
	SAME(power(num(-1), mul(two, n)), one);
	DIFFER(series(EXPR_SUM, "k", one, n, squared(k)),
	       over(mul(n, add(n, one)), two));
	DIFFER(power(num(-1), n), one);
}
END_TEST

START_TEST(a_function_that_is_not_known_goes_with_its_arguments)
{
	tree left[] = {add(x, one)}, right[] = {add(one, x)}, other[] = {x};
	tree surd[] = {mul(root2(two), x)};
	tree quotient[] = {over(mul(two, x), root2(two))};

	SAME(applied(EXPR_APPLY, "f", 1, left),
	     applied(EXPR_APPLY, "f", 1, right));
	SAME(applied(EXPR_APPLY, "f", 1, surd),
	     applied(EXPR_APPLY, "f", 1, quotient));
	DIFFER(applied(EXPR_APPLY, "f", 1, left),
	       applied(EXPR_APPLY, "f", 1, other));
	DIFFER(applied(EXPR_APPLY, "f", 1, left),
	       applied(EXPR_APPLY, "g", 1, left));
}
END_TEST

START_TEST(forms_are_equal_as_written_and_never_proved_different)
{
	tree left[] = {mul(two, x), x}, right[] = {add(x, x), x};
	tree other[] = {x, x};

	SAME(applied(EXPR_FORM, "int", 2, left),
	     applied(EXPR_FORM, "int", 2, right));
	UNTOLD(applied(EXPR_FORM, "int", 2, left),
	       applied(EXPR_FORM, "int", 2, other));
}
END_TEST

/* Equations */

static int ratio(tree a, tree b)
{
	int sign;
	enum value_verdict verdict = value_proportional(&work, a, b, &sign);

	return verdict == VALUE_EQUAL       ? sign
	       : verdict == VALUE_DIFFERENT ? 8
					    : 9;
}

START_TEST(proportional_expressions_have_one_ratio)
{
	tree a = sub(add(mul(two, x), mul(num(4), y)), three);
	tree b = add(over(x, two), sub(y, frac(3, 4)));
	tree surd = mul(root2(two), call1(FN_SIN, x));

	ck_assert_int_eq(ratio(a, b), 1);
	ck_assert_int_eq(ratio(neg(a), b), -1);
	ck_assert_int_eq(ratio(a, add(b, one)), 8);
	ck_assert_int_eq(ratio(surd, neg(call1(FN_SIN, x))), -1);
	ck_assert_int_eq(ratio(mul(leaf(EXPR_I), a), b), 0);
	ck_assert_int_eq(ratio(three, neg(root2(two))), -1);
	ck_assert_int_eq(ratio(three, num(0)), 8);
	ck_assert_int_eq(ratio(sub(x, x), num(0)), 1);
	ck_assert_int_eq(ratio(x, squared(x)), 8);
}
END_TEST

#define ZEROS(a, b, verdict)                                                   \
	do {                                                                   \
		ck_assert_int_eq(value_same_zeros(&work, a, b), verdict);      \
		ck_assert_int_eq(value_same_zeros(&work, b, a), verdict);      \
	} while (0)

START_TEST(equations_that_say_the_same_are_the_same)
{
	ZEROS(sub(add(mul(two, x), mul(num(4), y)), three),
	      sub(y, add(over(neg(x), two), frac(3, 4))), VALUE_EQUAL);
	ZEROS(sub(add(over(squared(x), num(4)), over(squared(y), three)), one),
	      sub(add(over(squared(x), num(16)), over(squared(y), num(12))),
		  frac(1, 4)),
	      VALUE_EQUAL);
	ZEROS(sub(mul(x, y), one), sub(y, over(one, x)), VALUE_EQUAL);
	ZEROS(sub(squared(x), mul(num(4), y)), sub(y, over(squared(x), num(4))),
	      VALUE_EQUAL);
	ZEROS(sub(add(over(one, x), over(one, y)), frac(1, 6)),
	      sub(mul(num(6), add(x, y)), mul(x, y)), VALUE_EQUAL);
	ZEROS(sub(y, over(add(x, one), sub(x, one))),
	      sub(sub(mul(x, y), y), add(x, one)), VALUE_EQUAL);
	ZEROS(sub(mul(y, call1(FN_COS, x)), one), sub(y, call1(FN_SEC, x)),
	      VALUE_EQUAL);
	ZEROS(sub(mul(y, power(leaf(EXPR_E), x)), add(x, sym("C"))),
	      sub(y, mul(add(x, sym("C")), power(leaf(EXPR_E), neg(x)))),
	      VALUE_EQUAL);
}
END_TEST

START_TEST(equations_that_differ_are_not_the_same)
{
	ZEROS(sub(y, x), sub(y, mul(two, x)), VALUE_DIFFERENT);
	ZEROS(sub(y, x), add(y, x), VALUE_DIFFERENT);
	/* x y = x holds for x = 0 too. */
	ZEROS(sub(mul(x, y), x), sub(y, one), VALUE_UNDECIDED);
	ZEROS(sub(mul(call1(FN_SIN, x), y), call1(FN_SIN, x)), sub(y, one),
	      VALUE_UNDECIDED);
	ZEROS(sub(squared(x), one), sub(x, one), VALUE_UNDECIDED);
}
END_TEST

START_TEST(a_continued_fraction_ends)
{
	tree e = x;

	for (int i = 0; i < 60; i++)
		e = over(one, add(one, e));
	ck_assert_int_ne(value_same_zeros(&work, sub(y, e), sub(y, x)),
			 VALUE_EQUAL);
	ck_assert_int_eq(work.status, 0);
}
END_TEST

/* Polynomials */

START_TEST(coefficients_of_a_polynomial_are_found)
{
	tree e = sub(power(add(x, two), three), mul(power(x, three), one));
	tree c[5];

	ck_assert_int_eq(value_polynomial(&work, e, text("x"), c, 4), 2);
	ck_assert(has_value(c[0], "8"));
	ck_assert(has_value(c[1], "12"));
	ck_assert(has_value(c[2], "6"));
	ck_assert(has_value(c[3], "0"));
}
END_TEST

START_TEST(coefficients_hold_the_other_symbols)
{
	tree e = add(mul(x, y), over(x, n)), c[2];

	ck_assert_int_eq(value_polynomial(&work, e, text("x"), c, 1), 1);
	SAME(c[1], add(y, over(one, n)));
	ck_assert_int_eq(value_polynomial(&work, e, text("n"), c, 1), -1);
	ck_assert_int_eq(value_polynomial(&work, squared(x), text("x"), c, 1),
			 -1);
	ck_assert_int_eq(
	    value_polynomial(&work, call1(FN_SIN, x), text("x"), c, 1), -1);
}
END_TEST

/* Text */

#define PRINTS(e, want)                                                        \
	do {                                                                   \
		char out[100];                                                 \
		size_t len = expr_print(out, sizeof out, e);                   \
		ck_assert_str_eq(out, want);                                   \
		ck_assert_uint_eq(len, strlen(out));                           \
	} while (0)

START_TEST(trees_are_printed_as_people_write)
{
	const tree kids[] = {one, neg(two)};
	struct expr *decimal = expr_number(&work);

	PRINTS(over(add(x, one), two), "(x + 1)/2");
	PRINTS(sub(mul(two, squared(x)), mul(three, y)), "2x^2 - 3y");
	PRINTS(sub(x, sub(y, one)), "x - (y - 1)");
	PRINTS(power(neg(x), frac(1, 3)), "(-x)^(1/3)");
	PRINTS(mul(two, root2(leaf(EXPR_PI))), "2sqrt(π)");
	PRINTS(factorial(add(n, one)), "(n + 1)!");
	PRINTS(expr_node(&work, EXPR_SET, 2, kids), "{1, -2}");
	PRINTS(expr_node(&work, EXPR_SET, 0, NULL), "{}");
	PRINTS(series(EXPR_SUM, "k", one, n, x), "sum(k = 1 to n: x)");
	fmpq_set_si(decimal->value, -1, 20);
	decimal->flags = EXPR_DECIMAL;
	decimal->decimals = 2;
	PRINTS(decimal, "-0.05");
}
END_TEST

START_TEST(a_text_is_cut_between_characters)
{
	char out[8];

	ck_assert_uint_eq(expr_print(out, 0, x), 0);
	ck_assert_uint_eq(expr_print(out, 5, add(x, leaf(EXPR_PI))), 4);
	ck_assert_str_eq(out, "x + ");
	ck_assert_uint_eq(expr_print(out, 6, add(x, leaf(EXPR_PI))), 4);
	ck_assert_uint_eq(expr_print(out, 7, add(x, leaf(EXPR_PI))), 6);
	ck_assert_str_eq(out, "x + π");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("math symbols");
	TCase *t = tcase_create("symbols");

	suite_add_tcase(s, t);
	tcase_add_checked_fixture(t, start, trees_end);
	tcase_add_test(t, rational_functions_are_compared_exactly);
	tcase_add_test(t, trigonometric_identities_hold);
	tcase_add_test(t, powers_and_logarithms_follow_their_rules);
	tcase_add_test(
	    t, signs_are_tried_but_under_a_root_alone_letters_are_positive);
	tcase_add_test(t, points_lie_where_functions_are_defined);
	tcase_add_test(t, expressions_never_real_are_compared_as_complex);
	tcase_add_test(t, counting_symbols_are_whole_numbers);
	tcase_add_test(t, a_function_that_is_not_known_goes_with_its_arguments);
	tcase_add_test(t,
		       forms_are_equal_as_written_and_never_proved_different);
	tcase_add_test(t, proportional_expressions_have_one_ratio);
	tcase_add_test(t, equations_that_say_the_same_are_the_same);
	tcase_add_test(t, equations_that_differ_are_not_the_same);
	tcase_add_test(t, a_continued_fraction_ends);
	tcase_add_test(t, coefficients_of_a_polynomial_are_found);
	tcase_add_test(t, coefficients_hold_the_other_symbols);
	tcase_add_test(t, trees_are_printed_as_people_write);
	tcase_add_test(t, a_text_is_cut_between_characters);
	return run_suite(s);
}
