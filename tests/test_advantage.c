/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "grpo/advantage.h"
#include "grpo/error.h"
#include "tests/suite.h"

#define TOL 1e-12
#define ROWS(a) ((int)(sizeof(a) / sizeof *(a)))

static grpo_advantage_options options(int baseline, int scale)
{
	grpo_advantage_options o;

	ck_assert_int_eq(grpo_advantage_options_init(&o), 0);
	o.baseline = baseline;
	o.scale = scale;
	return o;
}

static void expect_message(const char *part)
{
	ck_assert_msg(strstr(grpo_error_message(), part) != NULL,
		      "\"%s\" is not in \"%s\"", part, grpo_error_message());
}

/* ---------------------------------------------------------------- values */

START_TEST(defaults_are_those_of_trl)
{
	grpo_advantage_options o;

	memset(&o, 0xa5, sizeof o);
	ck_assert_int_eq(grpo_advantage_options_init(&o), 0);
	ck_assert_uint_eq(o.struct_size, sizeof o);
	ck_assert_int_eq(o.baseline, GRPO_BASELINE_GROUP_MEAN);
	ck_assert_int_eq(o.scale, GRPO_SCALE_GROUP);
	ck_assert_int_eq(o.ddof, 1);
	ck_assert(o.eps == 1e-4);
}
END_TEST

START_TEST(group_advantage_is_centred_and_divided_by_std)
{
	double r[] = {1, 0, 0, 1, 3, 1}, a[6], std[2];
	int64_t group[] = {0, 4, 6};
	double s0 = sqrt(1.0 / 3), s1 = sqrt(2.0);

	ck_assert_int_eq(grpo_advantages(a, std, r, group, 2, NULL), 0);
	ck_assert_double_eq_tol(std[0], s0, TOL);
	ck_assert_double_eq_tol(std[1], s1, TOL);
	ck_assert_double_eq_tol(a[0], 0.5 / (s0 + 1e-4), TOL);
	ck_assert_double_eq_tol(a[1], -0.5 / (s0 + 1e-4), TOL);
	ck_assert_double_eq_tol(a[4], 1 / (s1 + 1e-4), TOL);
	ck_assert_double_eq_tol(a[5], -1 / (s1 + 1e-4), TOL);
}
END_TEST

START_TEST(ddof_0_divides_by_n)
{
	double r[] = {1, 0, 0, 1}, a[4], std[1];
	int64_t group[] = {0, 4};
	grpo_advantage_options o =
	    options(GRPO_BASELINE_GROUP_MEAN, GRPO_SCALE_GROUP);

	o.ddof = 0;
	o.eps = 0;
	ck_assert_int_eq(grpo_advantages(a, std, r, group, 1, &o), 0);
	ck_assert_double_eq_tol(std[0], 0.5, TOL);
	ck_assert_double_eq_tol(a[0], 1, TOL);
	ck_assert_double_eq_tol(a[1], -1, TOL);
}
END_TEST

START_TEST(batch_scale_divides_by_std_of_all_rows)
{
	double r[] = {1, 0, 3, 4}, a[4];
	int64_t group[] = {0, 2, 4};
	double s = sqrt(10.0 / 3);
	grpo_advantage_options o =
	    options(GRPO_BASELINE_GROUP_MEAN, GRPO_SCALE_BATCH);

	ck_assert_int_eq(grpo_advantages(a, NULL, r, group, 2, &o), 0);
	ck_assert_double_eq_tol(a[0], 0.5 / (s + 1e-4), TOL);
	ck_assert_double_eq_tol(a[3], 0.5 / (s + 1e-4), TOL);
}
END_TEST

START_TEST(no_scale_leaves_the_difference)
{
	double r[] = {1, 0, 0, 0}, a[4], std[1];
	int64_t group[] = {0, 4};
	grpo_advantage_options o =
	    options(GRPO_BASELINE_GROUP_MEAN, GRPO_SCALE_NONE);

	ck_assert_int_eq(grpo_advantages(a, std, r, group, 1, &o), 0);
	ck_assert(a[0] == 0.75 && a[1] == -0.25);
	ck_assert_double_eq_tol(std[0], 0.5, TOL);
}
END_TEST

START_TEST(leave_one_out_takes_the_mean_of_the_others)
{
	double r[] = {4, 1, NAN, 0.5}, a[4];
	int64_t group[] = {0, 4};
	grpo_advantage_options o =
	    options(GRPO_BASELINE_LEAVE_ONE_OUT, GRPO_SCALE_NONE);

	ck_assert_int_eq(grpo_advantages(a, NULL, r, group, 1, &o), 0);
	ck_assert_double_eq_tol(a[0], 4 - 0.75, TOL);
	ck_assert_double_eq_tol(a[1], 1 - 2.25, TOL);
	ck_assert_double_eq_tol(a[3], 0.5 - 2.5, TOL);
	ck_assert(a[2] == 0);
}
END_TEST

