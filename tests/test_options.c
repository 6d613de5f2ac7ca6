/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include "core/fail.h"
#include "core/json.h"
#include "core/options.h"
#include "tests/suite.h"

struct opts {
	int64_t num_generations;
	double beta;
	double learning_rate;
	int mask_truncated;
	char *loss_type;
	char *run_name;
	cJSON *reward_funcs;
};

static const grpo__option table[] = {
    GRPO__OPT_INT(struct opts, num_generations, 8, 2, 1e6,
		  "completions per prompt"),
    GRPO__OPT_NUMBER(struct opts, beta, 0.04, 0, 1, "weight of the KL"),
    GRPO__OPT_NUMBER(struct opts, learning_rate, 1e-6, 0, INFINITY, "of AdamW"),
    GRPO__OPT_BOOL(struct opts, mask_truncated, 1, "leave cut rows out"),
    GRPO__OPT_STRING(struct opts, loss_type, "dapo", "grpo|dapo|dr_grpo",
		     "reduction"),
    GRPO__OPT_STRING(struct opts, run_name, NULL, NULL, "a name"),
    GRPO__OPT_JSON(struct opts, reward_funcs, "[\"format\"]", "rewards"),
    {0}};

static struct opts o;

static void make(void)
{
	memset(&o, 0xa5, sizeof o); /* init must not read what was there */
	ck_assert_int_eq(grpo__options_init(&o, table), 0);
}

static void drop(void)
{
	grpo__options_dispose(&o, table);
	ck_assert_ptr_null(o.loss_type);
	ck_assert_ptr_null(o.reward_funcs);
	grpo__options_dispose(&o, table);
}

static int read_text(const char *text)
{
	cJSON *v;
	int rc;

	ck_assert_int_eq(grpo__json_parse(&v, text, strlen(text), "r.json"), 0);
	rc = grpo__options_read(&o, table, v, "r.json");
	cJSON_Delete(v);
	return rc;
}

START_TEST(defaults_are_those_of_the_table)
{
	ck_assert_int_eq(o.num_generations, 8);
	ck_assert(o.beta == 0.04);
	ck_assert(o.learning_rate == 1e-6);
	ck_assert_int_eq(o.mask_truncated, 1);
	ck_assert_str_eq(o.loss_type, "dapo");
	ck_assert_ptr_null(o.run_name);
	ck_assert_str_eq(o.reward_funcs->child->valuestring, "format");
}
END_TEST

START_TEST(keys_in_the_object_are_set_and_others_unchanged)
{
	ck_assert_int_eq(read_text("{\"num_generations\": 16, \"beta\": 1, "
				   "\"mask_truncated\": false, "
				   "\"loss_type\": \"grpo\", "
				   "\"run_name\": \"a\\u00e9\", "
				   "\"reward_funcs\": {\"x\": [1, 2]}}"),
			 0);
	ck_assert_int_eq(o.num_generations, 16);
	ck_assert(o.beta == 1);
	ck_assert(o.learning_rate == 1e-6);
	ck_assert_int_eq(o.mask_truncated, 0);
	ck_assert_str_eq(o.loss_type, "grpo");
	ck_assert_str_eq(o.run_name, "a\xc3\xa9");
	ck_assert_int_eq(cJSON_GetArraySize(o.reward_funcs->child), 2);
	ck_assert_int_eq(read_text("{\"run_name\": null, "
				   "\"reward_funcs\": null}"),
			 0);
	ck_assert_ptr_null(o.run_name);
	ck_assert_ptr_null(o.reward_funcs);
}
END_TEST

static const char *const refused[][2] = {
    {"[]", "r.json: expected an object"},
    {"{\"num_generation\": 4}",
     "r.json: unknown key \"num_generation\" (nearest: "
     "\"num_generations\")"},
    {"{\"Beta\": 0}", "r.json: unknown key \"Beta\" (nearest: \"beta\")"},
    {"{\"num_generations\": 2.5}",
     "r.json: \"num_generations\": expected an integer"},
    {"{\"num_generations\": \"4\"}",
     "r.json: \"num_generations\": expected an integer"},
    {"{\"num_generations\": null}",
     "r.json: \"num_generations\": expected an integer"},
    {"{\"num_generations\": 1}",
     "r.json: \"num_generations\": 1 is less than 2"},
    {"{\"num_generations\": 2e6}",
     "r.json: \"num_generations\": 2000000 is more than 1000000"},
    {"{\"num_generations\": 1e300}",
     "r.json: \"num_generations\": expected an integer"},
    {"{\"beta\": 1.25}", "r.json: \"beta\": 1.25 is more than 1"},
    {"{\"beta\": true}", "r.json: \"beta\": expected a number"},
    {"{\"learning_rate\": 1e999}",
     "r.json: \"learning_rate\": expected a number"},
    {"{\"learning_rate\": -1}", "r.json: \"learning_rate\": -1 is less than 0"},
    {"{\"mask_truncated\": 1}",
     "r.json: \"mask_truncated\": expected true or false"},
    {"{\"loss_type\": \"grop\"}",
     "r.json: \"loss_type\": expected \"grpo\", \"dapo\" or \"dr_grpo\", "
     "found \"grop\""},
    {"{\"loss_type\": \"gr\"}",
     "r.json: \"loss_type\": expected \"grpo\", \"dapo\" or \"dr_grpo\", "
     "found \"gr\""},
    {"{\"loss_type\": \"grpo|dapo\"}",
     "r.json: \"loss_type\": expected \"grpo\", \"dapo\" or \"dr_grpo\", "
     "found \"grpo|dapo\""},
    {"{\"loss_type\": null}", "r.json: \"loss_type\": expected a string"},
    {"{\"run_name\": 7}", "r.json: \"run_name\": expected a string"},
};

