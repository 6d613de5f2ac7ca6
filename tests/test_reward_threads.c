/* SPDX-License-Identifier: MIT */
/* Threads, order and groups: none of them shows in the numbers. */
#define _POSIX_C_SOURCE 200809L

#include <math.h>
#include <pthread.h>
#include "reward_rig.h"

#define N_MIXED 300

/* A row that differs from all others in all that it can differ in. */
struct mixed {
	char prompt[64], completion[96], name[4][16], cell[4][48];
	grpo_str columns[4], cells[4];
	int32_t tokens[16];
	grpo_reward_row row;
};

static void fill_mixed(struct mixed *m, int i)
{
	memset(m, 0, sizeof *m);
	m->row.struct_size = sizeof m->row;
	snprintf(m->prompt, sizeof m->prompt, "prompt %d", i);
	snprintf(m->completion, sizeof m->completion, "completion %*d", i % 40,
		 i);
	m->row.prompt = str(m->prompt);
	m->row.completion = str(m->completion);
	m->row.group = (uint32_t)(i / 4);
	m->row.group_size = 4;
	m->row.finish = (uint8_t)(i % 3);
	m->row.n_columns = (size_t)(i % 5);
	for (int j = 0; j < i % 5; j++) {
		/* in another order, and not all, from row to row */
		snprintf(m->name[j], 16, "column %d", (j + i) % 7);
		snprintf(m->cell[j], 48, "\"cell %d of %d\"", j, i);
		m->columns[j] = str(m->name[j]);
		m->cells[j] = str(m->cell[j]);
	}
	m->row.columns = m->columns;
	m->row.cells = m->cells;
	m->row.n_tokens = i % 16;
	for (int j = 0; j < i % 16; j++)
		m->tokens[j] = i * 31 + j;
	m->row.tokens = i % 16 ? m->tokens : NULL;
}

/* Submits all rows in an order that `seed` chooses; text goes at once. */
static void score_mixed(int threads, unsigned seed, double *rewards)
{
	grpo_reward_set *set = SET(threads, "digest", "echo_length");
	int order[N_MIXED];
	struct mixed m;

	for (int i = 0; i < N_MIXED; i++)
		order[i] = i;
	for (int i = N_MIXED - 1; i > 0; i--) {
		int j =
		    (int)((seed = seed * 1103515245 + 12345) >> 8) % (i + 1);
		int t = order[i];

		order[i] = order[j];
		order[j] = t;
	}
	ok(grpo_reward_set_begin(set, N_MIXED));
	for (int i = 0; i < N_MIXED; i++) {
		fill_mixed(&m, order[i]);
		ok(grpo_reward_set_submit(set, order[i], &m.row));
		memset(&m, 0xee, sizeof m);
	}
	ok(grpo_reward_set_wait(set, rewards, NULL));
	grpo_reward_set_free(set);
}

START_TEST(threads_and_order_and_batches_change_nothing)
{
	static double want[2 * N_MIXED], got[2 * N_MIXED];
	grpo_reward_set *set = SET(1, "digest", "echo_length");
	struct mixed m;

	/* One row a batch: nothing can be mixed up. */
	for (int i = 0; i < N_MIXED; i++) {
		fill_mixed(&m, i);
		ok(grpo_reward_set_begin(set, 1));
		ok(grpo_reward_set_submit(set, 0, &m.row));
		ok(grpo_reward_set_wait(set, want + 2 * i, NULL));
	}
	grpo_reward_set_free(set);
	ck_assert_double_ne(want[0], want[2]);
	for (int threads = 1; threads <= 8; threads++) {
		score_mixed(threads, (unsigned)threads, got);
		ck_assert_mem_eq(want, got, sizeof want);
	}
}
END_TEST

START_TEST(a_plugin_that_is_not_threadsafe_is_called_one_at_a_time)
{
	grpo_reward_set *set = SET(8, "not_threadsafe", "not_threadsafe");
	double rewards[128];

	ok(grpo_reward_set_begin(set, 64));
	for (int i = 0; i < 64; i++)
		ok(submit(set, i, "a"));
	ok(grpo_reward_set_wait(set, rewards, NULL));
	for (int i = 0; i < 128; i++)
		ck_assert_double_eq(rewards[i], 1);
	grpo_reward_set_free(set);
}
END_TEST

