/* SPDX-License-Identifier: MIT */
/*
 * Gives a target every file of tests/fuzz/corpus/TARGET, or of the folders
 * that are named on the command line, without libFuzzer.  A program is one
 * target and is called fuzz_TARGET.
 */
#define _POSIX_C_SOURCE 200809L

#include <check.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "grpo/error.h"
#include "tests/fuzz/fuzz.h"
#include "tests/suite.h"

static char corpus[256]; /* of this target */
static char *const *folders;
static int n_folders;

/* The name goes out first: where a file breaks the target, it is the last. */
static void replay_file(const char *path)
{
	size_t len;
	char *data;

	printf("%s\n", path);
	fflush(stdout);
	ck_assert_msg(grpo__file_read(&data, &len, path, 1 << 24) == 0, "%s",
		      grpo_error_message());
	/* libFuzzer's bytes have no NUL after them. */
	data = realloc(data, len ? len : 1);
	ck_assert_ptr_nonnull(data);
	ck_assert_int_eq(LLVMFuzzerTestOneInput((const uint8_t *)data, len), 0);
	free(data);
}

static int replay_folder(const char *folder)
{
	char pattern[512];
	glob_t g;
	int n;

	snprintf(pattern, sizeof pattern, "%s/*", folder);
	ck_assert_msg(glob(pattern, 0, NULL, &g) == 0,
		      "%s: no files; run from the repository's root", folder);
	n = (int)g.gl_pathc;
	for (int i = 0; i < n; i++)
		replay_file(g.gl_pathv[i]);
	globfree(&g);
	return n;
}

START_TEST(the_target_holds_for_every_file_of_its_corpus)
{
	int n = 0;

	for (int i = 0; i < n_folders; i++)
		n += replay_folder(folders[i]);
	ck_assert_int_gt(n, 0);
	printf("%d files\n", n);
}
END_TEST

START_TEST(the_target_holds_for_no_bytes_and_for_one)
{
	for (int c = 0; c < 256; c++) {
		uint8_t byte = (uint8_t)c;

		ck_assert_int_eq(LLVMFuzzerTestOneInput(&byte, c > 0), 0);
	}
}
END_TEST

static void find_folders(int argc, char **argv)
{
	static char *own = corpus;
	const char *name = strstr(argv[0], "fuzz_");

	for (const char *p = name; p; p = strstr(p + 1, "fuzz_"))
		name = p;
	snprintf(corpus, sizeof corpus, "tests/fuzz/corpus/%s",
		 name ? name + strlen("fuzz_") : "");
	folders = argc > 1 ? argv + 1 : &own;
	n_folders = argc > 1 ? argc - 1 : 1;
}

static Suite *suite(void)
{
	Suite *s = suite_create("fuzz");
	TCase *tc = tcase_create("corpus");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, the_target_holds_for_every_file_of_its_corpus);
	tcase_add_test(tc, the_target_holds_for_no_bytes_and_for_one);
	suite_add_tcase(s, tc);
	return s;
}

int main(int argc, char **argv)
{
	find_folders(argc, argv);
	return run_suite(suite());
}
