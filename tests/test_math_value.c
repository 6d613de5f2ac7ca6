/* SPDX-License-Identifier: MIT */
/* What constants are worth to the math reward. */
#include <stdlib.h>

#include "tests/math_trees.h"
#include "tests/suite.h"

#define PI leaf(EXPR_PI)
#define E leaf(EXPR_E)
#define IM leaf(EXPR_I)

/* Exact values */

START_TEST(arithmetic_is_exact)
{
	ck_assert(has_value(add(over(num(1), num(2)), frac(-3, 8)), "1/8"));
	ck_assert(has_value(mul(frac(2, 3), neg(frac(9, 4))), "-3/2"));
	ck_assert(has_value(sub(frac(1, 3), frac(1, 3)), "0"));
	ck_assert(has_value(expr_1(&work, EXPR_PERCENT, num(50)), "1/2"));
	ck_assert(has_value(expr_1(&work, EXPR_DEGREE, num(0)), "0"));
	ck_assert(has_no_value(expr_1(&work, EXPR_DEGREE, num(90))));
}
END_TEST

START_TEST(division_by_0_has_no_value)
{
	ck_assert(has_no_value(over(num(1), num(0))));
	ck_assert(has_no_value(power(num(0), num(-1))));
	ck_assert(has_no_value(call2(FN_MOD, num(5), num(0))));
	UNTOLD(over(num(1), num(0)), over(num(2), num(0)));
	UNTOLD(over(num(1), sub(root2(num(2)), root2(num(2)))), num(1));
}
END_TEST

START_TEST(powers_and_roots_that_come_out_are_rational)
{
	ck_assert(has_value(power(frac(2, 3), num(-2)), "9/4"));
	ck_assert(has_value(power(num(-1), big("1000000000001")), "-1"));
	ck_assert(has_value(root2(frac(9, 16)), "3/4"));
	ck_assert(has_value(call2(FN_ROOT, num(-27), num(3)), "-3"));
	ck_assert(has_value(power(num(-8), frac(2, 3)), "4"));
	ck_assert(has_value(power(num(4), frac(-3, 2)), "1/8"));
	ck_assert(has_value(power(num(0), num(0)), "1"));
	ck_assert(has_no_value(root2(num(2))));
	ck_assert(has_no_value(root2(num(-4))));
	ck_assert(has_no_value(call2(FN_ROOT, num(2), num(0))));
}
END_TEST

START_TEST(functions_of_whole_numbers_are_exact)
{
	ck_assert(has_value(factorial(num(10)), "3628800"));
	ck_assert(has_value(call1(FN_DOUBLE_FACTORIAL, num(7)), "105"));
	ck_assert(has_value(call1(FN_DOUBLE_FACTORIAL, num(-1)), "1"));
	ck_assert(has_value(call2(FN_BINOMIAL, num(10), num(3)), "120"));
	ck_assert(has_value(call2(FN_BINOMIAL, num(3), num(10)), "0"));
	ck_assert(has_value(call2(FN_BINOMIAL, frac(1, 2), num(2)), "-1/8"));
	ck_assert(has_value(call2(FN_GCD, num(84), num(36)), "12"));
	ck_assert(has_value(call2(FN_LCM, num(4), num(6)), "12"));
	ck_assert(has_value(call2(FN_MOD, num(-7), num(3)), "2"));
	ck_assert(has_value(call1(FN_GAMMA, num(5)), "24"));
	ck_assert(has_no_value(factorial(num(-1))));
	ck_assert(has_no_value(factorial(frac(1, 2))));
}
END_TEST

START_TEST(functions_of_fractions_are_exact)
{
	ck_assert(has_value(call1(FN_FLOOR, frac(-7, 2)), "-4"));
	ck_assert(has_value(call1(FN_CEIL, frac(-7, 2)), "-3"));
	ck_assert(has_value(call1(FN_ABS, frac(-7, 2)), "7/2"));
	ck_assert(has_value(call1(FN_SIGN, frac(-7, 2)), "-1"));
	ck_assert(has_value(call2(FN_MAX, frac(1, 3), frac(3, 10)), "1/3"));
	ck_assert(has_value(call1(FN_MIN, frac(1, 3)), "1/3"));
	ck_assert(has_value(call2(FN_LOG, num(8), num(2)), "3"));
	ck_assert(has_value(call2(FN_LOG, num(100), num(10)), "2"));
	ck_assert(has_value(call2(FN_LOG, frac(1, 8), num(4)), "-3/2"));
	ck_assert(has_no_value(call2(FN_LOG, num(9), num(10))));
	ck_assert(has_no_value(call2(FN_LOG, num(8), num(1))));
}
END_TEST

