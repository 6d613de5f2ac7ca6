/* SPDX-License-Identifier: MIT */
/* The program examples/r1_zero: bad input, and a whole run in small. */
#include <check.h>
#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/program.h"
#include "tests/torch_suite.h"

#define MAX_ARGUMENTS 64

/* ------------------------------------------------------------ running it */

static pid_t start(char **arguments)
{
	char program[PROGRAM_PATH];

	setenv("XDG_CACHE_HOME", scratch_folder, 1);
	setenv("OMP_NUM_THREADS", "1", 1);
	arguments[0] = (char *)program_beside(program, "../bin/r1_zero");
	return program_start(arguments, NULL);
}

/* The arguments end with NULL. */
static int run(const char *first, ...)
{
	char *arguments[MAX_ARGUMENTS] = {NULL, (char *)first};
	va_list list;
	int n = 1;

	va_start(list, first);
	while (arguments[n] && n < MAX_ARGUMENTS - 2)
		arguments[++n] = va_arg(list, char *);
	va_end(list);
	return program_finish(start(arguments));
}

/* ------------------------------------------------------------- bad input */

/* Exit status 1, and one line on stderr that holds the text. */
static void refused(int status, const char *text)
{
	char *err = program_wrote("err");

	if (status != 1 || strncmp(err, "r1_zero: ", 9) != 0 ||
	    strchr(err, '\n') != err + strlen(err) - 1 || !strstr(err, text))
		ck_abort_msg("status %d, \"%s\", expected \"%s\"", status, err,
			     text);
	free(err);
}

START_TEST(help_lists_every_kind_of_key)
{
	char *out;

	ck_assert_int_eq(run("--help", NULL), 0);
	out = program_wrote("out");
	ck_assert_ptr_nonnull(strstr(out, "num_generations"));
	ck_assert_ptr_nonnull(strstr(out, "base.stop_skill"));
	ck_assert_ptr_nonnull(strstr(out, "generate.problems"));
	ck_assert_ptr_nonnull(strstr(out, "weight_decay"));
	free(out);
}
END_TEST

START_TEST(arguments_that_make_no_sense_are_named)
{
	refused(run("--confg", "x.json", NULL), "unknown argument --confg");
	refused(run("--config", NULL), "--config needs a value");
	refused(run("--set", "seed", NULL), "key=value");
	refused(run("--set", "sed=1", NULL), "(nearest: \"seed\")");
	refused(run("--set", "num_generations=1", NULL), "\"num_generations\"");
	refused(run("--config", "/nowhere.json", NULL), "/nowhere.json");
}
END_TEST

START_TEST(a_recipe_that_makes_no_sense_is_named)
{
	const char *recipe =
	    scratch_text("recipe.json", "{\"num_generation\": 4}");

	refused(run("--config", recipe, NULL),
		"recipe.json: unknown key \"num_generation\" "
		"(nearest: \"num_generations\")");
	scratch_text("recipe.json", "{\"seed\": 1,}");
	refused(run("--config", recipe, NULL), "recipe.json");
	refused(run("--output", scratch_path("run"), NULL),
		"\"model\" is not set");
	refused(run("--set", "model=/nowhere", NULL), "\"output_dir\"");
}
END_TEST

/* With a model's folder that is not there, so that what is wrong before it
 * is said first. */
#define RUN(...)                                                               \
	run("--set", "model=/nowhere/model", "--output", scratch_path("run"),  \
	    __VA_ARGS__, NULL)

