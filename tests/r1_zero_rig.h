/* SPDX-License-Identifier: MIT */
#ifndef TESTS_R1_ZERO_RIG_H
#define TESTS_R1_ZERO_RIG_H

/* Runs examples/r1_zero, with the scratch folder for its cache. */
#include <check.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/program.h"

#define MAX_ARGUMENTS 80

static inline const char *r1_zero_path(void)
{
	static char program[PROGRAM_PATH];

	return program_beside(program, "../bin/r1_zero");
}

static inline void set_environment(void)
{
	setenv("XDG_CACHE_HOME", scratch_folder, 0);
	setenv("OMP_NUM_THREADS", "1", 1);
}

/* The arguments end with NULL. */
static inline int run(const char *first, ...)
{
	char *arguments[MAX_ARGUMENTS] = {(char *)r1_zero_path(),
					  (char *)first};
	va_list list;
	int n = 1;

	va_start(list, first);
	while (arguments[n] && n < MAX_ARGUMENTS - 2)
		arguments[++n] = va_arg(list, char *);
	va_end(list);
	set_environment();
	return program_finish(program_start(arguments, NULL));
}

/* Exit status 1, and one line on stderr that holds the text. */
static inline void refused(int status, const char *text)
{
	char *err = program_wrote("err");

	if (status != 1 || strncmp(err, "r1_zero: ", 9) != 0 ||
	    strchr(err, '\n') != err + strlen(err) - 1 || !strstr(err, text))
		ck_abort_msg("status %d, \"%s\", expected \"%s\"", status, err,
			     text);
	free(err);
}

/* ----------------------------------------------------------- a whole run */

struct small_run {
	const char *more[16];  /* arguments */
	const char *interrupt; /* once this file of the scratch folder has two
				  lines, … */
	int signal;            /* … this signal is sent; 0: SIGINT */
	const char *shell;     /* a script that gets the command as "$@" */
};

/* Seconds, not minutes: the base knows nothing and the reward is for an "e",
 * so that there is something to learn at once. */
static inline int small_run_with(const char *name, const struct small_run *s)
{
	char plugin[PROGRAM_PATH], rewards[8192], output[512], number[16];
	/* clang-format off */
	char *arguments[MAX_ARGUMENTS] = {
		(char *)"sh", (char *)"-c", (char *)s->shell, (char *)"sh",
		(char *)r1_zero_path(), "--output", output,
		"--set", "base.steps=4", "--set", "base.decay_steps=2",
		"--set", "base.docs_per_step=4", "--set", "base.window=2",
		"--set", "base.probe_prompts=4", "--set", "base.probe_steps=3",
		"--set", "template={prompt} <think>", "--set", rewards,
		"--set", "format_reward=contains", "--set", "generate.train=32",
		"--set", "generate.held_out=8", "--set", "prompts_per_step=2",
		"--set", "num_generations=4", "--set", "max_completion_length=16",
		"--set", "learning_rate=1e-3", "--set", "max_steps=6",
		"--set", "eval_steps=2", "--set", "num_generations_eval=1",
		"--set", "pass_k=2", "--set", "show_steps=2",
		"--set", "n_threads=1", "--set", "seed=3"};
	/* clang-format on */
	int n = 5, i;

	snprintf(output, sizeof output, "%s", scratch_path(name));
	snprintf(rewards, sizeof rewards,
		 "rewards=[{\"name\": \"math\"}, {\"name\": \"%s\", "
		 "\"params\": {\"text\": \"e\"}}]",
		 program_beside(plugin, "plugins/contains.so"));
	snprintf(number, sizeof number, "%d", s->signal ? s->signal : SIGINT);
	while (arguments[n])
		n++;
	for (i = 0; i < 16 && s->more[i]; i++)
		arguments[n++] = (char *)s->more[i];
	unsetenv("CONTAINS_INTERRUPT");
	if (s->interrupt)
		setenv("CONTAINS_INTERRUPT", scratch_path(s->interrupt), 1);
	setenv("CONTAINS_SIGNAL", number, 1);
	set_environment();
	return program_finish(
	    program_start(arguments + (s->shell ? 0 : 4), NULL));
}

static inline int small_run(const char *name, const char *more)
{
	struct small_run s = {.more = {more}};

	return small_run_with(name, &s);
}

/* Two files of the scratch folder. */
static inline void same(const char *a, const char *b)
{
	size_t na, nb;
	char *ta, *tb;

	ck_assert_int_eq(grpo__file_read(&ta, &na, scratch_path(a), 1 << 24),
			 0);
	ck_assert_int_eq(grpo__file_read(&tb, &nb, scratch_path(b), 1 << 24),
			 0);
	ck_assert_uint_eq(na, nb);
	ck_assert_mem_eq(ta, tb, na);
	free(ta);
	free(tb);
}

#endif
