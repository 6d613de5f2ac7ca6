/* SPDX-License-Identifier: MIT */
/*
 * The rewards themselves: every line of rewards/NAME/cases.jsonl goes through
 * the plug-in as it is loaded by others, on one thread and on eight, forwards
 * and backwards.  A case is a row of a dataset with what is expected of it:
 *
 *	{"case": "F1: …", "completion": "…", "reward": 1, "status": "SCORED"}
 *
 * and maybe "prompt", "params" (an object) and "finish" (STOP, LENGTH,
 * ABORT).  "reward" is null where it is missing.  Any other key is a column.
 */
#define _POSIX_C_SOURCE 200809L

#include <check.h>
#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/file.h"
#include "core/json.h"
#include "core/mem.h"
#include "core/rng.h"
#include "grpo/error.h"
#include "grpo/reward_set.h"

#define MAX_CASES 512
#define MAX_COLUMNS 16

static glob_t files; /* rewards/NAME/cases.jsonl */

/* Those that take "score" and decide any text; others have tests of their own
 * beside their cases. */
static const char *const own[] = {"countdown", "format", "math", "template"};
#define N_OWN (sizeof own / sizeof *own)

static void ok(int rc)
{
	if (rc != 0)
		ck_abort_msg("%d: %s", rc, grpo_error_message());
}

static grpo_str str(const char *s)
{
	return (grpo_str){s, s ? strlen(s) : 0};
}

/* ------------------------------------------------------------ reading cases */

struct a_case {
	char where[256]; /* file:line */
	cJSON *json;     /* owns what is decoded */
	grpo__json_member *members;
	size_t n_members;
	const char *title, *params;
	double reward; /* NaN: missing */
	int status;
	grpo_str columns[MAX_COLUMNS], cells[MAX_COLUMNS];
	grpo_reward_row row;
};

struct cases {
	char *text; /* the file */
	struct a_case *at;
	int n;
};

static int number_of(const char *name, const char *const *names,
		     const int *numbers, const char *where)
{
	for (int i = 0; names[i]; i++)
		if (strcmp(names[i], name) == 0)
			return numbers[i];
	ck_abort_msg("%s: unknown name \"%s\"", where, name);
	return -1;
}

static int status_of(const char *name, const char *where)
{
	static const char *const names[] = {"SCORED", "NO_ANSWER", "UNPARSABLE",
					    "BUDGET", "MISSING",   "FAILED",
					    NULL};
	static const int numbers[] = {0, 1, 2, 3, 64, 65};

	return number_of(name, names, numbers, where);
}

static uint8_t finish_of(const char *name, const char *where)
{
	static const char *const names[] = {"STOP", "LENGTH", "ABORT", NULL};
	static const int numbers[] = {0, 1, 2};

	return (uint8_t)number_of(name ? name : "STOP", names, numbers, where);
}

static const char *text_of(const struct a_case *c, const char *key)
{
	return cJSON_GetStringValue(
	    cJSON_GetObjectItemCaseSensitive(c->json, key));
}

/* What is not a column. */
static int is_ours(const char *key)
{
	static const char *const keys[] = {"case",   "prompt", "completion",
					   "params", "finish", "reward",
					   "status", NULL};

	for (int i = 0; keys[i]; i++)
		if (strcmp(keys[i], key) == 0)
			return 1;
	return 0;
}

static void read_columns(struct a_case *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_members; i++) {
		const grpo__json_member *m = &c->members[i];

		if (strcmp(m->key, "params") == 0)
			c->params = grpo__strndup(m->value, m->value_len);
		if (is_ours(m->key))
			continue;
		ck_assert_uint_lt(n, MAX_COLUMNS);
		c->columns[n] = str(m->key);
		c->cells[n++] = (grpo_str){m->value, m->value_len};
	}
	c->row.columns = c->columns;
	c->row.cells = c->cells;
	c->row.n_columns = n;
}

static void read_case(struct a_case *c, const char *line, size_t len)
{
	const cJSON *reward;
	const char *status;

	ok(grpo__json_parse(&c->json, line, len, c->where));
	ok(grpo__json_members(&c->members, &c->n_members, line, len, c->where));
	status = text_of(c, "status");
	reward = cJSON_GetObjectItemCaseSensitive(c->json, "reward");
	if (!status || !reward || !text_of(c, "completion"))
		ck_abort_msg("%s: \"completion\", \"reward\" or \"status\" is "
			     "missing",
			     c->where);
	c->title = text_of(c, "case") ? text_of(c, "case") : "";
	c->status = status_of(status, c->where);
	c->reward = cJSON_IsNull(reward) ? NAN : reward->valuedouble;
	c->row.struct_size = sizeof c->row;
	c->row.prompt = str(text_of(c, "prompt"));
	c->row.completion = str(text_of(c, "completion"));
	c->row.finish = finish_of(text_of(c, "finish"), c->where);
	c->row.group_size = 1;
	read_columns(c);
	if (!c->params)
		c->params = grpo__strndup("{}", 2);
}

