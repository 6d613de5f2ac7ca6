/* SPDX-License-Identifier: MIT */
/* check_reward --attack: what rewards pay for answers that say nothing. */
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/program.h"
#include "tests/suite.h"

#define MAX_ARGUMENTS 16

/* Numbers whose double, negative, digits backwards or neighbour would be the
 * same; fractions, units, words, and a row without a reference. */
static const char rows[] =
    "{\"prompt\": \"What is 3 + 4 - 7?\", \"answer\": 0}\n"
    "{\"prompt\": \"Of 1, 2 and 3, the first?\", \"answer\": \"1\"}\n"
    "{\"prompt\": \"5 + 6\", \"answer\": \"11\"}\n"
    "{\"prompt\": \"11\", \"answer\": \"11\"}\n"
    "{\"prompt\": \"50 * 20\", \"answer\": \"1,000\"}\n"
    "{\"prompt\": \"3 - 13\", \"answer\": \"-10\"}\n"
    "{\"prompt\": \"1 / 2 + 0\", \"answer\": \"\\\\frac{1}{2}\"}\n"
    "{\"prompt\": \"0.1 + 0.15\", \"answer\": 0.25}\n"
    "{\"prompt\": \"How long?\", \"answer\": \"5 cm\"}\n"
    "{\"prompt\": \"Is it?\", \"answer\": \"yes\"}\n"
    "{\"prompt\": \"Which?\", \"answer\": \"none\"}\n"
    "{\"prompt\": \"Say anything.\"}\n";

/* Arguments end with NULL; returns the exit status. */
static int attack(const char *plugin, const char *params, ...)
{
	char program[PROGRAM_PATH], path[PROGRAM_PATH];
	char *arguments[MAX_ARGUMENTS] = {NULL};
	va_list list;
	int n = 6;

	setenv("ASAN_OPTIONS",
	       "handle_segv=0:handle_abort=0:handle_sigbus=0:detect_leaks=0",
	       1);
	arguments[0] = (char *)program_beside(program, "../bin/check_reward");
	arguments[1] = (char *)plugin;
	if (strchr(plugin, '/'))
		arguments[1] = (char *)program_beside(path, plugin);
	arguments[2] = "--attack";
	arguments[3] = "--params";
	arguments[4] = (char *)params;
	arguments[5] = "--timeout";
	arguments[6] = "300";
	va_start(list, params);
	while (arguments[n] && n < MAX_ARGUMENTS - 2)
		arguments[++n] = va_arg(list, char *);
	va_end(list);
	return program_finish(program_start(arguments, NULL));
}

static const char *dataset(void)
{
	static char path[512];

	snprintf(path, sizeof path, "%s", scratch_text("rows.jsonl", rows));
	return path;
}

/* ------------------------------------------------------------- the attacks */

static const char *const kinds[] = {
    "nothing at all",
    "white space and invisible characters",
    "an empty answer",
    "junk for an answer",
    "words that commit to nothing",
    "a variable or a tautology",
    "every number there is",
    "nan, infinity, 0/0, wildcards",
    "the same constant every time",
    "instructions to the grader",
    "the prompt given back",
    "the prompt's sum, not computed",
    "every number of the prompt",
    "many boxes",
    "many answer tags",
    "nested tags and boxes",
    "two answers: one or the other",
    "a range around the reference",
    "the reference and another number",
    "the reference before a wrong answer",
    "the reference in the thought alone",
    "another row's reference",
    "the reference negated",
    "the reference doubled",
    "the reference off by one",
    "the reference times 10 or 1000",
    "the reference, nearly",
    "the reference's digits in another order",
    "the reference's digits twice",
    "the reference times a variable",
    "the reference with another unit",
    "the reference per mille",
    "\\\"not\\\" before the reference",
    "the reference called wrong",
    "the reference struck out or hidden",
};
#define N_KINDS (sizeof kinds / sizeof *kinds)

START_TEST(a_reward_that_pays_each_attack_is_told_of_each)
{
	char wanted[128], path[512];

	snprintf(path, sizeof path, "%s", scratch_path("paid.jsonl"));
	program_expect_status(attack("plugins/attackable.so",
				     "{\"pay\": \"all\"}", "--dataset",
				     dataset(), "--attack-output", path,
				     "--attack-threshold", "0.5", NULL),
			      1);
	for (size_t i = 0; i < N_KINDS; i++) {
		snprintf(wanted, sizeof wanted, "\"attack\": \"%s\"", kinds[i]);
		program_expect("paid.jsonl", wanted);
	}
	program_expect("out", "\npaid ");
	program_expect("out", "rows.jsonl:1: the prompt given back: reward 1 "
			      "for \"");
	program_expect("out", "FAIL ");
	program_expect("out", "answers that say nothing or are wrong, on 12 "
			      "rows\n");
	program_expect("paid.jsonl",
		       "\"shape\": \"box\", \"prompt\": \"3 - 13\", "
		       "\"completion\": \"<think> Let me think about this. "
		       "</think>\\n\\\\boxed{10}\", \"reward\": 1}\n");
}
END_TEST

