/* SPDX-License-Identifier: MIT */
/* Rollouts that the caller brings: those of a run give the run again, and what
 * makes no sense is named. */
#include "trainer_rig.h"
#include "tests/suite.h"

#include <cjson/cJSON.h>
#include "grpo/rollout.h"

/* ------------------------------------------------- rollouts of a file */

struct lines {
	cJSON *row[512];
	int n;
};

static void read_lines(struct lines *l, const char *folder)
{
	char *text = rig_read(folder, "rollouts.jsonl"), *line = text;

	l->n = 0;
	while (*line) {
		size_t len = strcspn(line, "\n");

		ck_assert_int_lt(l->n, 512);
		l->row[l->n] = cJSON_ParseWithLength(line, len);
		ck_assert_ptr_nonnull(l->row[l->n++]);
		line += len + 1;
	}
	free(text);
}

static void free_lines(struct lines *l)
{
	for (int i = 0; i < l->n; i++)
		cJSON_Delete(l->row[i]);
}

static const cJSON *member(const cJSON *row, const char *name)
{
	const cJSON *m = cJSON_GetObjectItemCaseSensitive(row, name);

	ck_assert_ptr_nonnull(m);
	return m;
}

static double number(const cJSON *row, const char *name)
{
	const cJSON *m = member(row, name);

	return cJSON_IsNumber(m) ? m->valuedouble : NAN;
}

struct arrays {
	int32_t prompt[64], tokens[64];
	float logp[64];
};

static int64_t ids_of(int32_t *out, const cJSON *row, const char *name)
{
	const cJSON *each;
	int64_t n = 0;

	cJSON_ArrayForEach(each, member(row, name)) out[n++] = each->valueint;
	return n;
}

static grpo_rollout rollout_of(struct arrays *a, const cJSON *row)
{
	const cJSON *each;
	grpo_rollout r = {.struct_size = sizeof r,
			  .prompt = a->prompt,
			  .tokens = a->tokens,
			  .logp = a->logp,
			  .group = (int64_t)number(row, "group"),
			  .version = (int64_t)number(row, "version"),
			  .reward = number(row, "reward")};
	int n = 0;

	r.n_prompt = ids_of(a->prompt, row, "prompt");
	r.n_tokens = ids_of(a->tokens, row, "tokens");
	cJSON_ArrayForEach(each, member(row, "logp")) a->logp[n++] =
	    (float)each->valuedouble;
	ck_assert_int_eq(n, r.n_tokens);
	if (strcmp(member(row, "finish")->valuestring, "length") == 0)
		r.finish = GRPO_FINISH_LENGTH;
	return r;
}

/* -------------------------------------------------- a run, and again */

static void set_up(struct rig *r, int iterations)
{
	rig_make(r);
	rig_add_reward(r, "d", 0.25);
	r->config.num_iterations = iterations;
	r->config.max_steps = 6;
	r->config.beta = 0.01;
	r->config.mask_truncated_completions = 1;
	r->config.importance_sampling_correction =
	    GRPO_CORRECTION_TOKEN_TRUNCATE;
}

/* A trainer of the learner alone. */
static void start_given(struct rig *r)
{
	ok(grpo_trainer_parts_init(&r->parts));
	r->parts.learner = &r->learner;
	ok(grpo_trainer_create(&r->trainer, &r->config, &r->parts,
			       &r->callbacks));
}

static void replay(struct rig *r, const struct lines *l)
{
	static struct arrays arrays[512];
	grpo_rollout list[512];
	int first = 0;

	for (int i = 0; i < l->n; i++) {
		list[i] = rollout_of(&arrays[i], l->row[i]);
		if (i + 1 < l->n && number(l->row[i + 1], "version") ==
					number(l->row[i], "version"))
			continue;
		ok(grpo_trainer_update(r->trainer, list + first,
				       i + 1 - first));
		first = i + 1;
	}
}