static void read_cases(struct cases *cases, const char *path)
{
	size_t len;
	int number = 0;

	memset(cases, 0, sizeof *cases);
	cases->at = grpo__alloc(MAX_CASES, sizeof *cases->at);
	ck_assert_ptr_nonnull(cases->at);
	ok(grpo__file_read(&cases->text, &len, path, 1 << 24));
	for (char *p = cases->text; *p;) {
		size_t n = strcspn(p, "\n");
		struct a_case *c = &cases->at[cases->n];

		ck_assert_int_lt(cases->n, MAX_CASES);
		snprintf(c->where, sizeof c->where, "%s:%d", path, ++number);
		if (n > 0) {
			read_case(c, p, n);
			c->row.group = (uint32_t)cases->n++;
		}
		p += n + (p[n] == '\n');
	}
}

static void free_cases(struct cases *cases)
{
	for (int i = 0; i < cases->n; i++) {
		cJSON_Delete(cases->at[i].json);
		grpo__json_members_free(cases->at[i].members,
					cases->at[i].n_members);
		free((char *)cases->at[i].params);
	}
	free(cases->at);
	free(cases->text);
}

/* ------------------------------------------------------------ running cases */

/* NAME of rewards/NAME/cases.jsonl */
static const char *name_of(int file)
{
	static char name[128];

	ck_assert_int_eq(
	    sscanf(files.gl_pathv[file], "rewards/%127[^/]/", name), 1);
	return name;
}

static grpo_reward_set *new_set(int threads, const char *name,
				const char *params)
{
	grpo_reward_set *set;

	ok(grpo_reward_set_create(&set, threads));
	ok(grpo_reward_set_add(set, name, 1, params));
	return set;
}

static int check_case(const struct a_case *c, double reward, uint8_t status)
{
	int same = isnan(c->reward) ? isnan(reward) : c->reward == reward;

	if (same && status == c->status)
		return 0;
	fprintf(stderr, "%s: %s: reward %g, status %d; expected %g, %d\n",
		c->where, c->title, reward, status, c->reward, c->status);
	return 1;
}

/* All cases that have the parameters of case `first`, and no earlier one has;
 * returns how many are wrong. */
static int run_params(const struct cases *cases, int first, const char *name,
		      int threads, int backwards)
{
	const char *params = cases->at[first].params;
	double rewards[MAX_CASES];
	uint8_t status[MAX_CASES];
	int row[MAX_CASES], n = 0, wrong = 0;
	grpo_reward_set *set;

	for (int i = 0; i < cases->n; i++) {
		if (strcmp(cases->at[i].params, params) != 0)
			continue;
		if (i < first)
			return 0;
		row[n++] = i;
	}
	set = new_set(threads, name, params);
	ok(grpo_reward_set_begin(set, n));
	for (int i = 0; i < n; i++) {
		int at = backwards ? n - 1 - i : i;

		ok(grpo_reward_set_submit(set, at, &cases->at[row[at]].row));
	}
	ok(grpo_reward_set_wait(set, rewards, status));
	for (int i = 0; i < n; i++)
		wrong += check_case(&cases->at[row[i]], rewards[i], status[i]);
	grpo_reward_set_free(set);
	return wrong;
}

static void run_file(int file, int threads, int backwards)
{
	const char *name = name_of(file);
	struct cases cases;
	int wrong = 0;

	read_cases(&cases, files.gl_pathv[file]);
	ck_assert_int_ge(cases.n, 8);
	for (int i = 0; i < cases.n; i++)
		wrong += run_params(&cases, i, name, threads, backwards);
	ck_assert_msg(wrong == 0, "%d of %d cases of %s", wrong, cases.n, name);
	free_cases(&cases);
}

START_TEST(every_case_gives_its_reward_and_status)
{
	run_file(_i, 1, 0);
}
END_TEST

START_TEST(every_case_gives_the_same_on_eight_threads)
{
	run_file(_i, 8, 0);
}
END_TEST

START_TEST(every_case_gives_the_same_backwards)
{
	run_file(_i, 1, 1);
	run_file(_i, 8, 1);
}
END_TEST

/* --------------------------------------------------------------- parameters */

static void expect_refused(const char *name, const char *params,
			   const char *message)
{
	grpo_reward_set *set;

	ok(grpo_reward_set_create(&set, 1));
	ck_assert_int_eq(grpo_reward_set_add(set, name, 1, params),
			 GRPO_EREWARD);
	if (!strstr(grpo_error_message(), message))
		ck_abort_msg("%s %s: %s", name, params, grpo_error_message());
	grpo_reward_set_free(set);
}

