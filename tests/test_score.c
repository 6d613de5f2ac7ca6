/* SPDX-License-Identifier: MIT */
/* The program examples/score, as a user runs it. */
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/program.h"
#include "tests/suite.h"

#define MAX_ARGUMENTS 32

/* A plug-in of tests/plugins by its path; the last four stay valid. */
static const char *plugin(const char *name)
{
	static char paths[4][PROGRAM_PATH];
	static int next;
	char file[128];

	snprintf(file, sizeof file, "plugins/%s.so", name);
	return program_beside(paths[next++ % 4], file);
}

/* Arguments end with NULL; returns the exit status. */
static int score(const char *stdin_path, ...)
{
	char program[PROGRAM_PATH], *arguments[MAX_ARGUMENTS] = {NULL};
	va_list list;
	int n = 0;

	arguments[0] = (char *)program_beside(program, "../bin/score");
	va_start(list, stdin_path);
	while (n < MAX_ARGUMENTS - 2 && (arguments[++n] = va_arg(list, char *)))
		;
	va_end(list);
	return program_finish(program_start(arguments, stdin_path));
}

#define SCORE(...) score(NULL, __VA_ARGS__, NULL)

/* A file to read; its path stays, unlike scratch_path's. */
static const char *input(const char *name, const char *text)
{
	static char path[512];

	snprintf(path, sizeof path, "%s", scratch_text(name, text));
	return path;
}

static void expect_file(const char *name, const char *wanted)
{
	char *got = program_wrote(name);

	ck_assert_str_eq(got, wanted);
	free(got);
}

/* ------------------------------------------------------------ what it keeps */

#define N_MANY 3000 /* several windows */

static const char *write_many(void)
{
	char *text = malloc(N_MANY * 200), *p = text;
	const char *path;

	for (int i = 0; i < N_MANY; i++)
		p += sprintf(p,
			     "{\"n\": %d.50, \"completion\":\"%0*d\",  "
			     "\"x\" : [1e2, 123456789012345678901234567890]}\n",
			     i, i % 40 + 1, 0);
	path = input("many.jsonl", text);
	free(text);
	return path;
}

START_TEST(rows_come_back_in_their_order_and_as_they_stood)
{
	const char *path = write_many();
	char *in, *out, *p, *q;

	program_expect_status(
	    SCORE("--reward", plugin("echo_length"), "--threads", "8", path),
	    0);
	in = p = program_wrote("many.jsonl");
	out = q = program_wrote("out");
	for (int i = 0; i < N_MANY; i++) {
		size_t n = strcspn(p, "\n");
		char added[128];

		ck_assert_mem_eq(p, q, n - 1); /* all but the brace */
		snprintf(added, sizeof added,
			 ", \"rewards\": {\"echo_length\": %d}, \"score\": %d, "
			 "\"status\": {\"echo_length\": \"scored\"}}\n",
			 i % 40 + 1, i % 40 + 1);
		q += n - 1;
		ck_assert_mem_eq(q, added, strlen(added));
		q += strlen(added);
		p += n + 1;
	}
	ck_assert_str_eq(q, "");
	free(in);
	free(out);
}
END_TEST

START_TEST(standard_input_and_files_give_the_same)
{
	const char *path = write_many();
	char *first, *second;

	program_expect_status(SCORE("--reward", plugin("echo_length"), path),
			      0);
	first = program_wrote("out");
	program_expect_status(
	    score(path, "--reward", plugin("echo_length"), NULL), 0);
	second = program_wrote("out");
	ck_assert_str_eq(first, second);
	free(second);
	program_expect_status(score(path, "--reward", plugin("echo_length"),
				    "--threads", "1", "-", NULL),
			      0);
	second = program_wrote("out");
	ck_assert_str_eq(first, second);
	free(first);
	free(second);
}
END_TEST

