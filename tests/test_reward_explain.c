/* SPDX-License-Identifier: MIT */
/* What plug-ins say of their rows reaches who asked: once, in order, whole. */
#include "reward_rig.h"

#define N_ROWS 200

/* All notes, row by row, as "name=text;", and who broke the order. */
struct heard {
	char text[N_ROWS][256];
	int32_t last_row, out_of_order, n;
	int is_inside, overlapped; /* plain: calls come one at a time */
};

static void hear(void *ctx, int64_t row, int32_t k, const char *name,
		 grpo_str text)
{
	struct heard *h = ctx;
	size_t at;

	h->overlapped |= h->is_inside;
	h->is_inside = 1;
	ck_assert(row >= 0 && row < N_ROWS);
	at = strlen(h->text[row]);
	/* the notes of a row come together: none after another row's */
	h->out_of_order += at > 0 && h->last_row != row;
	h->last_row = (int32_t)row;
	snprintf(h->text[row] + at, sizeof h->text[row] - at, "%d:%s=%.*s;",
		 (int)k, name, (int)text.len, text.ptr);
	h->n++;
	h->is_inside = 0;
}

/* Both notes and no more; the row's place in its call is chance. */
static void expect_notes(const struct heard *h, int64_t row, int k,
			 const char *completion)
{
	char want[64];

	snprintf(want, sizeof want, "%d:completion=%s;%d:place=", k, completion,
		 k);
	if (strncmp(h->text[row], want, strlen(want)) != 0)
		ck_abort_msg("row %d: \"%s\", expected \"%s\"", (int)row,
			     h->text[row], want);
	ck_assert_ptr_eq(strchr(h->text[row] + strlen(want), ';'),
			 h->text[row] + strlen(h->text[row]) - 1);
}

START_TEST(notes_of_a_row_come_together_in_the_order_in_which_they_were_made)
{
	const char *completions[] = {"a", "b", "c"};
	grpo_reward_set *set = SET(1, "echo_length", "explains");
	struct heard h = {0};
	double rewards[6];

	ok(grpo_reward_set_explain(set, hear, &h));
	score_all(set, completions, 3, rewards, NULL);
	for (int i = 0; i < 3; i++)
		expect_notes(&h, i, 1, completions[i]);
	ck_assert_int_eq(h.n, 6); /* none of a row outside the call */
	ck_assert_int_eq(h.out_of_order, 0);
	grpo_reward_set_free(set);
}
END_TEST

START_TEST(a_plugin_sees_no_explain_where_nobody_asks)
{
	const char *completions[] = {"a"};
	grpo_reward_set *set = SET(1, "explains");
	struct heard h = {0};
	double reward;

	score_all(set, completions, 1, &reward, NULL);
	ck_assert_double_eq(reward, 0);
	ok(grpo_reward_set_explain(set, hear, &h));
	score_all(set, completions, 1, &reward, NULL);
	ck_assert_double_eq(reward, 1);
	ok(grpo_reward_set_explain(set, NULL, NULL));
	score_all(set, completions, 1, &reward, NULL);
	ck_assert_double_eq(reward, 0);
	ck_assert_int_eq(h.n, 2);
	grpo_reward_set_free(set);
}
END_TEST

static int count(const char *text, const char *what)
{
	int n = 0;

	for (; (text = strstr(text, what)); text += strlen(what))
		n++;
	return n;
}

/* The one worker hangs in the first reward until all rows wait for the second,
 * which then gets them in one call; that fails, and each has one of its own. */
START_TEST(a_repeated_call_explains_nothing_twice)
{
	const char *completions[] = {"hang", "a", "again", "b"};
	grpo_reward_set *set = SET(1, "hangs", "explains");
	struct heard h = {0};
	double rewards[8];

	ok(grpo_reward_set_explain(set, hear, &h));
	ok(grpo_reward_set_begin(set, 4));
	for (int i = 0; i < 4; i++)
		ok(submit(set, i, completions[i]));
	ask_hangs("hangs", "hangs_release");
	ok(grpo_reward_set_wait(set, rewards, NULL));
	for (int i = 0; i < 4; i++) {
		char want[64];

		/* which reward spoke first is chance */
		snprintf(want, sizeof want, "1:completion=%s;1:place=0;",
			 completions[i]);
		ck_assert_msg(
		    count(h.text[i], want) == 1 && count(h.text[i], "1:") == 2,
		    "row %d: \"%s\", expected \"%s\" once", i, h.text[i], want);
	}
	grpo_reward_set_free(set);
}
END_TEST

