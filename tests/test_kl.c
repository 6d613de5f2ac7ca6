/* SPDX-License-Identifier: MIT */
/* The KL estimators, in the loss and in the reward. */
#include <check.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "grpo/error.h"
#include "grpo/kl.h"
#include "grpo/objective.h"
#include "tests/objective_batch.h"
#include "tests/suite.h"

#define TOL 1e-12
#define BETA 0.25

/* By its definition; the slope in x. */
static double k_of(int estimator, double x)
{
	return estimator == GRPO_KL_K1   ? x
	       : estimator == GRPO_KL_K2 ? x * x / 2
					 : exp(-x) - 1 + x;
}

static double slope_of(int estimator, double x)
{
	return estimator == GRPO_KL_K1   ? 1
	       : estimator == GRPO_KL_K2 ? x
					 : 1 - exp(-x);
}

static double x_at(const struct batch *b, int k)
{
	return (double)b->logp[k] - (double)b->ref_logp[k];
}

/* ---------------------------------------------------------- in the loss */

static void run_kl(float *dlogp, grpo_metrics *m, struct batch *b,
		   int estimator, int times_ratio)
{
	grpo_objective_options o = options(GRPO_LOSS_DAPO, BETA);

	make_batch(b);
	memset(b->advantage, 0, sizeof b->advantage); /* the KL alone */
	o.kl_estimator = estimator;
	o.kl_bias_correction = times_ratio;
	*m = run(&o, b, dlogp, N_ROWS);
}

START_TEST(each_estimator_has_the_value_and_slope_of_its_definition)
{
	float dlogp[N_TOKENS];
	struct batch b;
	grpo_metrics m;
	double sum = 0;
	int k;

	run_kl(dlogp, &m, &b, _i, 0);
	for (k = 0; k < N_TOKENS; k++) {
		double x = x_at(&b, k);

		sum += mask[k] ? k_of(_i, x) : 0;
		ck_assert_double_eq_tol(
		    dlogp[k], mask[k] ? BETA / M * slope_of(_i, x) : 0, 1e-8);
	}
	ck_assert_double_eq_tol(m.kl, sum / M, TOL);
	ck_assert_double_eq_tol(m.loss, BETA * sum / M, TOL);
	ck_assert(m.policy_loss == 0);
}
END_TEST

START_TEST(bias_correction_multiplies_by_the_ratio_and_follows_it)
{
	float dlogp[N_TOKENS];
	struct batch b;
	grpo_metrics m;
	double sum = 0;
	int k;

	run_kl(dlogp, &m, &b, _i, 1);
	for (k = 0; k < N_TOKENS; k++) {
		double x = x_at(&b, k);
		double r = exp((double)b.logp[k] - (double)b.old_logp[k]);
		double slope = r * (k_of(_i, x) + slope_of(_i, x));

		sum += mask[k] ? r * k_of(_i, x) : 0;
		ck_assert_double_eq_tol(dlogp[k],
					mask[k] ? BETA / M * slope : 0, 1e-8);
	}
	ck_assert_double_eq_tol(m.kl, sum / M, TOL);
	ck_assert_double_eq_tol(m.loss, BETA * sum / M, TOL);
}
END_TEST

/* Over three tokens of which the policy draws each with its probability. */
static double expected_slope(int estimator, int times_ratio, int j)
{
	static const double p[3] = {0.5, 0.3, 0.2}, q[3] = {0.2, 0.2, 0.6};
	double sum = 0;
	int v;

	/* d logp[v] / d logit[j] = (v == j) - p[j] */
	for (v = 0; v < 3; v++) {
		double x = log(p[v] / q[v]), slope = slope_of(estimator, x);

		if (times_ratio)
			slope += k_of(estimator, x);
		sum += p[v] * slope * ((v == j) - p[j]);
	}
	return sum;
}

/* Of KL(p || q), then of KL(q || p). */
static double slope_of_kl(int reverse, int j)
{
	static const double p[3] = {0.5, 0.3, 0.2}, q[3] = {0.2, 0.2, 0.6};
	double kl = 0;
	int v;

	if (!reverse)
		return p[j] - q[j];
	for (v = 0; v < 3; v++)
		kl += p[v] * log(p[v] / q[v]);
	return p[j] * (log(p[j] / q[j]) - kl);
}

