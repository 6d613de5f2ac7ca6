/* SPDX-License-Identifier: MIT */
/* Every setting changes something, or the log says why it does not. */
#include "trainer_rig.h"
#include "tests/suite.h"

#include <cjson/cJSON.h>
#include "grpo/config.h"
#include "grpo/log.h"

/* What the flip is made beside: settings in which it matters. */
struct flip {
	const char *key, *value;
	const char *beside[4];
};

#define TWICE "num_iterations=2"
#define REFERENCE "beta=0.1"

/* clang-format off */
static const struct flip flips[] = {
	{"prompts_per_step", "2", {NULL}},
	{"num_generations", "3", {NULL}},
	{"max_completion_length", "5", {NULL}},
	{"temperature", "0.5", {NULL}},
	{"scale_rewards", "none", {NULL}},
	{"advantage_baseline", "leave_one_out", {NULL}},
	{"advantage_ddof", "0", {NULL}},
	{"advantage_eps", "0.5", {NULL}},
	{"loss_type", "dr_grpo", {NULL}},
	{"loss_type", "cispo", {TWICE, "epsilon_high=0.01"}},
	{"loss_type", "sapo", {TWICE}},
	{"loss_type", "gmpo", {TWICE}},
	{"loss_type", "reinforce", {TWICE}},
	{"loss_type", "dppo", {TWICE, "epsilon=0.01"}},
	{"loss_reduction", "row_mean", {NULL}},
	{"loss_reduction", "constant", {NULL}},
	{"loss_reduction", "prompt_mean", {NULL}},
	{"loss_reduction", "token_sum", {NULL}},
	{"importance_sampling_level", "sequence", {TWICE}},
	{"importance_sampling_level", "sequence_token", {TWICE}},
	{"epsilon", "0.01", {TWICE}},
	{"epsilon_high", "0.01", {TWICE}},
	{"delta", "1.001", {TWICE, "epsilon_high=0"}},
	{"sapo_temperature_pos", "4", {TWICE, "loss_type=sapo"}},
	{"sapo_temperature_neg", "4", {TWICE, "loss_type=sapo"}},
	{"squared_log_ratio", "1", {TWICE}},
	{"off_policy_mask_threshold", "0.01", {TWICE}},
	{"entropy_coef", "0.1", {NULL}},
	{"top_entropy_quantile", "0.5", {NULL}},
	{"mask_truncated_completions", "true", {NULL}},
	{"num_iterations", "2", {NULL}},
	{"importance_sampling_correction", "token_truncate", {NULL}},
	{"importance_sampling_correction", "geometric_mask",
	 {"importance_sampling_clip_min=0.99"}},
	{"importance_sampling_clip_min", "1.2",
	 {"importance_sampling_correction=token_truncate"}},
	{"importance_sampling_clip_max", "0.5",
	 {"importance_sampling_correction=token_truncate"}},
	{"beta", "0.1", {NULL}},
	{"kl_in_reward", "true", {REFERENCE}},
	{"kl_estimator", "k1", {REFERENCE}},
	{"kl_bias_correction", "times_ratio", {REFERENCE}},
	{"kl_bias_correction", "k2_slope", {REFERENCE}},
	{"learning_rate", "0.1", {NULL}},
	{"lr_scheduler_type", "linear", {NULL}},
	{"warmup_steps", "2", {"lr_scheduler_type=linear"}},
	{"min_lr_ratio", "0.5", {"lr_scheduler_type=linear"}},
	{"max_grad_norm", "0.01", {NULL}},
	{"num_train_epochs", "1", {"max_steps=-1"}},
	{"max_steps", "3", {NULL}},
	{"sync_ref_model", "true", {REFERENCE, "ref_model_sync_steps=2"}},
	{"ref_model_mixup_alpha", "0.1",
	 {REFERENCE, "sync_ref_model=true", "ref_model_sync_steps=2"}},
	{"ref_model_sync_steps", "2",
	 {REFERENCE, "sync_ref_model=true"}},
	{"seed", "9", {NULL}},
	{"shuffle_dataset", "false", {NULL}},
};

/* They are about time, files, rows, filters or models that the rig does not
 * have: other tests look at them. */
static const char *const others[] = {
	"top_p", "min_p", "top_k", "add_bos", "reward_timeout_s", "tokens_per_micro_batch", "output_dir",
	"save_steps", "save_total_limit", "eval_steps", "num_generations_eval",
	"samples_per_step", "save_rollouts", "metric_for_best_model",
	"load_best_model_at_end", "max_prompt_length", "overlong_prompts", "check_references",
};
/* clang-format on */
#define N_FLIPS ((int)(sizeof flips / sizeof *flips))

struct run {
	struct bigram_state weights;
	int64_t steps;
	char log[4096];
};

static void keep_line(void *ctx, int level, const char *line)
{
	char *log = ctx;
	size_t n = strlen(log);

	if (level >= GRPO_LOG_WARN)
		snprintf(log + n, 4096 - n, "%s\n", line);
}

/* The rig's own settings. */
static const char *const rigs[] = {"prompts_per_step=4",
				   "num_generations=4",
				   "max_completion_length=8",
				   "learning_rate=0.5",
				   "lr_scheduler_type=constant",
				   "max_grad_norm=0",
				   "max_steps=6",
				   "seed=1"};

static void set(grpo_config *c, const char *key, const char *value)
{
	char text[256];

	snprintf(text, sizeof text, "%s=%s", key, value);
	ok(grpo_config_set(c, text));
}