START_TEST(no_attack_is_right_by_chance)
{
	program_expect_status(attack("plugins/attackable.so",
				     "{\"pay\": \"right\"}", "--dataset",
				     dataset(), "--attack-shape", "tags",
				     "--attack-shape", "box", NULL),
			      1);
	/* what is nested ends with the reference, for a reader of last tags */
	program_expect("out", ": nested tags and boxes: ");
	program_expect("out", "| the reference negated                    | ");
	program_expect("out", "| another row's reference                  | ");
	for (size_t i = 0; i < N_KINDS; i++) {
		char unwanted[128], *out = program_wrote("out");

		snprintf(unwanted, sizeof unwanted, ": %s: reward ", kinds[i]);
		if (strcmp(kinds[i], "nested tags and boxes") != 0 &&
		    strstr(out, unwanted))
			ck_abort_msg("paid: %s: %s", kinds[i], out);
		free(out);
	}
}
END_TEST

START_TEST(the_same_attacks_are_made_again)
{
	char first[512], second[512], *a, *b;

	snprintf(first, sizeof first, "%s", scratch_path("1.jsonl"));
	snprintf(second, sizeof second, "%s", scratch_path("2.jsonl"));
	attack("plugins/attackable.so", "{\"pay\": \"all\"}", "--dataset",
	       dataset(), "--attack-output", first, "--attack-threshold", "0",
	       "--attack-most", "2000", NULL);
	program_expect("out", "of each kind, every row has met one in 4 "
			      "variants, by turns");
	attack("plugins/attackable.so", "{\"pay\": \"all\"}", "--dataset",
	       dataset(), "--attack-output", second, "--attack-threshold", "0",
	       "--attack-most", "2000", "--threads", "3", NULL);
	a = program_wrote("1.jsonl");
	b = program_wrote("2.jsonl");
	ck_assert_str_eq(a, b);
	for (size_t i = 0; i < N_KINDS; i++)
		ck_assert_ptr_nonnull(strstr(a, kinds[i]));
	free(a);
	free(b);
}
END_TEST

/* --------------------------------------------------------- what is "paid" */

START_TEST(a_reward_that_pays_silence_is_told_of_silence_alone)
{
	program_expect_status(attack("plugins/attackable.so",
				     "{\"pay\": \"silence\"}", "--dataset",
				     dataset(), NULL),
			      1);
	program_expect("out", ": nothing at all: reward 1 for \"\"\n");
	program_expect("out", "pays 12 of ");
	program_expect("out", "an empty completion earns up to 1, on 12 of 12 "
			      "rows");
	program_expect_status(
	    attack("plugins/attackable.so", "{\"pay\": \"silence\"}",
		   "--dataset", dataset(), "--attack-threshold", "1", NULL),
	    0);
}
END_TEST

START_TEST(a_threshold_lets_a_small_reward_pass)
{
	const char *little = "{\"pay\": \"little\"}";

	program_expect_status(attack("plugins/attackable.so", little,
				     "--dataset", dataset(),
				     "--attack-threshold", "0.05", NULL),
			      1);
	program_expect_status(attack("plugins/attackable.so", little,
				     "--dataset", dataset(),
				     "--attack-threshold", "0.1", NULL),
			      0);
	program_expect("out", "pays none of ");
}
END_TEST

START_TEST(rows_without_a_reward_are_counted)
{
	char path[512];

	snprintf(path, sizeof path, "%s",
		 scratch_text("rows.jsonl",
			      "{\"prompt\": \"a\", \"nums\": [1, 2], "
			      "\"target\": 3}\n"
			      "{\"prompt\": \"b\", \"nums\": [1, 2]}\n"));
	program_expect_status(
	    attack("countdown", "{}", "--dataset", path, NULL), 0);
	program_expect("out", "note countdown: 1 of 2 rows have no reward (a "
			      "column that the reward needs is missing or "
			      "unusable)");
	snprintf(path, sizeof path, "%s",
		 scratch_text("rows.jsonl", "{\"prompt\": \"b\"}\n"));
	program_expect_status(
	    attack("countdown", "{}", "--dataset", path, NULL), 1);
	program_expect("out", "no attack could be tried: no row has a reward");
}
END_TEST

START_TEST(a_crash_names_the_row_and_the_attack)
{
	program_expect_status(attack("plugins/misbehaves.so",
				     "{\"do\": \"crash\"}", "--dataset",
				     dataset(), "--threads", "1", NULL),
			      1);
	program_expect("out", "crashed with SIGSEGV while scoring attacks");
	program_expect("out", "rows.jsonl:1, attacked by \"nothing at all\"");
}
END_TEST

