/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "pump.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

int64_t pump_now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* ---- files in memory ----------------------------------------------------- */

static int put(int fd, struct code_view data)
{
	while (data.len > 0) {
		ssize_t n = write(fd, data.ptr, data.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		data.ptr += n;
		data.len -= (size_t)n;
	}
	return 0;
}

int pump_file(const char *name, struct code_view a, struct code_view b)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -1;
	if (put(fd, a) == 0 && put(fd, b) == 0 && lseek(fd, 0, SEEK_SET) == 0 &&
	    fcntl(fd, F_ADD_SEALS,
		  F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) ==
		0)
		return fd;
	close(fd);
	return -1;
}

/* ---- opening and closing ------------------------------------------------- */

static void shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void pump_close_theirs(struct pump *p)
{
	int i;

	for (i = 0; i < 5; i++)
		shut(&p->theirs[i]);
}

void pump_close(struct pump *p)
{
	int i;

	pump_close_theirs(p);
	for (i = 0; i < PUMP_N; i++)
		shut(&p->in[i]);
	shut(&p->reply);
	code_bytes_free(&p->answers);
}

static int open_input(const struct pump *p, int null_fd)
{
	struct code_view none = {0};

	if (p->run->input.len == 0)
		return fcntl(null_fd, F_DUPFD_CLOEXEC, 0);
	return pump_file("input", p->run->input, none);
}

/* Our end does not block; theirs does. */
static int open_pipe(int *ours, int *theirs, int we_read)
{
	int pair[2];

	if (pipe2(pair, O_CLOEXEC) < 0)
		return -1;
	*ours = pair[we_read ? 0 : 1];
	*theirs = pair[we_read ? 1 : 0];
	return fcntl(*ours, F_SETFL, O_NONBLOCK) < 0 ? -1 : 0;
}

static int open_all(struct pump *p, int null_fd)
{
	int i;

	p->theirs[0] = open_input(p, null_fd);
	if (p->theirs[0] < 0)
		return -1;
	for (i = 0; i < PUMP_N; i++)
		if (open_pipe(&p->in[i], &p->theirs[i + 1], 1) < 0)
			return -1;
	if (p->run->answer)
		return open_pipe(&p->reply, &p->theirs[4], 0);
	p->theirs[4] = fcntl(null_fd, F_DUPFD_CLOEXEC, 0);
	return p->theirs[4] < 0 ? -1 : 0;
}

int pump_open(struct pump *p, const struct jail_run *run, int null_fd)
{
	int err;

	*p = (struct pump){.in = {-1, -1, -1},
			   .reply = -1,
			   .theirs = {-1, -1, -1, -1, -1},
			   .cap = {run->limits.output_bytes,
				   run->limits.error_bytes,
				   run->limits.output_bytes},
			   .run = run};
	if (open_all(p, null_fd) == 0)
		return 0;
	err = errno;
	pump_close(p);
	errno = err;
	return -1;
}

/* ---- moving bytes -------------------------------------------------------- */

/* Keeps what the cap allows. */
static void take(struct pump *p, int which, const char *data, size_t n)
{
	struct code_bytes *got = &p->got[which];
	size_t left = (size_t)p->cap[which] - got->len;

	if (n > left && which != PUMP_ERROR)
		p->is_flood = 1;
	if (code_bytes_add(got, data, n < left ? n : left) < 0)
		p->is_over = 1;
}

/* Takes the first line away from the questions. */
static void forget_line(struct code_bytes *b, size_t len)
{
	memmove(b->ptr, b->ptr + len, b->len - len);
	b->len -= len;
}

static void answer_lines(struct pump *p)
{
	struct code_bytes *asked = &p->got[PUMP_RESULT];
	int64_t start = pump_now_us();
	const char *end;

	while (!p->is_over && asked->len &&
	       (end = memchr(asked->ptr, '\n', asked->len))) {
		size_t len = (size_t)(end - asked->ptr);

		if (p->run->answer(p->run->ctx,
				   (struct code_view){asked->ptr, len},
				   &p->answers) < 0)
			p->is_over = 1;
		forget_line(asked, len + 1);
		/* It asks and does not read. */
		if ((int64_t)p->answers.len > p->cap[PUMP_RESULT])
			p->is_flood = p->is_over = 1;
	}
	p->answering_us += pump_now_us() - start;
}

/* Reads once; returns 0 when there is no more for now. */
static int read_some(struct pump *p, int which)
{
	static char buffer[65536];
	ssize_t n = read(p->in[which], buffer, sizeof(buffer));

	if (n > 0) {
		take(p, which, buffer, (size_t)n);
		if (which == PUMP_RESULT && p->run->answer)
			answer_lines(p);
		return 1;
	}
	if (n < 0 && errno == EINTR)
		return 1;
	if (n == 0 || errno != EAGAIN)
		shut(&p->in[which]);
	return 0;
}

/* No SIGPIPE: the supervisor ignores it. */
static void write_some(struct pump *p)
{
	ssize_t n = write(p->reply, p->answers.ptr, p->answers.len);

	if (n > 0)
		forget_line(&p->answers, (size_t)n);
	else if (errno != EAGAIN && errno != EINTR)
		shut(&p->reply);
}

int pump_turn(struct pump *p, int control, int timeout_ms)
{
	struct pollfd on[PUMP_N + 2];
	int i;

	for (i = 0; i < PUMP_N; i++)
		on[i] = (struct pollfd){.fd = p->in[i], .events = POLLIN};
	on[PUMP_N] = (struct pollfd){.fd = p->answers.len ? p->reply : -1,
				     .events = POLLOUT};
	on[PUMP_N + 1] = (struct pollfd){.fd = control, .events = POLLIN};
	if (poll(on, PUMP_N + 2, timeout_ms) <= 0)
		return 0;
	for (i = 0; i < PUMP_N; i++)
		if (on[i].revents)
			(void)read_some(p, i);
	if (on[PUMP_N].revents)
		write_some(p);
	return on[PUMP_N + 1].revents != 0;
}

void pump_drain(struct pump *p)
{
	int i;

	/* What nobody waits for any more is not answered. */
	p->is_over = 1;
	for (i = 0; i < PUMP_N; i++)
		while (p->in[i] >= 0 && !p->is_flood && read_some(p, i))
			;
}
