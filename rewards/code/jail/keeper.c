/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "keeper.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int control_fd = -1;
static struct keeper_job now;
static int fds[KEEPER_N_FDS];
static const void *hidden_argv;

const struct keeper_job *keeper_job(void)
{
	return &now;
}

void keeper_hide_argv(const void *argv)
{
	hidden_argv = argv;
}

int64_t keeper_source_len(void)
{
	return now.source_len;
}

int64_t keeper_call_len(void)
{
	return now.call_len;
}

int keeper_payload(void)
{
	return fds[KEEPER_PAYLOAD];
}

/* ---- talking to the jail ------------------------------------------------- */

union fd_space {
	struct cmsghdr head;
	char bytes[CMSG_SPACE(sizeof(int) * KEEPER_N_FDS)];
};

void keeper_tell(const struct keeper_report *report, int fd)
{
	union fd_space space = {0};
	struct iovec part = {(void *)(uintptr_t)report, sizeof(*report)};
	struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};

	if (fd >= 0) {
		m.msg_control = space.bytes;
		m.msg_controllen = CMSG_SPACE(sizeof(int));
		space.head.cmsg_level = SOL_SOCKET;
		space.head.cmsg_type = SCM_RIGHTS;
		space.head.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&space.head), &fd, sizeof(fd));
	}
	while (sendmsg(control_fd, &m, MSG_NOSIGNAL) < 0 && errno == EINTR)
		;
}

void keeper_open(int control)
{
	static const struct keeper_report ready = {.what = KEEPER_READY};

	control_fd = control;
	/* The execve that made it a Python took this back. */
	(void)prctl(PR_SET_DUMPABLE, 0);
	keeper_tell(&ready, -1);
}

void keeper_say(const struct keeper_report *report)
{
	control_fd = KEEPER_CONTROL;
	keeper_tell(report, -1);
}

void keeper_fail(const char *what)
{
	struct keeper_report failed = {.what = KEEPER_FAILED};

	(void)snprintf(failed.text, sizeof(failed.text), "%s: %s", what,
		       strerror(errno));
	keeper_say(&failed);
}

/* Takes the descriptors of a message; 0 if they are as many as a job has. */
static int take_fds(struct msghdr *m)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);

	if (!c || c->cmsg_type != SCM_RIGHTS || (m->msg_flags & MSG_CTRUNC) ||
	    c->cmsg_len != CMSG_LEN(sizeof(fds)))
		return -1;
	memcpy(fds, CMSG_DATA(c), sizeof(fds));
	return 0;
}

/* One order: KEEPER_RUN with its descriptors taken, KEEPER_KILL, or 0 at the
 * end. */
static uint32_t read_order(void)
{
	struct keeper_order order = {0};
	union fd_space space;
	struct iovec part = {&order, sizeof(order)};
	struct msghdr m = {.msg_iov = &part,
			   .msg_iovlen = 1,
			   .msg_control = space.bytes,
			   .msg_controllen = sizeof(space)};
	ssize_t n;

	do
		n = recvmsg(control_fd, &m, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(order))
		return 0;
	if (order.what == KEEPER_RUN) {
		if (take_fds(&m) < 0)
			return 0;
		now = order.job;
		now.exec_argv = (uintptr_t)hidden_argv;
	}
	return order.what;
}

int keeper_wait(void)
{
	uint32_t what;

	/* A kill that came too late is nobody's. */
	do
		what = read_order();
	while (what == KEEPER_KILL);
	return what == KEEPER_RUN ? 0 : -1;
}

/* ---- the child's side ---------------------------------------------------- */

static int limit(int resource, int64_t value)
{
	struct rlimit l = {(rlim_t)value, (rlim_t)value};

	return (int)syscall(SYS_prlimit64, 0, resource, &l, NULL);
}

/* The kernel counts processor time for the case that the keeper is not in time.
 */
static int set_limits(const struct keeper_job *job)
{
	if (limit(RLIMIT_CPU, job->cpu_us / 1000000 + 2) < 0 ||
	    limit(RLIMIT_STACK, job->stack_bytes) < 0 ||
	    limit(RLIMIT_FSIZE, job->file_bytes) < 0)
		return -1;
	if (job->n_tasks && limit(RLIMIT_NPROC, job->n_tasks) < 0)
		return -1;
	return limit(RLIMIT_AS, job->memory_bytes);
}