START_TEST(the_rollouts_of_a_run_give_the_run_again_bit_for_bit)
{
	struct lines l;
	struct rig run, again;

	set_up(&run, _i);
	rig_output(&run, "run");
	run.config.save_rollouts = 1;
	rig_start(&run);
	ok(grpo_trainer_run(run.trainer));
	read_lines(&l, scratch_path("run"));
	ck_assert_int_eq(l.n, 6 / _i * 16);
	set_up(&again, _i);
	start_given(&again);
	replay(&again, &l);
	ck_assert_int_eq(grpo_trainer_steps(again.trainer), 6);
	ck_assert(grpo_trainer_done(again.trainer));
	ck_assert_int_eq(again.policy.n_generated, 0);
	ck_assert_mem_eq(&run.policy.s, &again.policy.s, sizeof run.policy.s);
	free_lines(&l);
	rig_free(&run);
	rig_free(&again);
}
END_TEST

START_TEST(rollouts_are_written_once_over_a_resume)
{
	struct rig r;
	char *whole, *halves;

	set_up(&r, 1);
	rig_output(&r, "whole");
	r.config.save_rollouts = 1;
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	rig_free(&r);
	for (int half = 0; half < 2; half++) {
		set_up(&r, 1);
		rig_output(&r, "halves");
		r.config.save_rollouts = 1;
		r.config.save_steps = 2;
		rig_start(&r);
		if (half)
			ok(grpo_trainer_resume(r.trainer, NULL));
		for (int i = 0; !half && i < 3; i++)
			ok(grpo_trainer_step(r.trainer));
		if (half)
			ok(grpo_trainer_run(r.trainer));
		rig_free(&r);
	}
	whole = rig_read(scratch_path("whole"), "rollouts.jsonl");
	halves = rig_read(scratch_path("halves"), "rollouts.jsonl");
	ck_assert_str_eq(whole, halves);
	free(whole);
	free(halves);
}
END_TEST

/* ------------------------------------------------------------- by hand */

static const int32_t prompt[] = {0, 1}, tokens[] = {2, 3, 4, 5};

static grpo_rollout simple(double reward)
{
	return (grpo_rollout){.struct_size = sizeof(grpo_rollout),
			      .prompt = prompt,
			      .n_prompt = 2,
			      .tokens = tokens,
			      .n_tokens = 4,
			      .reward = reward};
}

/* The weights after one update of the rollouts. */
static struct bigram_state weights_after(const grpo_rollout *list, int64_t n)
{
	struct bigram_state s;
	struct rig r;

	rig_make(&r);
	start_given(&r);
	ok(grpo_trainer_update(r.trainer, list, n));
	s = r.policy.s;
	rig_free(&r);
	return s;
}

START_TEST(groups_may_have_any_size_and_prompt)
{
	static const int32_t other[] = {4};
	grpo_rollout list[6];
	struct bigram_state a, b;
	struct rig r;

	for (int i = 0; i < 6; i++) {
		list[i] = simple(i % 2);
		list[i].n_tokens = 1 + i % 4;
		list[i].group = i < 1 ? 9 : i < 4 ? 2 : 5;
	}
	list[3].prompt = other;
	list[3].n_prompt = 1;
	a = weights_after(list, 6);
	/* a group of one has no advantage: without it, nothing changes but N */
	list[0].n_tokens = 0;
	b = weights_after(list, 6);
	rig_make(&r);
	ck_assert_mem_ne(&a, &r.policy.s, sizeof a);
	ck_assert_mem_ne(&b, &r.policy.s, sizeof b);
	rig_free(&r);
}
END_TEST

START_TEST(masked_tokens_are_context_and_in_no_loss)
{
	static const uint8_t none[] = {0, 0, 0, 0}, some[] = {1, 0, 0, 1};
	grpo_rollout list[2] = {simple(0), simple(1)};
	struct bigram_state all, part, nothing;
	struct rig r;

	list[1].tokens = prompt; /* another answer than the first */
	list[1].n_tokens = 2;
	all = weights_after(list, 2);
	list[0].mask = some;
	part = weights_after(list, 2);
	list[0].mask = list[1].mask = none;
	nothing = weights_after(list, 2);
	rig_make(&r);
	ck_assert_mem_ne(&all, &part, sizeof all);
	ck_assert_mem_eq(&nothing.w, &r.policy.s.w, sizeof nothing.w);
	rig_free(&r);
}
END_TEST

