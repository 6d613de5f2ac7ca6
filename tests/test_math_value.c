/* SPDX-License-Identifier: MIT */
/* What the math reward's expressions are worth. */
#include "tests/math_trees.h"

static int has_value(tree e, const char *want)
{
	fmpq_t got, expected;
	int same;

	fmpq_init(got);
	fmpq_init(expected);
	ck_assert_int_eq(fmpq_set_str(expected, want, 10), 0);
	same = value_exact(&work, e, got) == 0 && fmpq_equal(got, expected);
	fmpq_clear(expected);
	fmpq_clear(got);
	return same;
}

static int has_none(tree e)
{
	fmpq_t got;
	int none;

	fmpq_init(got);
	none = value_exact(&work, e, got) < 0 && work.status == 0;
	fmpq_clear(got);
	return none;
}

#define SAME(a, b) ck_assert_int_eq(value_same(&work, a, b), VALUE_EQUAL)
#define DIFFER(a, b) ck_assert_int_eq(value_same(&work, a, b), VALUE_DIFFERENT)
#define UNTOLD(a, b) ck_assert_int_eq(value_same(&work, a, b), VALUE_UNDECIDED)

START_TEST(arithmetic_is_exact)
{
	ck_assert(has_value(add(over(num(1), num(2)), frac(-3, 8)), "1/8"));
	ck_assert(has_value(power(frac(2, 3), num(-2)), "9/4"));
	ck_assert(has_none(over(num(1), num(0))));
}
END_TEST

START_TEST(surds_are_compared_to_the_last_bit)
{
	SAME(root2(num(8)), mul(num(2), root2(num(2))));
	DIFFER(root2(num(8)), mul(num(3), root2(num(2))));
	SAME(add(root2(num(2)), root2(num(3))),
	     root2(add(num(5), mul(num(2), root2(num(6))))));
}
END_TEST

START_TEST(towers_are_never_built)
{
	tree five = num(5), tower = five;

	for (int i = 0; i < 4; i++)
		tower = power(five, tower);
	ck_assert(has_none(tower));
	UNTOLD(tower, num(5));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("math value");
	TCase *t = tcase_create("value");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_add_checked_fixture(t, trees_start, trees_end);
	tcase_add_test(t, arithmetic_is_exact);
	tcase_add_test(t, surds_are_compared_to_the_last_bit);
	tcase_add_test(t, towers_are_never_built);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
