/* SPDX-License-Identifier: MIT */
/* What rewards see of a completion, and when the trainer warns of them. */
#include "trainer_rig.h"
#include "tests/suite.h"

/* ------------------------------------------------------- what rewards see */

static int look_at_text(void *ctx, const grpo_scored *c)
{
	int64_t n = c->n_tokens - (c->finish == GRPO_FINISH_STOP), t;
	const char *text = c->completion.ptr;

	(void)ctx;
	ck_assert_uint_eq(c->completion.len, 7 + (size_t)n);
	ck_assert_mem_eq(text, "<think>", 7);
	for (t = 0; t < n; t++)
		ck_assert_int_eq(text[7 + t], 'a' + c->tokens[t]);
	ck_assert_double_eq(c->total, memchr(text + 7, 'e', (size_t)n) != NULL);
	return 0;
}

/* Letters of "<think>" that the tokenizer lacks, in place of the prompt. */
static void tokenizer_with_tags(struct rig *r)
{
	rig_write_tokenizer("\"<\": 6, \">\": 7, \"t\": 8, \"h\": 9, "
			    "\"i\": 10, \"n\": 11, \"k\": 12,");
	grpo_tokenizer_free(r->tokenizer);
	ok(grpo_tokenizer_open(&r->tokenizer, scratch_folder));
	grpo_template_free(r->prompt_template);
	ok(grpo_template_create(&r->prompt_template, "{prompt}<think>", NULL));
}

static int generate_from_a(void *self, const grpo_request *requests, int64_t n,
			   const grpo_sampling *o, grpo_completion_fn fn,
			   void *ctx)
{
	static const int32_t a = 0;
	grpo_request mine[8];
	int64_t i;

	for (i = 0; i < n; i++) {
		mine[i] = requests[i];
		mine[i].prompt = &a;
		mine[i].n_prompt = 1;
	}
	return bigram_generate(self, mine, n, o, fn, ctx);
}

START_TEST(rewards_see_the_prefill_and_no_stop_token)
{
	grpo_sampler_ops ops;
	struct rig r;

	rig_make(&r);
	tokenizer_with_tags(&r);
	ops = *r.sampler.ops;
	ops.generate = generate_from_a;
	r.sampler.ops = &ops;
	r.policy.fail_forward = 1; /* the learner has no such tokens */
	r.callbacks.on_completion = look_at_text;
	rig_start(&r);
	ck_assert_int_eq(grpo_trainer_step(r.trainer), GRPO_EIO);
	rig_free(&r);
}
END_TEST

static int count_missing(void *ctx, const grpo_scored *c)
{
	int *n = ctx;

	if (isnan(c->total)) {
		ck_assert_double_eq(c->advantage, 0);
		ck_assert_int_eq(c->status[0], GRPO_REWARD_MISSING);
		(*n)++;
	}
	return 0;
}

START_TEST(a_row_without_any_reward_is_no_wrong_row)
{
	struct rig r;
	int n = 0;

	rig_make(&r);
	grpo_dataset_free(r.dataset);
	scratch_text("train.jsonl",
		     "{\"prompt\": \"a\"}\n{\"prompt\": \"b\", \"skip\": 1}\n"
		     "{\"prompt\": \"c\"}\n{\"prompt\": \"d\"}\n");
	ok(grpo_dataset_open(&r.dataset, scratch_path("train.jsonl"), NULL));
	r.callbacks.ctx = &n;
	r.callbacks.on_completion = count_missing;
	rig_start(&r);
	ok(grpo_trainer_step(r.trainer));
	ck_assert_int_eq(n, 4);
	rig_free(&r);
}
END_TEST

/* ----------------------------------------------------------------- alarm */

struct warnings {
	int n;
	char text[1024]; /* of the first */
};

static void take_warning(void *ctx, int level, const char *text)
{
	struct warnings *w = ctx;

	if (level != GRPO_LOG_WARN)
		return;
	if (w->n++ == 0)
		snprintf(w->text, sizeof w->text, "%s", text);
}

START_TEST(a_reward_never_earned_beside_a_full_one_rings_once)
{
	struct warnings w = {0};
	struct rig r;

	rig_make_bare(&r);
	rig_add_reward(&r, "", 0.5);
	rig_add_reward(&r, "z", 1);
	r.config.max_steps = 30;
	grpo_log_set(take_warning, &w, GRPO_LOG_WARN);
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	ck_assert_int_eq(w.n, 1 + 3); /* with three completions */
	ck_assert_ptr_nonnull(
	    strstr(w.text, "reward \"contains-2\" was 0 for every completion "
			   "of the last 10 batches, while \"contains\" is "
			   "earned nearly always"));
	ck_assert_ptr_nonnull(strstr(w.text, "lacks the skill"));
	grpo_log_set(NULL, NULL, 0);
	rig_free(&r);
}
END_TEST

START_TEST(a_reward_that_is_earned_at_times_rings_nothing)
{
	struct warnings w = {0};
	struct rig r;

	rig_make_bare(&r);
	rig_add_reward(&r, "", 0.5);
	rig_add_reward(&r, "e", 1);
	r.config.max_steps = 30;
	grpo_log_set(take_warning, &w, GRPO_LOG_WARN);
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	ck_assert_int_eq(w.n, 0);
	grpo_log_set(NULL, NULL, 0);
	rig_free(&r);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("trainer_text");
	TCase *c = tcase_create("loop");

	tcase_add_checked_fixture(c, scratch_make, scratch_remove);
	tcase_add_test(c, rewards_see_the_prefill_and_no_stop_token);
	tcase_add_test(c, a_row_without_any_reward_is_no_wrong_row);
	tcase_add_test(c, a_reward_never_earned_beside_a_full_one_rings_once);
	tcase_add_test(c, a_reward_that_is_earned_at_times_rings_nothing);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
