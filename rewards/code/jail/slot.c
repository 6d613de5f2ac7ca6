/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "slot.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "group.h"

/* A Python that starts on a busy machine takes its time. */
#define START_MS 30000

static void reap(pid_t pid)
{
	while (waitpid(pid, NULL, 0) > 0 || errno == EINTR)
		;
}

/* The keeper leads a group that nothing in the slot can leave; as the first of
 * a pid namespace it takes all with it. */
static void end_process(pid_t pid)
{
	kill(-pid, SIGKILL);
	kill(pid, SIGKILL);
	reap(pid);
	/* Orphans are ours to reap: the jail is their subreaper. */
	reap(-pid);
}

void jail_slot_close(struct jail *j, struct jail_slot *s)
{
	if (s->pid > 0)
		end_process(s->pid);
	if (s->control >= 0)
		close(s->control);
	s->pid = 0;
	s->control = -1;
	jail_group_remove(j, s);
	jail_box_remove(j, s);
}

/* From T1 on the process that was started makes the keeper and ends. */
static int take_keeper(struct jail_slot *s, const struct keeper_report *r)
{
	pid_t outer = s->pid;

	if (r->what != KEEPER_MOVED || r->status <= 0)
		return -1;
	s->pid = r->status;
	while (waitpid(outer, NULL, 0) < 0 && errno == EINTR)
		;
	return 0;
}

static int read_report(struct jail *j, struct jail_slot *s,
		       struct keeper_report *r)
{
	struct pollfd on = {.fd = s->control, .events = POLLIN};
	int n;

	do
		n = poll(&on, 1, START_MS);
	while (n < 0 && errno == EINTR);
	if (n == 0)
		return jail_fail(j, "a slot did not start in time");
	if (recv(s->control, r, sizeof(*r), 0) != (ssize_t)sizeof(*r))
		return jail_fail(j, "a slot ended while it started");
	return 0;
}

static int wait_ready(struct jail *j, struct jail_slot *s)
{
	struct keeper_report r;

	for (;;) {
		if (read_report(j, s, &r) < 0)
			return -1;
		if (r.what == KEEPER_READY)
			return 0;
		r.text[sizeof(r.text) - 1] = '\0';
		if (r.what == KEEPER_FAILED)
			return jail_fail(j, "%s", r.text);
		if (take_keeper(s, &r) < 0)
			return jail_fail(j, "a slot started oddly");
	}
}

static uid_t uid_of(const struct jail *j, enum jail_kind kind)
{
	return geteuid() == 0 ? j->first_uid + (uid_t)kind : geteuid();
}

/* Adds the last line that a slot wrote before it failed. */
static void add_last_line(struct jail *j, int errors)
{
	char text[2048], *line;
	ssize_t n = read(errors, text, sizeof(text) - 1);
	size_t len = strlen(j->error);

	while (n > 0 && text[n - 1] == '\n')
		n--;
	if (n <= 0)
		return;
	text[n] = '\0';
	line = strrchr(text, '\n');
	(void)snprintf(j->error + len, sizeof(j->error) - len, ": %.160s",
		       line ? line + 1 : text);
}

/* Starts its process with a socket, and a pipe for what it has to say. */
static int start(struct jail *j, struct jail_slot *s,
		 const struct jail_request *r)
{
	int control[2], errors[2], err;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) < 0)
		return jail_fail(j, "socketpair: %s", strerror(errno));
	s->control = control[0];
	if (pipe2(errors, O_CLOEXEC | O_NONBLOCK) < 0) {
		close(control[1]);
		return jail_fail(j, "pipe: %s", strerror(errno));
	}
	s->pid =
	    jail_nursery_start(j, r, (int[]){control[1], errors[1], s->box});
	close(control[1]);
	close(errors[1]);
	err = s->pid > 0 ? wait_ready(j, s) : -1;
	if (err)
		add_last_line(j, errors[0]);
	close(errors[0]);
	return err;
}

int jail_slot_open(struct jail *j, struct jail_slot *s, enum jail_tier tier,
		   enum jail_kind kind)
{
	struct jail_request r = {tier, kind, uid_of(j, kind)};

	*s = (struct jail_slot){.control = -1, .box = -1, .group = -1};
	if (kind == JAIL_TOOL && tier < JAIL_T1 &&
	    jail_box_make(j, s, tier == JAIL_T0R ? r.uid : geteuid()) < 0)
		return -1;
	if (start(j, s, &r) == 0 &&
	    (tier < JAIL_T2 || jail_group_make(j, s) == 0))
		return 0;
	jail_slot_close(j, s);
	return -1;
}
