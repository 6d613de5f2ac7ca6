/* SPDX-License-Identifier: MIT */
/*
 * dlogp against finite differences of the loss.  Log-probabilities are
 * multiples of 2^-6 and the step is 2^-8, so every point is exact in float;
 * the five-point stencil is off by h^4/30 times the fifth derivative (about
 * 1e-11), far below dlogp's own rounding to float (6e-8 of its size).
 */
#include <check.h>
#include <math.h>

#include "grpo/error.h"
#include "grpo/objective.h"
#include "tests/suite.h"

#define N_ROWS 4
#define N_TOKENS 15
#define STEP (1.0f / 256)

static const int64_t row[N_ROWS + 1] = {0, 5, 6, 11, 15};

struct batch {
	float logp[N_TOKENS], old_logp[N_TOKENS], ref_logp[N_TOKENS];
	float rollout_logp[N_TOKENS], advantage[N_TOKENS];
	float entropy[N_TOKENS], weight[N_TOKENS];
	uint8_t mask[N_TOKENS], component[N_TOKENS];
};

/* Whether the batch has weights and components. */
static int is_mixed;

/* log ratios 0, 3/16, 6/16 of either sign: clipped and not, and none within
 * two steps of log 0.8 or log 1.28, where the loss has a kink. */
static void make_batch(struct batch *b)
{
	static const float a[N_ROWS] = {1.25f, -0.5f, -1.75f, 0.75f};
	int i, k;

	for (i = 0; i < N_ROWS; i++)
		for (k = (int)row[i]; k < row[i + 1]; k++) {
			b->old_logp[k] = -(float)(k % 7 + 30) / 64 * 3;
			b->logp[k] =
			    b->old_logp[k] + (float)(k % 5 - 2) * 3 / 16;
			b->ref_logp[k] = b->logp[k] + (float)(k % 3 - 1) / 4;
			b->rollout_logp[k] =
			    b->old_logp[k] + (float)(k % 4 - 1) / 8;
			b->advantage[k] = a[i];
			b->mask[k] = k % 6 != 3;
			b->entropy[k] = (float)(k * 7 % 15) / 8;
			b->weight[k] = (float)(k % 4 - 1) / 2;
			b->component[k] = i == 1 ? 1 : k % 5 == 2 ? 2 : 0;
		}
}

static void tokens_of(grpo_tokens *s, const struct batch *b, int old)
{
	*s = (grpo_tokens){.struct_size = sizeof *s, .n_rows = N_ROWS};
	s->row = row;
	s->logp = b->logp;
	s->old_logp = old ? b->old_logp : NULL;
	s->ref_logp = b->ref_logp;
	s->rollout_logp = b->rollout_logp;
	s->advantage = b->advantage;
	s->mask = b->mask;
	s->entropy = b->entropy;
	if (!is_mixed)
		return;
	s->weight = b->weight;
	s->component = b->component;
}

static double loss_at(const grpo_plan *plan, const struct batch *b,
		      float *dlogp, int old)
{
	float unused[N_TOKENS], dentropy[N_TOKENS];
	grpo_metrics m;
	grpo_tokens s;

	tokens_of(&s, b, old);
	grpo_metrics_init(&m);
	ck_assert_int_eq(
	    grpo_objective(plan, &s, 0, dlogp ? dlogp : unused, dentropy, &m),
	    0);
	return m.loss;
}

static double moved(const grpo_plan *plan, struct batch *b, int k, int steps)
{
	float here = b->logp[k];
	double loss;

	b->logp[k] = here + (float)steps * STEP;
	ck_assert(b->logp[k] - here == (float)steps * STEP);
	loss = loss_at(plan, b, NULL, 1);
	b->logp[k] = here;
	return loss;
}

static double difference(const grpo_plan *plan, struct batch *b, int k)
{
	return (8 * (moved(plan, b, k, 1) - moved(plan, b, k, -1)) -
		(moved(plan, b, k, 2) - moved(plan, b, k, -2))) /
	       (12 * (double)STEP);
}