START_TEST(earlier_scores_are_replaced)
{
	const char *path = input(
	    "a.jsonl", "{\"score\": 7, \"completion\": \"ab\", \"a b\": 1.0, "
		       "\"status\": 1, \"rewards\": {}, \"explain\": 0}\n");

	program_expect_status(
	    SCORE("--reward", plugin("echo_length"), "-o", path, path), 0);
	expect_file("a.jsonl",
		    "{\"completion\": \"ab\", \"a b\": 1.0, \"rewards\": "
		    "{\"echo_length\": 2}, \"score\": 2, \"status\": "
		    "{\"echo_length\": \"scored\"}}\n");
	expect_file("out", "");
}
END_TEST

/* ---------------------------------------------------------------- a dataset */

START_TEST(a_check_names_the_rows_without_a_usable_reference)
{
	char text[1024], wanted[1024];
	const char *path;
	int n = 0;

	for (int i = 0; i < 10; i++)
		n += snprintf(text + n, sizeof text - (size_t)n,
			      "{\"prompt\": \"a\", \"status\": %d}\n",
			      i % 3 ? 64 : i % 2);
	path = input("rows.jsonl", text);
	program_expect_status(SCORE("--reward", plugin("missing"), "--reward",
				    plugin("per_group"), "--check", path),
			      1); /* who wants groups of another size */
	program_expect_status(SCORE("--reward", plugin("missing"), "--reward",
				    plugin("echo_length"), "--check", path),
			      0);
	snprintf(wanted, sizeof wanted,
		 "missing: 6 of 10 rows have no usable reference: %s:2, %s:3, "
		 "%s:5, %s:6, %s:8, …\n"
		 "echo_length: all 10 rows can be scored\n",
		 path, path, path, path, path);
	expect_file("out", wanted);
}
END_TEST

START_TEST(a_check_counts_several_files_and_leaves_bad_lines_out)
{
	const char *first = input("a.jsonl", "{\"status\": 64}\n{\n");
	char path[512], wanted[1200];

	snprintf(path, sizeof path, "%s", first);
	program_expect_status(
	    SCORE("--reward", plugin("missing"), "--check", path, path), 1);
	snprintf(wanted, sizeof wanted,
		 "missing: 2 of 2 rows have no usable reference: %s:1, %s:1\n",
		 path, path);
	expect_file("out", wanted);
}
END_TEST

START_TEST(a_check_of_many_rows_takes_them_in_windows)
{
	const char *path = write_many();

	program_expect_status(
	    SCORE("--reward", plugin("echo_length"), "--check", path), 0);
	expect_file("out", "echo_length: all 3000 rows can be scored\n");
}
END_TEST

/* ---------------------------------------------------------------- bad lines */

static const char bad[] = "{\"completion\": \"a\"}\n"
			  "{\"completion\": \"b\"\n"
			  "{\"prompt\": \"c\"}\n"
			  "{\"completion\": 4}\n"
			  "\n"
			  "{\"completion\": \"eee\"}\n";

#define SCORED(text, n)                                                        \
	"{\"completion\": \"" text "\", \"rewards\": {\"echo_length\": " n     \
	"}, \"score\": " n ", \"status\": {\"echo_length\": \"scored\"}}\n"

START_TEST(bad_lines_are_named_and_left_out)
{
	const char *path = input("bad.jsonl", bad);

	program_expect_status(SCORE("--reward", plugin("echo_length"), path),
			      1);
	expect_file("out", SCORED("a", "1") SCORED("eee", "3"));
	program_expect("err", "bad.jsonl:2: ");
	program_expect("err", "bad.jsonl:3: \"completion\" is missing\n");
	program_expect("err", "bad.jsonl:4: \"completion\": expected text\n");
	program_expect("err", "2 rows in ");
	program_expect("err", ", 3 bad lines left out\n");
}
END_TEST

/* JSON, but no text: NUL, half of a surrogate pair; and bytes that are not
 * UTF-8. */
