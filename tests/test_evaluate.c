/* SPDX-License-Identifier: MIT */
/* Evaluation, and the figures of a run. */
#include "trainer_rig.h"
#include "tests/suite.h"

#include <cjson/cJSON.h>

/* ------------------------------------------------------------ evaluation */

/* What the shares must be, counted from the completions themselves. */
struct counted {
	int64_t rows, solved, tokens, clipped, prompts, passed, group;
	int any;
	char text[256]; /* of the first completion */
};

static int count_one(void *ctx, const grpo_scored *c)
{
	struct counted *n = ctx;

	if (n->rows == 0)
		snprintf(n->text, sizeof n->text, "%.*s",
			 (int)c->completion.len, c->completion.ptr);
	if (n->rows == 0 || c->group != n->group) {
		n->prompts++;
		n->any = 0;
		n->group = c->group;
	}
	n->rows++;
	n->tokens += c->n_tokens;
	n->clipped += c->finish == GRPO_FINISH_LENGTH;
	if (c->rewards[0] >= 1) {
		n->solved++;
		n->passed += !n->any;
		n->any = 1;
	}
	return 0;
}

static void evaluate(struct rig *r, grpo_evaluation *e, struct counted *n,
		     int64_t k, double temperature, uint64_t seed)
{
	grpo_evaluation_options o;

	ok(grpo_evaluation_options_init(&o));
	o.num_generations = k;
	o.temperature = temperature;
	o.seed = seed;
	o.on_completion = count_one;
	o.ctx = n;
	*e = (grpo_evaluation){.struct_size = sizeof *e};
	ok(grpo_trainer_evaluate(r->trainer, e, &o));
}

START_TEST(shares_are_those_of_the_completions)
{
	struct counted n = {0};
	grpo_evaluation e;
	struct rig r;

	rig_make(&r);
	rig_start(&r);
	evaluate(&r, &e, &n, 8, 1, 0);
	ck_assert_int_eq(e.n_prompts, 5);
	ck_assert_int_eq(e.n_completions, 40);
	ck_assert_int_eq(e.n_tokens, n.tokens);
	ck_assert_double_eq_tol(e.solved[0], n.solved / 40.0, 1e-12);
	ck_assert_double_eq_tol(e.reward_mean[0], n.solved / 40.0, 1e-12);
	ck_assert_double_eq_tol(e.pass[0], n.passed / 5.0, 1e-12);
	ck_assert_double_eq_tol(e.mean_length, n.tokens / 40.0, 1e-12);
	ck_assert_double_eq_tol(e.clipped_ratio, n.clipped / 40.0, 1e-12);
	ck_assert(n.solved > 0 && n.solved < 40 && n.passed > 0);
	grpo_evaluation_dispose(&e);
	rig_free(&r);
}
END_TEST

START_TEST(an_evaluation_changes_nothing_of_the_run)
{
	struct bigram_state with;
	struct counted n = {0};
	grpo_evaluation e;
	struct rig r;
	int evaluated;

	for (evaluated = 1; evaluated >= 0; evaluated--) {
		rig_make(&r);
		rig_start(&r);
		while (!grpo_trainer_done(r.trainer)) {
			ok(grpo_trainer_step(r.trainer));
			if (evaluated) {
				evaluate(&r, &e, &n, 3, 1, 7);
				grpo_evaluation_dispose(&e);
				with = r.policy.s;
			}
		}
		ck_assert_mem_eq(&with, &r.policy.s, sizeof with);
		rig_free(&r);
	}
}
END_TEST

static int evaluate_meanwhile(void *ctx, const grpo_report *report)
{
	grpo_evaluation e = {.struct_size = sizeof e};
	struct rig *r = ctx;

	(void)report;
	ok(grpo_trainer_evaluate(r->trainer, &e, NULL));
	ck_assert_int_eq(e.n_completions, 5);
	grpo_evaluation_dispose(&e);
	return 0;
}

START_TEST(an_evaluation_within_callbacks_changes_nothing_either)
{
	struct bigram whole;
	struct rig r;

	rig_run_whole(&whole, 1);
	rig_make(&r);
	r.config.eval_steps = 3;
	r.callbacks.ctx = &r;
	r.callbacks.on_step = evaluate_meanwhile;
	r.callbacks.on_evaluation = evaluate_meanwhile;
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	ck_assert_mem_eq(&whole.s, &r.policy.s, sizeof whole.s);
	rig_free(&r);
}
END_TEST

