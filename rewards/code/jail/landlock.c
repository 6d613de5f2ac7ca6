/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Written out here, because installed headers are often older than the kernel.
 */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif
#define GET_VERSION 1u
#define RULE_PATH_BENEATH 1
#define NO_LOG                                                                 \
	1u /* ABI 7: what a program tries is no news for the audit log         \
	    */

#define FS_EXECUTE 0x1u
#define FS_WRITE_FILE 0x2u
#define FS_READ_FILE 0x4u
#define FS_READ_DIR 0x8u
#define FS_MAKE_CHAR 0x40u
#define FS_MAKE_SOCK 0x200u
#define FS_MAKE_BLOCK 0x800u
#define FS_ABI_1 0x1fffu
#define FS_REFER 0x2000u     /* ABI 2 */
#define FS_TRUNCATE 0x4000u  /* ABI 3 */
#define FS_IOCTL_DEV 0x8000u /* ABI 5 */
#define OF_A_FILE                                                              \
	(FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE | FS_IOCTL_DEV)
#define NET_TCP 0x3u /* ABI 4: bind and connect */
#define SCOPES 0x3u  /* ABI 6: abstract unix sockets and signals */

struct ruleset {
	uint64_t fs, net, scoped;
};

struct beneath {
	uint64_t allowed;
	int32_t fd;
} __attribute__((packed));

int jail_landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, GET_VERSION);

	return abi > 0 ? (int)abi : 0;
}

static uint64_t fs_rights(int abi)
{
	return FS_ABI_1 | (abi >= 2 ? FS_REFER : 0u) |
	       (abi >= 3 ? FS_TRUNCATE : 0u) | (abi >= 5 ? FS_IOCTL_DEV : 0u);
}

static int make_ruleset(int abi)
{
	struct ruleset r = {.fs = fs_rights(abi),
			    .net = abi >= 4 ? NET_TCP : 0,
			    .scoped = abi >= 6 ? SCOPES : 0};
	size_t len = abi >= 6   ? sizeof(r)
		     : abi >= 4 ? 2 * sizeof(uint64_t)
				: sizeof(uint64_t);

	return (int)syscall(SYS_landlock_create_ruleset, &r, len, 0u);
}

static int allow(int ruleset, int fd, uint64_t rights)
{
	struct beneath b = {rights, fd};
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -1;
	if (!S_ISDIR(st.st_mode))
		b.allowed &= OF_A_FILE;
	return (int)syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH,
			    &b, 0u);
}

static int allow_path(int ruleset, int abi, const struct jail_path *p)
{
	uint64_t rights = FS_READ_FILE | FS_READ_DIR;
	int fd = open(p->path, O_PATH | O_CLOEXEC), err;

	/* What this machine lacks needs no rule. */
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == EACCES
			   ? 0
			   : -1;
	if (p->rights & JAIL_EXECUTE)
		rights |= FS_EXECUTE;
	if (p->rights & JAIL_WRITE)
		rights |= FS_WRITE_FILE | (abi >= 3 ? FS_TRUNCATE : 0u);
	err = allow(ruleset, fd, rights);
	close(fd);
	return err;
}

int jail_landlock(int abi, const struct jail_paths *paths, int box)
{
	uint64_t in_box = fs_rights(abi) &
			  ~(uint64_t)(FS_EXECUTE | FS_MAKE_CHAR | FS_MAKE_SOCK |
				      FS_MAKE_BLOCK | FS_IOCTL_DEV);
	int ruleset = make_ruleset(abi), err = ruleset < 0 ? -1 : 0;
	size_t i;

	for (i = 0; i < paths->n && !err; i++)
		err = allow_path(ruleset, abi, &paths->items[i]);
	if (!err && box >= 0)
		err = allow(ruleset, box, in_box);
	if (!err)
		err = (int)syscall(SYS_landlock_restrict_self, ruleset,
				   abi >= 7 ? NO_LOG : 0u);
	if (ruleset >= 0)
		close(ruleset);
	return err;
}