START_TEST(parts_that_do_not_fit_are_named)
{
	const char *data;

	refused(RUN("--set", "seed=1"), "/nowhere/model");
	refused(RUN("--set", "template=no place for it"), "{prompt}");
	refused(RUN("--set", "rewards=[{\"name\": \"nowhere\"}]"), "nowhere");
	refused(RUN("--set", "rewards=[{\"nme\": \"math\"}]"), "\"nme\"");
	refused(RUN("--set", "accuracy_reward=code"), "\"accuracy_reward\"");
	refused(RUN("--set", "rewards=[{\"name\": \"format\", \"params\": "
			     "{\"mod\": 1}}, {\"name\": \"math\"}]"),
		"mod");
	refused(RUN("--set", "dataset=/nowhere.jsonl"), "/nowhere.jsonl");
	data = scratch_text("bad.jsonl", "{\"prompt\": \"a\"}\n{\"a\": 1}\n");
	{
		char set[640];

		snprintf(set, sizeof set, "dataset=%s", data);
		refused(RUN("--set", set), "bad.jsonl:2: \"prompt\"");
	}
}
END_TEST

static const char *setting(const char *key, const char *path)
{
	static char text[4][640];
	static int next;
	char *s = text[next++ % 4];

	snprintf(s, sizeof text[0], "%s=%s", key, path);
	return s;
}

START_TEST(files_with_other_names_are_read_through_a_column_map)
{
	const char *train = setting(
	    "dataset", scratch_text("q.jsonl", "{\"question\": \"a\"}\n"));

	refused(RUN("--set", train), "q.jsonl:1: \"prompt\" is missing");
	refused(RUN("--set", train, "--set",
		    "column_map={\"prompt\": \"questio\"}"),
		"q.jsonl:1: \"questio\" is missing");
	refused(RUN("--set", train, "--set",
		    "column_map={\"prompt\": \"question\"}"),
		"/nowhere/model");
}
END_TEST

START_TEST(a_prompt_in_both_files_is_a_warning_or_an_error)
{
	const char *train, *test;
	char *out;

	train = setting("dataset",
			scratch_text("train.jsonl", "{\"prompt\": \"a\"}\n"
						    "{\"prompt\": \"b\"}\n"));
	test = setting("held_out",
		       scratch_text("test.jsonl", "{\"prompt\": \"B\"}\n"));
	refused(RUN("--set", train, "--set", test), "/nowhere/model");
	out = program_wrote("out");
	ck_assert_ptr_nonnull(strstr(out, "train.jsonl:2 and "));
	ck_assert_ptr_nonnull(strstr(out, "test.jsonl:1 have the same prompt"));
	free(out);
	refused(RUN("--set", train, "--set", test, "--set", "overlap=error"),
		"1 of 1 held-out rows are in both files");
	refused(RUN("--set", train, "--set", test, "--set", "overlap=ignore"),
		"/nowhere/model");
	out = program_wrote("out");
	ck_assert_ptr_null(strstr(out, "same prompt"));
	free(out);
}
END_TEST

START_TEST(there_must_be_a_run_to_resume)
{
	refused(RUN("--resume"), "there is no run to resume");
}
END_TEST

START_TEST(a_base_without_the_skill_is_refused)
{
	refused(run("--output", scratch_path("run"), "--set", "base.steps=2",
		    "--set", "base.docs_per_step=2", "--set",
		    "base.probe_prompts=4", "--set", "base.need_skill=0.9",
		    "--set", "max_completion_length=8", NULL),
		"\"base.need_skill\" is 90 %");
}
END_TEST

/* ----------------------------------------------------------- a whole run */

/* Seconds, not minutes: the base knows nothing and the reward is for an "e",
 * so that there is something to learn at once.  With `interrupt` the run is
 * interrupted in its third step. */
