/* SPDX-License-Identifier: MIT */
/* Our exp against the long double of libm. */
#include <check.h>
#include <math.h>

#include "algo/exp.h"
#include "core/rng.h"
#include "tests/suite.h"

#define N 200000

/* Evenly in [-1, 1). */
static double noise(uint32_t k)
{
	return 2 * grpo__rng_uniform(7, k, 0, 0, GRPO__RNG_TEST) - 1;
}

/* Of every size: whole numbers of ln 2, near 0, near the ends. */
static double point(uint32_t k)
{
	double u = noise(k);

	switch (k % 4) {
	case 0:
		return u * GRPO__EXP_MAX;
	case 1:
		return u * 2;
	case 2:
		return ldexp(u, -(int)(k % 60));
	default:
		return ((int)(k % 41) - 20) * log(2) / 2 + u * 1e-9;
	}
}

static void expect_near(double x, double got, long double want, double tol)
{
	double error =
	    want == 0 ? fabs(got) : (double)fabsl((got - want) / want);

	if (!(error <= tol))
		ck_abort_msg("at %.17g it is %.17Lg, got %.17g", x, want, got);
}

START_TEST(exp_is_right_to_one_unit_in_the_last_place)
{
	uint32_t k;

	for (k = 0; k < N; k++) {
		double x = point(k);
		long double want = expl(x);
		double unit = nextafter((double)want, INFINITY) - (double)want;

		if (!(fabsl(grpo__exp(x) - want) < unit))
			ck_abort_msg("exp(%.17g) is %.17Lg, got %.17g", x, want,
				     grpo__exp(x));
	}
	ck_assert(grpo__exp(0) == 1 && grpo__exp(-0.0) == 1);
}
END_TEST

START_TEST(exp_minus_one_is_accurate_near_0)
{
	uint32_t k;

	for (k = 0; k < N; k++) {
		double x = point(k);
		struct grpo__exp_parts e = grpo__exp_parts(x);
		long double y = x, beyond = expm1l(y) - y;
		double got = grpo__exp_beyond_1(&e, x);

		expect_near(x, grpo__exp_minus_1(&e), expm1l(y), 1e-15);
		/* long double itself has lost the small ones */
		if (fabs(x) > 1e-4)
			expect_near(x, got, beyond, 1e-14);
		else
			expect_near(x, got, y * y * (0.5L + y / 6 + y * y / 24),
				    1e-12);
	}
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("test_exp");
	TCase *t = tcase_create("exp");

	tcase_add_test(t, exp_is_right_to_one_unit_in_the_last_place);
	tcase_add_test(t, exp_minus_one_is_accurate_near_0);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
