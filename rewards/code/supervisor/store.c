/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, CHUNK = 1 << 16, ENTRY_NAME = 96 };

static int path_of(const struct store *s, const char *name,
		   char path[PATH_BYTES])
{
	int n;

	if (!s->folder)
		return -1;
	n = snprintf(path, PATH_BYTES, "%s/%s", s->folder, name);
	return n > 0 && n < PATH_BYTES ? 0 : -1;
}

static int write_all(int fd, struct code_view data)
{
	ssize_t n;

	while (data.len > 0) {
		n = write(fd, data.ptr, data.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		data.ptr += n;
		data.len -= (size_t)n;
	}
	return 0;
}

int store_load(int fd, struct code_bytes *out)
{
	char *chunk = malloc(CHUNK);
	off_t at = 0;
	ssize_t n = chunk ? 1 : -1;

	while (n > 0) {
		n = pread(fd, chunk, CHUNK, at);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n > 0 && code_bytes_add(out, chunk, (size_t)n) < 0)
			n = -1;
		else
			at += n;
	}
	free(chunk);
	return n < 0 ? -1 : 0;
}

int store_memory(const char *name, struct code_view data)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -1;
	if (write_all(fd, data) < 0 || lseek(fd, 0, SEEK_SET) < 0 ||
	    fcntl(fd, F_ADD_SEALS,
		  F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) <
		0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

/* ---- what is there ---- */

int store_read(struct store *s, const char *name, struct code_bytes *out)
{
	char path[PATH_BYTES];
	int fd, rc;

	if (path_of(s, name, path) < 0)
		return -1;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -1;
	(void)futimens(fd, NULL); /* it was used now */
	rc = store_load(fd, out);
	(void)close(fd);
	return rc;
}

int store_open(struct store *s, const char *name)
{
	struct code_bytes b = {0};
	int fd = -1;

	if (store_read(s, name, &b) == 0)
		fd = store_memory("program", code_view_of(&b));
	code_bytes_free(&b);
	return fd;
}

/* ---- what goes ---- */

struct entry {
	char name[ENTRY_NAME];
	int64_t bytes;
	struct timespec used;
};

struct entries {
	struct entry *list;
	size_t n, cap;
	int64_t bytes;
};

static int add_entry(struct entries *e, const char *name, const struct stat *st)
{
	size_t cap = e->cap ? 2 * e->cap : 64;
	struct entry *list;

	if (e->n == e->cap) {
		list = realloc(e->list, cap * sizeof(*list));
		if (!list)
			return -1;
		e->list = list;
		e->cap = cap;
	}
	list = &e->list[e->n++];
	memcpy(list->name, name, strlen(name) + 1);
	list->bytes = st->st_size;
	list->used = st->st_mtim;
	e->bytes += st->st_size;
	return 0;
}

static void list_entries(struct entries *e, DIR *dir)
{
	struct dirent *d;
	struct stat st;

	while ((d = readdir(dir)) != NULL)
		if (strlen(d->d_name) < ENTRY_NAME &&
		    fstatat(dirfd(dir), d->d_name, &st, AT_SYMLINK_NOFOLLOW) ==
			0 &&
		    S_ISREG(st.st_mode) && add_entry(e, d->d_name, &st) < 0)
			return;
}

static int by_use(const void *a, const void *b)
{
	const struct timespec *x = &((const struct entry *)a)->used;
	const struct timespec *y = &((const struct entry *)b)->used;

	if (x->tv_sec != y->tv_sec)
		return x->tv_sec < y->tv_sec ? -1 : 1;
	return (x->tv_nsec > y->tv_nsec) - (x->tv_nsec < y->tv_nsec);
}

/* Down to three quarters, so that it is not done for each file. */
static void drop_oldest(struct entries *e, const struct store *s, int folder)
{
	size_t i;

	if (!e->list || e->bytes <= s->max_bytes)
		return;
	qsort(e->list, e->n, sizeof(*e->list), by_use);
	for (i = 0; i < e->n && e->bytes > s->max_bytes / 4 * 3; i++) {
		(void)unlinkat(folder, e->list[i].name, 0);
		e->bytes -= e->list[i].bytes;
	}
}

/* Other workers write too, so the folder is measured again and again. */
static void make_room(struct store *s, int64_t bytes)
{
	struct entries e = {0};
	DIR *dir;

	s->written += bytes;
	if (s->written < s->max_bytes / 16)
		return;
	s->written = 0;
	dir = opendir(s->folder);
	if (!dir)
		return;
	list_entries(&e, dir);
	drop_oldest(&e, s, dirfd(dir));
	(void)closedir(dir);
	free(e.list);
}

/* ---- what is kept ---- */

void store_keep(struct store *s, const char *name, struct code_view data)
{
	char path[PATH_BYTES], part[PATH_BYTES];
	int fd, ok;

	if (path_of(s, name, path) < 0 ||
	    (int64_t)data.len > s->max_bytes / 4 ||
	    snprintf(part, sizeof(part), "%s.%ld", path, (long)getpid()) >=
		(int)sizeof(part))
		return;
	fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
		  0600);
	if (fd < 0)
		return;
	ok = write_all(fd, data) == 0;
	ok = close(fd) == 0 && ok;
	if (!ok || rename(part, path) < 0)
		(void)unlink(part);
	else
		make_room(s, (int64_t)data.len);
}

void store_keep_file(struct store *s, const char *name, int fd)
{
	struct code_bytes b = {0};

	if (s->folder && store_load(fd, &b) == 0)
		store_keep(s, name, code_view_of(&b));
	code_bytes_free(&b);
}
