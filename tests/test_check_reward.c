/* SPDX-License-Identifier: MIT */
/* The program examples/check_reward: good plug-ins pass, and what others do
 * is one line, whatever it is. */
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/program.h"
#include "tests/suite.h"

#define MAX_ARGUMENTS 16

/* Arguments end with NULL; returns the exit status. */
static int check_reward(const char *plugin, ...)
{
	char program[PROGRAM_PATH], path[PROGRAM_PATH];
	char *arguments[MAX_ARGUMENTS] = {NULL};
	va_list list;
	int n = 1;

	/* Plug-ins crash here; nobody is to catch that, nor to look for what a
	 * process that ends anyway has not freed. */
	setenv("ASAN_OPTIONS",
	       "handle_segv=0:handle_abort=0:handle_sigbus=0:detect_leaks=0",
	       1);
	arguments[0] = (char *)program_beside(program, "../bin/check_reward");
	arguments[1] = (char *)plugin;
	if (plugin && strchr(plugin, '/'))
		arguments[1] = (char *)program_beside(path, plugin);
	va_start(list, plugin);
	while (arguments[n] && n < MAX_ARGUMENTS - 2)
		arguments[++n] = va_arg(list, char *);
	va_end(list);
	return program_finish(program_start(arguments, NULL));
}

static int count_lines(const char *name, const char *beginning)
{
	char *text = program_wrote(name);
	int n = 0;

	for (char *p = text; *p; p += strcspn(p, "\n"), p += *p == '\n')
		n += strncmp(p, beginning, strlen(beginning)) == 0;
	free(text);
	return n;
}

/* ------------------------------------------------------------ good plug-ins */

static const char *const own[] = {"countdown",  "format",       "language",
				  "length",     "length_group", "math",
				  "repetition", "template"};
#define N_OWN (sizeof own / sizeof *own)

START_TEST(our_own_rewards_pass_with_their_cases)
{
	const char *params =
	    strcmp(own[_i], "length") == 0
		? "{\"max_completion_len\": 100, \"soft_punish_cache\": 20}"
		: "{}";
	char cases[128];

	snprintf(cases, sizeof cases, "rewards/%s/cases.jsonl", own[_i]);
	program_expect_status(check_reward(own[_i], cases, "--timeout", "300",
					   "--params", params, NULL),
			      0);
	program_expect("out", " cases give what they should\n");
	program_expect("out", ": 10 ok, 0 failed\n");
	ck_assert_int_eq(count_lines("out", "ok "), 10);
}
END_TEST

START_TEST(what_a_plugin_is_and_needs_is_said)
{
	program_expect_status(check_reward("math", "--timeout", "300", NULL),
			      0);
	program_expect("out", "math: ABI 1.");
	program_expect("out", "math: \"math\" version ");
	program_expect("out", "math: flags: THREADSAFE, row by row");
	program_expect("out", "math: needs ");
	program_expect("out", "libcjson.so");
	program_expect("out", " microseconds a row (median), ");
}
END_TEST

START_TEST(the_custom_reward_passes)
{
	program_expect_status(
	    check_reward("../examples/custom_reward/custom_reward.so",
			 "examples/custom_reward/cases.jsonl", "--timeout",
			 "300", NULL),
	    0);
}
END_TEST

START_TEST(a_plugin_of_a_newer_or_older_header_passes)
{
	program_expect_status(check_reward("plugins/newer_table.so", NULL), 0);
	program_expect("out", "row by row, and newer ones\n");
	program_expect_status(check_reward("plugins/older_table.so", NULL), 0);
}
END_TEST

/* -------------------------------------------------------------------- cases */

