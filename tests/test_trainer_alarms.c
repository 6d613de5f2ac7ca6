/* SPDX-License-Identifier: MIT */
/* A run that learns nothing, or breaks down, says so. */
#include "trainer_rig.h"
#include "tests/suite.h"

struct heard {
	int n, n_samples;
	int32_t kind[16];
	int64_t step[16];
	char message[1024], key[64], reward[64], note[256]; /* of the last */
	int answer;
};

static int hear(void *ctx, const grpo_alarm *a)
{
	struct heard *h = ctx;

	h->kind[h->n % 16] = a->kind;
	h->step[h->n++ % 16] = a->step;
	h->n_samples = a->n_samples;
	snprintf(h->message, sizeof h->message, "%s", a->message);
	snprintf(h->key, sizeof h->key, "%s", a->key);
	snprintf(h->reward, sizeof h->reward, "%s", a->reward ? a->reward : "");
	if (a->n_samples > 0) {
		ck_assert_int_eq(a->samples[0]->n_rewards, a->n_rewards);
		snprintf(h->note, sizeof h->note, "%s", a->notes[0]);
	}
	return h->answer;
}

static void listen(struct rig *r, struct heard *h, int64_t steps)
{
	r->config.max_steps = steps;
	r->callbacks.ctx = h;
	r->callbacks.on_alarm = hear;
	rig_start(r);
}

static struct heard run(struct rig *r, int64_t steps)
{
	struct heard h = {0};

	listen(r, &h, steps);
	ok(grpo_trainer_run(r->trainer));
	rig_free(r);
	return h;
}

static void expect(const struct heard *h, int32_t kind, const char *key,
		   const char *text)
{
	ck_assert_int_eq(h->n, 1);
	ck_assert_int_eq(h->kind[0], kind);
	ck_assert_int_eq(h->step[0], 10);
	ck_assert_int_eq(h->n_samples, 3);
	ck_assert_str_eq(h->key, key);
	ck_assert_msg(strstr(h->message, text), "%s", h->message);
}

/* Completions of this text's reward alone. */
static void rig_one(struct rig *r, const char *text)
{
	rig_make_bare(r);
	rig_add_reward(r, text, 1);
}

START_TEST(a_reward_that_is_always_0_is_named_after_ten_batches)
{
	struct heard h;
	struct rig r;

	rig_one(&r, "z");
	h = run(&r, 40);
	expect(&h, GRPO_ALARM_NEVER_EARNED, "rewards",
	       "reward \"contains\" was 0 for every completion of the last 10 "
	       "batches; in the last 10 batches all completions of a prompt "
	       "got the same reward, so nothing was learnt");
	ck_assert_str_eq(h.reward, "contains");
}
END_TEST

START_TEST(a_reward_that_is_always_1_is_named)
{
	struct heard h;
	struct rig r;

	rig_one(&r, "");
	h = run(&r, 40);
	expect(&h, GRPO_ALARM_ALWAYS_SAME, "rewards",
	       "reward \"contains\" has been 1 for every completion so far");
}
END_TEST

static void never_end(struct rig *r, double logit)
{
	for (int v = 0; v < BIGRAM_V; v++)
		r->policy.s.w[v][BIGRAM_END] = logit;
}

START_TEST(completions_that_are_all_cut_and_masked_are_told)
{
	struct heard h;
	struct rig r;

	rig_one(&r, "e");
	never_end(&r, -100);
	r.config.mask_truncated_completions = 1;
	h = run(&r, 40);
	expect(&h, GRPO_ALARM_ALL_CUT, "max_completion_length",
	       "was cut at 8 tokens and left out of the loss "
	       "(\"mask_truncated_completions\")");
}
END_TEST

START_TEST(completions_that_are_all_empty_are_told)
{
	struct heard h;
	struct rig r;

	rig_one(&r, "e");
	never_end(&r, 100);
	h = run(&r, 40);
	expect(&h, GRPO_ALARM_ALL_EMPTY, "template",
	       "every completion of the last 10 batches is empty; reward "
	       "\"contains\" was 0");
}
END_TEST

