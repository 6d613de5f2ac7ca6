/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "slot.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>
#include "group.h"
#include "landlock.h"

/* Uids of nobody: those that systemd keeps for services of the moment. */
#define FIRST_UID 61184u
#define N_UIDS 4300u

const char *jail_tier_name(enum jail_tier t)
{
	static const char *const names[] = {"T0", "T0r", "T1", "T2"};

	return t < JAIL_N_TIERS ? names[t] : "unknown";
}

int jail_fail(struct jail *j, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(j->error, sizeof(j->error), format, args);
	va_end(args);
	return -1;
}

const char *jail_error(const struct jail *j)
{
	return j->error;
}

static int make_filters(struct jail *j)
{
	struct jail_plan *p = &j->plan;

	if (jail_filter_make(&p->reading, 0) < 0 ||
	    jail_filter_make(&p->writing, 1) < 0)
		return jail_fail(j, "libseccomp: %s", strerror(errno));
	return 0;
}

/* Puts the tier's name before the error. */
static int refuse(struct jail *j, enum jail_tier tier)
{
	char why[sizeof(j->error)];

	memcpy(why, j->error, sizeof(why));
	return jail_fail(j, "%s: %.200s", jail_tier_name(tier), why);
}

/* Tries a tier in a slot that is thrown away; 0 or -1 with an error. */
static int try_tier(struct jail *j, enum jail_tier tier)
{
	struct jail_slot s;

	if (tier == JAIL_T0R && geteuid() != 0)
		return jail_fail(j, "T0r needs root");
	if (tier == JAIL_T0R && !jail_scratch_is_open(j))
		return jail_fail(j,
				 "T0r: other users may not pass through the "
				 "folders above %s (set TMPDIR)",
				 j->config.scratch);
	if (tier >= JAIL_T2 && jail_groups_find(j) < 0)
		return refuse(j, tier);
	if (jail_slot_open(j, &s, tier, JAIL_NATIVE) == 0) {
		jail_slot_close(j, &s);
		return 0;
	}
	return refuse(j, tier);
}

/* Users need namespaces for more than T0: T0r is said only where it is asked
 * for. */
static void say_missing(const struct jail *j, enum jail_tier tier,
			struct jail_report *report)
{
	char *text = report->missing;
	size_t size = sizeof(report->missing), len = strlen(text);

	if (tier == JAIL_T0R && geteuid() != 0 && len) {
		if (j->config.least == JAIL_T0R)
			(void)snprintf(text + len, size - len, "; %s",
				       j->error);
		return;
	}
	(void)snprintf(text, size, "%s", j->error);
}

/* The most that this machine gives, and what the next tier lacks. */
static int find_tier(struct jail *j, struct jail_report *report)
{
	int tier;

	for (tier = (int)j->config.most; tier >= (int)j->config.least; tier--) {
		if (try_tier(j, (enum jail_tier)tier) == 0) {
			j->tier = report->tier = (enum jail_tier)tier;
			return 0;
		}
		say_missing(j, (enum jail_tier)tier, report);
	}
	return -1;
}

static int prepare(struct jail *j, struct jail_report *report)
{
	j->plan.config = &j->config;
	j->plan.landlock_abi = report->landlock_abi = jail_landlock_abi();
	j->first_uid = FIRST_UID + (uid_t)getpid() * JAIL_N_KINDS % N_UIDS;
	j->null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (j->null_fd < 0)
		return jail_fail(j, "/dev/null: %s", strerror(errno));
	if (j->plan.landlock_abi < 1)
		return jail_fail(j, "Landlock: this kernel has none");
	/* Orphans of a tool come here; a pipe's end is no reason to die. */
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	(void)signal(SIGPIPE, SIG_IGN);
	if (make_filters(j) < 0 || jail_reach(j) < 0)
		return -1;
	return jail_nursery_open(j);
}

int jail_open(struct jail **j, const struct jail_config *c,
	      struct jail_report *report)
{
	struct jail *new = calloc(1, sizeof(*new));
	int kind;

	*report = (struct jail_report){.tier = JAIL_T0};
	if (!new)
		return -1;
	new->config = *c;
	new->null_fd = new->nursery = -1;
	for (kind = 0; kind < JAIL_N_KINDS; kind++)
		new->slots[kind] =
		    (struct jail_slot){.control = -1, .box = -1, .group = -1};
	if (prepare(new, report) < 0) {
		(void)snprintf(report->missing, sizeof(report->missing), "%s",
			       new->error);
	} else if (find_tier(new, report) == 0) {
		*j = new;
		return 0;
	}
	jail_close(new);
	return -1;
}

void jail_close(struct jail *j)
{
	int kind;

	if (!j)
		return;
	for (kind = 0; kind < JAIL_N_KINDS; kind++)
		jail_slot_close(j, &j->slots[kind]);
	jail_nursery_close(j);
	jail_unreach(j);
	jail_filter_free(&j->plan.reading);
	jail_filter_free(&j->plan.writing);
	if (j->null_fd >= 0)
		close(j->null_fd);
	free(j);
}
