/* SPDX-License-Identifier: MIT */
/* Scoring a batch: slots, statuses, and calls that make no sense. */

#include <math.h>
#include "reward/rows.h"
#include "reward_rig.h"

START_TEST(numbers_come_in_the_slot_of_row_and_reward)
{
	grpo_reward_set *set = SET(3, "echo_length", "older_table");
	const char *completions[] = {"", "a", "ab", "abc", "abcd"};
	double rewards[10];
	uint8_t status[10];

	ok(grpo_reward_set_begin(set, 5));
	for (int i = 4; i >= 0; i--)
		ok(submit(set, i, completions[i]));
	memset(status, 99, sizeof status);
	ok(grpo_reward_set_wait(set, rewards, status));
	for (int i = 0; i < 5; i++) {
		ck_assert_double_eq(rewards[2 * i], i);
		ck_assert_double_eq(rewards[2 * i + 1], 0.25);
		ck_assert_int_eq(status[2 * i], GRPO_REWARD_SCORED);
		ck_assert_int_eq(status[2 * i + 1], GRPO_REWARD_SCORED);
	}
	ck_assert_double_gt(grpo_reward_set_seconds(set), 0);
	grpo_reward_set_free(set);
}
END_TEST

START_TEST(a_set_scores_batch_after_batch)
{
	grpo_reward_set *set = SET(2, "echo_length");
	const char *completions[] = {"a", "ab", "abc"};
	double rewards[3];

	for (int n = 0; n < 200; n++) {
		score_all(set, completions + n % 3, 3 - n % 3, rewards, NULL);
		ck_assert_double_eq(rewards[0], 1 + n % 3);
	}
	grpo_reward_set_free(set);
}
END_TEST

START_TEST(an_empty_batch_and_an_empty_set_are_fine)
{
	grpo_reward_set *set = SET(1, "echo_length"), *empty;

	ok(grpo_reward_set_begin(set, 0));
	ok(grpo_reward_set_wait(set, NULL, NULL));
	grpo_reward_set_free(set);
	ok(grpo_reward_set_create(&empty, 2));
	ok(grpo_reward_set_begin(empty, 2));
	ok(submit(empty, 0, "a"));
	ok(submit(empty, 1, "b"));
	ok(grpo_reward_set_wait(empty, NULL, NULL));
	grpo_reward_set_free(empty);
}
END_TEST

START_TEST(missing_rewards_are_nan_and_keep_their_status)
{
	static const int given[] = {0, 1, 2, 3, 64, 65};
	grpo_reward_set *set = SET(2, "missing");
	double rewards[6];
	uint8_t status[6];

	ok(grpo_reward_set_begin(set, 6));
	for (int i = 0; i < 6; i++) {
		grpo_reward_row r = row_of("a");
		grpo_str name = str("status"), cell;
		char text[8];

		snprintf(text, sizeof text, "%d", given[i]);
		cell = str(text);
		r.columns = &name;
		r.cells = &cell;
		r.n_columns = 1;
		ok(grpo_reward_set_submit(set, i, &r));
	}
	ok(grpo_reward_set_wait(set, rewards, status));
	for (int i = 0; i < 6; i++) {
		ck_assert_int_eq(status[i], given[i]);
		if (given[i] < 64)
			ck_assert_double_eq(rewards[i], 0.5);
		else
			ck_assert_double_nan(rewards[i]);
	}
	grpo_reward_set_free(set);
}
END_TEST

/* A row for tests/plugins/missing.c, which says the status of its column. */
static grpo_reward_row row_with_status(const grpo_str *cell)
{
	static const grpo_str name = {"status", 6};
	grpo_reward_row r = row_of("what it says is not looked at");

	r.group_size = 99;
	r.columns = &name;
	r.cells = cell;
	r.n_columns = 1;
	return r;
}

START_TEST(a_check_says_which_rows_have_no_usable_reference)
{
	static const uint8_t want[6] = {0, 0, 0, 1, 0, 0};
	grpo_reward_set *set = SET(2, "echo_length", "missing");
	const char *text[] = {"0", "1", "3", "64", "65", "2"};
	uint8_t missing[12];
	grpo_reward_row rows[6];
	grpo_str cells[6];

	for (int i = 0; i < 6; i++) {
		cells[i] = str(text[i]);
		rows[i] = row_with_status(&cells[i]);
	}
	memset(missing, 9, sizeof missing);
	ok(grpo_reward_set_check(set, rows, 6, missing));
	for (int i = 0; i < 6; i++) {
		ck_assert_int_eq(missing[2 * i], 0);
		ck_assert_int_eq(missing[2 * i + 1], want[i]);
	}
	ok(grpo_reward_set_check(set, NULL, 0, missing));
	grpo_reward_set_free(set);
}
END_TEST