START_TEST(a_reward_that_never_finds_an_answer_is_named)
{
	struct heard h;
	struct rig r;

	rig_make_bare(&r);
	rig_dataset(&r, "rows.jsonl", "{\"prompt\": \"a\", \"status\": 1}\n");
	ok(grpo_reward_set_add(r.rewards, rig_plugin("missing"), 1, NULL));
	r.config.prompts_per_step = 1;
	h = run(&r, 40);
	expect(&h, GRPO_ALARM_NO_ANSWER, "template",
	       "reward \"missing\" found no answer in any completion of the "
	       "last 10 batches");
}
END_TEST

START_TEST(a_gradient_of_0_is_told_where_rewards_differ)
{
	struct heard h;
	struct rig r;

	rig_one(&r, "e");
	r.policy.deaf = 1;
	h = run(&r, 40);
	expect(&h, GRPO_ALARM_NO_GRADIENT, "loss_type",
	       "the gradient was 0 in the last 10 batches, though rewards "
	       "differ");
}
END_TEST

START_TEST(an_alarm_comes_again_but_rarely)
{
	struct heard h;
	struct rig r;

	rig_one(&r, "z");
	h = run(&r, 200);
	ck_assert_int_eq(h.n, 3);
	ck_assert(h.step[0] == 10 && h.step[1] == 60 && h.step[2] == 160);
}
END_TEST

/* The policy breaks down once step `at` is done. */
struct broken {
	struct heard heard; /* first: it is hear's context too */
	struct rig *rig;
	int64_t at;
};

static int break_down(void *ctx, const grpo_report *report)
{
	struct broken *b = ctx;

	if (report->step == b->at)
		for (int v = 0; v < BIGRAM_V; v++)
			b->rig->policy.s.w[v][4] = -1000; /* no "e" */
	return 0;
}

static void run_broken(struct broken *b, struct rig *r, int64_t at,
		       int64_t steps)
{
	*b = (struct broken){.rig = r, .at = at};
	r->config.learning_rate = 0.01;
	r->callbacks.on_step = break_down;
	listen(r, &b->heard, steps);
	ok(grpo_trainer_run(r->trainer));
}

START_TEST(a_collapse_is_told_within_ten_steps)
{
	for (int64_t at = 3; at <= 30; at += 9) {
		struct broken b;
		struct rig r;

		rig_one(&r, "e");
		run_broken(&b, &r, at, at + 12);
		ck_assert_int_ge(b.heard.n, 1);
		ck_assert_int_eq(b.heard.kind[0], GRPO_ALARM_COLLAPSE);
		ck_assert_int_le(b.heard.step[0], at + 10);
		ck_assert_str_eq(b.heard.key, "learning_rate");
		rig_free(&r);
	}
}
END_TEST

START_TEST(an_evaluation_far_below_the_best_names_the_best_checkpoint)
{
	struct broken b;
	struct rig r;

	rig_one(&r, "e");
	rig_output(&r, "run");
	r.config.eval_steps = 2;
	run_broken(&b, &r, 4, 7);
	ck_assert_int_eq(b.heard.n, 1);
	ck_assert_int_eq(b.heard.kind[0], GRPO_ALARM_COLLAPSE);
	ck_assert_int_eq(b.heard.step[0], 4);
	ck_assert_ptr_nonnull(
	    strstr(b.heard.message, "eval_reward fell from "));
	ck_assert_ptr_nonnull(strstr(b.heard.message, "saved in "));
	ck_assert_ptr_nonnull(strstr(b.heard.message, "/checkpoints/step-"));
	rig_free(&r);
}
END_TEST

START_TEST(a_run_that_has_learnt_everything_is_no_alarm)
{
	struct heard h;
	struct rig r;

	rig_make_bare(&r);
	rig_add_reward(&r, "", 0.5);
	rig_add_reward(&r, "e", 1);
	r.config.learning_rate = 2;
	h = run(&r, 100);
	ck_assert_int_eq(h.n, 0);
}
END_TEST

