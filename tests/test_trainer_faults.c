/* SPDX-License-Identifier: MIT */
/*
 * A sampler, a learner or a reward that does wrong: the step is an error that
 * says so, and nothing of it stays.
 */
#include "trainer_rig.h"
#include "tests/suite.h"

/* ------------------------------------------------------------ bad numbers */

START_TEST(a_nan_of_the_learner_stops_the_step_weights_unstepped)
{
	struct rig r;

	rig_make(&r);
	r.policy.nan_logp = 1;
	rig_expect_failed_step(&r, GRPO_ENUMERIC,
			       "step 1: row 0, token 0: logp");
}
END_TEST

START_TEST(a_nan_of_the_sampler_stops_the_step)
{
	struct rig r;

	rig_make(&r);
	r.policy.nan_sampled = 1;
	rig_expect_failed_step(&r, GRPO_ENUMERIC, "sampler's log-probability");
}
END_TEST

START_TEST(a_nan_gradient_stops_the_step)
{
	struct rig r;

	rig_make(&r);
	r.policy.nan_norm = 1;
	rig_start(&r);
	ck_assert_int_eq(grpo_trainer_step(r.trainer), GRPO_ENUMERIC);
	ck_assert_int_eq(grpo_trainer_steps(r.trainer), 0);
	rig_free(&r);
}
END_TEST

START_TEST(a_reward_that_fails_stops_the_step)
{
	struct rig r;

	rig_make(&r);
	ok(grpo_reward_set_add(r.rewards, rig_plugin("writes_nothing"), 1,
			       NULL));
	rig_expect_failed_step(&r, GRPO_EREWARD, "writes_nothing");
}
END_TEST

START_TEST(a_learner_that_fails_half_way_leaves_no_gradient)
{
	struct rig r;

	rig_make(&r);
	r.config.tokens_per_micro_batch = 12;
	r.policy.fail_forward = 3;
	rig_expect_failed_step(&r, GRPO_EIO, "step 1");
}
END_TEST

START_TEST(a_step_can_be_tried_again_after_a_failure)
{
	struct bigram whole;
	struct rig r;

	rig_run_whole(&whole, 1);
	rig_make(&r);
	r.policy.nan_sampled = 1;
	rig_start(&r);
	ck_assert_int_eq(grpo_trainer_run(r.trainer), GRPO_ENUMERIC);
	r.policy.nan_sampled = 0;
	ok(grpo_trainer_run(r.trainer));
	ck_assert_mem_eq(&whole.s, &r.policy.s, sizeof whole.s);
	rig_free(&r);
}
END_TEST

START_TEST(a_sampler_that_repeats_a_completion_is_refused)
{
	struct rig r;

	rig_make(&r);
	r.policy.repeat = 1;
	rig_expect_failed_step(&r, GRPO_EINVAL,
			       "completion 0 of request 3 twice");
}
END_TEST

START_TEST(a_sampler_that_leaves_one_out_is_refused)
{
	struct rig r;

	rig_make(&r);
	r.policy.leave_out = 1;
	rig_expect_failed_step(&r, GRPO_EINVAL,
			       "left out completion 0 of request 0");
}
END_TEST

START_TEST(a_sampler_that_writes_too_much_is_refused)
{
	struct rig r;
	int i;

	rig_make(&r);
	r.policy.too_long = 1;
	for (i = 0; i < BIGRAM_V; i++)
		r.policy.s.w[i][BIGRAM_END] = -30;
	rig_expect_failed_step(&r, GRPO_EINVAL, "9 tokens, at most 8");
}
END_TEST

/* A learner that steps and only then says that its gradient was none. */
static int step_without_a_norm(void *self, double rate, double max_norm,
			       double *grad_norm)
{
	int rc = bigram_step(self, rate, max_norm, grad_norm);

	*grad_norm = INFINITY;
	return rc;
}

START_TEST(a_norm_that_is_not_finite_is_an_error_of_the_step)
{
	grpo_learner_ops ops;
	struct rig r;

	rig_make(&r);
	ops = *r.learner.ops;
	ops.step = step_without_a_norm;
	r.learner.ops = &ops;
	rig_start(&r);
	refused(grpo_trainer_step(r.trainer), GRPO_ENUMERIC,
		"step 1: the norm of the gradient is inf");
	ck_assert_int_eq(grpo_trainer_steps(r.trainer), 0);
	rig_free(&r);
}
END_TEST

