/* SPDX-License-Identifier: MIT */
#ifndef CODE_JAIL_FILTER_H
#define CODE_JAIL_FILTER_H

/*
 * The slots' seccomp filters: a list of what is allowed; all else gives EPERM,
 * and a call of another ABI (32 bits, x32) kills.  They are made once and
 * loaded by each slot.
 */
#include <stddef.h>

struct sock_filter;

struct jail_filter {
	struct sock_filter *code;
	unsigned short len;
};

/**
 * Reading, computing, threads, and what a keeper does; with `may_write` also to
 * make, change and remove files where mounts and Landlock let it.  0 or -1
 * (errno).
 */
int jail_filter_make(struct jail_filter *f, int may_write);
void jail_filter_free(struct jail_filter *f);
/** For the calling process, which has no new privileges; 0 or -1 (errno). */
int jail_filter_load(const struct jail_filter *f);

#endif
