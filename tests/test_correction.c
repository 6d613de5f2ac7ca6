/* SPDX-License-Identifier: MIT */
/* Importance sampling for a sampler that is not quite the learner. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "grpo/error.h"
#include "grpo/objective.h"
#include "tests/objective_batch.h"
#include "tests/suite.h"

#define TOL 1e-12
#define LOW 0.9
#define HIGH 1.2

static grpo_objective_options correcting(int correction, double beta)
{
	grpo_objective_options o = options(GRPO_LOSS_DAPO, beta);

	o.importance_sampling_correction = correction;
	o.importance_sampling_clip_min = LOW;
	o.importance_sampling_clip_max = HIGH;
	return o;
}

/* w by its definition. */
static double bounded(int correction, double rho)
{
	int masks = correction == GRPO_CORRECTION_TOKEN_MASK ||
		    correction == GRPO_CORRECTION_SEQUENCE_MASK;

	if (rho >= LOW && rho <= HIGH)
		return rho;
	return masks ? 0 : rho < LOW ? LOW : HIGH;
}

static int by_row(int correction)
{
	return correction >= GRPO_CORRECTION_SEQUENCE_TRUNCATE;
}

static double weight_of(const struct batch *b, int correction, int i, int k)
{
	double sum = 0;
	int j;

	for (j = (int)row[i]; j < row[i + 1]; j++)
		if (mask[j] && (by_row(correction) || j == k))
			sum +=
			    (double)b->old_logp[j] - (double)b->rollout_logp[j];
	return bounded(correction, exp(sum));
}

static float row_part(int k)
{
	return k < 4 ? -0.01f : k < 7 ? 0.25f : -0.1f;
}

/* Ratios of the sampler on both sides of both bounds, also for whole rows. */
static void make(struct batch *b)
{
	int k;

	make_batch(b);
	for (k = 0; k < N_TOKENS; k++)
		b->rollout_logp[k] =
		    b->old_logp[k] + 0.16f * (float)(k % 5 - 2) + row_part(k);
}

START_TEST(policy_term_is_weighted_and_the_kl_is_not)
{
	grpo_objective_options with = correcting(_i, 0.3);
	grpo_objective_options without = correcting(GRPO_CORRECTION_NONE, 0);
	grpo_objective_options kl = correcting(GRPO_CORRECTION_NONE, 0.3);
	float weighted[N_TOKENS], policy[N_TOKENS], both[N_TOKENS];
	struct batch b;
	grpo_metrics m, plain;
	int i, k;

	make(&b);
	m = run(&with, &b, weighted, N_ROWS);
	plain = run(&kl, &b, both, N_ROWS);
	run(&without, &b, policy, N_ROWS);
	for (i = 0; i < N_ROWS; i++)
		for (k = (int)row[i]; k < row[i + 1]; k++) {
			double w = weight_of(&b, _i, i, k);
			double kl_part = (double)both[k] - (double)policy[k];

			ck_assert_double_eq_tol(
			    weighted[k],
			    mask[k] ? w * (double)policy[k] + kl_part : 0,
			    1e-7);
		}
	ck_assert(m.kl == plain.kl);
	ck_assert(m.clip_region_mean == plain.clip_region_mean);
	ck_assert(m.ratio_mean == plain.ratio_mean);
	ck_assert(fabs(m.policy_loss - plain.policy_loss) > 1e-3);
}
END_TEST

START_TEST(metrics_are_of_the_weights_that_are_used)
{
	grpo_objective_options o = correcting(_i, 0);
	double sum = 0, min = INFINITY, max = 0, n = 0;
	float dlogp[N_TOKENS];
	struct batch b;
	grpo_metrics m;
	int i, k;

	make(&b);
	m = run(&o, &b, dlogp, 2);
	for (i = 0; i < N_ROWS; i++)
		for (k = (int)row[i]; k < row[i + 1]; k++) {
			double w = weight_of(&b, _i, i, k);
			double share = by_row(_i) ? 1 / n_in[i] : 1;

			if (!mask[k])
				continue;
			sum += w * share;
			n += share;
			min = fmin(min, w);
			max = fmax(max, w);
		}
	ck_assert_double_eq_tol(n, by_row(_i) ? 3 : M, TOL);
	ck_assert_double_eq_tol(m.correction_mean, sum / n, TOL);
	ck_assert_double_eq_tol(m.correction_min, min, TOL);
	ck_assert_double_eq_tol(m.correction_max, max, TOL);
	ck_assert(min < max);
}
END_TEST

