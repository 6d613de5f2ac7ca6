/* SPDX-License-Identifier: MIT */
/* docs/rewards.md: the plug-in and the recipe there, as they are written. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "grpo/error.h"
#include "grpo/torch.h"
#include "tests/program.h"
#include "tests/torch_suite.h"

/* The page from `start` on up to `end`; the caller frees it. */
static char *excerpt(const char *start, const char *end)
{
	char *page, *from, *to, *text;
	size_t len;

	ck_assert_int_eq(
	    grpo__file_read(&page, &len, "docs/rewards.md", 1 << 20), 0);
	from = strstr(page, start);
	ck_assert_msg(from != NULL, "docs/rewards.md lacks: %s", start);
	to = strstr(from, end);
	ck_assert_ptr_nonnull(to);
	text = strndup(from, (size_t)(to - from));
	ck_assert_ptr_nonnull(text);
	free(page);
	return text;
}

static void build_plugin(void)
{
	const char *cc = getenv("CC");
	char *code = excerpt("#include <grpo/reward.h>", "```");
	char source[512], object[512];
	char *arguments[] = {(char *)(cc ? cc : "cc"),
			     "-shared",
			     "-fPIC",
			     "-fvisibility=hidden",
			     "-I",
			     "include",
			     source,
			     "-o",
			     object,
			     NULL};

	snprintf(source, sizeof source, "%s",
		 scratch_text("shows_work.c", code));
	snprintf(object, sizeof object, "%s", scratch_path("shows_work.so"));
	program_expect_status(program_finish(program_start(arguments, NULL)),
			      0);
	free(code);
}

static void make_model(void)
{
	grpo_model_options o;
	grpo_model *m;

	ck_assert_int_eq(grpo_model_options_init(&o), 0);
	o.n_threads = 1;
	ck_assert_msg(grpo_model_random(&m, "examples/r1_zero/base", 1, &o) ==
			  0,
		      "%s", grpo_error_message());
	ck_assert_int_eq(grpo_model_save(m, scratch_path("model"), NULL), 0);
	grpo_model_free(m);
}

static void write_recipe(void)
{
	char *rewards = excerpt("    \"rewards\": [", "\n\n");
	char *text = malloc(strlen(rewards) + 1000);

	ck_assert_ptr_nonnull(text);
	sprintf(text,
		"{%s,\n\"model\": \"model\", \"output_dir\": \"run\",\n"
		"\"prompts_per_step\": 2, \"num_generations\": 2,\n"
		"\"max_completion_length\": 8, \"max_steps\": 1,\n"
		"\"pass_k\": 0, \"no_thought\": null, \"save_steps\": 0,\n"
		"\"n_threads\": 1,\n"
		"\"generate\": {\"train\": 8, \"held_out\": 4}}\n",
		rewards);
	scratch_text("recipe.json", text);
	free(rewards);
	free(text);
}

START_TEST(the_plugin_and_the_recipe_of_the_guide_train)
{
	char program[PROGRAM_PATH];
	char *arguments[] = {NULL, "--config", "recipe.json", NULL};

	build_plugin();
	make_model();
	write_recipe();
	arguments[0] = (char *)program_beside(program, "../bin/r1_zero");
	ck_assert_int_eq(chdir(scratch_folder), 0);
	program_expect_status(program_finish(program_start(arguments, NULL)),
			      0);
	program_expect("run/metrics.jsonl", "\"rewards/shows_work/mean\"");
	program_expect("run/summary.json", "\"accuracy\"");
}
END_TEST

START_TEST(a_recipe_without_the_last_two_keys_says_what_to_set)
{
	char program[PROGRAM_PATH];
	char *arguments[] = {NULL,
			     "--set",
			     "rewards=[{\"name\": \"format\"}, "
			     "{\"name\": \"countdown\"}]",
			     "--set",
			     "model=/nowhere",
			     "--output",
			     (char *)scratch_path("run"),
			     NULL};

	arguments[0] = (char *)program_beside(program, "../bin/r1_zero");
	program_expect_status(program_finish(program_start(arguments, NULL)),
			      1);
	program_expect("err",
		       "\"accuracy_reward\" is \"math\", but "
		       "\"rewards\" has \"format\" and \"countdown\": set "
		       "it to the one that decides whether a problem is "
		       "solved\n");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("rewards_guide");
	TCase *tc = tcase_create("rewards_guide");

	tcase_add_checked_fixture(tc, scratch_make, scratch_remove);
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, the_plugin_and_the_recipe_of_the_guide_train);
	tcase_add_test(tc, a_recipe_without_the_last_two_keys_says_what_to_set);
	suite_add_tcase(s, tc);
	return run_torch_suite(s);
}
