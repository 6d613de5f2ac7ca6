/* SPDX-License-Identifier: MIT */
#include "doctor.h"

#include <limits.h>
#include <stdio.h>

#include "worker.h"

static const char *holds(enum jail_tier t)
{
	static const char *const what[] = {
	    [JAIL_T0] = "seccomp, Landlock and limits, under your own user",
	    [JAIL_T0R] = "seccomp, Landlock, limits and a user of its own",
	    [JAIL_T1] = "namespaces, seccomp, Landlock and limits",
	    [JAIL_T2] = "a cgroup, namespaces, seccomp, Landlock and limits"};

	return what[t];
}

static void say_program(const char *language, const char *path,
			const char *package)
{
	if (path)
		printf("%-10s %s\n", language, path);
	else
		printf("%-10s not installed: rows in this language are missing "
		       "(try the package %s)\n",
		       language, package);
}

int doctor(const struct supervisor_options *o, const struct scratch *s)
{
	char keeper[PATH_MAX];
	struct jail_config config = worker_jail(o, s, 0, keeper, sizeof keeper);
	struct jail_report report = {0};
	struct jail *jail;

	if (jail_open(&jail, &config, &report) < 0) {
		printf("%-10s none: %s\n", "tier", report.missing);
		return 1;
	}
	printf("%-10s %s: %s\n", "tier", jail_tier_name(report.tier),
	       holds(report.tier));
	printf("%-10s ABI %d\n", "landlock", report.landlock_abi);
	if (report.tier < JAIL_T2)
		printf("%-10s %s\n", "next tier", report.missing);
	say_program("python", o->python, "python3");
	say_program("c", o->cc, "gcc");
	say_program("c++", o->cxx, "g++");
	jail_close(jail);
	return 0;
}
