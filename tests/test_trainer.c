/* SPDX-License-Identifier: MIT */
/*
 * The loop itself, driven in milliseconds by a policy in plain C: what a run
 * does to the weights.
 */
#include "trainer_rig.h"
#include "tests/suite.h"

/* ------------------------------------------------------------- it learns */

static double share_with_e(struct rig *r)
{
	grpo_evaluation e = {.struct_size = sizeof e};
	grpo_evaluation_options o;
	double share;

	ok(grpo_evaluation_options_init(&o));
	o.num_generations = 40;
	ok(grpo_trainer_evaluate(r->trainer, &e, &o));
	share = e.reward_mean[0];
	grpo_evaluation_dispose(&e);
	return share;
}

START_TEST(a_run_makes_the_rewarded_letter_frequent)
{
	struct rig r;
	double before, after;

	rig_make(&r);
	r.config.max_steps = 60;
	r.config.learning_rate = 2;
	rig_start(&r);
	before = share_with_e(&r);
	ok(grpo_trainer_run(r.trainer));
	after = share_with_e(&r);
	ck_assert_double_lt(before, 0.75);
	ck_assert_double_gt(after, 0.95);
	ck_assert_int_eq(grpo_trainer_steps(r.trainer), 60);
	ck_assert(grpo_trainer_done(r.trainer));
	refused(grpo_trainer_step(r.trainer), GRPO_EINVAL, "the run is done");
	rig_free(&r);
}
END_TEST

/* A penalty instead: the same machinery must make it rare. */
START_TEST(a_negative_weight_makes_the_letter_rare)
{
	struct rig r;

	rig_make_bare(&r);
	rig_add_reward(&r, "e", -1);
	r.config.max_steps = 60;
	r.config.learning_rate = 2;
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	ck_assert_double_lt(share_with_e(&r), 0.1);
	rig_free(&r);
}
END_TEST

/* --------------------------------------------------------- the gradient */

/* What the test adds up by itself: sum of A / (N L) grad logp. */
struct by_hand {
	struct bigram *policy;
	double grad[BIGRAM_V][BIGRAM_V];
	double total[16], advantage[16];
	int n;
};

static int add_by_hand(void *ctx, const grpo_scored *c)
{
	struct by_hand *h = ctx;
	int last = "abcde"[(c->prompt.len - 1) % 5] - 'a';
	int64_t t;
	int v;

	for (t = 0; t < c->n_tokens; t++) {
		double p[BIGRAM_V];

		bigram_softmax(p, h->policy->s.w[last], 1);
		for (v = 0; v < BIGRAM_V; v++)
			h->grad[last][v] -= c->advantage / (16 * 8) *
					    ((c->tokens[t] == v) - p[v]);
		last = c->tokens[t];
	}
	h->total[h->n] = c->total;
	h->advantage[h->n++] = c->advantage;
	return 0;
}

START_TEST(the_gradient_is_that_of_dr_grpo_by_hand)
{
	struct by_hand h = {0};
	struct rig r;
	int i, v;

	rig_make(&r);
	h.policy = &r.policy;
	r.config.loss_type = GRPO_LOSS_DR_GRPO;
	r.config.scale_rewards = GRPO_SCALE_NONE;
	r.config.tokens_per_micro_batch = 20;
	r.callbacks.ctx = &h;
	r.callbacks.on_completion = add_by_hand;
	rig_start(&r);
	ok(grpo_trainer_step(r.trainer));
	ck_assert_int_eq(h.n, 16);
	for (i = 0; i < 16; i += 4) {
		double mean = (h.total[i] + h.total[i + 1] + h.total[i + 2] +
			       h.total[i + 3]) /
			      4;

		for (v = i; v < i + 4; v++)
			ck_assert_double_eq_tol(h.advantage[v],
						h.total[v] - mean, 1e-12);
	}
	for (i = 0; i < BIGRAM_V; i++)
		for (v = 0; v < BIGRAM_V; v++)
			ck_assert_double_eq_tol(r.policy.last_grad[i][v],
						h.grad[i][v], 1e-7);
	rig_free(&r);
}
END_TEST

static void one_step(struct bigram *out, int64_t tokens, double beta)
{
	struct rig r;

	rig_make(&r);
	r.config.tokens_per_micro_batch = tokens;
	r.config.beta = beta;
	r.policy.s.reference[0][1] = 1; /* so that the KL is not 0 */
	rig_start(&r);
	ok(grpo_trainer_step(r.trainer));
	*out = r.policy;
	rig_free(&r);
}

START_TEST(micro_batches_change_the_gradient_by_rounding_only)
{
	struct bigram whole, cut;
	int i;

	one_step(&whole, 100000, 0.1);
	one_step(&cut, 12, 0.1);
	ck_assert_int_eq(whole.n_forwards, 2); /* reference and policy */
	ck_assert_int_gt(cut.n_forwards, 8);
	for (i = 0; i < BIGRAM_V * BIGRAM_V; i++)
		ck_assert_double_eq_tol((&whole.last_grad[0][0])[i],
					(&cut.last_grad[0][0])[i], 1e-8);
}
END_TEST

