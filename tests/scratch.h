/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SCRATCH_H
#define TESTS_SCRATCH_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "core/file.h"

/*
 * A folder of its own for each test, gone afterwards:
 *	tcase_add_checked_fixture(tc, scratch_make, scratch_remove);
 */
static char scratch_folder[256];

static inline void scratch_make_in(const char *otherwise)
{
	const char *base = getenv("TMPDIR");

	snprintf(scratch_folder, sizeof scratch_folder, "%s/grpo-XXXXXX",
		 base ? base : otherwise);
	ck_assert_ptr_nonnull(mkdtemp(scratch_folder));
}

static inline void scratch_make(void)
{
	scratch_make_in("/tmp");
}

/* In memory where that can be, for small files made by the thousand: a disk
 * that others use takes many times as long. */
static inline void scratch_make_in_memory(void)
{
	scratch_make_in(access("/dev/shm", W_OK | X_OK) ? "/tmp" : "/dev/shm");
}

static inline void scratch_remove(void)
{
	grpo__remove_folder(scratch_folder);
}

/* Path of `name` in the folder; the last eight stay valid. */
static inline const char *scratch_path(const char *name)
{
	static char paths[8][512];
	static int next;
	char *p = paths[next++ % 8];

	snprintf(p, sizeof paths[0], "%s/%s", scratch_folder, name);
	return p;
}

static inline const char *scratch_write(const char *name, const void *data,
					size_t len)
{
	const char *path = scratch_path(name);
	FILE *f = fopen(path, "wb");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(data, 1, len, f), len);
	ck_assert_int_eq(fclose(f), 0);
	return path;
}

static inline const char *scratch_text(const char *name, const char *text)
{
	return scratch_write(name, text, strlen(text));
}

/* The error line begins with the scratch folder; what follows it is `text`. */
#define assert_message_in_scratch(text)                                        \
	do {                                                                   \
		char want[1024];                                               \
		snprintf(want, sizeof want, "%s/%s", scratch_folder, text);    \
		ck_assert_str_eq(grpo_error_message(), want);                  \
	} while (0)

#endif