START_TEST(a_case_that_fails_is_named)
{
	char path[512];

	snprintf(path, sizeof path, "%s",
		 scratch_text(
		     "cases.jsonl",
		     "{\"case\": \"good\", \"completion\": \"ab\", \"reward\": "
		     "2, \"status\": \"SCORED\"}\n"
		     "\n"
		     "{\"case\": \"a title\", \"completion\": \"abc\", "
		     "\"reward\": null, \"status\": \"MISSING\"}\n"));
	program_expect_status(
	    check_reward("plugins/echo_length.so", path, NULL), 1);
	program_expect("out",
		       "cases.jsonl:3: a title: reward 3 (scored); expected "
		       "none (MISSING)\n");
	ck_assert_int_eq(count_lines("out", "FAIL "), 1);
}
END_TEST

START_TEST(a_case_may_say_more_of_its_row)
{
	char path[512];

	snprintf(path, sizeof path, "%s",
		 scratch_text(
		     "cases.jsonl",
		     "{\"completion\": \"ab\", \"times\": 3, \"reward\": 6.5, "
		     "\"within\": 0.5, \"status\": \"SCORED\"}\n"
		     "{\"completion\": \"ab\", \"times\": 3, \"reward\": 6.5, "
		     "\"within\": 0.25, \"status\": \"SCORED\"}\n"
		     "{\"completion\": \"ab\", \"says\": \"b\", \"reward\": "
		     "2, \"status\": \"SCORED\"}\n"));
	program_expect_status(
	    check_reward("plugins/echo_length.so", path, NULL), 1);
	program_expect("out", "cases.jsonl:2: : reward 6 (scored); expected "
			      "6.5 (SCORED)\n");
	program_expect("out", "cases.jsonl:3: : the notes are \"\", without "
			      "\"b\"\n");
	ck_assert_int_eq(count_lines("out", "FAIL "), 2);
}
END_TEST

START_TEST(a_case_that_cannot_be_read_is_named)
{
	char path[512];

	snprintf(path, sizeof path, "%s",
		 scratch_text("cases.jsonl",
			      "{\"completion\": \"ab\", \"reward\": 2}\n"));
	program_expect_status(
	    check_reward("plugins/echo_length.so", path, NULL), 1);
	program_expect("out",
		       "cases.jsonl:1: \"reward\" or \"status\" is missing");
	program_expect_status(
	    check_reward("plugins/echo_length.so", "/nowhere.jsonl", NULL), 1);
	program_expect("err", "check_reward: /nowhere.jsonl: No such file");
}
END_TEST

/* ---------------------------------------------------------- what others do */

static const struct {
	const char *what; /* the parameter "do" of misbehaves */
	const char *line;
} misdeeds[] = {
    {"crash", ": crashed with SIGSEGV while scoring made row 1 (\"\")\n"},
    {"crash in open", ": crashed with SIGSEGV while being opened\n"},
    {"abort",
     ": crashed with SIGABRT while scoring made row 1 (\"\"); it said: "
     "terminate called: no verifier\n"},
    {"exit", ": ended the process with exit status 3 while scoring made row "
	     "1 (\"\")\n"},
    {"exit 0", ": ended the process with exit status 0 while scoring made row "
	       "1 (\"\")\n"},
    {"print", ": prints on standard output: \"scoring now\"; use host->log or "
	      "batch->explain instead\n"},
    {"print an error", ": prints on standard error: \"no verifier\"; use "},
    {"status 17",
     ": reward \"misbehaves\" gave the unknown status 17 for made row "
     "1 (\"\") (R3)\n"},
#if !defined(__SANITIZE_ADDRESS__) /* which finds it first, in its own words   \
				    */
    {"read behind", ": crashed with SIGSEGV while scoring made row 1 (\"\"), "
		    "whose text ends where memory ends (R7"},
#endif
    {"write behind", ": score wrote behind rewards[n-1] (R2)\n"},
    {"write before", ": score wrote before status[0] (R2)\n"},
    {"count", "; on 8 threads: "},
};
#define N_MISDEEDS (sizeof misdeeds / sizeof *misdeeds)

static int misbehave(const char *what, const char *timeout)
{
	char params[64];

	snprintf(params, sizeof params, "{\"do\": \"%s\"}", what);
	return check_reward("plugins/misbehaves.so", "--params", params,
			    "--timeout", timeout, NULL);
}