START_TEST(without_old_logp_the_weight_is_of_logp)
{
	grpo_objective_options o = correcting(_i, 0.1);
	float same[N_TOKENS], dlogp[N_TOKENS];
	struct batch b;
	grpo_tokens s;
	grpo_plan *plan;
	grpo_metrics m, m2;

	make(&b);
	memcpy(b.old_logp, b.logp, sizeof b.logp);
	m = run(&o, &b, same, N_ROWS);
	s = slice_of(&b, 0, N_ROWS);
	s.old_logp = NULL;
	plan = plan_of(&o, &s);
	grpo_metrics_init(&m2);
	ck_assert_int_eq(grpo_objective(plan, &s, 0, dlogp, NULL, &m2), 0);
	ck_assert_mem_eq(same, dlogp, sizeof same);
	ck_assert_mem_eq(&m, &m2, sizeof m);
	grpo_plan_free(plan);
}
END_TEST

START_TEST(unknown_rollout_logp_counts_as_equal)
{
	grpo_objective_options o = correcting(_i, 0);
	float want[N_TOKENS], dlogp[N_TOKENS];
	struct batch b;
	grpo_metrics m, m2;

	make(&b);
	b.rollout_logp[0] = b.old_logp[0];
	m = run(&o, &b, want, N_ROWS);
	b.rollout_logp[0] = NAN;
	m2 = run(&o, &b, dlogp, N_ROWS);
	ck_assert_mem_eq(want, dlogp, sizeof want);
	ck_assert_mem_eq(&m, &m2, sizeof m);
}
END_TEST

START_TEST(equal_samplers_leave_every_number_as_it_was)
{
	grpo_objective_options o = correcting(_i, 0.1);
	grpo_objective_options none = correcting(GRPO_CORRECTION_NONE, 0.1);
	float want[N_TOKENS], dlogp[N_TOKENS];
	struct batch b;
	grpo_metrics m, m2;

	make(&b);
	memcpy(b.rollout_logp, b.old_logp, sizeof b.old_logp);
	m = run(&none, &b, want, N_ROWS);
	m2 = run(&o, &b, dlogp, N_ROWS);
	ck_assert_mem_eq(want, dlogp, sizeof want);
	ck_assert(m.loss == m2.loss);
	ck_assert(m2.correction_mean == 1 && m2.correction_min == 1 &&
		  m2.correction_max == 1);
	ck_assert(m.correction_mean == 0 && m.correction_max == 0);
}
END_TEST

/* exp overflows, and the bound holds. */
START_TEST(a_ratio_beyond_all_bounds_is_bounded)
{
	grpo_objective_options o = correcting(_i, 0);
	float dlogp[N_TOKENS];
	struct batch b;
	grpo_metrics m;

	make(&b);
	b.rollout_logp[0] = -2000;
	b.rollout_logp[9] = 2000;
	m = run(&o, &b, dlogp, N_ROWS);
	if (_i == GRPO_CORRECTION_TOKEN_TRUNCATE ||
	    _i == GRPO_CORRECTION_SEQUENCE_TRUNCATE)
		ck_assert(m.correction_max == HIGH && m.correction_min == LOW);
	else
		ck_assert(m.correction_min == 0 && dlogp[0] == 0 &&
			  dlogp[9] == 0);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("test_correction");
	TCase *t = tcase_create("every correction");
	int first = GRPO_CORRECTION_TOKEN_TRUNCATE;
	int end = GRPO_CORRECTION_SEQUENCE_MASK + 1;

	tcase_add_loop_test(t, policy_term_is_weighted_and_the_kl_is_not, first,
			    end);
	tcase_add_loop_test(t, metrics_are_of_the_weights_that_are_used, first,
			    end);
	tcase_add_loop_test(t, without_old_logp_the_weight_is_of_logp, first,
			    end);
	tcase_add_loop_test(t, unknown_rollout_logp_counts_as_equal, first,
			    end);
	tcase_add_loop_test(t, equal_samplers_leave_every_number_as_it_was,
			    first, end);
	tcase_add_loop_test(t, a_ratio_beyond_all_bounds_is_bounded, first,
			    end);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
