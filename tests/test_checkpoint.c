/* SPDX-License-Identifier: MIT */
/* Checkpoints: the same run bit for bit, and never half of one. */
#include "trainer_rig.h"
#include "tests/suite.h"

#include <cjson/cJSON.h>
#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* A line of metrics without what a clock measured. */
static char *without_times(const char *lines)
{
	grpo__buf out = {0};
	const char *line = lines;

	while (*line) {
		size_t len = strcspn(line, "\n");
		cJSON *o = cJSON_ParseWithLength(line, len), *m, *next;
		char *text;

		ck_assert_ptr_nonnull(o);
		for (m = o->child; m; m = next) {
			next = m->next;
			if (strstr(m->string, "time") ||
			    strstr(m->string, "second"))
				cJSON_Delete(cJSON_DetachItemViaPointer(o, m));
		}
		text = cJSON_PrintUnformatted(o);
		ok(grpo__buf_printf(&out, "%s\n", text));
		cJSON_free(text);
		cJSON_Delete(o);
		line += len + (line[len] == '\n');
	}
	return out.data;
}

static void assert_same_files(const char *a, const char *b)
{
	char *ma = rig_read(a, "metrics.jsonl");
	char *mb = rig_read(b, "metrics.jsonl");
	char *sa = rig_read(a, "samples.jsonl");
	char *sb = rig_read(b, "samples.jsonl");
	char *ta = without_times(ma), *tb = without_times(mb);

	ck_assert_str_eq(ta, tb);
	ck_assert_str_eq(sa, sb);
	free(ma);
	free(mb);
	free(sa);
	free(sb);
	free(ta);
	free(tb);
}

static void make_run(struct rig *r, const char *name)
{
	rig_make(r);
	rig_add_reward(r, "d", 0.25);
	rig_output(r, name);
	r->config.max_steps = 10;
	r->config.eval_steps = 3;
	r->config.beta = 0.01;
	r->config.lr_scheduler_type = GRPO_LR_COSINE;
}

