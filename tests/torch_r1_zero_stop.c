/* SPDX-License-Identifier: MIT */
/* examples/r1_zero: whatever ends a run early, it can go on. */
#include "tests/r1_zero_rig.h"
#include "tests/torch_suite.h"

/* A run that ends by this signal, goes on, and is then as one that was never
 * stopped. */
static void stopped_by(int number, const char *name)
{
	const struct small_run stopped = {.interrupt = "two/metrics.jsonl",
					  .signal = number};
	char text[64];

	program_expect_status(small_run("whole", NULL), 0);
	program_expect_status(small_run_with("two", &stopped), 128 + number);
	snprintf(text, sizeof text, "r1_zero: stopped by %s\n", name);
	program_expect("err", text);
	program_expect("out", "checkpoint saved in ");
	program_expect("two/curve.svg", "</svg>");
	program_expect_status(small_run("two", "--resume"), 0);
	same("whole/samples.jsonl", "two/samples.jsonl");
	same("whole/model/model.safetensors", "two/model/model.safetensors");
}

START_TEST(ctrl_c_saves_a_checkpoint)
{
	stopped_by(SIGINT, "SIGINT");
}
END_TEST

START_TEST(a_terminal_that_closes_saves_a_checkpoint)
{
	stopped_by(SIGHUP, "SIGHUP");
}
END_TEST

START_TEST(sigterm_and_sigquit_save_a_checkpoint)
{
	const struct small_run quit = {.interrupt = "run/metrics.jsonl",
				       .signal = SIGQUIT};

	stopped_by(SIGTERM, "SIGTERM");
	program_expect_status(small_run_with("run", &quit), 128 + SIGQUIT);
	program_expect("out", "checkpoint saved in ");
}
END_TEST

START_TEST(a_reader_that_leaves_saves_a_checkpoint)
{
	struct small_run leaves = {.shell = "{ \"$@\"; echo $? >\"$STATUS\"; } "
					    "| sed '/^step/q' >/dev/null"};
	char *status;

	setenv("STATUS", scratch_path("status"), 1);
	/* long enough that the reader is gone before the end */
	leaves.more[0] = "--set";
	leaves.more[1] = "max_steps=100000";
	leaves.more[2] = "--set";
	leaves.more[3] = "lr_scheduler_type=constant";
	program_expect_status(small_run_with("two", &leaves), 0);
	status = program_wrote("status");
	ck_assert_str_eq(status, "141\n");
	free(status);
	program_expect("err", "nobody reads standard output any more");
	program_expect("two/progress.json", "\"finished\": false");
}
END_TEST

START_TEST(what_is_ignored_stays_ignored)
{
	const struct small_run nohup = {.interrupt = "run/metrics.jsonl",
					.signal = SIGHUP,
					.shell = "trap '' HUP; exec \"$@\""};

	program_expect_status(small_run_with("run", &nohup), 0);
	free(program_wrote("run/summary.json"));
}
END_TEST

START_TEST(stopped_in_the_last_measuring_a_run_can_go_on)
{
	const struct small_run stopped = {
	    .more = {"--set", "save_steps=0"},
	    .interrupt = "run/model/tokenizer.json",
	};
	const struct small_run again = {
	    .more = {"--set", "save_steps=0", "--resume"}};

	program_expect_status(small_run_with("run", &stopped), 130);
	program_expect("out", "stopped while measuring after step 6");
	program_expect_status(small_run_with("run", &again), 0);
	free(program_wrote("run/summary.json"));
}
END_TEST

START_TEST(stopped_before_the_first_step_nothing_is_claimed)
{
	const struct small_run stopped = {.interrupt = "run/config.json"};

	program_expect_status(small_run_with("run", &stopped), 130);
	program_expect("out", "stopped before the first step");
	refused(small_run("run", "--resume"), "no run to resume");
	program_expect_status(small_run("run", NULL), 0);
}
END_TEST

START_TEST(the_training_of_a_base_goes_on_where_it_was_stopped)
{
	/* there from the start: in the first probe */
	const struct small_run stopped = {.interrupt = "lines"};
	char other[512];

	scratch_text("lines", "1\n2\n");
	program_expect_status(small_run_with("two", &stopped), 130);
	program_expect("out", "base: stopped after step 3; what it has learnt");
	program_expect_status(small_run("two", NULL), 0);
	program_expect("out", "base: going on after step 3");
	snprintf(other, sizeof other, "%s", scratch_path("other"));
	setenv("XDG_CACHE_HOME", other, 1);
	program_expect_status(small_run("whole", NULL), 0);
	same("whole/model/model.safetensors", "two/model/model.safetensors");
	same("whole/samples.jsonl", "two/samples.jsonl");
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("r1_zero_stop");
	TCase *c = tcase_create("stop");

	tcase_set_timeout(c, 300);
	tcase_add_checked_fixture(c, scratch_make, scratch_remove);
	tcase_add_test(c, ctrl_c_saves_a_checkpoint);
	tcase_add_test(c, a_terminal_that_closes_saves_a_checkpoint);
	tcase_add_test(c, sigterm_and_sigquit_save_a_checkpoint);
	tcase_add_test(c, a_reader_that_leaves_saves_a_checkpoint);
	tcase_add_test(c, what_is_ignored_stays_ignored);
	tcase_add_test(c, stopped_in_the_last_measuring_a_run_can_go_on);
	tcase_add_test(c, stopped_before_the_first_step_nothing_is_claimed);
	tcase_add_test(c, the_training_of_a_base_goes_on_where_it_was_stopped);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return run_torch_suite(suite());
}
