/* SPDX-License-Identifier: MIT */
/* Tokens with weights and components: imitation, distillation and mixtures of
 * them with the policy's loss, all as arrays. */
#include <math.h>

#include "tests/objective_batch.h"
#include "tests/suite.h"

enum {
	P = GRPO_COMPONENT_POLICY,
	X = GRPO_COMPONENT_CROSS_ENTROPY,
	K = GRPO_COMPONENT_REFERENCE_KL
};

/* Row 0 is the policy's, row 1 is imitated, row 4 has some of each. */
static const uint8_t mixed[N_TOKENS] = {P, P, P, P, X, X, X,
					P, P, X, X, P, K, K};

static grpo_metrics objective(const grpo_objective_options *o,
			      const grpo_tokens *s, float *dlogp)
{
	grpo_plan *plan = plan_of(o, s);
	grpo_metrics m;

	grpo_metrics_init(&m);
	ck_assert_msg(grpo_objective(plan, s, 0, dlogp, NULL, &m) == 0, "%s",
		      grpo_error_message());
	grpo_plan_free(plan);
	return m;
}

/* ---------------------------------------------------------- one component */

START_TEST(supervised_fine_tuning_is_the_mean_of_minus_logp)
{
	static const uint8_t component[N_TOKENS] = {X, X, X, X, X, X, X,
						    X, X, X, X, X, X, X};
	grpo_objective_options o = options(GRPO_LOSS_DAPO, 0);
	float dlogp[N_TOKENS];
	double want = 0;
	struct batch b;
	grpo_tokens s;
	grpo_metrics m;
	int k;

	make_batch(&b);
	s = slice_of(&b, 0, N_ROWS);
	s.component = component;
	/* imitation looks at nothing else */
	s.old_logp = s.ref_logp = s.rollout_logp = s.advantage = NULL;
	s.entropy = NULL;
	o.beta = 0.5;
	o.importance_sampling_correction = GRPO_CORRECTION_TOKEN_MASK;
	m = objective(&o, &s, dlogp);
	for (k = 0; k < N_TOKENS; k++) {
		want -= mask[k] ? (double)b.logp[k] / M : 0;
		ck_assert_double_eq_tol((double)dlogp[k], mask[k] ? -1 / M : 0,
					1e-8);
	}
	ck_assert_double_eq_tol(m.loss, want, 1e-12);
	ck_assert_double_eq(m.cross_entropy, m.loss);
	ck_assert_int_eq(m.n_cross_entropy, (int64_t)M);
	ck_assert_int_eq(m.n_tokens, 0);
	ck_assert_double_eq(m.policy_loss, 0);
}
END_TEST

START_TEST(distillation_is_the_estimate_of_the_kl_alone)
{
	static const uint8_t component[N_TOKENS] = {K, K, K, K, K, K, K,
						    K, K, K, K, K, K, K};
	grpo_objective_options o = options(GRPO_LOSS_DAPO, 0);
	float dlogp[N_TOKENS];
	double want = 0;
	struct batch b;
	grpo_tokens s;
	grpo_metrics m;
	int k;

	make_batch(&b);
	s = slice_of(&b, 0, N_ROWS);
	s.component = component;
	o.kl_estimator = GRPO_KL_K2;
	m = objective(&o, &s, dlogp);
	for (k = 0; k < N_TOKENS; k++) {
		double x = (double)b.logp[k] - (double)b.ref_logp[k];

		want += mask[k] ? x * x / 2 / M : 0;
		ck_assert_double_eq_tol((double)dlogp[k], mask[k] ? x / M : 0,
					1e-7);
	}
	ck_assert_double_eq_tol(m.loss, want, 1e-12);
	ck_assert_double_eq(m.reference_kl, m.loss);
}
END_TEST

/* --------------------------------------------------------------- mixtures */

/* A step in which only the tokens of one component are in the loss. */
static grpo_metrics alone(const grpo_objective_options *o, grpo_tokens s,
			  int component, float *dlogp)
{
	uint8_t in[N_TOKENS];
	int k;

	for (k = 0; k < N_TOKENS; k++)
		in[k] = mask[k] && mixed[k] == component;
	s.mask = in;
	return objective(o, &s, dlogp);
}

