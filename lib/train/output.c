/* SPDX-License-Identifier: MIT */
#include "train/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/fail.h"
#include "core/file.h"

int grpo__lines_open(grpo__lines *l, const char *folder, const char *name,
		     int64_t keep_bytes)
{
	struct stat st;
	int rc = 0;

	GRPO_TRY(grpo__make_folder(folder));
	l->path = grpo__path_join(folder, name);
	GRPO_FAIL_IF(!l->path, GRPO_ENOMEM, "out of memory");
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

int grpo__lines_add(grpo__lines *l, const grpo__buf *text)
{
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
	return 0;
}

int grpo__lines_sync(grpo__lines *l)
{
	if (l->fd >= 0 && fsync(l->fd) < 0)
		return grpo__fail_errno("%s", l->path);
	return 0;
}

void grpo__lines_close(grpo__lines *l)
{
	if (l->fd >= 0)
		close(l->fd);
	free(l->path);
	*l = (grpo__lines)GRPO__LINES_NONE;
}