START_TEST(eight_threads_explain_every_row_once_and_one_at_a_time)
{
	static struct heard h;
	grpo_reward_set *set = SET(8, "explains");
	double rewards[N_ROWS];
	char text[16];

	ok(grpo_reward_set_explain(set, hear, &h));
	ok(grpo_reward_set_begin(set, N_ROWS));
	for (int i = 0; i < N_ROWS; i++) {
		snprintf(text, sizeof text, "c%d", i);
		ok(submit(set, i, text));
	}
	ok(grpo_reward_set_wait(set, rewards, NULL));
	for (int i = 0; i < N_ROWS; i++) {
		snprintf(text, sizeof text, "c%d", i);
		expect_notes(&h, i, 0, text);
	}
	ck_assert_int_eq(h.n, 2 * N_ROWS);
	ck_assert_int_eq(h.out_of_order, 0);
	ck_assert_int_eq(h.overlapped, 0);
	grpo_reward_set_free(set);
}
END_TEST

/* Sums by name, of all rows. */
struct measured {
	double length, empty;
	int n_length, n_empty, n_other, overlapped, is_inside;
};

static void hear_measure(void *ctx, int64_t row, int32_t k, const char *name,
			 double value)
{
	struct measured *m = ctx;

	m->overlapped |= m->is_inside;
	m->is_inside = 1;
	ck_assert(row >= 0 && row < N_ROWS);
	ck_assert_int_eq(k, 0);
	if (strcmp(name, "length") == 0)
		m->length += value, m->n_length++;
	else if (strcmp(name, "empty") == 0)
		m->empty += value, m->n_empty++;
	else
		m->n_other++;
	m->is_inside = 0;
}

START_TEST(measures_of_every_row_come_once_and_bad_ones_never)
{
	const char *completions[] = {"", "bad", "again", "twelve bytes"};
	grpo_reward_set *set = SET(2, "measures");
	struct measured m = {0};
	double rewards[4];

	score_all(set, completions, 4, rewards, NULL);
	ck_assert_double_eq(rewards[0], 0); /* nobody asked */
	ok(grpo_reward_set_measure(set, hear_measure, &m));
	score_all(set, completions, 4, rewards, NULL);
	ck_assert_double_eq(rewards[0], 1);
	ck_assert_int_eq(m.n_length, 4);
	ck_assert_double_eq(m.length, 0 + 3 + 5 + 12);
	ck_assert_int_eq(m.n_empty, 2);
	ck_assert_double_eq(m.empty, 1);
	ck_assert_int_eq(m.n_other, 0);
	ck_assert_int_eq(m.overlapped, 0);
	ok(grpo_reward_set_measure(set, NULL, NULL));
	score_all(set, completions, 4, rewards, NULL);
	ck_assert_int_eq(m.n_length, 4);
	grpo_reward_set_free(set);
}
END_TEST

START_TEST(asking_in_the_middle_of_a_batch_is_refused)
{
	grpo_reward_set *set = SET(1, "explains");

	ok(grpo_reward_set_begin(set, 0));
	ck_assert_int_eq(grpo_reward_set_explain(set, hear, NULL), GRPO_EINVAL);
	expect_message("while a batch is scored");
	ck_assert_int_eq(grpo_reward_set_measure(set, hear_measure, NULL),
			 GRPO_EINVAL);
	expect_message("while a batch is scored");
	ok(grpo_reward_set_wait(set, NULL, NULL));
	grpo_reward_set_free(set);
}
END_TEST

START_TEST(every_status_has_a_name)
{
	static const struct {
		uint8_t status;
		const char *name;
	} known[] = {{GRPO_REWARD_SCORED, "scored"},
		     {GRPO_REWARD_NO_ANSWER, "no_answer"},
		     {GRPO_REWARD_UNPARSABLE, "unparsable"},
		     {GRPO_REWARD_BUDGET, "budget"},
		     {GRPO_REWARD_MISSING, "missing"},
		     {GRPO_REWARD_FAILED, "failed"},
		     {63, "scored"},
		     {255, "missing"}};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		ck_assert_str_eq(grpo_reward_status_name(known[i].status),
				 known[i].name);
}
END_TEST

static void add_tests(TCase *t)
{
	tcase_add_test(
	    t,
	    notes_of_a_row_come_together_in_the_order_in_which_they_were_made);
	tcase_add_test(t, a_plugin_sees_no_explain_where_nobody_asks);
	tcase_add_test(t, a_repeated_call_explains_nothing_twice);
	tcase_add_test(t,
		       eight_threads_explain_every_row_once_and_one_at_a_time);
	tcase_add_test(t, measures_of_every_row_come_once_and_bad_ones_never);
	tcase_add_test(t, asking_in_the_middle_of_a_batch_is_refused);
	tcase_add_test(t, every_status_has_a_name);
}

int main(void)
{
	return run_case("reward_explain", add_tests);
}