/* With token means each component's denominator is its own tokens, so that the
 * parts of a mixture are what they are alone. */
START_TEST(a_mixture_is_the_sum_of_its_parts)
{
	grpo_objective_options o = options(GRPO_LOSS_DAPO, 0.04);
	float whole[N_TOKENS], part[3][N_TOKENS];
	grpo_metrics m, of[3];
	struct batch b;
	grpo_tokens s;
	int c, k;

	make_batch(&b);
	s = slice_of(&b, 0, N_ROWS);
	s.component = mixed;
	o.ratio_level = _i;
	m = objective(&o, &s, whole);
	for (c = 0; c < 3; c++)
		of[c] = alone(&o, s, c, part[c]);
	ck_assert_double_eq_tol(m.loss, of[P].loss + of[X].loss + of[K].loss,
				1e-14);
	ck_assert_double_eq_tol(m.cross_entropy, of[X].loss, 1e-15);
	ck_assert_double_eq_tol(m.reference_kl, of[K].loss, 1e-15);
	ck_assert_double_eq_tol(m.policy_loss, of[P].policy_loss, 1e-15);
	for (k = 0; k < N_TOKENS; k++)
		ck_assert(whole[k] == part[0][k] + part[1][k] + part[2][k]);
}
END_TEST

/* Rows of text to imitate leave the N of the policy's rows alone. */
START_TEST(rows_of_another_component_do_not_count_for_the_policy)
{
	static const uint8_t one_imitated[N_TOKENS] = {X, X, X, X};
	static const uint8_t none[N_TOKENS] = {0};
	grpo_objective_options o = options(GRPO_LOSS_GRPO, 0);
	float with[N_TOKENS], without[N_TOKENS];
	struct batch b;
	grpo_tokens s, rest;
	int k;

	make_batch(&b);
	s = slice_of(&b, 0, N_ROWS);
	s.component = one_imitated;
	objective(&o, &s, with);
	rest = slice_of(&b, 1, N_ROWS - 1);
	rest.component = none;
	objective(&o, &rest, without);
	for (k = 4; k < N_TOKENS; k++)
		ck_assert(with[k] == without[k - 4]);
	/* -1/3 for each of the three tokens: one row of its own */
	ck_assert_double_eq_tol((double)with[0], -1.0 / 3, 1e-7);
	ck_assert_double_eq_tol((double)with[3], -1.0 / 3, 1e-7);
}
END_TEST

/* ---------------------------------------------------------------- weights */

START_TEST(a_weight_multiplies_loss_and_slope)
{
	grpo_objective_options o = variant(_i);
	float dlogp[N_TOKENS], twice[N_TOKENS], two[N_TOKENS];
	grpo_metrics m, m2;
	struct batch b;
	grpo_tokens s;
	int k;

	make_batch(&b);
	for (k = 0; k < N_TOKENS; k++)
		two[k] = 2;
	s = slice_of(&b, 0, N_ROWS);
	s.component = mixed;
	m = objective(&o, &s, dlogp);
	s.weight = two;
	m2 = objective(&o, &s, twice);
	ck_assert_double_eq_tol(m2.loss, 2 * m.loss, 1e-14);
	ck_assert_double_eq_tol(m2.policy_loss, 2 * m.policy_loss, 1e-14);
	for (k = 0; k < N_TOKENS; k++)
		ck_assert(twice[k] == 2 * dlogp[k]);
	ck_assert_double_eq(m2.kl, m.kl); /* a measure, not a loss */
}
END_TEST

