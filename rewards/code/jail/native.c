/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "slot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

static char *const environment[] = {"PATH=/usr/bin:/bin", "HOME=/",
				    "LANG=C.UTF-8", NULL};

/* The program's argv, on a page that lies anywhere. */
static char **hide_argv(void)
{
	static char *const argv[] = {"program", NULL};
	uint64_t place = 0;
	void *page;

	(void)getrandom(&place, sizeof(place), 0);
	place &= ((uint64_t)1 << 46) - 1;
	place &= ~(uint64_t)0xffff;
	page = mmap((void *)(uintptr_t)place, sizeof(argv),
		    PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		return NULL;
	memcpy(page, argv, sizeof(argv));
	keeper_hide_argv(page);
	return page;
}

/* The child shares the keeper's memory until it has become the program, so it
 * can say here why it did not. */
static int start_payload(char *const *argv, int *error)
{
	pid_t pid = vfork(); /* NOLINT(clang-analyzer-security*) */

	if (pid == 0) {
		/* NOLINTNEXTLINE(clang-analyzer-unix.Vfork) */
		if (keeper_enter() == 0)
			(void)syscall(SYS_execveat, KEEPER_PAYLOAD, "", argv,
				      environment, AT_EMPTY_PATH);
		*error = errno;
		_exit(127);
	}
	return (int)pid;
}

_Noreturn void jail_keep_native(void)
{
	char *const *argv = hide_argv();

	while (argv && keeper_wait() == 0) {
		int error = 0, pid = start_payload(argv, &error);

		if (pid < 0) {
			keeper_fail("vfork");
			break;
		}
		keeper_watch(pid, &error);
		if (error)
			break;
	}
	_exit(0);
}
