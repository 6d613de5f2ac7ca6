/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE

#include "train/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/fail.h"
#include "core/file.h"

/* Some network file systems have no locks: better without one than not at all.
 */
static int lock(int fd, const char *folder)
{
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno == EWOULDBLOCK)
		return grpo__fail(GRPO_EINVAL,
				  "another run is writing to %s: wait for its "
				  "end, or set \"output_dir\"",
				  folder);
	if (errno != ENOLCK && errno != ENOSYS && errno != EOPNOTSUPP)
		return grpo__fail_errno("%s", folder);
	grpo__log(GRPO_LOG_WARN,
		  "%s cannot be locked: take care that no other "
		  "run writes to it",
		  folder);
	return 0;
}

int grpo__folder_lock(int *fd, const char *folder)
{
	char *path = NULL;
	int rc = 0;

	GRPO_TRY(grpo__make_folder(folder));
	path = grpo__path_join(folder, ".lock");
	GRPO_FAIL_IF(!path, GRPO_ENOMEM, "out of memory");
	*fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	rc = *fd < 0 ? grpo__fail_errno("%s", path) : lock(*fd, folder);
	if (rc < 0 && *fd >= 0) {
		close(*fd);
		*fd = -1;
	}
out:
	free(path);
	return rc;
}

/* What an earlier run wrote, before it had a checkpoint perhaps, is not lost.
 */
static int put_aside(const char *path)
{
	grpo__buf name = {0};
	struct stat st;
	int rc = 0, n = 0;

	if (stat(path, &st) < 0)
		return errno == ENOENT ? 0 : grpo__fail_errno("%s", path);
	if (st.st_size == 0)
		return 0;
	do {
		name.len = 0;
		GRPO_TRY(grpo__buf_printf(&name, "%s.%d", path, ++n));
	} while (grpo__file_exists(name.data));
	if (rename(path, name.data) < 0)
		rc = grpo__fail_errno("%s", path);
	else
		grpo__log(GRPO_LOG_INFO, "%s of an earlier run is kept as %s",
			  path, name.data);
out:
	grpo__buf_dispose(&name);
	return rc;
}

int grpo__lines_open(grpo__lines *l, const char *folder, const char *name,
		     int64_t keep_bytes)
{
	struct stat st;
	int rc = 0;

	GRPO_TRY(grpo__make_folder(folder));
	l->path = grpo__path_join(folder, name);
	GRPO_FAIL_IF(!l->path, GRPO_ENOMEM, "out of memory");
	if (keep_bytes == 0)
		GRPO_TRY(put_aside(l->path));
	l->fd = open(l->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (l->fd < 0 || fstat(l->fd, &st) < 0)
		rc = grpo__fail_errno("%s", l->path);
	else if (st.st_size > keep_bytes && ftruncate(l->fd, keep_bytes) < 0)
		rc = grpo__fail_errno("%s", l->path);
	else
		l->bytes = st.st_size > keep_bytes ? keep_bytes : st.st_size;
out:
	if (rc < 0)
		grpo__lines_close(l);
	return rc;
}

/* A reader never sees half a line, and the next line does not follow one. */
static int take_back(grpo__lines *l)
{
	int rc = grpo__fail_errno("%s", l->path);

	if (ftruncate(l->fd, l->bytes) < 0)
		rc = grpo__fail_errno("%s: half a line cannot be taken back",
				      l->path);
	return rc;
}

static int write_pending(grpo__lines *l)
{
	const grpo__buf *text = &l->pending;
	size_t done = 0;

	while (done < text->len) {
		ssize_t n = write(l->fd, text->data + done, text->len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return take_back(l);
		done += (size_t)n;
	}
	l->bytes += (int64_t)text->len;
	l->pending.len = 0;
	return 0;
}

int grpo__lines_add(grpo__lines *l, const grpo__buf *text)
{
	int rc = 0;

	GRPO_TRY(grpo__buf_add(&l->pending, text->data, text->len));
	GRPO_TRY(write_pending(l));
out:
	return rc;
}

void grpo__lines_forget(grpo__lines *l)
{
	l->pending.len = 0;
}

int grpo__lines_sync(grpo__lines *l)
{
	int rc = 0;

	if (l->fd < 0)
		return 0;
	GRPO_TRY(write_pending(l));
	if (fsync(l->fd) < 0)
		rc = grpo__fail_errno("%s", l->path);
out:
	return rc;
}

void grpo__lines_close(grpo__lines *l)
{
	if (l->fd >= 0)
		close(l->fd);
	free(l->path);
	grpo__buf_dispose(&l->pending);
	*l = (grpo__lines)GRPO__LINES_NONE;
}
