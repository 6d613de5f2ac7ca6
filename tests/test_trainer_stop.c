/* SPDX-License-Identifier: MIT */
/* How a run ends before its time: a signal, another thread, a callback. */
#include "trainer_rig.h"
#include "tests/suite.h"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>

/* ---------------------------------------------------------------- stopping */

static grpo_trainer *to_stop;

static void on_signal(int number)
{
	(void)number;
	grpo_trainer_stop(to_stop);
}

static void raise_in_third(void *ctx)
{
	struct bigram *b = ctx;

	if (b->n_generated == 2)
		raise(SIGINT);
}

START_TEST(a_signal_stops_the_run_with_the_step_undone)
{
	struct bigram_state before;
	struct rig r;

	rig_make(&r);
	r.policy.before_generate = raise_in_third;
	r.policy.ctx = &r.policy;
	rig_start(&r);
	to_stop = r.trainer;
	signal(SIGINT, on_signal);
	ok(grpo_trainer_step(r.trainer));
	ok(grpo_trainer_step(r.trainer));
	before = r.policy.s;
	ck_assert_int_eq(grpo_trainer_run(r.trainer), GRPO_ECANCELED);
	ck_assert_int_eq(grpo_trainer_steps(r.trainer), 2);
	ck_assert_mem_eq(&before, &r.policy.s, sizeof before);
	ck_assert(!r.policy.dirty);
	rig_free(&r);
}
END_TEST

START_TEST(a_stopped_run_goes_on_to_the_same_end)
{
	struct bigram whole;
	struct rig r;

	rig_run_whole(&whole, 1);
	rig_make(&r);
	r.policy.before_generate = raise_in_third;
	r.policy.ctx = &r.policy;
	rig_start(&r);
	to_stop = r.trainer;
	signal(SIGINT, on_signal);
	ck_assert_int_eq(grpo_trainer_run(r.trainer), GRPO_ECANCELED);
	ck_assert_int_eq(grpo_trainer_step(r.trainer), GRPO_ECANCELED);
	grpo_trainer_unstop(r.trainer);
	ok(grpo_trainer_run(r.trainer));
	ck_assert_mem_eq(&whole.s, &r.policy.s, sizeof whole.s);
	rig_free(&r);
}
END_TEST

static int stop_at_third(void *ctx, const grpo_report *report)
{
	(void)ctx;
	return report->step == 3;
}

START_TEST(a_callback_can_finish_the_run)
{
	struct rig r;

	rig_make(&r);
	r.callbacks.on_step = stop_at_third;
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	ck_assert_int_eq(grpo_trainer_steps(r.trainer), 3);
	ck_assert(grpo_trainer_done(r.trainer));
	rig_free(&r);
}
END_TEST

static int fail_at_second(void *ctx, const grpo_report *report)
{
	(void)ctx;
	return report->step == 2 ? GRPO_ENOTFOUND : 0;
}

START_TEST(a_callback_that_fails_ends_the_run_with_its_code)
{
	struct rig r;

	rig_make(&r);
	r.callbacks.on_step = fail_at_second;
	rig_start(&r);
	ck_assert_int_eq(grpo_trainer_run(r.trainer), GRPO_ENOTFOUND);
	rig_free(&r);
}
END_TEST

/* Two threads that wait for each other, so that the stop falls into the
 * sampling. */
struct stopper {
	grpo_trainer *trainer;
	sem_t sampling, stopped;
};

static void *stop_while_it_samples(void *arg)
{
	struct stopper *s = arg;

	sem_wait(&s->sampling);
	grpo_trainer_stop(s->trainer);
	sem_post(&s->stopped);
	return NULL;
}

static void wait_for_the_stop(void *ctx)
{
	struct stopper *s = ctx;

	sem_post(&s->sampling);
	sem_wait(&s->stopped);
}

START_TEST(another_thread_stops_the_run_with_the_step_undone)
{
	struct bigram_state before;
	struct stopper s;
	pthread_t thread;
	struct rig r;

	rig_make(&r);
	r.policy.before_generate = wait_for_the_stop;
	r.policy.ctx = &s;
	rig_start(&r);
	s.trainer = r.trainer;
	ck_assert(!sem_init(&s.sampling, 0, 0) && !sem_init(&s.stopped, 0, 0));
	ck_assert_int_eq(
	    pthread_create(&thread, NULL, stop_while_it_samples, &s), 0);
	before = r.policy.s;
	refused(grpo_trainer_run(r.trainer), GRPO_ECANCELED,
		"stopped at step 0");
	pthread_join(thread, NULL);
	ck_assert_int_eq(r.policy.n_generated, 1);
	ck_assert_int_eq(r.policy.n_forwards, 0);
	ck_assert_mem_eq(&before, &r.policy.s, sizeof before);
	rig_free(&r);
}
END_TEST

/* A learner that is stopped after its second forward pass. */
static int forward_then_stop(void *self, const grpo_batch *batch,
			     int32_t weights, int keep, float *logp,
			     float *entropy)
{
	struct bigram *b = self;
	int rc = bigram_forward(self, batch, weights, keep, logp, entropy);

	if (b->n_forwards == 2)
		grpo_trainer_stop(to_stop);
	return rc;
}

static void start_and_stop_in_update(struct rig *r, grpo_learner_ops *ops)
{
	*ops = *r->learner.ops;
	ops->forward = forward_then_stop;
	r->learner.ops = ops;
	rig_start(r);
	to_stop = r->trainer;
}