static grpo_objective_options options(int loss_type, double beta)
{
	grpo_objective_options o;

	grpo_objective_options_init(&o);
	ck_assert_int_eq(grpo_objective_loss_type(&o, loss_type), 0);
	o.beta = beta;
	o.epsilon_high = 0.28;
	o.max_completion_length = 8;
	return o;
}

static void compare(const grpo_objective_options *o, int old)
{
	struct batch b;
	float dlogp[N_TOKENS];
	grpo_tokens s;
	grpo_plan *plan;
	int k;

	make_batch(&b);
	tokens_of(&s, &b, old);
	ck_assert_int_eq(grpo_plan_create(&plan, o, &s), 0);
	ck_assert_int_eq(grpo_plan_add(plan, &s, 0), 0);
	ck_assert_int_eq(grpo_plan_finish(plan), 0);
	loss_at(plan, &b, dlogp, old);
	/* without old_logp the policy that sampled stands still at logp */
	for (k = 0; !old && k < N_TOKENS; k++)
		b.old_logp[k] = b.logp[k];
	for (k = 0; k < N_TOKENS; k++) {
		double want = difference(plan, &b, k);

		ck_assert_msg(fabs(dlogp[k] - want) <=
				  1e-10 + 1e-7 * fabs(want),
			      "token %d: %.12g, by differences %.12g", k,
			      (double)dlogp[k], want);
		if (!b.mask[k])
			ck_assert(dlogp[k] == 0);
	}
	grpo_plan_free(plan);
}

START_TEST(gradient_is_the_slope_of_the_loss)
{
	grpo_objective_options o = options(_i, 0);

	compare(&o, 1);
}
END_TEST

/* With each estimator of the KL. */
static void compare_kl(grpo_objective_options o, int old)
{
	o.beta = 0.5;
	for (o.kl_estimator = 0; o.kl_estimator <= GRPO_KL_K3; o.kl_estimator++)
		for (o.kl_bias_correction = 0; o.kl_bias_correction <= 1;
		     o.kl_bias_correction++)
			compare(&o, old);
}

/* With each correction from sampler to learner, and each estimator. */
static void compare_corrections(int loss_type, int old)
{
	grpo_objective_options o = options(loss_type, 0);
	int32_t *correction = &o.importance_sampling_correction;

	o.importance_sampling_clip_min = 0.95;
	o.importance_sampling_clip_max = 1.1;
	for (*correction = GRPO_CORRECTION_TOKEN_TRUNCATE;
	     *correction <= GRPO_CORRECTION_SEQUENCE_MASK; ++*correction) {
		compare(&o, old);
		compare_kl(o, old);
	}
}

START_TEST(gradient_with_kl_is_the_slope_of_the_loss)
{
	compare_kl(options(_i, 0), 1);
}
END_TEST

START_TEST(gradient_with_sampling_correction_is_the_slope_of_the_loss)
{
	compare_corrections(_i, 1);
}
END_TEST

START_TEST(gradient_without_old_logp_is_the_slope_at_ratio_one)
{
	grpo_objective_options o = options(_i, 0);

	compare(&o, 0);
	compare_kl(o, 0);
}
END_TEST

START_TEST(gradient_with_correction_without_old_logp_matches_differences)
{
	compare_corrections(_i, 0);
}
END_TEST

/* GSPO: every token moves the ratio of its whole row. */
START_TEST(gradient_of_a_sequence_ratio_is_the_slope_of_the_loss)
{
	grpo_objective_options o = options(_i, 0);
	int32_t *correction = &o.importance_sampling_correction;

	o.ratio_level = GRPO_RATIO_SEQUENCE;
	o.importance_sampling_clip_min = 0.95;
	o.importance_sampling_clip_max = 1.1;
	for (; *correction <= GRPO_CORRECTION_SEQUENCE_MASK; ++*correction)
		for (int old = 0; old <= 1; old++) {
			o.beta = 0;
			compare(&o, old);
			o.beta = 0.5;
			compare(&o, old);
		}
}
END_TEST

/* A smooth loss of the caller's: -A tanh(log r), plus a tenth of the square of
 * log r. */
