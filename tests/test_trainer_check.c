/* SPDX-License-Identifier: MIT */
/* What is wrong with the rows is found before anything is sampled. */
#include "trainer_rig.h"
#include "tests/suite.h"

/* Step, run, evaluation and the check itself refuse it, and nothing has been
 * sampled. */
static void expect_refused(struct rig *r, int code, const char *text)
{
	grpo_evaluation e = {.struct_size = sizeof e};

	rig_start(r);
	refused(grpo_trainer_check(r->trainer), code, text);
	refused(grpo_trainer_evaluate(r->trainer, &e, NULL), code, text);
	refused(grpo_trainer_step(r->trainer), code, text);
	refused(grpo_trainer_run(r->trainer), code, text);
	ck_assert_int_eq(r->policy.n_generated, 0);
	rig_free(r);
}

#define ROW(answer) "{\"prompt\": \"a\", \"answer\": " answer "}\n"
#define FOUR ROW("1") ROW("2") ROW("3") ROW("4")

START_TEST(a_row_that_makes_no_prompt_is_named_before_the_first_step)
{
	struct rig r;

	rig_make(&r);
	rig_dataset(&r, "rows.jsonl", FOUR "{\"prompt\": \"\"}\n");
	expect_refused(&r, GRPO_EFORMAT, "rows.jsonl:5: the prompt is empty");
	rig_make(&r);
	rig_dataset(&r, "rows.jsonl",
		    FOUR
		    "{\"prompt\": [{\"role\": \"user\", \"content\": \"a\"},"
		    " {\"role\": \"user\", \"content\": \"b\"}]}\n");
	expect_refused(&r, GRPO_EINVAL,
		       "rows.jsonl:5: plain takes one user message");
}
END_TEST

START_TEST(held_out_rows_are_looked_at_too)
{
	struct rig r;

	rig_make(&r);
	grpo_dataset_free(r.held_out);
	ok(grpo_dataset_open(
	    &r.held_out,
	    scratch_text("held_out.jsonl", ROW("1") "{\"prompt\": \"\"}\n"),
	    NULL));
	expect_refused(&r, GRPO_EFORMAT,
		       "held_out.jsonl:2: the prompt is empty");
}
END_TEST

START_TEST(a_prompt_that_leaves_no_room_for_a_completion_is_named)
{
	struct rig r;

	rig_make(&r); /* the longest of 12 prompts has 12 tokens */
	r.policy.positions = 19;
	expect_refused(&r, GRPO_EFORMAT,
		       "train.jsonl:12: the prompt has 12 tokens; with "
		       "\"max_completion_length\" = 8 that is more than the "
		       "model's 19 positions: set \"max_completion_length\" "
		       "to at most 7, or leave the row out");
	rig_make(&r);
	r.policy.positions = 10;
	r.config.max_completion_length = 1;
	expect_refused(&r, GRPO_EFORMAT,
		       "train.jsonl:10: the prompt has 10 tokens");
}
END_TEST

START_TEST(a_prompt_that_just_fits_is_trained_on)
{
	struct rig r;

	rig_make(&r);
	r.policy.positions = 20;
	rig_start(&r);
	ok(grpo_trainer_check(r.trainer));
	ok(grpo_trainer_run(r.trainer));
	rig_free(&r);
}
END_TEST

START_TEST(what_an_evaluation_adds_to_a_prompt_counts_too)
{
	grpo_evaluation e = {.struct_size = sizeof e};
	grpo_evaluation_options o;
	struct rig r;

	rig_make(&r);
	r.policy.positions = 20;
	rig_start(&r);
	ok(grpo_evaluation_options_init(&o));
	o.continuation = "aaaaaaaaaa";
	refused(grpo_trainer_evaluate(r.trainer, &e, &o), GRPO_EFORMAT,
		"held_out.jsonl:3: the prompt has 13 tokens");
	rig_free(&r);
}
END_TEST

START_TEST(a_check_can_be_stopped)
{
	struct rig r;

	rig_make(&r);
	rig_start(&r);
	grpo_trainer_stop(r.trainer);
	refused(grpo_trainer_check(r.trainer), GRPO_ECANCELED, "stopped");
	grpo_trainer_unstop(r.trainer);
	ok(grpo_trainer_check(r.trainer));
	rig_free(&r);
}
END_TEST

/* ---------------------------------------------------------------- rewards */