START_TEST(the_same_seed_draws_the_same_and_another_does_not)
{
	struct counted a = {0}, b = {0}, c = {0};
	grpo_evaluation e;
	struct rig r;

	rig_make(&r);
	rig_start(&r);
	evaluate(&r, &e, &a, 20, 1, 3);
	grpo_evaluation_dispose(&e);
	evaluate(&r, &e, &b, 20, 1, 3);
	grpo_evaluation_dispose(&e);
	evaluate(&r, &e, &c, 20, 1, 4);
	grpo_evaluation_dispose(&e);
	ck_assert_mem_eq(&a, &b, sizeof a);
	ck_assert_mem_ne(&a, &c, sizeof a);
	rig_free(&r);
}
END_TEST

START_TEST(at_temperature_0_all_completions_of_a_prompt_are_the_likeliest)
{
	struct counted n = {0};
	grpo_evaluation e;
	struct rig r;
	int i;

	rig_make(&r);
	for (i = 0; i < BIGRAM_V; i++)
		r.policy.s.w[i][(i + 1) % BIGRAM_V] = 0.1; /* a b c d e end */
	rig_start(&r);
	evaluate(&r, &e, &n, 6, 0, 0);
	ck_assert_str_eq(n.text, "bcde");
	/* prompts a, ab, …, abcde: all but the last still come to an e */
	ck_assert_double_eq_tol(e.solved[0], 0.8, 1e-12);
	ck_assert_double_eq_tol(e.pass[0], 0.8, 1e-12);
	ck_assert_double_eq_tol(e.mean_length, 3, 1e-12);
	grpo_evaluation_dispose(&e);
	rig_free(&r);
}
END_TEST

START_TEST(a_continuation_counts_as_written_by_the_model)
{
	grpo_evaluation e = {.struct_size = sizeof e};
	grpo_evaluation_options o;
	struct counted n = {0};
	struct rig r;

	rig_make(&r);
	rig_start(&r);
	ok(grpo_evaluation_options_init(&o));
	o.continuation = "de";
	o.max_completion_length = 2;
	o.n_prompts = 3;
	o.on_completion = count_one;
	o.ctx = &n;
	ok(grpo_trainer_evaluate(r.trainer, &e, &o));
	ck_assert_int_eq(e.n_prompts, 3);
	ck_assert_double_eq(e.solved[0], 1); /* its e */
	ck_assert_double_le(e.mean_length, 2);
	ck_assert_mem_eq(n.text, "de", 2);
	grpo_evaluation_dispose(&e);
	rig_free(&r);
}
END_TEST

static int cancel(void *ctx, const grpo_scored *c)
{
	(void)ctx;
	(void)c;
	return GRPO_ECANCELED;
}

START_TEST(a_failed_evaluation_leaves_its_result_untouched)
{
	grpo_evaluation e = {.struct_size = sizeof e, .n_prompts = 99};
	grpo_evaluation_options o;
	struct rig r;

	rig_make(&r);
	rig_start(&r);
	ok(grpo_evaluation_options_init(&o));
	o.on_completion = cancel;
	ck_assert_int_eq(grpo_trainer_evaluate(r.trainer, &e, &o),
			 GRPO_ECANCELED);
	ck_assert(e.n_prompts == 99 && !e.solved);
	o.num_generations = 0;
	refused(grpo_trainer_evaluate(r.trainer, &e, &o), GRPO_EINVAL,
		"num_generations");
	grpo_trainer_free(r.trainer);
	grpo_dataset_free(r.held_out);
	r.held_out = NULL;
	rig_start(&r);
	refused(grpo_trainer_evaluate(r.trainer, &e, NULL), GRPO_EINVAL,
		"held_out");
	rig_free(&r);
}
END_TEST

struct evaluations {
	int n;
	int64_t steps[16];
	double solved;
};

static int take_evaluation(void *ctx, const grpo_report *report)
{
	struct evaluations *e = ctx;

	e->steps[e->n++] = report->step;
	e->solved = grpo_report_value(report, "eval_rewards/contains/solved");
	return e->n == 2; /* enough */
}

START_TEST(every_eval_steps_and_a_bar_can_end_the_run)
{
	struct evaluations e = {0};
	struct rig r;

	rig_make(&r);
	r.config.eval_steps = 2;
	r.callbacks.ctx = &e;
	r.callbacks.on_evaluation = take_evaluation;
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	ck_assert_int_eq(e.n, 2);
	ck_assert(e.steps[0] == 2 && e.steps[1] == 4);
	ck_assert(e.solved >= 0 && e.solved <= 1);
	ck_assert_int_eq(grpo_trainer_steps(r.trainer), 4);
	rig_free(&r);
}
END_TEST

/* ----------------------------------------------------------------- figures */

/* What a step's figures must be, from its completions. */
struct expected {
	double total[16], length[16], tokens;
	int64_t terminated, clipped;
	double n_zero;
	int n, checked;
};

