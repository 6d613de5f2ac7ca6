/* SPDX-License-Identifier: MIT */
#ifndef TESTS_REWARD_RIG_H
#define TESTS_REWARD_RIG_H

#include <check.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "grpo/error.h"
#include "grpo/log.h"
#include "grpo/reward_set.h"
#include "tests/suite.h"

/*
 * Reward sets of the plug-ins of tests/plugins, which are built beside the
 * test programs.
 */
#define PATH_BYTES 4096

static inline const char *program_folder(void)
{
	static _Thread_local char dir[PATH_BYTES];
	ssize_t n = readlink("/proc/self/exe", dir, sizeof dir - 1);

	ck_assert_int_gt(n, 0);
	dir[n] = '\0';
	*strrchr(dir, '/') = '\0';
	return dir;
}

static inline const char *plugin_path(const char *name)
{
	static _Thread_local char path[PATH_BYTES + 128];

	snprintf(path, sizeof path, "%s/plugins/%s.so", program_folder(), name);
	return path;
}

static inline void expect_message(const char *part)
{
	if (!strstr(grpo_error_message(), part))
		ck_abort_msg("\"%s\" is not in \"%s\"", part,
			     grpo_error_message());
}

static inline void ok(int rc)
{
	if (rc != 0)
		ck_abort_msg("%d: %s", rc, grpo_error_message());
}

static inline grpo_reward_set *new_set(int threads, const char *const *plugins)
{
	grpo_reward_set *set;

	ok(grpo_reward_set_create(&set, threads));
	for (; *plugins; plugins++)
		ok(grpo_reward_set_add(set, plugin_path(*plugins), 1, NULL));
	return set;
}

#define SET(threads, ...)                                                      \
	new_set(threads, (const char *const[]){__VA_ARGS__, NULL})

static inline grpo_str str(const char *s)
{
	return (grpo_str){s, strlen(s)};
}

static inline grpo_reward_row row_of(const char *completion)
{
	grpo_reward_row r = {.struct_size = sizeof r};

	r.prompt = str("question");
	r.completion = str(completion);
	r.group_size = 1;
	return r;
}

static inline int submit(grpo_reward_set *set, int64_t i,
			 const char *completion)
{
	grpo_reward_row r = row_of(completion);

	r.group = (uint32_t)i;
	return grpo_reward_set_submit(set, i, &r);
}

/* A whole batch of completions, with a result that must come. */
static inline void score_all(grpo_reward_set *set,
			     const char *const *completions, int64_t n,
			     double *rewards, uint8_t *status)
{
	ok(grpo_reward_set_begin(set, n));
	for (int64_t i = 0; i < n; i++)
		ok(submit(set, i, completions[i]));
	ok(grpo_reward_set_wait(set, rewards, status));
}

/* Calls a function of tests/plugins/hangs.c. */
static inline int ask_hangs(const char *plugin, const char *function)
{
	void *object = dlopen(plugin_path(plugin), RTLD_NOW), *symbol;
	int (*fn)(void);

	ck_assert_ptr_nonnull(object);
	symbol = dlsym(object, function);
	ck_assert_ptr_nonnull(symbol);
	memcpy(&fn, &symbol, sizeof fn);
	return fn();
}

/* The lines of the log at `level`; in a test of one thread. */
struct log_lines {
	int level, n;
	char last[512];
};

static inline void keep_line(void *ctx, int level, const char *text)
{
	struct log_lines *lines = ctx;

	if (level != lines->level)
		return;
	lines->n++;
	snprintf(lines->last, sizeof lines->last, "%s", text);
}

static inline void keep_log(struct log_lines *lines, int level)
{
	memset(lines, 0, sizeof *lines);
	lines->level = level;
	grpo_log_set(keep_line, lines, level);
}

/* Runs one test case; the exit status of the program. */
static inline int run_case(const char *name, void (*add)(TCase *t))
{
	Suite *s = suite_create(name);
	TCase *t = tcase_create(name);

	tcase_set_timeout(t, 60);
	add(t);
	suite_add_tcase(s, t);
	return run_suite(s);
}

#endif