START_TEST(the_row_that_crashes_is_named)
{
	char path[512];

	snprintf(path, sizeof path, "%s",
		 scratch_text("cases.jsonl",
			      "{\"completion\": \"a\", \"reward\": 1, "
			      "\"status\": \"SCORED\"}\n"
			      "{\"completion\": \"bad\", \"reward\": 3, "
			      "\"status\": \"SCORED\"}\n"));
	program_expect_status(check_reward("plugins/misbehaves.so", path,
					   "--params",
					   "{\"do\": \"crash\", \"at\": 1}",
					   "--timeout", "300", NULL),
			      1);
	program_expect("out", ": crashed with SIGSEGV while scoring ");
	program_expect("out", "cases.jsonl:2\n");
}
END_TEST

START_TEST(a_column_that_may_be_missing_is_suggested)
{
	char path[512];

	snprintf(path, sizeof path, "%s",
		 scratch_text("cases.jsonl",
			      "{\"completion\": \"4\", \"nums\": [1, 3], "
			      "\"targte\": 4, \"reward\": 1, "
			      "\"status\": \"SCORED\"}\n"));
	program_expect_status(check_reward("countdown", path, NULL), 1);
	program_expect("out", "reward none (missing); expected 1 (SCORED).  "
			      "Does the reward read a column that the row "
			      "lacks?  Its columns: \"nums\", \"targte\"\n");
	program_expect_status(check_reward("language", "--params",
					   "{\"column\": \"question\"}", NULL),
			      0);
	program_expect("out", "note ");
	program_expect("out", ": the reward is missing on all 28 rows");
	program_expect("out", "(theirs: \"answer\", \"nums\", \"target\")");
}
END_TEST

START_TEST(every_misdeed_is_one_clear_line)
{
	program_expect_status(misbehave(misdeeds[_i].what, "300"), 1);
	program_expect("out", misdeeds[_i].line);
	ck_assert_int_eq(count_lines("err", ""), 0);
}
END_TEST

START_TEST(a_plugin_that_does_nothing_wrong_passes)
{
	program_expect_status(misbehave("nothing", "300"), 0);
	ck_assert_int_eq(count_lines("out", "FAIL "), 0);
}
END_TEST

START_TEST(a_plugin_that_crashes_while_it_is_loaded_is_one_line)
{
	setenv("MISBEHAVES", "load", 1);
	program_expect_status(misbehave("nothing", "300"), 1);
	program_expect(
	    "out", "misbehaves.so: crashed with SIGSEGV while being loaded\n");
	program_expect("out",
		       ": 0 ok, 1 failed; the stages after it were left out");
}
END_TEST

START_TEST(a_plugin_that_never_returns_is_stopped)
{
	program_expect_status(misbehave("hang", "3"), 1);
	program_expect("out", ": still scoring made row 1 (\"\") after 3 s "
			      "(--timeout)\n");
}
END_TEST

#if !defined(__SANITIZE_ADDRESS__) /* which has an allocator of its own */
START_TEST(memory_that_is_kept_is_found)
{
	program_expect_status(misbehave("leak", "300"), 1);
	program_expect("out", ": score keeps ");
	program_expect_status(misbehave("leak in open", "300"), 1);
	program_expect("out", ": open and close keep ");
}
END_TEST
#endif

static const struct {
	const char *plugin, *line;
} broken[] = {
    {"plugins/wrong_major.so",
     ": was built for reward ABI 2, this library supports 1\n"},
    {"plugins/no_symbol.so", ": no symbol grpo_reward_plugin_v1"},
    {"plugins/null_table.so", ": its table is NULL\n"},
    {"plugins/short_table.so", ": its table has 32 bytes"},
    {"plugins/null_score.so", ": its table has no score function\n"},
    {"plugins/bad_name.so", ": its table has no name of "},
    {"plugins/fails_open.so", "open failed: no verifier found\n"},
    {"plugins/returns_nan.so",
     "\"returns_nan\" gave nan for made row 13 (\"nan\")\n"},
    {"plugins/writes_nothing.so",
     "\"writes_nothing\" wrote nothing for made row"},
};