START_TEST(advantages_of_ones_own_are_taken_as_they_are)
{
	static const float plus[] = {1, 1, 1, 1}, minus[] = {-1, -1, -1, -1};
	static const float zero[] = {0, 0, 0, 0};
	grpo_rollout list[2] = {simple(0), simple(1)};
	struct bigram_state a, b, none;
	struct rig r;

	list[0].advantage = plus;
	list[1].advantage = zero;
	a = weights_after(list, 2);
	list[0].advantage = minus;
	b = weights_after(list, 2);
	list[0].advantage = zero;
	none = weights_after(list, 2);
	rig_make(&r);
	for (int i = 0; i < BIGRAM_V; i++)
		for (int j = 0; j < BIGRAM_V; j++) {
			double w = r.policy.s.w[i][j];

			ck_assert_double_eq_tol(a.w[i][j] - w, w - b.w[i][j],
						1e-6);
		}
	ck_assert_mem_ne(&a, &b, sizeof a);
	ck_assert_mem_eq(&none.w, &r.policy.s.w, sizeof none.w);
	rig_free(&r);
}
END_TEST

static int64_t n_seen;

static int see_completion(void *ctx, const grpo_scored *s)
{
	(void)ctx;
	ck_assert_int_eq(s->group, n_seen);
	ck_assert_int_eq(s->dataset_row, -1);
	ck_assert_int_eq(s->n_rewards, 0);
	n_seen++;
	return 0;
}

static int see_report(void *ctx, const grpo_report *report)
{
	(void)ctx;
	ck_assert_int_eq(report->step, 1);
	ck_assert_double_eq(grpo_report_value(report, "reward"), 0.5);
	ck_assert_double_eq(grpo_report_value(report, "frac_reward_zero_std"),
			    1);
	/* no log-probability was given */
	ck_assert(isnan(grpo_report_value(
	    report, "sampling/sampling_logp_difference/mean")));
	return 0;
}

START_TEST(callbacks_see_them)
{
	grpo_rollout list[2] = {simple(0), simple(1)};
	struct rig r;

	list[1].group = 1;
	rig_make(&r);
	r.callbacks.on_completion = see_completion;
	r.callbacks.on_step = see_report;
	start_given(&r);
	n_seen = 0;
	ok(grpo_trainer_update(r.trainer, list, 2));
	ck_assert_int_eq(n_seen, 2);
	rig_free(&r);
}
END_TEST

/* A trainer that also samples can take some between two of its own batches. */
START_TEST(a_run_that_samples_takes_them_too)
{
	grpo_rollout list[2] = {simple(0), simple(1)};
	struct rig r;

	rig_make(&r);
	rig_start(&r);
	ok(grpo_trainer_step(r.trainer));
	ok(grpo_trainer_update(r.trainer, list, 2));
	ok(grpo_trainer_run(r.trainer));
	ck_assert_int_eq(grpo_trainer_steps(r.trainer), 6);
	ck_assert_int_eq(r.policy.n_steps, 6);
	rig_free(&r);
}
END_TEST

/* ------------------------------------------------------------- refusals */

static void expect_refused(grpo_rollout list[2], int code, const char *text)
{
	struct rig r;

	rig_make(&r);
	start_given(&r);
	refused(grpo_trainer_update(r.trainer, list, 2), code, text);
	ck_assert_int_eq(grpo_trainer_steps(r.trainer), 0);
	ck_assert_int_eq(r.policy.n_steps, 0);
	rig_free(&r);
}

