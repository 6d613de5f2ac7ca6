/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "crew.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef GRPO_LIBEXECDIR
#define GRPO_LIBEXECDIR "/usr/local/libexec/grpo"
#endif
#define FIRST_FD 3 /* of the workers' sockets in the supervisor */
#define MAX_ARGUMENTS 16
#define MAX_ENVIRONMENT 8

/* ------------------------------------------------------------------ where */

/* The folder of this shared object, without its last slash; NULL: unknown. */
static char *own_folder(void)
{
	static const char here;
	Dl_info info;
	char *path, *slash;

	if (!dladdr(&here, &info) || !info.dli_fname)
		return NULL;
	path = realpath(info.dli_fname, NULL);
	slash = path ? strrchr(path, '/') : NULL;
	if (slash)
		*slash = '\0';
	return path;
}

static char *join(const char *folder, const char *name)
{
	size_t n = strlen(folder) + strlen(name) + 2;
	char *path = malloc(n);

	if (path)
		snprintf(path, n, "%s/%s", folder, name);
	return path;
}

/* As it is installed: lib/grpo/rewards/code.so and libexec/grpo, also where the
 * whole was moved. */
static char *libexec_beside(const char *own)
{
	return own ? join(own, "../../../libexec/grpo") : NULL;
}

char *crew_find_supervisor(const char *given, char *why, size_t size)
{
	char *own = own_folder(), *beside = libexec_beside(own);
	const char *folders[] = {own, beside, GRPO_LIBEXECDIR};
	char *path = given ? strdup(given) : NULL;

	for (int i = 0; !given && !path && i < 3; i++) {
		path = folders[i] ? join(folders[i], "code-supervisor") : NULL;
		if (path && access(path, X_OK) < 0) {
			free(path);
			path = NULL;
		}
	}
	if (!path)
		snprintf(why, size,
			 "code-supervisor is not in %s or %s: build it with "
			 "make, or name it with \"supervisor\"",
			 own ? own : "the plug-in's folder", GRPO_LIBEXECDIR);
	free(own);
	free(beside);
	return path;
}

/* ---------------------------------------------------------------- sockets */

/* A copy above all numbers that the supervisor's descriptors get. */
static int raise_fd(int fd, int n)
{
	int high = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FD + n + 1);

	close(fd);
	return high;
}

/* theirs [n + 1]: their lifeline, then their sockets; -1 where there is none.
 */
static int make_sockets(struct crew *c, int *theirs)
{
	int pair[2];

	if (pipe2(pair, O_CLOEXEC) < 0)
		return -1;
	c->lifeline = pair[1];
	theirs[0] = raise_fd(pair[0], c->n);
	for (int i = 0; i < c->n; i++) {
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) <
		    0)
			return -1;
		c->fd[i] = pair[0];
		theirs[i + 1] = raise_fd(pair[1], c->n);
		if (theirs[i + 1] < 0)
			return -1;
	}
	return theirs[0] < 0 ? -1 : 0;
}

/* --------------------------------------------------------------- spawning */

/* Nothing of the trainer's environment that a program could look for. */
static void make_environment(char **out)
{
	static const char *const kept[] = {"PATH",          "TMPDIR",
					   "ASAN_OPTIONS",  "LSAN_OPTIONS",
					   "UBSAN_OPTIONS", "TSAN_OPTIONS"};
	int n = 0;

	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
		for (char **e = environ; e && *e; e++)
			if (strncmp(*e, kept[i], strlen(kept[i])) == 0 &&
			    (*e)[strlen(kept[i])] == '=') {
				out[n++] = *e;
				break;
			}
	out[n] = NULL;
}

static int add_actions(posix_spawn_file_actions_t *a, const int *theirs, int n)
{
	int rc = posix_spawn_file_actions_adddup2(a, theirs[0], 0);

	for (int i = 0; !rc && i < n; i++)
		rc = posix_spawn_file_actions_adddup2(a, theirs[i + 1],
						      FIRST_FD + i);
	return rc;
}

/* A process group of its own: Ctrl-C in a terminal is for the trainer, which
 * may want to finish its step. */
static int set_attributes(posix_spawnattr_t *a)
{
	sigset_t none, all;
	int rc;

	sigemptyset(&none);
	sigfillset(&all);
	rc = posix_spawnattr_setflags(a, POSIX_SPAWN_SETPGROUP |
					     POSIX_SPAWN_SETSIGMASK |
					     POSIX_SPAWN_SETSIGDEF);
	rc = rc ? rc : posix_spawnattr_setpgroup(a, 0);
	rc = rc ? rc : posix_spawnattr_setsigmask(a, &none);
	return rc ? rc : posix_spawnattr_setsigdefault(a, &all);
}

static int spawn(struct crew *c, const char *path, char **argv,
		 const int *theirs)
{
	char *environment[MAX_ENVIRONMENT + 1];
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int rc;

	make_environment(environment);
	rc = posix_spawn_file_actions_init(&actions);
	if (rc)
		return rc;
	rc = posix_spawnattr_init(&attributes);
	if (rc) {
		posix_spawn_file_actions_destroy(&actions);
		return rc;
	}
	rc = add_actions(&actions, theirs, c->n);
	rc = rc ? rc : set_attributes(&attributes);
	rc = rc ? rc
		: posix_spawn(&c->pid, path, &actions, &attributes, argv,
			      environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return rc;
}

struct crew *crew_start(const char *path, const char *const *arguments,
			int n_arguments, int n)
{
	int theirs[CREW_MAX_WORKERS + 1], rc = 0;
	struct crew *c = calloc(1, sizeof *c);
	char *argv[MAX_ARGUMENTS + 2] = {0};

	if (!c || n_arguments > MAX_ARGUMENTS) {
		free(c);
		return NULL;
	}
	c->n = n;
	c->lifeline = -1;
	for (int i = 0; i < n; i++)
		c->fd[i] = -1;
	for (int i = 0; i <= n; i++)
		theirs[i] = -1;
	memcpy(&argv[0], &path, sizeof path);
	for (int i = 0; i < n_arguments; i++)
		memcpy(&argv[i + 1], &arguments[i], sizeof *arguments);
	rc = make_sockets(c, theirs) < 0 ? errno : spawn(c, path, argv, theirs);
	for (int i = 0; i <= n; i++)
		if (theirs[i] >= 0)
			close(theirs[i]);
	if (rc) {
		crew_end(c);
		errno = rc;
		return NULL;
	}
	return c;
}

void crew_end(struct crew *c)
{
	if (!c)
		return;
	if (c->lifeline >= 0)
		close(c->lifeline);
	for (int i = 0; i < c->n; i++)
		if (c->fd[i] >= 0)
			close(c->fd[i]);
	if (c->pid > 0)
		while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
			;
	free(c);
}