START_TEST(a_file_that_is_not_a_plugin_is_named)
{
	program_expect_status(
	    check_reward(broken[_i].plugin, "--timeout", "300", NULL), 1);
	program_expect("out", broken[_i].line);
	ck_assert_int_ge(count_lines("out", "FAIL "), 1);
}
END_TEST

/* ---------------------------------------------------------------- the usage */

START_TEST(wrong_usage_is_exit_status_2)
{
	program_expect_status(check_reward(NULL, NULL), 2);
	program_expect("err",
		       "check_reward: no plug-in is given (see --help)\n");
	program_expect_status(check_reward("math", "--timeout", "soon", NULL),
			      2);
	program_expect("err", "--timeout: \"soon\" is not a number");
	program_expect_status(check_reward("math", "a", "b", NULL), 2);
	program_expect("err", "b: one file of cases at most");
	program_expect_status(check_reward("math", "--parms", NULL), 2);
	program_expect("err", "unknown option --parms");
}
END_TEST

START_TEST(a_plugin_that_is_not_there_is_named)
{
	program_expect_status(check_reward("nowhere", NULL), 1);
	program_expect("err",
		       "check_reward: reward \"nowhere\": no nowhere.so in ");
}
END_TEST

START_TEST(the_log_is_shown_as_far_as_it_is_asked_for)
{
	program_expect_status(check_reward("format", "--timeout", "300", NULL),
			      0);
	ck_assert_int_eq(count_lines("out", "note "), 0);
	program_expect_status(check_reward("format", "--timeout", "300",
					   "--log-level", "info", NULL),
			      0);
	program_expect("out", "note format: loading reward plug-in ");
}
END_TEST

START_TEST(help_lists_the_checks)
{
	program_expect_status(check_reward("--help", NULL), 0);
	program_expect("out", "usage: check_reward PLUGIN");
	program_expect("out", "--timeout S");
	program_expect("out", "--params JSON");
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("check_reward");
	TCase *tc = tcase_create("check_reward");

	tcase_set_timeout(tc, 600);
	tcase_add_checked_fixture(tc, scratch_make, scratch_remove);
	suite_add_tcase(s, tc);
	tcase_add_loop_test(tc, our_own_rewards_pass_with_their_cases, 0,
			    (int)N_OWN);
	tcase_add_test(tc, what_a_plugin_is_and_needs_is_said);
	tcase_add_test(tc, the_custom_reward_passes);
	tcase_add_test(tc, a_plugin_of_a_newer_or_older_header_passes);
	tcase_add_test(tc, a_case_that_fails_is_named);
	tcase_add_test(tc, a_case_may_say_more_of_its_row);
	tcase_add_test(tc, a_case_that_cannot_be_read_is_named);
	tcase_add_test(tc, the_row_that_crashes_is_named);
	tcase_add_test(tc, a_column_that_may_be_missing_is_suggested);
	tcase_add_loop_test(tc, every_misdeed_is_one_clear_line, 0,
			    (int)N_MISDEEDS);
	tcase_add_test(tc, a_plugin_that_does_nothing_wrong_passes);
	tcase_add_test(tc,
		       a_plugin_that_crashes_while_it_is_loaded_is_one_line);
	tcase_add_test(tc, a_plugin_that_never_returns_is_stopped);
#if !defined(__SANITIZE_ADDRESS__)
	tcase_add_test(tc, memory_that_is_kept_is_found);
#endif
	tcase_add_loop_test(tc, a_file_that_is_not_a_plugin_is_named, 0,
			    (int)(sizeof broken / sizeof *broken));
	tcase_add_test(tc, wrong_usage_is_exit_status_2);
	tcase_add_test(tc, a_plugin_that_is_not_there_is_named);
	tcase_add_test(tc, the_log_is_shown_as_far_as_it_is_asked_for);
	tcase_add_test(tc, help_lists_the_checks);
	return s;
}

int main(void)
{
	return program_starts_itself() ? 0 : run_suite(suite());
}
