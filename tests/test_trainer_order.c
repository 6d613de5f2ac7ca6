/* SPDX-License-Identifier: MIT */
/* Which rows come when, at which rate, and that chance is the seed's alone. */
#include "trainer_rig.h"
#include "tests/suite.h"

/* -------------------------------------------------------- order and chance */

struct visits {
	int64_t rows[64]; /* dataset row of each group, in order */
	int n;
};

static int take_row(void *ctx, const grpo_scored *c)
{
	struct visits *v = ctx;

	if (c->row % 4 == 0)
		v->rows[v->n++ % 64] = c->dataset_row;
	return 0;
}

static void visit(struct visits *v, int shuffle, int64_t seed, int steps)
{
	struct rig r;

	*v = (struct visits){.n = 0};
	rig_make(&r);
	r.config.shuffle_dataset = shuffle;
	r.config.seed = seed;
	r.config.max_steps = steps;
	r.callbacks.ctx = v;
	r.callbacks.on_completion = take_row;
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	rig_free(&r);
}

START_TEST(every_prompt_comes_once_an_epoch_in_another_order)
{
	struct visits v, again, other;
	int64_t seen[2][RIG_PROMPTS] = {{0}};
	int i;

	visit(&v, 1, 1, 6); /* two epochs of three batches */
	visit(&again, 1, 1, 6);
	visit(&other, 1, 2, 6);
	ck_assert_int_eq(v.n, 2 * RIG_PROMPTS);
	for (i = 0; i < v.n; i++)
		seen[i / RIG_PROMPTS][v.rows[i]]++;
	for (i = 0; i < RIG_PROMPTS; i++)
		ck_assert(seen[0][i] == 1 && seen[1][i] == 1);
	ck_assert_mem_ne(v.rows, v.rows + RIG_PROMPTS,
			 RIG_PROMPTS * sizeof *v.rows);
	ck_assert_mem_eq(v.rows, again.rows, sizeof v.rows);
	ck_assert_mem_ne(v.rows, other.rows, sizeof v.rows);
}
END_TEST

START_TEST(without_shuffling_the_rows_come_as_they_stand)
{
	struct visits v;
	int i;

	visit(&v, 0, 1, 4);
	for (i = 0; i < 16; i++)
		ck_assert_int_eq(v.rows[i], i % RIG_PROMPTS);
}
END_TEST

START_TEST(the_same_seed_gives_the_same_run_bit_for_bit)
{
	struct bigram a, b, c;

	rig_run_whole(&a, 7);
	rig_run_whole(&b, 7);
	rig_run_whole(&c, 8);
	ck_assert_mem_eq(&a.s, &b.s, sizeof a.s);
	ck_assert_mem_ne(&a.s, &c.s, sizeof a.s);
}
END_TEST

/* ---------------------------------------------------------- learning rate */

static void rates(double *out, int32_t scheduler, int64_t warmup, double floor,
		  int64_t steps)
{
	struct rig r;
	int64_t i;

	rig_make(&r);
	r.config.lr_scheduler_type = scheduler;
	r.config.warmup_steps = warmup;
	r.config.min_lr_ratio = floor;
	r.config.learning_rate = 1;
	r.config.max_steps = steps;
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	for (i = 0; i < steps; i++)
		out[i] = r.policy.rates[i];
	rig_free(&r);
}

/* Expected: transformers' get_scheduler(name, optimizer, 2, 6). */
START_TEST(the_learning_rate_runs_as_in_transformers)
{
	static const double expected[4][6] = {
	    {1, 1, 1, 1, 1, 1},
	    {0, 0.5, 1, 0.75, 0.5, 0.25},
	    {0, 0.5, 1, 0.853553390593273, 0.5, 0.146446609406726},
	    {0, 0.5, 1, 1, 1, 1}};
	double got[6];
	int k, i;

	for (k = 0; k < 4; k++) {
		rates(got, k, 2, 0, 6);
		for (i = 0; i < 6; i++)
			ck_assert_double_eq_tol(got[i], expected[k][i], 1e-12);
	}
	rates(got, GRPO_LR_LINEAR, 2, 0.2, 6);
	ck_assert_double_eq_tol(got[3], 0.8, 1e-12);
	ck_assert_double_eq_tol(got[5], 0.4, 1e-12);
}
END_TEST

START_TEST(without_max_steps_the_epochs_say_how_long)
{
	struct rig r;

	rig_make(&r);
	r.config.max_steps = -1;
	r.config.num_train_epochs = 1.5;
	r.config.num_iterations = 2;
	rig_start(&r); /* 3 batches an epoch, 2 steps each: 9 */
	ck_assert_int_eq(grpo_trainer_max_steps(r.trainer), 9);
	rig_free(&r);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("trainer_order");
	TCase *c = tcase_create("loop");

	tcase_add_checked_fixture(c, scratch_make, scratch_remove);
	tcase_add_test(c, every_prompt_comes_once_an_epoch_in_another_order);
	tcase_add_test(c, without_shuffling_the_rows_come_as_they_stand);
	tcase_add_test(c, the_same_seed_gives_the_same_run_bit_for_bit);
	tcase_add_test(c, the_learning_rate_runs_as_in_transformers);
	tcase_add_test(c, without_max_steps_the_epochs_say_how_long);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
