/* SPDX-License-Identifier: MIT */
/* The settings of advantages and objective, in a run. */
#include "trainer_rig.h"
#include "tests/suite.h"

#include <math.h>

#define N 16 /* completions of a batch: 4 groups of 4 */

/* A batch as the callbacks see it, and what follows from it by hand. */
struct seen {
	const struct bigram *policy;
	double total[N], advantage[N];
	double kl[N]; /* sum of k1 over the tokens, to the reference */
	double x_squared;
	int64_t n_tokens;
	double grad[BIGRAM_V][BIGRAM_V]; /* of sum -A logp */
	double metric[4];
	int n;
};

static void see_token(struct seen *s, int last, int token)
{
	double p[BIGRAM_V], q[BIGRAM_V], x;
	int v;

	bigram_softmax(p, s->policy->s.w[last], 1);
	bigram_softmax(q, s->policy->s.reference[last], 1);
	x = log(p[token] / q[token]);
	s->kl[s->n] += x;
	s->x_squared += x * x;
	s->n_tokens++;
	for (v = 0; v < BIGRAM_V; v++)
		s->grad[last][v] -= s->advantage[s->n] * ((v == token) - p[v]);
}

static int see_completion(void *ctx, const grpo_scored *c)
{
	struct seen *s = ctx;
	int last = "abcde"[(c->prompt.len - 1) % 5] - 'a';
	int64_t t;

	s->total[s->n] = c->total;
	s->advantage[s->n] = c->advantage;
	for (t = 0; t < c->n_tokens; t++) {
		see_token(s, last, c->tokens[t]);
		last = c->tokens[t];
	}
	s->n++;
	return 0;
}

static const char *const metrics[4] = {
    "kl", "sampling/importance_sampling_ratio/mean",
    "sampling/importance_sampling_ratio/min",
    "sampling/importance_sampling_ratio/max"};

static int see_step(void *ctx, const grpo_report *report)
{
	struct seen *s = ctx;
	int i;

	for (i = 0; i < 4; i++)
		s->metric[i] = grpo_report_value(report, metrics[i]);
	return 0;
}

/* A run whose loss is a plain mean over tokens, advantages not scaled. */
static void start(struct rig *r, struct seen *s)
{
	*s = (struct seen){.policy = &r->policy};
	r->config.scale_rewards = GRPO_SCALE_NONE;
	r->policy.s.reference[0][1] = 1;
	r->policy.s.reference[2][4] = -1;
	r->callbacks.ctx = s;
	r->callbacks.on_completion = see_completion;
	r->callbacks.on_step = see_step;
}

static void step(struct rig *r)
{
	rig_start(r);
	ok(grpo_trainer_step(r->trainer));
}

/* The last gradient is `factor` times that of the policy term by hand. */
static void expect_gradient(const struct rig *r, const struct seen *s,
			    double factor)
{
	int i, v;

	for (i = 0; i < BIGRAM_V; i++)
		for (v = 0; v < BIGRAM_V; v++)
			ck_assert_double_eq_tol(
			    r->policy.last_grad[i][v],
			    factor * s->grad[i][v] / (double)s->n_tokens, 1e-6);
}

static double mean_of(const double *x, int first, int n)
{
	double sum = 0;
	int i;

	for (i = first; i < first + n; i++)
		sum += x[i];
	return sum / n;
}

START_TEST(leave_one_out_can_be_the_baseline)
{
	struct seen s;
	struct rig r;
	int i;

	rig_make(&r);
	start(&r, &s);
	r.config.advantage_baseline = GRPO_BASELINE_LEAVE_ONE_OUT;
	step(&r);
	ck_assert_int_eq(s.n, N);
	for (i = 0; i < N; i++) {
		double mean = mean_of(s.total, i / 4 * 4, 4);
		double others = (4 * mean - s.total[i]) / 3;

		ck_assert_double_eq_tol(s.advantage[i], s.total[i] - others,
					1e-12);
	}
	expect_gradient(&r, &s, 1);
	rig_free(&r);
}
END_TEST

START_TEST(deviation_is_over_n_and_without_eps_where_asked)
{
	struct seen s;
	struct rig r;
	int i, j, scaled = 0;

	rig_make(&r);
	start(&r, &s);
	r.config.scale_rewards = GRPO_SCALE_GROUP;
	r.config.advantage_ddof = 0;
	r.config.advantage_eps = 0;
	step(&r);
	for (i = 0; i < N; i += 4) {
		double squares = 0;

		for (j = i; j < i + 4; j++)
			squares += s.advantage[j] * s.advantage[j];
		if (squares == 0)
			continue; /* all equal */
		ck_assert_double_eq_tol(squares, 4, 1e-12);
		scaled++;
	}
	ck_assert_int_gt(scaled, 0);
	rig_free(&r);
}
END_TEST

/* ------------------------------------------------------------------- KL */