static int expect_row(void *ctx, const grpo_scored *c)
{
	struct expected *x = ctx;

	x->total[x->n] = c->total;
	x->length[x->n++] = (double)c->n_tokens;
	x->tokens += (double)(c->n_tokens + (int64_t)c->prompt.len);
	x->clipped += c->finish == GRPO_FINISH_LENGTH;
	return 0;
}

static double mean_of(const double *x, int n)
{
	double sum = 0;
	int i;

	for (i = 0; i < n; i++)
		sum += x[i];
	return sum / n;
}

static double std_of(const double *x, int n)
{
	double sum = 0, mean = mean_of(x, n);
	int i;

	for (i = 0; i < n; i++)
		sum += (x[i] - mean) * (x[i] - mean);
	return sqrt(sum / (n - 1));
}

static void near(const grpo_report *r, const char *name, double value)
{
	double got = grpo_report_value(r, name);

	if (!(fabs(got - value) <= 1e-9))
		ck_abort_msg("%s is %.17g, expected %.17g", name, got, value);
}

static int check_figures(void *ctx, const grpo_report *r)
{
	struct expected *x = ctx;
	int i, zero = 0;

	for (i = 0; i < 16; i += 4)
		zero += std_of(x->total + i, 4) == 0;
	near(r, "reward", mean_of(x->total, 16));
	near(r, "reward_std", std_of(x->total, 16));
	near(r, "rewards/contains/mean", mean_of(x->total, 16));
	near(r, "rewards/contains/std", std_of(x->total, 16));
	near(r, "frac_reward_zero_std", zero / 4.0);
	near(r, "completions/mean_length", mean_of(x->length, 16));
	near(r, "completions/clipped_ratio", (double)x->clipped / 16);
	near(r, "num_tokens", x->tokens);
	near(r, "learning_rate", 0.5);
	near(r, "epoch", (double)r->step / 3);
	near(r, "clip_ratio/region_mean", 0);
	ck_assert_double_gt(grpo_report_value(r, "grad_norm"), 0);
	ck_assert_double_le(grpo_report_value(r, "entropy"), log(6) + 1e-6);
	ck_assert(isnan(grpo_report_value(r, "kl"))); /* beta is 0 */
	ck_assert(isnan(grpo_report_value(r, "no such name")));
	x->n = 0;
	x->clipped = 0;
	x->checked++;
	return 0;
}

START_TEST(figures_are_those_of_the_completions)
{
	struct expected x = {0};
	struct rig r;

	rig_make(&r);
	r.callbacks.ctx = &x;
	r.callbacks.on_completion = expect_row;
	r.callbacks.on_step = check_figures;
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	ck_assert_int_eq(x.checked, 6);
	rig_free(&r);
}
END_TEST

struct differences {
	double mean, max, entropy;
};

static int take_differences(void *ctx, const grpo_report *r)
{
	struct differences *d = ctx;

	d->mean =
	    grpo_report_value(r, "sampling/sampling_logp_difference/mean");
	d->max = grpo_report_value(r, "sampling/sampling_logp_difference/max");
	d->entropy = grpo_report_value(r, "entropy");
	return 0;
}

START_TEST(the_distance_of_sampler_and_learner_is_seen)
{
	struct differences d = {0};
	struct rig r;

	rig_make(&r);
	r.callbacks.ctx = &d;
	r.callbacks.on_step = take_differences;
	rig_start(&r);
	ok(grpo_trainer_step(r.trainer));
	ck_assert_double_le(d.max, 1e-6);
	r.policy.inflate = 0.25;
	ok(grpo_trainer_step(r.trainer));
	ck_assert_double_eq_tol(d.mean, 0.25, 1e-6);
	ck_assert_double_eq_tol(d.max, 0.25, 1e-6);
	rig_free(&r);
}
END_TEST

/* Over the rows that were sent, whatever share of all they are. */
START_TEST(entropy_of_a_uniform_policy_is_that_of_its_vocabulary)
{
	struct differences d = {0};
	struct rig r;

	rig_make(&r);
	r.config.num_generations = 2; /* so that groups agree at times */
	r.callbacks.ctx = &d;
	r.callbacks.on_step = take_differences;
	rig_start(&r);
	ok(grpo_trainer_step(r.trainer));
	ck_assert_int_gt(r.policy.n_rows, 0);
	ck_assert_int_lt(r.policy.n_rows, 8);
	ck_assert_double_eq_tol(d.entropy, log(6), 1e-6);
	rig_free(&r);
}
END_TEST

/* ------------------------------------------------------------------ files */

