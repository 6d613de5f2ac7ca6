/* SPDX-License-Identifier: MIT */
/* Settings of a program: defaults, file, command line. */
#include "trainer_rig.h"
#include "tests/suite.h"

struct app {
	int64_t n_threads;
	double share;
	int32_t fast;
	int32_t colour;
	const char *model;
	const char *list;
};

struct base {
	int64_t steps;
	double learning_rate;
};

static const grpo_option app_options[] = {
    GRPO_OPT_INT(struct app, n_threads, 2, 0, 64, GRPO_OPTION_FREE, "threads"),
    GRPO_OPT_NUMBER(struct app, share, 0.5, 0, 1, 0, "a share"),
    GRPO_OPT_BOOL(struct app, fast, 1, 0, "whether"),
    GRPO_OPT_CHOICE(struct app, colour, 1, "red|green|blue", 0, "which"),
    GRPO_OPT_STRING(struct app, model, NULL, 0, "folder of the model"),
    GRPO_OPT_JSON(struct app, list, "[1, 2]", 0, "some list"),
    GRPO_OPT_END};

static const grpo_option base_options[] = {
    GRPO_OPT_INT(struct base, steps, 10, 0, 1e6, 0, "base steps"),
    GRPO_OPT_NUMBER(struct base, learning_rate, 3e-3, 0, 1, 0, "of AdamW"),
    GRPO_OPT_END};

struct all {
	grpo_config *c;
	struct app app;
	struct base base;
	grpo_trainer_config trainer;
};

static void make(struct all *a)
{
	memset(a, 0, sizeof *a);
	ok(grpo_config_create(&a->c));
	ok(grpo_config_add(a->c, "Program", NULL, app_options, &a->app));
	ok(grpo_config_add(a->c, "Base", "base", base_options, &a->base));
	ok(grpo_config_add_trainer(a->c, &a->trainer));
}

static int reads(struct all *a, const char *json)
{
	make(a);
	return grpo_config_read(a->c, scratch_text("recipe.json", json));
}

START_TEST(a_table_gives_the_defaults)
{
	struct all a;

	make(&a);
	ck_assert_int_eq(a.app.n_threads, 2);
	ck_assert_double_eq(a.app.share, 0.5);
	ck_assert_int_eq(a.app.fast, 1);
	ck_assert_int_eq(a.app.colour, 1);
	ck_assert_ptr_null(a.app.model);
	ck_assert_str_eq(a.app.list, "[1, 2]");
	ck_assert_int_eq(a.base.steps, 10);
	grpo_config_free(a.c);
}
END_TEST

START_TEST(trainer_defaults_are_those_of_trl)
{
	grpo_trainer_config t;
	struct all a;

	make(&a);
	ok(grpo_trainer_config_init(&t));
	ck_assert_mem_eq(&t, &a.trainer, sizeof t);
	ck_assert_double_eq(t.learning_rate, 1e-6);
	ck_assert_int_eq(t.num_generations, 8);
	ck_assert_int_eq(t.max_completion_length, 512);
	ck_assert_int_eq(t.loss_type, GRPO_LOSS_DAPO);
	ck_assert_int_eq(t.scale_rewards, GRPO_SCALE_GROUP);
	ck_assert_int_eq(t.lr_scheduler_type, GRPO_LR_LINEAR);
	ck_assert_double_eq(t.beta, 0);
	ck_assert_double_eq(t.epsilon, 0.2);
	ck_assert_double_eq(t.temperature, 1);
	ck_assert_double_eq(t.max_grad_norm, 1);
	ck_assert_double_eq(t.num_train_epochs, 3);
	ck_assert_int_eq(t.max_steps, -1);
	ck_assert_int_eq(t.seed, 42);
	ck_assert_int_eq(t.save_steps, 500);
	ck_assert_double_eq(t.ref_model_mixup_alpha, 0.6);
	ck_assert_int_eq(t.ref_model_sync_steps, 512);
	ck_assert_int_eq(t.shuffle_dataset, 1);
	grpo_config_free(a.c);
}
END_TEST