START_TEST(kl_in_the_reward_is_judged_within_the_group)
{
	double judged[N];
	struct seen s;
	struct rig r;
	int i;

	rig_make(&r);
	start(&r, &s);
	r.config.beta = 0.5;
	r.config.kl_in_reward = 1;
	r.config.kl_estimator = GRPO_KL_K1;
	r.config.tokens_per_micro_batch = 40;
	step(&r);
	for (i = 0; i < N; i++)
		judged[i] = s.total[i] - 0.5 * s.kl[i];
	for (i = 0; i < N; i++) {
		ck_assert(s.total[i] == 0 || s.total[i] == 1);
		ck_assert_double_eq_tol(
		    s.advantage[i], judged[i] - mean_of(judged, i / 4 * 4, 4),
		    1e-6);
	}
	/* no KL in the loss as well */
	expect_gradient(&r, &s, 1);
	ck_assert_double_eq_tol(
	    s.metric[0], mean_of(s.kl, 0, N) * N / (double)s.n_tokens, 1e-6);
	rig_free(&r);
}
END_TEST

START_TEST(kl_in_the_reward_is_zero_while_policy_equals_reference)
{
	struct seen s, plain;
	struct rig r;

	rig_make(&r);
	start(&r, &plain);
	memcpy(r.policy.s.reference, r.policy.s.w, sizeof r.policy.s.w);
	step(&r);
	rig_free(&r);

	rig_make(&r);
	start(&r, &s);
	memcpy(r.policy.s.reference, r.policy.s.w, sizeof r.policy.s.w);
	r.policy.inflate = 0.25; /* the sampler's numbers are not used */
	r.config.beta = 0.5;
	r.config.kl_in_reward = 1;
	step(&r);
	ck_assert_mem_eq(s.advantage, plain.advantage, sizeof s.advantage);
	ck_assert(s.metric[0] == 0);
	ck_assert_int_eq(r.policy.n_reference, 1);
	rig_free(&r);
}
END_TEST

START_TEST(kl_in_the_reward_alone_pulls_to_the_reference)
{
	struct seen s;
	struct rig r;
	double first;

	rig_make_bare(&r);
	rig_add_reward(&r, "", 1); /* all the same */
	start(&r, &s);
	r.config.beta = 1;
	r.config.kl_in_reward = 1;
	r.config.kl_estimator = GRPO_KL_K1;
	r.config.max_steps = 200;
	r.policy.s.reference[0][1] = 2;
	step(&r);
	first = r.policy.s.w[0][1] - r.policy.s.w[0][0];
	while (!grpo_trainer_done(r.trainer)) {
		s.n = 0;
		ok(grpo_trainer_step(r.trainer));
	}
	ck_assert_double_lt(first, 0.5);
	ck_assert_double_eq_tol(r.policy.s.w[0][1] - r.policy.s.w[0][0], 2,
				0.5);
	rig_free(&r);
}
END_TEST

START_TEST(the_estimator_in_the_loss_can_be_chosen)
{
	struct seen s;
	struct rig r;

	rig_make(&r);
	start(&r, &s);
	r.config.beta = 0.5;
	r.config.kl_estimator = GRPO_KL_K2;
	step(&r);
	ck_assert_double_eq_tol(s.metric[0],
				s.x_squared / 2 / (double)s.n_tokens, 1e-6);
	rig_free(&r);
}
END_TEST

/* The ratio is 1: k3 + its slope is x, the slope of k2. */
START_TEST(bias_correction_gives_k3_the_slope_of_k2)
{
	struct seen s;
	struct rig r, r2;
	int i;

	rig_make(&r);
	start(&r, &s);
	r.config.beta = 0.5;
	r.config.kl_bias_correction = 1;
	step(&r);
	rig_make(&r2);
	start(&r2, &s);
	r2.config.beta = 0.5;
	r2.config.kl_estimator = GRPO_KL_K2;
	step(&r2);
	for (i = 0; i < BIGRAM_V * BIGRAM_V; i++)
		ck_assert_double_eq_tol((&r.policy.last_grad[0][0])[i],
					(&r2.policy.last_grad[0][0])[i], 1e-7);
	rig_free(&r);
	rig_free(&r2);
}
END_TEST

/* ------------------------------------------------- sampler and learner */

START_TEST(sampling_ratio_weighs_the_gradient)
{
	struct seen s;
	struct rig r;

	rig_make(&r);
	start(&r, &s);
	r.policy.inflate = -0.25; /* the sampler thinks less of each token */
	r.config.importance_sampling_correction = _i;
	r.config.importance_sampling_clip_max = 1e9;
	r.config.num_iterations = 1;
	step(&r);
	if (_i == GRPO_CORRECTION_TOKEN_TRUNCATE ||
	    _i == GRPO_CORRECTION_TOKEN_MASK) {
		expect_gradient(&r, &s, exp(0.25));
		/* rows that are not sent are not in the mean */
		ck_assert_double_eq_tol(s.metric[1], exp(0.25), 1e-6);
		ck_assert_double_eq_tol(s.metric[2], exp(0.25), 1e-6);
		ck_assert_double_eq_tol(s.metric[3], exp(0.25), 1e-6);
	} else { /* 1 to 8 tokens */
		ck_assert_double_gt(s.metric[2], exp(0.25) - 1e-6);
		ck_assert_double_gt(s.metric[3], s.metric[2]);
		ck_assert_double_lt(s.metric[3], exp(8 * 0.25) + 1e-5);
		ck_assert_double_lt(s.metric[1], s.metric[3]);
		ck_assert_double_gt(s.metric[1], s.metric[2]);
	}
	rig_free(&r);
}
END_TEST