/* A run with these settings on top of the rig's. */
static void train(struct run *out, const char *const *beside, const char *key,
		  const char *value)
{
	grpo_config *c;
	struct rig r;

	*out = (struct run){0};
	rig_make(&r);
	for (int v = 0; v < BIGRAM_V; v++)
		r.policy.s.reference[v][(v + 2) % BIGRAM_V] = 1;
	r.policy.s.w[1][3] = 1;
	r.policy.inflate = 0.02;
	ok(grpo_config_create(&c));
	ok(grpo_config_add_trainer(c, &r.config));
	for (size_t i = 0; i < sizeof rigs / sizeof *rigs; i++)
		ok(grpo_config_set(c, rigs[i]));
	for (int i = 0; i < 4 && beside[i]; i++)
		ok(grpo_config_set(c, beside[i]));
	if (key)
		set(c, key, value);
	grpo_log_set(keep_line, out->log, GRPO_LOG_WARN);
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	grpo_log_set(NULL, NULL, GRPO_LOG_WARN);
	out->weights = r.policy.s;
	out->steps = grpo_trainer_steps(r.trainer);
	grpo_config_free(c);
	rig_free(&r);
}

static int differ(const struct run *a, const struct run *b)
{
	const double *x = &a->weights.w[0][0], *y = &b->weights.w[0][0];

	for (int i = 0; i < BIGRAM_V * BIGRAM_V; i++)
		if (fabs(x[i] - y[i]) > 1e-9)
			return 1;
	return a->steps != b->steps;
}

START_TEST(every_setting_changes_the_run)
{
	const struct flip *f = &flips[_i];
	struct run base, flipped;

	train(&base, f->beside, NULL, NULL);
	train(&flipped, f->beside, f->key, f->value);
	if (!differ(&base, &flipped))
		ck_abort_msg("%s=%s changes nothing", f->key, f->value);
	if (strstr(flipped.log, f->key))
		ck_abort_msg("%s=%s: %s", f->key, f->value, flipped.log);
}
END_TEST

/* ---------------------------------------------------------- no effect */

/* clang-format off */
static const struct flip idle[] = {
	{"kl_estimator", "k1", {NULL}},
	{"kl_bias_correction", "k2_slope", {NULL}},
	{"ref_model_mixup_alpha", "0.1", {REFERENCE}},
	{"ref_model_sync_steps", "2", {REFERENCE}},
	{"importance_sampling_clip_min", "0.5", {NULL}},
	{"importance_sampling_clip_max", "2", {NULL}},
	{"sapo_temperature_pos", "4", {TWICE}},
	{"sapo_temperature_neg", "4", {TWICE}},
	{"epsilon", "0.1", {NULL}},
	{"epsilon", "0.1", {TWICE, "loss_type=sapo"}},
	{"epsilon_high", "0.1", {TWICE, "loss_type=reinforce"}},
	{"delta", "3", {NULL}},
	{"squared_log_ratio", "1", {NULL}},
	{"importance_sampling_level", "sequence", {NULL}},
	{"advantage_eps", "0.5", {"scale_rewards=none"}},
	{"advantage_ddof", "0", {"scale_rewards=none"}},
	{"warmup_steps", "2", {NULL}},
	{"min_lr_ratio", "0.5", {NULL}},
	{"num_train_epochs", "7", {NULL}},
	{"num_generations_eval", "2", {NULL}},
	{"save_steps", "2", {NULL}},
	{"save_total_limit", "2", {NULL}},
	{"samples_per_step", "2", {NULL}},
	{"save_rollouts", "true", {NULL}},
};
/* clang-format on */
#define N_IDLE ((int)(sizeof idle / sizeof *idle))

START_TEST(a_setting_that_changes_nothing_is_said)
{
	const struct flip *f = &idle[_i];
	struct run base, flipped;
	char line[128];

	train(&base, f->beside, NULL, NULL);
	train(&flipped, f->beside, f->key, f->value);
	ck_assert(!differ(&base, &flipped));
	snprintf(line, sizeof line,
		 "\"%s\" is set and changes nothing: ", f->key);
	if (!strstr(flipped.log, line))
		ck_abort_msg("%s=%s: \"%s\"", f->key, f->value, flipped.log);
	ck_assert_ptr_null(strstr(base.log, "changes nothing"));
}
END_TEST

/* ------------------------------------------------------------- all of them */

static int is_known(const char *key)
{
	for (int i = 0; i < N_FLIPS; i++)
		if (strcmp(flips[i].key, key) == 0)
			return 1;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (strcmp(others[i], key) == 0)
			return 1;
	return 0;
}

START_TEST(no_setting_is_left_out_of_these_tests)
{
	grpo_trainer_config t;
	const cJSON *each;
	grpo_config *c;
	cJSON *all;
	char *text;

	ok(grpo_config_create(&c));
	ok(grpo_config_add_trainer(c, &t));
	ok(grpo_config_text(c, &text, 0));
	all = cJSON_Parse(text);
	ck_assert_ptr_nonnull(all);
	cJSON_ArrayForEach(each, all)
	{
		if (!is_known(each->string))
			ck_abort_msg("no flip of \"%s\"", each->string);
	}
	cJSON_Delete(all);
	free(text);
	grpo_config_free(c);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("flips");
	TCase *t = tcase_create("flips");

	tcase_add_checked_fixture(t, scratch_make, scratch_remove);
	tcase_add_loop_test(t, every_setting_changes_the_run, 0, N_FLIPS);
	tcase_add_loop_test(t, a_setting_that_changes_nothing_is_said, 0,
			    N_IDLE);
	tcase_add_test(t, no_setting_is_left_out_of_these_tests);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
