/* SPDX-License-Identifier: MIT */
/*
 * The generators: their promises about splits, about what a base document
 * holds, and about the answers.  Answers are checked by other means than
 * those that made them: sums from the text, countdown by searching.
 */
#include <check.h>
#include <cjson/cJSON.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "datasets/arithmetic.h"
#include "datasets/countdown.h"
#include "tests/suite.h"

/* Stated in datasets/README.md: of all base documents. */
static const double readme_share = 0.0336;

enum { N_DOCUMENTS = 100000, N_PROBLEMS = 20000 };

static arithmetic_options defaults(void)
{
	arithmetic_options o;

	arithmetic_options_init(&o);
	return o;
}

/* ---- reading what was written ---- */

/*
 * The next "a + b" at or after *at, spaces included: the worked steps,
 * "7+5", are no sums posed.  0 where there is none.
 */
static int next_sum(const char **at, int64_t *a, int64_t *b)
{
	const char *plus = strstr(*at, " + ");
	const char *start = plus;

	if (plus == NULL)
		return 0;
	while (start > *at && isdigit((unsigned char)start[-1]))
		start--;
	*a = strtoll(start, NULL, 10);
	*b = strtoll(plus + 3, NULL, 10);
	*at = plus + 3;
	return start < plus;
}

static void document(char text[ARITHMETIC_MAX_TEXT],
		     const arithmetic_options *o, uint64_t seed, uint64_t index)
{
	size_t n =
	    arithmetic_document(text, ARITHMETIC_MAX_TEXT, o, seed, index);

	assert_quick(n > 0 && n < ARITHMETIC_MAX_TEXT && n == strlen(text));
}

/* ---- documents ---- */

START_TEST(same_seed_and_index_give_the_same_text)
{
	char a[ARITHMETIC_MAX_TEXT], b[ARITHMETIC_MAX_TEXT];
	arithmetic_options o = defaults();
	uint64_t i;
	int differ = 0;

	for (i = 0; i < 1000; i++) {
		document(a, &o, 21, i);
		document(b, &o, 21, i);
		ck_assert_str_eq(a, b);
		document(b, &o, 22, i);
		differ += strcmp(a, b) != 0;
	}
	ck_assert_int_gt(differ, 980);
}
END_TEST

START_TEST(a_document_is_cut_as_snprintf_cuts)
{
	char whole[ARITHMETIC_MAX_TEXT], cut[32];
	arithmetic_options o = defaults();
	size_t n;
	uint64_t i;

	for (i = 0; i < 200; i++) {
		document(whole, &o, 3, i);
		memset(cut, '#', sizeof(cut));
		n = arithmetic_document(cut, 8, &o, 3, i);
		ck_assert_uint_eq(n, strlen(whole));
		ck_assert_uint_eq(strlen(cut), n < 7 ? n : 7);
		ck_assert_int_eq(strncmp(cut, whole, strlen(cut)), 0);
		ck_assert_int_eq(cut[8], '#');
		ck_assert_uint_eq(arithmetic_document(NULL, 0, &o, 3, i), n);
	}
}
END_TEST

START_TEST(every_width_stays_under_the_greatest_length)
{
	char text[ARITHMETIC_MAX_TEXT];
	arithmetic_options o = defaults();
	uint64_t i;

	o.preamble = 1000;
	for (o.digits = 2; o.digits <= 6; o.digits++)
		for (i = 0; i < 5000; i++)
			document(text, &o, 4, i);
}
END_TEST

START_TEST(no_document_poses_a_held_out_pair)
{
	char text[ARITHMETIC_MAX_TEXT];
	arithmetic_options o = defaults();
	int64_t a, b, posed = 0;
	const char *at;
	uint64_t i;

	for (i = 0; i < N_DOCUMENTS; i++) {
		document(text, &o, 5, i);
		for (at = text; next_sum(&at, &a, &b); posed++)
			if (arithmetic_held_out(a, b))
				ck_abort_msg("document %" PRIu64 ": %s", i,
					     text);
	}
	ck_assert_int_gt(posed, N_DOCUMENTS / 2);
}
END_TEST

START_TEST(no_document_holds_the_prompt_of_the_trainer)
{
	static const char *const never[] = {
	    "Assistant: <think>",
	    "Assistant:<think>",
	    "Assistant:\n<think>",
	    "conversation between User and Assistant",
	    "The User asks a question",
	    "first thinks about it",
	};
	char text[ARITHMETIC_MAX_TEXT];
	arithmetic_options o = defaults();
	size_t k;
	uint64_t i;

	for (i = 0; i < N_DOCUMENTS; i++) {
		document(text, &o, 6, i);
		for (k = 0; k < sizeof(never) / sizeof(never[0]); k++)
			assert_quick(!strstr(text, never[k]));
		if (strstr(text, "<think>") != NULL)
			assert_quick(!strstr(text, "Assistant"));
	}
}
END_TEST