START_TEST(an_unknown_parameter_is_refused)
{
	expect_refused(own[_i], "{\"scroe\": 1}",
		       "\"scroe\": unknown "
		       "parameter (known: ");
}
END_TEST

START_TEST(a_parameter_of_another_type_is_refused)
{
	expect_refused(own[_i], "{\"score\": \"1\"}",
		       "\"score\": expected a number");
	expect_refused(own[_i], "{\"score\": null}",
		       "\"score\": expected a number");
	expect_refused(own[_i], "{\"score\": 1e999}",
		       "\"score\": expected a number");
}
END_TEST

static const struct {
	const char *name, *params, *message;
} refused[] = {
    {"format", "{\"mode\": \"loose\"}", "\"mode\": expected \"strict\""},
    {"format", "{\"mode\": 1}", "\"mode\": expected \"strict\""},
    {"format", "{\"partial\": 1}", "\"partial\": expected true or false"},
    {"format", "{\"think\": \"<think>\"}", "\"think\": expected a tag's"},
    {"format", "{\"think\": \"\"}", "\"think\": expected a tag's"},
    {"format", "{\"answer\": 7}", "\"answer\": expected a tag's"},
    {"format", "{\"think\": \"answer\"}", "\"answer\": expected another"},
    {"format", "{\"think\": \"abcdefghijklmnopqrstuvwxyzabcdefg\"}",
     "\"think\": expected a tag's"},
    {"countdown", "{\"format_score\": null}", "expected a number"},
    {"countdown", "{\"answer\": \"think\"}", "expected another name"},
    {"countdown", "{\"think\": \"a b\"}", "expected a tag's name"},
    {"math", "{\"wrong_score\": []}", "expected a number"},
    {"math", "{\"answer\": \"think\"}", "expected another name"},
    {"math", "{\"think\": \"a/b\"}", "expected a tag's name"},
};
#define N_REFUSED (sizeof refused / sizeof *refused)

START_TEST(parameters_that_make_no_sense_are_refused)
{
	expect_refused(refused[_i].name, refused[_i].params,
		       refused[_i].message);
}
END_TEST

/* ------------------------------------------------------ what a model writes */

/* Columns of all rewards at once, so that each has its own. */
static const grpo_str columns[] = {{"answer", 6}, {"nums", 4}, {"target", 6}};
static const grpo_str cells[] = {{"\"42\"", 4}, {"[1,2]", 5}, {"3", 1}};

static grpo_reward_row hostile_row(const char *text, size_t len)
{
	return (grpo_reward_row){.struct_size = sizeof(grpo_reward_row),
				 .completion = {text, len},
				 .group_size = 1,
				 .columns = columns,
				 .cells = cells,
				 .n_columns = 3};
}

static const char *const fragments[] = {
    "(",
    ")",
    "1+",
    "1",
    "-",
    "9",
    "0",
    " ",
    "\n",
    ",",
    "1,000",
    ".",
    "e9",
    "/",
    "$",
    "%",
    "<",
    "</",
    "<answ",
    "<think>",
    "</think>",
    "<answer>",
    "</answer>",
    "<answer></answer>",
    "\\boxed{",
    "\\boxed",
    "\\boxed ",
    "\\boxed{}",
    "\\fbox {",
    "\\",
    "{",
    "}",
    "{}",
    "\\frac{",
    "\\frac{1}{",
    "\\ ",
    "\\!",
    ",\\!",
    "####",
    "\xff",
    "\xe2\x80\x8b",
    "\xf0\x9f",
    "\xe2\x88\x92",
    "<think></think><answer></answer>",
};
#define N_FRAGMENTS (sizeof fragments / sizeof *fragments)

static const char *const around[][2] = {
    {"", ""}, {"<think>a</think><answer>", "</answer>"}, {"\\boxed{", "}"}};
#define N_AROUND (sizeof around / sizeof *around)

/* One fragment over and over, `size` bytes of it; *out is the caller's. */
static size_t repeat(char **out, const char *fragment, const char *const *pair,
		     size_t size)
{
	size_t n = strlen(fragment), before = strlen(pair[0]),
	       after = strlen(pair[1]);
	char *p = malloc(before + size + n + after);
	size_t len = before;

	ck_assert_ptr_nonnull(p);
	memcpy(p, pair[0], before);
	while (len < before + size) {
		memcpy(p + len, fragment, n);
		len += n;
	}
	memcpy(p + len, pair[1], after);
	*out = p;
	return len + after;
}