START_TEST(equal_rewards_give_exactly_zero_at_every_scale)
{
	/* 0.1 three times: the mean by summing is not 0.1 */
	double r[] = {0.1, 0.1, 0.1, 1, 2}, a[5], std[2];
	int64_t group[] = {0, 3, 5};
	int scale, i;

	ck_assert((r[0] + r[1] + r[2]) / 3 != 0.1);
	for (scale = GRPO_SCALE_GROUP; scale <= GRPO_SCALE_NONE; scale++) {
		grpo_advantage_options o = options(_i / 2, scale);

		o.ddof = _i % 2;
		o.eps = 0;
		ck_assert_int_eq(grpo_advantages(a, std, r, group, 2, &o), 0);
		for (i = 0; i < 3; i++)
			ck_assert(a[i] == 0);
		ck_assert(std[0] == 0);
		ck_assert(a[3] < 0 && a[4] > 0);
	}
}
END_TEST

START_TEST(missing_reward_gets_zero_and_leaves_its_group)
{
	double r[] = {1, NAN, 0}, with[3], a[2];
	double rest[] = {1, 0};
	int64_t group[] = {0, 3}, group2[] = {0, 2};

	ck_assert_int_eq(grpo_advantages(with, NULL, r, group, 1, NULL), 0);
	ck_assert_int_eq(grpo_advantages(a, NULL, rest, group2, 1, NULL), 0);
	ck_assert(with[0] == a[0] && with[1] == 0 && with[2] == a[1]);
}
END_TEST

START_TEST(group_with_fewer_than_two_rewards_gets_zero)
{
	double r[] = {7, NAN, NAN, NAN, 5}, a[5], std[4];
	int64_t group[] = {0, 2, 4, 4, 5}; /* one, none, no rows, one row */
	int scale, i;

	for (scale = GRPO_SCALE_GROUP; scale <= GRPO_SCALE_NONE; scale++) {
		grpo_advantage_options o =
		    options(GRPO_BASELINE_LEAVE_ONE_OUT, scale);

		ck_assert_int_eq(grpo_advantages(a, std, r, group, 4, &o), 0);
		for (i = 0; i < 5; i++)
			ck_assert(a[i] == 0);
		for (i = 0; i < 4; i++)
			ck_assert(std[i] == 0);
	}
}
END_TEST

START_TEST(advantages_sum_to_zero_and_do_not_see_a_shift)
{
	double r[] = {0.3, -1.7, 2.2, 0.1, 0.9}, shifted[5], a[5], b[5];
	int64_t group[] = {0, 5};
	double sum = 0;
	int i;

	for (i = 0; i < 5; i++)
		shifted[i] = r[i] + 3;
	ck_assert_int_eq(grpo_advantages(a, NULL, r, group, 1, NULL), 0);
	ck_assert_int_eq(grpo_advantages(b, NULL, shifted, group, 1, NULL), 0);
	for (i = 0; i < 5; i++) {
		sum += a[i];
		ck_assert_double_eq_tol(a[i], b[i], TOL);
	}
	ck_assert_double_eq_tol(sum, 0, TOL);
}
END_TEST

START_TEST(output_may_be_the_input)
{
	double r[] = {1, 0, 0.25, 3, NAN, 2}, a[6];
	int64_t group[] = {0, 3, 6};

	ck_assert_int_eq(grpo_advantages(a, NULL, r, group, 2, NULL), 0);
	ck_assert_int_eq(grpo_advantages(r, NULL, r, group, 2, NULL), 0);
	ck_assert_mem_eq(r, a, sizeof a);
}
END_TEST

START_TEST(no_groups_is_no_error)
{
	int64_t group[] = {0};

	ck_assert_int_eq(grpo_advantages(NULL, NULL, NULL, group, 0, NULL), 0);
}
END_TEST

/* -------------------------------------------------------------- refusals */

static void expect_refused(int code, const char *part, const double *reward,
			   const int64_t *group, int64_t n_groups,
			   const grpo_advantage_options *o)
{
	double a[4] = {41, 42, 43, 44}, std[4] = {45, 46, 47, 48};

	ck_assert_int_eq(grpo_advantages(a, std, reward, group, n_groups, o),
			 code);
	expect_message(part);
	ck_assert(a[0] == 41 && a[1] == 42 && a[2] == 43 && a[3] == 44);
	ck_assert(std[0] == 45 && std[1] == 46);
}

