/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
/*
 * The second filter, of each program.  The slot's filter must let the keeper
 * fork; this one takes that away, and names the program's own pid, which is
 * known only now.  It is short, because the kernel goes through a filter for
 * every system call's number when it is attached.
 */
#include "keeper.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <fcntl.h>
#include <unistd.h>

#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define DENY(error)                                                            \
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)(error))
#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)(field))
/* Skips the next n instructions unless the loaded word is k. */
#define UNLESS(k, n) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)(k), 0, n)

enum { MAX_CODE = 96 };

struct code {
	struct sock_filter at[MAX_CODE];
	unsigned short n;
};

/* The low half of an argument: pids and descriptors are ints for the kernel. */
static unsigned low(int arg)
{
	size_t at = offsetof(struct seccomp_data, args) + 8u * (unsigned)arg;

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	at += 4;
#endif
	return (unsigned)at;
}

static void add(struct code *c, struct sock_filter i)
{
	if (c->n < MAX_CODE)
		c->at[c->n++] = i;
}

static void deny(struct code *c, long nr, int error)
{
	add(c, (struct sock_filter)UNLESS(nr, 1));
	add(c, (struct sock_filter)DENY(error));
}

/* Allows a call only where an argument is the given int. */
static void only(struct code *c, long nr, int arg, int value)
{
	add(c, (struct sock_filter)UNLESS(nr, 4));
	add(c, (struct sock_filter)LOAD(low(arg)));
	add(c, (struct sock_filter)UNLESS(value, 1));
	add(c, (struct sock_filter)ALLOW);
	add(c, (struct sock_filter)DENY(EPERM));
}

/* A thread is a task that shares all; anything else is a process. */
static void no_fork(struct code *c)
{
	add(c, (struct sock_filter)UNLESS(SYS_clone, 4));
	add(c, (struct sock_filter)LOAD(low(0)));
	add(c, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K,
					    CLONE_THREAD, 0, 1));
	add(c, (struct sock_filter)ALLOW);
	add(c, (struct sock_filter)DENY(EAGAIN));
#ifdef SYS_fork
	deny(c, SYS_fork, EAGAIN);
	deny(c, SYS_vfork, EAGAIN);
#endif
}

/* Signals reach the program itself. */
static void no_foreign_signal(struct code *c, int self)
{
	only(c, SYS_kill, 0, self);
	only(c, SYS_tgkill, 0, self);
	only(c, SYS_tkill, 0, self);
	only(c, SYS_rt_sigqueueinfo, 0, self);
	only(c, SYS_rt_tgsigqueueinfo, 0, self);
	deny(c, SYS_pidfd_send_signal, EPERM);
}

/* Skips the rest of a rule, `skip` instructions, unless half a word is k. */
static void match(struct code *c, unsigned at, unsigned k, unsigned char skip)
{
	add(c, (struct sock_filter)LOAD(at));
	add(c, (struct sock_filter)UNLESS(k, skip));
}

/* The execveat that starts the payload, by an argv in a place that the program
 * can't guess. */
static void only_payload(struct code *c, uint64_t argv)
{
	add(c, (struct sock_filter)UNLESS(SYS_execveat, 10));
	match(c, low(4), AT_EMPTY_PATH, 7);
	match(c, low(0), KEEPER_PAYLOAD, 5);
	match(c, low(2), (unsigned)argv, 3);
	match(c, low(2) ^ 4u, (unsigned)(argv >> 32), 1);
	add(c, (struct sock_filter)ALLOW);
	add(c, (struct sock_filter)DENY(EPERM));
}

static void no_exec(struct code *c, const struct keeper_job *job)
{
	deny(c, SYS_execve, EPERM);
	if (job->may_exec == KEEPER_EXEC_PAYLOAD && job->exec_argv)
		only_payload(c, job->exec_argv);
	else
		deny(c, SYS_execveat, EPERM);
}

int keeper_filter(const struct keeper_job *job)
{
	struct code c = {.n = 0};
	struct sock_fprog program = {.filter = c.at};

	add(&c, (struct sock_filter)LOAD(offsetof(struct seccomp_data, nr)));
	if (!job->may_fork)
		no_fork(&c);
	if (!job->may_signal)
		no_foreign_signal(&c, (int)syscall(SYS_getpid));
	if (job->may_exec != KEEPER_EXEC_ANY)
		no_exec(&c, job);
	only(&c, SYS_prctl, 0, PR_SET_NAME);
	deny(&c, SYS_seccomp, EPERM);
	add(&c, (struct sock_filter)ALLOW);
	program.len = c.n;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			    SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program);
}
