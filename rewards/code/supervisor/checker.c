/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "checker.h"

#include <string.h>
#include <strings.h>

enum { MAX_ARGS = 8, CHECKER_MS = 10000 };

int checker_python(struct grader *g, const struct checker_tool *tool,
		   struct jail_end *end)
{
	const char *argv[4 + MAX_ARGS + 1] = {g->config.python, "-I", "-S",
					      "-B"};
	struct jail_run run = {
	    .kind = JAIL_TOOL,
	    .argv = argv,
	    .files = tool->files,
	    .n_files = tool->n_files,
	    .exe = -1,
	    .limits = {.cpu_ms = tool->cpu_ms,
		       .wall_ms = tool->wall_ms,
		       .memory_bytes = (int64_t)1 << 30,
		       .output_bytes = tool->output_bytes,
		       .error_bytes = 1 << 14,
		       .file_bytes = 1 << 20},
	    .answer = tool->answer,
	    .ctx = tool->ctx,
	};
	int i;

	for (i = 0; i < MAX_ARGS && tool->argv[i]; i++)
		argv[4 + i] = tool->argv[i];
	return jail_run_program(g->config.jail, &run, end);
}

/* ---- a checker's verdict ---- */

static int is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static struct code_view first_word(struct code_view v)
{
	size_t n = 0;

	while (v.len && is_blank(*v.ptr)) {
		v.ptr++;
		v.len--;
	}
	while (n < v.len && !is_blank(v.ptr[n]))
		n++;
	return (struct code_view){v.ptr, n};
}

static int says_yes(struct code_view said)
{
	static const char *const words[] = {"1",   "100", "1.0",     "true",
					    "yes", "ok",  "accepted"};
	struct code_view word = first_word(said);
	size_t i;

	if (word.len == 0)
		return 1;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (word.len == strlen(words[i]) &&
		    strncasecmp(word.ptr, words[i], word.len) == 0)
			return 1;
	return 0;
}

static void fail(struct outcome *o, const char *why)
{
	(void)code_bytes_add(&o->said, why, strlen(why));
	o->verdict = CODE_FAILED;
}

void checker_judge(struct row *row, const struct test *test,
		   struct code_view output, struct outcome *o)
{
	static const char *const argv[] = {"checker.py", "input.txt",
					   "correct_output.txt",
					   "solution_output.txt", NULL};
	const struct jail_file files[] = {
	    {"checker.py", row->tests.checker},
	    {"input.txt", test->input},
	    {"correct_output.txt", test->output},
	    {"solution_output.txt", output},
	};
	struct checker_tool tool = {.files = files,
				    .n_files = 4,
				    .argv = argv,
				    .cpu_ms = CHECKER_MS,
				    .wall_ms = 2 * CHECKER_MS,
				    .output_bytes = 1 << 16};
	struct jail_end end = {0};

	if (!row->grader->config.python)
		fail(o, "no Python for the checker");
	else if (checker_python(row->grader, &tool, &end) < 0)
		fail(o, jail_error(row->grader->config.jail));
	else if (end.how == JAIL_EXITED && end.status == 0 &&
		 says_yes(code_view_of(&end.output)))
		o->verdict = CODE_PASSED;
	else
		o->verdict = CODE_WRONG;
	if (o->verdict == CODE_WRONG && end.error.len)
		(void)code_bytes_add(&o->said, end.error.ptr, end.error.len);
	jail_end_free(&end);
}
