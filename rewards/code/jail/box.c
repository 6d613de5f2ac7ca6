/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "slot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEEPEST = 32 };

int jail_box_make(struct jail *j, struct jail_slot *s, uid_t owner)
{
	char path[PATH_MAX];

	(void)snprintf(s->box_name, sizeof(s->box_name), "box-%d-%u",
		       j->config.index, j->n_boxes++);
	(void)snprintf(path, sizeof(path), "%s/%s", j->config.scratch,
		       s->box_name);
	if (mkdir(path, 0700) < 0)
		return jail_fail(j, "%s: %s", path, strerror(errno));
	s->box = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->box >= 0 &&
	    (owner == geteuid() || fchown(s->box, owner, owner) == 0))
		return 0;
	jail_fail(j, "%s: %s", path, strerror(errno));
	jail_box_remove(j, s);
	return -1;
}

static void empty(int fd, int depth);

static void remove_entry(int folder, const char *name, int depth)
{
	int fd;

	if (unlinkat(folder, name, 0) == 0)
		return;
	fd = openat(folder, name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && fchmodat(folder, name, 0700, 0) == 0)
		fd = openat(folder, name,
			    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0)
		empty(fd, depth + 1);
	(void)unlinkat(folder, name, AT_REMOVEDIR);
}

/* Removes all below a folder and closes it; links are not followed. */
static void empty(int fd, int depth)
{
	DIR *d = depth < DEEPEST ? fdopendir(fd) : NULL;
	struct dirent *e;

	if (!d) {
		close(fd);
		return;
	}
	while ((e = readdir(d)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			remove_entry(fd, e->d_name, depth);
	closedir(d);
}

void jail_box_remove(struct jail *j, struct jail_slot *s)
{
	char path[PATH_MAX];

	if (s->box < 0)
		return;
	(void)fchmod(s->box, 0700);
	empty(s->box, 0);
	s->box = -1;
	(void)snprintf(path, sizeof(path), "%s/%s", j->config.scratch,
		       s->box_name);
	(void)rmdir(path);
}
