/* SPDX-License-Identifier: MIT */
/* The best evaluation, and the checkpoint that is kept for it. */
#include "trainer_rig.h"
#include "tests/suite.h"

/* The policy of step n writes "e" more or less, as the test wants. */
struct ups {
	struct rig *rig;
	const double *logit; /* of "e" after step n, from 1 */
	double value[32];    /* what evaluations gave */
	int n;
};

static int set_logit(void *ctx, const grpo_report *report)
{
	struct ups *u = ctx;

	for (int v = 0; v < BIGRAM_V; v++)
		u->rig->policy.s.w[v][4] = u->logit[report->step];
	return 0;
}

static int take_value(void *ctx, const grpo_report *report)
{
	struct ups *u = ctx;

	u->value[report->step] = grpo_report_value(report, "eval_reward");
	u->n++;
	return 0;
}

/* An alarm is not what is tested here. */
static int ignore(void *ctx, const grpo_alarm *alarm)
{
	(void)ctx;
	(void)alarm;
	return 0;
}

static void rig_ups(struct rig *r, struct ups *u, const double *logit)
{
	*u = (struct ups){.rig = r, .logit = logit};
	rig_make(r);
	rig_output(r, "run");
	r->config.learning_rate = 0;
	r->config.eval_steps = 1;
	r->config.num_generations_eval = 64;
	r->config.save_steps = 100;
	r->callbacks.ctx = u;
	r->callbacks.on_step = set_logit;
	r->callbacks.on_evaluation = take_value;
	r->callbacks.on_alarm = ignore;
}

static int has_checkpoint(const struct rig *r, int step)
{
	char path[600];

	snprintf(path, sizeof path, "%s/checkpoints/step-%06d/state.json",
		 r->folder, step);
	return access(path, F_OK) == 0;
}

static grpo_best best_of(const struct rig *r)
{
	grpo_best b = {.struct_size = sizeof b};

	ok(grpo_trainer_best(r->trainer, &b));
	return b;
}

static const double up_and_down[] = {0, -5, 0, 5, -5, -5, -5};

START_TEST(the_checkpoint_of_the_best_evaluation_is_kept)
{
	struct ups u;
	struct rig r;

	rig_ups(&r, &u, up_and_down);
	r.config.save_total_limit = 1;
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	ck_assert_int_eq(best_of(&r).step, 3);
	ck_assert_double_eq(best_of(&r).value, u.value[3]);
	ck_assert_str_eq(best_of(&r).metric, "eval_reward");
	ck_assert(strstr(best_of(&r).folder, "/checkpoints/step-000003"));
	ck_assert(has_checkpoint(&r, 3) && has_checkpoint(&r, 6));
	ck_assert(!has_checkpoint(&r, 1) && !has_checkpoint(&r, 2));
	rig_free(&r);
}
END_TEST

START_TEST(without_a_limit_only_the_former_best_goes)
{
	struct ups u;
	struct rig r;

	rig_ups(&r, &u, up_and_down);
	r.config.save_steps = 2;
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	ck_assert(!has_checkpoint(&r, 1)); /* was the best, for a step */
	ck_assert(has_checkpoint(&r, 2));  /* save_steps has it too */
	ck_assert(has_checkpoint(&r, 3) && has_checkpoint(&r, 4) &&
		  has_checkpoint(&r, 6));
	rig_free(&r);
}
END_TEST

START_TEST(the_best_is_known_after_a_resume)
{
	struct ups u;
	struct rig r;

	rig_ups(&r, &u, up_and_down);
	r.config.max_steps = 4;
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	rig_free(&r);
	rig_ups(&r, &u, up_and_down);
	r.config.save_total_limit = 1;
	rig_start(&r);
	ok(grpo_trainer_resume(r.trainer, NULL));
	ck_assert_int_eq(best_of(&r).step, 3);
	ck_assert(strstr(best_of(&r).folder, "/checkpoints/step-000003"));
	ok(grpo_trainer_run(r.trainer));
	ck_assert_int_eq(best_of(&r).step, 3);
	ck_assert(has_checkpoint(&r, 3) && has_checkpoint(&r, 6));
	rig_free(&r);
}
END_TEST

