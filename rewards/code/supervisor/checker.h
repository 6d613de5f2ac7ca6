/* SPDX-License-Identifier: MIT */
#ifndef CODE_CHECKER_H
#define CODE_CHECKER_H

/*
 * Programs of the dataset that judge: a checker of many right answers, and the
 * scripts of HumanEval and MBPP that no list of calls stands for.  They are
 * trusted, what they are given is not: each runs in a jail of its own, and the
 * model's program is not in it.
 */
#include "row.h"

/**
 * A checker in Python gets three files as arguments: input.txt,
 * correct_output.txt and solution_output.txt.  The output is right where it
 * exits with 0 and its standard output is empty or starts with one of the words
 * 1, 100, true, yes, ok, accepted (in any case).  All else is wrong, also a
 * checker that fails or takes too long on the output.
 */
void checker_judge(struct row *row, const struct test *test,
		   struct code_view output, struct outcome *o);

/** Runs the row's script on results that the program returned, each call in a
 *  process of its own.  Sets *is_weak where an argument has no text: then
 *  checker_run_together must judge. */
void checker_run_script(struct row *row, struct outcome *o, int *is_weak);

/** Runs program and script in one process.  The program could reach all of it,
 * so a pass is only as good as its exit status. */
void checker_run_together(struct row *row, struct outcome *o);

/** Runs one of the tools in Python in a jail; 0, or -1 where the jail failed.
 */
struct checker_tool {
	const struct jail_file *files;
	size_t n_files;
	const char *const *argv; /* after the interpreter's own */
	int64_t cpu_ms, wall_ms, output_bytes;
	int (*answer)(void *ctx, struct code_view line,
		      struct code_bytes *reply);
	void *ctx;
};
int checker_python(struct grader *g, const struct checker_tool *tool,
		   struct jail_end *end);

#endif