START_TEST(a_micro_batch_keeps_its_tokens_and_gives_each_prompt_once)
{
	struct bigram whole, cut;

	one_step(&whole, 100000, 0.1);
	one_step(&cut, 40, 0.1);
	ck_assert_int_eq(whole.n_prompts, 4);
	ck_assert_int_eq(whole.n_rows, 16);
	ck_assert_int_eq(cut.n_rows, 16);
	ck_assert_int_le(cut.most_tokens, 40);
	ck_assert_int_lt(cut.n_prompts, 16);
}
END_TEST

START_TEST(rows_that_cannot_change_anything_are_not_sent)
{
	struct rig r;

	rig_make_bare(&r);
	rig_add_reward(&r, "", 1); /* all the same */
	rig_start(&r);
	ok(grpo_trainer_step(r.trainer));
	ck_assert_int_eq(r.policy.n_forwards, 0);
	ck_assert_int_eq(r.policy.n_steps, 1);
	rig_free(&r);
}
END_TEST

START_TEST(with_beta_every_row_is_sent_and_kl_pulls_to_the_reference)
{
	struct rig r;
	double far, near;

	rig_make_bare(&r);
	rig_add_reward(&r, "", 1);
	r.config.beta = 0.5;
	r.config.max_steps = 200;
	r.policy.s.reference[0][1] = 2;
	rig_start(&r);
	ok(grpo_trainer_step(r.trainer));
	ck_assert_int_eq(r.policy.n_rows, 16);
	far = 2 - r.policy.s.w[0][1];
	ok(grpo_trainer_run(r.trainer));
	near = r.policy.s.w[0][1] - r.policy.s.w[0][0];
	ck_assert_double_gt(far, 1.8);
	ck_assert_double_eq_tol(near, 2, 0.3);
	rig_free(&r);
}
END_TEST

START_TEST(truncated_completions_can_be_left_out_of_the_loss)
{
	struct rig r;
	int i;

	rig_make(&r);
	r.config.mask_truncated_completions = 1;
	r.config.max_completion_length = 3;
	for (i = 0; i < BIGRAM_V; i++)
		r.policy.s.w[i][BIGRAM_END] = -30; /* none ends */
	rig_start(&r);
	ok(grpo_trainer_step(r.trainer));
	ck_assert_int_eq(r.policy.n_forwards, 0);
	rig_free(&r);
}
END_TEST

/* --------------------------------------------------- several iterations */

START_TEST(each_batch_makes_num_iterations_steps)
{
	struct rig r;

	rig_make(&r);
	r.config.num_iterations = 2;
	r.config.max_steps = 5;
	rig_start(&r);
	ok(grpo_trainer_step(r.trainer));
	ck_assert_int_eq(grpo_trainer_steps(r.trainer), 2);
	ck_assert_int_eq(r.policy.n_generated, 1);
	ok(grpo_trainer_run(r.trainer));
	ck_assert_int_eq(r.policy.n_generated, 3);
	ck_assert_int_eq(r.policy.n_steps, 5);
	rig_free(&r);
}
END_TEST

static int take_clip(void *ctx, const grpo_report *report)
{
	*(double *)ctx = grpo_report_value(report, "clip_ratio/region_mean");
	return 0;
}

static double clipped_share(int64_t iterations)
{
	double share = -1;
	struct rig r;

	rig_make(&r);
	r.config.num_iterations = iterations;
	r.config.learning_rate = 50; /* far past the clip range */
	r.callbacks.ctx = &share;
	r.callbacks.on_step = take_clip;
	rig_start(&r);
	ok(grpo_trainer_step(r.trainer));
	rig_free(&r);
	return share;
}

START_TEST(the_second_iteration_is_clipped_against_the_first)
{
	ck_assert_double_eq(clipped_share(1), 0);
	ck_assert_double_gt(clipped_share(2), 0.05);
}
END_TEST

/* -------------------------------------------------------------- reference */

START_TEST(the_reference_follows_every_so_many_steps)
{
	struct rig r;

	rig_make(&r);
	r.config.beta = 0.01;
	r.config.sync_ref_model = 1;
	r.config.ref_model_sync_steps = 2;
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	ck_assert_int_eq(r.policy.n_syncs, 3);
	ck_assert_int_eq(r.policy.n_loads, 5); /* before each generate */
	rig_free(&r);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("trainer");
	TCase *c = tcase_create("loop");

	tcase_add_checked_fixture(c, scratch_make, scratch_remove);
	tcase_add_test(c, a_run_makes_the_rewarded_letter_frequent);
	tcase_add_test(c, a_negative_weight_makes_the_letter_rare);
	tcase_add_test(c, the_gradient_is_that_of_dr_grpo_by_hand);
	tcase_add_test(c, micro_batches_change_the_gradient_by_rounding_only);
	tcase_add_test(
	    c, a_micro_batch_keeps_its_tokens_and_gives_each_prompt_once);
	tcase_add_test(c, rows_that_cannot_change_anything_are_not_sent);
	tcase_add_test(
	    c, with_beta_every_row_is_sent_and_kl_pulls_to_the_reference);
	tcase_add_test(c, truncated_completions_can_be_left_out_of_the_loss);
	tcase_add_test(c, each_batch_makes_num_iterations_steps);
	tcase_add_test(c, the_second_iteration_is_clipped_against_the_first);
	tcase_add_test(c, the_reference_follows_every_so_many_steps);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
