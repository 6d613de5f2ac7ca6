/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
/*
 * Root's slots are other users.  A library that was built below /root is out of
 * their reach, so they get a copy in the scratch folder.
 */
#include "slot.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

static int others_may(const char *path, mode_t mode)
{
	struct stat st;

	return stat(path, &st) == 0 && (st.st_mode & mode) == mode;
}

/* Whether others have these rights, and may pass all folders above. */
static int is_reachable(const char *path, mode_t mode)
{
	char real[PATH_MAX], *slash;

	if (!realpath(path, real) || !others_may(real, mode))
		return 0;
	while ((slash = strrchr(real, '/')) && slash != real) {
		*slash = '\0';
		if (!others_may(real, S_IXOTH))
			return 0;
	}
	return 1;
}

static int copy_file(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC), out, err = -1;
	struct stat st;

	if (in < 0)
		return -1;
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
		   0644);
	if (out >= 0 && fstat(in, &st) == 0 &&
	    sendfile(out, in, NULL, (size_t)st.st_size) == st.st_size)
		err = fchmod(out, 0644);
	if (out >= 0)
		close(out);
	close(in);
	return err;
}

int jail_scratch_is_open(const struct jail *j)
{
	return is_reachable(j->config.scratch, S_IXOTH);
}

int jail_reach(struct jail *j)
{
	struct jail_config *c = &j->config;

	if (geteuid() != 0)
		return 0;
	/* Its folders stay closed, its names are long. */
	if (chmod(c->scratch, 0711) < 0)
		return jail_fail(j, "%s: %s", c->scratch, strerror(errno));
	if (!c->python || is_reachable(c->keeper, S_IROTH))
		return 0;
	(void)snprintf(j->keeper_copy, sizeof(j->keeper_copy),
		       "%s/keeper-%d.so", c->scratch, c->index);
	if (copy_file(c->keeper, j->keeper_copy) < 0)
		return jail_fail(j, "%s: %s", c->keeper, strerror(errno));
	c->keeper = j->keeper_copy;
	return 0;
}

void jail_unreach(struct jail *j)
{
	if (j->keeper_copy[0])
		(void)unlink(j->keeper_copy);
}