START_TEST(an_escape_that_is_no_text_counts_in_the_exit_status)
{
	static const char *const completions[] = {"a\\u0000b", "\\ud83d",
						  "\\ude00", "\xff"};

	for (size_t i = 0; i < 4; i++) {
		char line[128];

		snprintf(line, sizeof line,
			 "{\"completion\": \"a\"}\n"
			 "{\"completion\": \"%s\"}\n",
			 completions[i]);
		program_expect_status(SCORE("--reward", plugin("echo_length"),
					    input("bad.jsonl", line)),
				      1);
		expect_file("out", SCORED("a", "1"));
		program_expect("err", "bad.jsonl:2: ");
		program_expect("err", ", 1 bad line left out\n");
	}
}
END_TEST

START_TEST(a_strict_run_ends_at_the_first_bad_line)
{
	const char *path = input("bad.jsonl", bad);
	char output[512];

	program_expect_status(
	    SCORE("--strict", "--reward", plugin("echo_length"), path), 1);
	expect_file("out", SCORED("a", "1"));
	program_expect("err", "score: ");
	program_expect("err", "bad.jsonl:2: ");
	snprintf(output, sizeof output, "%s", scratch_path("result.jsonl"));
	program_expect_status(SCORE("--strict", "--reward",
				    plugin("echo_length"), "-o", output, path),
			      1);
	ck_assert_int_ne(access(output, F_OK), 0); /* whole, or not there */
	ck_assert_int_ne(access(scratch_path("result.jsonl.part"), F_OK), 0);
}
END_TEST

START_TEST(a_file_that_is_not_there_is_named)
{
	program_expect_status(
	    SCORE("--reward", plugin("echo_length"), "/nowhere.jsonl"), 1);
	program_expect("err",
		       "score: /nowhere.jsonl: No such file or directory\n");
}
END_TEST

START_TEST(a_reward_that_fails_names_the_line)
{
	const char *path = input("a.jsonl", "{\"completion\": \"a\"}\n"
					    "\n"
					    "{\"completion\": \"nan\"}\n"
					    "{\"completion\": \"inf\"}\n");

	program_expect_status(SCORE("--reward", plugin("returns_nan"), path),
			      1);
	program_expect("err", "a.jsonl:3: reward \"returns_nan\" gave nan\n");
}
END_TEST

START_TEST(a_reward_that_hangs_is_given_up_and_names_the_line)
{
	const char *path = input("a.jsonl", "\n"
					    "{\"completion\": \"hang\"}\n"
					    "{\"completion\": \"fine\"}\n");
	char output[512];

	snprintf(output, sizeof output, "%s", scratch_path("scored.jsonl"));
	program_expect_status(SCORE("--reward", plugin("hangs"), "--timeout",
				    "0.1", "-o", output, path),
			      1);
	program_expect("err",
		       "a.jsonl:2: reward \"hangs\" was abandoned on this row");
	ck_assert_int_ne(access(output, F_OK), 0);
}
END_TEST

START_TEST(a_limit_that_no_call_reaches_changes_nothing)
{
	const char *path = input("a.jsonl", "{\"completion\": \"fine\"}\n");
	char *without;

	program_expect_status(SCORE("--reward", plugin("hangs"), path), 0);
	without = program_wrote("out");
	program_expect_status(
	    SCORE("--reward", plugin("hangs"), "--timeout", "1000", path), 0);
	expect_file("out", without);
	free(without);
}
END_TEST

/* --------------------------------------------------- rewards and parameters */

