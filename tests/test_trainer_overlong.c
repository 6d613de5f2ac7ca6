/* SPDX-License-Identifier: MIT */
/* Prompts that are too long: an error before anything is sampled, or left out
 * and counted. */
#include "trainer_rig.h"
#include "tests/suite.h"

/* The longest of 12 prompts has 12 tokens, and completions have 8. */
#define ALL_BUT_ONE 19
#define ALL 20

static char warnings[2048];

static void take_warning(void *ctx, int level, const char *text)
{
	(void)ctx;
	if (level == GRPO_LOG_WARN)
		snprintf(warnings + strlen(warnings),
			 sizeof warnings - strlen(warnings), "%s\n", text);
}

static void make(struct rig *r, int64_t positions)
{
	rig_make(r);
	r->policy.positions = positions;
	r->config.overlong_prompts = GRPO_OVERLONG_DROP;
}

static void start(struct rig *r)
{
	warnings[0] = '\0';
	grpo_log_set(take_warning, NULL, GRPO_LOG_WARN);
	rig_start(r);
	grpo_log_set(NULL, NULL, 0);
}

static void refused_at_create(struct rig *r, int code, const char *text)
{
	rig_parts(r);
	refused(grpo_trainer_create(&r->trainer, &r->config, &r->parts, NULL),
		code, text);
	rig_free(r);
}

static int take_dropped(void *ctx, const grpo_report *report)
{
	*(double *)ctx = grpo_report_value(report, "prompts/dropped");
	return 0;
}

START_TEST(rows_that_are_left_out_are_told_and_counted)
{
	grpo_sizes s = {.struct_size = sizeof s};
	double dropped = -1;
	struct rig r;

	make(&r, 15); /* prompts of 8 to 12 tokens do not fit */
	r.callbacks.on_step = take_dropped;
	r.callbacks.ctx = &dropped;
	start(&r);
	ck_assert_ptr_nonnull(
	    strstr(warnings, "train.jsonl: 5 of 12 rows are left out, because "
			     "their prompts are too long: lines 8, 9, 10, 11, "
			     "12\n"));
	ok(grpo_trainer_sizes(r.trainer, &s));
	ck_assert_int_eq(s.rows, 7);
	ck_assert_int_eq(s.rows_dropped, 5);
	ck_assert_double_eq(s.batches_per_epoch, 7.0 / 4);
	ok(grpo_trainer_run(r.trainer));
	ck_assert_double_eq(dropped, 5);
	rig_free(&r);
}
END_TEST

START_TEST(the_run_is_that_of_a_file_without_these_rows)
{
	struct bigram dropped;
	struct rig r;

	make(&r, ALL_BUT_ONE);
	r.config.max_steps = 9; /* three epochs */
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	dropped = r.policy;
	rig_free(&r);
	rig_make(&r);
	rig_write_dataset("shorter.jsonl", RIG_PROMPTS - 1);
	grpo_dataset_free(r.dataset);
	ok(grpo_dataset_open(&r.dataset, scratch_path("shorter.jsonl"), NULL));
	r.config.max_steps = 9;
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	ck_assert_mem_eq(&dropped.s, &r.policy.s, sizeof dropped.s);
	rig_free(&r);
}
END_TEST

START_TEST(where_all_fit_nothing_changes)
{
	struct bigram whole;
	struct rig r;

	rig_run_whole(&whole, 1);
	make(&r, ALL);
	start(&r);
	ck_assert_str_eq(warnings, "");
	ok(grpo_trainer_run(r.trainer));
	ck_assert_mem_eq(&whole.s, &r.policy.s, sizeof whole.s);
	rig_free(&r);
}
END_TEST

START_TEST(held_out_rows_are_left_out_too)
{
	grpo_evaluation e = {.struct_size = sizeof e};
	struct rig r;

	make(&r, 11); /* five held-out prompts of 1 to 5 tokens */
	r.config.prompts_per_step = 3;
	start(&r);
	ck_assert_ptr_nonnull(strstr(warnings, "held_out.jsonl: 2 of 5 rows"));
	ok(grpo_trainer_evaluate(r.trainer, &e, NULL));
	ck_assert_int_eq(e.n_prompts, 3);
	grpo_evaluation_dispose(&e);
	rig_free(&r);
}
END_TEST

START_TEST(a_row_without_a_prompt_is_an_error_all_the_same)
{
	struct rig r;

	make(&r, ALL);
	rig_dataset(&r, "rows.jsonl",
		    "{\"prompt\": \"a\"}\n{\"prompt\": \"\"}\n");
	refused_at_create(&r, GRPO_EFORMAT,
			  "rows.jsonl:2: the prompt is empty");
}
END_TEST