START_TEST(sums_and_products_are_counted_out)
{
	tree k = sym("k");

	ck_assert(
	    has_value(series(EXPR_SUM, "k", num(1), num(100), k), "5050"));
	ck_assert(has_value(series(EXPR_PROD, "k", num(1), num(5), k), "120"));
	ck_assert(has_value(series(EXPR_SUM, "k", num(2), num(1), k), "0"));
	ck_assert(has_value(
	    series(EXPR_SUM, "k", num(1), num(3),
		   series(EXPR_SUM, "j", num(1), k, mul(k, sym("j")))),
	    "25"));
	ck_assert(has_no_value(
	    series(EXPR_SUM, "k", num(1), power(num(10), num(9)), k)));
	ck_assert(has_no_value(
	    series(EXPR_SUM, "k", num(1), leaf(EXPR_INFINITY), k)));
}
END_TEST

START_TEST(digits_count_in_their_base)
{
	ck_assert(has_value(expr_2(&work, EXPR_BASE, num(204), num(5)), "54"));
	ck_assert(has_no_value(expr_2(&work, EXPR_BASE, num(205), num(5))));
	ck_assert(has_no_value(expr_2(&work, EXPR_BASE, num(1), num(1))));
	SAME(expr_2(&work, EXPR_BASE, num(101), num(2)), num(5));
}
END_TEST

START_TEST(a_decimal_counts_in_its_base)
{
	struct expr *e = expr_number(&work);

	fmpq_set_si(e->value, 1011, 100); /* 10.11 */
	e->decimals = 2;
	ck_assert(has_value(expr_2(&work, EXPR_BASE, e, num(2)), "11/4"));
}
END_TEST

/* Sizes */

START_TEST(a_tower_of_powers_is_never_built)
{
	tree five = num(5), tower = five, ten = num(10);

	for (int i = 0; i < 4; i++)
		tower = power(five, tower);
	ck_assert(has_no_value(tower));
	UNTOLD(tower, num(5));
	ck_assert(has_no_value(power(ten, power(ten, ten))));
	UNTOLD(power(tower, tower), power(tower, neg(tower)));
	UNTOLD(call1(FN_SIN, tower), num(0));
	ck_assert_int_eq(work.status, 0);
}
END_TEST

START_TEST(a_huge_power_is_compared_by_its_ball)
{
	tree ten = num(10), two = num(2), n = big("1000000000");

	DIFFER(power(ten, power(ten, ten)), num(5));
	DIFFER(power(two, n), power(two, add(n, num(1))));
	UNTOLD(mul(two, power(two, n)), power(two, add(n, num(1))));
	ck_assert_int_eq(work.status, GRPO_REWARD_BUDGET);
}
END_TEST

START_TEST(a_huge_factorial_is_never_multiplied_out)
{
	tree n = big("1000000000"), half = big("500000000");
	tree large = power(num(10), power(num(10), num(10)));

	ck_assert(has_no_value(factorial(n)));
	ck_assert(has_no_value(call2(FN_BINOMIAL, n, half)));
	UNTOLD(factorial(large), num(1));
	UNTOLD(call1(FN_DOUBLE_FACTORIAL, large), num(1));
	UNTOLD(call2(FN_BINOMIAL, large, num(2)), num(1));
	UNTOLD(call1(FN_EXP, large), num(1));
	DIFFER(over(num(1), factorial(num(2004))),
	       over(num(1), factorial(num(2006))));
	SAME(over(factorial(num(3000)), factorial(num(2998))),
	     mul(num(3000), num(2999)));
	ck_assert_int_eq(work.status, 0);
}
END_TEST