/* Steps in names under folder/checkpoints; -1 for any other entry. */
static int list_steps(const char *folder, long steps[32])
{
	char path[600];
	struct dirent *e;
	DIR *dir;
	int n = 0;

	snprintf(path, sizeof path, "%s/checkpoints", folder);
	dir = opendir(path);
	while (dir && (e = readdir(dir)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			steps[n++] = strncmp(e->d_name, "step-", 5)
					 ? -1
					 : strtol(e->d_name + 5, NULL, 10);
	if (dir)
		closedir(dir);
	return n;
}

/* --------------------------------------------------------- bit for bit */

static void run_whole(struct bigram *out, const char *name, int iterations)
{
	struct rig r;

	make_run(&r, name);
	r.config.num_iterations = iterations;
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	*out = r.policy;
	rig_free(&r);
}

static void run_in_two(struct bigram *out, const char *name, int iterations)
{
	struct rig r;

	make_run(&r, name);
	r.config.num_iterations = iterations;
	r.config.save_steps = 4;
	rig_start(&r);
	while (grpo_trainer_steps(r.trainer) < 8 - iterations)
		ok(grpo_trainer_step(r.trainer));
	rig_free(&r);

	make_run(&r, name);
	r.config.num_iterations = iterations;
	rig_start(&r);
	ok(grpo_trainer_resume(r.trainer, NULL));
	ck_assert_int_ge(grpo_trainer_steps(r.trainer), 4);
	ck_assert_int_le(grpo_trainer_steps(r.trainer), 6);
	ok(grpo_trainer_run(r.trainer));
	*out = r.policy;
	rig_free(&r);
}

START_TEST(a_resumed_run_is_the_same_bit_for_bit)
{
	struct bigram whole, two;
	char a[512];

	run_whole(&whole, "whole", _i);
	run_in_two(&two, "two", _i);
	ck_assert_mem_eq(&whole.s, &two.s, sizeof whole.s);
	snprintf(a, sizeof a, "%s", scratch_path("whole"));
	assert_same_files(a, scratch_path("two"));
}
END_TEST

static void stop_in_fourth(void *ctx)
{
	struct rig *r = ctx;

	if (r->policy.n_generated == 3)
		grpo_trainer_stop(r->trainer);
}

START_TEST(a_stopped_run_is_saved_and_resumed_bit_for_bit)
{
	struct bigram whole;
	struct rig r;
	char a[512];

	run_whole(&whole, "whole", 1);
	make_run(&r, "two");
	r.config.eval_steps = 0;
	r.policy.before_generate = stop_in_fourth;
	r.policy.ctx = &r;
	rig_start(&r);
	ck_assert_int_eq(grpo_trainer_run(r.trainer), GRPO_ECANCELED);
	ck_assert_ptr_nonnull(strstr(grpo_error_message(), "step 3"));
	rig_free(&r);
	make_run(&r, "two");
	rig_start(&r);
	ok(grpo_trainer_resume(r.trainer, NULL));
	ck_assert_int_eq(grpo_trainer_steps(r.trainer), 3);
	ok(grpo_trainer_run(r.trainer));
	ck_assert_mem_eq(&whole.s, &r.policy.s, sizeof whole.s);
	rig_free(&r);
	snprintf(a, sizeof a, "%s", scratch_path("whole"));
	assert_same_files(a, scratch_path("two"));
}
END_TEST

/* The stop comes in the evaluation that follows step 3: the step counts, and
 * the evaluation is made after the resume. */
static void stop_in_evaluation(void *ctx)
{
	struct rig *r = ctx;

	if (r->policy.n_generated == 3)
		grpo_trainer_stop(r->trainer);
}

START_TEST(an_evaluation_that_was_cut_short_is_made_after_the_resume)
{
	struct bigram whole;
	struct rig r;
	char a[512];

	run_whole(&whole, "whole", 1);
	make_run(&r, "two");
	r.policy.before_generate = stop_in_evaluation;
	r.policy.ctx = &r;
	rig_start(&r);
	ck_assert_int_eq(grpo_trainer_run(r.trainer), GRPO_ECANCELED);
	ck_assert_int_eq(grpo_trainer_steps(r.trainer), 3);
	rig_free(&r);
	make_run(&r, "two");
	rig_start(&r);
	ok(grpo_trainer_resume(r.trainer, NULL));
	ok(grpo_trainer_run(r.trainer));
	rig_free(&r);
	snprintf(a, sizeof a, "%s", scratch_path("whole"));
	assert_same_files(a, scratch_path("two"));
}
END_TEST

START_TEST(totals_go_on_over_a_resume)
{
	grpo_totals before = {.struct_size = sizeof before}, after = before;
	struct rig r;

	make_run(&r, "run");
	rig_start(&r);
	ok(grpo_trainer_step(r.trainer));
	ok(grpo_trainer_save(r.trainer));
	ok(grpo_trainer_totals(r.trainer, &before));
	rig_free(&r);
	make_run(&r, "run");
	rig_start(&r);
	ok(grpo_trainer_resume(r.trainer, NULL));
	ok(grpo_trainer_totals(r.trainer, &after));
	ck_assert_int_eq(before.completions, 16);
	ck_assert_mem_eq(&before, &after, sizeof before);
	rig_free(&r);
}
END_TEST

START_TEST(a_finished_run_stays_finished)
{
	struct rig r;

	make_run(&r, "run");
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	rig_free(&r);
	make_run(&r, "run");
	rig_start(&r);
	ok(grpo_trainer_resume(r.trainer, NULL));
	ck_assert(grpo_trainer_done(r.trainer));
	ok(grpo_trainer_run(r.trainer));
	ck_assert_int_eq(r.policy.n_steps, 0);
	rig_free(&r);
}
END_TEST

/* --------------------------------------------------------------- whole */

START_TEST(a_folder_under_another_name_is_no_checkpoint)
{
	struct rig r;
	char path[600];

	make_run(&r, "run");
	rig_start(&r);
	ok(grpo_trainer_step(r.trainer));
	ok(grpo_trainer_save(r.trainer));
	rig_free(&r);
	/* what a machine that died while saving leaves behind */
	snprintf(path, sizeof path, "%s/checkpoints/.new/learner",
		 scratch_path("run"));
	ok(grpo__make_folder(path));
	snprintf(path, sizeof path, "%s/checkpoints/step-000009x",
		 scratch_path("run"));
	ok(grpo__make_folder(path));
	make_run(&r, "run");
	rig_start(&r);
	ok(grpo_trainer_resume(r.trainer, NULL));
	ck_assert_int_eq(grpo_trainer_steps(r.trainer), 1);
	ok(grpo_trainer_step(r.trainer));
	ok(grpo_trainer_save(r.trainer));
	rig_free(&r);
}
END_TEST

START_TEST(a_save_that_fails_leaves_the_earlier_ones)
{
	long steps[32];
	struct rig r;

	make_run(&r, "run");
	r.config.save_total_limit = 1;
	rig_start(&r);
	ok(grpo_trainer_step(r.trainer));
	ok(grpo_trainer_save(r.trainer));
	ok(grpo_trainer_step(r.trainer));
	r.policy.fail_save = 1;
	refused(grpo_trainer_save(r.trainer), GRPO_EIO, "checkpoint of step 2");
	ck_assert_int_eq(list_steps(r.folder, steps), 1);
	ck_assert_int_eq(steps[0], 1);
	rig_free(&r);
}
END_TEST

START_TEST(only_the_newest_are_kept)
{
	long steps[32];
	struct rig r;
	int n, i;

	make_run(&r, "run");
	r.config.eval_steps = 0;
	r.config.save_steps = 2;
	r.config.save_total_limit = 2;
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	n = list_steps(r.folder, steps);
	ck_assert_int_eq(n, 2);
	for (i = 0; i < n; i++)
		ck_assert(steps[i] == 8 || steps[i] == 10);
	rig_free(&r);
}
END_TEST

struct shown {
	int64_t steps[8];
	int n;
};

/* By then it is whole, and what is kept of the others is all there is. */
static int take_checkpoint(void *ctx, const grpo_checkpoint *saved)
{
	struct shown *s = ctx;
	char want[64], *state;
	size_t n;

	n = (size_t)snprintf(want, sizeof want, "/checkpoints/step-%06ld",
			     (long)saved->step);
	ck_assert_uint_gt(strlen(saved->folder), n);
	ck_assert_str_eq(saved->folder + strlen(saved->folder) - n, want);
	state = rig_read(saved->folder, "state.json");
	free(state);
	s->steps[s->n++] = saved->step;
	return 0;
}

/* The disk is full in the middle of a line of metrics, and then no more. */
START_TEST(a_line_that_is_cut_off_is_written_later)
{
	struct rlimit all, few;
	struct rig r, whole;
	char *text;
	long size;

	make_run(&r, "run");
	r.config.samples_per_step = 0;
	rig_start(&r);
	ok(grpo_trainer_step(r.trainer));
	text = rig_read(scratch_path("run"), "metrics.jsonl");
	size = (long)strlen(text);
	free(text);
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &all), 0);
	few = all;
	few.rlim_cur = (rlim_t)size + 100; /* of the second line */
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &few), 0);
	refused(grpo_trainer_step(r.trainer), GRPO_EIO, "metrics.jsonl");
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &all), 0);
	text = rig_read(scratch_path("run"), "metrics.jsonl");
	ck_assert_int_eq((long)strlen(text), size);
	free(text);
	ok(grpo_trainer_run(r.trainer));
	rig_free(&r);

	make_run(&whole, "whole");
	whole.config.samples_per_step = 0;
	rig_start(&whole);
	ok(grpo_trainer_run(whole.trainer));
	ck_assert_mem_eq(&whole.policy.s, &r.policy.s, sizeof r.policy.s);
	rig_free(&whole);
	/* every line is whole, that of step 2 too */
	assert_same_files(scratch_path("whole"), scratch_path("run"));
}
END_TEST