/* Milliseconds as a rule; quadratic time would need minutes. */
static void expect_quick(grpo_reward_set *set, const char *what, size_t size,
			 const char *const *pair)
{
	grpo_reward_row row;
	double began, seconds, reward;
	uint8_t status;
	char *text;

	row = hostile_row(NULL, 0);
	row.completion.len = repeat(&text, what, pair, size);
	row.completion.ptr = text;
	ok(grpo_reward_set_begin(set, 1));
	ok(grpo_reward_set_submit(set, 0, &row));
	began = grpo_reward_set_seconds(set);
	ok(grpo_reward_set_wait(set, &reward, &status));
	seconds = grpo_reward_set_seconds(set) - began;
	ck_assert_msg(seconds < 5, "%zu bytes of \"%s\": %g s", size, what,
		      seconds);
	ck_assert_msg(reward == 0 || *pair[0], "%zu bytes of \"%s\": reward %g",
		      size, what, reward);
	ck_assert_int_lt(status, 64);
	free(text);
}

START_TEST(a_megabyte_of_anything_is_scored_at_once)
{
	grpo_reward_set *set = new_set(1, own[_i], NULL);

	for (size_t i = 0; i < N_FRAGMENTS; i++) {
		for (size_t j = 0; j < N_AROUND; j++) {
			expect_quick(set, fragments[i], 10000, around[j]);
			expect_quick(set, fragments[i], 1000000, around[j]);
		}
	}
	grpo_reward_set_free(set);
}
END_TEST

#define N_RANDOM 4000

/* Fragments in random order; the same for the same i. */
static size_t random_text(char *out, size_t size, uint32_t i)
{
	grpo__rng rng = {.seed = 1, .row = i, .purpose = GRPO__RNG_TEST};
	uint32_t n = grpo__rng_below(&rng, 24);
	size_t len = 0;

	for (uint32_t j = 0; j < n; j++) {
		const char *f = fragments[grpo__rng_below(&rng, N_FRAGMENTS)];

		if (len + strlen(f) > size)
			break;
		memcpy(out + len, f, strlen(f));
		len += strlen(f);
	}
	return len;
}

static void score_random(const char *name, int threads, double *rewards,
			 uint8_t *status)
{
	grpo_reward_set *set = new_set(threads, name, NULL);
	char text[1024];

	ok(grpo_reward_set_begin(set, N_RANDOM));
	for (int i = 0; i < N_RANDOM; i++) {
		size_t len = random_text(text, sizeof text, (uint32_t)i);
		grpo_reward_row row = hostile_row(text, len);

		ok(grpo_reward_set_submit(set, i, &row));
	}
	ok(grpo_reward_set_wait(set, rewards, status));
	grpo_reward_set_free(set);
}

START_TEST(random_text_is_scored_and_always_the_same)
{
	static double rewards[2][N_RANDOM];
	static uint8_t status[2][N_RANDOM];

	score_random(own[_i], 1, rewards[0], status[0]);
	score_random(own[_i], 4, rewards[1], status[1]);
	for (int i = 0; i < N_RANDOM; i++) {
		ck_assert_int_lt(status[0][i], 64);
		ck_assert(rewards[0][i] >= 0 && rewards[0][i] <= 1);
	}
	ck_assert_mem_eq(rewards[0], rewards[1], sizeof rewards[0]);
	ck_assert_mem_eq(status[0], status[1], sizeof status[0]);
}
END_TEST

START_TEST(every_one_of_these_has_cases)
{
	int found = 0;

	for (size_t i = 0; i < files.gl_pathc; i++)
		found += strcmp(name_of((int)i), own[_i]) == 0;
	ck_assert_int_eq(found, 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("rewards");
	TCase *t = tcase_create("rewards");
	SRunner *runner;
	int n, failed;

	if (glob("rewards/*/cases.jsonl", 0, NULL, &files) != 0) {
		fputs("no rewards/*/cases.jsonl here\n", stderr);
		return EXIT_FAILURE;
	}
	n = (int)files.gl_pathc;
	tcase_set_timeout(t, 300);
	tcase_add_loop_test(t, every_one_of_these_has_cases, 0, N_OWN);
	tcase_add_loop_test(t, every_case_gives_its_reward_and_status, 0, n);
	tcase_add_loop_test(t, every_case_gives_the_same_on_eight_threads, 0,
			    n);
	tcase_add_loop_test(t, every_case_gives_the_same_backwards, 0, n);
	tcase_add_loop_test(t, an_unknown_parameter_is_refused, 0, N_OWN);
	tcase_add_loop_test(t, a_parameter_of_another_type_is_refused, 0,
			    N_OWN);
	tcase_add_loop_test(t, parameters_that_make_no_sense_are_refused, 0,
			    N_REFUSED);
	tcase_add_loop_test(t, a_megabyte_of_anything_is_scored_at_once, 0,
			    N_OWN);
	tcase_add_loop_test(t, random_text_is_scored_and_always_the_same, 0,
			    N_OWN);
	suite_add_tcase(s, t);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	globfree(&files);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