START_TEST(long_numbers_are_told_apart_by_their_residues)
{
	tree f = factorial(num(2030)), big_power = power(num(3), num(20250));

	DIFFER(f, sub(f, num(1)));
	DIFFER(num(1), sub(num(1), over(num(1), f)));
	DIFFER(add(big_power, num(1)), sub(big_power, num(1)));
	DIFFER(call2(FN_BINOMIAL, num(4100), num(2050)),
	       sub(call2(FN_BINOMIAL, num(4100), num(2050)), num(2)));
	SAME(f, mul(num(2030), factorial(num(2029))));
	SAME(squared(big_power), power(num(9), num(20250)));
	SAME(power(num(7), power(num(7), num(7))), power(num(7), num(823543)));
	ck_assert_int_eq(work.status, 0);
}
END_TEST

START_TEST(what_differs_by_a_multiple_of_many_primes_differs)
{
	tree x = sym("x"), n = big("1315423911371583473");

	n = mul(n, big("1645504557321206143"));
	n = mul(n, mul(big("1877421131917273153"), big("2147483647917263563")));
	DIFFER(x, add(x, n));
	DIFFER(power(num(3), num(20250)), add(power(num(3), num(20250)), n));
	DIFFER(power(x, num(1000)), add(power(x, num(1000)), num(1)));
	DIFFER(power(add(x, num(1)), num(1000)), power(x, num(1000)));
	SAME(power(add(squared(x), num(1)), num(1000)),
	     squared(power(add(num(1), squared(x)), num(500))));
}
END_TEST

START_TEST(close_values_are_told_apart_as_far_as_their_digits_ask)
{
	tree ten = num(10), big_number = power(ten, num(120));

	DIFFER(root2(add(squared(big_number), num(1))), big_number);
	SAME(root2(squared(big_number)), big_number);
	DIFFER(add(leaf(EXPR_PI), power(ten, num(-90))), leaf(EXPR_PI));
	DIFFER(sub(num(1), power(leaf(EXPR_E), num(-320))), num(1));
	DIFFER(call1(FN_TANH, num(250)), num(1));
	DIFFER(call1(FN_COS, power(num(2), num(-300))), num(1));
	SAME(mul(root2(num(2)), root2(num(3))), root2(num(6)));
	ck_assert_int_eq(work.status, 0);
}
END_TEST

START_TEST(a_root_of_a_square_is_not_the_difference_under_it)
{
	tree a = sym("a"), b = sym("b"), d = sub(a, b);

	DIFFER(root2(squared(d)), d);
	DIFFER(root2(squared(d)), sub(b, a));
	SAME(root2(squared(d)), call1(FN_ABS, d));
	SAME(root2(mul(squared(a), b)), mul(a, root2(b)));
	SAME(root2(squared(add(a, b))), add(a, b));
}
END_TEST

START_TEST(multiples_do_not_grow_past_the_limit)
{
	tree kids[4000];

	for (long i = 0; i < 4000; i++)
		kids[i] = num(1000003 + 2 * i);
	ck_assert(
	    has_value(expr_call(&work, FN_LCM, 2, kids), "1000008000015"));
	ck_assert(has_no_value(expr_call(&work, FN_LCM, 4000, kids)));
}
END_TEST

START_TEST(nested_sums_run_out_of_steps)
{
	tree n = num(10000), e = sym("x");
	fmpq_t q;

	fmpq_init(q);
	for (int i = 0; i < 8; i++)
		e = series(EXPR_SUM, "x", num(1), n, e);
	ck_assert_int_eq(value_exact(&work, e, q), -1);
	ck_assert_int_eq(work.status, GRPO_REWARD_BUDGET);
	fmpq_clear(q);
}
END_TEST

/* Balls */

START_TEST(surds_are_the_same_in_every_form)
{
	tree two = num(2), three = num(3), e = two;

	SAME(root2(num(8)), mul(two, root2(two)));
	DIFFER(root2(num(8)), mul(three, root2(two)));
	SAME(add(root2(two), root2(three)),
	     root2(add(num(5), mul(two, root2(num(6))))));
	SAME(sub(call2(FN_ROOT, add(two, root2(num(5))), three),
		 call2(FN_ROOT, sub(root2(num(5)), two), three)),
	     num(1));
	SAME(over(mul(num(5), root2(num(42))), num(27)),
	     over(mul(num(10), root2(frac(21, 2))), num(27)));
	e = root2(two);
	for (int i = 0; i < 2; i++)
		e = root2(add(two, e));
	SAME(e, mul(two, call1(FN_COS, over(PI, num(16)))));
}
END_TEST

