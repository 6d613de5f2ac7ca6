/* SPDX-License-Identifier: MIT */
/* What the trainer makes of what rewards say beside their numbers. */
#include "trainer_rig.h"
#include "tests/suite.h"

/* A trainer whose one reward says, for the four completions of each of eight
 * prompts, what `status` has (tests/plugins/missing.c). */
static void rig_statuses(struct rig *r, const int status[8])
{
	char text[512];
	int n = 0;

	rig_make_bare(r);
	for (int i = 0; i < 8; i++)
		n += snprintf(text + n, sizeof text - (size_t)n,
			      "{\"prompt\": \"a\", \"status\": %d}\n",
			      status[i]);
	grpo_dataset_free(r->dataset);
	ok(grpo_dataset_open(&r->dataset, scratch_text("rows.jsonl", text),
			     NULL));
	ok(grpo_reward_set_add(r->rewards, rig_plugin("missing"), 1, NULL));
	r->config.prompts_per_step = 8;
	r->config.max_steps = 3;
}

static int check_shares(void *ctx, const grpo_report *report)
{
	static const struct {
		const char *name;
		double share;
	} want[] = {{"rewards/missing/status/no_answer", 1.0 / 8},
		    {"rewards/missing/status/unparsable", 2.0 / 8},
		    {"rewards/missing/status/budget", 0},
		    {"rewards/missing/status/missing", 1.0 / 8},
		    {"rewards/missing/status/failed", 1.0 / 8}};

	for (size_t i = 0; i < sizeof want / sizeof *want; i++)
		ck_assert_double_eq(grpo_report_value(report, want[i].name),
				    want[i].share);
	++*(int *)ctx;
	return 0;
}

START_TEST(statuses_are_shown_as_shares_of_the_rows)
{
	struct rig r;
	int steps = 0;

	rig_statuses(&r, (const int[8]){0, 1, 2, 2, 64, 65, 0, 0});
	r.callbacks.ctx = &steps;
	r.callbacks.on_step = check_shares;
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	ck_assert_int_eq(steps, 3);
	rig_free(&r);
}
END_TEST

struct measured {
	double sum, own;  /* of lengths: by the metric, and of all rows */
	int steps, named; /* a figure that no row gives */
};

static int take_measures(void *ctx, const grpo_report *report)
{
	struct measured *m = ctx;

	m->sum += grpo_report_value(report, "rewards/measures/measure/length");
	m->named += !isnan(
	    grpo_report_value(report, "rewards/measures/measure/outside"));
	m->steps++;
	return 0;
}

static int add_length(void *ctx, const grpo_scored *s)
{
	struct measured *m = ctx;

	m->own += (double)s->completion.len / 16;
	return 0;
}

static void count_measure(void *ctx, int64_t row, int32_t k, const char *name,
			  double value)
{
	(void)row, (void)k, (void)value;
	*(int *)ctx += strcmp(name, "length") == 0;
}

START_TEST(what_a_reward_measures_is_shown_as_means_of_the_rows)
{
	struct measured m = {0};
	int heard = 0;
	struct rig r;

	rig_make_bare(&r);
	ok(grpo_reward_set_add(r.rewards, rig_plugin("measures"), 1, NULL));
	ok(grpo_reward_set_measure(r.rewards, count_measure, &heard));
	r.callbacks.ctx = &m;
	r.callbacks.on_step = take_measures;
	r.callbacks.on_completion = add_length;
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	ck_assert_int_eq(m.steps, 6);
	ck_assert_double_eq_tol(m.sum, m.own, 1e-9);
	ck_assert_double_gt(m.sum, 0);
	ck_assert_int_eq(m.named, 0);
	ck_assert_int_eq(heard, 6 * 16); /* who asked before still hears */
	rig_free(&r);
}
END_TEST

struct warnings {
	int n;
	char first[512], text[512]; /* text: the last */
};

static void take_warning(void *ctx, int level, const char *text)
{
	struct warnings *w = ctx;

	if (level != GRPO_LOG_WARN)
		return;
	if (w->n++ == 0)
		snprintf(w->first, sizeof w->first, "%s", text);
	snprintf(w->text, sizeof w->text, "%s", text);
}

/* The warnings of a run of three steps. */
static struct warnings warnings_of(const int status[8])
{
	struct warnings w = {0};
	struct rig r;

	rig_statuses(&r, status);
	rig_start(&r);
	grpo_log_set(take_warning, &w, GRPO_LOG_WARN);
	ok(grpo_trainer_run(r.trainer));
	grpo_log_set(NULL, NULL, 0);
	rig_free(&r);
	return w;
}

START_TEST(a_reward_that_most_rows_lack_is_told_once)
{
	struct warnings w =
	    warnings_of((const int[8]){64, 64, 64, 64, 64, 0, 1, 2});

	ck_assert_int_eq(w.n, 2);
	ck_assert_str_eq(w.text,
			 "step 1: of 32 completions, reward \"missing\" is "
			 "missing on 20 (it does not apply, or cannot read the "
			 "row's reference) and failed on 0; they are judged "
			 "without it");
}
END_TEST

