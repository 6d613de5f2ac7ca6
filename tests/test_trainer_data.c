/* SPDX-License-Identifier: MIT */
/* Losses that are data, or the caller's own: imitation, distillation, mixtures,
 * weights, and a policy loss by a function. */
#include "trainer_rig.h"
#include "tests/suite.h"

#include <math.h>
#include "grpo/objective.h"
#include "grpo/rollout.h"

enum { N = 3 };

static const int32_t prompt[1] = {0}, answer[N] = {3, 1, BIGRAM_END};
static const uint8_t imitated[N] = {GRPO_COMPONENT_CROSS_ENTROPY,
				    GRPO_COMPONENT_CROSS_ENTROPY,
				    GRPO_COMPONENT_CROSS_ENTROPY};
static const uint8_t distilled[N] = {GRPO_COMPONENT_REFERENCE_KL,
				     GRPO_COMPONENT_REFERENCE_KL,
				     GRPO_COMPONENT_REFERENCE_KL};

struct figures {
	double loss, cross_entropy, reference_kl;
};

static int see(void *ctx, const grpo_report *report)
{
	struct figures *f = ctx;

	f->loss = grpo_report_value(report, "loss");
	f->cross_entropy = grpo_report_value(report, "cross_entropy");
	f->reference_kl = grpo_report_value(report, "reference_kl");
	return 0;
}

/* A trainer of the learner alone, over a policy that is not flat. */
static void start(struct rig *r, struct figures *f)
{
	rig_make(r);
	for (int i = 0; i < BIGRAM_V; i++) {
		r->policy.s.w[i][(i + 1) % BIGRAM_V] = 0.5;
		r->policy.s.reference[i][2] = 0.25 * i;
	}
	r->config.kl_estimator = GRPO_KL_K2;
	r->config.scale_rewards = GRPO_SCALE_NONE;
	r->callbacks.on_step = see;
	r->callbacks.ctx = f;
	ok(grpo_trainer_parts_init(&r->parts));
	r->parts.learner = &r->learner;
	ok(grpo_trainer_create(&r->trainer, &r->config, &r->parts,
			       &r->callbacks));
}

static grpo_rollout rollout(int64_t group, double reward)
{
	return (grpo_rollout){.struct_size = sizeof(grpo_rollout),
			      .prompt = prompt,
			      .n_prompt = 1,
			      .tokens = answer,
			      .n_tokens = N,
			      .group = group,
			      .reward = reward};
}

/* Adds sum over the answer of slope[t] d logp / d w. */
static void add_gradient(double g[BIGRAM_V][BIGRAM_V], const double *slope,
			 const double w[BIGRAM_V][BIGRAM_V])
{
	int last = prompt[0];

	for (int t = 0; t < N; t++) {
		double p[BIGRAM_V];

		bigram_softmax(p, w[last], 1);
		for (int v = 0; v < BIGRAM_V; v++)
			g[last][v] += slope[t] * ((v == answer[t]) - p[v]);
		last = answer[t];
	}
}

static double logp_at(const double w[BIGRAM_V][BIGRAM_V], int t)
{
	double p[BIGRAM_V];

	bigram_softmax(p, w[t ? answer[t - 1] : prompt[0]], 1);
	return log(p[answer[t]]);
}

static void compare(double got[BIGRAM_V][BIGRAM_V],
		    double want[BIGRAM_V][BIGRAM_V])
{
	for (int i = 0; i < BIGRAM_V; i++)
		for (int v = 0; v < BIGRAM_V; v++)
			ck_assert_double_eq_tol(got[i][v], want[i][v], 1e-6);
}

START_TEST(text_is_imitated)
{
	double want[BIGRAM_V][BIGRAM_V] = {{0}}, slope[N], mean = 0;
	struct bigram_state before;
	struct figures f = {0};
	struct rig r;
	grpo_rollout text = rollout(0, NAN);

	start(&r, &f);
	before = r.policy.s;
	text.component = imitated;
	for (int t = 0; t < N; t++) {
		slope[t] = -1.0 / N;
		mean -= logp_at(before.w, t) / N;
	}
	add_gradient(want, slope, before.w);
	ok(grpo_trainer_update(r.trainer, &text, 1));
	compare(r.policy.last_grad, want);
	ck_assert_double_eq_tol(f.loss, mean, 1e-6);
	ck_assert_double_eq(f.cross_entropy, f.loss);
	for (int i = 0; i < 4; i++)
		ok(grpo_trainer_update(r.trainer, &text, 1));
	for (int t = 0; t < N; t++)
		ck_assert_double_gt(logp_at(r.policy.s.w, t),
				    logp_at(before.w, t) + 0.2);
	rig_free(&r);
}
END_TEST

