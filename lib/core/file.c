/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "core/fail.h"
#include "core/file.h"

/* read() and write() of more than this at once fail on some systems. */
#define MAX_TRANSFER ((size_t)1 << 30)

static ssize_t read_some(int fd, void *data, size_t len)
{
	ssize_t n;

	do
		n = read(fd, data, len < MAX_TRANSFER ? len : MAX_TRANSFER);
	while (n < 0 && errno == EINTR);
	return n;
}

/* Reads to the end and ignores the size that fstat gives: the file may be a
 * pipe. */
static int read_all(grpo__buf *b, int fd, const char *path, size_t max_bytes)
{
	size_t room = 65536;
	struct stat st;
	ssize_t n;
	int rc = 0;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
		room = (size_t)st.st_size + 1;
	if (room > max_bytes)
		room = max_bytes + 1;
	for (;;) {
		GRPO_TRY(grpo__grow(&b->data, &b->cap, b->len + room + 1, 1));
		n = read_some(fd, b->data + b->len, b->cap - b->len - 1);
		if (n < 0)
			return grpo__fail_errno("%s", path);
		b->len += (size_t)n;
		b->data[b->len] = '\0';
		if (n == 0)
			break;
		GRPO_FAIL_IF(b->len > max_bytes, GRPO_EFORMAT,
			     "%s: larger than %zu bytes", path, max_bytes);
		room = b->cap - b->len - 1 > 0 ? 0 : 65536;
	}
out:
	return rc;
}

int grpo__file_read(char **out, size_t *len, const char *path, size_t max_bytes)
{
	grpo__buf b = {0};
	int fd, rc = 0;

	*out = NULL;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return grpo__fail_errno("%s", path);
	GRPO_TRY(read_all(&b, fd, path, max_bytes));
	*out = b.data;
	if (len)
		*len = b.len;
	b.data = NULL;
out:
	close(fd);
	grpo__buf_dispose(&b);
	return rc;
}

/* "path.PID-K.tmp", for the first K that is free. */
static int create_temp(grpo__new_file *f)
{
	size_t size = strlen(f->path) + 64;
	int k;

	f->temp = grpo__alloc(size, 1);
	if (!f->temp)
		return GRPO_ENOMEM;
	for (k = 0; k < 1000; k++) {
		snprintf(f->temp, size, "%s.%ld-%d.tmp", f->path,
			 (long)getpid(), k);
		f->fd = open(f->temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
			     0666);
		if (f->fd >= 0 || errno != EEXIST)
			break;
	}
	return f->fd < 0 ? grpo__fail_errno("%s", f->temp) : 0;
}

int grpo__new_file_create(grpo__new_file *f, const char *path)
{
	int rc = 0;

	f->fd = -1;
	f->temp = NULL;
	f->path = grpo__strndup(path, strlen(path));
	if (!f->path)
		return GRPO_ENOMEM;
	GRPO_TRY(create_temp(f));
out:
	if (rc < 0)
		grpo__new_file_discard(f);
	return rc;
}

