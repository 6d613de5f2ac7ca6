/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "scratch.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPEN_FOLDERS 16

int scratch_make(struct scratch *s)
{
	const char *tmp = getenv("TMPDIR");
	int n = snprintf(s->folder, sizeof s->folder, "%s/grpo-code-XXXXXX",
			 tmp && *tmp ? tmp : "/tmp");

	if (n < 0 || (size_t)n >= sizeof s->folder || !mkdtemp(s->folder))
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

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *at)
{
	(void)st, (void)type, (void)at;
	remove(path); /* what stays, stays: the rest is still removed */
	return 0;
}

void scratch_remove(const struct scratch *s)
{
	if (s->folder[0])
		nftw(s->folder, remove_one, OPEN_FOLDERS,
		     FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}