/* A process that is killed after the best evaluation goes on from it. */
START_TEST(the_best_is_saved_at_once)
{
	struct ups u;
	struct rig r;

	rig_ups(&r, &u, up_and_down);
	rig_start(&r);
	for (int i = 0; i < 3; i++)
		ok(grpo_trainer_step(r.trainer));
	rig_free(&r);
	rig_ups(&r, &u, up_and_down);
	rig_start(&r);
	ok(grpo_trainer_resume(r.trainer, NULL));
	ck_assert_int_eq(grpo_trainer_steps(r.trainer), 3);
	ok(grpo_trainer_step(r.trainer));
	ck_assert_int_eq(u.n, 1); /* that of step 3 is not made again */
	rig_free(&r);
}
END_TEST

START_TEST(another_metric_makes_no_use_of_the_old_best)
{
	grpo_best b = {.struct_size = sizeof b};
	struct ups u;
	struct rig r;

	rig_ups(&r, &u, up_and_down);
	r.config.max_steps = 4;
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	rig_free(&r);
	rig_ups(&r, &u, up_and_down);
	r.config.metric_for_best_model = "eval_rewards/contains/pass";
	rig_start(&r);
	ok(grpo_trainer_resume(r.trainer, NULL));
	refused(grpo_trainer_best(r.trainer, &b), GRPO_ENOTFOUND, "eval_steps");
	ok(grpo_trainer_run(r.trainer));
	ck_assert_int_ge(best_of(&r).step, 5);
	rig_free(&r);
}
END_TEST

START_TEST(a_run_can_end_with_its_best_weights)
{
	struct bigram_state best;
	struct ups u;
	struct rig r;

	rig_ups(&r, &u, up_and_down);
	r.config.max_steps = 3;
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	best = r.policy.s;
	rig_free(&r);
	ok(grpo__remove_folder(scratch_path("run")));
	rig_ups(&r, &u, up_and_down);
	r.config.load_best_model_at_end = 1;
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	ck_assert_mem_eq(&best, &r.policy.s, sizeof best);
	rig_free(&r);
}
END_TEST

START_TEST(without_checkpoints_the_best_is_a_figure_only)
{
	struct ups u;
	struct rig r;

	rig_ups(&r, &u, up_and_down);
	r.config.save_steps = 0;
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	ck_assert_int_eq(best_of(&r).step, 3);
	ck_assert_ptr_null(best_of(&r).folder);
	ck_assert(!has_checkpoint(&r, 3));
	rig_free(&r);
}
END_TEST

static void expect_refused(struct rig *r, const char *text)
{
	rig_parts(r);
	refused(grpo_trainer_create(&r->trainer, &r->config, &r->parts, NULL),
		GRPO_EINVAL, text);
	rig_free(r);
}

START_TEST(settings_that_do_not_fit_the_best_are_refused)
{
	struct rig r;

	rig_make(&r);
	r.config.metric_for_best_model = "eval_loss";
	expect_refused(&r, "\"metric_for_best_model\" is \"eval_loss\", "
			   "expected \"eval_reward\", or mean, solved or pass "
			   "of a reward: \"eval_rewards/contains/solved\"");
	rig_make(&r);
	r.config.load_best_model_at_end = 1;
	expect_refused(&r, "\"load_best_model_at_end\" needs \"output_dir\"");
}
END_TEST

START_TEST(a_recipe_can_say_what_is_best)
{
	grpo_config *c;
	struct rig r;

	rig_make(&r);
	ok(grpo_config_create(&c));
	ok(grpo_config_add_trainer(c, &r.config));
	ck_assert_ptr_null(r.config.metric_for_best_model);
	ok(grpo_config_set(c, "metric_for_best_model=eval_reward"));
	ok(grpo_config_set(c, "load_best_model_at_end=true"));
	ck_assert_str_eq(r.config.metric_for_best_model, "eval_reward");
	ck_assert_int_eq(r.config.load_best_model_at_end, 1);
	grpo_config_free(c);
	rig_free(&r);
}
END_TEST

/* -------------------------------------------------------------- an error */

START_TEST(a_run_that_fails_saves_the_steps_that_are_done)
{
	struct rig r;

	rig_make(&r);
	rig_output(&r, "run");
	r.config.save_steps = 0;
	r.policy.fail_forward = 4; /* in the fourth step */
	rig_start(&r);
	refused(grpo_trainer_run(r.trainer), GRPO_EIO,
		"step 4: forward fails (a checkpoint of step 3 is saved)");
	ck_assert(has_checkpoint(&r, 3));
	rig_free(&r);
}
END_TEST

static int step_and_fail(void *self, double rate, double max_norm,
			 double *grad_norm)
{
	bigram_step(self, rate, max_norm, grad_norm);
	return grpo__fail(GRPO_EIO, "the device is gone");
}