START_TEST(equal_constants_of_all_kinds_are_equal)
{
	tree one = num(1), two = num(2), three = num(3);

	SAME(call1(FN_LN, num(8)), mul(three, call1(FN_LN, two)));
	SAME(call1(FN_SIN, over(PI, num(12))),
	     over(sub(root2(num(6)), root2(two)), num(4)));
	SAME(mul(call2(FN_LOG, three, two), call2(FN_LOG, num(4), three)), two);
	SAME(add(call1(FN_ATAN, frac(1, 2)), call1(FN_ATAN, frac(1, 3))),
	     over(PI, num(4)));
	SAME(mul(power(E, frac(3, 7)), power(E, frac(5, 11))),
	     power(E, frac(68, 77)));
	SAME(call1(FN_ASIN, one), over(PI, two));
	SAME(call1(FN_ASIN, over(squared(root2(two)), two)), over(PI, two));
	SAME(call1(FN_COS, expr_1(&work, EXPR_DEGREE, num(60))), frac(1, 2));
	SAME(factorial(frac(1, 2)), over(root2(PI), two));
	SAME(call1(FN_FLOOR, mul(num(100), PI)), num(314));
	SAME(root2(sub(squared(root2(two)), two)), num(0));
}
END_TEST

START_TEST(nearly_equal_values_are_different)
{
	tree two = num(2), ten = num(10);

	DIFFER(power(two, num(-99)), power(two, num(-98)));
	DIFFER(power(E, mul(PI, root2(num(163)))), big("262537412640768744"));
	DIFFER(power(add(num(1), power(ten, num(-30))), power(ten, num(30))),
	       E);
	DIFFER(root2(two), big("1414213562373095048801688724209698/"
			       "1000000000000000000000000000000000"));
	/* Ramanujan's pi, to 18 digits. */
	DIFFER(PI, over(mul(num(12),
			    call1(FN_LN, mul(add(num(3), root2(ten)),
					     add(root2(num(8)), root2(ten))))),
			root2(num(190))));
	DIFFER(mul(root2(two), power(ten, num(-120))), num(0));
}
END_TEST

START_TEST(complex_values_are_principal)
{
	tree one = num(1), two = num(2), three = num(3);

	SAME(add(power(E, mul(IM, PI)), one), num(0));
	SAME(squared(IM), num(-1));
	SAME(mul(add(one, mul(two, IM)), sub(three, IM)),
	     add(num(5), mul(num(5), IM)));
	SAME(power(IM, IM), power(E, neg(over(PI, two))));
	SAME(power(num(-8), frac(1, 3)), num(-2));
	SAME(add(power(num(-8), frac(1, 3)), mul(num(0), IM)),
	     add(one, mul(IM, root2(three))));
	SAME(mul(root2(num(-2)), root2(num(-3))), neg(root2(num(6))));
	SAME(call1(FN_ABS, add(three, mul(num(4), IM))), num(5));
	DIFFER(IM, neg(IM));
	DIFFER(root2(num(-4)), two);
}
END_TEST

START_TEST(comparisons_without_a_number_are_undecided)
{
	tree pair[] = {num(1), num(2)};
	tree set = expr_node(&work, EXPR_SET, 2, pair);
	tree pm = expr_node(&work, EXPR_PM, 2, pair);

	UNTOLD(set, set);
	UNTOLD(pm, num(3));
	UNTOLD(expr_named(&work, EXPR_TEXT, text("odd")), num(1));
	UNTOLD(call1(FN_TAN, over(PI, num(2))), num(1));
}
END_TEST

START_TEST(an_infinity_is_only_itself)
{
	tree infinity = leaf(EXPR_INFINITY);

	SAME(infinity, infinity);
	UNTOLD(infinity, neg(infinity));
	UNTOLD(infinity, num(1));
	UNTOLD(over(num(1), infinity), num(0));
}
END_TEST

