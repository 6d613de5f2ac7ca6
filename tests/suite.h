/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TESTS_SUITE_H
#define GRPO_TESTS_SUITE_H

#include <check.h>
#include <stdlib.h>

/* ck_assert for loops of thousands: Check writes each of its own to a file,
 * which costs a system call; this one only where it fails. */
#define assert_quick(expr)                                                     \
	do {                                                                   \
		if (!(expr))                                                   \
			ck_abort_msg("Assertion '%s' failed", #expr);          \
	} while (0)

/* Runs a suite, each test in a process of its own unless CK_FORK=no; the exit
 * status of the program. */
static inline int run_suite(Suite *s)
{
	SRunner *runner = srunner_create(s);
	int failed;

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