static void *score_alone(void *arg)
{
	double *worst = arg;
	grpo_reward_set *set = SET(2, "not_threadsafe");
	double rewards[64];

	*worst = 1;
	ok(grpo_reward_set_begin(set, 64));
	for (int i = 0; i < 64; i++)
		ok(submit(set, i, "a"));
	ok(grpo_reward_set_wait(set, rewards, NULL));
	for (int i = 0; i < 64; i++)
		*worst = rewards[i] < *worst ? rewards[i] : *worst;
	grpo_reward_set_free(set);
	return NULL;
}

START_TEST(also_between_two_sets)
{
	pthread_t thread[2];
	double worst[2];

	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(
		    pthread_create(&thread[i], NULL, score_alone, &worst[i]),
		    0);
	for (int i = 0; i < 2; i++) {
		pthread_join(thread[i], NULL);
		ck_assert_double_eq(worst[i], 1);
	}
}
END_TEST

START_TEST(a_threadsafe_plugin_runs_on_several_threads)
{
	grpo_reward_set *set = SET(2, "parallel");
	const char *completions[] = {"a", "b"};
	double rewards[2];

	score_all(set, completions, 2, rewards, NULL);
	ck_assert_double_eq(rewards[0], 1);
	ck_assert_double_eq(rewards[1], 1);
	grpo_reward_set_free(set);
}
END_TEST

START_TEST(a_set_is_freed_in_the_middle_of_a_batch)
{
	grpo_reward_set *set = SET(2, "not_threadsafe", "per_group");

	ok(grpo_reward_set_begin(set, 100));
	for (int i = 0; i < 60; i++)
		ok(submit(set, i, "a"));
	grpo_reward_set_free(set);
}
END_TEST

struct submitter {
	grpo_reward_set *set;
	int first;
};

static void *submit_half(void *arg)
{
	struct submitter *s = arg;

	for (int i = s->first; i < N_MIXED; i += 2) {
		struct mixed m;

		fill_mixed(&m, i);
		ok(grpo_reward_set_submit(s->set, i, &m.row));
	}
	return NULL;
}

START_TEST(rows_may_come_from_several_threads)
{
	static double want[2 * N_MIXED], got[2 * N_MIXED];
	grpo_reward_set *set = SET(2, "digest", "echo_length");
	struct submitter s[2] = {{set, 0}, {set, 1}};
	pthread_t thread[2];

	score_mixed(1, 1, want);
	ok(grpo_reward_set_begin(set, N_MIXED));
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(
		    pthread_create(&thread[i], NULL, submit_half, &s[i]), 0);
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	ok(grpo_reward_set_wait(set, got, NULL));
	ck_assert_mem_eq(want, got, sizeof want);
	grpo_reward_set_free(set);
}
END_TEST

/* ------------------------------------------------------------------- groups */

static int submit_grouped(grpo_reward_set *set, int64_t i, uint32_t group,
			  uint32_t size)
{
	char text[64], row[16], sizes[16];
	grpo_str names[2], cells[2];
	grpo_reward_row r;

	memset(text, 'x', sizeof text);
	text[i % 60] = '\0';
	r = row_of(text);
	snprintf(row, sizeof row, "%d", (int)i);
	snprintf(sizes, sizeof sizes, "%d", (int)size);
	/* columns in an order that changes */
	names[i & 1] = str("size");
	cells[i & 1] = str(sizes);
	names[!(i & 1)] = str("row");
	cells[!(i & 1)] = str(row);
	r.columns = names;
	r.cells = cells;
	r.n_columns = 2;
	r.group = group;
	r.group_size = size;
	return grpo_reward_set_submit(set, i, &r);
}