START_TEST(parameters_belong_to_the_reward_before_them)
{
	const char *path =
	    input("a.jsonl", "{\"completion\": \"<answer>\"}\n"
			     "{\"completion\": \"b\", \"skip\": 1}\n");
	char with_weight[PROGRAM_PATH + 8];

	snprintf(with_weight, sizeof with_weight, "%s:0.5", plugin("contains"));
	program_expect_status(SCORE("--reward", with_weight, "--params",
				    "{\"text\": \"a\"}", "--reward", "format",
				    "--params", "{\"partial\": true}", path),
			      0);
	expect_file("out",
		    "{\"completion\": \"<answer>\", \"rewards\": "
		    "{\"contains\": 1, \"format\": 0.2}, \"score\": 0.7, "
		    "\"status\": {\"contains\": \"scored\", \"format\": "
		    "\"scored\"}}\n"
		    "{\"completion\": \"b\", \"skip\": 1, \"rewards\": "
		    "{\"contains\": null, \"format\": 0}, \"score\": 0, "
		    "\"status\": {\"contains\": \"missing\", \"format\": "
		    "\"scored\"}}\n");
	program_expect("err", "mean 1 over 1; scored 1, missing 1\n");
}
END_TEST

START_TEST(the_summary_has_what_the_reward_measured)
{
	const char *path = input("a.jsonl", "{\"completion\": \"\"}\n"
					    "{\"completion\": \"abc\"}\n"
					    "{\"completion\": \"abcdef\"}\n");

	program_expect_status(SCORE("--reward", plugin("measures"), path), 0);
	program_expect("err", "empty                mean 0.5 over 2\n");
	program_expect("err", "length               mean 3 over 3\n");
}
END_TEST

START_TEST(a_row_without_any_reward_has_no_score)
{
	const char *path =
	    input("a.jsonl", "{\"completion\": \"b\", \"skip\": 1}\n");

	program_expect_status(SCORE("--reward", plugin("contains"), "--params",
				    "{\"text\": \"a\"}", path),
			      0);
	program_expect("out",
		       "\"rewards\": {\"contains\": null}, \"score\": null");
}
END_TEST

START_TEST(a_completion_that_was_cut_is_told_as_such)
{
	static const char form[] = "{\"completion\": \"<think> a </think> "
				   "<answer> 1 </answer>\"%s}\n";
	char text[256];

	snprintf(text, sizeof text, form, ", \"finish\": \"length\"");
	program_expect_status(
	    SCORE("--reward", "format", input("a.jsonl", text)), 0);
	program_expect("out", "\"rewards\": {\"format\": 0}");
	snprintf(text, sizeof text, form, ", \"finish\": \"stop\"");
	program_expect_status(
	    SCORE("--reward", "format", input("a.jsonl", text)), 0);
	program_expect("out", "\"rewards\": {\"format\": 1}");
}
END_TEST

/* ------------------------------------------------------------------- groups */

/* The plug-in per_group fails where it is given anything but whole groups in
 * their order; the rows are more than go together otherwise. */
static const char *write_groups(const char *key)
{
	char *text = malloc(2400 * 100), *p = text;
	const char *path;

	for (int i = 0; i < 2400; i++)
		p += sprintf(p,
			     "{\"%s\": \"%d\", \"size\": 3, \"row\": %d, "
			     "\"completion\": \"%0*d\"}\n",
			     key, i / 3, i, i % 3 + 1, 0);
	path = input("groups.jsonl", text);
	free(text);
	return path;
}

START_TEST(answers_to_one_prompt_are_a_group)
{
	program_expect_status(SCORE("--reward", plugin("per_group"),
				    "--threads", "4", write_groups("prompt")),
			      0);
	program_expect("out",
		       "\"row\": 2399, \"completion\": \"000\", \"rewards\": "
		       "{\"per_group\": 1}");
	program_expect("err", "mean 0 over 2400; scored 2400\n");
}
END_TEST

START_TEST(rows_with_the_same_value_of_a_column_are_a_group)
{
	const char *path = write_groups("id");

	program_expect_status(
	    SCORE("--reward", plugin("per_group"), "--group", "id", path), 0);
	program_expect("err", "mean 0 over 2400; scored 2400\n");
	/* without it each row is a group, which this plug-in refuses */
	program_expect_status(SCORE("--reward", plugin("per_group"), path), 1);
	program_expect("err", "groups.jsonl:1: reward \"per_group\" failed");
	program_expect_status(SCORE("--reward", plugin("per_group"), "--strict",
				    "--group", "other", path),
			      1);
	program_expect("err", "groups.jsonl:1: \"other\" is missing\n");
}
END_TEST

