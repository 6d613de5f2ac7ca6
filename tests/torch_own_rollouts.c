/* SPDX-License-Identifier: MIT */
/* The program examples/own_rollouts, on a model of random weights: it learns
 * from a file alone. */
#include <check.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "grpo/error.h"
#include "grpo/torch.h"
#include "tests/program.h"
#include "tests/torch_suite.h"

static char model[PROGRAM_PATH], trained[PROGRAM_PATH];

static void must(int rc)
{
	ck_assert_msg(rc == 0, "%s", grpo_error_message());
}

static void make_model(void)
{
	grpo_model_options o;
	grpo_model *m;

	scratch_make();
	snprintf(model, sizeof model, "%s", scratch_path("model"));
	snprintf(trained, sizeof trained, "%s", scratch_path("trained"));
	must(grpo_model_options_init(&o));
	o.n_threads = 1;
	must(grpo_model_random(&m, "examples/r1_zero/base", 1, &o));
	must(grpo_model_save(m, model, NULL));
	grpo_model_free(m);
}

static int run(const char *path)
{
	char program[PROGRAM_PATH];
	char *arguments[] = {
	    (char *)program_beside(program, "../bin/own_rollouts"),
	    "--model",
	    model,
	    "--output",
	    trained,
	    "--set",
	    "learning_rate=0.01",
	    "--set",
	    "lr_scheduler_type=constant",
	    (char *)(uintptr_t)path,
	    NULL};

	return program_finish(program_start(arguments, NULL));
}

/* The log-probability of `token` after the prompt 5 6. */
static double logp_of(const char *folder, int token)
{
	static const int32_t prompt[] = {5, 6};
	double top = -INFINITY, sum = 0;
	float *logits;
	grpo_model *m;
	int64_t v;

	must(grpo_model_open(&m, folder, NULL));
	v = grpo_model_vocab_size(m);
	logits = malloc((size_t)(2 * v) * sizeof *logits);
	must(grpo_model_logits(m, logits, prompt, 2));
	for (int64_t i = 0; i < v; i++)
		top = fmax(top, (double)logits[v + i]);
	for (int64_t i = 0; i < v; i++)
		sum += exp((double)logits[v + i] - top);
	top = (double)logits[v + token] - top - log(fmax(sum, 1e-300));
	free(logits);
	grpo_model_free(m);
	return top;
}

/* Token 7 is right, token 8 is wrong, over and over. */
static const char *write_rollouts(void)
{
	static char text[8192];
	size_t n = 0;

	for (int version = 0; version < 8; version++)
		for (int i = 0; i < 2; i++)
			n += (size_t)snprintf(
			    text + n, sizeof text - n,
			    "{\"format\": 1, \"version\": %d, \"group\": 0, "
			    "\"finish\": \"stop\", \"reward\": %d, "
			    "\"prompt\": [5, 6], \"tokens\": [%d], \"logp\": "
			    "[null]}\n",
			    version, i == 0, i == 0 ? 7 : 8);
	return scratch_text("rollouts.jsonl", text);
}

START_TEST(a_model_learns_from_a_file_alone)
{
	double good = logp_of(model, 7), wrong = logp_of(model, 8);

	program_expect_status(run(write_rollouts()), 0);
	program_expect("out", "step 8 of 8: reward 0.500");
	ck_assert_double_gt(logp_of(trained, 7), good + 0.5);
	ck_assert_double_lt(logp_of(trained, 8), wrong);
}
END_TEST

START_TEST(a_line_that_is_wrong_is_named)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
	    {"", "no rollouts"},
	    {"{\"prompt\": [1]}\n", "rollouts.jsonl:1: \"tokens\": expected a "
				    "list of token ids"},
	    {"[]\n", "rollouts.jsonl:1: expected a JSON object"},
	    {"{\"prompt\": [1], \"tokens\": [2, 3], \"logp\": [0]}\n",
	     "\"logp\": expected as many numbers"},
	    {"{\"prompt\": [1], \"tokens\": [2], \"reward\": \"x\"}\n",
	     "\"reward\": expected a number or null"},
	    {"{\"prompt\": [1.5e10], \"tokens\": [2]}\n",
	     "\"prompt\": expected a list of token ids"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		program_expect_status(
		    run(scratch_text("rollouts.jsonl", cases[i].text)), 1);
		program_expect("err", cases[i].message);
	}
	program_expect_status(run("/no/such.jsonl"), 1);
	program_expect("err", "/no/such.jsonl: No such file");
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("own_rollouts");
	TCase *c = tcase_create("own_rollouts");

	tcase_add_checked_fixture(c, make_model, scratch_remove);
	tcase_set_timeout(c, 60);
	tcase_add_test(c, a_model_learns_from_a_file_alone);
	tcase_add_test(c, a_line_that_is_wrong_is_named);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return run_torch_suite(suite());
}