START_TEST(too_few_rows_that_fit_are_refused)
{
	struct rig r;

	make(&r, 11);
	r.config.prompts_per_step = 5;
	refused_at_create(&r, GRPO_EINVAL,
			  "train.jsonl has 3 rows that fit, fewer than "
			  "\"prompts_per_step\" = 5");
	make(&r, 8);
	refused_at_create(&r, GRPO_EFORMAT,
			  "train.jsonl: the prompts of all 12 rows are too "
			  "long");
}
END_TEST

START_TEST(a_limit_of_ones_own_is_named)
{
	grpo_sizes s = {.struct_size = sizeof s};
	struct rig r;

	rig_make(&r);
	r.config.max_prompt_length = 11;
	rig_start(&r);
	refused(grpo_trainer_step(r.trainer), GRPO_EFORMAT,
		"train.jsonl:12: the prompt has 12 tokens, more than "
		"\"max_prompt_length\" = 11: shorten it, or leave the row out "
		"(\"overlong_prompts\": \"drop\")");
	ck_assert_int_eq(r.policy.n_generated, 0);
	rig_free(&r);
	make(&r, 0);
	r.config.max_prompt_length = 9;
	rig_start(&r);
	ok(grpo_trainer_sizes(r.trainer, &s));
	ck_assert_int_eq(s.rows_dropped, 3);
	ok(grpo_trainer_step(r.trainer));
	rig_free(&r);
}
END_TEST

static void save_one(void)
{
	struct rig r;

	make(&r, ALL_BUT_ONE);
	rig_output(&r, "run");
	rig_start(&r);
	ok(grpo_trainer_step(r.trainer));
	ok(grpo_trainer_save(r.trainer));
	rig_free(&r);
}

START_TEST(a_resume_that_leaves_out_other_rows_is_refused)
{
	struct rig r;

	save_one();
	make(&r, ALL);
	rig_output(&r, "run");
	rig_start(&r);
	refused(grpo_trainer_resume(r.trainer, NULL), GRPO_EINVAL,
		"\"dataset.dropped\" was 1 and is now 0");
	rig_free(&r);
}
END_TEST

START_TEST(a_resumed_run_measures_its_prompts_too)
{
	struct rig r;

	rig_make(&r);
	rig_output(&r, "run");
	rig_start(&r);
	ok(grpo_trainer_step(r.trainer));
	ok(grpo_trainer_save(r.trainer));
	rig_free(&r);
	rig_make(&r);
	rig_output(&r, "run");
	r.policy.positions = ALL_BUT_ONE;
	rig_start(&r);
	ok(grpo_trainer_resume(r.trainer, NULL));
	refused(grpo_trainer_step(r.trainer), GRPO_EFORMAT, "train.jsonl:12: ");
	ck_assert_int_eq(r.policy.n_generated, 0);
	rig_free(&r);
}
END_TEST

/* The plug-in lacks the column "answer" in every row. */
START_TEST(rewards_are_not_asked_where_that_is_switched_off)
{
	struct rig r;

	rig_make_bare(&r);
	rig_dataset(&r, "rows.jsonl", "{\"prompt\": \"a\"}\n");
	ok(grpo_reward_set_add(r.rewards, rig_plugin("lacks"), 1, NULL));
	r.config.prompts_per_step = 1;
	rig_start(&r);
	refused(grpo_trainer_check(r.trainer), GRPO_EFORMAT,
		"can judge none of the 1 rows");
	grpo_trainer_free(r.trainer);
	r.config.check_references = 0;
	rig_start(&r);
	ok(grpo_trainer_check(r.trainer));
	rig_free(&r);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("trainer_overlong");
	TCase *c = tcase_create("overlong");

	tcase_add_checked_fixture(c, scratch_make, scratch_remove);
	tcase_add_test(c, rows_that_are_left_out_are_told_and_counted);
	tcase_add_test(c, the_run_is_that_of_a_file_without_these_rows);
	tcase_add_test(c, where_all_fit_nothing_changes);
	tcase_add_test(c, held_out_rows_are_left_out_too);
	tcase_add_test(c, a_row_without_a_prompt_is_an_error_all_the_same);
	tcase_add_test(c, too_few_rows_that_fit_are_refused);
	tcase_add_test(c, a_limit_of_ones_own_is_named);
	tcase_add_test(c, a_resume_that_leaves_out_other_rows_is_refused);
	tcase_add_test(c, a_resumed_run_measures_its_prompts_too);
	tcase_add_test(c, rewards_are_not_asked_where_that_is_switched_off);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