START_TEST(a_group_with_scattered_rows_is_reported)
{
	const char *path = input(
	    "a.jsonl",
	    "{\"id\": 1, \"size\": 1, \"row\": 1, \"completion\": \"a\"}\n"
	    "{\"id\": 2, \"size\": 1, \"row\": 2, \"completion\": \"b\"}\n"
	    "{\"id\": 1, \"size\": 1, \"row\": 3, \"completion\": \"c\"}\n");

	program_expect_status(
	    SCORE("--reward", plugin("per_group"), "--group", "id", path), 1);
	program_expect("err", "a.jsonl:3: \"id\": this group ended before");
	program_expect("err", "mean 0 over 2; scored 2\n");
}
END_TEST

/* ------------------------------------------------------- custom rewards */

/* The line of the README that builds it, with another place for the result. */
static void build_custom(char out[PROGRAM_PATH])
{
	char *text, *line, command[1024 + PROGRAM_PATH];
	char *arguments[] = {"sh", "-c", command, NULL};
	size_t len;

	ck_assert_int_eq(grpo__file_read(&text, &len,
					 "examples/custom_reward/README.md",
					 1 << 20),
			 0);
	line = strstr(text, "    cc ");
	ck_assert_ptr_nonnull(line);
	line[strcspn(line, "\n")] = '\0';
	ck_assert_ptr_nonnull(strstr(line, " -o custom_reward.so"));
	*strstr(line, " -o custom_reward.so") = '\0';
	snprintf(out, PROGRAM_PATH, "%s", scratch_path("custom_reward.so"));
	snprintf(command, sizeof command, "%s -o %s", line, out);
	program_expect_status(program_finish(program_start(arguments, NULL)),
			      0);
	free(text);
}

START_TEST(a_custom_reward_can_explain_its_decision)
{
	char custom[PROGRAM_PATH];
	const char *path =
	    input("a.jsonl", "{\"completion\": \"Paris.\", \"keywords\": "
			     "[\"Seine\", \"paris\", \"Nil\\u00e9\"]}\n"
			     "{\"completion\": \"Paris.\"}\n");

	if (getenv("EMULATOR")) {
		puts("skipped: cc builds for this machine");
		return;
	}
	build_custom(custom);
	program_expect_status(SCORE("--reward", custom, "--explain", path), 0);
	program_expect("out",
		       "\"rewards\": {\"custom_reward\": 0.333333333333333"
		       "3}");
	program_expect("out", "\"explain\": {\"custom_reward\": {\"missing\": "
			      "\"Seine\", \"missing-2\": \"Nil\xc3\xa9\"}}}\n");
	program_expect("out", "\"status\": {\"custom_reward\": \"missing\"}, "
			      "\"explain\": {\"custom_reward\": {}}}\n");
	program_expect_status(
	    SCORE("--reward", custom, "--params", "{\"case\": true}", path), 0);
	program_expect("out", "\"rewards\": {\"custom_reward\": 0}");
}
END_TEST

/* -------------------------------------------------------------- wrong usage */

static const struct {
	const char *arguments[4];
	const char *message;
} misused[] = {
    {{NULL}, "no --reward is given (see --help)"},
    {{"--reward"}, "--reward needs a value"},
    {{"--rewards", "math"}, "unknown option --rewards (see --help)"},
    {{"-x"}, "unknown option -x (see --help)"},
    {{"--reward", "math:one"}, "expected NAME or NAME:WEIGHT"},
    {{"--reward", "math:inf"}, "expected NAME or NAME:WEIGHT"},
    {{"--params", "{}"}, "--params comes before any --reward"},
    {{"--reward", "math", "--threads", "0"}, "--threads: \"0\" is not a whole"},
    {{"--reward", "math", "--check", "--explain"}, "--check writes no rows"},
    {{"--reward", "math", "--timeout", "-1"},
     "--timeout: \"-1\" is not a number"},
    {{"--reward", "math", "--timeout", "1s"},
     "--timeout: \"1s\" is not a number"},
};

