/* SPDX-License-Identifier: MIT */
/*
 * HumanEval: each of its solutions passes, and none passes that lacks its last
 * statement, returns None, or leaves early.  DATA names the folder that holds
 * code/humaneval.jsonl.
 */
#include "tests/code_grading.h"

static struct {
	int tasks, right, weak, wrong, passed;
} count;

static void check_program(const struct value *program, const char *tests)
{
	const char *name = program->items[0].text.ptr;
	struct code_bytes source = {0};
	int is_right =
	    memcmp(name, "solution", 8) == 0 || memcmp(name, "body", 4) == 0;
	int passed;

	ck_assert_int_eq(code_bytes_add(&source, program->items[1].text.ptr,
					program->items[1].text.len),
			 0);
	ck_assert_int_eq(code_bytes_add(&source, "", 1), 0);
	passed = is_passed(source.ptr, tests);
	ck_assert_int_ne(response.verdict, CODE_FAILED);
	ck_assert_int_ne(response.verdict, CODE_BAD_TESTS);
	if (passed != is_right) {
		printf("%.20s: %s\n%s\n%s\n", name,
		       code_verdict_word(response.verdict), source.ptr,
		       response.note.ptr);
		(void)fflush(stdout);
	}
	count.right += passed && is_right;
	count.weak += response.is_weak;
	count.wrong += !is_right;
	count.passed += passed && !is_right;
	code_bytes_free(&source);
}

static void check_task(const char *line)
{
	struct arena a = {0};
	const struct value *v, *programs, *tests;
	struct code_bytes text = {0};
	size_t i;

	ck_assert_int_eq(value_read(&v, &a, code_view_text(line), VALUE_JSON),
			 0);
	programs = value_member(v, "programs");
	tests = value_member(v, "tests");
	ck_assert_int_eq(
	    code_bytes_add(&text, tests->text.ptr, tests->text.len), 0);
	ck_assert_int_eq(code_bytes_add(&text, "", 1), 0);
	for (i = 0; i < programs->n; i++)
		check_program(&programs->items[i], text.ptr);
	count.tasks++;
	code_bytes_free(&text);
	arena_free(&a);
}

static FILE *open_tasks(void)
{
	const char *data = getenv("DATA");
	char command[4096];

	if (!data) {
		puts("skipped: DATA is not set, code/humaneval.jsonl");
		return NULL;
	}
	(void)snprintf(command, sizeof(command),
		       "python3 tests/mutate_python.py "
		       "'%s/code/humaneval.jsonl'",
		       data);
	return popen(command, "r");
}

START_TEST(solutions_pass_and_what_is_cut_does_not)
{
	FILE *f = open_tasks();
	char *line = NULL;
	size_t cap = 0;

	if (!f)
		return;
	while (getline(&line, &cap, f) > 0)
		check_task(line);
	free(line);
	ck_assert_int_eq(pclose(f), 0);
	printf("HumanEval: %d of %d solutions pass, %d of %d cut ones, "
	       "%d weak\n",
	       count.right / 2, count.tasks, count.passed, count.wrong,
	       count.weak);
	ck_assert_int_gt(count.tasks, 0);
	ck_assert_int_eq(count.right, 2 * count.tasks);
	ck_assert_int_eq(count.passed, 0);
	ck_assert_int_eq(count.weak, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("code humaneval");
	TCase *c = tcase_create("humaneval");

	if (getenv("EMULATOR")) {
		puts("skipped: programs are not run in an emulator");
		return 0;
	}
	tcase_set_timeout(c, 600);
	tcase_add_checked_fixture(c, begin_grading, end_grading);
	tcase_add_test(c, solutions_pass_and_what_is_cut_does_not);
	suite_add_tcase(s, c);
	return run_suite(s);
}