/*
 * The figure of datasets/README.md: notes on sums are what the other kinds
 * leave, and thought_answer of 1000 of them end in the rewarded form.
 */
START_TEST(share_of_thought_and_answer_on_sums_is_as_stated)
{
	char text[ARITHMETIC_MAX_TEXT];
	arithmetic_options o = defaults();
	double notes = 1000 - o.chat - o.puzzle - o.record - o.terse - o.worked;
	double stated = notes * o.thought_answer / 1e6, seen = 0;
	int64_t a, b;
	const char *at;
	uint64_t i;

	for (i = 0; i < N_DOCUMENTS; i++) {
		document(text, &o, 7, i);
		at = text;
		seen += strstr(text, "</think> <answer> ") != NULL &&
			next_sum(&at, &a, &b);
	}
	seen /= N_DOCUMENTS;
	ck_assert_double_eq_tol(stated, readme_share, 0.0005);
	ck_assert_double_eq_tol(seen, stated, 0.004);
}
END_TEST

START_TEST(share_zero_leaves_no_thought_and_answer_on_sums)
{
	char text[ARITHMETIC_MAX_TEXT];
	arithmetic_options o = defaults();
	uint64_t i;

	o.thought_answer = 0;
	o.puzzle_answer = 0;
	for (i = 0; i < N_DOCUMENTS; i++) {
		document(text, &o, 7, i);
		assert_quick(!strstr(text, "</think> <answer>"));
	}
}
END_TEST

/* Every step "7+5=12" adds up, and "so n" is the sum of the pair posed. */
START_TEST(worked_columns_add_up)
{
	char text[ARITHMETIC_MAX_TEXT], *step, *end;
	arithmetic_options o = defaults();
	int64_t a, b, n, steps = 0;
	const char *at, *so;
	uint64_t i;

	for (i = 0; i < N_DOCUMENTS; i++) {
		document(text, &o, 8, i);
		at = text;
		so = strstr(text, ", so ");
		if (so == NULL)
			continue;
		assert_quick(next_sum(&at, &a, &b));
		assert_quick(strtoll(so + 5, NULL, 10) == a + b);
		for (step = strstr(text, "ones "); step < so; steps++) {
			step += strcspn(step, "0123456789");
			for (n = 0;; step = end + 1) {
				n += strtoll(step, &end, 10);
				if (*end != '+')
					break;
			}
			assert_quick(*end == '=');
			assert_quick(strtoll(end + 1, &step, 10) == n);
			step += strspn(step, ", ");
		}
	}
	ck_assert_int_gt(steps, N_DOCUMENTS / 2);
}
END_TEST

/* ---- problems ---- */

START_TEST(problems_of_the_two_splits_never_meet)
{
	char question[128], answer[32];
	arithmetic_options o = defaults();
	const char *at;
	int64_t a, b;
	uint64_t i;
	int held_out;

	for (i = 0; i < N_PROBLEMS; i++) {
		for (held_out = 0; held_out < 2; held_out++) {
			arithmetic_problem(question, answer, &o, 9, i,
					   held_out);
			at = question;
			assert_quick(next_sum(&at, &a, &b));
			assert_quick(arithmetic_held_out(a, b) == held_out);
			assert_quick(arithmetic_held_out(b, a) == held_out);
			assert_quick(strtoll(answer, NULL, 10) == a + b);
			assert_quick(a >= 100 && a <= 999);
			assert_quick(b >= 100 && b <= 999);
		}
	}
}
END_TEST

START_TEST(a_tenth_of_all_pairs_is_held_out)
{
	int64_t a, b, n = 0, held = 0;

	for (a = 100; a <= 999; a++)
		for (b = a; b <= 999; b++, n++)
			held += arithmetic_held_out(a, b);
	ck_assert_double_eq_tol((double)held / (double)n, 0.1, 0.003);
}
END_TEST