/* Order */

static int order(tree a, tree b)
{
	int found;

	return value_order(&work, a, b, &found) < 0 ? 9 : found;
}

START_TEST(constants_are_in_order)
{
	tree infinity = leaf(EXPR_INFINITY);

	ck_assert_int_eq(order(frac(1, 3), frac(1, 2)), -1);
	ck_assert_int_eq(order(PI, over(num(22), num(7))), -1);
	ck_assert_int_eq(order(PI, over(num(333), num(106))), 1);
	ck_assert_int_eq(order(root2(num(8)), mul(num(2), root2(num(2)))), 0);
	ck_assert_int_eq(order(infinity, power(num(10), num(99))), 1);
	ck_assert_int_eq(order(PI, neg(infinity)), 1);
	ck_assert_int_eq(order(neg(infinity), infinity), -1);
	ck_assert_int_eq(order(infinity, infinity), 0);
	ck_assert_int_eq(order(IM, num(1)), 9);
	ck_assert_int_eq(order(sym("x"), num(1)), 9);
	ck_assert_int_eq(order(infinity, sym("x")), 9);
}
END_TEST

static enum value_verdict near(tree e, long p, unsigned long q, long r,
			       unsigned long s)
{
	enum value_verdict verdict;
	fmpq_t centre, radius;

	fmpq_init(centre);
	fmpq_init(radius);
	fmpq_set_si(centre, p, q);
	fmpq_set_si(radius, r, s);
	verdict = value_near(&work, e, centre, radius);
	fmpq_clear(radius);
	fmpq_clear(centre);
	return verdict;
}

START_TEST(a_neighbourhood_includes_its_ends)
{
	ck_assert_int_eq(near(PI, 314, 100, 1, 200), VALUE_EQUAL);
	ck_assert_int_eq(near(PI, 315, 100, 1, 200), VALUE_DIFFERENT);
	ck_assert_int_eq(near(frac(1, 2), 0, 1, 1, 2), VALUE_EQUAL);
	ck_assert_int_eq(near(squared(root2(num(2))), 3, 1, 1, 1), VALUE_EQUAL);
	ck_assert_int_eq(near(sym("x"), 3, 1, 1, 1), VALUE_UNDECIDED);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("math value");
	TCase *t = tcase_create("value");

	suite_add_tcase(s, t);
	tcase_add_checked_fixture(t, trees_start, trees_end);
	tcase_add_test(t, arithmetic_is_exact);
	tcase_add_test(t, division_by_0_has_no_value);
	tcase_add_test(t, powers_and_roots_that_come_out_are_rational);
	tcase_add_test(t, functions_of_whole_numbers_are_exact);
	tcase_add_test(t, functions_of_fractions_are_exact);
	tcase_add_test(t, sums_and_products_are_counted_out);
	tcase_add_test(t, digits_count_in_their_base);
	tcase_add_test(t, a_decimal_counts_in_its_base);
	tcase_add_test(t, a_tower_of_powers_is_never_built);
	tcase_add_test(t, a_huge_power_is_compared_by_its_ball);
	tcase_add_test(t, a_huge_factorial_is_never_multiplied_out);
	tcase_add_test(t, long_numbers_are_told_apart_by_their_residues);
	tcase_add_test(t, what_differs_by_a_multiple_of_many_primes_differs);
	tcase_add_test(t,
		       close_values_are_told_apart_as_far_as_their_digits_ask);
	tcase_add_test(t, a_root_of_a_square_is_not_the_difference_under_it);
	tcase_add_test(t, multiples_do_not_grow_past_the_limit);
	tcase_add_test(t, nested_sums_run_out_of_steps);
	tcase_add_test(t, surds_are_the_same_in_every_form);
	tcase_add_test(t, equal_constants_of_all_kinds_are_equal);
	tcase_add_test(t, nearly_equal_values_are_different);
	tcase_add_test(t, complex_values_are_principal);
	tcase_add_test(t, comparisons_without_a_number_are_undecided);
	tcase_add_test(t, an_infinity_is_only_itself);
	tcase_add_test(t, constants_are_in_order);
	tcase_add_test(t, a_neighbourhood_includes_its_ends);
	return run_suite(s);
}