static void count_warning(void *ctx, int level, const char *text)
{
	*(int *)ctx +=
	    level == GRPO_LOG_WARN && strstr(text, "samples.jsonl") != NULL;
}

/* There is room for metrics, and no longer for samples. */
START_TEST(samples_that_cannot_be_written_end_no_run)
{
	struct rlimit all, few;
	struct bigram whole;
	int warned = 0;
	struct rig r;
	char *text;

	run_whole(&whole, "whole", 1);
	make_run(&r, "run");
	r.config.samples_per_step = 16;
	rig_start(&r);
	for (int i = 0; i < 6; i++)
		ok(grpo_trainer_step(r.trainer));
	text = rig_read(r.folder, "samples.jsonl");
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &all), 0);
	few = all;
	few.rlim_cur = (rlim_t)strlen(text) + 10;
	free(text);
	text = rig_read(r.folder, "metrics.jsonl");
	ck_assert_uint_lt(strlen(text) * 8 / 6, few.rlim_cur);
	free(text);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &few), 0);
	grpo_log_set(count_warning, &warned, GRPO_LOG_WARN);
	ok(grpo_trainer_step(r.trainer));
	ok(grpo_trainer_step(r.trainer));
	ck_assert_int_eq(warned, 1);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &all), 0);
	ok(grpo_trainer_run(r.trainer));
	grpo_log_set(NULL, NULL, 0);
	ck_assert_int_eq(warned, 1);
	ck_assert_mem_eq(&whole.s, &r.policy.s, sizeof whole.s);
	text = rig_read(r.folder, "samples.jsonl");
	ck_assert_ptr_nonnull(strstr(text, "{\"step\": 6,"));
	ck_assert_ptr_null(strstr(text, "{\"step\": 7,"));
	ck_assert_ptr_null(strstr(text, "{\"step\": 8,"));
	ck_assert_ptr_nonnull(strstr(text, "{\"step\": 9,"));
	free(without_times(text)); /* every line is whole */
	free(text);
	rig_free(&r);
}
END_TEST

