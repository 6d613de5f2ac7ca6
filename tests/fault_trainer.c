/* SPDX-License-Identifier: MIT */
/* lib/train under faults: whole runs, saves, resumes and evaluations around
 * the policy of tests/bigram.h.  The parts are made without faults. */
#include "tests/fault.h"
#include "trainer_rig.h"
#include "tests/suite.h"

static struct rig rig;

/* A small run that has one of everything. */
static void make(void)
{
	rig_make(&rig);
	rig_output(&rig, "run");
	rig.config.max_steps = 2;
	rig.config.prompts_per_step = 2;
	rig.config.num_generations = 2;
	rig.config.max_completion_length = 4;
	rig.config.beta = 0.1;
	rig.config.save_steps = 1;
	rig.config.save_total_limit = 1;
	rig.config.eval_steps = 2;
	rig.config.num_generations_eval = 1;
	rig.config.samples_per_step = 1;
	rig_parts(&rig);
}

static void unmake(int rc)
{
	(void)rc;
	rig_free(&rig);
	memset(&rig, 0, sizeof rig);
	ok(grpo__remove_folder(scratch_path("run")));
}

static int create(void)
{
	int rc;

	rig.trainer = (grpo_trainer *)&rig;
	rc = grpo_trainer_create(&rig.trainer, &rig.config, &rig.parts, NULL);
	if (rc < 0 && rig.trainer) {
		rig.trainer = NULL;
		return FAULT_WRONG;
	}
	return rc;
}

static void end(void)
{
	grpo_trainer_free(rig.trainer);
	rig.trainer = NULL;
}

/* ---------------------------------------------------------------- create */

static void make_with_long_prompts(void)
{
	make();
	rig.config.overlong_prompts = GRPO_OVERLONG_DROP;
	rig.policy.positions = 11;
}

static int create_work(void)
{
	int rc = create();

	if (rc == 0)
		end();
	return rc;
}

START_TEST(leaving_rows_out_survives_every_fault)
{
	static const struct fault_scenario s = {
	    .name = "trainer create, long prompts",
	    .before = make_with_long_prompts,
	    .work = create_work,
	    .after = unmake,
	    .path = scratch_folder};

	fault_sweep(&s);
}
END_TEST

/* ------------------------------------------------------------------- run */

static int run_work(void)
{
	int rc = 0;

	GRPO_TRY(create());
	GRPO_TRY(grpo_trainer_run(rig.trainer));
	rc = grpo_trainer_steps(rig.trainer) == 2 ? 0 : FAULT_WRONG;
out:
	end();
	return rc;
}

/* Whatever is left in the folder, a new process comes to the end from it. */
static void run_again(int rc)
{
	rig_free(&rig);
	make();
	rig_start(&rig);
	rc = grpo_trainer_resume(rig.trainer, NULL);
	ck_assert(rc == 0 || rc == GRPO_ENOTFOUND);
	ok(grpo_trainer_run(rig.trainer));
	unmake(rc);
}

START_TEST(a_run_survives_every_fault)
{
	static const struct fault_scenario s = {.name = "trainer run",
						.before = make,
						.work = run_work,
						.after = run_again,
						.warns = 1,
						.path = scratch_folder,
						.other = GRPO_EREWARD,
						.threads = 1};

	fault_sweep(&s);
}
END_TEST

/* ------------------------------------------------------------------ step */

/* A step that fails is undone, or done where only its report failed: going on
 * gives the run without the fault, bit for bit. */
static struct bigram_state without_fault;

static void make_to_step(void)
{
	make();
	rig.config.output_dir = NULL;
	rig.config.eval_steps = 0;
}

static void make_started(void)
{
	make_to_step();
	rig_start(&rig);
}

/* So long that the pass for the KL makes the arena grow. */
static void make_started_with_kl_in_the_reward(void)
{
	make_to_step();
	rig.config.kl_in_reward = 1;
	rig.config.kl_estimator = GRPO_KL_K1;
	rig.config.max_completion_length = 600;
	for (int v = 0; v < BIGRAM_V; v++) /* nothing ends one earlier */
		rig.policy.s.w[v][BIGRAM_END] = -100;
	rig_start(&rig);
}

static int step_work(void)
{
	return grpo_trainer_step(rig.trainer);
}

static void step_again(int rc)
{
	ck_assert(rc < 0 || grpo_trainer_steps(rig.trainer) == 1);
	ok(grpo_trainer_run(rig.trainer));
	ck_assert_mem_eq(&rig.policy.s, &without_fault, sizeof without_fault);
	unmake(rc);
}

static void sweep_step(const struct fault_scenario *s)
{
	s->before();
	ok(grpo_trainer_run(rig.trainer));
	without_fault = rig.policy.s;
	unmake(0);
	fault_sweep(s);
}

START_TEST(a_step_that_fails_can_be_tried_again)
{
	static const struct fault_scenario s = {.name = "trainer step",
						.before = make_started,
						.work = step_work,
						.after = step_again,
						.path = scratch_folder,
						.other = GRPO_EREWARD,
						.threads = 1};

	sweep_step(&s);
}
END_TEST

START_TEST(a_step_with_kl_in_the_reward_can_be_tried_again)
{
	static const struct fault_scenario s = {
	    .name = "trainer step, KL in the reward",
	    .before = make_started_with_kl_in_the_reward,
	    .work = step_work,
	    .after = step_again,
	    .path = scratch_folder,
	    .other = GRPO_EREWARD,
	    .threads = 1};

	sweep_step(&s);
}
END_TEST

/* ----------------------------------------------------------------- alarm */