/* Row i belongs to group i % 8 of 7 rows; ids are far apart. */
START_TEST(per_group_rewards_see_whole_groups_whatever_the_order)
{
	for (int run = 0; run < 30; run++) {
		grpo_reward_set *set =
		    SET(1 + run % 4, "echo_length", "per_group");
		double rewards[112];

		ok(grpo_reward_set_begin(set, 56));
		for (int i = 0; i < 56; i++) {
			int j = (i * 11 + run) % 56;

			ok(submit_grouped(set, j,
					  (uint32_t)(j % 8) * 0x20000000, 7));
		}
		ok(grpo_reward_set_wait(set, rewards, NULL));
		for (int j = 0; j < 56; j++) {
			double mean = 0;

			for (int i = j % 8; i < 56; i += 8)
				mean += rewards[2 * i] / 7;
			ck_assert_double_eq_tol(rewards[2 * j + 1],
						rewards[2 * j] - mean, 1e-12);
		}
		grpo_reward_set_free(set);
	}
}
END_TEST

START_TEST(groups_of_one_and_of_all_rows_work)
{
	grpo_reward_set *set = SET(2, "per_group");
	double rewards[5];

	ok(grpo_reward_set_begin(set, 5));
	for (int i = 0; i < 5; i++)
		ok(submit_grouped(set, i, (uint32_t)i, 1));
	ok(grpo_reward_set_wait(set, rewards, NULL));
	for (int i = 0; i < 5; i++)
		ck_assert_double_eq(rewards[i], 0);
	ok(grpo_reward_set_begin(set, 5));
	for (int i = 4; i >= 0; i--)
		ok(submit_grouped(set, i, 0xffffffff, 5));
	ok(grpo_reward_set_wait(set, rewards, NULL));
	for (int i = 0; i < 5; i++)
		ck_assert_double_eq_tol(rewards[i], i - 2, 1e-12);
	grpo_reward_set_free(set);
}
END_TEST

START_TEST(groups_that_do_not_add_up_are_refused)
{
	grpo_reward_set *set = SET(2, "per_group");
	double rewards[4];

	ok(grpo_reward_set_begin(set, 4));
	ck_assert_int_eq(submit_grouped(set, 0, 7, 0), GRPO_EINVAL);
	expect_message("row 0: its group has 0 of 4 rows");
	ck_assert_int_eq(submit_grouped(set, 0, 7, 5), GRPO_EINVAL);
	ok(submit_grouped(set, 0, 7, 2));
	ck_assert_int_eq(submit_grouped(set, 1, 7, 3), GRPO_EINVAL);
	expect_message("row 1: group 7 has 2 rows, not 3");
	ok(submit_grouped(set, 1, 7, 2));
	ck_assert_int_eq(submit_grouped(set, 2, 7, 2), GRPO_EINVAL);
	expect_message("row 2: group 7 has all of its 2 rows already");
	ok(submit_grouped(set, 2, 8, 3));
	ok(submit_grouped(set, 3, 8, 3));
	ck_assert_int_eq(grpo_reward_set_wait(set, rewards, NULL), GRPO_EINVAL);
	expect_message("group 8 has 2 of 3 rows");
	ok(grpo_reward_set_begin(set, 1));
	ok(submit_grouped(set, 0, 0, 1));
	ok(grpo_reward_set_wait(set, rewards, NULL));
	grpo_reward_set_free(set);
}
END_TEST

static void add_tests(TCase *t)
{
	tcase_add_test(t, threads_and_order_and_batches_change_nothing);
	tcase_add_test(t,
		       a_plugin_that_is_not_threadsafe_is_called_one_at_a_time);
	tcase_add_test(t, also_between_two_sets);
	tcase_add_test(t, a_threadsafe_plugin_runs_on_several_threads);
	tcase_add_test(t, a_set_is_freed_in_the_middle_of_a_batch);
	tcase_add_test(t, rows_may_come_from_several_threads);
	tcase_add_test(t,
		       per_group_rewards_see_whole_groups_whatever_the_order);
	tcase_add_test(t, groups_of_one_and_of_all_rows_work);
	tcase_add_test(t, groups_that_do_not_add_up_are_refused);
}

int main(void)
{
	return run_case("reward_threads", add_tests);
}
