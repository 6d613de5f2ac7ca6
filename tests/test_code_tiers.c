/* SPDX-License-Identifier: MIT */
/*
 * Which tier the jail of the code reward finds where a container or an old
 * kernel takes calls away: each test denies them to itself, and a refusal names
 * what is missing.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "rewards/code/jail/landlock.h"
#include "tests/jail_rig.h"
#include "tests/suite.h"

static struct jail_rig rig;

enum { AS_ROOT, AS_NOBODY, N_USERS };

#define FLAGS_OF_NAMESPACES                                                    \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |         \
	 CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

/* ---- taking calls away --------------------------------------------------- */

static void deny(scmp_filter_ctx c, const char *name, int error)
{
	int nr = seccomp_syscall_resolve_name(name);

	/* An old library does not know the newest by name. */
	if (nr != __NR_SCMP_ERROR)
		ck_assert_int_eq(
		    seccomp_rule_add(c, SCMP_ACT_ERRNO((unsigned)error), nr, 0),
		    0);
}

static void load(scmp_filter_ctx c)
{
	ck_assert_int_eq(seccomp_load(c), 0);
	seccomp_release(c);
}

/* What Docker's default profile says to a container without capabilities. */
static void enter_docker(void)
{
	static const char *const denied[] = {
	    "unshare",        "setns",         "mount",       "umount2",
	    "pivot_root",     "mount_setattr", "move_mount",  "open_tree",
	    "fsopen",         "fsmount",       "bpf",         "perf_event_open",
	    "keyctl",         "add_key",       "request_key", "io_uring_setup",
	    "io_uring_enter", "userfaultfd",   "kcmp",        "personality"};
	scmp_filter_ctx c = seccomp_init(SCMP_ACT_ALLOW);
	unsigned flags = FLAGS_OF_NAMESPACES, bit;
	size_t i;

	for (i = 0; i < sizeof(denied) / sizeof(denied[0]); i++)
		deny(c, denied[i], EPERM);
	deny(c, "clone3", ENOSYS);
	for (bit = 1; bit; bit <<= 1)
		if (flags & bit)
			ck_assert_int_eq(
			    seccomp_rule_add(
				c, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
				SCMP_A0(SCMP_CMP_MASKED_EQ, bit, bit)),
			    0);
	load(c);
}

static void lose(const char *const *names, size_t n, int error)
{
	scmp_filter_ctx c = seccomp_init(SCMP_ACT_ALLOW);
	size_t i;

	for (i = 0; i < n; i++)
		deny(c, names[i], error);
	load(c);
}

static void lose_seccomp(void)
{
	scmp_filter_ctx c = seccomp_init(SCMP_ACT_ALLOW);

	deny(c, "seccomp", ENOSYS);
	ck_assert_int_eq(seccomp_rule_add(c, SCMP_ACT_ERRNO(EINVAL),
					  SCMP_SYS(prctl), 1,
					  SCMP_A0(SCMP_CMP_EQ, PR_SET_SECCOMP)),
			 0);
	load(c);
}

/* ---- what is found ------------------------------------------------------- */

static void be(int user)
{
	if (user == AS_NOBODY)
		rig_become_nobody();
}

static void expect_tier(enum jail_tier most, enum jail_tier tier)
{
	if (rig_try(&rig, JAIL_T0, most) < 0)
		ck_abort_msg("%s", rig.report.missing);
	ck_assert_int_eq(rig.report.tier, tier);
}

static void expect_missing(const char *text)
{
	ck_assert_msg(strstr(rig.report.missing, text),
		      "\"%s\" does not say %s", rig.report.missing, text);
}

static void expect_refusal(enum jail_tier least, const char *text)
{
	ck_assert_int_lt(rig_try(&rig, least, JAIL_T2), 0);
	expect_missing(text);
}

static void runs_python(void)
{
	struct jail_end end = rig_python(&rig, "print(6 * 7)");

	ck_assert_int_eq(end.how, JAIL_EXITED);
	ck_assert_uint_eq(end.output.len, 3);
	jail_end_free(&end);
}

static enum jail_tier base_tier(void)
{
	return geteuid() == 0 ? JAIL_T0R : JAIL_T0;
}

START_TEST(tiers_have_names)
{
	ck_assert_str_eq(jail_tier_name(JAIL_T0), "T0");
	ck_assert_str_eq(jail_tier_name(JAIL_T0R), "T0r");
	ck_assert_str_eq(jail_tier_name(JAIL_T1), "T1");
	ck_assert_str_eq(jail_tier_name(JAIL_T2), "T2");
	ck_assert_str_eq(jail_tier_name(JAIL_N_TIERS), "unknown");
}
END_TEST

START_TEST(no_better_tier_than_the_most)
{
	be(_i);
	expect_tier(JAIL_T0, JAIL_T0);
	runs_python();
	rig_close(&rig);
	expect_tier(JAIL_T0R, base_tier());
	runs_python();
	rig_close(&rig);
}
END_TEST

START_TEST(a_container_without_namespaces_gets_the_base)
{
	be(_i);
	enter_docker();
	expect_tier(JAIL_T2, base_tier());
	expect_missing("T1: unshare");
	runs_python();
	rig_close(&rig);
	expect_refusal(JAIL_T1, "T1: unshare");
}
END_TEST