START_TEST(a_reference_is_distilled)
{
	double want[BIGRAM_V][BIGRAM_V] = {{0}}, slope[N], loss = 0;
	struct figures f = {0};
	struct rig r;
	grpo_rollout text = rollout(0, NAN);

	start(&r, &f);
	text.component = distilled;
	for (int t = 0; t < N; t++) {
		double x =
		    logp_at(r.policy.s.w, t) - logp_at(r.policy.s.reference, t);

		slope[t] = x / N;
		loss += x * x / 2 / N;
	}
	add_gradient(want, slope, r.policy.s.w);
	ok(grpo_trainer_update(r.trainer, &text, 1));
	compare(r.policy.last_grad, want);
	ck_assert_double_eq_tol(f.reference_kl, loss, 1e-6);
	ck_assert(isnan(f.cross_entropy));
	rig_free(&r);
}
END_TEST

/* Two rollouts of a group and one of text: each as if alone, the text with half
 * the weight. */
START_TEST(a_batch_may_mix_rollouts_and_text)
{
	static const float half[N] = {0.5f, 0.5f, 0.5f};
	static const float own[N] = {1, -2, 0.5f};
	double want[BIGRAM_V][BIGRAM_V] = {{0}}, slope[N];
	struct figures f = {0};
	struct rig r;
	grpo_rollout list[3] = {rollout(7, 1), rollout(7, 0), rollout(8, NAN)};

	start(&r, &f);
	list[0].advantage = list[1].advantage = own;
	list[2].component = imitated;
	list[2].weight = half;
	for (int t = 0; t < N; t++)
		slope[t] = -(double)own[t] * 2 / 6 - 0.5 / N;
	add_gradient(want, slope, r.policy.s.w);
	ok(grpo_trainer_update(r.trainer, list, 3));
	compare(r.policy.last_grad, want);
	rig_free(&r);
}
END_TEST

START_TEST(bad_weights_and_components_are_named)
{
	static const uint8_t unknown[N] = {0, 3, 0};
	static const float endless[N] = {1, 1, INFINITY};
	struct figures f = {0};
	struct rig r;
	grpo_rollout list[2] = {rollout(0, 1), rollout(0, 0)};

	start(&r, &f);
	list[1].component = unknown;
	refused(grpo_trainer_update(r.trainer, list, 2), GRPO_EINVAL,
		"rollout 1: component[1] is 3");
	list[1].component = NULL;
	list[1].weight = endless;
	refused(grpo_trainer_update(r.trainer, list, 2), GRPO_ENUMERIC,
		"rollout 1: weight[2] is inf");
	ck_assert_int_eq(r.policy.n_steps, 0);
	rig_free(&r);
}
END_TEST

/* ------------------------------------------------------------- own losses */

/* The plain policy gradient: -r A. */
static void vanilla(void *ctx, const grpo_objective_options *o,
		    const grpo_loss_columns *c)
{
	(void)o;
	*(int64_t *)ctx += c->n;
	for (int64_t j = 0; j < c->n; j++)
		c->loss[j] = c->slope[j] = -c->ratio[j] * c->advantage[j];
}

/* With one update a batch nothing is clipped: the same run, bit for bit. */
START_TEST(a_loss_of_ones_own_trains)
{
	struct bigram clipped;
	struct rig r;
	int64_t n = 0;

	rig_run_whole(&clipped, 3);
	rig_make(&r);
	r.config.seed = 3;
	r.config.policy_loss = vanilla;
	r.config.policy_loss_ctx = &n;
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	ck_assert_int_gt(n, 0);
	ck_assert_mem_eq(&r.policy.s, &clipped.s, sizeof clipped.s);
	rig_free(&r);
}
END_TEST

/* ------------------------------------------------------------ top entropy */

static int64_t forwards_of(double share, struct bigram_state *out)
{
	struct rig r;
	int64_t n;

	rig_make(&r);
	r.policy.s.w[0][1] = 2; /* less entropy behind an a */
	r.config.num_iterations = 2;
	r.config.top_entropy_quantile = share;
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	*out = r.policy.s;
	n = r.policy.n_forwards;
	rig_free(&r);
	return n;
}

/* The threshold needs all entropies first, and those of the weights at hand. */
START_TEST(tokens_of_high_entropy_alone_are_trained)
{
	struct bigram_state all, top;
	int64_t once = forwards_of(1, &all), twice = forwards_of(0.3, &top);

	ck_assert_int_ge(twice, 2 * once);
	ck_assert_double_ne(all.w[1][2], top.w[1][2]);
	for (int v = 0; v < BIGRAM_V; v++)
		ck_assert_double_eq(top.w[0][v], v == 1 ? 2 : 0);
	ck_assert_double_ne(all.w[0][1], 2);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("losses as data");
	TCase *t = tcase_create("losses as data");

	tcase_add_checked_fixture(t, scratch_make, scratch_remove);
	tcase_add_test(t, text_is_imitated);
	tcase_add_test(t, a_reference_is_distilled);
	tcase_add_test(t, a_batch_may_mix_rollouts_and_text);
	tcase_add_test(t, bad_weights_and_components_are_named);
	tcase_add_test(t, a_loss_of_ones_own_trains);
	tcase_add_test(t, tokens_of_high_entropy_alone_are_trained);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
