/* SPDX-License-Identifier: MIT */
/*
 * code-supervisor: runs and grades programs for the code reward.  The plug-in
 * starts it; it ends when its standard input does, which is when the trainer
 * has ended, however that came.  Each worker is a process of its own with one
 * socket.  Where one dies, all end: the plug-in starts a new supervisor.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "doctor.h"
#include "worker.h"

#define FIRST_FD 3
#define NICE 10      /* the trainer's own threads come first */
#define REAP_MS 2000 /* for what was killed to be gone */

static int help(void)
{
	puts("usage: code-supervisor --doctor\n"
	     "Runs programs for the code reward, which starts it.\n"
	     "  --doctor     says which tier of isolation this machine gives, "
	     "and what the\n               next one needs\n"
	     "  --most TIER  uses no more than this tier\n"
	     "  --python P, --cc P, --cxx P\n               the interpreter "
	     "and the compilers to use");
	return 0;
}

/* Its parent's death is its own, also where that came first. */
static int begin_worker(pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		return -1;
	setpriority(PRIO_PROCESS, 0, NICE);
	return 0;
}

static pid_t start_worker(int index, const struct supervisor_options *o,
			  const struct scratch *s)
{
	pid_t parent = getpid(), pid = fork();

	if (pid != 0)
		return pid;
	if (begin_worker(parent) < 0)
		_exit(1);
	close(STDIN_FILENO);
	for (int i = 0; i < o->n_workers; i++)
		if (i != index)
			close(FIRST_FD + i);
	exit(worker_serve(FIRST_FD + index, index, o, s));
}

/* Until the lifeline ends or a child does; 1 for the first. */
static int wait_for_end(int children)
{
	struct pollfd p[] = {{.fd = STDIN_FILENO, .events = POLLIN},
			     {.fd = children, .events = POLLIN}};
	char byte;

	for (;;) {
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return 0;
		if (p[1].revents)
			return 0;
		if (p[0].revents && read(STDIN_FILENO, &byte, 1) <= 0)
			return 1;
	}
}

/* Kills the workers, and waits for them and all that was theirs. */
static void end_workers(const pid_t *pid, int n)
{
	int waited = 0;

	for (int i = 0; i < n; i++)
		if (pid[i] > 0)
			kill(pid[i], SIGKILL);
	while (waited < REAP_MS) {
		pid_t one = waitpid(-1, NULL, WNOHANG);

		if (one < 0 && errno == ECHILD)
			return;
		if (one == 0) {
			usleep(10000);
			waited += 10;
		}
	}
}

static int supervise(const struct supervisor_options *o,
		     const struct scratch *s)
{
	pid_t pid[64] = {0};
	sigset_t set;
	int children, ended;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	children = signalfd(-1, &set, SFD_CLOEXEC);
	/* what a worker leaves behind becomes ours, and ends with us */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (int i = 0; i < o->n_workers; i++)
		pid[i] = start_worker(i, o, s);
	for (int i = 0; i < o->n_workers; i++)
		close(FIRST_FD + i);
	ended = children >= 0 && wait_for_end(children);
	end_workers(pid, o->n_workers);
	return !ended;
}

int main(int argc, char **argv)
{
	struct supervisor_options o;
	struct scratch s = {0};
	int rc;

	if (options_read(&o, argc, argv) < 0)
		return 2;
	if (o.help)
		return help();
	prctl(PR_SET_DUMPABLE, 0);
	if (scratch_make(&s) < 0) {
		fprintf(stderr,
			"code-supervisor: %s: %s (set TMPDIR to a folder that "
			"can be written)\n",
			s.folder, strerror(errno));
		scratch_remove(&s);
		return 1;
	}
	rc = o.doctor ? doctor(&o, &s) : supervise(&o, &s);
	scratch_remove(&s);
	return rc;
}
