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

/* Seven rows, four a batch: what is left of an epoch begins the next one. */
static void visit_seven(struct visits *v, int shuffle, int steps)
{
	char lines[512];
	struct rig r;
	int i, n = 0;

	*v = (struct visits){.n = 0};
	for (i = 0; i < 7; i++)
		n += snprintf(lines + n, sizeof lines - (size_t)n,
			      "{\"prompt\": \"a\", \"answer\": %d}\n", i);
	rig_make(&r);
	rig_dataset(&r, "seven.jsonl", lines);
	r.config.shuffle_dataset = shuffle;
	r.config.max_steps = steps;
	r.callbacks.ctx = v;
	r.callbacks.on_completion = take_row;
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	rig_free(&r);
}

START_TEST(no_row_is_left_out_where_the_last_batch_is_not_full)
{
	struct visits v;
	int seen[4][7] = {{0}};
	int i;

	visit_seven(&v, 1, 7); /* 28 rows: four epochs */
	ck_assert_int_eq(v.n, 28);
	for (i = 0; i < v.n; i++)
		seen[i / 7][v.rows[i]]++;
	for (i = 0; i < 28; i++)
		ck_assert_int_eq(seen[i / 7][i % 7], 1);
	visit_seven(&v, 0, 7);
	for (i = 0; i < v.n; i++)
		ck_assert_int_eq(v.rows[i], i % 7);
}
END_TEST

static int last_epoch(void *ctx, const grpo_report *r)
{
	*(double *)ctx = grpo_report_value(r, "epoch");
	return 0;
}

START_TEST(epochs_count_rows_and_not_full_batches)
{
	double epoch = 0;
	struct rig r;

	rig_make(&r);
	r.config.prompts_per_step = 5; /* of 12 rows */
	r.config.max_steps = -1;
	r.config.num_train_epochs = 2;
	r.callbacks.ctx = &epoch;
	r.callbacks.on_step = last_epoch;
	rig_start(&r);
	ck_assert_int_eq(grpo_trainer_max_steps(r.trainer), 5);
	ok(grpo_trainer_run(r.trainer));
	ck_assert_double_eq(epoch, 25.0 / 12);
	rig_free(&r);
}
END_TEST

START_TEST(the_sizes_of_a_run_are_known_before_it)
{
	grpo_sizes s = {.struct_size = sizeof s};
	struct rig r;

	rig_make(&r);
	r.config.prompts_per_step = 5;
	r.config.num_iterations = 2;
	r.config.max_steps = 3; /* two batches: ten rows of twelve */
	rig_start(&r);
	ok(grpo_trainer_sizes(r.trainer, &s));
	ck_assert_int_eq(s.rows, 12);
	ck_assert_int_eq(s.held_out_rows, 5);
	ck_assert_double_eq(s.batches_per_epoch, 2.4);
	ck_assert_int_eq(s.steps, 3);
	ck_assert_int_eq(s.batches, 2);
	ck_assert_double_eq(s.epochs, 10.0 / 12);
	ck_assert_int_eq(s.completions_per_step, 20);
	ck_assert_int_eq(s.tokens_per_step, 160);
	ck_assert_int_eq(s.rows_unseen, 2);
	s.struct_size = 0;
	refused(grpo_trainer_sizes(r.trainer, &s), GRPO_EINVAL, "grpo_sizes");
	rig_free(&r);
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
	tcase_add_test(c, no_row_is_left_out_where_the_last_batch_is_not_full);
	tcase_add_test(c, epochs_count_rows_and_not_full_batches);
	tcase_add_test(c, the_sizes_of_a_run_are_known_before_it);
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
