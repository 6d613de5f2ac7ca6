/* SPDX-License-Identifier: MIT */
/*
 * Who takes only advantages and objective drags in nothing else: a program
 * of theirs links against libgrpo.a and libm alone, and of the archive's
 * objects only those that are about them are taken.
 *
 * CC, CFLAGS and LDFLAGS of the environment are those of the build, if any
 * were given.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scratch.h"
#include "tests/suite.h"

/* The folder that make builds into. */
static const char *build_folder(void)
{
	static char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
	int up;

	ck_assert_int_gt(n, 0);
	path[n] = '\0';
	for (up = 0; up < 2; up++)
		*strrchr(path, '/') = '\0';
	return path;
}

static void run(const char *command)
{
	int status = system(command);

	ck_assert_msg(status == 0, "exit status %d: %s", status, command);
}

/* Links tests/link/plain_arrays.c with nothing but the archive. */
static void link_it(void)
{
	char map[512], command[8192];

	snprintf(map, sizeof map, "%s", scratch_path("map"));
	snprintf(command, sizeof command,
		 "${CC:-cc} -std=c11 ${CFLAGS-} ${LDFLAGS-} -Iinclude "
		 "tests/link/plain_arrays.c -Wl,-Map=%s %s/lib/libgrpo.a -lm "
		 "-o %s",
		 map, build_folder(), scratch_path("program"));
	run(command);
}

static void read_map(char *text, size_t size)
{
	FILE *f = fopen(scratch_path("map"), "rb");
	size_t n;

	ck_assert(f != NULL);
	n = fread(text, 1, size - 1, f);
	fclose(f);
	ck_assert_uint_lt(n, size - 1);
	text[n] = '\0';
}

/* Of "…/libgrpo.a(objective.o)" the name; each may come many times. */
static int known(const char *member)
{
	static const char *const names[] = {"advantage",
					    "fail",
					    "kl",
					    "loss",
					    "mem",
					    "objective",
					    "objective_options",
					    "plan",
					    "plan_phases",
					    "policy_loss",
					    "sums",
					    "struct"};
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++)
		if (strncmp(member, names[i], strlen(names[i])) == 0 &&
		    strncmp(member + strlen(names[i]), ".o)", 3) == 0)
			return 1;
	return 0;
}

START_TEST(plain_arrays_link_with_libm_alone)
{
	static char text[1 << 20];
	char command[1024];
	const char *at;
	int n = 0;

	link_it();
	snprintf(command, sizeof command, "${EMULATOR-} %s",
		 scratch_path("program"));
	run(command);
	read_map(text, sizeof text);
	for (at = strstr(text, "libgrpo.a("); at;
	     at = strstr(at + 1, "libgrpo.a(")) {
		ck_assert_msg(known(at + 10), "also taken: %.40s", at + 10);
		n++;
	}
	ck_assert_int_gt(n, 5);
}
END_TEST

START_TEST(the_program_needs_no_library_but_those_of_c)
{
	char command[1024];

	link_it();
	snprintf(command, sizeof command,
		 "LC_ALL=C readelf -d %s >%s && ! grep NEEDED %s | "
		 "grep -E 'torch|c10|pcre|json|utf8proc|stdc|gomp'",
		 scratch_path("program"), scratch_path("needs"),
		 scratch_path("needs"));
	run(command);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("test_link");
	TCase *t = tcase_create("plain arrays");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, scratch_make, scratch_remove);
	tcase_add_test(t, plain_arrays_link_with_libm_alone);
	tcase_add_test(t, the_program_needs_no_library_but_those_of_c);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