START_TEST(each_checkpoint_is_shown_once_it_is_in_place)
{
	struct shown s = {.n = 0};
	long steps[32];
	struct rig r;

	make_run(&r, "run");
	r.config.eval_steps = 0;
	r.config.save_steps = 4;
	r.config.save_total_limit = 1;
	r.callbacks.ctx = &s;
	r.callbacks.on_checkpoint = take_checkpoint;
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	ck_assert_int_eq(s.n, 3);
	ck_assert(s.steps[0] == 4 && s.steps[1] == 8 && s.steps[2] == 10);
	ok(grpo_trainer_save(r.trainer));
	ck_assert(s.n == 4 && s.steps[3] == 10);
	ck_assert_int_eq(list_steps(r.folder, steps), 1);
	r.policy.fail_save = 1;
	ck_assert_int_eq(grpo_trainer_save(r.trainer), GRPO_EIO);
	ck_assert_int_eq(s.n, 4);
	rig_free(&r);
}
END_TEST

START_TEST(the_checkpoint_of_a_stop_is_shown_too)
{
	struct shown s = {.n = 0};
	struct rig r;

	make_run(&r, "run");
	r.config.save_steps = 0;
	r.callbacks.ctx = &s;
	r.callbacks.on_checkpoint = take_checkpoint;
	rig_start(&r);
	ok(grpo_trainer_step(r.trainer));
	ck_assert_int_eq(s.n, 0);
	grpo_trainer_stop(r.trainer);
	ck_assert_int_eq(grpo_trainer_run(r.trainer), GRPO_ECANCELED);
	ck_assert(s.n == 1 && s.steps[0] == 1);
	rig_free(&r);
}
END_TEST

START_TEST(a_checkpoint_can_be_written_again)
{
	long steps[32];
	struct rig r;

	make_run(&r, "run");
	rig_start(&r);
	ok(grpo_trainer_step(r.trainer));
	ok(grpo_trainer_save(r.trainer));
	ok(grpo_trainer_save(r.trainer));
	ck_assert_int_eq(list_steps(r.folder, steps), 1);
	rig_free(&r);
}
END_TEST

START_TEST(without_a_checkpoint_there_is_nothing_to_resume)
{
	struct rig r;

	make_run(&r, "run");
	rig_start(&r);
	refused(grpo_trainer_resume(r.trainer, NULL), GRPO_ENOTFOUND,
		"run/checkpoints: no checkpoint");
	refused(grpo_trainer_resume(r.trainer, "/nowhere/at/all"), GRPO_EIO,
		"/nowhere/at/all");
	rig_free(&r);
}
END_TEST