START_TEST(a_penalty_that_nobody_gets_is_no_alarm)
{
	struct heard h;
	struct rig r;

	rig_make_bare(&r);
	rig_add_reward(&r, "e", 1);
	rig_add_reward(&r, "z", 1);
	r.config.learning_rate = 0.01;
	h = run(&r, 50);
	ck_assert_int_eq(h.n, 0);
}
END_TEST

START_TEST(whoever_hears_an_alarm_can_end_the_run)
{
	struct heard h = {.answer = 1};
	struct rig r;

	rig_one(&r, "z");
	listen(&r, &h, 40);
	ok(grpo_trainer_run(r.trainer));
	ck_assert_int_eq(grpo_trainer_steps(r.trainer), 10);
	rig_free(&r);
	h = (struct heard){.answer = GRPO_EIO};
	rig_one(&r, "z");
	listen(&r, &h, 40);
	ck_assert_int_eq(grpo_trainer_run(r.trainer), GRPO_EIO);
	rig_free(&r);
}
END_TEST

/* ------------------------------------------------------------------ notes */

static void rig_explained(struct rig *r)
{
	rig_make_bare(r);
	ok(grpo_reward_set_add(r->rewards, rig_plugin("explains"), 1, NULL));
}

START_TEST(an_alarm_shows_what_the_rewards_said)
{
	struct heard h;
	struct rig r;

	rig_explained(&r);
	h = run(&r, 12);
	ck_assert_int_ge(h.n, 1);
	ck_assert_msg(strstr(h.note, ": "), "%s", h.note);
}
END_TEST

START_TEST(samples_have_what_the_rewards_said)
{
	struct rig r;
	char *text;

	rig_explained(&r);
	rig_output(&r, "run");
	r.config.max_steps = 1;
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	text = rig_read(r.folder, "samples.jsonl");
	ck_assert_msg(strstr(text, "\"status\": \"scored\", \"notes\": \""),
		      "%s", text);
	free(text);
	rig_free(&r);
}
END_TEST

static void count_note(void *ctx, int64_t row, int32_t k, const char *name,
		       grpo_str text)
{
	(void)row;
	(void)k;
	(void)name;
	(void)text;
	++*(int *)ctx;
}

START_TEST(whoever_listens_to_the_rewards_still_hears_every_row)
{
	int notes = 0, once;
	struct rig r;

	rig_explained(&r);
	r.config.max_steps = 1;
	ok(grpo_reward_set_explain(r.rewards, count_note, &notes));
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	ck_assert_int_ge(notes, 16);
	once = notes;
	rig_free(&r);
	ck_assert_int_eq(once % 16, 0);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("trainer_alarms");
	TCase *c = tcase_create("alarms");

	tcase_add_checked_fixture(c, scratch_make, scratch_remove);
	tcase_add_test(c, a_reward_that_is_always_0_is_named_after_ten_batches);
	tcase_add_test(c, a_reward_that_is_always_1_is_named);
	tcase_add_test(c, completions_that_are_all_cut_and_masked_are_told);
	tcase_add_test(c, completions_that_are_all_empty_are_told);
	tcase_add_test(c, a_reward_that_never_finds_an_answer_is_named);
	tcase_add_test(c, a_gradient_of_0_is_told_where_rewards_differ);
	tcase_add_test(c, an_alarm_comes_again_but_rarely);
	tcase_add_test(c, a_collapse_is_told_within_ten_steps);
	tcase_add_test(
	    c, an_evaluation_far_below_the_best_names_the_best_checkpoint);
	tcase_add_test(c, a_run_that_has_learnt_everything_is_no_alarm);
	tcase_add_test(c, a_penalty_that_nobody_gets_is_no_alarm);
	tcase_add_test(c, whoever_hears_an_alarm_can_end_the_run);
	tcase_add_test(c, an_alarm_shows_what_the_rewards_said);
	tcase_add_test(c, samples_have_what_the_rewards_said);
	tcase_add_test(c, whoever_listens_to_the_rewards_still_hears_every_row);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