static void rig_reward(struct rig *r, const char *name, const char *lines)
{
	rig_make_bare(r);
	rig_dataset(r, "rows.jsonl", lines);
	grpo_dataset_free(r->held_out);
	r->held_out = NULL;
	ok(grpo_reward_set_add(r->rewards, rig_plugin(name), 1, NULL));
	r->config.prompts_per_step = 1;
}

static void expect_reward_refused(struct rig *r, const char *text)
{
	rig_start(r);
	refused(grpo_trainer_check(r->trainer), GRPO_EFORMAT, text);
	refused(grpo_trainer_run(r->trainer), GRPO_EFORMAT, text);
	ck_assert_int_eq(r->policy.n_generated, 0);
	rig_free(r);
}

#define OTHERS "{\"prompt\": \"a\", \"level\": 2, \"solution\": \"7\"}\n"

START_TEST(a_reward_that_lacks_its_column_everywhere_is_refused)
{
	struct rig r;

	rig_reward(&r, "lacks", OTHERS OTHERS);
	expect_reward_refused(
	    &r,
	    "rows.jsonl: reward \"lacks\" can judge none of the 2 rows "
	    "that were looked at: column \"answer\" is missing, and the rows "
	    "have \"level\", \"solution\"; add \"answer\": "
	    "\"solution\" to \"column_map\"");
}
END_TEST

START_TEST(where_no_column_will_do_none_is_suggested)
{
	struct rig r;

	rig_reward(&r, "lacks", "{\"prompt\": \"a\", \"level\": 2}\n");
	expect_reward_refused(&r,
			      "column \"answer\" is missing, and the rows have "
			      "\"level\"; say which one it is in "
			      "\"column_map\": {\"answer\": \"…\"}");
}
END_TEST

START_TEST(a_reward_that_says_nothing_of_columns_is_refused_all_the_same)
{
	struct rig r;

	rig_reward(&r, "missing", "{\"prompt\": \"a\", \"status\": 64}\n");
	expect_reward_refused(&r, "reward \"missing\" can judge none of the 1 "
				  "rows that were looked at: look at what it "
				  "needs of a row; these have the columns "
				  "\"status\"");
}
END_TEST

static void take_warning(void *ctx, int level, const char *text)
{
	if (level == GRPO_LOG_WARN)
		snprintf(ctx, 1024, "%s", text);
}

START_TEST(rows_that_lack_a_column_are_told_with_its_name)
{
	char warning[1024] = "";
	struct rig r;

	rig_reward(&r, "lacks", ROW("\"7\"") OTHERS ROW("\"7\""));
	rig_start(&r);
	grpo_log_set(take_warning, warning, GRPO_LOG_WARN);
	ok(grpo_trainer_check(r.trainer));
	grpo_log_set(NULL, NULL, 0);
	ck_assert_ptr_nonnull(
	    strstr(warning, "reward \"lacks\" has no reference that it can "
			    "use on 1 of 3 rows that were looked at ("));
	ck_assert_ptr_nonnull(
	    strstr(warning, "rows.jsonl:2): column \"answer\" is missing; "));
	rig_free(&r);
}
END_TEST

START_TEST(a_reward_that_skips_empty_answers_is_no_mistake)
{
	struct rig r;

	rig_reward(&r, "skips_empty", FOUR);
	rig_start(&r);
	ok(grpo_trainer_check(r.trainer));
	rig_free(&r);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("trainer_check");
	TCase *c = tcase_create("rows");

	tcase_add_checked_fixture(c, scratch_make, scratch_remove);
	tcase_add_test(
	    c, a_row_that_makes_no_prompt_is_named_before_the_first_step);
	tcase_add_test(c, held_out_rows_are_looked_at_too);
	tcase_add_test(c,
		       a_prompt_that_leaves_no_room_for_a_completion_is_named);
	tcase_add_test(c, a_prompt_that_just_fits_is_trained_on);
	tcase_add_test(c, what_an_evaluation_adds_to_a_prompt_counts_too);
	tcase_add_test(c, a_check_can_be_stopped);
	tcase_add_test(c, a_reward_that_lacks_its_column_everywhere_is_refused);
	tcase_add_test(c, where_no_column_will_do_none_is_suggested);
	tcase_add_test(
	    c, a_reward_that_says_nothing_of_columns_is_refused_all_the_same);
	tcase_add_test(c, rows_that_lack_a_column_are_told_with_its_name);
	tcase_add_test(c, a_reward_that_skips_empty_answers_is_no_mistake);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