START_TEST(a_weight_of_zero_leaves_a_token_in_the_denominators)
{
	grpo_objective_options o = options(GRPO_LOSS_DAPO, 0);
	float dlogp[N_TOKENS], all[N_TOKENS], weight[N_TOKENS];
	struct batch b;
	grpo_tokens s;
	int k;

	make_batch(&b);
	s = slice_of(&b, 0, N_ROWS);
	objective(&o, &s, all);
	for (k = 0; k < N_TOKENS; k++)
		weight[k] = k == 1 ? 0 : 1;
	s.weight = weight;
	objective(&o, &s, dlogp);
	for (k = 0; k < N_TOKENS; k++)
		ck_assert(dlogp[k] == (k == 1 ? 0 : all[k]));
	ck_assert(all[1] != 0);
}
END_TEST

/* -------------------------------------------------------------- bad input */

static int fails(const grpo_tokens *s, const char *part)
{
	grpo_objective_options o = options(GRPO_LOSS_DAPO, 0);
	float dlogp[N_TOKENS];
	grpo_plan *plan = NULL;
	int rc = grpo_plan_create(&plan, &o, s);

	if (rc == 0)
		rc = grpo_objective(plan, s, 0, dlogp, NULL, NULL);
	grpo_plan_free(plan);
	ck_assert_int_lt(rc, 0);
	expect_message(part);
	return rc;
}

START_TEST(what_a_component_needs_is_named)
{
	uint8_t component[N_TOKENS];
	float weight[N_TOKENS];
	struct batch b;
	grpo_tokens s;
	int k;

	make_batch(&b);
	for (k = 0; k < N_TOKENS; k++) {
		component[k] = mixed[k];
		weight[k] = 1;
	}
	s = slice_of(&b, 0, N_ROWS);
	s.component = component;
	s.ref_logp = NULL;
	ck_assert_int_eq(fails(&s, "grpo_tokens.ref_logp is NULL, and a token "
				   "is GRPO_COMPONENT_REFERENCE_KL"),
			 GRPO_EINVAL);
	s.ref_logp = b.ref_logp;
	s.advantage = NULL;
	ck_assert_int_eq(fails(&s, "grpo_tokens.advantage is NULL"),
			 GRPO_EINVAL);
	s.advantage = b.advantage;
	component[10] = 3; /* under the mask nobody looks */
	component[4] = 3;
	ck_assert_int_eq(fails(&s, "row 1: grpo_tokens.component"),
			 GRPO_EINVAL);
	component[4] = X;
	s.weight = weight;
	weight[4] = NAN;
	ck_assert_int_eq(fails(&s, "row 1, token 0: weight is nan"),
			 GRPO_ENUMERIC);
	weight[4] = 1;
	b.logp[5] = -INFINITY;
	ck_assert_int_eq(fails(&s, "row 1, token 1: logp is -inf"),
			 GRPO_ENUMERIC);
}
END_TEST

START_TEST(a_slice_with_other_components_than_the_plans_is_refused)
{
	grpo_objective_options o = options(GRPO_LOSS_DAPO, 0);
	float dlogp[N_TOKENS];
	struct batch b;
	grpo_tokens s;
	grpo_plan *plan;

	make_batch(&b);
	s = slice_of(&b, 0, N_ROWS);
	s.component = mixed;
	plan = plan_of(&o, &s);
	s.component = NULL;
	ck_assert_int_eq(grpo_objective(plan, &s, 0, dlogp, NULL, NULL),
			 GRPO_EINVAL);
	expect_message("row 1: the slice's mask keeps 3 tokens");
	grpo_plan_free(plan);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("components");
	TCase *t = tcase_create("components");

	tcase_add_test(t, supervised_fine_tuning_is_the_mean_of_minus_logp);
	tcase_add_test(t, distillation_is_the_estimate_of_the_kl_alone);
	tcase_add_loop_test(t, a_mixture_is_the_sum_of_its_parts, 0, 2);
	tcase_add_test(t,
		       rows_of_another_component_do_not_count_for_the_policy);
	tcase_add_loop_test(t, a_weight_multiplies_loss_and_slope, 0,
			    N_VARIANTS);
	tcase_add_test(t, a_weight_of_zero_leaves_a_token_in_the_denominators);
	tcase_add_test(t, what_a_component_needs_is_named);
	tcase_add_test(t,
		       a_slice_with_other_components_than_the_plans_is_refused);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
