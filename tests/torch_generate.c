/* SPDX-License-Identifier: MIT */
/* The program examples/generate, on a model of random weights. */
#include <check.h>
#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/json.h"
#include "grpo/error.h"
#include "grpo/template.h"
#include "grpo/torch.h"
#include "tests/program.h"
#include "tests/torch_suite.h"

#define MAX_ARGUMENTS 32

/* ------------------------------------------------------------ running it */

static char model[PROGRAM_PATH];

static void must(int rc)
{
	ck_assert_msg(rc == 0, "%s", grpo_error_message());
}

/* The base of r1_zero with random weights, as a folder of its own. */
static void make_model(void)
{
	grpo_model_options o;
	grpo_model *m;

	scratch_make();
	snprintf(model, sizeof model, "%s", scratch_path("model"));
	must(grpo_model_options_init(&o));
	o.n_threads = 1;
	o.embedding_std = 0.05;
	must(grpo_model_random(&m, "examples/r1_zero/base", 1, &o));
	must(grpo_model_save(m, model, NULL));
	grpo_model_free(m);
}

static void save_template(const char *name, const char *system)
{
	grpo_template *t;

	must(grpo_template_create(&t, name, system));
	must(grpo_template_save(t, model, 1));
	grpo_template_free(t);
}

/* With --model; the arguments end with NULL. */
static int generate_from(const char *input, ...)
{
	char program[PROGRAM_PATH];
	char *arguments[MAX_ARGUMENTS] = {NULL, "--model", model, "--threads",
					  "1"};
	va_list list;
	int n = 5;

	arguments[0] = (char *)program_beside(program, "../bin/generate");
	va_start(list, input);
	while (n < MAX_ARGUMENTS - 1 && (arguments[n] = va_arg(list, char *)))
		n++;
	va_end(list);
	return program_finish(program_start(arguments, input));
}

#define GENERATE(...)                                                          \
	program_expect_status(generate_from(NULL, __VA_ARGS__, NULL), 0)

/* Exit status 1, and the line after the program's name on stderr. */
static void refused(int status, const char *wanted)
{
	program_expect_status(status, 1);
	program_expect("err", wanted);
}

/* ------------------------------------------------------------ its output */

/* The lines of "out"; the caller frees the array. */
static cJSON *objects(void)
{
	cJSON *all = cJSON_CreateArray();
	char *out = program_wrote("out"), *line = out, *end;

	for (; *line; line = end + 1) {
		cJSON *x;

		end = strchr(line, '\n');
		ck_assert_ptr_nonnull(end);
		x = cJSON_ParseWithLength(line, (size_t)(end - line));
		ck_assert_msg(x != NULL, "%s", line);
		cJSON_AddItemToArray(all, x);
	}
	free(out);
	return all;
}

static int number(const cJSON *x, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(x, key);

	ck_assert_msg(cJSON_IsNumber(item), "%s", key);
	return item->valueint;
}

static const char *text(const cJSON *x, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(x, key);

	ck_assert_msg(cJSON_IsString(item), "%s", key);
	return item->valuestring;
}

/* ------------------------------------------------------------------ tests */

#define N_PROMPTS 12
#define N_EACH 3

/* Random weights end a text at any time: these come in another order. */
START_TEST(completions_keep_the_order_of_their_prompts)
{
	grpo__buf b = {0};
	cJSON *all;
	const cJSON *x;
	int i = 0, stopped = 0;

	for (int k = 0; k < N_PROMPTS; k++)
		grpo__buf_printf(&b, "What is %d + 1?\n", k);
	program_expect_status(generate_from(scratch_text("lines", b.data), "-n",
					    "3", "--max-new-tokens", "300",
					    NULL),
			      0);
	grpo__buf_dispose(&b);
	all = objects();
	ck_assert_int_eq(cJSON_GetArraySize(all), N_PROMPTS * N_EACH);
	cJSON_ArrayForEach(x, all)
	{
		char want[64];

		snprintf(want, sizeof want, "What is %d + 1?", i / N_EACH);
		ck_assert_str_eq(text(x, "prompt"), want);
		ck_assert_int_eq(number(x, "prompt_index"), i / N_EACH);
		ck_assert_int_eq(number(x, "sample"), i++ % N_EACH);
		stopped += strcmp(text(x, "finish"), "stop") == 0;
	}
	ck_assert_int_gt(stopped, 0);
	ck_assert_int_lt(stopped, N_PROMPTS * N_EACH);
	cJSON_Delete(all);
}
END_TEST