int keeper_enter(void)
{
	int i;

	for (i = 0; i < KEEPER_PAYLOAD; i++)
		if (dup2(fds[i], i) < 0)
			return -1;
	if (dup3(fds[i], i, now.may_exec ? O_CLOEXEC : 0) < 0 ||
	    syscall(SYS_close_range, (unsigned)KEEPER_N_FDS, ~0u, 0u) < 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || set_limits(&now) < 0)
		return -1;
	return keeper_filter(&now);
}

/* ---- the keeper's side --------------------------------------------------- */

static void close_job(void)
{
	int i;

	for (i = 0; i < KEEPER_N_FDS; i++)
		close(fds[i]);
}

/* Processor time that the child has left, in microseconds. */
static int64_t cpu_left_us(int pid)
{
	struct timespec used;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &used) < 0)
		return now.cpu_us;
	return now.cpu_us - (int64_t)used.tv_sec * 1000000 -
	       used.tv_nsec / 1000;
}

/* A program of several threads may use up its time faster than the clock on
 * the wall goes; looking twice a limit costs nothing. */
static int patience_ms(int64_t left_us)
{
	int64_t ms = left_us / 1000;

	return ms > 100 ? (int)(ms > 10000 ? 5000 : ms / 2) : (int)ms + 1;
}

/* Waits until the child has ended or must: its time is up, the jail says so,
 * or the jail is gone. */
static void wait_or_kill(int pid, int pidfd, struct keeper_report *end)
{
	struct pollfd on[2] = {{.fd = pidfd, .events = POLLIN},
			       {.fd = control_fd, .events = POLLIN}};
	int64_t left = now.cpu_us;

	for (;;) {
		int n = poll(on, 2, patience_ms(left));

		if (n < 0 && errno == EINTR)
			continue;
		if (on[0].revents)
			return;
		if (on[1].revents)
			break;
		left = cpu_left_us(pid);
		if (left > 0)
			continue;
		end->over_cpu = 1;
		break;
	}
	/* A stopped process dies of it too. */
	kill(pid, SIGKILL);
	if (on[1].revents)
		(void)read_order();
}

/* As the first process of a namespace: ends all the others. */
static void kill_the_rest(void)
{
	if (getpid() != 1)
		return;
	kill(-1, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
}

static int64_t cpu_of(const struct rusage *u)
{
	return (int64_t)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) * 1000000 +
	       u->ru_utime.tv_usec + u->ru_stime.tv_usec;
}

void keeper_wait_child(int pid, struct keeper_report *end)
{
	struct rusage used = {0};
	int status = 0, pidfd;

	*end = (struct keeper_report){.what = KEEPER_ENDED};
	close_job();
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0u);
	wait_or_kill(pid, pidfd, end);
	while (wait4(pid, &status, 0, &used) < 0 && errno == EINTR)
		;
	if (pidfd >= 0)
		close(pidfd);
	kill_the_rest();
	end->status = status;
	end->cpu_us = cpu_of(&used);
	end->peak_bytes = used.ru_maxrss * 1024;
}

/* Whether the box holds anything; below T1 the folder is no box. */
static uint32_t is_littered(void)
{
	DIR *box = getpid() == 1 ? opendir(".") : NULL;
	struct dirent *e;
	uint32_t found = 0;

	if (!box)
		return 0;
	while (!found && (e = readdir(box)))
		found =
		    strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	closedir(box);
	return found;
}

void keeper_watch(int pid, const int *error)
{
	struct keeper_report end;

	keeper_wait_child(pid, &end);
	if (*error) {
		errno = *error;
		keeper_fail("can't start the program");
		return;
	}
	end.littered = is_littered();
	keeper_tell(&end, -1);
}

/* A child that can't become a program says so on a page that both see; no
 * program sees it. */
static int *shared_error(void)
{
	void *page = mmap(NULL, sizeof(int), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return page == MAP_FAILED ? NULL : page;
}

static void enter_or_say(int *error)
{
	if (keeper_enter() == 0 && munmap(error, sizeof(*error)) == 0)
		return;
	*error = errno;
	_exit(127);
}

int keeper_next(void)
{
	int *error = shared_error();

	while (error && keeper_wait() == 0) {
		pid_t pid = fork();

		if (pid == 0) {
			enter_or_say(error);
			return 0;
		}
		if (pid > 0)
			keeper_watch(pid, error);
		if (pid < 0 || *error)
			break;
	}
	return -1;
}
