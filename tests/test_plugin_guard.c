/* SPDX-License-Identifier: MIT */
/* What a plug-in can do to the program it runs in, tried on examples/score:
 * it prints, exits and crashes. */
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/program.h"
#include "tests/suite.h"

static const char rows[] = "{\"completion\": \"a\"}\n"
			   "{\"completion\": \"bad\"}\n"
			   "{\"completion\": \"c\"}\n";

/* With a plug-in that does that; returns what waitpid says. */
static int score(const char *what)
{
	char program[PROGRAM_PATH], plugin[PROGRAM_PATH], params[128];
	char path[512];
	char *arguments[] = {
	    (char *)program_beside(program, "../bin/score"),
	    "--reward",
	    (char *)program_beside(plugin, "plugins/misbehaves.so"),
	    "--params",
	    params,
	    "--threads",
	    "1",
	    path,
	    NULL};
	int status;
	pid_t pid;

	/* See test_check_reward.c. */
	setenv("ASAN_OPTIONS",
	       "handle_segv=0:handle_abort=0:handle_sigbus=0:detect_leaks=0",
	       1);
	snprintf(params, sizeof params, "{\"do\": \"%s\"}", what);
	snprintf(path, sizeof path, "%s", scratch_text("rows.jsonl", rows));
	pid = program_start(arguments, NULL);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

START_TEST(what_a_plugin_prints_does_not_get_into_the_json_lines)
{
	char *out;

	ck_assert_int_eq(score("print"), 0);
	out = program_wrote("out");
	ck_assert_ptr_null(strstr(out, "scoring now"));
	ck_assert_ptr_nonnull(strstr(out, "\"completion\": \"c\""));
	free(out);
	program_expect("err", "scoring now\n");
}
END_TEST

static const char *const exits[] = {"exit 0", "exit", "quick_exit"};

START_TEST(a_plugin_that_exits_is_named_and_the_program_fails)
{
	int status = score(exits[_i]);

	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 1);
	program_expect("err", "score: reward \"misbehaves\" ended the program "
			      "by calling exit() while scoring ");
	program_expect("err", "rows.jsonl:1");
}
END_TEST

static const struct {
	const char *what;
	int signal;
	const char *line;
} crashes[] = {
    {"crash", SIGSEGV, "\"misbehaves\" crashed with SIGSEGV while scoring "},
    {"abort", SIGABRT, "\"misbehaves\" crashed with SIGABRT while scoring "},
#if !defined(__SANITIZE_ADDRESS__) /* whose own stack is another */
    {"overflow", SIGSEGV, "\"misbehaves\" crashed with SIGSEGV while scoring "},
#endif
};

START_TEST(a_plugin_that_crashes_is_named_and_the_signal_stays)
{
	int status = score(crashes[_i].what);

	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), crashes[_i].signal);
	program_expect("err", crashes[_i].line);
	program_expect("err", "rows.jsonl:1");
}
END_TEST

START_TEST(a_plugin_that_crashes_while_it_is_opened_or_loaded_is_named)
{
	ck_assert(WIFSIGNALED(score("crash in open")));
	program_expect("err", "score: reward \"misbehaves\" crashed with "
			      "SIGSEGV while being opened\n");
	setenv("MISBEHAVES", "load", 1);
	ck_assert(WIFSIGNALED(score("nothing")));
	program_expect("err", "misbehaves.so\" crashed with SIGSEGV while "
			      "being loaded\n");
}
END_TEST

START_TEST(a_status_that_does_not_exist_is_an_error_that_names_the_line)
{
	int status = score("status 17");

	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 1);
	program_expect("err", "rows.jsonl:1: reward \"misbehaves\" gave the "
			      "unknown status 17 (R3)\n");
}
END_TEST

START_TEST(the_log_says_more_where_it_is_asked_to)
{
	char program[PROGRAM_PATH], path[512];
	char *arguments[] = {(char *)program_beside(program, "../bin/score"),
			     "--reward",
			     "format",
			     "--log-level",
			     "debug",
			     path,
			     NULL};

	snprintf(path, sizeof path, "%s", scratch_text("rows.jsonl", rows));
	program_expect_status(program_finish(program_start(arguments, NULL)),
			      0);
	program_expect("err", "note: loading reward plug-in ");
	program_expect("err", "note: reward \"format\" scores row ");
	arguments[4] = "loud";
	program_expect_status(program_finish(program_start(arguments, NULL)),
			      2);
	program_expect(
	    "err",
	    "--log-level: \"loud\": expected error, warn, info or debug\n");
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("plugin_guard");
	TCase *tc = tcase_create("plugin_guard");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, scratch_make, scratch_remove);
	tcase_add_test(tc,
		       what_a_plugin_prints_does_not_get_into_the_json_lines);
	tcase_add_loop_test(tc,
			    a_plugin_that_exits_is_named_and_the_program_fails,
			    0, (int)(sizeof exits / sizeof *exits));
	tcase_add_loop_test(tc,
			    a_plugin_that_crashes_is_named_and_the_signal_stays,
			    0, (int)(sizeof crashes / sizeof *crashes));
	tcase_add_test(
	    tc, a_plugin_that_crashes_while_it_is_opened_or_loaded_is_named);
	tcase_add_test(
	    tc, a_status_that_does_not_exist_is_an_error_that_names_the_line);
	tcase_add_test(tc, the_log_says_more_where_it_is_asked_to);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
