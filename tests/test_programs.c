/* SPDX-License-Identifier: MIT */
/* What holds for every program: --help, wrong arguments, its own name. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/program.h"
#include "tests/suite.h"

/* Those that are built: without libtorch some are not. */
static const char *const names[] = {
    "score",         "check_reward", "generate",         "r1_zero",
    "own_policy",    "link_trainer", "link_trainer_cpp", "make_dataset",
    "check_dataset", "own_loss"};
#define N_NAMES ((int)(sizeof names / sizeof *names))

/* Its path, or NULL where it is not built. */
static char *path_of(char path[PROGRAM_PATH], const char *name)
{
	char beside[64];

	snprintf(beside, sizeof beside, "../bin/%s", name);
	program_beside(path, beside);
	return access(path, X_OK) == 0 ? path : NULL;
}

static int run(char *program, char *argument)
{
	char *arguments[] = {program, argument, NULL};

	return program_finish(program_start(arguments, NULL));
}

static void expect_empty(const char *name, const char *program)
{
	char *got = program_wrote(name);

	ck_assert_msg(!*got, "%s: \"%s\"", program, got);
	free(got);
}

START_TEST(help_is_a_usage_on_standard_output)
{
	char path[PROGRAM_PATH], usage[64];

	if (!path_of(path, names[_i]))
		return;
	program_expect_status(run(path, "--help"), 0);
	snprintf(usage, sizeof usage, "%s", names[_i]);
	program_expect("out", "usage: ");
	program_expect("out", usage);
	expect_empty("err", names[_i]);
}
END_TEST

START_TEST(an_unknown_option_is_refused_on_standard_error)
{
	char path[PROGRAM_PATH], *err;
	int status;

	if (!path_of(path, names[_i]))
		return;
	status = run(path, "--no-such-thing");
	err = program_wrote("err");
	ck_assert_msg(status == 1 || status == 2, "%s: status %d", names[_i],
		      status);
	ck_assert_msg(strstr(err, "--no-such-thing") || strstr(err, "usage"),
		      "%s: \"%s\"", names[_i], err);
	expect_empty("out", names[_i]);
	free(err);
}
END_TEST

/* The others work without arguments. */
START_TEST(missing_arguments_are_reported)
{
	static const char *const needy[] = {"score", "check_reward", "generate",
					    "make_dataset", "check_dataset"};
	char path[PROGRAM_PATH];

	if (!path_of(path, needy[_i]))
		return;
	program_expect_status(run(path, NULL), 2);
	expect_empty("out", needy[_i]);
	program_expect("err", "--help");
}
END_TEST

/* make install puts score into grpo-score. */
START_TEST(an_installed_program_has_the_name_it_was_called_by)
{
	static const char *const installed[] = {"score", "check_reward",
						"generate"};
	char path[PROGRAM_PATH], usage[64], prefix[64], link[64];
	const char *name;

	if (!path_of(path, installed[_i]))
		return;
	snprintf(link, sizeof link, "grpo-%s", installed[_i]);
	name = scratch_path(link);
	ck_assert_int_eq(symlink(path, name), 0);
	program_expect_status(run((char *)name, "--help"), 0);
	snprintf(usage, sizeof usage, "usage: grpo-%s ", installed[_i]);
	program_expect("out", usage);
	program_expect_status(run((char *)name, "--no-such-thing"), 2);
	snprintf(prefix, sizeof prefix,
		 "grpo-%s: unknown option --no-such-thing (see --help)\n",
		 installed[_i]);
	program_expect("err", prefix);
}
END_TEST

/* -------------------------------------------------------------- in Python */

static int run_python(char *script, char *argument)
{
	char *arguments[] = {"python3", script, argument, NULL};

	return program_finish(program_start(arguments, NULL));
}

START_TEST(compare_trl_says_that_it_needs_a_model)
{
	program_expect_status(
	    run_python("tests/bench/compare_trl.py",
		       "examples/r1_zero/recipes/default.json"),
	    1);
	program_expect("err", "compare_trl.py: examples/r1_zero/recipes/"
			      "default.json: \"model\" is null: ");
	program_expect("err", "--set model=FOLDER");
	program_expect_status(
	    run_python("tests/bench/compare_trl.py", "/nowhere.json"), 1);
	program_expect("err", "/nowhere.json: No such file or directory\n");
}
END_TEST

/* Also where a package that they need is missing. */
START_TEST(python_programs_have_help)
{
	static const char *const scripts[] = {
	    "datasets/convert.py", "datasets/make_tokenizer.py",
	    "examples/r1_zero/make_smollm2.py",
	    "examples/link_trainer/ctypes_grpo.py",
	    "tests/bench/compare_trl.py"};
	char *err;

	program_expect_status(run_python((char *)scripts[_i], "--help"), 0);
	program_expect("out", _i == 3 ? "ctypes_grpo.py [" : "usage: ");
	err = program_wrote("err");
	ck_assert_str_eq(err, "");
	free(err);
}
END_TEST

static void copy_away(const char *from)
{
	char *text;
	size_t len;

	ck_assert_int_eq(grpo__file_read(&text, &len, from, 1 << 20), 0);
	scratch_write("my_trainer.py", text, len);
	free(text);
}

/* With the library and headers of this tree as a prefix. */
START_TEST(ctypes_grpo_works_from_elsewhere)
{
	char library[PROGRAM_PATH], here[4096], copy[512];

	copy_away("examples/link_trainer/ctypes_grpo.py");
	snprintf(copy, sizeof copy, "%s", scratch_path("my_trainer.py"));
	setenv("PKG_CONFIG_PATH", "/nowhere", 1);
	setenv("PKG_CONFIG_LIBDIR", "/nowhere", 1);
	unsetenv("GRPO_PREFIX");
	program_expect_status(run_python(copy, NULL), 1);
	program_expect("err", "libgrpo.so and its headers were not found");
	program_expect("err", "GRPO_PREFIX=/usr/local");
	if (getenv("EMULATOR")) {
		puts("skipped: python3 is not emulated");
		return;
	}
#if !defined(__SANITIZE_ADDRESS__) /* which must be loaded before Python */
	ck_assert_ptr_nonnull(getcwd(here, sizeof here));
	program_beside(library, "../lib");
	ck_assert_int_eq(symlink(library, scratch_path("lib")), 0);
	strcat(here, "/include");
	ck_assert_int_eq(symlink(here, scratch_path("include")), 0);
	setenv("GRPO_PREFIX", scratch_folder, 1);
	program_expect_status(run_python(copy, NULL), 0);
	program_expect("out", "advantage 0.707006795\n");
#else
	(void)library;
	(void)here;
#endif
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("programs");
	TCase *tc = tcase_create("programs");

	tcase_add_checked_fixture(tc, scratch_make, scratch_remove);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, help_is_a_usage_on_standard_output, 0, N_NAMES);
	tcase_add_loop_test(tc, an_unknown_option_is_refused_on_standard_error,
			    0, N_NAMES);
	tcase_add_loop_test(tc, missing_arguments_are_reported, 0, 5);
	tcase_add_loop_test(
	    tc, an_installed_program_has_the_name_it_was_called_by, 0, 3);
	tcase_add_test(tc, compare_trl_says_that_it_needs_a_model);
	tcase_add_loop_test(tc, python_programs_have_help, 0, 5);
	tcase_add_test(tc, ctypes_grpo_works_from_elsewhere);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
