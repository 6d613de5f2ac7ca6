/* SPDX-License-Identifier: MIT */
/* The program examples/r1_zero: bad input, and a whole run in small. */
#include <check.h>
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include "tests/r1_zero_rig.h"
#include "tests/torch_suite.h"

/* ------------------------------------------------------------- bad input */

/* Exit status 2, the line, and how it is used. */
static void misused(int status, const char *text)
{
	char *err = program_wrote("err");

	if (status != 2 || strncmp(err, "r1_zero: ", 9) != 0 ||
	    !strstr(err, text) || !strstr(err, "\nusage: r1_zero --config"))
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
	misused(run("--confg", "x.json", NULL), "unknown argument --confg");
	misused(run("--config", NULL), "--config needs a value");
	misused(run(NULL), "--config RECIPE is missing");
	misused(run("--dry-run", "--resume", NULL), "--dry-run is for a new");
	refused(run("--config", "defualt", NULL), "(countdown, default, smol");
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
	refused(RUN("--resume"), "no run to resume in ");
}
END_TEST

START_TEST(a_model_that_is_not_there_is_not_downloaded)
{
	refused(RUN("--set", "seed=1"), "nothing is downloaded");
	refused(RUN("--set", "model={cache}/smollm2-135m"), "make smollm2");
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

START_TEST(a_run_leaves_everything_in_its_folder)
{
	static const char *const files[] = {
	    "config.json",
	    "curve.svg",
	    "metrics.jsonl",
	    "samples.jsonl",
	    "summary.json",
	    "model/config.json",
	    "model/tokenizer.json",
	    "model/model.safetensors",
	    "checkpoints/step-000006/state.json"};
	char path[256], talk[512];
	size_t i;

	program_expect_status(small_run("whole", NULL), 0);
	for (i = 0; i < sizeof files / sizeof *files; i++) {
		snprintf(path, sizeof path, "whole/%s", files[i]);
		free(program_wrote(path));
	}
	check_summary("whole/summary.json");
	program_expect("whole/curve.svg", "</svg>");
	program_expect(
	    "out",
	    "data: 32 rows to train on (20 of them are never reached), 8 ");
	program_expect("out", "a step samples 8 completions");
	program_expect("out", "  time: sampling ");
	program_expect("out", "warning: with 2 tries each, the model solved "
			      "none of 8 ");
	snprintf(talk, sizeof talk, "bin/generate --model %s/model \"",
		 scratch_path("whole"));
	program_expect("out", talk);
}
END_TEST

START_TEST(a_run_that_learns_nothing_says_so)
{
	char plugin[PROGRAM_PATH], rewards[8192];
	struct small_run s = {.more = {"--set", "max_steps=11", "--set",
				       "eval_steps=0", "--set",
				       "num_generations=2", "--set", "pass_k=0",
				       "--set", rewards}};

	snprintf(rewards, sizeof rewards,
		 "rewards=[{\"name\": \"math\"}, {\"name\": \"%s\", "
		 "\"params\": {\"text\": \"zzz\"}}]",
		 program_beside(plugin, "plugins/contains.so"));
	program_expect_status(small_run_with("idle", &s), 0);
	program_expect("out", "warning: with 1 try each");
	program_expect("out", "warning: after step 10: ");
	program_expect("out", "  a completion of ");
	program_expect("out", "contains 0, scored");
}
END_TEST

START_TEST(what_is_no_terminal_gets_plain_lines)
{
	char *out, *p;
	int steps = 0;

	program_expect_status(small_run("whole", NULL), 0);
	out = program_wrote("out");
	for (p = out; *p; p++)
		ck_assert(*p == '\n' || (unsigned char)*p >= ' ');
	for (p = out; (p = strstr(p, "\nstep ")) != NULL; p++)
		steps++;
	ck_assert_int_eq(steps, 6);
	free(out);
}
END_TEST

START_TEST(the_resolved_configuration_is_itself_a_recipe)
{
	char recipe[600];

	program_expect_status(small_run("whole", NULL), 0);
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

/* ------------------------------------------------------------- its folder */

static int exists(const char *name)
{
	return access(scratch_path(name), F_OK) == 0;
}

/* What a failed start must leave alone. */
static void untouched(void)
{
	ck_assert(exists("run/summary.json"));
	ck_assert(!exists("run.1"));
	ck_assert(!exists("run.starting"));
}

START_TEST(an_earlier_run_is_moved_only_when_everything_could_be_opened)
{
	const struct small_run bad = {.more = {"--set", "prompts_per_step=99"}};
	char text[1200];

	program_expect_status(small_run("run", NULL), 0);
	refused(RUN("--set", "dataset=/nowhere.jsonl"), "/nowhere.jsonl");
	untouched();
	refused(RUN("--set", "seed=1"), "/nowhere/model");
	untouched();
	refused(small_run_with("run", &bad), "prompts_per_step");
	untouched();
	program_expect_status(small_run("run", "--dry-run"), 0);
	untouched();
	program_expect_status(small_run("run", NULL), 0);
	snprintf(text, sizeof text, "the earlier run in %s is now in %s",
		 scratch_path("run"), scratch_path("run.1"));
	program_expect("out", text);
	same("run/samples.jsonl", "run.1/samples.jsonl");
	ck_assert(!exists("run.starting"));
	/* --resume says where it is */
	ck_assert_int_eq(unlink(scratch_path("run/progress.json")), 0);
	snprintf(text, sizeof text,
		 "no run to resume in %s; an earlier one is in %s",
		 scratch_path("run"), scratch_path("run.1"));
	refused(RUN("--resume"), text);
}
END_TEST

START_TEST(a_dry_run_checks_everything_and_leaves_nothing)
{
	program_expect_status(small_run("new/run", "--dry-run"), 0);
	program_expect(
	    "out",
	    "data: 32 rows to train on (20 of them are never reached), 8 ");
	program_expect("out", "nothing was trained (--dry-run)");
	ck_assert(!exists("new"));
	refused(RUN("--dry-run"), "/nowhere/model");
	ck_assert(!exists("run"));
}
END_TEST

START_TEST(a_folder_has_one_run_at_a_time)
{
	int fd;

	ck_assert_int_eq(mkdir(scratch_path("run"), 0777), 0);
	fd = open(scratch_path("run"), O_RDONLY | O_DIRECTORY);
	ck_assert_int_eq(flock(fd, LOCK_EX), 0);
	refused(RUN("--set", "seed=1"), "another run is going on in ");
	close(fd);
	refused(RUN("--set", "seed=1"), "/nowhere/model");
}
END_TEST

START_TEST(it_works_from_any_folder)
{
	ck_assert_int_eq(chdir(scratch_folder), 0);
	program_expect_status(run("--config", "default", "--dry-run", NULL), 0);
	program_expect("out",
		       "data: 4096 rows to train on (2016 of them are never");
}
END_TEST

START_TEST(a_run_can_be_drawn)
{
	char path[512];

	program_expect_status(small_run("run", NULL), 0);
	ck_assert_int_eq(unlink(scratch_path("run/curve.svg")), 0);
	snprintf(path, sizeof path, "%s", scratch_path("run"));
	program_expect_status(run("--plot", path, NULL), 0);
	program_expect("run/curve.svg", "</svg>\n");
	program_expect("run/curve.svg", ">100 %<");
	program_expect("run/curve.svg", ">accuracy<");
	snprintf(path, sizeof path, "%s", scratch_path("run/metrics.jsonl"));
	program_expect_status(run("--output", scratch_path("two.svg"), "--plot",
				  path, path, NULL),
			      0);
	program_expect("two.svg", "</svg>\n");
	misused(run("--plot", NULL), "--plot needs the folder of a run");
	program_expect_status(run("--plot", "--help", NULL), 0);
	refused(run("--plot", "/nowhere", NULL), "/nowhere: No such file");
	refused(run("--plot", scratch_folder, NULL), "metrics.jsonl: No such");
	refused(run("--plot", scratch_text("metrics.jsonl", "{}\nx"), NULL),
		"has no step of a run in it");
}
END_TEST

/* Whether a line of its output that begins with `start` has `text` in it. */
static int has_line(const char *start, const char *text)
{
	FILE *f = fopen(scratch_path("out"), "rb");
	char line[1024];
	int found = 0;

	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof line, f))
		if (!start || strncmp(line, start, strlen(start)) == 0)
			found |= strstr(line, text) != NULL;
	fclose(f);
	return found;
}

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
	program_expect("out", "held out: format -, accuracy ");
	program_expect("out", "\nstep 1/2  reward ");
	ck_assert(!has_line(NULL, "nan"));
	ck_assert(has_line("step ", "  accuracy "));
	ck_assert(!has_line("step ", "format"));
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
	tcase_add_test(c, a_model_that_is_not_there_is_not_downloaded);
	tcase_add_test(c, a_base_without_the_skill_is_refused);
	tcase_add_test(c, a_run_leaves_everything_in_its_folder);
	tcase_add_test(c, a_run_that_learns_nothing_says_so);
	tcase_add_test(c, what_is_no_terminal_gets_plain_lines);
	tcase_add_test(c, the_resolved_configuration_is_itself_a_recipe);
	tcase_add_test(
	    c, an_earlier_run_is_moved_only_when_everything_could_be_opened);
	tcase_add_test(c, a_dry_run_checks_everything_and_leaves_nothing);
	tcase_add_test(c, a_folder_has_one_run_at_a_time);
	tcase_add_test(c, it_works_from_any_folder);
	tcase_add_test(c, a_run_can_be_drawn);
	tcase_add_test(c, a_reward_of_ones_own_trains);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return run_torch_suite(suite());
}
