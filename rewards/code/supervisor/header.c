/* SPDX-License-Identifier: MIT */
#include "header.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, MAX_ARGS = LANGUAGE_MAX_FLAGS + 8 };

extern char **environ;

/* SHELF/bits/stdc++.h.gch, or with another ending. */
static int path_of(char path[PATH_BYTES], const char *shelf,
		   const struct language *l, const char *ending)
{
	int n = snprintf(path, PATH_BYTES, "%s/%s%s", shelf, l->header, ending);

	return n > 0 && n < PATH_BYTES ? 0 : -1;
}

int header_is_ready(const char *shelf, const struct language *l)
{
	char path[PATH_BYTES];

	return shelf && path_of(path, shelf, l, ".gch") == 0 &&
	       access(path, R_OK) == 0;
}

/* The one that makes the lock makes the header; a lock stays, also where the
 * compiler failed. */
static int take_lock(const char *shelf, const struct language *l)
{
	char path[PATH_BYTES], *slash;
	int fd;

	if (path_of(path, shelf, l, ".lock") < 0)
		return -1;
	slash = strrchr(path, '/');
	*slash = '\0';
	/* Compilers in a jail may have another uid. */
	(void)mkdir(path, 0755);
	(void)chmod(path, 0755);
	*slash = '/';
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	(void)close(fd);
	return 0;
}

static int write_source(const char *path, const struct language *l)
{
	FILE *f = fopen(path, "we");
	int ok;

	if (!f)
		return -1;
	ok = fprintf(f, "#include <%s>\n", l->header) > 0;
	return fclose(f) == 0 && ok ? 0 : -1;
}

static int run_tool(const char *const argv[])
{
	posix_spawn_file_actions_t files;
	int status = -1, rc;
	pid_t pid;

	if (posix_spawn_file_actions_init(&files) != 0)
		return -1;
	rc = posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY,
					      0) ||
	     posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY,
					      0) ||
	     posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY,
					      0) ||
	     posix_spawn(&pid, argv[0], &files, NULL,
			 (char *const *)(void *)argv, environ);
	(void)posix_spawn_file_actions_destroy(&files);
	if (rc || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

/* The flags are those of the programs, or the compiler would not take it. */
static int precompile(const char *tool, const struct language *l,
		      const char *source, const char *out)
{
	const char *argv[MAX_ARGS];
	int n = 0, i;

	argv[n++] = tool;
	for (i = 0; l->flags[i]; i++)
		argv[n++] = l->flags[i];
	argv[n++] = "-x";
	argv[n++] = "c++-header";
	argv[n++] = source;
	argv[n++] = "-o";
	argv[n++] = out;
	argv[n] = NULL;
	return run_tool(argv);
}

void header_make(const char *shelf, const char *tool, const struct language *l)
{
	char source[PATH_BYTES], part[PATH_BYTES], out[PATH_BYTES];

	if (header_is_ready(shelf, l) || take_lock(shelf, l) < 0 ||
	    path_of(source, shelf, l, ".source.h") < 0 ||
	    path_of(part, shelf, l, ".part") < 0 ||
	    path_of(out, shelf, l, ".gch") < 0)
		return;
	if (write_source(source, l) == 0 &&
	    precompile(tool, l, source, part) == 0 && chmod(part, 0644) == 0 &&
	    rename(part, out) == 0)
		return;
	(void)unlink(part);
}