START_TEST(infinite_reward_is_refused_and_output_untouched)
{
	double r[] = {1, 0, INFINITY, 1};
	int64_t group[] = {0, 2, 4};

	expect_refused(GRPO_ENUMERIC, "row 2", r, group, 2, NULL);
	r[2] = -INFINITY;
	expect_refused(GRPO_ENUMERIC, "row 2", r, group, 2, NULL);
}
END_TEST

START_TEST(rewards_whose_spread_overflows_are_refused)
{
	double r[] = {1, 0, 1e200, -1e200};
	int64_t group[] = {0, 2, 4};
	grpo_advantage_options o =
	    options(GRPO_BASELINE_GROUP_MEAN, GRPO_SCALE_BATCH);

	expect_refused(GRPO_ENUMERIC, "group 1 (rows 2 to 3)", r, group, 2,
		       NULL);
	expect_refused(GRPO_ENUMERIC, "all rewards", r, group, 2, &o);
}
END_TEST

START_TEST(groups_out_of_order_are_refused)
{
	double r[] = {1, 0, 1, 0};
	int64_t falling[] = {0, 3, 2}, late[] = {1, 2, 4};

	expect_refused(GRPO_EINVAL, "group[2] is 2", r, falling, 2, NULL);
	expect_refused(GRPO_EINVAL, "group[0] is 1", r, late, 2, NULL);
	expect_refused(GRPO_EINVAL, "n_groups is -1", r, falling, -1, NULL);
	expect_refused(GRPO_EINVAL, "group is NULL", r, NULL, 2, NULL);
}
END_TEST

START_TEST(every_option_is_checked_by_name)
{
	double r[] = {1, 0, 1, 0};
	int64_t group[] = {0, 2, 4};
	grpo_advantage_options o, good = options(0, 0);

	o = good;
	o.baseline = 2;
	expect_refused(GRPO_EINVAL, "baseline is 2", r, group, 2, &o);
	o = good;
	o.scale = -1;
	expect_refused(GRPO_EINVAL, "scale is -1", r, group, 2, &o);
	o = good;
	o.ddof = 2;
	expect_refused(GRPO_EINVAL, "ddof is 2", r, group, 2, &o);
	o = good;
	o.eps = -1;
	expect_refused(GRPO_EINVAL, "eps is -1", r, group, 2, &o);
	o.eps = NAN;
	expect_refused(GRPO_EINVAL, "eps is", r, group, 2, &o);
}
END_TEST

START_TEST(options_without_init_are_refused_naming_it)
{
	static const size_t sizes[] = {0, 4, 12, SIZE_MAX, 1 << 20};
	double r[] = {1, 0, 1, 0};
	int64_t group[] = {0, 2, 4};
	grpo_advantage_options o = options(0, 0);
	int i;

	for (i = 0; i < ROWS(sizes); i++) {
		o.struct_size = sizes[i];
		expect_refused(GRPO_EINVAL, "grpo_advantage_options_init", r,
			       group, 2, &o);
	}
	ck_assert_int_eq(grpo_advantage_options_init_(&o, 3), GRPO_EINVAL);
	ck_assert_int_eq(grpo_advantage_options_init_(NULL, sizeof o),
			 GRPO_EINVAL);
}
END_TEST

START_TEST(newer_options_are_taken_unless_the_new_field_is_set)
{
	struct {
		grpo_advantage_options o;
		double later;
	} newer;
	double r[] = {1, 0}, a[2];
	int64_t group[] = {0, 2};

	ck_assert_int_eq(grpo_advantage_options_init_(&newer.o, sizeof newer),
			 0);
	ck_assert_uint_eq(newer.o.struct_size, sizeof newer);
	ck_assert(newer.later == 0);
	newer.o.scale = GRPO_SCALE_NONE;
	ck_assert_int_eq(grpo_advantages(a, NULL, r, group, 1, &newer.o), 0);
	ck_assert(a[0] == 0.5);
	newer.later = 1;
	expect_refused(GRPO_EABI, "grpo_advantage_options", r, group, 1,
		       &newer.o);
}
END_TEST

START_TEST(older_options_keep_their_fields_and_get_new_defaults)
{
	double r[] = {1, 0}, a[2], b[2];
	int64_t group[] = {0, 2};
	grpo_advantage_options o = options(0, GRPO_SCALE_GROUP);

	o.ddof = 0;
	ck_assert_int_eq(grpo_advantages(b, NULL, r, group, 1, &o), 0);
	o.eps = -1; /* not part of the older struct */
	o.struct_size = offsetof(grpo_advantage_options, eps);
	ck_assert_int_eq(grpo_advantages(a, NULL, r, group, 1, &o), 0);
	ck_assert_mem_eq(a, b, sizeof a);
}
END_TEST

/* ---------------------------------------------------------------- totals */