START_TEST(wrong_options_are_named)
{
	arithmetic_options o = defaults();

	ck_assert_ptr_null(arithmetic_options_fault(&o));
	o.digits = 7;
	ck_assert_ptr_nonnull(
	    strstr(arithmetic_options_fault(&o), "\"digits\""));
	o = defaults();
	o.worked = 990;
	ck_assert_ptr_nonnull(
	    strstr(arithmetic_options_fault(&o), "\"worked\""));
	o = defaults();
	o.note_check = -1;
	ck_assert_ptr_nonnull(arithmetic_options_fault(&o));
	o = defaults();
	o.note_terse = 800;
	ck_assert_ptr_nonnull(
	    strstr(arithmetic_options_fault(&o), "\"note_terse\""));
}
END_TEST

/* ---- countdown ---- */

/* Fractions, so that a search through 8 / (3 - 8 / 3) is exact. */
typedef struct ratio {
	int64_t p, q; /* q > 0 */
} ratio;

static int reaches(const ratio *v, int n, int64_t target)
{
	ratio next[COUNTDOWN_MAX_NUMS];
	int i, j, k, m;

	if (n == 1)
		return v[0].p == target * v[0].q;
	for (i = 0; i < n; i++) {
		for (j = 0; j < n; j++) {
			ratio x = v[i], y = v[j];
			ratio of[4] = {
			    {x.p * y.q + y.p * x.q, x.q * y.q},
			    {x.p * y.q - y.p * x.q, x.q * y.q},
			    {x.p * y.p, x.q * y.q},
			    {y.p < 0 ? -x.p * y.q : x.p * y.q,
			     x.q * (y.p < 0 ? -y.p : y.p)},
			};

			if (i == j)
				continue;
			for (k = 0, m = 0; k < n; k++)
				if (k != i && k != j)
					next[m++] = v[k];
			for (k = 0; k < (y.p == 0 ? 3 : 4); k++) {
				next[m] = of[k];
				if (reaches(next, m + 1, target))
					return 1;
			}
		}
	}
	return 0;
}

START_TEST(every_countdown_problem_has_a_solution)
{
	char prompt[512], expected[64];
	int32_t nums[8], n, target, i;
	ratio v[COUNTDOWN_MAX_NUMS];
	uint64_t index;
	int four = 0;

	for (index = 0; index < 500; index++) {
		countdown_problem(prompt, nums, &n, &target, 10, index,
				  index % 2 == 1);
		ck_assert(n == 3 || n == 4);
		ck_assert(target >= 10 && target <= 99);
		for (i = 0; i < n; i++) {
			ck_assert(nums[i] >= 1 && nums[i] <= 99);
			v[i] = (ratio){nums[i], 1};
		}
		ck_assert_msg(reaches(v, n, target), "%s", prompt);
		(void)snprintf(expected, sizeof(expected),
			       "[%" PRId32 ", %" PRId32 ", ", nums[0], nums[1]);
		ck_assert_ptr_nonnull(strstr(prompt, expected));
		four += n == 4;
	}
	ck_assert(four > 100 && four < 400);
}
END_TEST

START_TEST(the_search_reports_unsolvable_problems)
{
	ratio v[3] = {{1, 1}, {1, 1}, {2, 1}};

	ck_assert(reaches(v, 3, 4));
	ck_assert(!reaches(v, 3, 97));
}
END_TEST

START_TEST(countdown_splits_never_meet)
{
	char prompt[512];
	int32_t nums[8], turned[8], n, target, i;
	uint64_t index;
	int held_out;

	for (index = 0; index < N_PROBLEMS; index++) {
		held_out = index % 2 == 1;
		countdown_problem(prompt, nums, &n, &target, 11, index,
				  held_out);
		for (i = 0; i < n; i++)
			turned[i] = nums[n - 1 - i];
		assert_quick(countdown_held_out(nums, n, target) == held_out);
		assert_quick(countdown_held_out(turned, n, target) == held_out);
	}
}
END_TEST

/* ---- the program ---- */

/* Runs build/bin/make_dataset; returns its exit status and standard output. */
static int run_tool(char *out, size_t cap, const char *arguments)
{
	const char *build = getenv("BUILD");
	char command[512];
	size_t n;
	FILE *f;
	int status;

	(void)snprintf(command, sizeof(command),
		       "${EMULATOR-} %s/bin/make_dataset %s",
		       build != NULL ? build : "build", arguments);
	f = popen(command, "r");
	ck_assert_ptr_nonnull(f);
	n = fread(out, 1, cap - 1, f);
	out[n] = '\0';
	status = pclose(f);
	ck_assert(WIFEXITED(status));
	ck_assert_int_ne(WEXITSTATUS(status), 127); /* not built */
	return WEXITSTATUS(status);
}