START_TEST(wrong_usage_is_one_line_and_exit_status_2)
{
	const char *const *a = misused[_i].arguments;
	char *err;

	program_expect_status(score(NULL, a[0], a[1], a[2], a[3], NULL), 2);
	err = program_wrote("err");
	ck_assert_int_eq(strncmp(err, "score: ", 7), 0);
	ck_assert_ptr_eq(strchr(err, '\n'), err + strlen(err) - 1);
	free(err);
	program_expect("err", misused[_i].message);
}
END_TEST

START_TEST(a_reward_or_parameter_that_is_not_known_is_named)
{
	const char *path = input("a.jsonl", "{\"completion\": \"a\"}\n");

	program_expect_status(SCORE("--reward", "nowhere", path), 1);
	program_expect("err", "score: reward \"nowhere\": no nowhere.so in ");
	program_expect_status(
	    SCORE("--reward", "math", "--params", "{\"scor\": 1}", path), 1);
	program_expect("err", "\"scor\": unknown parameter");
}
END_TEST

START_TEST(help_has_every_option)
{
	static const char *const options[] = {
	    "usage: score ",     "--reward NAME", "--params JSON",
	    "--group COLUMN",    "--explain",     "--output FILE",
	    "--timeout SECONDS", "--threads N",   "--strict"};

	program_expect_status(SCORE("--help"), 0);
	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		program_expect("out", options[i]);
	expect_file("err", "");
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("score");
	TCase *tc = tcase_create("score");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, scratch_make, scratch_remove);
	tcase_add_test(tc, rows_come_back_in_their_order_and_as_they_stood);
	tcase_add_test(tc, standard_input_and_files_give_the_same);
	tcase_add_test(tc, earlier_scores_are_replaced);
	tcase_add_test(tc, a_check_names_the_rows_without_a_usable_reference);
	tcase_add_test(tc,
		       a_check_counts_several_files_and_leaves_bad_lines_out);
	tcase_add_test(tc, a_check_of_many_rows_takes_them_in_windows);
	tcase_add_test(tc, bad_lines_are_named_and_left_out);
	tcase_add_test(tc, an_escape_that_is_no_text_counts_in_the_exit_status);
	tcase_add_test(tc, a_strict_run_ends_at_the_first_bad_line);
	tcase_add_test(tc, a_file_that_is_not_there_is_named);
	tcase_add_test(tc, a_reward_that_fails_names_the_line);
	tcase_add_test(tc, a_reward_that_hangs_is_given_up_and_names_the_line);
	tcase_add_test(tc, a_limit_that_no_call_reaches_changes_nothing);
	tcase_add_test(tc, parameters_belong_to_the_reward_before_them);
	tcase_add_test(tc, the_summary_has_what_the_reward_measured);
	tcase_add_test(tc, a_row_without_any_reward_has_no_score);
	tcase_add_test(tc, a_completion_that_was_cut_is_told_as_such);
	tcase_add_test(tc, answers_to_one_prompt_are_a_group);
	tcase_add_test(tc, rows_with_the_same_value_of_a_column_are_a_group);
	tcase_add_test(tc, a_group_with_scattered_rows_is_reported);
	tcase_add_test(tc, a_custom_reward_can_explain_its_decision);
	tcase_add_loop_test(tc, wrong_usage_is_one_line_and_exit_status_2, 0,
			    (int)(sizeof misused / sizeof *misused));
	tcase_add_test(tc, a_reward_or_parameter_that_is_not_known_is_named);
	tcase_add_test(tc, help_has_every_option);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