START_TEST(a_stop_between_micro_batches_leaves_no_gradient)
{
	struct bigram_state before;
	grpo_learner_ops ops;
	struct rig r;

	rig_make(&r);
	r.config.tokens_per_micro_batch = 12;
	start_and_stop_in_update(&r, &ops);
	before = r.policy.s;
	ck_assert_int_eq(grpo_trainer_step(r.trainer), GRPO_ECANCELED);
	ck_assert_int_eq(r.policy.n_forwards, 2);
	ck_assert_int_eq(grpo_trainer_steps(r.trainer), 0);
	ck_assert_mem_eq(&before, &r.policy.s, sizeof before);
	ck_assert(!r.policy.dirty);
	rig_free(&r);
}
END_TEST

/* Once a batch has moved the weights it can't be undone: it is finished. */
START_TEST(a_stop_after_the_first_of_two_updates_waits_for_the_second)
{
	grpo_learner_ops ops;
	struct rig r;

	rig_make(&r);
	r.config.num_iterations = 2;
	start_and_stop_in_update(&r, &ops);
	ok(grpo_trainer_step(r.trainer));
	ck_assert_int_eq(grpo_trainer_steps(r.trainer), 2);
	ck_assert_int_eq(r.policy.n_steps, 2);
	ck_assert_int_eq(grpo_trainer_step(r.trainer), GRPO_ECANCELED);
	rig_free(&r);
}
END_TEST

/* ---------------------------------------------------------- every callback */

enum callback { COMPLETION, STEP, EVALUATION, CHECKPOINT };

struct answering {
	enum callback who;
	int answer, calls;
};

static int answer(void *ctx, enum callback who)
{
	struct answering *a = ctx;

	if (a->who != who)
		return 0;
	a->calls++;
	return a->answer;
}

static int answer_completion(void *ctx, const grpo_scored *c)
{
	ck_assert_uint_eq(c->struct_size, sizeof *c);
	return answer(ctx, COMPLETION);
}

static int answer_step(void *ctx, const grpo_report *report)
{
	ck_assert(isfinite(grpo_report_value(report, "reward")));
	ck_assert(isnan(grpo_report_value(report, "no such figure")));
	return answer(ctx, STEP);
}

static int answer_evaluation(void *ctx, const grpo_report *report)
{
	ck_assert(isfinite(grpo_report_value(report, "eval_reward")));
	return answer(ctx, EVALUATION);
}

static int answer_checkpoint(void *ctx, const grpo_checkpoint *saved)
{
	ck_assert_uint_eq(saved->struct_size, sizeof *saved);
	return answer(ctx, CHECKPOINT);
}

static void start_answering(struct rig *r, struct answering *a)
{
	rig_make(r);
	rig_output(r, "run");
	r->config.save_steps = 2;
	r->config.eval_steps = 2;
	r->callbacks.ctx = a;
	r->callbacks.on_completion = answer_completion;
	r->callbacks.on_step = answer_step;
	r->callbacks.on_evaluation = answer_evaluation;
	r->callbacks.on_checkpoint = answer_checkpoint;
	rig_start(r);
}

/* Where the run is when the callback is first called, and how often that was
 * by then. */
static const struct {
	int64_t steps_finished, steps_failed;
	int calls_finished, calls_failed;
} each[] = {[COMPLETION] = {1, 0, 16, 1},
	    [STEP] = {1, 1, 1, 1},
	    [EVALUATION] = {2, 2, 1, 1},
	    [CHECKPOINT] = {2, 2, 1, 1}};

START_TEST(each_callback_can_finish_the_run_after_its_step)
{
	struct answering a = {(enum callback)_i, 1, 0};
	struct rig r;

	start_answering(&r, &a);
	ok(grpo_trainer_run(r.trainer));
	ck_assert(grpo_trainer_done(r.trainer));
	ck_assert_int_eq(grpo_trainer_steps(r.trainer),
			 each[_i].steps_finished);
	ck_assert_int_eq(a.calls, each[_i].calls_finished);
	rig_free(&r);
}
END_TEST

START_TEST(the_code_of_each_callback_is_that_of_the_run)
{
	struct answering a = {(enum callback)_i, GRPO_ENOTFOUND, 0};
	struct rig r;

	start_answering(&r, &a);
	ck_assert_int_eq(grpo_trainer_run(r.trainer), GRPO_ENOTFOUND);
	ck_assert_int_eq(a.calls, each[_i].calls_failed);
	ck_assert_int_eq(grpo_trainer_steps(r.trainer), each[_i].steps_failed);
	ck_assert_int_eq(r.policy.n_steps, each[_i].steps_failed);
	rig_free(&r);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("trainer_stop");
	TCase *c = tcase_create("loop");

	tcase_add_checked_fixture(c, scratch_make, scratch_remove);
	tcase_add_test(c, a_signal_stops_the_run_with_the_step_undone);
	tcase_add_test(c, a_stopped_run_goes_on_to_the_same_end);
	tcase_add_test(c, a_callback_can_finish_the_run);
	tcase_add_test(c, a_callback_that_fails_ends_the_run_with_its_code);
	tcase_add_test(c, another_thread_stops_the_run_with_the_step_undone);
	tcase_add_test(c, a_stop_between_micro_batches_leaves_no_gradient);
	tcase_add_test(
	    c, a_stop_after_the_first_of_two_updates_waits_for_the_second);
	tcase_add_loop_test(c, each_callback_can_finish_the_run_after_its_step,
			    0, 4);
	tcase_add_loop_test(c, the_code_of_each_callback_is_that_of_the_run, 0,
			    4);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
