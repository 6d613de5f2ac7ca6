/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
/*
 * The keeper of a tool: puts its files in the box, starts it, and hands back
 *the file that is to be kept.  The payload, which the jail wrote (run.c), is
 *
 *	argv[0] NUL ... argv[n-1] NUL keep NUL { name NUL length u64 data } ...
 */
#include "slot.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_ARGV = 256 };

static char *const environment[] = {"PATH=/usr/bin:/bin",
				    "HOME=/",
				    "TMPDIR=.",
				    "LANG=C.UTF-8",
				    "PYTHONHASHSEED=0",
				    "PYTHONDONTWRITEBYTECODE=1",
				    NULL};

struct tool {
	char *argv[MOST_ARGV + 1];
	const char *keep;
	const char *at, *end; /* what is unread of the payload */
};

/* The text at the reader, which goes on behind its NUL; NULL at the end. */
static char *next_text(struct tool *t)
{
	char *text = (char *)(uintptr_t)t->at;
	const char *nul = memchr(t->at, 0, (size_t)(t->end - t->at));

	if (!nul)
		return NULL;
	t->at = nul + 1;
	return text;
}

static int write_all(int fd, const char *data, uint64_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		data += n;
		len -= (uint64_t)n;
	}
	return 0;
}

static int put_file(struct tool *t)
{
	const char *name = next_text(t);
	uint64_t len;
	int fd, err;

	if (!name || (size_t)(t->end - t->at) < sizeof(len))
		return -1;
	memcpy(&len, t->at, sizeof(len));
	t->at += sizeof(len);
	if (len > (uint64_t)(t->end - t->at))
		return -1;
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	err = write_all(fd, t->at, len);
	t->at += len;
	return close(fd) < 0 ? -1 : err;
}

/* Reads the payload; 0 or -1. */
static int prepare(struct tool *t, int payload)
{
	const struct keeper_job *job = keeper_job();
	struct stat st;
	uint32_t i;

	if (fstat(payload, &st) < 0 || st.st_size == 0 ||
	    job->source_len > MOST_ARGV)
		return -1;
	t->at =
	    mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, payload, 0);
	if (t->at == MAP_FAILED)
		return -1;
	t->end = t->at + st.st_size;
	for (i = 0; i < job->source_len; i++)
		if (!(t->argv[i] = next_text(t)))
			return -1;
	t->keep = next_text(t);
	for (i = 0; i < job->call_len; i++)
		if (put_file(t) < 0)
			return -1;
	return t->keep ? 0 : -1;
}

static int start_tool(struct tool *t, int *error)
{
	pid_t pid = vfork(); /* NOLINT(clang-analyzer-security*) */

	if (pid == 0) {
		/* NOLINTNEXTLINE(clang-analyzer-unix.Vfork) */
		if (keeper_enter() == 0)
			(void)execve(t->argv[0], t->argv, environment);
		*error = errno;
		_exit(127);
	}
	return (int)pid;
}

/* A link or a pipe in its place is nothing to keep. */
static int open_kept(const char *name)
{
	struct stat st;
	int fd;

	if (!*name)
		return -1;
	fd = open(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0 && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))) {
		close(fd);
		return -1;
	}
	return fd;
}

_Noreturn void jail_keep_tool(void)
{
	static struct tool tool;
	struct keeper_report end;
	int error = 0, pid;

	if (keeper_wait() < 0)
		_exit(0);
	if (prepare(&tool, keeper_payload()) < 0) {
		keeper_fail("the tool's files");
		_exit(1);
	}
	pid = start_tool(&tool, &error);
	if (pid < 0) {
		keeper_fail("vfork");
		_exit(1);
	}
	keeper_wait_child(pid, &end);
	if (error) {
		errno = error;
		keeper_fail(tool.argv[0]);
		_exit(1);
	}
	keeper_tell(&end, open_kept(tool.keep));
	/* The jail ends it. */
	(void)keeper_wait();
	_exit(0);
}