START_TEST(a_run_that_has_begun_is_not_resumed)
{
	struct rig r;

	make_run(&r, "run");
	rig_start(&r);
	ok(grpo_trainer_step(r.trainer));
	refused(grpo_trainer_resume(r.trainer, NULL), GRPO_EINVAL, "begun");
	rig_free(&r);
}
END_TEST

START_TEST(without_output_dir_there_are_no_checkpoints)
{
	struct rig r;

	rig_make(&r);
	rig_start(&r);
	refused(grpo_trainer_save(r.trainer), GRPO_EINVAL, "\"output_dir\"");
	refused(grpo_trainer_resume(r.trainer, NULL), GRPO_EINVAL,
		"\"output_dir\"");
	rig_free(&r);
}
END_TEST

START_TEST(a_new_run_does_not_mix_with_an_old_one)
{
	struct rig r;

	make_run(&r, "run");
	rig_start(&r);
	ok(grpo_trainer_step(r.trainer));
	ok(grpo_trainer_save(r.trainer));
	rig_free(&r);
	make_run(&r, "run");
	rig_start(&r);
	refused(grpo_trainer_step(r.trainer), GRPO_EINVAL, "another run");
	rig_free(&r);
}
END_TEST

/* By the folder, not by how it is written. */
START_TEST(the_runs_own_checkpoints_are_known_under_any_name)
{
	static const char *const ways[] = {
	    "%s/run/checkpoints/step-000004",
	    "%s/./run//checkpoints/step-000004/",
	    "%s/run/../run/checkpoints/step-000004",
	    "%s/link/checkpoints/step-000004"};
	char from[700], link[600];
	struct bigram whole;
	struct rig r;

	run_whole(&whole, "whole", 1);
	make_run(&r, "run");
	r.config.save_steps = 4;
	rig_start(&r);
	for (int i = 0; i < 6; i++)
		ok(grpo_trainer_step(r.trainer));
	rig_free(&r);
	snprintf(link, sizeof link, "%s/link", scratch_folder);
	ck_assert_int_eq(symlink("run", link), 0);
	for (int i = 0; i < 4; i++) {
		snprintf(from, sizeof from, ways[i], scratch_folder);
		make_run(&r, "run");
		r.config.save_steps = 4;
		rig_start(&r);
		ok(grpo_trainer_resume(r.trainer, from));
		ok(grpo_trainer_run(r.trainer));
		ck_assert_mem_eq(&whole.s, &r.policy.s, sizeof whole.s);
		rig_free(&r);
		assert_same_files(scratch_path("whole"), scratch_path("run"));
	}
}
END_TEST

START_TEST(a_folder_whose_name_begins_alike_is_another)
{
	char from[900], old[800], *text;
	struct rig r;

	make_run(&r, "run");
	rig_start(&r);
	ok(grpo_trainer_step(r.trainer));
	ok(grpo_trainer_save(r.trainer));
	rig_free(&r);
	snprintf(from, sizeof from, "%s/checkpoints", scratch_path("run"));
	snprintf(old, sizeof old, "%.700s-old", from);
	ck_assert_int_eq(rename(from, old), 0);
	snprintf(from, sizeof from, "%s/step-000001", old);
	make_run(&r, "run");
	rig_start(&r);
	ok(grpo_trainer_resume(r.trainer, from));
	rig_free(&r);
	text = rig_read(scratch_path("run"), "metrics.jsonl");
	ck_assert_str_eq(text, "");
	free(text);
}
END_TEST

START_TEST(what_a_crashed_run_wrote_is_kept)
{
	struct rig r;
	char *before, *after;

	make_run(&r, "run"); /* it saves nothing before its end */
	rig_start(&r);
	ok(grpo_trainer_step(r.trainer));
	rig_free(&r);
	before = rig_read(scratch_path("run"), "metrics.jsonl");
	ck_assert_uint_gt(strlen(before), 0);
	for (int i = 1; i <= 2; i++) {
		char name[32];

		make_run(&r, "run");
		rig_start(&r);
		ok(grpo_trainer_step(r.trainer));
		rig_free(&r);
		snprintf(name, sizeof name, "metrics.jsonl.%d", i);
		after = rig_read(scratch_path("run"), name);
		if (i == 1)
			ck_assert_str_eq(before, after);
		ck_assert_uint_gt(strlen(after), 0);
		free(after);
	}
	free(before);
}
END_TEST

