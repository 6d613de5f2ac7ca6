/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "scratch.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX "grpo-code-"
#define OPEN_FOLDERS 16

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *at)
{
	(void)st, (void)type, (void)at;
	remove(path); /* what stays, stays: the rest is still removed */
	return 0;
}

static void remove_folder(const char *path)
{
	nftw(path, remove_one, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/* -------------------------------------- folders of supervisors that died */

/* A lock goes with the last process that holds it, however that ended.  A
 * descriptor that keeps the lock, or -1: somebody has it, or it is not ours. */
static int lock_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && st.st_uid == geteuid() && st.st_nlink > 0 &&
	    flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	close(fd);
	return -1;
}

/* Only of this user, and only where no process holds the lock. */
static void sweep(const char *tmp)
{
	DIR *d = opendir(tmp);
	struct dirent *e;
	char path[512];

	while (d && (e = readdir(d))) {
		int n = snprintf(path, sizeof path, "%s/%s", tmp, e->d_name);
		int fd = -1;

		if (strncmp(e->d_name, PREFIX, sizeof PREFIX - 1) == 0 &&
		    n > 0 && (size_t)n < sizeof path)
			fd = lock_folder(path);
		if (fd >= 0) {
			remove_folder(path);
			close(fd);
		}
	}
	if (d)
		closedir(d);
}

/* A new folder and its lock; 0 or -1.  Somebody's sweep may come between. */
static int make_folder(struct scratch *s, const char *tmp)
{
	int tries, n;

	for (tries = 0; tries < 100; tries++) {
		n = snprintf(s->folder, sizeof s->folder, "%s/" PREFIX "XXXXXX",
			     tmp);
		if (n < 0 || (size_t)n >= sizeof s->folder ||
		    !mkdtemp(s->folder))
			return -1;
		s->lock = lock_folder(s->folder);
		if (s->lock >= 0 && access(s->folder, F_OK) == 0)
			return 0;
		if (s->lock >= 0)
			close(s->lock);
	}
	return -1;
}

/* --------------------------------------------------------------- this one */

int scratch_make(struct scratch *s)
{
	const char *tmp = getenv("TMPDIR");

	tmp = tmp && *tmp ? tmp : "/tmp";
	sweep(tmp);
	if (make_folder(s, tmp) < 0)
		return -1;
	/* A slot with a uid of its own passes through to the shelf and to its
	 * box, and sees no names. */
	if (chmod(s->folder, 0711) < 0)
		return -1;
	snprintf(s->store, sizeof s->store, "%s/store", s->folder);
	snprintf(s->shelf, sizeof s->shelf, "%s/shelf", s->folder);
	if (mkdir(s->store, 0700) < 0 || mkdir(s->shelf, 0755) < 0)
		return -1;
	return chmod(s->shelf, 0755);
}

void scratch_remove(const struct scratch *s)
{
	if (s->folder[0])
		remove_folder(s->folder);
}
