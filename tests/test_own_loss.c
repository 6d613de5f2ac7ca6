/* SPDX-License-Identifier: MIT */
/* The program examples/own_loss: a policy loss of the caller's. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include "examples/own_loss/topr.h"
#include "tests/suite.h"

static int run(char out[4096], const char *program)
{
	const char *build = getenv("BUILD");
	char command[512];
	size_t n;
	FILE *f;
	int status;

	snprintf(command, sizeof command, "${EMULATOR-} %s/bin/%s 2>&1",
		 build ? build : "build", program);
	f = popen(command, "r");
	ck_assert_ptr_nonnull(f);
	n = fread(out, 1, 4095, f);
	out[n] = '\0';
	status = pclose(f);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

START_TEST(a_table_learns_by_a_loss_that_is_not_the_librarys)
{
	char first[4096], second[4096];
	int right = 100;

	ck_assert_msg(run(first, "own_loss") == 0, "%s", first);
	ck_assert_int_eq(sscanf(first, "before: %d %%", &right), 1);
	ck_assert_int_lt(right, 50);
	ck_assert_ptr_nonnull(strstr(first, "after: 100 % of 25 sums right"));
	ck_assert_int_eq(run(second, "own_loss"), 0);
	ck_assert_str_eq(first, second);
}
END_TEST

struct point {
	double loss, slope, low;
};

static struct point at(double log_ratio, double advantage)
{
	double ratio = exp(log_ratio), high = 0;
	struct point p = {.low = 0};
	grpo_loss_columns c = {.struct_size = sizeof c,
			       .n = 1,
			       .ratio = &ratio,
			       .log_ratio = &log_ratio,
			       .advantage = &advantage,
			       .loss = &p.loss,
			       .slope = &p.slope,
			       .low = &p.low,
			       .high = &high};

	topr_loss(NULL, NULL, &c);
	return p;
}

START_TEST(its_slope_is_that_of_finite_differences)
{
	static const double advantages[] = {-2, -0.3, 0, 0.7, 1.5};
	const double h = 1e-6;

	for (size_t k = 0; k < sizeof advantages / sizeof *advantages; k++)
		for (double x = -2.05; x < 2; x += 0.1) {
			double a = advantages[k];
			double want =
			    (at(x + h, a).loss - at(x - h, a).loss) / (2 * h);

			ck_assert_double_eq_tol(at(x, a).slope, want, 1e-8);
		}
}
END_TEST

START_TEST(a_wrong_answer_is_pushed_away_less_and_less)
{
	ck_assert_double_eq_tol(at(-5, -1).slope, exp(-5), 1e-15);
	ck_assert_double_eq(at(-5, -1).low, 1);
	ck_assert_double_eq(at(1, -1).slope, 1);
	ck_assert_double_eq(at(-5, 1).slope, -1);
	ck_assert_double_eq(at(-5, 1).low, 0);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("own_loss");
	TCase *tc = tcase_create("own_loss");

	tcase_add_test(tc, a_table_learns_by_a_loss_that_is_not_the_librarys);
	tcase_add_test(tc, its_slope_is_that_of_finite_differences);
	tcase_add_test(tc, a_wrong_answer_is_pushed_away_less_and_less);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