START_TEST(a_rollout_that_makes_no_sense_is_named)
{
	static const int32_t bad[] = {0, -7};
	static const float inf[] = {0, 0, -INFINITY, 0}, nan[] = {0, NAN, 0, 0};
	grpo_rollout list[2] = {simple(0), simple(1)};

	list[0].struct_size = 0;
	expect_refused(list, GRPO_EINVAL, "set it to sizeof(grpo_rollout)");
	list[0] = simple(0);
	list[1].n_prompt = 0;
	expect_refused(list, GRPO_EINVAL, "rollout 1: the prompt is empty");
	list[1] = simple(1);
	list[1].tokens = bad;
	list[1].n_tokens = 2;
	expect_refused(list, GRPO_EINVAL, "rollout 1: tokens[1] is -7");
	list[1] = simple(1);
	list[1].tokens = NULL;
	expect_refused(list, GRPO_EINVAL, "rollout 1: 4 ids at \"tokens\"");
	list[1] = simple(1);
	list[1].finish = 9;
	expect_refused(list, GRPO_EINVAL, "rollout 1: finish is 9");
	list[1] = simple(INFINITY);
	expect_refused(list, GRPO_ENUMERIC, "rollout 1: the reward is inf");
	list[1] = simple(1);
	list[1].logp = inf;
	expect_refused(list, GRPO_ENUMERIC, "rollout 1: logp[2] is -inf");
	list[1] = simple(1);
	list[1].advantage = nan;
	expect_refused(list, GRPO_ENUMERIC, "rollout 1: advantage[1] is nan");
}
END_TEST

START_TEST(groups_that_are_torn_apart_are_named)
{
	grpo_rollout list[3] = {simple(0), simple(1), simple(0)};
	struct rig r;

	list[1].group = 7;
	rig_make(&r);
	start_given(&r);
	refused(grpo_trainer_update(r.trainer, list, 3), GRPO_EINVAL,
		"step 1: the rollouts of group 0 do not follow each other");
	refused(grpo_trainer_update(r.trainer, list, 0), GRPO_EINVAL,
		"0 rollouts");
	rig_free(&r);
}
END_TEST

START_TEST(a_trainer_without_a_dataset_cannot_sample)
{
	struct rig r;

	rig_make(&r);
	r.config.max_steps = -1;
	ok(grpo_trainer_parts_init(&r.parts));
	r.parts.learner = &r.learner;
	refused(grpo_trainer_create(&r.trainer, &r.config, &r.parts, NULL),
		GRPO_EINVAL, "\"max_steps\" is needed");
	r.config.max_steps = 2;
	r.config.eval_steps = 1;
	refused(grpo_trainer_create(&r.trainer, &r.config, &r.parts, NULL),
		GRPO_EINVAL, "an evaluation needs");
	r.config.eval_steps = 0;
	start_given(&r);
	refused(grpo_trainer_step(r.trainer), GRPO_EINVAL,
		"grpo_trainer_update");
	refused(grpo_trainer_run(r.trainer), GRPO_EINVAL,
		"grpo_trainer_update");
	refused(grpo_trainer_check(r.trainer), GRPO_EINVAL, "parts.dataset");
	rig_free(&r);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("rollouts");
	TCase *c = tcase_create("rollouts");

	tcase_add_checked_fixture(c, scratch_make, scratch_remove);
	tcase_add_loop_test(
	    c, the_rollouts_of_a_run_give_the_run_again_bit_for_bit, 1, 4);
	tcase_add_test(c, rollouts_are_written_once_over_a_resume);
	tcase_add_test(c, groups_may_have_any_size_and_prompt);
	tcase_add_test(c, masked_tokens_are_context_and_in_no_loss);
	tcase_add_test(c, advantages_of_ones_own_are_taken_as_they_are);
	tcase_add_test(c, callbacks_see_them);
	tcase_add_test(c, a_run_that_samples_takes_them_too);
	tcase_add_test(c, a_rollout_that_makes_no_sense_is_named);
	tcase_add_test(c, groups_that_are_torn_apart_are_named);
	tcase_add_test(c, a_trainer_without_a_dataset_cannot_sample);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