START_TEST(a_file_then_the_command_line)
{
	struct all a;

	ok(reads(&a, "{\"num_generations\": 16, \"colour\": \"blue\", "
		     "\"base\": {\"steps\": 7}, \"loss_type\": \"dr_grpo\", "
		     "\"model\": \"here\", \"fast\": false, "
		     "\"epsilon_high\": null}"));
	ck_assert_int_eq(a.trainer.num_generations, 16);
	ck_assert_int_eq(a.trainer.loss_type, GRPO_LOSS_DR_GRPO);
	ck_assert_double_eq(a.trainer.epsilon_high, -1);
	ck_assert_int_eq(a.app.colour, 2);
	ck_assert_int_eq(a.app.fast, 0);
	ck_assert_str_eq(a.app.model, "here");
	ck_assert_int_eq(a.base.steps, 7);
	ok(grpo_config_set(a.c, "base.steps=9"));
	ok(grpo_config_set(a.c, "model=/some/where else"));
	ok(grpo_config_set(a.c, "list={\"a\": [3]}"));
	ok(grpo_config_set(a.c, "scale_rewards=none"));
	ck_assert_int_eq(a.base.steps, 9);
	ck_assert_str_eq(a.app.model, "/some/where else");
	ck_assert_str_eq(a.app.list, "{\"a\": [3]}");
	ck_assert_int_eq(a.trainer.scale_rewards, GRPO_SCALE_NONE);
	grpo_config_free(a.c);
}
END_TEST

START_TEST(the_resolved_text_reads_back_the_same)
{
	struct all a, b;
	char *first, *second;

	ok(reads(&a, "{\"learning_rate\": 0.1, \"seed\": 9007199254740991, "
		     "\"base\": {\"learning_rate\": 0.3}, "
		     "\"model\": \"a \\\"b\\\" \\u00fc\"}"));
	ok(grpo_config_text(a.c, &first, 0));
	ok(reads(&b, first));
	ok(grpo_config_text(b.c, &second, 0));
	ck_assert_str_eq(first, second);
	ck_assert_str_eq(a.app.model, b.app.model);
	ck_assert_int_eq(b.trainer.seed, 9007199254740991);
	ck_assert_double_eq(b.base.learning_rate, 0.3);
	free(first);
	free(second);
	grpo_config_free(a.c);
	grpo_config_free(b.c);
}
END_TEST

START_TEST(the_text_is_of_the_values_as_the_program_left_them)
{
	struct all a;
	char *text;

	make(&a);
	a.base.steps = 123;
	a.app.model = "there";
	a.app.colour = 0;
	a.app.share = NAN;
	ok(grpo_config_text(a.c, &text, 0));
	ck_assert_ptr_nonnull(strstr(text, "\"steps\": 123"));
	ck_assert_ptr_nonnull(strstr(text, "\"model\": \"there\""));
	ck_assert_ptr_nonnull(strstr(text, "\"colour\": \"red\""));
	ck_assert_ptr_nonnull(strstr(text, "\"share\": null"));
	free(text);
	a.app.colour = 9;
	refused(grpo_config_text(a.c, &text, 0), GRPO_EINVAL, "choice 9");
	grpo_config_free(a.c);
}
END_TEST

START_TEST(the_text_of_numbers_leaves_the_free_keys_out)
{
	struct all a;
	char *text;

	make(&a);
	ok(grpo_config_text(a.c, &text, GRPO_CONFIG_NUMBERS));
	ck_assert_ptr_null(strstr(text, "n_threads"));
	ck_assert_ptr_null(strstr(text, "save_steps"));
	ck_assert_ptr_nonnull(strstr(text, "\"num_generations\""));
	ck_assert_ptr_nonnull(strstr(text, "\"base\""));
	free(text);
	grpo_config_free(a.c);
}
END_TEST

START_TEST(the_help_names_every_key_under_its_title)
{
	struct all a;
	char *text;

	make(&a);
	ok(grpo_config_help(a.c, &text));
	ck_assert_ptr_nonnull(strstr(text, "Program:\n"));
	ck_assert_ptr_nonnull(strstr(text, "base.steps"));
	ck_assert_ptr_nonnull(strstr(text, "max_completion_length"));
	ck_assert_ptr_nonnull(strstr(text, "(grpo|bnpo|"));
	free(text);
	grpo_config_free(a.c);
}
END_TEST

static void expect_refusal(const char *json, const char *text)
{
	struct all a;

	refused(reads(&a, json), GRPO_EFORMAT, text);
	ck_assert_int_eq(a.trainer.num_generations, 8); /* untouched */
	grpo_config_free(a.c);
}

START_TEST(mistakes_are_named_by_file_and_key)
{
	expect_refusal("{\"num_generation\": 3}",
		       "recipe.json: unknown key \"num_generation\" "
		       "(nearest: \"num_generations\")");
	expect_refusal("{\"base\": {\"step\": 3}}",
		       "(nearest: \"base.steps\")");
	expect_refusal("{\"base\": 3}", "\"base\": expected an object");
	expect_refusal("{\"num_generations\": 4, \"seed\": \"a\"}", "\"seed\"");
	expect_refusal("{\"share\": 1.5}", "\"share\"");
	expect_refusal("{\"colour\": \"pink\"}", "\"colour\"");
	expect_refusal("{\"colour\": null}", "\"colour\"");
	expect_refusal("{\"seed\": 1.5}", "\"seed\"");
	expect_refusal("[1]", "expected an object");
	expect_refusal("{\"seed\": 1} x", "recipe.json");
}
END_TEST