/* The optimizer has made step 2, and nobody knows. */
START_TEST(weights_that_may_be_ahead_of_the_steps_are_not_saved)
{
	grpo_learner_ops ops;
	struct rig r;

	rig_make(&r);
	rig_output(&r, "run");
	r.config.save_steps = 0;
	r.config.max_steps = 4;
	ops = *r.learner.ops;
	r.learner.ops = &ops;
	rig_start(&r);
	ok(grpo_trainer_step(r.trainer));
	ops.step = step_and_fail;
	ck_assert_int_eq(grpo_trainer_run(r.trainer), GRPO_EIO);
	ck_assert_str_eq(grpo_error_message(), "step 2: the device is gone");
	ck_assert(!has_checkpoint(&r, 1));
	rig_free(&r);
}
END_TEST

/* The weights are those of step 1, whatever the sampler has. */
START_TEST(a_run_whose_sampler_does_not_take_the_weights_is_saved)
{
	struct rig r;

	rig_make(&r);
	rig_output(&r, "run");
	r.config.save_steps = 0;
	r.config.max_steps = 4;
	rig_start(&r);
	ok(grpo_trainer_step(r.trainer));
	r.policy.fail_load = 1;
	refused(grpo_trainer_run(r.trainer), GRPO_EIO,
		"step 2: weights not sent (a checkpoint of step 1 is saved)");
	ck_assert(has_checkpoint(&r, 1));
	rig_free(&r);
}
END_TEST

/* Several updates a batch: nothing was updated yet when this one failed. */
START_TEST(a_failure_before_the_first_update_of_a_batch_saves_too)
{
	struct rig r;

	rig_make(&r);
	rig_output(&r, "run");
	r.config.save_steps = 0;
	r.config.num_iterations = 2;
	r.policy.fail_forward = 3; /* the second batch's first */
	rig_start(&r);
	refused(grpo_trainer_run(r.trainer), GRPO_EIO,
		"step 3: forward fails (a checkpoint of step 2 is saved)");
	ck_assert(has_checkpoint(&r, 2));
	rig_free(&r);
}
END_TEST

START_TEST(a_failure_between_two_updates_of_a_batch_saves_nothing)
{
	struct rig r;

	rig_make(&r);
	rig_output(&r, "run");
	r.config.save_steps = 0;
	r.config.num_iterations = 2;
	r.policy.fail_forward = 4; /* the second batch's second */
	rig_start(&r);
	ck_assert_int_eq(grpo_trainer_run(r.trainer), GRPO_EIO);
	ck_assert_str_eq(grpo_error_message(), "step 3: forward fails");
	ck_assert(!has_checkpoint(&r, 2));
	rig_free(&r);
}
END_TEST

START_TEST(where_even_that_fails_the_first_error_is_told)
{
	struct rig r;

	rig_make(&r);
	rig_output(&r, "run");
	r.config.save_steps = 0;
	r.policy.fail_forward = 4;
	r.policy.fail_save = 1;
	rig_start(&r);
	ck_assert_int_eq(grpo_trainer_run(r.trainer), GRPO_EIO);
	ck_assert_str_eq(grpo_error_message(), "step 4: forward fails");
	ck_assert(!has_checkpoint(&r, 3));
	rig_free(&r);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("trainer_best");
	TCase *c = tcase_create("best");

	tcase_add_checked_fixture(c, scratch_make, scratch_remove);
	tcase_add_test(c, the_checkpoint_of_the_best_evaluation_is_kept);
	tcase_add_test(c, without_a_limit_only_the_former_best_goes);
	tcase_add_test(c, the_best_is_known_after_a_resume);
	tcase_add_test(c, the_best_is_saved_at_once);
	tcase_add_test(c, another_metric_makes_no_use_of_the_old_best);
	tcase_add_test(c, a_run_can_end_with_its_best_weights);
	tcase_add_test(c, without_checkpoints_the_best_is_a_figure_only);
	tcase_add_test(c, settings_that_do_not_fit_the_best_are_refused);
	tcase_add_test(c, a_recipe_can_say_what_is_best);
	tcase_add_test(c, a_run_that_fails_saves_the_steps_that_are_done);
	tcase_add_test(c, weights_that_may_be_ahead_of_the_steps_are_not_saved);
	tcase_add_test(c,
		       a_run_whose_sampler_does_not_take_the_weights_is_saved);
	tcase_add_test(c,
		       a_failure_before_the_first_update_of_a_batch_saves_too);
	tcase_add_test(c,
		       a_failure_between_two_updates_of_a_batch_saves_nothing);
	tcase_add_test(c, where_even_that_fails_the_first_error_is_told);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