static int small_run(const char *name, const char *more, int interrupt)
{
	char plugin[PROGRAM_PATH], rewards[8192], output[512], metrics[600];
	/* clang-format off */
	char *arguments[MAX_ARGUMENTS] = {
		NULL, "--output", output,
		"--set", "base.steps=4", "--set", "base.decay_steps=2",
		"--set", "base.docs_per_step=4", "--set", "base.window=2",
		"--set", "base.probe_prompts=4", "--set", "base.probe_steps=3",
		"--set", "template={prompt} <think>", "--set", rewards,
		"--set", "format_reward=contains", "--set", "generate.train=32",
		"--set", "generate.held_out=8", "--set", "prompts_per_step=2",
		"--set", "num_generations=4", "--set", "max_completion_length=16",
		"--set", "learning_rate=1e-3", "--set", "max_steps=6",
		"--set", "eval_steps=2", "--set", "num_generations_eval=1",
		"--set", "pass_k=2", "--set", "show_steps=2",
		"--set", "n_threads=1", "--set", "seed=3"};
	/* clang-format on */
	int n = 0;

	snprintf(output, sizeof output, "%s", scratch_path(name));
	snprintf(metrics, sizeof metrics, "%s/metrics.jsonl", output);
	snprintf(rewards, sizeof rewards,
		 "rewards=[{\"name\": \"math\"}, {\"name\": \"%s\", "
		 "\"params\": {\"text\": \"e\"}}]",
		 program_beside(plugin, "plugins/contains.so"));
	while (n == 0 || arguments[n])
		n++;
	arguments[n] = (char *)more;
	if (interrupt)
		setenv("CONTAINS_INTERRUPT", metrics, 1);
	else
		unsetenv("CONTAINS_INTERRUPT");
	return program_finish(start(arguments));
}

static double number(const cJSON *root, const char *section, const char *key)
{
	const cJSON *o = section ? cJSON_GetObjectItem(root, section) : root;
	const cJSON *item = cJSON_GetObjectItem(o, key);

	if (!cJSON_IsNumber(item))
		ck_abort_msg("summary.json: %s.%s is missing",
			     section ? section : "", key);
	return item->valuedouble;
}

static void check_summary(const char *name)
{
	char *text = program_wrote(name);
	cJSON *s = cJSON_Parse(text);

	ck_assert_ptr_nonnull(s);
	ck_assert_double_eq(number(s, NULL, "seed"), 3);
	ck_assert_double_eq(number(s, NULL, "steps"), 6);
	ck_assert_double_ge(number(s, "before", "format"), 0);
	ck_assert_double_le(number(s, "before", "accuracy"), 1);
	ck_assert_double_gt(number(s, "after", "mean_length"), 0);
	ck_assert_double_gt(number(s, "seconds", "sampling"), 0);
	ck_assert_double_gt(number(s, "seconds", "training"), 0);
	ck_assert_double_ge(number(s, "seconds", "rewards"), 0);
	ck_assert_double_ge(number(s, "seconds", "base"), 0);
	ck_assert_double_gt(number(s, "seconds", "total"), 0);
	ck_assert_double_gt(number(s, "tokens_per_second", "sampling"), 0);
	ck_assert_double_gt(number(s, "tokens_per_second", "training"), 0);
	ck_assert(cJSON_IsString(
	    cJSON_GetObjectItem(cJSON_GetObjectItem(s, "versions"), "torch")));
	cJSON_Delete(s);
	free(text);
}

static void same(const char *a, const char *b)
{
	size_t na, nb;
	char *ta, *tb;

	ck_assert_int_eq(grpo__file_read(&ta, &na, scratch_path(a), 1 << 24),
			 0);
	ck_assert_int_eq(grpo__file_read(&tb, &nb, scratch_path(b), 1 << 24),
			 0);
	ck_assert_uint_eq(na, nb);
	ck_assert_mem_eq(ta, tb, na);
	free(ta);
	free(tb);
}

