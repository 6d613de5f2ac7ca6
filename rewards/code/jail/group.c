/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "group.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MOST_TASKS "65" /* of a slot; its keeper is one of them */

/* ---- files --------------------------------------------------------------- */

static int write_at(int folder, const char *name, const char *text)
{
	int fd = openat(folder, name, O_WRONLY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return -1;
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		err = -1;
	close(fd);
	return err;
}

/* The number behind a word, at the beginning of a line; 0 where there is none.
 */
static int64_t number_at(int folder, const char *name, const char *word)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	char text[2048], *line;
	ssize_t n;

	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	for (line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, word, strlen(word)) == 0)
			return strtoll(line + strlen(word), NULL, 10);
	}
	return 0;
}

/* ---- finding a place ----------------------------------------------------- */

/* Where the v2 hierarchy is mounted; 0 or -1. */
static int find_mount(char *path, size_t size)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	char line[4096], root[1024], point[1024];
	int found = -1;

	while (f && found < 0 && fgets(line, sizeof(line), f))
		if (strstr(line, " - cgroup2 ") &&
		    sscanf(line, "%*s %*s %*s %1023s %1023s", root, point) ==
			2 &&
		    strcmp(root, "/") == 0) {
			(void)snprintf(path, size, "%s", point);
			found = 0;
		}
	if (f)
		(void)fclose(f);
	return found;
}

/* Our own cgroup, below the mount; 0 or -1. */
static int find_own(char *path, size_t size)
{
	FILE *f = fopen("/proc/self/cgroup", "re");
	char line[2048];
	int found = -1;

	while (f && found < 0 && fgets(line, sizeof(line), f))
		if (strncmp(line, "0::", 3) == 0) {
			line[strcspn(line, "\n")] = '\0';
			(void)snprintf(path, size, "%s",
				       strcmp(line + 3, "/") ? line + 3 : "");
			found = 0;
		}
	if (f)
		(void)fclose(f);
	return found;
}

static int has_words(int folder, const char *name)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	char text[512] = " ";
	ssize_t n;

	if (fd < 0)
		return 0;
	n = read(fd, text + 1, sizeof(text) - 3);
	close(fd);
	if (n < 0)
		return 0;
	text[1 + n] = ' ';
	text[strcspn(text, "\n")] = ' ';
	return strstr(text, " memory ") && strstr(text, " pids ");
}

/* Whether groups can be made below a cgroup: it gives the controllers on, which
 * it does not while it has processes itself. */
static int try_place(struct jail *j, const char *path)
{
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), ok = 0;

	if (folder < 0)
		return jail_fail(j, "cgroup v2: %s: %s", path, strerror(errno));
	if (!has_words(folder, "cgroup.controllers"))
		jail_fail(j,
			  "cgroup v2: %s lacks the controllers memory and "
			  "pids",
			  path);
	else if (!has_words(folder, "cgroup.subtree_control") &&
		 write_at(folder, "cgroup.subtree_control", "+memory +pids") <
		     0)
		jail_fail(j, "cgroup v2: %s/cgroup.subtree_control: %s", path,
			  strerror(errno));
	else if (faccessat(folder, ".", W_OK, AT_EACCESS) < 0)
		jail_fail(j, "cgroup v2: %s: %s", path, strerror(errno));
	else
		ok = 1;
	close(folder);
	return ok ? 0 : -1;
}

/* Groups of a supervisor that was killed: they are empty by now. */
static void remove_old(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;

	while (d && (e = readdir(d))) {
		long pid = strncmp(e->d_name, "grpo-", 5) == 0
			       ? strtol(e->d_name + 5, NULL, 10)
			       : 0;

		if (pid > 0 && kill((pid_t)pid, 0) < 0 && errno == ESRCH)
			(void)unlinkat(dirfd(d), e->d_name, AT_REMOVEDIR);
	}
	if (d)
		closedir(d);
}

static int find_place(struct jail *j)
{
	char mount[PATH_MAX], own[PATH_MAX], *slash;

	if (find_mount(mount, sizeof(mount)) < 0 ||
	    find_own(own, sizeof(own)) < 0)
		return jail_fail(j, "cgroup v2: none is mounted");
	if (strlen(mount) + strlen(own) >= sizeof(j->groups))
		return jail_fail(j, "cgroup v2: the path is too long");
	memcpy(j->groups, mount, strlen(mount) + 1);
	memcpy(j->groups + strlen(mount), own, strlen(own) + 1);
	if (try_place(j, j->groups) == 0)
		return 0;
	/* Beside our own. */
	slash = strrchr(j->groups, '/');
	if (!own[0] || !slash)
		return -1;
	*slash = '\0';
	return try_place(j, j->groups);
}

int jail_groups_find(struct jail *j)
{
	if (find_place(j) < 0)
		return -1;
	remove_old(j->groups);
	return 0;
}

/* ---- a slot's group ------------------------------------------------------ */

static int give_up(struct jail *j, struct jail_slot *s, const char *what)
{
	jail_fail(j, "cgroup v2: %s: %s", what, strerror(errno));
	jail_group_remove(j, s);
	return -1;
}

int jail_group_make(struct jail *j, struct jail_slot *s)
{
	char path[PATH_MAX + 80], pid[32];

	(void)snprintf(s->group_name, sizeof(s->group_name), "grpo-%d-%d-%u",
		       (int)getpid(), j->config.index, j->n_groups++);
	(void)snprintf(path, sizeof(path), "%s/%s", j->groups, s->group_name);
	(void)snprintf(pid, sizeof(pid), "%d", (int)s->pid);
	if (mkdir(path, 0755) < 0)
		return give_up(j, s, path);
	s->group = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->group < 0)
		return give_up(j, s, path);
	/* A kernel without swap has no such file. */
	(void)write_at(s->group, "memory.swap.max", "0");
	if (write_at(s->group, "pids.max", MOST_TASKS) < 0)
		return give_up(j, s, "pids.max");
	if (write_at(s->group, "cgroup.procs", pid) < 0)
		return give_up(j, s, "cgroup.procs");
	return 0;
}

void jail_group_remove(struct jail *j, struct jail_slot *s)
{
	static const struct timespec pause = {.tv_nsec = 2000000};
	char path[PATH_MAX + 80];
	int i;

	if (!s->group_name[0])
		return;
	if (s->group >= 0) {
		(void)write_at(s->group, "cgroup.kill", "1");
		close(s->group);
	}
	s->group = -1;
	(void)snprintf(path, sizeof(path), "%s/%s", j->groups, s->group_name);
	/* The last process may be on its way out. */
	for (i = 0; i < 250 && rmdir(path) < 0 && errno == EBUSY; i++)
		(void)nanosleep(&pause, NULL);
	s->group_name[0] = '\0';
}

int jail_group_limit(const struct jail_slot *s, int64_t bytes)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%" PRId64, bytes);
	return write_at(s->group, "memory.max", text);
}

int64_t jail_group_cpu_us(const struct jail_slot *s)
{
	return number_at(s->group, "cpu.stat", "usage_usec ");
}

int64_t jail_group_kills(const struct jail_slot *s)
{
	return number_at(s->group, "memory.events", "oom_kill ");
}