START_TEST(sampling_ratio_is_of_the_policy_that_sampled_in_every_iteration)
{
	struct seen s;
	struct rig r;

	rig_make(&r);
	start(&r, &s);
	r.policy.inflate = -0.25;
	r.config.importance_sampling_correction =
	    GRPO_CORRECTION_TOKEN_TRUNCATE;
	r.config.num_iterations = 3;
	r.config.learning_rate = 5;
	step(&r);
	ck_assert_double_eq_tol(s.metric[1], exp(0.25), 1e-6);
	ck_assert_double_eq_tol(s.metric[2], exp(0.25), 1e-6);
	ck_assert_double_eq_tol(s.metric[3], exp(0.25), 1e-6);
	rig_free(&r);
}
END_TEST

START_TEST(without_a_correction_the_samplers_logps_have_no_effect)
{
	struct bigram_state plain;
	struct seen s;
	struct rig r;

	rig_make(&r);
	start(&r, &s);
	step(&r);
	plain = r.policy.s;
	rig_free(&r);
	rig_make(&r);
	start(&r, &s);
	r.policy.inflate = -0.25;
	step(&r);
	ck_assert_mem_eq(&plain, &r.policy.s, sizeof plain);
	ck_assert(isnan(s.metric[1]));
	rig_free(&r);
}
END_TEST

/* ------------------------------------------------------------- settings */

START_TEST(settings_that_make_no_sense_are_named)
{
	struct rig r;

	rig_make(&r);
	rig_parts(&r);
#define REFUSED(field, value, text)                                            \
	do {                                                                   \
		grpo_trainer_config bad = r.config;                            \
		bad.field = value;                                             \
		refused(grpo_trainer_create(&r.trainer, &bad, &r.parts, NULL), \
			GRPO_EINVAL, text);                                    \
	} while (0)
	REFUSED(advantage_baseline, 2, "\"advantage_baseline\" is 2");
	REFUSED(advantage_ddof, 2, "\"advantage_ddof\" is 2");
	REFUSED(advantage_eps, -1, "\"advantage_eps\" is -1");
	REFUSED(kl_estimator, 3, "\"kl_estimator\" is 3");
	REFUSED(kl_in_reward, 1, "\"kl_in_reward\" needs \"beta\"");
	REFUSED(importance_sampling_correction, 6,
		"\"importance_sampling_correction\" is 6");
	REFUSED(importance_sampling_clip_min, 3,
		"\"importance_sampling_clip_max\" is 3, expected more");
	r.config.beta = 1;
	r.config.kl_in_reward = 1;
	REFUSED(kl_bias_correction, 1, "\"kl_bias_correction\" is of the loss");
#undef REFUSED
	rig_free(&r);
}
END_TEST

static TCase *cases(void)
{
	TCase *t = tcase_create("settings");
	int first = GRPO_CORRECTION_TOKEN_TRUNCATE;

	tcase_add_checked_fixture(t, scratch_make, scratch_remove);
	tcase_add_test(t, leave_one_out_can_be_the_baseline);
	tcase_add_test(t, deviation_is_over_n_and_without_eps_where_asked);
	tcase_add_test(t, kl_in_the_reward_is_judged_within_the_group);
	tcase_add_test(t,
		       kl_in_the_reward_is_zero_while_policy_equals_reference);
	tcase_add_test(t, kl_in_the_reward_alone_pulls_to_the_reference);
	tcase_add_test(t, the_estimator_in_the_loss_can_be_chosen);
	tcase_add_test(t, bias_correction_gives_k3_the_slope_of_k2);
	tcase_add_loop_test(t, sampling_ratio_weighs_the_gradient, first,
			    GRPO_CORRECTION_SEQUENCE_MASK + 1);
	tcase_add_test(
	    t, sampling_ratio_is_of_the_policy_that_sampled_in_every_iteration);
	tcase_add_test(t,
		       without_a_correction_the_samplers_logps_have_no_effect);
	tcase_add_test(t, settings_that_make_no_sense_are_named);
	return t;
}

static Suite *suite(void)
{
	Suite *s = suite_create("test_trainer_algo");

	suite_add_tcase(s, cases());
	return s;
}

int main(void)
{
	return run_suite(suite());
}
