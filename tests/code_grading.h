/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TESTS_CODE_GRADING_H
#define GRPO_TESTS_CODE_GRADING_H

/*
 * A grader with its jail for tests, at the best tier of this machine, and
 * programs that it grades.  Each test has its own: begin_grading and
 * end_grading are a checked fixture.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rewards/code/supervisor/grade.h"
#include "rewards/code/supervisor/value.h"
#include "tests/suite.h"

static char grading_folder[64];
static char grading_store[96], grading_shelf[96], grading_keeper[4096];
static struct jail *grading_jail;
static struct grader *grader;
static struct code_response response;
static struct code_request request; /* what a test changes */

static const char *first_there(const char *a, const char *b)
{
	if (access(a, X_OK) == 0)
		return a;
	return b && access(b, X_OK) == 0 ? b : NULL;
}

static void make_folders(void)
{
	(void)snprintf(grading_folder, sizeof(grading_folder),
		       "/tmp/grpo-grade-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(grading_folder));
	(void)snprintf(grading_store, sizeof(grading_store), "%s/store",
		       grading_folder);
	(void)snprintf(grading_shelf, sizeof(grading_shelf), "%s/shelf",
		       grading_folder);
	ck_assert_int_eq(mkdir(grading_store, 0700), 0);
	ck_assert_int_eq(mkdir(grading_shelf, 0755), 0);
	(void)snprintf(grading_keeper, sizeof(grading_keeper),
		       "%s/rewards/code-keeper.so",
		       getenv("BUILD") ? getenv("BUILD") : "build");
	if (grading_keeper[0] != '/') {
		char *full = realpath(grading_keeper, NULL);

		if (full)
			(void)snprintf(grading_keeper, sizeof(grading_keeper),
				       "%s", full);
		free(full);
	}
}

static void fresh_request(void)
{
	request = (struct code_request){
	    .limits = {.cpu_ms = 2000,
		       .wall_ms = 6000,
		       .memory_bytes = (int64_t)512 << 20,
		       .output_bytes = 1 << 20,
		       .compile_ms = 30000},
	    .stop_first = 1,
	    .explain = 1,
	};
}

/* TIER=T0 and the like try the tests at less than this machine gives. */
static enum jail_tier most_tier(void)
{
	const char *name = getenv("TIER");
	int t;

	for (t = JAIL_T0; name && t < JAIL_N_TIERS; t++)
		if (strcmp(name, jail_tier_name((enum jail_tier)t)) == 0)
			return (enum jail_tier)t;
	return JAIL_T2;
}

static void begin_grading(void)
{
	struct grader_config c = {.store = grading_store,
				  .store_bytes = 64 << 20};
	struct jail_report report;
	struct jail_config config = {.most = most_tier()};

	make_folders();
	c.python = first_there("/usr/bin/python3", "/usr/local/bin/python3");
	c.cc = first_there("/usr/bin/gcc", "/usr/bin/cc");
	c.cxx = first_there("/usr/bin/g++", "/usr/bin/c++");
	config.scratch = grading_folder;
	config.keeper = grading_keeper;
	config.python = c.python;
	config.tools[0] = c.python ? c.python : c.cc;
	config.tools[1] = c.python ? c.cc : c.cxx;
	config.tools[2] = c.python ? c.cxx : NULL;
	config.shelf = grading_shelf;
	c.shelf = grading_shelf;
	ck_assert_msg(jail_open(&grading_jail, &config, &report) == 0, "%s",
		      report.missing);
	c.jail = grading_jail;
	ck_assert_int_eq(grader_new(&grader, &c), 0);
	fresh_request();
}

static void end_grading(void)
{
	char command[128];

	code_bytes_free(&response.note);
	grader_free(grader);
	jail_close(grading_jail);
	(void)snprintf(command, sizeof(command), "rm -rf %s", grading_folder);
	ck_assert_int_eq(system(command), 0);
}

/* The verdict's word. */
static const char *grade_as(const char *language, const char *source,
			    const char *tests)
{
	code_bytes_free(&response.note);
	request.language = code_view_text(language);
	request.source = code_view_text(source);
	request.tests = code_view_text(tests);
	grade(grader, &request, &response);
	(void)code_bytes_add(&response.note, "", 1);
	return code_verdict_word(response.verdict);
}

static inline int is_passed(const char *source, const char *tests)
{
	return strcmp(grade_as("python", source, tests), "passed") == 0;
}

/* With what the grader says about it. */
#define assert_verdict(word, language, source, tests)                          \
	do {                                                                   \
		const char *got_ = grade_as(language, source, tests);          \
                                                                               \
		if (strcmp(got_, word) != 0)                                   \
			ck_abort_msg("%s, not %s, for:\n%s\n%s", got_, word,   \
				     source, response.note.ptr);               \
	} while (0)

#endif