START_TEST(a_machine_without_mounts_gets_the_base)
{
	static const char *const names[] = {"mount"};

	be(_i);
	lose(names, 1, EPERM);
	expect_tier(JAIL_T2, base_tier());
	expect_missing("T1: ");
	runs_python();
	rig_close(&rig);
	expect_refusal(JAIL_T1, "T1: ");
}
END_TEST

START_TEST(without_landlock_it_refuses)
{
	static const char *const names[] = {"landlock_create_ruleset",
					    "landlock_add_rule",
					    "landlock_restrict_self"};

	be(_i);
	lose(names, 3, ENOSYS);
	expect_refusal(JAIL_T0, "Landlock");
}
END_TEST

START_TEST(without_seccomp_it_refuses)
{
	be(_i);
	lose_seccomp();
	expect_refusal(JAIL_T0, "seccomp");
}
END_TEST

START_TEST(root_that_may_not_change_its_uid_gets_t0)
{
	static const char *const names[] = {"setresuid", "setuid", "setreuid"};

	if (geteuid() != 0)
		return;
	lose(names, 3, EPERM);
	expect_tier(JAIL_T2, JAIL_T0);
	expect_missing("T0r: setresuid");
	runs_python();
	rig_close(&rig);
	expect_refusal(JAIL_T0R, "T0r: setresuid");
}
END_TEST

START_TEST(a_user_has_no_t0r)
{
	be(AS_NOBODY);
	enter_docker();
	expect_refusal(JAIL_T0R, "T0r needs root");
}
END_TEST

/* Slots with uids of their own would not get to their boxes. */
START_TEST(a_closed_scratch_folder_is_a_reason_against_t0r)
{
	char closed[] = "/tmp/jail-closed-XXXXXX";
	struct jail_config config;

	if (geteuid() != 0)
		return;
	ck_assert_ptr_nonnull(mkdtemp(closed));
	ck_assert_int_eq(rig_try(&rig, JAIL_T0, JAIL_T0R), 0);
	jail_close(rig.jail);
	ck_assert_int_eq(rig.report.tier, JAIL_T0R);
	config = rig.config;
	ck_assert_int_eq(rmdir(rig.scratch), 0);
	(void)snprintf(rig.scratch, sizeof(rig.scratch), "%s/in", closed);
	ck_assert_int_eq(mkdir(rig.scratch, 0700), 0);
	ck_assert_int_eq(jail_open(&rig.jail, &config, &rig.report), 0);
	ck_assert_int_eq(rig.report.tier, JAIL_T0);
	ck_assert_ptr_nonnull(strstr(rig.report.missing, "set TMPDIR"));
	rig_close(&rig);
	ck_assert_int_eq(rmdir(closed), 0);
}
END_TEST

/* Whether a file can be opened in a process that is locked in by an old ABI. */
static int opens(int abi, const char *path, int flags)
{
	static struct jail_paths paths;
	pid_t pid = fork();
	int status;

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		jail_paths_of(&paths, &(struct jail_config){0}, JAIL_NATIVE);
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		    jail_landlock(abi, &paths, -1) < 0)
			_exit(2);
		_exit(open(path, flags | O_CLOEXEC, 0600) >= 0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

START_TEST(every_abi_of_landlock_keeps_files_closed)
{
	int newest = jail_landlock_abi(), abi;

	be(AS_NOBODY);
	ck_assert_int_ge(newest, 1);
	for (abi = 1; abi <= newest; abi++) {
		ck_assert_int_eq(opens(abi, "/etc/passwd", O_RDONLY), 0);
		ck_assert_int_eq(opens(abi, "/tmp/new", O_WRONLY | O_CREAT), 0);
		ck_assert_int_eq(opens(abi, "/dev/null", O_RDWR), 1);
		ck_assert_int_eq(opens(abi, "/usr/lib", O_RDONLY), 1);
		ck_assert_int_eq(opens(abi, "/", O_RDONLY), 0);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("code_tiers");
	TCase *t = tcase_create("tiers");

	tcase_add_test(t, tiers_have_names);
	suite_add_tcase(s, t);
	if (!rig_is_complete())
		return run_suite(s);
	tcase_add_loop_test(t, no_better_tier_than_the_most, 0, N_USERS);
	tcase_add_loop_test(t, a_container_without_namespaces_gets_the_base, 0,
			    N_USERS);
	tcase_add_loop_test(t, a_machine_without_mounts_gets_the_base, 0,
			    N_USERS);
	tcase_add_loop_test(t, without_landlock_it_refuses, 0, N_USERS);
	tcase_add_loop_test(t, without_seccomp_it_refuses, 0, N_USERS);
	tcase_add_test(t, root_that_may_not_change_its_uid_gets_t0);
	tcase_add_test(t, a_closed_scratch_folder_is_a_reason_against_t0r);
	tcase_add_test(t, a_user_has_no_t0r);
	tcase_add_test(t, every_abi_of_landlock_keeps_files_closed);
	return run_suite(s);
}