static int count_lines(const char *text)
{
	int n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

START_TEST(metrics_are_one_object_a_batch_under_trls_names)
{
	static const char *const names[] = {
	    "step",
	    "loss",
	    "grad_norm",
	    "learning_rate",
	    "epoch",
	    "num_tokens",
	    "step_time",
	    "reward",
	    "reward_std",
	    "frac_reward_zero_std",
	    "rewards/contains/mean",
	    "rewards/contains/std",
	    "rewards/contains-2/mean",
	    "rewards/contains-2/status/no_answer",
	    "rewards/contains-2/status/failed",
	    "kl",
	    "entropy",
	    "policy_loss",
	    "completions/mean_length",
	    "completions/min_length",
	    "completions/max_length",
	    "completions/clipped_ratio",
	    "completions/mean_terminated_length",
	    "completions/min_terminated_length",
	    "completions/max_terminated_length",
	    "clip_ratio/low_mean",
	    "clip_ratio/low_min",
	    "clip_ratio/high_mean",
	    "clip_ratio/high_max",
	    "clip_ratio/region_mean",
	    "sampling/sampling_logp_difference/mean",
	    "sampling/sampling_logp_difference/max",
	    "time/sampling",
	    "time/rewards",
	    "time/training",
	    "tokens_per_second/sampling",
	    "tokens_per_second/training"};
	struct rig r;
	char *text;
	cJSON *line;
	size_t i;

	rig_make(&r);
	rig_add_reward(&r, "d", 1);
	rig_output(&r, "run");
	r.config.beta = 0.1;
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	text = rig_read(r.folder, "metrics.jsonl");
	ck_assert_int_eq(count_lines(text), 6);
	line = cJSON_ParseWithLength(text, strcspn(text, "\n"));
	for (i = 0; i < sizeof names / sizeof *names; i++)
		if (!cJSON_IsNumber(
			cJSON_GetObjectItemCaseSensitive(line, names[i])))
			ck_abort_msg("\"%s\" is missing", names[i]);
	cJSON_Delete(line);
	free(text);
	rig_free(&r);
}
END_TEST

START_TEST(samples_hold_text_rewards_by_name_and_advantage)
{
	const cJSON *rewards, *first;
	struct rig r;
	cJSON *line;
	char *text;

	rig_make(&r);
	rig_output(&r, "run");
	r.config.samples_per_step = 3;
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	text = rig_read(r.folder, "samples.jsonl");
	ck_assert_int_eq(count_lines(text), 18);
	line = cJSON_ParseWithLength(text, strcspn(text, "\n"));
	rewards = cJSON_GetObjectItemCaseSensitive(line, "rewards");
	first = cJSON_GetObjectItemCaseSensitive(rewards, "contains");
	ck_assert_str_eq(cJSON_GetObjectItem(first, "status")->valuestring,
			 "scored");
	ck_assert(cJSON_IsNumber(cJSON_GetObjectItem(first, "reward")));
	ck_assert(cJSON_IsString(cJSON_GetObjectItem(line, "prompt")));
	ck_assert(cJSON_IsString(cJSON_GetObjectItem(line, "completion")));
	ck_assert(cJSON_IsNumber(cJSON_GetObjectItem(line, "advantage")));
	ck_assert_int_eq(cJSON_GetObjectItem(line, "step")->valueint, 1);
	cJSON_Delete(line);
	free(text);
	rig_free(&r);
}
END_TEST

START_TEST(a_folder_that_cannot_be_written_is_named)
{
	struct rig r;

	rig_make(&r);
	scratch_text("file", "x");
	rig_output(&r, "file");
	rig_start(&r);
	refused(grpo_trainer_step(r.trainer), GRPO_EIO, "/file");
	rig_free(&r);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("evaluate");
	TCase *c = tcase_create("evaluate");

	tcase_add_checked_fixture(c, scratch_make, scratch_remove);
	tcase_add_test(c, shares_are_those_of_the_completions);
	tcase_add_test(c, an_evaluation_changes_nothing_of_the_run);
	tcase_add_test(c,
		       an_evaluation_within_callbacks_changes_nothing_either);
	tcase_add_test(c, the_same_seed_draws_the_same_and_another_does_not);
	tcase_add_test(
	    c, at_temperature_0_all_completions_of_a_prompt_are_the_likeliest);
	tcase_add_test(c, a_continuation_counts_as_written_by_the_model);
	tcase_add_test(c, a_failed_evaluation_leaves_its_result_untouched);
	tcase_add_test(c, every_eval_steps_and_a_bar_can_end_the_run);
	tcase_add_test(c, figures_are_those_of_the_completions);
	tcase_add_test(c, the_distance_of_sampler_and_learner_is_seen);
	tcase_add_test(c,
		       entropy_of_a_uniform_policy_is_that_of_its_vocabulary);
	tcase_add_test(c, metrics_are_one_object_a_batch_under_trls_names);
	tcase_add_test(c, samples_hold_text_rewards_by_name_and_advantage);
	tcase_add_test(c, a_folder_that_cannot_be_written_is_named);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
