/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif
#define NEW_NAMESPACES                                                         \
	((uint64_t)(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |             \
		    CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |              \
		    CLONE_NEWNET | CLONE_NEWTIME))

/* Names; one that this machine does not have is passed over. */
static const char *const allowed[] = {
    /* memory */
    "brk", "mmap", "mmap2", "munmap", "mremap", "mprotect", "madvise",
    "mincore", "msync", "mlock", "munlock", "membarrier",
    /* descriptors */
    "read", "write", "readv", "writev", "pread64", "pwrite64", "preadv",
    "pwritev", "preadv2", "pwritev2", "lseek", "_llseek", "close",
    "close_range", "dup", "dup2", "dup3", "pipe", "pipe2", "poll", "ppoll",
    "select", "pselect6", "epoll_create", "epoll_create1", "epoll_ctl",
    "epoll_wait", "epoll_pwait", "eventfd", "eventfd2", "timerfd_create",
    "timerfd_settime", "timerfd_gettime", "fstat", "fstat64", "fsync",
    "fdatasync", "sendfile", "sendfile64", "copy_file_range", "fadvise64",
    "readahead", "ftruncate", "pidfd_open",
    /* files, to look */
    "stat", "lstat", "stat64", "lstat64", "newfstatat", "fstatat64", "statx",
    "access", "faccessat", "faccessat2", "readlink", "readlinkat", "getdents",
    "getdents64", "getcwd", "chdir", "fchdir", "umask", "statfs", "fstatfs",
    "statfs64", "fstatfs64",
    /* itself */
    "execve", "execveat", "exit", "exit_group", "wait4", "waitid", "getpid",
    "getppid", "gettid", "getpgrp", "getpgid", "getsid", "getuid", "geteuid",
    "getgid", "getegid", "getresuid", "getresgid", "getgroups", "getrlimit",
    "setrlimit", "getrusage", "getpriority", "times", "uname", "sysinfo",
    "capget", "arch_prctl", "set_tid_address", "set_robust_list", "rseq",
    "sched_yield", "sched_getaffinity", "sched_getparam", "sched_getscheduler",
    "sched_get_priority_max", "sched_get_priority_min", "sched_rr_get_interval",
    "getcpu", "getrandom", "seccomp", "fork", "vfork",
    /* time and signals */
    "time", "gettimeofday", "clock_gettime", "clock_getres", "clock_nanosleep",
    "nanosleep", "alarm", "getitimer", "setitimer", "timer_create",
    "timer_settime", "timer_gettime", "timer_getoverrun", "timer_delete",
    "pause", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigpending",
    "rt_sigsuspend", "rt_sigtimedwait", "sigaltstack", "sigreturn", "signalfd",
    "signalfd4", "restart_syscall", "futex", "futex_waitv", "kill", "tkill",
    "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal"};

/* The keeper's own: a program reaches none of these through its filter. */
static const char *const to_jail[] = {"sendmsg", "recvmsg"};

static const char *const writing[] = {
    "creat",     "mkdir",    "mkdirat",   "rmdir",     "unlink",    "unlinkat",
    "rename",    "renameat", "renameat2", "link",      "linkat",    "symlink",
    "symlinkat", "chmod",    "fchmod",    "fchmodat",  "fchmodat2", "truncate",
    "fallocate", "utime",    "utimes",    "futimesat", "utimensat", "flock"};

/* glibc has another way where these are missing. */
static const char *const unknown[] = {"clone3", "openat2", "epoll_pwait2",
				      "pkey_alloc", "pkey_mprotect"};

static const int fcntls[] = {F_DUPFD,      F_DUPFD_CLOEXEC, F_GETFD,
			     F_SETFD,      F_GETFL,         F_SETFL,
			     F_GETPIPE_SZ, F_GET_SEALS};
static const int locks[] = {F_GETLK,     F_SETLK,     F_SETLKW,
			    F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW};
static const int prctls[] = {PR_SET_NAME, PR_SET_PDEATHSIG, PR_SET_DUMPABLE};
static const unsigned ioctls[] = {TCGETS,  TIOCGWINSZ, FIONREAD,
				  FIONBIO, FIOCLEX,    FIONCLEX};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Each adds to the filter and returns 0 or a negative error. */

static int add_names(scmp_filter_ctx c, uint32_t action,
		     const char *const *names, size_t n)
{
	size_t i;
	int err = 0;

	for (i = 0; i < n && !err; i++) {
		int nr = seccomp_syscall_resolve_name(names[i]);

		if (nr >= 0)
			err = seccomp_rule_add(c, action, nr, 0);
	}
	return err;
}

