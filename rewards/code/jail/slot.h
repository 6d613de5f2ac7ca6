/* SPDX-License-Identifier: MIT */
#ifndef CODE_JAIL_SLOT_H
#define CODE_JAIL_SLOT_H

/*
 * Slots, and the nursery that starts them: a process that the jail forks when
 * it is opened, before any test was read, so that no slot holds a copy of the
 * supervisor's memory.  Slots are the jail's own children all the same.
 */
#include <limits.h>
#include <stdint.h>
#include <sys/types.h>
#include "filter.h"
#include "jail.h"
#include "keeper.h"
#include "paths.h"

#define JAIL_N_KINDS 3

struct jail_slot {
	pid_t pid;   /* 0: there is none */
	int control; /* to its keeper */
	int busy;
	int box; /* a tool's folder below T1, or -1 */
	char box_name[64];
	int group; /* T2: folder of its cgroup, or -1 */
	char group_name[64];
	int64_t memory_limit; /* T2: of the group */
};

/** What the nursery knows; it does not change after the fork. */
struct jail_plan {
	const struct jail_config *config;
	int landlock_abi;
	struct jail_filter reading, writing;
};

/** Asks the nursery for a slot. */
struct jail_request {
	enum jail_tier tier;
	enum jail_kind kind;
	uid_t uid; /* from T0r on */
};

struct jail {
	struct jail_config config;
	struct jail_plan plan;
	enum jail_tier tier;
	uid_t first_uid;
	pid_t nursery_pid;
	int nursery; /* socket */
	int null_fd;
	unsigned n_boxes, n_groups;
	char groups[PATH_MAX]; /* T2: the cgroup that those of the slots are in
				*/
	struct jail_slot slots[JAIL_N_KINDS];
	char keeper_copy[PATH_MAX]; /* "" where there is none */
	char error[256];
};

/** Sets jail_error's text and returns -1. */
int jail_fail(struct jail *j, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* reach.c */
/** Root: makes the keeper's library readable for the slots' uids; 0 or -1 with
 * an error. */
int jail_reach(struct jail *j);
void jail_unreach(struct jail *j);
/** Whether slots with uids of their own get to their boxes. */
int jail_scratch_is_open(const struct jail *j);

/* nursery.c */
/** 0 or -1 with an error. */
int jail_nursery_open(struct jail *j);
void jail_nursery_close(struct jail *j);
/** A new process; its pid, or -1 with an error.  fds are its control socket,
 * its stderr while it starts, and its box or -1. */
pid_t jail_nursery_start(struct jail *j, const struct jail_request *r,
			 const int *fds);

/* slot.c */
/** Makes a slot and waits until it is ready; 0 or -1 with an error. */
int jail_slot_open(struct jail *j, struct jail_slot *s, enum jail_tier tier,
		   enum jail_kind kind);
/** Kills it with all that is in it, and removes its box. */
void jail_slot_close(struct jail *j, struct jail_slot *s);

/* start.c */
/** The life of a slot's process, from the fork on; it does not return. */
_Noreturn void jail_start(const struct jail_plan *plan,
			  const struct jail_request *r);

/* lock.c */
/** Locks the calling process in as its tier says; NULL or what failed (errno).
 */
const char *jail_lock(const struct jail_plan *plan,
		      const struct jail_request *r);

/* userns.c */
/** T1: moves into new namespaces, and returns in their first process only; NULL
 *  or what failed (errno). */
const char *jail_unshare(void);

/* root.c */
/** T1: a root of the slot's own; NULL or what failed (errno). */
const char *jail_new_root(const struct jail_paths *paths, enum jail_kind kind);

/* native.c */
/** The keeper of executables. */
_Noreturn void jail_keep_native(void);
/** The keeper of one tool. */
_Noreturn void jail_keep_tool(void);

/* box.c */
/** A new folder in the scratch folder for a tool; 0 or -1 with an error. */
int jail_box_make(struct jail *j, struct jail_slot *s, uid_t owner);
void jail_box_remove(struct jail *j, struct jail_slot *s);

#endif
