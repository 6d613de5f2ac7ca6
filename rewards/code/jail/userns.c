/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "slot.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NAMESPACES                                                             \
	(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET |           \
	 CLONE_NEWIPC | CLONE_NEWUTS)

static int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err;

	if (fd < 0)
		return -1;
	err = write(fd, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : -1;
	close(fd);
	return err;
}

/* The namespace knows one uid and one gid, by the numbers that they have. */
static const char *map_ids(uid_t uid, gid_t gid)
{
	char line[64];

	if (write_text("/proc/self/setgroups", "deny") < 0)
		return "/proc/self/setgroups";
	(void)snprintf(line, sizeof(line), "%u %u 1\n", uid, uid);
	if (write_text("/proc/self/uid_map", line) < 0)
		return "/proc/self/uid_map";
	(void)snprintf(line, sizeof(line), "%u %u 1\n", gid, gid);
	if (write_text("/proc/self/gid_map", line) < 0)
		return "/proc/self/gid_map";
	return NULL;
}

/* The first process of the pid namespace is the jail's child too.  It goes on
 * when the jail has heard of it. */
static const char *move(void)
{
	struct keeper_report moved = {.what = KEEPER_MOVED};
	char byte = 0;
	int gate[2];
	long pid;

	if (pipe2(gate, O_CLOEXEC) < 0)
		return "pipe";
	pid = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
	if (pid < 0)
		return "clone in a new pid namespace";
	if (pid > 0) {
		moved.status = (int32_t)pid;
		keeper_say(&moved);
		(void)write(gate[1], &byte, 1);
		_exit(0);
	}
	close(gate[1]);
	(void)read(gate[0], &byte, 1);
	close(gate[0]);
	return NULL;
}

const char *jail_unshare(void)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	const char *failed;

	/* Its files in /proc belong to it while it may be dumped. */
	if (prctl(PR_SET_DUMPABLE, 1) < 0)
		return "prctl";
	if (unshare(NAMESPACES) < 0)
		return "unshare (user, mount, pid, network, ipc and uts "
		       "namespaces)";
	failed = map_ids(uid, gid);
	if (!failed && sethostname("jail", 4) < 0)
		failed = "sethostname";
	return failed ? failed : move();
}