/* Each line is one whole object; returns how many there are. */
static int count_objects(const char *lines, const char *text, const char *other)
{
	const char *end;
	int n = 0;

	for (; *lines != '\0'; n++) {
		cJSON *object = cJSON_ParseWithOpts(lines, &end, 0);

		ck_assert_msg(object != NULL, "%.80s", lines);
		ck_assert(cJSON_IsObject(object));
		ck_assert(cJSON_IsString(
		    cJSON_GetObjectItemCaseSensitive(object, text)));
		ck_assert(other == NULL || cJSON_HasObjectItem(object, other));
		ck_assert_int_eq(*end, '\n');
		cJSON_Delete(object);
		lines = end + 1;
	}
	return n;
}

START_TEST(the_tool_writes_valid_json_lines)
{
	static char out[1 << 20];

	ck_assert_int_eq(run_tool(out, sizeof(out), "corpus --n 2000"), 0);
	ck_assert_int_eq(count_objects(out, "text", NULL), 2000);
	ck_assert_int_eq(run_tool(out, sizeof(out), "sums --n 500 --digits 6"),
			 0);
	ck_assert_int_eq(count_objects(out, "prompt", "answer"), 500);
	ck_assert_int_eq(
	    run_tool(out, sizeof(out), "countdown --n 500 --split held_out"),
	    0);
	ck_assert_int_eq(count_objects(out, "prompt", "target"), 500);
	ck_assert_int_eq(run_tool(out, sizeof(out), "programs --n 100"), 0);
	ck_assert_int_eq(count_objects(out, "prompt", "tests"), 100);
}
END_TEST

START_TEST(the_tool_writes_the_output_of_the_functions)
{
	char out[4096], question[128], answer[32], expected[256];
	arithmetic_options o = defaults();

	arithmetic_problem(question, answer, &o, 12, 34, 1);
	(void)snprintf(expected, sizeof(expected),
		       "{\"prompt\": \"%s\", \"answer\": \"%s\"}\n", question,
		       answer);
	ck_assert_int_eq(
	    run_tool(out, sizeof(out),
		     "sums --seed 12 --from 34 --n 1 --split held_out"),
	    0);
	ck_assert_str_eq(out, expected);
}
END_TEST

START_TEST(the_tool_says_what_it_expected)
{
	static const struct {
		const char *arguments, *says;
	} cases[] = {
	    {"2>&1 foo", "corpus, sums, countdown or programs"},
	    {"sums --n x 2>&1", "\"x\": expected a whole number"},
	    {"sums --digits 7 2>&1", "\"digits\" must be 2 to 6"},
	    {"sums --n 2>&1", "expected a value"},
	    {"sums --split test 2>&1", "train or held_out"},
	    {"corpus --set worked=900 2>&1", "exceed 1000"},
	    {"sums --template datasets/draw.h 2>&1", "{prompt}"},
	    {"sums --template none/such 2>&1", "none/such"},
	};
	char out[4096];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_int_eq(run_tool(out, sizeof(out), cases[i].arguments),
				 2);
		ck_assert_msg(strstr(out, cases[i].says) != NULL, "%s: %s",
			      cases[i].arguments, out);
	}
	ck_assert_int_eq(run_tool(out, sizeof(out), "--help"), 0);
	ck_assert_ptr_nonnull(strstr(out, "--template"));
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("datasets");
	TCase *t = tcase_create("all");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, same_seed_and_index_give_the_same_text);
	tcase_add_test(t, a_document_is_cut_as_snprintf_cuts);
	tcase_add_test(t, every_width_stays_under_the_greatest_length);
	tcase_add_test(t, no_document_poses_a_held_out_pair);
	tcase_add_test(t, no_document_holds_the_prompt_of_the_trainer);
	tcase_add_test(t, share_of_thought_and_answer_on_sums_is_as_stated);
	tcase_add_test(t, share_zero_leaves_no_thought_and_answer_on_sums);
	tcase_add_test(t, worked_columns_add_up);
	tcase_add_test(t, problems_of_the_two_splits_never_meet);
	tcase_add_test(t, a_tenth_of_all_pairs_is_held_out);
	tcase_add_test(t, wrong_options_are_named);
	tcase_add_test(t, every_countdown_problem_has_a_solution);
	tcase_add_test(t, the_search_reports_unsolvable_problems);
	tcase_add_test(t, countdown_splits_never_meet);
	tcase_add_test(t, the_tool_writes_valid_json_lines);
	tcase_add_test(t, the_tool_writes_the_output_of_the_functions);
	tcase_add_test(t, the_tool_says_what_it_expected);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