static int add_value(scmp_filter_ctx c, int nr, unsigned arg, uint64_t value)
{
	/* The kernel looks at the low half of these arguments alone. */
	return seccomp_rule_add(
	    c, SCMP_ACT_ALLOW, nr, 1,
	    SCMP_CMP(arg, SCMP_CMP_MASKED_EQ, 0xffffffffu, value));
}

static int add_values(scmp_filter_ctx c, int nr, const int *values, size_t n)
{
	size_t i;
	int err = 0;

	for (i = 0; i < n && !err; i++)
		err = add_value(c, nr, nr == SCMP_SYS(prctl) ? 0 : 1,
				(uint64_t)(unsigned)values[i]);
	return err;
}

static int add_ioctls(scmp_filter_ctx c)
{
	size_t i;
	int err = 0;

	for (i = 0; i < COUNT(ioctls) && !err; i++)
		err = add_value(c, SCMP_SYS(ioctl), 1, ioctls[i]);
	return err;
}

/* Open for reading with O_TRUNC cuts a file, and old Landlocks let it. */
static int add_open(scmp_filter_ctx c, const char *name, unsigned flags_arg)
{
	static const unsigned ways[] = {O_RDONLY, O_WRONLY, O_RDWR,
					O_WRONLY | O_TRUNC, O_RDWR | O_TRUNC};
	int nr = seccomp_syscall_resolve_name(name), err = 0;
	size_t i;

	for (i = 0; i < COUNT(ways) && nr >= 0 && !err; i++)
		err = seccomp_rule_add(c, SCMP_ACT_ALLOW, nr, 1,
				       SCMP_CMP(flags_arg, SCMP_CMP_MASKED_EQ,
						(uint64_t)(O_ACCMODE | O_TRUNC),
						ways[i]));
	return err;
}

static int add_own(scmp_filter_ctx c)
{
	int err = add_values(c, SCMP_SYS(prctl), prctls, COUNT(prctls));

	if (!err)
		err = add_values(c, SCMP_SYS(fcntl), fcntls, COUNT(fcntls));
	if (!err)
		err = add_ioctls(c);
	if (!err)
		err = add_value(c, SCMP_SYS(prlimit64), 0, 0);
	if (!err)
		err = seccomp_rule_add(
		    c, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
		    SCMP_CMP(0, SCMP_CMP_MASKED_EQ, NEW_NAMESPACES, 0));
	if (!err)
		err = add_open(c, "open", 1);
	if (!err)
		err = add_open(c, "openat", 2);
	return err;
}

static int fill(scmp_filter_ctx c, int may_write)
{
	int err;

	(void)seccomp_attr_set(c, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	err =
	    seccomp_attr_set(c, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (!err)
		err = add_names(c, SCMP_ACT_ALLOW, allowed, COUNT(allowed));
	if (!err)
		err = add_names(c, SCMP_ACT_ALLOW, to_jail, COUNT(to_jail));
	if (!err)
		err = add_names(c, SCMP_ACT_ERRNO(ENOSYS), unknown,
				COUNT(unknown));
	if (!err)
		err = add_own(c);
	if (!err && may_write)
		err = add_names(c, SCMP_ACT_ALLOW, writing, COUNT(writing));
	if (!err && may_write)
		err = add_values(c, SCMP_SYS(fcntl), locks, COUNT(locks));
	return err;
}

/* The filter's code, by way of a file in memory. */
static int export_code(scmp_filter_ctx c, struct jail_filter *f)
{
	int fd = memfd_create("filter", MFD_CLOEXEC), err;
	struct stat st = {0};

	if (fd < 0)
		return -errno;
	err = seccomp_export_bpf(c, fd);
	if (!err && fstat(fd, &st) < 0)
		err = -errno;
	f->code = err ? NULL : malloc((size_t)st.st_size);
	if (!err && (!f->code || pread(fd, f->code, (size_t)st.st_size, 0) !=
				     (ssize_t)st.st_size))
		err = -ENOMEM;
	f->len = (unsigned short)((size_t)st.st_size / sizeof(*f->code));
	close(fd);
	return err;
}

int jail_filter_make(struct jail_filter *f, int may_write)
{
	scmp_filter_ctx c = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int err = c ? fill(c, may_write) : -ENOMEM;

	if (!err)
		err = export_code(c, f);
	if (c)
		seccomp_release(c);
	if (err)
		jail_filter_free(f);
	errno = -err;
	return err ? -1 : 0;
}

void jail_filter_free(struct jail_filter *f)
{
	free(f->code);
	*f = (struct jail_filter){0};
}

int jail_filter_load(const struct jail_filter *f)
{
	struct sock_fprog program = {.len = f->len, .filter = f->code};

	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			    SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program);
}
