/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "slot.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* What comes with a request, in this order. */
enum { CONTROL, ERRORS, BOX, MOST_FDS };

union fd_space {
	struct cmsghdr head;
	char bytes[CMSG_SPACE(sizeof(int) * MOST_FDS)];
};

static int send_request(int socket, const struct jail_request *r,
			const int *fds, size_t n)
{
	union fd_space space = {0};
	struct iovec part = {(void *)(uintptr_t)r, sizeof(*r)};
	struct msghdr m = {.msg_iov = &part,
			   .msg_iovlen = 1,
			   .msg_control = space.bytes,
			   .msg_controllen = CMSG_SPACE(sizeof(int) * n)};

	space.head.cmsg_level = SOL_SOCKET;
	space.head.cmsg_type = SCM_RIGHTS;
	space.head.cmsg_len = CMSG_LEN(sizeof(int) * n);
	memcpy(CMSG_DATA(&space.head), fds, sizeof(int) * n);
	return sendmsg(socket, &m, MSG_NOSIGNAL) == (ssize_t)sizeof(*r) ? 0
									: -1;
}

/* Returns the number of descriptors, or -1 at the end. */
static int read_request(int socket, struct jail_request *r, int *fds)
{
	union fd_space space;
	struct iovec part = {r, sizeof(*r)};
	struct msghdr m = {.msg_iov = &part,
			   .msg_iovlen = 1,
			   .msg_control = space.bytes,
			   .msg_controllen = sizeof(space)};
	struct cmsghdr *c;
	size_t len;

	if (recvmsg(socket, &m, MSG_CMSG_CLOEXEC) != (ssize_t)sizeof(*r))
		return -1;
	c = CMSG_FIRSTHDR(&m);
	if (!c || c->cmsg_type != SCM_RIGHTS)
		return -1;
	len = c->cmsg_len - CMSG_LEN(0);
	memcpy(fds, CMSG_DATA(c), len);
	return (int)(len / sizeof(int));
}

/* ---- in the nursery ------------------------------------------------------ */

/* Every other descriptor is closed; 0 to 5 are /dev/null, but a Python that
 * starts may say on 2 why it can't. */
static void place(const int *fds, int n, enum jail_kind kind)
{
	int at[MOST_FDS], i, null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	int end = n > BOX ? KEEPER_BOX : KEEPER_CONTROL;

	for (i = 0; i < n; i++)
		at[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 32);
	null_fd = fcntl(null_fd, F_DUPFD_CLOEXEC, 32);
	for (i = 0; i < KEEPER_CONTROL; i++)
		(void)dup2(null_fd, i);
	if (kind == JAIL_PYTHON)
		(void)dup2(at[ERRORS], 2);
	(void)dup2(at[CONTROL], KEEPER_CONTROL);
	if (n > BOX)
		(void)dup2(at[BOX], KEEPER_BOX);
	(void)syscall(SYS_close_range, (unsigned)end + 1, ~0u, 0u);
}

static void plain_signals(void)
{
	struct sigaction plain = {.sa_handler = SIG_DFL};
	sigset_t none;
	int i;

	for (i = 1; i < NSIG; i++)
		(void)sigaction(i, &plain, NULL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static void serve(const struct jail_plan *plan, int socket)
{
	struct jail_request r;
	int fds[MOST_FDS], n;

	while ((n = read_request(socket, &r, fds)) > ERRORS) {
		/* Its parent is ours, the jail. */
		long pid =
		    syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
		int64_t answer = pid < 0 ? -errno : pid;

		if (pid == 0) {
			place(fds, n, r.kind);
			jail_start(plan, &r);
		}
		while (n > 0)
			close(fds[--n]);
		if (send(socket, &answer, sizeof(answer), MSG_NOSIGNAL) < 0)
			return;
	}
}

static _Noreturn void be_nursery(const struct jail_plan *plan, int socket)
{
	int at = fcntl(socket, F_DUPFD_CLOEXEC, 32);

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)prctl(PR_SET_DUMPABLE, 0);
	plain_signals();
	(void)dup2(at, 3);
	(void)fcntl(3, F_SETFD, FD_CLOEXEC);
	(void)syscall(SYS_close_range, 4u, ~0u, 0u);
	serve(plan, 3);
	_exit(0);
}

/* ---- in the jail --------------------------------------------------------- */

int jail_nursery_open(struct jail *j)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return jail_fail(j, "socketpair: %s", strerror(errno));
	j->nursery_pid = fork();
	if (j->nursery_pid == 0)
		be_nursery(&j->plan, pair[1]);
	close(pair[1]);
	j->nursery = pair[0];
	if (j->nursery_pid > 0)
		return 0;
	close(pair[0]);
	j->nursery = -1;
	return jail_fail(j, "fork: %s", strerror(errno));
}

void jail_nursery_close(struct jail *j)
{
	if (j->nursery_pid <= 0)
		return;
	close(j->nursery);
	kill(j->nursery_pid, SIGKILL);
	while (waitpid(j->nursery_pid, NULL, 0) < 0 && errno == EINTR)
		;
	j->nursery_pid = 0;
}

/* The pid, a negative error, or 0 where the nursery is gone. */
static int64_t ask(const struct jail *j, const struct jail_request *r,
		   const int *fds, size_t n_fds)
{
	int64_t answer = 0;
	ssize_t n;

	if (send_request(j->nursery, r, fds, n_fds) < 0)
		return 0;
	do
		n = recv(j->nursery, &answer, sizeof(answer), 0);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(answer) ? answer : 0;
}

pid_t jail_nursery_start(struct jail *j, const struct jail_request *r,
			 const int *fds)
{
	size_t n_fds = fds[BOX] < 0 ? BOX : MOST_FDS;
	int64_t answer = ask(j, r, fds, n_fds);

	/* Somebody killed it. */
	if (answer == 0) {
		jail_nursery_close(j);
		if (jail_nursery_open(j) < 0)
			return -1;
		answer = ask(j, r, fds, n_fds);
	}
	if (answer == 0)
		return jail_fail(j, "the nursery of slots is gone");
	if (answer < 0)
		return jail_fail(j, "fork: %s", strerror((int)-answer));
	return (pid_t)answer;
}