START_TEST(wrong_values_are_refused_in_the_users_terms)
{
	ck_assert_int_eq(read_text(refused[_i][0]), GRPO_EFORMAT);
	ck_assert_str_eq(grpo_error_message(), refused[_i][1]);
	ck_assert_int_eq(o.num_generations, 8);
	ck_assert(o.beta == 0.04);
	ck_assert_str_eq(o.loss_type, "dapo");
}
END_TEST

START_TEST(assignments_are_json_or_bare_strings)
{
	ck_assert_int_eq(grpo__options_set(&o, table, "num_generations=64"), 0);
	ck_assert_int_eq(o.num_generations, 64);
	ck_assert_int_eq(grpo__options_set(&o, table, "learning_rate=5e-5"), 0);
	ck_assert(o.learning_rate == 5e-5);
	ck_assert_int_eq(grpo__options_set(&o, table, "mask_truncated=false"),
			 0);
	ck_assert_int_eq(o.mask_truncated, 0);
	ck_assert_int_eq(grpo__options_set(&o, table, "loss_type=dr_grpo"), 0);
	ck_assert_str_eq(o.loss_type, "dr_grpo");
	ck_assert_int_eq(grpo__options_set(&o, table, "loss_type=\"grpo\""), 0);
	ck_assert_str_eq(o.loss_type, "grpo");
	ck_assert_int_eq(grpo__options_set(&o, table, "run_name=5=five"), 0);
	ck_assert_str_eq(o.run_name, "5=five");
	ck_assert_int_eq(grpo__options_set(&o, table, "run_name=12"), 0);
	ck_assert_str_eq(o.run_name, "12");
	ck_assert_int_eq(grpo__options_set(&o, table, "run_name="), 0);
	ck_assert_str_eq(o.run_name, "");
	ck_assert_int_eq(grpo__options_set(&o, table, "run_name=null"), 0);
	ck_assert_ptr_null(o.run_name);
	ck_assert_int_eq(
	    grpo__options_set(&o, table, "reward_funcs=[\"a\", \"b\"]"), 0);
	ck_assert_int_eq(cJSON_GetArraySize(o.reward_funcs), 2);
}
END_TEST

static const char *const bad_assignments[][2] = {
    {"beta", "--set beta: expected key=value"},
    {"=1", "--set: unknown key \"\""},
    {"bate=1", "--set: unknown key \"bate\" (nearest: \"beta\")"},
    {"beta=", "--set: beta: expected a value, found the end"},
    {"beta=x", "--set: beta: expected a value, found 'x'"},
    {"beta=0.1.2", "--set: beta: expected the end, found '.'"},
    {"beta=2", "--set: \"beta\": 2 is more than 1"},
    {"reward_funcs=format", "--set: reward_funcs: expected a value, found 'f'"},
    {"loss_type=GRPO",
     "--set: \"loss_type\": expected \"grpo\", \"dapo\" or \"dr_grpo\", "
     "found \"GRPO\""},
    {"run_name=\"a", "--set: run_name: a string is not closed"},
    {"run_name=\xff", "--set run_name: text is not UTF-8 (byte 0)"},
};

START_TEST(wrong_assignments_are_refused)
{
	ck_assert_int_eq(grpo__options_set(&o, table, bad_assignments[_i][0]),
			 GRPO_EFORMAT);
	ck_assert_str_eq(grpo_error_message(), bad_assignments[_i][1]);
}
END_TEST

