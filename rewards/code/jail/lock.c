/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "slot.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "landlock.h"

/* Limits that are the same for every program.  A core of 1 byte is none, and 1
 * also keeps the kernel from piping one to a handler, which 0 does not. */
static const struct {
	int resource;
	rlim_t value;
} slot_limits[] = {
    {RLIMIT_CORE, 1},    {RLIMIT_MEMLOCK, 0}, {RLIMIT_MSGQUEUE, 0},
    {RLIMIT_NICE, 0},    {RLIMIT_RTPRIO, 0},  {RLIMIT_SIGPENDING, 64},
    {RLIMIT_NOFILE, 64},
};

static int set_limits(enum jail_kind kind)
{
	size_t i;

	for (i = 0; i < sizeof(slot_limits) / sizeof(slot_limits[0]); i++) {
		struct rlimit l = {slot_limits[i].value, slot_limits[i].value};

		/* A linker opens many files. */
		if (kind == JAIL_TOOL &&
		    slot_limits[i].resource == RLIMIT_NOFILE)
			l.rlim_cur = l.rlim_max = 512;
		if (syscall(SYS_prlimit64, 0, slot_limits[i].resource, &l,
			    NULL) < 0)
			return -1;
	}
	return 0;
}

static const char *drop_uid(uid_t uid)
{
	if (setgroups(0, NULL) < 0)
		return "setgroups";
	if (setresgid(uid, uid, uid) < 0)
		return "setresgid";
	if (setresuid(uid, uid, uid) < 0)
		return "setresuid";
	return NULL;
}

/* All sets, so that neither root nor a namespace's owner is more than others.
 */
static int drop_capabilities(void)
{
	struct __user_cap_header_struct head = {
	    .version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[2] = {{0}};
	int cap;

	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	for (cap = 0; cap < 64; cap++)
		(void)prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	return (int)syscall(SYS_capset, &head, none);
}

/* The folder that programs start in. */
static const char *go_home(const struct jail_request *r)
{
	if (r->tier >= JAIL_T1)
		return NULL;
	if (r->kind != JAIL_TOOL)
		return chdir("/") < 0 ? "chdir" : NULL;
	return fchdir(KEEPER_BOX) < 0 ? "fchdir" : NULL;
}

static const char *restrict_files(const struct jail_plan *plan,
				  const struct jail_paths *paths,
				  const struct jail_request *r)
{
	int box = -1, err;

	if (r->kind == JAIL_TOOL || r->tier >= JAIL_T1)
		box = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	err = jail_landlock(plan->landlock_abi, paths, box);
	if (box >= 0)
		close(box);
	close(KEEPER_BOX);
	return err < 0 ? "Landlock" : NULL;
}

static const char *restrict_calls(const struct jail_plan *plan,
				  const struct jail_request *r)
{
	const struct jail_filter *f = r->kind == JAIL_TOOL || r->tier >= JAIL_T1
					  ? &plan->writing
					  : &plan->reading;

	return jail_filter_load(f) < 0 ? "seccomp" : NULL;
}

/* From T1 on the namespaces come first: all that follows happens in them. */
static const char *enter_tier(const struct jail_paths *paths,
			      const struct jail_request *r)
{
	const char *failed = NULL;

	if (r->tier >= JAIL_T0R && geteuid() == 0)
		failed = drop_uid(r->uid);
	if (!failed && r->tier >= JAIL_T1)
		failed = jail_unshare();
	if (!failed && r->tier >= JAIL_T1)
		failed = jail_new_root(paths, r->kind);
	return failed;
}

const char *jail_lock(const struct jail_plan *plan,
		      const struct jail_request *r)
{
	static struct jail_paths paths;
	const char *failed;

	/* Before the root changes: links may lead elsewhere then. */
	jail_paths_of(&paths, plan->config, r->kind);
	failed = enter_tier(&paths, r);
	if (failed)
		return failed;
	if (setsid() < 0)
		return "setsid";
	/* Changing the uid takes these two away. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 ||
	    prctl(PR_SET_DUMPABLE, 0) < 0)
		return "prctl";
	if (set_limits(r->kind) < 0)
		return "setrlimit";
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return "no_new_privs";
	failed = go_home(r);
	if (!failed)
		failed = restrict_files(plan, &paths, r);
	if (!failed && drop_capabilities() < 0)
		failed = "capset";
	return failed ? failed : restrict_calls(plan, r);
}