START_TEST(the_template_that_was_saved_is_used)
{
	char *saved, *named;
	cJSON *all;

	GENERATE("--greedy", "--template", "Q {prompt} A <think>", "1 + 1?");
	named = program_wrote("out");
	save_template("Q {prompt} A <think>", NULL);
	GENERATE("--greedy", "1 + 1?");
	saved = program_wrote("out");
	ck_assert_str_eq(saved, named);
	all = objects();
	ck_assert_int_eq(strncmp(text(all->child, "completion"), "<think>", 7),
			 0);
	ck_assert_str_eq(text(all->child, "prompt"), "1 + 1?");
	cJSON_Delete(all);
	GENERATE("--greedy", "--template", "plain", "1 + 1?");
	program_expect("err", "was trained with another template; without "
			      "--template, that one is used\n");
	free(saved);
	saved = program_wrote("out");
	ck_assert_str_ne(saved, named);
	free(saved);
	free(named);
}
END_TEST

START_TEST(a_chat_template_that_is_not_used_is_told)
{
	FILE *f = fopen(scratch_path("model/chat_template.jinja"), "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fclose(f), 0);
	GENERATE("--max-new-tokens", "1", "hello");
	program_expect("err", "has a chat template, which is not used");
	save_template("chatml", NULL);
	GENERATE("--max-new-tokens", "1", "hello");
	{
		char *err = program_wrote("err");

		ck_assert_str_eq(err, "");
		free(err);
	}
}
END_TEST

#define ROWS                                                                   \
	"{\"question\": \"2 + 2?\", \"answer\": 4, \"tags\": [\"a\"],"         \
	" \"sample\": 9}\n\n"                                                  \
	"{\"question\": [{\"role\": \"user\", \"content\": \"1 + 4?\"}],"      \
	" \"answer\": 5.0}\n"

START_TEST(a_dataset_keeps_its_other_columns)
{
	const char *rows = scratch_text("rows.jsonl", ROWS);
	char *out;

	save_template("r1-zero", NULL);
	GENERATE("--dataset", rows, "--column-map",
		 "{\"prompt\": \"question\"}", "--max-new-tokens", "2");
	out = program_wrote("out");
	ck_assert_ptr_nonnull(
	    strstr(out, "{\"prompt_index\": 0, \"sample\": 0, \"prompt\": "
			"\"2 + 2?\", \"answer\": 4, \"tags\": [\"a\"], "
			"\"completion\": \"<think>"));
	ck_assert_ptr_nonnull(
	    strstr(out, "{\"prompt_index\": 1, \"sample\": 0, \"prompt\": "
			"[{\"role\": \"user\", \"content\": \"1 + 4?\"}], "
			"\"answer\": 5.0, \"completion\": \"<think>"));
	free(out);
}
END_TEST

START_TEST(score_reads_what_was_generated)
{
	const char *rows = scratch_text(
	    "rows.jsonl", "{\"prompt\": \"2 + 2?\", \"answer\": 4}\n");
	char program[PROGRAM_PATH];
	char *score[] = {NULL, "--reward", "format", "--reward", "math", NULL};

	GENERATE("--dataset", rows, "-n", "2", "--max-new-tokens", "5");
	rename(scratch_path("out"), scratch_path("generated"));
	score[0] = (char *)program_beside(program, "../bin/score");
	program_expect_status(
	    program_finish(program_start(score, scratch_path("generated"))), 0);
	program_expect("out", "\"answer\": 4, \"completion\": ");
	program_expect("out", "\"rewards\": {\"format\": ");
	program_expect("err", "2 rows");
}
END_TEST

START_TEST(an_invalid_prompt_is_reported_with_its_line)
{
	const char *rows = scratch_text(
	    "rows.jsonl",
	    "{\"prompt\": \"2 + 2?\"}\n{\"prompt\": [{\"role\": \"system\", "
	    "\"content\": \"x\"}]}\n");

	refused(generate_from(NULL, "--dataset", rows, NULL),
		"rows.jsonl:2: the last message must be the user's");
	refused(generate_from(scratch_text("lines", "a\n\nb\n"), NULL),
		"prompt 2: the prompt is empty");
	refused(generate_from(NULL, "--max-new-tokens", "9999", "a", NULL),
		"prompt 1: the prompt's ");
	refused(generate_from(NULL, "--dataset", "/nowhere.jsonl", NULL),
		"/nowhere.jsonl");
	scratch_text("model/grpo_template.json", "{\"template\": 7}");
	refused(generate_from(NULL, "a", NULL),
		"grpo_template.json: \"template\": expected a string");
}
END_TEST

START_TEST(a_wrong_command_line_is_told_with_status_2)
{
	static const struct {
		const char *argument, *value, *wanted;
	} bad[] = {
	    {"--modle", "x", "generate: unknown option --modle (see --help)"},
	    {"-n", "0", "generate: -n: \"0\" is not a whole number from 1"},
	    {"--top-p", "2", "generate: --top-p: \"2\" is not a number from 0"},
	    {"--column-map", "{}", "--column-map is for a --dataset"},
	    {"--system", "x", "--system is for a --template"},
	    {"x", "--dataset", "--dataset needs a value"},
	    {"--dataset=x", "x", "from --dataset or from the command line"},
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		program_expect_status(
		    generate_from(NULL, bad[i].argument, bad[i].value, NULL),
		    2);
		program_expect("err", bad[i].wanted);
	}
	GENERATE("--help");
	program_expect("out", "usage: generate --model");
}
END_TEST

/* -------------------------------------------------------- the manual page */

/* Folders and programs by the names that the examples have. */
static void lay_out(void)
{
	static const char *const programs[] = {"generate", "score"};
	char target[PROGRAM_PATH], beside[64];

	ck_assert_int_eq(grpo__make_folder(scratch_path("bin")), 0);
	for (size_t i = 0; i < 2; i++) {
		snprintf(beside, sizeof beside, "../bin/%s", programs[i]);
		program_beside(target, beside);
		snprintf(beside, sizeof beside, "bin/grpo-%s", programs[i]);
		ck_assert_int_eq(symlink(target, scratch_path(beside)), 0);
	}
	ck_assert_int_eq(grpo__make_folder(scratch_path("runs/r1_zero")), 0);
	save_template("r1-zero", NULL);
	ck_assert_int_eq(symlink(model, scratch_path("runs/r1_zero/model")), 0);
	ck_assert_int_eq(symlink(model, scratch_path("Qwen2.5-0.5B")), 0);
	scratch_text("questions.txt", "2 + 2?\n3 + 3?\n");
	scratch_text("runs/r1_zero/held_out.jsonl",
		     "{\"prompt\": \"2 + 2?\", \"answer\": 4}\n");
}

/* Every line behind "$ " in the page, with the lines that it goes on in. */
static const char run_page[] =
    "PATH=$1/bin:$PATH; export PATH; page=$PWD/docs/man/$3\n"
    "GRPO_REWARD_PATH=$2; export GRPO_REWARD_PATH\n"
    "cd \"$1\" || exit 9\n"
    "sed -n -e '/^\\.Bd/,/^\\.Ed/p' -e 's/^\\.Dl \\$/$/p' \"$page\" |\n"
    "	sed -e 's/\\\\(dq/\"/g' -e 's/\\\\e/\\\\/g' -e '/^\\./d' |\n"
    "	sed 's/^\\$ /:; set -e; echo run >>ran; /' >all.sh\n"
    "sh -e all.sh </dev/null && [ \"$(wc -l <ran)\" = \"$4\" ]\n";

static void run_examples(char *page, char *n)
{
	char rewards[PROGRAM_PATH];
	char *arguments[] = {
	    "sh", "-c", (char *)run_page, "sh", scratch_folder, rewards, page,
	    n,    NULL};

	program_beside(rewards, "../rewards");
	lay_out();
	program_expect_status(program_finish(program_start(arguments, NULL)),
			      0);
}

START_TEST(the_examples_of_the_manual_page_work)
{
	run_examples("grpo-generate.1", "4");
	program_expect("out", "\"prompt\": \"What is 345 + 271?\"");
	program_expect("out", "\"prompt_index\": 1, \"sample\": 3, ");
	program_expect("out", "The capital of France is");
	program_expect("scored.jsonl", "\"rewards\": {\"format\": ");
}
END_TEST

START_TEST(the_examples_of_scores_manual_page_work)
{
	scratch_text("answers.jsonl",
		     "{\"completion\": \"<think> a </think> <answer> 4 "
		     "</answer>\", \"answer\": 4}\n");
	scratch_text("train.jsonl", "{\"prompt\": \"a\", \"answer\": 4}\n");
	run_examples("grpo-score.1", "4");
	program_expect("scored.jsonl", "\"score\": 1.5");
	program_expect("out", "math: all 1 rows can be scored");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("generate");
	TCase *tc = tcase_create("generate");

	tcase_add_checked_fixture(tc, make_model, scratch_remove);
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, completions_keep_the_order_of_their_prompts);
	tcase_add_test(tc, the_template_that_was_saved_is_used);
	tcase_add_test(tc, a_chat_template_that_is_not_used_is_told);
	tcase_add_test(tc, a_dataset_keeps_its_other_columns);
	tcase_add_test(tc, score_reads_what_was_generated);
	tcase_add_test(tc, an_invalid_prompt_is_reported_with_its_line);
	tcase_add_test(tc, a_wrong_command_line_is_told_with_status_2);
	tcase_add_test(tc, the_examples_of_the_manual_page_work);
	tcase_add_test(tc, the_examples_of_scores_manual_page_work);
	suite_add_tcase(s, tc);
	return run_torch_suite(s);
}