START_TEST(total_is_the_weighted_sum_of_rewards_not_missing)
{
	double r[] = {1, 2, 4, NAN, 2, 4, NAN, NAN, NAN}, total[3];
	double w[] = {1, 0.5, -2};

	ck_assert_int_eq(grpo_reward_totals(total, r, w, 3, 3), 0);
	ck_assert(total[0] == 1 + 1 - 8);
	ck_assert(total[1] == 1 - 8);
	ck_assert(isnan(total[2]));
	ck_assert_int_eq(grpo_reward_totals(total, r, NULL, 3, 3), 0);
	ck_assert(total[0] == 7 && total[1] == 6 && isnan(total[2]));
}
END_TEST

START_TEST(weight_zero_counts_as_there)
{
	double r[] = {NAN, 5}, w[] = {1, 0}, total[1];

	ck_assert_int_eq(grpo_reward_totals(total, r, w, 1, 2), 0);
	ck_assert(total[0] == 0);
}
END_TEST

START_TEST(infinite_reward_or_total_is_refused_and_total_untouched)
{
	double r[] = {1, 2, 3, -INFINITY}, big[] = {DBL_MAX, DBL_MAX};
	double w[] = {1, NAN}, total[2] = {41, 42};

	ck_assert_int_eq(grpo_reward_totals(total, r, NULL, 2, 2),
			 GRPO_ENUMERIC);
	expect_message("row 1: reward 1 is infinite");
	ck_assert_int_eq(grpo_reward_totals(total, big, NULL, 1, 2),
			 GRPO_ENUMERIC);
	expect_message("row 0");
	ck_assert_int_eq(grpo_reward_totals(total, r, w, 1, 2), GRPO_EINVAL);
	expect_message("weight 1");
	ck_assert(total[0] == 41 && total[1] == 42);
}
END_TEST

START_TEST(counts_of_totals_are_checked)
{
	double r[] = {1}, total[1];

	ck_assert_int_eq(grpo_reward_totals(total, r, NULL, -1, 1),
			 GRPO_EINVAL);
	ck_assert_int_eq(grpo_reward_totals(total, r, NULL, 1, 0), GRPO_EINVAL);
	expect_message("n_rewards");
	ck_assert_int_eq(grpo_reward_totals(total, NULL, NULL, 1, 1),
			 GRPO_EINVAL);
	expect_message("rewards is NULL");
	ck_assert_int_eq(grpo_reward_totals(NULL, NULL, NULL, 0, 1), 0);
}
END_TEST

static TCase *values(void)
{
	TCase *t = tcase_create("values");

	tcase_add_test(t, defaults_are_those_of_trl);
	tcase_add_test(t, group_advantage_is_centred_and_divided_by_std);
	tcase_add_test(t, ddof_0_divides_by_n);
	tcase_add_test(t, batch_scale_divides_by_std_of_all_rows);
	tcase_add_test(t, no_scale_leaves_the_difference);
	tcase_add_test(t, leave_one_out_takes_the_mean_of_the_others);
	tcase_add_loop_test(t, equal_rewards_give_exactly_zero_at_every_scale,
			    0, 4); /* both baselines, both ddof */
	tcase_add_test(t, missing_reward_gets_zero_and_leaves_its_group);
	tcase_add_test(t, group_with_fewer_than_two_rewards_gets_zero);
	tcase_add_test(t, advantages_sum_to_zero_and_do_not_see_a_shift);
	tcase_add_test(t, output_may_be_the_input);
	tcase_add_test(t, no_groups_is_no_error);
	return t;
}

static TCase *refusals(void)
{
	TCase *t = tcase_create("refusals");

	tcase_add_test(t, infinite_reward_is_refused_and_output_untouched);
	tcase_add_test(t, rewards_whose_spread_overflows_are_refused);
	tcase_add_test(t, groups_out_of_order_are_refused);
	tcase_add_test(t, every_option_is_checked_by_name);
	tcase_add_test(t, options_without_init_are_refused_naming_it);
	tcase_add_test(t, newer_options_are_taken_unless_the_new_field_is_set);
	tcase_add_test(t, older_options_keep_their_fields_and_get_new_defaults);
	return t;
}

static TCase *totals(void)
{
	TCase *t = tcase_create("totals");

	tcase_add_test(t, total_is_the_weighted_sum_of_rewards_not_missing);
	tcase_add_test(t, weight_zero_counts_as_there);
	tcase_add_test(t,
		       infinite_reward_or_total_is_refused_and_total_untouched);
	tcase_add_test(t, counts_of_totals_are_checked);
	return t;
}

static Suite *suite(void)
{
	Suite *s = suite_create("test_advantage");

	suite_add_tcase(s, values());
	suite_add_tcase(s, refusals());
	suite_add_tcase(s, totals());
	return s;
}

int main(void)
{
	return run_suite(suite());
}