int grpo__new_file_write(grpo__new_file *f, const void *data, size_t len)
{
	const char *p = data;
	ssize_t n;

	while (len > 0) {
		n = write(f->fd, p, len < MAX_TRANSFER ? len : MAX_TRANSFER);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return grpo__fail_errno("%s: cannot be written",
						f->path);
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static int sync_parent(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder;
	int rc;

	if (!slash)
		return grpo__sync_folder(".");
	folder =
	    grpo__strndup(path, slash == path ? 1 : (size_t)(slash - path));
	if (!folder)
		return GRPO_ENOMEM;
	rc = grpo__sync_folder(folder);
	free(folder);
	return rc;
}

int grpo__new_file_commit(grpo__new_file *f)
{
	int failed, rc = 0;

	failed = fsync(f->fd) != 0;
	if (!failed) {
		failed = close(f->fd) != 0;
		f->fd = -1;
	}
	if (!failed)
		failed = rename(f->temp, f->path) != 0;
	if (failed) {
		rc = grpo__fail_errno("%s: cannot be written", f->path);
		goto out;
	}
	free(f->temp);
	f->temp = NULL; /* it is the file now */
	GRPO_TRY(sync_parent(f->path));
out:
	grpo__new_file_discard(f);
	return rc;
}

void grpo__new_file_discard(grpo__new_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	if (f->temp)
		unlink(f->temp);
	free(f->temp);
	free(f->path);
	f->temp = f->path = NULL;
	f->fd = -1;
}

int grpo__file_write(const char *path, const void *data, size_t len)
{
	grpo__new_file f;
	int rc;

	rc = grpo__new_file_create(&f, path);
	if (rc < 0)
		return rc;
	GRPO_TRY(grpo__new_file_write(&f, data, len));
	rc = grpo__new_file_commit(&f);
out:
	grpo__new_file_discard(&f);
	return rc;
}

int grpo__file_exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

/* Called after mkdir failed: 0 if the folder already exists. */
static int is_there(const char *path)
{
	struct stat st;

	if (errno != EEXIST)
		return grpo__fail_errno("%s", path);
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	return grpo__fail(GRPO_EIO, "%s: exists, but is not a folder", path);
}

/* Creates parents only if they are missing: writing there may not be allowed.
 */
static int make_with_parents(char *path)
{
	char *slash = strrchr(path, '/');
	int rc;

	if (mkdir(path, 0777) == 0)
		return 0;
	if (errno != ENOENT || !slash || slash == path)
		return is_there(path);
	*slash = '\0';
	rc = make_with_parents(path);
	*slash = '/';
	if (rc < 0)
		return rc;
	return mkdir(path, 0777) == 0 ? 0 : is_there(path);
}

int grpo__make_folder(const char *path)
{
	char *copy = grpo__strndup(path, strlen(path));
	int rc;

	if (!copy)
		return GRPO_ENOMEM;
	rc = make_with_parents(copy);
	free(copy);
	return rc;
}

int grpo__folder_next(const char **name, DIR *dir, const char *path)
{
	struct dirent *e;

	*name = NULL;
	do {
		errno = 0;
		e = readdir(dir);
	} while (e && (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..")));
	if (!e && errno)
		return grpo__fail_errno("%s", path);
	if (e)
		*name = e->d_name;
	return 0;
}

static int remove_tree(const char *path);

static int remove_entries(DIR *d, const char *folder)
{
	const char *name;
	char *path;
	int rc;

	while ((rc = grpo__folder_next(&name, d, folder)) == 0 && name) {
		path = grpo__path_join(folder, name);
		if (!path)
			return GRPO_ENOMEM;
		rc = remove_tree(path);
		free(path);
		if (rc < 0)
			break;
	}
	return rc;
}

/* Links are removed, never followed. */
static int remove_tree(const char *path)
{
	struct stat st;
	DIR *d;
	int rc;

	if (lstat(path, &st) != 0)
		return errno == ENOENT ? 0 : grpo__fail_errno("%s", path);
	if (!S_ISDIR(st.st_mode))
		return unlink(path) == 0 ? 0 : grpo__fail_errno("%s", path);
	d = opendir(path);
	if (!d)
		return grpo__fail_errno("%s", path);
	rc = remove_entries(d, path);
	closedir(d);
	if (rc == 0 && rmdir(path) != 0)
		rc = grpo__fail_errno("%s", path);
	return rc;
}

int grpo__remove_folder(const char *path)
{
	return remove_tree(path);
}

int grpo__sync_folder(const char *path)
{
	int fd, rc = 0;

	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return grpo__fail_errno("%s", path);
	if (fsync(fd) != 0 &&
	    errno != EINVAL) /* EINVAL: not supported, and not needed */
		rc = grpo__fail_errno("%s", path);
	close(fd);
	return rc;
}

char *grpo__path_join(const char *folder, const char *name)
{
	size_t n = strlen(folder), m = strlen(name);
	int slash = n > 0 && folder[n - 1] != '/';
	char *path = grpo__alloc(n + m + 2, 1);

	if (!path)
		return NULL;
	memcpy(path, folder, n);
	if (slash)
		path[n++] = '/';
	memcpy(path + n, name, m);
	return path;
}

double grpo__now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}