/* What the header says of each, on average over the policy's own samples. */
START_TEST(expected_slopes_are_as_the_header_says)
{
	int j;

	for (j = 0; j < 3; j++) {
		double to_ref = slope_of_kl(1, j), from_ref = slope_of_kl(0, j);

		ck_assert_double_eq_tol(expected_slope(GRPO_KL_K1, 0, j), 0,
					TOL);
		ck_assert_double_eq_tol(expected_slope(GRPO_KL_K2, 0, j),
					to_ref, TOL);
		ck_assert_double_eq_tol(expected_slope(GRPO_KL_K3, 0, j),
					from_ref, TOL);
		ck_assert_double_eq_tol(expected_slope(GRPO_KL_K1, 1, j),
					to_ref, TOL);
		ck_assert_double_eq_tol(expected_slope(GRPO_KL_K3, 1, j),
					to_ref, TOL);
	}
}
END_TEST

START_TEST(k3_keeps_its_digits_next_to_the_reference)
{
	grpo_objective_options o = options(GRPO_LOSS_DAPO, BETA);
	float dlogp[N_TOKENS];
	struct batch b;
	grpo_metrics m;
	double want = 0;
	int k;

	make_batch(&b);
	for (k = 0; k < N_TOKENS; k++) {
		double x;

		b.ref_logp[k] = nextafterf(b.logp[k], 0);
		x = x_at(&b, k);
		want += mask[k] ? x * x / 2 - x * x * x / 6 : 0;
	}
	m = run(&o, &b, dlogp, N_ROWS);
	ck_assert_double_eq_tol(m.kl / (want / M), 1, 1e-12);
}
END_TEST

START_TEST(far_from_the_reference_every_estimator_is_still_right)
{
	grpo_objective_options o = options(GRPO_LOSS_DAPO, 1);
	float dlogp[N_TOKENS];
	struct batch b;
	grpo_metrics m;
	int k;

	o.kl_estimator = _i;
	make_batch(&b);
	memset(b.advantage, 0, sizeof b.advantage);
	for (k = 0; k < N_TOKENS; k++) {
		b.logp[k] = -1;
		b.ref_logp[k] = -900; /* exp(-x) is 0 */
	}
	m = run(&o, &b, dlogp, N_ROWS);
	ck_assert_double_eq_tol(m.kl, k_of(_i, 899), 1e-6);
	ck_assert_double_eq_tol(dlogp[0], slope_of(_i, 899) / M, 1e-4);
}
END_TEST

/* -------------------------------------------------------- in the reward */

START_TEST(penalty_is_beta_times_the_sum_over_the_rows_tokens)
{
	double total[N_ROWS] = {1, NAN, 3, 0, -2}, kl[N_ROWS];
	double want[N_ROWS] = {1, NAN, 3, 0, -2};
	struct batch b;
	grpo_tokens s;
	int i, k;

	make_batch(&b);
	s = slice_of(&b, 0, N_ROWS);
	ck_assert_int_eq(grpo_kl_penalize(total, kl, &s, _i, BETA), 0);
	for (i = 0; i < N_ROWS; i++) {
		double sum = 0;

		for (k = (int)row[i]; k < row[i + 1]; k++)
			if (mask[k])
				sum += k_of(_i, (double)b.old_logp[k] -
						    (double)b.ref_logp[k]);
		ck_assert_double_eq_tol(kl[i], sum, TOL);
		if (i == 1)
			ck_assert(isnan(total[i]));
		else
			ck_assert_double_eq_tol(total[i], want[i] - BETA * sum,
						TOL);
	}
	ck_assert(total[2] == 3 && total[3] == 0); /* no token in the loss */
}
END_TEST

START_TEST(without_old_logp_the_penalty_is_of_logp)
{
	double with[N_ROWS] = {0}, without[N_ROWS] = {0};
	struct batch b;
	grpo_tokens s;

	make_batch(&b);
	s = slice_of(&b, 0, N_ROWS);
	s.logp = NULL;
	ck_assert_int_eq(grpo_kl_penalize(with, NULL, &s, GRPO_KL_K1, 1), 0);
	s.logp = s.old_logp;
	s.old_logp = NULL;
	ck_assert_int_eq(grpo_kl_penalize(without, NULL, &s, GRPO_KL_K1, 1), 0);
	ck_assert_mem_eq(with, without, sizeof with);
	ck_assert(with[0] != 0);
}
END_TEST