/* tests/plugins/per_group.c wants to know how many there are. */
static grpo_reward_row row_of_group(const grpo_str *size)
{
	static const grpo_str name = {"size", 4};
	grpo_reward_row r = row_of("a");

	r.columns = &name;
	r.cells = size;
	r.n_columns = 1;
	return r;
}

START_TEST(a_check_gives_groups_of_one_to_who_compares_them)
{
	grpo_reward_set *set = SET(1, "per_group");
	grpo_reward_row rows[3];
	grpo_str size = str("1");
	uint8_t missing[3] = {9, 9, 9};

	for (int i = 0; i < 3; i++)
		rows[i] = row_of_group(&size);
	ok(grpo_reward_set_check(set, rows, 3, missing));
	ck_assert_int_eq(missing[0] + missing[1] + missing[2], 0);
	grpo_reward_set_free(set);
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

START_TEST(a_check_is_quiet_and_leaves_the_set_as_it_was)
{
	grpo_reward_set *set = SET(1, "explains");
	grpo_reward_row row = row_of("a");
	uint8_t missing;
	double reward;
	int notes = 0;

	ok(grpo_reward_set_explain(set, count_note, &notes));
	ok(grpo_reward_set_check(set, &row, 1, &missing));
	ck_assert_int_eq(notes, 0);
	score_all(set, (const char *const[]){"a"}, 1, &reward, NULL);
	ck_assert_int_gt(notes, 0);
	grpo_reward_set_free(set);
}
END_TEST

START_TEST(a_check_fails_as_a_batch_does)
{
	grpo_reward_set *set = SET(1, "per_group");
	grpo_str size = str("2");
	grpo_reward_row row = row_of_group(&size);
	uint8_t missing = 9;

	ck_assert_int_eq(grpo_reward_set_check(set, &row, 1, &missing),
			 GRPO_EREWARD);
	expect_message("reward \"per_group\" failed on row 0");
	ck_assert_int_eq(missing, 9);
	ck_assert_int_eq(grpo_reward_set_check(set, &row, -1, &missing),
			 GRPO_EINVAL);
	ok(grpo_reward_set_begin(set, 1));
	ck_assert_int_eq(grpo_reward_set_check(set, &row, 1, &missing),
			 GRPO_EINVAL);
	expect_message("while a batch is scored");
	grpo_reward_set_free(set);
}
END_TEST

START_TEST(calls_out_of_order_are_refused)
{
	grpo_reward_set *set = SET(1, "echo_length");
	double rewards[2];

	ck_assert_int_eq(submit(set, 0, "a"), GRPO_EINVAL);
	ck_assert_int_eq(grpo_reward_set_wait(set, rewards, NULL), GRPO_EINVAL);
	ck_assert_int_eq(grpo_reward_set_begin(set, -1), GRPO_EINVAL);
	ok(grpo_reward_set_begin(set, 2));
	ck_assert_int_eq(grpo_reward_set_begin(set, 2), GRPO_EINVAL);
	ck_assert_int_eq(
	    grpo_reward_set_add(set, plugin_path("older_table"), 1, NULL),
	    GRPO_EINVAL);
	ok(submit(set, 1, "a"));
	ck_assert_int_eq(submit(set, 1, "a"), GRPO_EINVAL);
	expect_message("row 1 is submitted twice");
	ck_assert_int_eq(submit(set, 2, "a"), GRPO_EINVAL);
	expect_message("row 2 of a batch of 2");
	ck_assert_int_eq(submit(set, -1, "a"), GRPO_EINVAL);
	ck_assert_int_eq(grpo_reward_set_wait(set, rewards, NULL), GRPO_EINVAL);
	expect_message("1 of 2 rows were submitted");
	ok(grpo_reward_set_begin(set, 1)); /* the set goes on */
	ok(submit(set, 0, "abc"));
	ok(grpo_reward_set_wait(set, rewards, NULL));
	ck_assert_double_eq(rewards[0], 3);
	grpo_reward_set_free(set);
}
END_TEST

START_TEST(rows_that_cannot_be_are_refused)
{
	grpo_reward_set *set = SET(1, "echo_length");
	grpo_reward_row r = row_of("a");
	grpo_str hole = {NULL, 3}, name = str("answer");
	double rewards[1];

	ok(grpo_reward_set_begin(set, 1));
	ck_assert_int_eq(grpo_reward_set_submit(set, 0, NULL), GRPO_EINVAL);
	r.struct_size = 8;
	ck_assert_int_eq(grpo_reward_set_submit(set, 0, &r), GRPO_EINVAL);
	r = row_of("a");
	r.finish = 3;
	ck_assert_int_eq(grpo_reward_set_submit(set, 0, &r), GRPO_EINVAL);
	r = row_of("a");
	r.completion = hole;
	ck_assert_int_eq(grpo_reward_set_submit(set, 0, &r), GRPO_EINVAL);
	r = row_of("a");
	r.n_columns = 1;
	ck_assert_int_eq(grpo_reward_set_submit(set, 0, &r), GRPO_EINVAL);
	r.columns = &name;
	r.cells = &hole;
	ck_assert_int_eq(grpo_reward_set_submit(set, 0, &r), GRPO_EINVAL);
	r = row_of("a");
	r.n_tokens = -1;
	ck_assert_int_eq(grpo_reward_set_submit(set, 0, &r), GRPO_EINVAL);
	ok(submit(set, 0, "a"));
	ok(grpo_reward_set_wait(set, rewards, NULL));
	ck_assert_double_eq(rewards[0], 1);
	grpo_reward_set_free(set);
}
END_TEST

START_TEST(text_is_bytes_whatever_they_are)
{
	static const char bytes[] = "a\0b\xff\xfe\0";
	grpo_reward_set *set = SET(1, "echo_length");
	grpo_reward_row r = row_of("");
	double reward;

	r.completion = (grpo_str){bytes, sizeof bytes};
	ok(grpo_reward_set_begin(set, 1));
	ok(grpo_reward_set_submit(set, 0, &r));
	ok(grpo_reward_set_wait(set, &reward, NULL));
	ck_assert_double_eq(reward, sizeof bytes);
	grpo_reward_set_free(set);
}
END_TEST

/* Cells of rows i and j of one group with these answers. */
static void put_pair(const char *a, const char *b, grpo_str cells[2])
{
	const grpo_str name = {"answer", 6};
	const grpo_str cell[2] = {{a, strlen(a)}, {b, strlen(b)}};
	grpo__arena *arena;
	grpo_reward_batch view;
	grpo__rows *rows;

	ok(grpo__rows_create(&rows, 2, 0));
	ok(grpo__arena_create(&arena));
	for (int64_t i = 0; i < 2; i++) {
		grpo_reward_row r = {.struct_size = sizeof r,
				     .prompt = {"p", 1},
				     .completion = {"abc", (size_t)i + 1},
				     .columns = &name,
				     .cells = &cell[i],
				     .n_columns = 1};
		int64_t group;

		ok(grpo__rows_put(rows, i, &r, &group));
	}
	ok(grpo__rows_view(&view, rows, (const int64_t[]){0, 1}, 2, arena));
	ck_assert_uint_eq(view.completions[1].len, 2);
	for (int i = 0; i < 2; i++) {
		ck_assert_uint_eq(view.cells[i].len, cell[i].len);
		ck_assert_mem_eq(view.cells[i].ptr, cell[i].ptr, cell[i].len);
		cells[i] = view.cells[i];
	}
	grpo__arena_free(arena);
	grpo__rows_free(rows);
}

/* 64 completions of a prompt with 4 MB of tests once held 269 MB. */
START_TEST(completions_of_a_prompt_share_its_columns)
{
	grpo_str cells[2];

	put_pair("12345", "12345", cells);
	ck_assert_ptr_eq(cells[0].ptr, cells[1].ptr);
	put_pair("12345", "12346", cells);
	ck_assert_ptr_ne(cells[0].ptr, cells[1].ptr);
	put_pair("12345", "1234", cells);
	ck_assert_ptr_ne(cells[0].ptr, cells[1].ptr);
}
END_TEST

static void add_tests(TCase *t)
{
	tcase_add_test(t, numbers_come_in_the_slot_of_row_and_reward);
	tcase_add_test(t, a_set_scores_batch_after_batch);
	tcase_add_test(t, an_empty_batch_and_an_empty_set_are_fine);
	tcase_add_test(t, missing_rewards_are_nan_and_keep_their_status);
	tcase_add_test(t, a_check_says_which_rows_have_no_usable_reference);
	tcase_add_test(t, a_check_gives_groups_of_one_to_who_compares_them);
	tcase_add_test(t, a_check_is_quiet_and_leaves_the_set_as_it_was);
	tcase_add_test(t, a_check_fails_as_a_batch_does);
	tcase_add_test(t, calls_out_of_order_are_refused);
	tcase_add_test(t, rows_that_cannot_be_are_refused);
	tcase_add_test(t, text_is_bytes_whatever_they_are);
	tcase_add_test(t, completions_of_a_prompt_share_its_columns);
}

int main(void)
{
	return run_case("reward_set", add_tests);
}