START_TEST(a_run_that_was_interrupted_ends_as_one_that_was_not)
{
	static const char *const files[] = {
	    "config.json",
	    "metrics.jsonl",
	    "samples.jsonl",
	    "summary.json",
	    "model/config.json",
	    "model/tokenizer.json",
	    "model/model.safetensors",
	    "checkpoints/step-000006/state.json"};
	char path[256];
	size_t i;

	program_expect_status(small_run("whole", NULL, 0), 0);
	for (i = 0; i < sizeof files / sizeof *files; i++) {
		snprintf(path, sizeof path, "whole/%s", files[i]);
		free(program_wrote(path));
	}
	check_summary("whole/summary.json");
	program_expect_status(small_run("two", NULL, 1), 130);
	program_expect_status(small_run("two", "--resume", 0), 0);
	check_summary("two/summary.json");
	same("whole/samples.jsonl", "two/samples.jsonl");
	same("whole/model/model.safetensors", "two/model/model.safetensors");
}
END_TEST

START_TEST(the_resolved_configuration_is_itself_a_recipe)
{
	char recipe[600];

	program_expect_status(small_run("whole", NULL, 0), 0);
	snprintf(recipe, sizeof recipe, "%s",
		 scratch_path("whole/config.json"));
	program_expect_status(
	    run("--config", recipe, "--output", scratch_path("again"), NULL),
	    0);
	same("whole/samples.jsonl", "again/samples.jsonl");
	/* a new run in a folder keeps the old one */
	program_expect_status(run("--config", recipe, NULL), 0);
	same("whole/samples.jsonl", "whole.1/samples.jsonl");
}
END_TEST

/* As examples/custom_reward/README.md has it. */
START_TEST(a_reward_of_ones_own_trains)
{
	char plugin[PROGRAM_PATH], rewards[8192], data[512], held_out[512];
	char output[512];

	snprintf(
	    rewards, sizeof rewards,
	    "rewards=[{\"name\": \"%s\", \"params\": {\"max_words\": 60}}]",
	    program_beside(plugin,
			   "../examples/custom_reward/custom_reward.so"));
	snprintf(
	    data, sizeof data, "dataset=%s",
	    scratch_text("train.jsonl",
			 "{\"prompt\": \"Say a.\", \"keywords\": [\"a\"]}\n"
			 "{\"prompt\": \"Say 1.\", \"keywords\": [\"1\"]}\n"));
	snprintf(held_out, sizeof held_out, "held_out=%s",
		 scratch_path("train.jsonl"));
	snprintf(output, sizeof output, "%s", scratch_path("run"));
	program_expect_status(
	    run("--output", output, "--set", "base.steps=2", "--set",
		"base.docs_per_step=2", "--set", "base.probe_prompts=4",
		"--set", data, "--set", held_out, "--set", rewards, "--set",
		"accuracy_reward=custom_reward", "--set", "format_reward=null",
		"--set", "prompts_per_step=2", "--set", "num_generations=4",
		"--set", "max_completion_length=8", "--set", "max_steps=2",
		"--set", "pass_k=0", "--set", "n_threads=1", NULL),
	    0);
	program_expect("run/samples.jsonl",
		       "{\"custom_reward\": {\"reward\": ");
	program_expect("run/metrics.jsonl", "rewards/custom_reward/mean");
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("r1_zero");
	TCase *c = tcase_create("program");

	tcase_set_timeout(c, 300);
	tcase_add_checked_fixture(c, scratch_make, scratch_remove);
	tcase_add_test(c, help_lists_every_kind_of_key);
	tcase_add_test(c, arguments_that_make_no_sense_are_named);
	tcase_add_test(c, a_recipe_that_makes_no_sense_is_named);
	tcase_add_test(c, parts_that_do_not_fit_are_named);
	tcase_add_test(c, files_with_other_names_are_read_through_a_column_map);
	tcase_add_test(c, a_prompt_in_both_files_is_a_warning_or_an_error);
	tcase_add_test(c, there_must_be_a_run_to_resume);
	tcase_add_test(c, a_base_without_the_skill_is_refused);
	tcase_add_test(c, a_run_that_was_interrupted_ends_as_one_that_was_not);
	tcase_add_test(c, the_resolved_configuration_is_itself_a_recipe);
	tcase_add_test(c, a_reward_of_ones_own_trains);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return run_torch_suite(suite());
}
