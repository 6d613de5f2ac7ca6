/* SPDX-License-Identifier: MIT */
#ifndef CODE_JAIL_GROUP_H
#define CODE_JAIL_GROUP_H

/*
 * T2: a cgroup v2 for each slot, which bounds the memory and the tasks of all
 * its processes together and counts their processor time.
 */
#include "slot.h"

/** Finds a cgroup below which the jail may make groups with the controllers
 * that it needs; 0 or -1 with an error. */
int jail_groups_find(struct jail *j);

/** A group for a slot that is ready, with the slot's keeper in it; 0 or -1 with
 * an error. */
int jail_group_make(struct jail *j, struct jail_slot *s);
/** Ends what is in it and removes it.  A slot without one is fine. */
void jail_group_remove(struct jail *j, struct jail_slot *s);

/** Memory of all processes together; 0 or -1 (errno). */
int jail_group_limit(const struct jail_slot *s, int64_t bytes);
/** Processor time of all processes since it was made, in microseconds. */
int64_t jail_group_cpu_us(const struct jail_slot *s);
/** How often the kernel ended a process for its memory. */
int64_t jail_group_kills(const struct jail_slot *s);

#endif