START_TEST(printed_expressions_read_back_the_same)
{
	grpo__buf first = {0}, second = {0};

	ck_assert_int_eq(grpo__options_set(&o, table, "run_name=a \"b\"\n"), 0);
	ck_assert_int_eq(
	    grpo__options_set(&o, table,
			      "reward_funcs={\"w\": 0.30000000000000004}"),
	    0);
	o.beta = 1.0 / 3;
	ck_assert_int_eq(grpo__options_print(&first, &o, table), 0);
	ck_assert_str_eq(first.data,
			 "{\n"
			 "  \"num_generations\": 8,\n"
			 "  \"beta\": 0.3333333333333333,\n"
			 "  \"learning_rate\": 1e-06,\n"
			 "  \"mask_truncated\": true,\n"
			 "  \"loss_type\": \"dapo\",\n"
			 "  \"run_name\": \"a \\\"b\\\"\\n\",\n"
			 "  \"reward_funcs\": {\"w\": 0.30000000000000004}\n"
			 "}\n");
	drop();
	make();
	ck_assert_int_eq(read_text(first.data), 0);
	ck_assert(o.beta == 1.0 / 3);
	ck_assert_int_eq(grpo__options_print(&second, &o, table), 0);
	ck_assert_str_eq(second.data, first.data);
	grpo__buf_dispose(&first);
	grpo__buf_dispose(&second);
}
END_TEST

START_TEST(defaults_print_and_read_back)
{
	grpo__buf b = {0};

	ck_assert_int_eq(grpo__options_print(&b, &o, table), 0);
	ck_assert_int_eq(read_text(b.data), 0);
	grpo__buf_dispose(&b);
}
END_TEST

START_TEST(help_has_two_lines_for_each_key)
{
	grpo__buf b = {0};

	ck_assert_int_eq(grpo__options_help(&b, table), 0);
	ck_assert_str_eq(b.data, "num_generations  int  8\n"
				 "    completions per prompt\n"
				 "beta  number  0.04\n"
				 "    weight of the KL\n"
				 "learning_rate  number  1e-06\n"
				 "    of AdamW\n"
				 "mask_truncated  bool  true\n"
				 "    leave cut rows out\n"
				 "loss_type  string  \"dapo\"\n"
				 "    reduction (grpo|dapo|dr_grpo)\n"
				 "run_name  string  null\n"
				 "    a name\n"
				 "reward_funcs  json  [\"format\"]\n"
				 "    rewards\n");
	grpo__buf_dispose(&b);
}
END_TEST

static const grpo__option wide_table[] = {
    GRPO__OPT_STRING(struct opts, loss_type, "none",
		     "none|token_truncate|token_mask|sequence_truncate",
		     "weigh tokens, or completions, by the learner's "
		     "probability over the sampler's"),
    {0}};

START_TEST(help_fits_eighty_columns)
{
	grpo__buf b = {0};

	ck_assert_int_eq(grpo__options_help(&b, wide_table), 0);
	ck_assert_str_eq(
	    b.data,
	    "loss_type  string  \"none\"\n"
	    "    weigh tokens, or completions, by the learner's probability "
	    "over the\n"
	    "    sampler's "
	    "(none|token_truncate|token_mask|sequence_truncate)\n");
	grpo__buf_dispose(&b);
}
END_TEST

static const grpo__option broken_table[] = {
    GRPO__OPT_STRING(struct opts, loss_type, "a", NULL, "is freed"),
    GRPO__OPT_JSON(struct opts, reward_funcs, "[1,", "broken"),
    {0}};

START_TEST(a_broken_default_is_an_error_and_leaks_nothing)
{
	struct opts p;

	ck_assert_int_eq(grpo__options_init(&p, broken_table), GRPO_EFORMAT);
	ck_assert_ptr_null(p.loss_type);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("options");
	TCase *tc = tcase_create("options");

	tcase_add_checked_fixture(tc, make, drop);
	tcase_add_test(tc, defaults_are_those_of_the_table);
	tcase_add_test(tc, keys_in_the_object_are_set_and_others_unchanged);
	tcase_add_loop_test(tc, wrong_values_are_refused_in_the_users_terms, 0,
			    (int)(sizeof refused / sizeof refused[0]));
	tcase_add_test(tc, assignments_are_json_or_bare_strings);
	tcase_add_loop_test(
	    tc, wrong_assignments_are_refused, 0,
	    (int)(sizeof bad_assignments / sizeof bad_assignments[0]));
	tcase_add_test(tc, printed_expressions_read_back_the_same);
	tcase_add_test(tc, defaults_print_and_read_back);
	tcase_add_test(tc, help_has_two_lines_for_each_key);
	tcase_add_test(tc, help_fits_eighty_columns);
	tcase_add_test(tc, a_broken_default_is_an_error_and_leaks_nothing);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
