/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "slot.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

static char *const environment[] = {"PATH=/usr/bin:/bin", "HOME=/",
				    "LANG=C.UTF-8", NULL};
static char *const arguments[] = {"program", NULL};

/* The child shares the keeper's memory until it has become the program, so it
 * can say here why it did not. */
static int start_payload(int *error)
{
	pid_t pid = vfork();

	if (pid == 0) {
		if (keeper_enter() == 0)
			(void)syscall(SYS_execveat, KEEPER_PAYLOAD, "",
				      arguments, environment, AT_EMPTY_PATH);
		*error = errno;
		_exit(127);
	}
	return (int)pid;
}

_Noreturn void jail_keep_native(void)
{
	while (keeper_wait() == 0) {
		int error = 0, pid = start_payload(&error);

		if (pid >= 0 && !error) {
			keeper_watch(pid);
			continue;
		}
		errno = error ? error : errno;
		keeper_fail("can't start the program");
		_exit(1);
	}
	_exit(0);
}