static void smooth_loss(void *ctx, const grpo_objective_options *o,
			const grpo_loss_columns *c)
{
	const double *tenth = ctx;

	(void)o;
	for (int64_t j = 0; j < c->n; j++) {
		double x = c->log_ratio[j], t = tanh(x);

		c->loss[j] = -c->advantage[j] * t + *tenth * x * x;
		c->slope[j] = -c->advantage[j] * (1 - t * t) + 2 * *tenth * x;
	}
}

START_TEST(gradient_of_ones_own_loss_is_the_slope_of_the_loss)
{
	double tenth = 0.1;
	grpo_objective_options o = options(_i, 0);

	o.policy_loss = GRPO_POLICY_OWN;
	o.loss = smooth_loss;
	o.loss_ctx = &tenth;
	for (o.ratio_level = 0; o.ratio_level <= GRPO_RATIO_SEQUENCE;
	     o.ratio_level++) {
		compare(&o, 1);
		o.beta = 0.5;
		compare(&o, 1);
		o.importance_sampling_correction =
		    GRPO_CORRECTION_TOKEN_TRUNCATE;
		compare(&o, 1);
	}
}
END_TEST

/* The losses that are functions of the ratio all through.  CISPO and REINFORCE
 * hold the ratio: test_losses.c. */
START_TEST(gradient_of_every_loss_is_the_slope_of_the_loss)
{
	static const int32_t losses[] = {GRPO_POLICY_CLIP, GRPO_POLICY_SAPO,
					 GRPO_POLICY_RATIO, GRPO_POLICY_DPPO};
	grpo_objective_options o = options(_i, 0);

	for (size_t i = 0; i < sizeof losses / sizeof *losses; i++) {
		o = options(_i, i % 2 ? 0.5 : 0);
		o.policy_loss = losses[i];
		if (losses[i] == GRPO_POLICY_CLIP)
			o.delta = 1.3;
		if (losses[i] == GRPO_POLICY_DPPO)
			o.epsilon = o.epsilon_high = 0.04;
		compare(&o, 1);
		o.squared_log_ratio = 0.25;
		compare(&o, 1);
		o.entropy_coef = 0.5;
		compare(&o, 1);
	}
	o = options(_i, 0);
	o.policy_loss = GRPO_POLICY_RATIO;
	o.ratio_level = GRPO_RATIO_GEOMETRIC;
	compare(&o, 1);
	is_mixed = 1;
	compare(&o, 1);
	is_mixed = 0;
}
END_TEST

START_TEST(gradient_with_components_and_weights_is_the_slope_of_the_loss)
{
	grpo_objective_options o = options(_i, 0.5);

	is_mixed = 1;
	for (o.ratio_level = 0; o.ratio_level <= GRPO_RATIO_SEQUENCE;
	     o.ratio_level++)
		for (o.kl_estimator = 0; o.kl_estimator <= GRPO_KL_K3;
		     o.kl_estimator++) {
			compare(&o, 1);
			o.top_entropy_quantile = 0.5;
			compare(&o, 1);
			o.top_entropy_quantile = 1;
		}
	is_mixed = 0;
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("grad_objective");
	TCase *t = tcase_create("every loss_type");
	int last = GRPO_LOSS_DAPO + 1;

	tcase_add_loop_test(t, gradient_is_the_slope_of_the_loss, 0, last);
	tcase_add_loop_test(t, gradient_with_kl_is_the_slope_of_the_loss, 0,
			    last);
	tcase_add_loop_test(
	    t, gradient_with_sampling_correction_is_the_slope_of_the_loss, 0,
	    last);
	tcase_add_loop_test(
	    t, gradient_without_old_logp_is_the_slope_at_ratio_one, 0, last);
	tcase_add_loop_test(
	    t, gradient_with_correction_without_old_logp_matches_differences, 0,
	    last);
	tcase_add_loop_test(
	    t, gradient_of_a_sequence_ratio_is_the_slope_of_the_loss, 0, last);
	tcase_add_loop_test(
	    t, gradient_of_ones_own_loss_is_the_slope_of_the_loss, 0, last);
	tcase_add_loop_test(t, gradient_of_every_loss_is_the_slope_of_the_loss,
			    0, last);
	tcase_add_loop_test(
	    t, gradient_with_components_and_weights_is_the_slope_of_the_loss, 0,
	    last);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