START_TEST(beta_0_leaves_the_totals_and_gives_the_kl)
{
	double total[N_ROWS] = {0.1, 0.2, 0.3, 0.4, 0.5}, kl[N_ROWS];
	const double before[N_ROWS] = {0.1, 0.2, 0.3, 0.4, 0.5};
	struct batch b;
	grpo_tokens s;

	make_batch(&b);
	s = slice_of(&b, 0, N_ROWS);
	ck_assert_int_eq(grpo_kl_penalize(total, kl, &s, GRPO_KL_K3, 0), 0);
	ck_assert_mem_eq(total, before, sizeof before);
	ck_assert(kl[0] > 0);
	ck_assert_int_eq(grpo_kl_penalize(NULL, kl, &s, GRPO_KL_K3, 1), 0);
}
END_TEST

START_TEST(a_penalty_that_cannot_be_computed_changes_nothing)
{
	double total[N_ROWS] = {1, 2, 3, 4, 5};
	const double before[N_ROWS] = {1, 2, 3, 4, 5};
	struct batch b;
	grpo_tokens s;

	make_batch(&b);
	s = slice_of(&b, 0, N_ROWS);
#define REFUSED(code, part, estimator, beta)                                   \
	do {                                                                   \
		ck_assert_int_eq(                                              \
		    grpo_kl_penalize(total, NULL, &s, estimator, beta), code); \
		expect_message(part);                                          \
		ck_assert_mem_eq(total, before, sizeof before);                \
	} while (0)
	REFUSED(GRPO_EINVAL, "estimator is 3", 3, 1);
	REFUSED(GRPO_EINVAL, "beta is -1", GRPO_KL_K1, -1);
	REFUSED(GRPO_EINVAL, "beta is", GRPO_KL_K1, NAN);
	REFUSED(GRPO_ENUMERIC, "is infinite", GRPO_KL_K1, DBL_MAX);
	b.ref_logp[11] = NAN;
	REFUSED(GRPO_ENUMERIC, "row 4, token 2: ref_logp is nan", GRPO_KL_K1,
		1);
	b.ref_logp[11] = 0;
	b.old_logp[11] = -800;
	REFUSED(GRPO_ENUMERIC, "row 4: the kl is inf", GRPO_KL_K3, 1);
	b.old_logp[11] = -INFINITY;
	REFUSED(GRPO_ENUMERIC, "row 4, token 2: logp is -inf", GRPO_KL_K1, 1);
	s.ref_logp = NULL;
	REFUSED(GRPO_EINVAL, "grpo_tokens.ref_logp is NULL", GRPO_KL_K1, 1);
	s.logp = s.old_logp = NULL;
	REFUSED(GRPO_EINVAL, "grpo_tokens.logp are NULL", GRPO_KL_K1, 1);
	s.struct_size = 3;
	REFUSED(GRPO_EINVAL, "struct_size is 3", GRPO_KL_K1, 1);
#undef REFUSED
}
END_TEST

static TCase *in_the_loss(void)
{
	TCase *t = tcase_create("in the loss");
	int n = GRPO_KL_K3 + 1;

	tcase_add_loop_test(
	    t, each_estimator_has_the_value_and_slope_of_its_definition, 0, n);
	tcase_add_loop_test(
	    t, bias_correction_multiplies_by_the_ratio_and_follows_it, 0, n);
	tcase_add_test(t, expected_slopes_are_as_the_header_says);
	tcase_add_test(t, k3_keeps_its_digits_next_to_the_reference);
	tcase_add_loop_test(
	    t, far_from_the_reference_every_estimator_is_still_right, 0, n);
	return t;
}

static TCase *in_the_reward(void)
{
	TCase *t = tcase_create("in the reward");

	tcase_add_loop_test(t,
			    penalty_is_beta_times_the_sum_over_the_rows_tokens,
			    0, GRPO_KL_K3 + 1);
	tcase_add_test(t, without_old_logp_the_penalty_is_of_logp);
	tcase_add_test(t, beta_0_leaves_the_totals_and_gives_the_kl);
	tcase_add_test(t, a_penalty_that_cannot_be_computed_changes_nothing);
	return t;
}

static Suite *suite(void)
{
	Suite *s = suite_create("test_kl");

	suite_add_tcase(s, in_the_loss());
	suite_add_tcase(s, in_the_reward());
	return s;
}

int main(void)
{
	return run_suite(suite());
}