/* NaN from the second update on. */
static int step_then_break(void *self, double rate, double max_norm,
			   double *grad_norm)
{
	struct bigram *b = self;

	b->nan_logp = 1;
	return bigram_step(self, rate, max_norm, grad_norm);
}

START_TEST(an_update_that_fails_leaves_the_one_before_it)
{
	grpo_learner_ops ops;
	struct bigram_state s;
	struct rig r;

	rig_make(&r);
	r.config.num_iterations = 2;
	ops = *r.learner.ops;
	ops.step = step_then_break;
	r.learner.ops = &ops;
	rig_start(&r);
	s = r.policy.s;
	ck_assert_int_eq(grpo_trainer_step(r.trainer), GRPO_ENUMERIC);
	ck_assert_int_eq(r.policy.n_steps, 1);
	ck_assert_mem_ne(&s, &r.policy.s, sizeof s);
	ck_assert(!r.policy.dirty);
	rig_free(&r);
}
END_TEST

/* The second update breaks, once. */
static int step_then_break_once(void *self, double rate, double max_norm,
				double *grad_norm)
{
	struct bigram *b = self;

	b->nan_logp = b->n_steps == 0;
	return bigram_step(self, rate, max_norm, grad_norm);
}

START_TEST(every_optimizer_step_counts_also_of_a_batch_that_failed)
{
	grpo_learner_ops ops;
	struct rig r;

	rig_make(&r);
	r.config.num_iterations = 2;
	r.config.max_steps = 4;
	ops = *r.learner.ops;
	ops.step = step_then_break_once;
	r.learner.ops = &ops;
	rig_start(&r);
	refused(grpo_trainer_step(r.trainer), GRPO_ENUMERIC, "step 1: ");
	ck_assert_int_eq(grpo_trainer_steps(r.trainer), 1);
	r.policy.nan_logp = 0;
	ok(grpo_trainer_run(r.trainer));
	ck_assert_int_eq(grpo_trainer_steps(r.trainer), 4);
	ck_assert_int_eq(r.policy.n_steps, 4);
	rig_free(&r);
}
END_TEST

static int n_refused; /* weights that the sampler did not take */

static int refuse_weights_once(void *self)
{
	if (n_refused++ == 0)
		return grpo__fail(GRPO_EIO, "the server is gone");
	return bigram_load_weights(self);
}

START_TEST(a_sampler_that_does_not_take_the_weights_loses_no_step)
{
	grpo_sampler_ops ops;
	struct rig r;

	n_refused = 0;
	rig_make(&r);
	r.config.num_iterations = 3;
	r.config.max_steps = 9;
	ops = *r.sampler.ops;
	ops.load_weights = refuse_weights_once;
	r.sampler.ops = &ops;
	rig_start(&r);
	ok(grpo_trainer_step(r.trainer));
	refused(grpo_trainer_step(r.trainer), GRPO_EIO,
		"step 4: the server is gone");
	ck_assert_int_eq(grpo_trainer_steps(r.trainer), 3);
	ok(grpo_trainer_run(r.trainer));
	ck_assert_int_eq(r.policy.n_steps, 9);
	ck_assert_int_eq(r.policy.n_loads, 2); /* once a batch */
	rig_free(&r);
}
END_TEST

/* ------------------------------------- what stands between sampler and loop */

struct meddler {
	grpo_completion_fn fn;
	void *ctx;
	int n;
};

static int generate_through(grpo_completion_fn meddle, void *self,
			    const grpo_request *requests, int64_t n,
			    const grpo_sampling *o, grpo_completion_fn fn,
			    void *ctx)
{
	struct meddler m = {fn, ctx, 0};

	return bigram_generate(self, requests, n, o, meddle, &m);
}

static int lose_connection(void *ctx, const grpo_completion *c)
{
	struct meddler *m = ctx;

	if (m->n++ == 5)
		return grpo__fail(GRPO_EIO, "the server is gone");
	return m->fn(m->ctx, c);
}

static int generate_half(void *self, const grpo_request *requests, int64_t n,
			 const grpo_sampling *o, grpo_completion_fn fn,
			 void *ctx)
{
	return generate_through(lose_connection, self, requests, n, o, fn, ctx);
}