/* Nine batches in which nobody earns anything; the tenth rings. */
static void make_alarmed(void)
{
	rig_make_bare(&rig);
	rig_add_reward(&rig, "z", 1);
	rig_output(&rig, "run");
	rig.config.prompts_per_step = 2;
	rig.config.num_generations = 2;
	rig.config.max_completion_length = 4;
	rig.config.max_steps = 20;
	rig_parts(&rig);
	rig_start(&rig);
	for (int i = 0; i < 9; i++)
		ok(grpo_trainer_step(rig.trainer));
}

START_TEST(an_alarm_survives_every_fault)
{
	static const struct fault_scenario s = {.name = "trainer alarm",
						.before = make_alarmed,
						.work = step_work,
						.after = unmake,
						.warns = 1,
						.path = scratch_folder,
						.other = GRPO_EREWARD,
						.threads = 1};

	fault_sweep(&s);
}
END_TEST

/* ------------------------------------------------------------------ save */

/* After step 1, which is saved, and step 2. */
static void make_two_steps(void)
{
	make();
	rig.config.save_steps = 0;
	rig.config.max_steps = 3;
	rig_start(&rig);
	ok(grpo_trainer_step(rig.trainer));
	ok(grpo_trainer_save(rig.trainer));
	ok(grpo_trainer_step(rig.trainer));
}

static void make_saved(void)
{
	make_two_steps();
	ok(grpo_trainer_save(rig.trainer));
}

static int save_work(void)
{
	return grpo_trainer_save(rig.trainer);
}

/* Another process finds a checkpoint of at least `least` steps. */
static void go_on(int rc, int64_t least)
{
	rig_free(&rig);
	make();
	rig.config.max_steps = 3;
	rig_start(&rig);
	ok(grpo_trainer_resume(rig.trainer, NULL));
	ck_assert_int_ge(grpo_trainer_steps(rig.trainer), rc < 0 ? least : 2);
	ok(grpo_trainer_run(rig.trainer));
	unmake(rc);
}

static void go_on_from_one(int rc)
{
	go_on(rc, 1);
}

static void go_on_from_two(int rc)
{
	go_on(rc, 2);
}

START_TEST(a_save_that_fails_anywhere_leaves_a_run_to_resume)
{
	static const struct fault_scenario s = {.name = "trainer save",
						.before = make_two_steps,
						.work = save_work,
						.after = go_on_from_one,
						.warns = 1,
						.path = scratch_folder};

	fault_sweep(&s);
}
END_TEST

START_TEST(a_checkpoint_that_is_written_again_is_never_lost)
{
	static const struct fault_scenario s = {.name = "trainer save again",
						.before = make_saved,
						.work = save_work,
						.after = go_on_from_two,
						.warns = 1,
						.path = scratch_folder};

	fault_sweep(&s);
}
END_TEST

/* ---------------------------------------------------------------- resume */

static void make_to_resume(void)
{
	make_saved();
	rig_free(&rig);
	make();
	rig.config.max_steps = 3;
}

static int resume_work(void)
{
	int rc = 0;

	GRPO_TRY(create());
	GRPO_TRY(grpo_trainer_resume(rig.trainer, NULL));
	rc = grpo_trainer_steps(rig.trainer) == 2 ? 0 : FAULT_WRONG;
out:
	return rc;
}

/* What failed can be tried again. */
static void resume_again(int rc)
{
	end();
	go_on(rc, 2);
}

START_TEST(a_resume_survives_every_fault)
{
	static const struct fault_scenario s = {.name = "trainer resume",
						.before = make_to_resume,
						.work = resume_work,
						.after = resume_again,
						.path = scratch_folder};

	fault_sweep(&s);
}
END_TEST

/* -------------------------------------------------------------- evaluate */

static int evaluate_work(void)
{
	grpo_evaluation e = {.struct_size = sizeof e, .n_prompts = 77};
	grpo_evaluation_options o;
	int rc = grpo_evaluation_options_init(&o);

	o.continuation = "ab";
	if (rc == 0)
		rc = grpo_trainer_evaluate(rig.trainer, &e, &o);
	if (rc < 0)
		return e.n_prompts == 77 ? rc : FAULT_WRONG;
	rc = e.n_prompts == 5 ? 0 : FAULT_WRONG;
	grpo_evaluation_dispose(&e);
	return rc;
}

START_TEST(an_evaluation_survives_every_fault)
{
	static const struct fault_scenario s = {.name = "trainer evaluate",
						.before = make_started,
						.work = evaluate_work,
						.after = unmake,
						.path = scratch_folder,
						.other = GRPO_EREWARD,
						.threads = 1};

	fault_sweep(&s);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("trainer faults");
	TCase *tc = tcase_create("faults");

	tcase_set_timeout(tc, 300);
	tcase_add_checked_fixture(tc, scratch_make_in_memory, scratch_remove);
	tcase_add_test(tc, leaving_rows_out_survives_every_fault);
	tcase_add_test(tc, a_run_survives_every_fault);
	tcase_add_test(tc, a_step_that_fails_can_be_tried_again);
	tcase_add_test(tc, a_step_with_kl_in_the_reward_can_be_tried_again);
	tcase_add_test(tc, an_alarm_survives_every_fault);
	tcase_add_test(tc, a_save_that_fails_anywhere_leaves_a_run_to_resume);
	tcase_add_test(tc, a_checkpoint_that_is_written_again_is_never_lost);
	tcase_add_test(tc, a_resume_survives_every_fault);
	tcase_add_test(tc, an_evaluation_survives_every_fault);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