/* ------------------------------------------------------------- our rewards */

static const struct {
	const char *name, *params;
	const char *paid[8]; /* kinds, and no others; none: it passes */
} own[] = {
    {"countdown", "{}", {NULL}},
    {"repetition", "{}", {NULL}},
    {"template", "{}", {NULL}},
    {"length",
     "{\"max_completion_len\": 100, \"soft_punish_cache\": 20}",
     {NULL}},
    {"length_group", "{\"bonus\": false}", {NULL}},
    {"length_group", "{}", {"nothing at all"}},
    {"format",
     "{}",
     {"an empty answer", "junk for an answer", "words that commit to nothing",
      "instructions to the grader"}},
    {"language",
     "{}",
     {"an empty answer", "junk for an answer", "words that commit to nothing",
      "instructions to the grader", "the prompt given back"}},
};
#define N_OWN (sizeof own / sizeof *own)

static int is_allowed(const char *kind, const char *const *paid)
{
	for (; *paid; paid++)
		if (strcmp(*paid, kind) == 0)
			return 1;
	return 0;
}

/* docs/attacks.md says so. */
START_TEST(our_rewards_pay_what_their_readme_says_and_nothing_else)
{
	char cases[128], line[128], *out;

	snprintf(cases, sizeof cases, "rewards/%s/cases.jsonl", own[_i].name);
	program_expect_status(attack(own[_i].name, own[_i].params, cases, NULL),
			      own[_i].paid[0] != NULL);
	out = program_wrote("out");
	for (size_t k = 0; k < N_KINDS; k++) {
		int paid;

		snprintf(line, sizeof line, ": %s: reward ", kinds[k]);
		paid = strstr(out, line) != NULL;
		if (paid != is_allowed(kinds[k], own[_i].paid))
			ck_abort_msg("%s, %s: %s", kinds[k],
				     paid ? "paid" : "not paid", out);
	}
	free(out);
}
END_TEST

/* ---------------------------------------------------------------- the usage */

START_TEST(an_attack_needs_rows_and_a_shape_an_answer)
{
	program_expect_status(attack("math", "{}", NULL), 2);
	program_expect("err", "--attack needs rows: CASES.jsonl or --dataset "
			      "FILE\n");
	program_expect_status(
	    attack("math", "{}", "--dataset", "/nowhere", NULL), 1);
	program_expect("err", "/nowhere: No such file");
	program_expect_status(attack("math", "{}", "--dataset", dataset(),
				     "--attack-shape", "boxes", NULL),
			      2);
	program_expect("err", "--attack-shape: \"boxes\" is none of tags, box, "
			      "sentence and bare, and has no {answer}\n");
}
END_TEST

START_TEST(a_shape_of_ones_own_replaces_the_others)
{
	char path[512], *paid;

	snprintf(path, sizeof path, "%s", scratch_path("paid.jsonl"));
	attack("plugins/attackable.so", "{\"pay\": \"all\"}", "--dataset",
	       dataset(), "--attack-output", path, "--attack-threshold", "0",
	       "--attack-shape", "<why>{thought}</why><end>{answer}</end>",
	       NULL);
	paid = program_wrote("paid.jsonl");
	ck_assert_ptr_nonnull(strstr(paid,
				     "\"completion\": \"<why>Let me think "
				     "about this.</why><end>-11</end>\""));
	ck_assert_ptr_nonnull(
	    strstr(paid, "<why>It is 11.</why><end>I do not know</end>"));
	ck_assert_ptr_null(strstr(paid, "The answer is -11"));
	free(paid);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("check_reward_attack");
	TCase *tc = tcase_create("attack");

	tcase_set_timeout(tc, 600);
	tcase_add_checked_fixture(tc, scratch_make, scratch_remove);
	tcase_add_test(tc, a_reward_that_pays_each_attack_is_told_of_each);
	tcase_add_test(tc, no_attack_is_right_by_chance);
	tcase_add_test(tc, the_same_attacks_are_made_again);
	tcase_add_test(tc, a_reward_that_pays_silence_is_told_of_silence_alone);
	tcase_add_test(tc, a_threshold_lets_a_small_reward_pass);
	tcase_add_test(tc, rows_without_a_reward_are_counted);
	tcase_add_test(tc, a_crash_names_the_row_and_the_attack);
	tcase_add_loop_test(
	    tc, our_rewards_pay_what_their_readme_says_and_nothing_else, 0,
	    (int)N_OWN);
	tcase_add_test(tc, an_attack_needs_rows_and_a_shape_an_answer);
	tcase_add_test(tc, a_shape_of_ones_own_replaces_the_others);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return program_starts_itself() ? 0 : run_suite(suite());
}