START_TEST(a_sampler_that_fails_half_way_says_why_and_may_be_asked_again)
{
	const grpo_sampler_ops *sound;
	grpo_sampler_ops ops;
	struct bigram whole;
	struct rig r;

	rig_run_whole(&whole, 1);
	rig_make(&r);
	sound = r.sampler.ops;
	ops = *sound;
	ops.generate = generate_half;
	r.sampler.ops = &ops;
	rig_start(&r);
	refused(grpo_trainer_step(r.trainer), GRPO_EIO,
		"step 1: the server is gone");
	ck_assert_int_eq(grpo_trainer_steps(r.trainer), 0);
	r.sampler.ops = sound;
	ok(grpo_trainer_run(r.trainer));
	ck_assert_mem_eq(&whole.s, &r.policy.s, sizeof whole.s);
	rig_free(&r);
}
END_TEST

static int which_fault; /* of the table below */

static const struct {
	int64_t request, n_tokens;
	int32_t sample, token;
	float logp;
	int code;
	const char *says;
} wrong[] = {
    {-1, 1, 0, 0, -1, GRPO_EINVAL, "which was not asked for"},
    {4, 1, 0, 0, -1, GRPO_EINVAL, "which was not asked for"},
    {3, 1, 4, 0, -1, GRPO_EINVAL, "completion 4 of request 3"},
    {3, 1, -1, 0, -1, GRPO_EINVAL, "completion -1 of request 3"},
    {3, -1, 0, 0, -1, GRPO_EINVAL, "-1 tokens"},
    {3, 9, 0, 0, -1, GRPO_EINVAL, "9 tokens, at most 8"},
    {3, 1, 0, 99, -1, GRPO_EINVAL, "99"},
    {3, 1, 0, -7, -1, GRPO_EINVAL, "-7"},
    {3, 1, 0, 0, INFINITY, GRPO_ENUMERIC, "log-probability"},
};

static int spoil_first(void *ctx, const grpo_completion *c)
{
	struct meddler *m = ctx;
	grpo_completion bad = *c;
	int32_t tokens[16];
	float logp[16];
	int i;

	if (m->n++ > 0)
		return m->fn(m->ctx, c);
	for (i = 0; i < 16; i++) {
		tokens[i] = wrong[which_fault].token;
		logp[i] = wrong[which_fault].logp;
	}
	bad.request = wrong[which_fault].request;
	bad.sample = wrong[which_fault].sample;
	bad.n_tokens = wrong[which_fault].n_tokens;
	bad.tokens = tokens;
	bad.logp = logp;
	return m->fn(m->ctx, &bad);
}

static int generate_spoilt(void *self, const grpo_request *requests, int64_t n,
			   const grpo_sampling *o, grpo_completion_fn fn,
			   void *ctx)
{
	return generate_through(spoil_first, self, requests, n, o, fn, ctx);
}

START_TEST(a_completion_that_nobody_asked_for_is_refused)
{
	grpo_sampler_ops ops;
	struct rig r;

	rig_make(&r);
	which_fault = _i;
	ops = *r.sampler.ops;
	ops.generate = generate_spoilt;
	r.sampler.ops = &ops;
	rig_expect_failed_step(&r, wrong[_i].code, wrong[_i].says);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("trainer_faults");
	TCase *c = tcase_create("loop");

	tcase_add_checked_fixture(c, scratch_make, scratch_remove);
	tcase_add_test(c,
		       a_nan_of_the_learner_stops_the_step_weights_unstepped);
	tcase_add_test(c, a_nan_of_the_sampler_stops_the_step);
	tcase_add_test(c, a_nan_gradient_stops_the_step);
	tcase_add_test(c, a_reward_that_fails_stops_the_step);
	tcase_add_test(c, a_learner_that_fails_half_way_leaves_no_gradient);
	tcase_add_test(c, a_step_can_be_tried_again_after_a_failure);
	tcase_add_test(c, a_sampler_that_repeats_a_completion_is_refused);
	tcase_add_test(c, a_sampler_that_leaves_one_out_is_refused);
	tcase_add_test(c, a_sampler_that_writes_too_much_is_refused);
	tcase_add_test(c, a_norm_that_is_not_finite_is_an_error_of_the_step);
	tcase_add_test(c, an_update_that_fails_leaves_the_one_before_it);
	tcase_add_test(c,
		       every_optimizer_step_counts_also_of_a_batch_that_failed);
	tcase_add_test(c,
		       a_sampler_that_does_not_take_the_weights_loses_no_step);
	tcase_add_test(
	    c, a_sampler_that_fails_half_way_says_why_and_may_be_asked_again);
	tcase_add_loop_test(c, a_completion_that_nobody_asked_for_is_refused, 0,
			    (int)(sizeof wrong / sizeof wrong[0]));
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