/* What no editor that writes JSON makes, but a full disk or a hand does. */
START_TEST(a_file_that_is_no_sound_json_is_named_with_its_line)
{
	expect_refusal("", "recipe.json: expected a value, found the end");
	expect_refusal("{\n\"seed\": 3,\n\"epsilon\": 0.",
		       "recipe.json: line 3: expected a digit, found the end");
	expect_refusal("\xef\xbb\xbf{}",
		       "recipe.json: starts with a byte order mark");
	expect_refusal("{\"model\": \"a\\u0000b\"}",
		       "recipe.json: \\u0000 is not supported");
	expect_refusal("{\"model\": \"\xed\xa0\x80\"}",
		       "recipe.json: not UTF-8");
	expect_refusal("{\"seed\": 3,\n\"seed\": 4}",
		       "recipe.json: line 2: key \"seed\" appears twice");
	expect_refusal("{\"seed\": 9007199254740993}",
		       "recipe.json: \"seed\": expected an integer");
	expect_refusal("{\"learning_rate\": 1e999}",
		       "recipe.json: \"learning_rate\": expected a number");
	expect_refusal("{\"max_steps\": 1e300}",
		       "recipe.json: \"max_steps\": expected an integer");
}
END_TEST

START_TEST(mistakes_on_the_command_line_are_named)
{
	struct all a;

	make(&a);
	refused(grpo_config_set(a.c, "sed=1"), GRPO_EFORMAT, "\"seed\"");
	refused(grpo_config_set(a.c, "seed"), GRPO_EFORMAT, "key=value");
	refused(grpo_config_set(a.c, "seed=x"), GRPO_EFORMAT, "seed");
	grpo_config_free(a.c);
	make(&a);
	refused(grpo_config_add(a.c, "Again", NULL, app_options, &a.app),
		GRPO_EINVAL, "\"n_threads\" is there already");
	ok(grpo_config_set(a.c, "seed=9")); /* the rest is as before */
	ck_assert_int_eq(a.trainer.seed, 9);
	refused(grpo_config_set(a.c, "sed=1"), GRPO_EFORMAT, "\"seed\"");
	grpo_config_free(a.c);
	grpo_config_free(NULL);
}
END_TEST

START_TEST(rewards_come_from_a_list)
{
	grpo_reward_set *set;
	char json[8192];

	ok(grpo_reward_set_create(&set, 1));
	snprintf(json, sizeof json,
		 "[{\"name\": \"%s\", \"weight\": 0.5, "
		 "\"params\": {\"text\": \"x\"}}]",
		 rig_plugin("contains"));
	ok(grpo_config_rewards(set, json, "rewards"));
	ck_assert_int_eq(grpo_reward_set_count(set), 1);
	ck_assert_double_eq(grpo_reward_set_weights(set)[0], 0.5);
	refused(grpo_config_rewards(set, "[]", "rewards"), GRPO_EFORMAT,
		"rewards: expected a list");
	refused(grpo_config_rewards(set, "[{\"weight\": 1}]", "rewards"),
		GRPO_ENOTFOUND, "\"name\"");
	refused(grpo_config_rewards(set, "[{\"nam\": \"x\"}]", "rewards"),
		GRPO_EFORMAT, "(nearest: \"name\")");
	refused(grpo_config_rewards(set, "[{\"name\": \"nowhere\"}]", "r"),
		GRPO_ENOTFOUND, "nowhere");
	refused(grpo_config_rewards(set, NULL, "rewards"), GRPO_EFORMAT,
		"rewards");
	grpo_reward_set_free(set);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("config");
	TCase *c = tcase_create("config");

	tcase_add_checked_fixture(c, scratch_make, scratch_remove);
	tcase_add_test(c, a_table_gives_the_defaults);
	tcase_add_test(c, trainer_defaults_are_those_of_trl);
	tcase_add_test(c, a_file_then_the_command_line);
	tcase_add_test(c, the_resolved_text_reads_back_the_same);
	tcase_add_test(c, the_text_is_of_the_values_as_the_program_left_them);
	tcase_add_test(c, the_text_of_numbers_leaves_the_free_keys_out);
	tcase_add_test(c, the_help_names_every_key_under_its_title);
	tcase_add_test(c, mistakes_are_named_by_file_and_key);
	tcase_add_test(c, a_file_that_is_no_sound_json_is_named_with_its_line);
	tcase_add_test(c, mistakes_on_the_command_line_are_named);
	tcase_add_test(c, rewards_come_from_a_list);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