START_TEST(a_verifier_that_fails_on_a_tenth_is_told_once)
{
	struct warnings w =
	    warnings_of((const int[8]){65, 64, 0, 0, 0, 0, 0, 0});

	ck_assert_int_eq(w.n, 2);
	ck_assert_ptr_nonnull(strstr(w.text, "missing on 4 ("));
	ck_assert_ptr_nonnull(strstr(w.text, "failed on 4;"));
}
END_TEST

START_TEST(rows_without_a_usable_reference_are_told_before_the_run)
{
	struct warnings w =
	    warnings_of((const int[8]){64, 0, 64, 0, 1, 2, 3, 64});

	ck_assert_int_eq(w.n, 1);
	ck_assert_ptr_nonnull(strstr(
	    w.text, "reward \"missing\" has no reference that it can use on 3 "
		    "of 8 rows that were looked at ("));
	ck_assert_ptr_nonnull(strstr(w.text, "rows.jsonl:1, :3, :8); "));
}
END_TEST

START_TEST(of_many_rows_without_a_reference_the_first_are_named)
{
	struct warnings w =
	    warnings_of((const int[8]){0, 64, 64, 64, 64, 0, 0, 0});

	ck_assert_ptr_nonnull(strstr(w.first, "rows.jsonl:2, :3, :4, …); "));
}
END_TEST

START_TEST(no_warning_if_every_reference_is_usable)
{
	struct warnings w = warnings_of((const int[8]){0, 0, 0, 0, 1, 2, 3, 0});

	ck_assert_int_eq(w.n, 0);
}
END_TEST

/* A rig whose dataset has one row, with this column. */
static void rig_hangs(struct rig *r, const char *column)
{
	char text[128];

	rig_make(r);
	grpo_dataset_free(r->dataset);
	snprintf(text, sizeof text, "{\"prompt\": \"a\", \"%s\": 1}\n", column);
	ok(grpo_dataset_open(&r->dataset, scratch_text("train.jsonl", text),
			     NULL));
	ok(grpo_reward_set_add(r->rewards, rig_plugin("hangs"), 1, NULL));
	r->config.prompts_per_step = 1;
	r->config.reward_timeout_s = 0.1;
	rig_start(r);
}

START_TEST(a_reward_that_hangs_ends_the_run_and_not_the_process)
{
	struct rig r;

	rig_hangs(&r, "hang");
	refused(grpo_trainer_run(r.trainer), GRPO_EREWARD,
		"step 1: reward \"hangs\" was abandoned on row ");
	refused(grpo_trainer_run(r.trainer), GRPO_EREWARD,
		"step 1: the reward set cannot be used again: ");
	rig_free(&r);
}
END_TEST

START_TEST(a_reward_that_hangs_on_the_rows_themselves_ends_the_run_too)
{
	struct rig r;

	rig_hangs(&r, "hang_always");
	refused(grpo_trainer_run(r.trainer), GRPO_EREWARD,
		"reward \"hangs\" was abandoned on row 0 ");
	rig_free(&r);
}
END_TEST

START_TEST(the_time_limit_is_an_hour_unless_the_configuration_says)
{
	grpo_config *c;
	struct rig r;

	rig_make(&r);
	ok(grpo_config_create(&c));
	ok(grpo_config_add_trainer(c, &r.config));
	ck_assert_double_eq(r.config.reward_timeout_s, 3600);
	ok(grpo_config_set(c, "reward_timeout_s=90.5"));
	ck_assert_double_eq(r.config.reward_timeout_s, 90.5);
	refused(grpo_config_set(c, "reward_timeout_s=-1"), GRPO_EFORMAT,
		"reward_timeout_s");
	grpo_config_free(c);
	rig_free(&r);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("trainer_rewards");
	TCase *c = tcase_create("trainer_rewards");

	tcase_add_checked_fixture(c, scratch_make, scratch_remove);
	tcase_add_test(c, statuses_are_shown_as_shares_of_the_rows);
	tcase_add_test(c, what_a_reward_measures_is_shown_as_means_of_the_rows);
	tcase_add_test(c, a_reward_that_most_rows_lack_is_told_once);
	tcase_add_test(c, a_verifier_that_fails_on_a_tenth_is_told_once);
	tcase_add_test(c,
		       rows_without_a_usable_reference_are_told_before_the_run);
	tcase_add_test(c, of_many_rows_without_a_reference_the_first_are_named);
	tcase_add_test(c, no_warning_if_every_reference_is_usable);
	tcase_add_test(c, a_reward_that_hangs_ends_the_run_and_not_the_process);
	tcase_add_test(
	    c, a_reward_that_hangs_on_the_rows_themselves_ends_the_run_too);
	tcase_add_test(c,
		       the_time_limit_is_an_hour_unless_the_configuration_says);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