START_TEST(two_runs_at_once_in_one_folder_are_refused)
{
	struct rig a, b;

	make_run(&a, "run");
	rig_start(&a);
	ok(grpo_trainer_step(a.trainer));
	make_run(&b, "run");
	rig_start(&b);
	refused(grpo_trainer_step(b.trainer), GRPO_EINVAL,
		"another run is writing to");
	rig_free(&a);
	ok(grpo_trainer_step(b.trainer));
	rig_free(&b);
}
END_TEST

static int end_the_run(void *ctx, const grpo_report *report)
{
	(void)ctx;
	return report->step == 2;
}

START_TEST(a_run_that_a_callback_ended_can_go_on)
{
	struct bigram whole;
	struct rig r;

	run_whole(&whole, "whole", 1);
	make_run(&r, "run");
	r.callbacks.on_step = end_the_run;
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	ck_assert_int_eq(grpo_trainer_steps(r.trainer), 2);
	ck_assert(grpo_trainer_done(r.trainer));
	rig_free(&r);
	make_run(&r, "run");
	rig_start(&r);
	ok(grpo_trainer_resume(r.trainer, NULL));
	ck_assert(!grpo_trainer_done(r.trainer));
	ok(grpo_trainer_run(r.trainer));
	ck_assert_mem_eq(&whole.s, &r.policy.s, sizeof whole.s);
	rig_free(&r);
}
END_TEST

START_TEST(a_run_can_continue_from_a_checkpoint_in_another_folder)
{
	struct bigram whole;
	char from[600];
	struct rig r;

	run_whole(&whole, "whole", 1);
	make_run(&r, "one");
	r.config.save_steps = 4;
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	rig_free(&r);
	snprintf(from, sizeof from, "%s/checkpoints/step-000004",
		 scratch_path("one"));
	make_run(&r, "other");
	rig_start(&r);
	ok(grpo_trainer_resume(r.trainer, from));
	ok(grpo_trainer_run(r.trainer));
	ck_assert_mem_eq(&whole.s, &r.policy.s, sizeof whole.s);
	rig_free(&r);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("checkpoint");
	TCase *c = tcase_create("checkpoint");

	tcase_add_checked_fixture(c, scratch_make, scratch_remove);
	tcase_add_loop_test(c, a_resumed_run_is_the_same_bit_for_bit, 1, 3);
	tcase_add_test(c, a_stopped_run_is_saved_and_resumed_bit_for_bit);
	tcase_add_test(
	    c, an_evaluation_that_was_cut_short_is_made_after_the_resume);
	tcase_add_test(c, totals_go_on_over_a_resume);
	tcase_add_test(c, a_finished_run_stays_finished);
	tcase_add_test(c, a_folder_under_another_name_is_no_checkpoint);
	tcase_add_test(c, a_save_that_fails_leaves_the_earlier_ones);
	tcase_add_test(c, only_the_newest_are_kept);
	tcase_add_test(c, a_line_that_is_cut_off_is_written_later);
	tcase_add_test(c, samples_that_cannot_be_written_end_no_run);
	tcase_add_test(c, each_checkpoint_is_shown_once_it_is_in_place);
	tcase_add_test(c, the_checkpoint_of_a_stop_is_shown_too);
	tcase_add_test(c, a_checkpoint_can_be_written_again);
	tcase_add_test(c, without_a_checkpoint_there_is_nothing_to_resume);
	tcase_add_test(c, a_run_that_has_begun_is_not_resumed);
	tcase_add_test(c, without_output_dir_there_are_no_checkpoints);
	tcase_add_test(c, a_new_run_does_not_mix_with_an_old_one);
	tcase_add_test(c, the_runs_own_checkpoints_are_known_under_any_name);
	tcase_add_test(c, a_folder_whose_name_begins_alike_is_another);
	tcase_add_test(c, what_a_crashed_run_wrote_is_kept);
	tcase_add_test(c, two_runs_at_once_in_one_folder_are_refused);
	tcase_add_test(c, a_run_that_a_callback_ended_can_go_on);
	tcase_add_test(c,
		       a_run_can_continue_from_a_checkpoint_in_another_folder);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
