/* SPDX-License-Identifier: MIT */
/* Every allocation of a run fails once, then every write, fsync and rename of
 * its files: the run must come back with a code, and what was whole before
 * must be whole after. */
#define _GNU_SOURCE /* RTLD_NEXT */

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include "trainer_rig.h"

#define INTERPOSED __attribute__((visibility("default")))

static atomic_int armed; /* 1: count memory, 2: count files */
static atomic_long calls;
static atomic_long fail_at;  /* the call that fails, from 1 */
static pthread_t one_thread; /* only what this one calls is counted */

static int fails(int kind)
{
	return atomic_load(&armed) == kind &&
	       pthread_equal(pthread_self(), one_thread) &&
	       atomic_fetch_add(&calls, 1) + 1 == atomic_load(&fail_at);
}

/* What stands behind ours: glibc's own, or a sanitizer's.  dlsym() is of no
 * use for these, since it allocates. */
#if defined(__SANITIZE_ADDRESS__)
#define REAL(name) __interceptor_##name
#else
#define REAL(name) __libc_##name
#endif
void *REAL(malloc)(size_t n);
void *REAL(calloc)(size_t n, size_t size);
void *REAL(realloc)(void *p, size_t n);

static int memory_fails(void)
{
	if (!fails(1))
		return 0;
	errno = ENOMEM;
	return 1;
}

INTERPOSED void *malloc(size_t n)
{
	return memory_fails() ? NULL : REAL(malloc)(n);
}

INTERPOSED void *calloc(size_t n, size_t size)
{
	return memory_fails() ? NULL : REAL(calloc)(n, size);
}

INTERPOSED void *realloc(void *old, size_t n)
{
	return memory_fails() ? NULL : REAL(realloc)(old, n);
}

static ssize_t (*next_write)(int, const void *, size_t);
static int (*next_fsync)(int);
static int (*next_rename)(const char *, const char *);

#define NEXT(type, name) ((type)(intptr_t)dlsym(RTLD_NEXT, name))

/* Before anything is armed, since dlsym() allocates. */
__attribute__((constructor)) static void find_next(void)
{
	next_write = NEXT(ssize_t(*)(int, const void *, size_t), "write");
	next_fsync = NEXT(int (*)(int), "fsync");
	next_rename = NEXT(int (*)(const char *, const char *), "rename");
}

static int file_fails(void)
{
	if (!fails(2))
		return 0;
	errno = ENOSPC;
	return 1;
}

INTERPOSED ssize_t write(int fd, const void *data, size_t n)
{
	return file_fails() ? -1 : next_write(fd, data, n);
}

INTERPOSED int fsync(int fd)
{
	return file_fails() ? -1 : next_fsync(fd);
}

INTERPOSED int rename(const char *from, const char *to)
{
	return file_fails() ? -1 : next_rename(from, to);
}

/* ------------------------------------------------------------------ runs */

static void make_run(struct rig *r, const char *name)
{
	rig_make(r);
	rig_output(r, name);
	r->config.max_steps = 3;
	r->config.prompts_per_step = 2;
	r->config.num_generations = 3;
	r->config.beta = 0.1;
	r->config.save_steps = 1;
	r->config.save_total_limit = 2;
	r->config.eval_steps = 2;
	r->config.num_generations_eval = 1;
}

/* A whole run, its end a resume; nothing of Check is called. */
static int run(struct rig *r)
{
	int rc = grpo_trainer_create(&r->trainer, &r->config, &r->parts, NULL);

	if (rc == 0)
		rc = grpo_trainer_run(r->trainer);
	grpo_trainer_free(r->trainer);
	r->trainer = NULL;
	if (rc == 0)
		rc = grpo_trainer_create(&r->trainer, &r->config, &r->parts,
					 NULL);
	if (rc == 0)
		rc = grpo_trainer_resume(r->trainer, NULL);
	return rc;
}

/* Runs in a fresh folder with call `at` failing; the code is in *rc.
 * Returns whether there were so many calls. */
static int run_with_fault(int *rc, int kind, long at)
{
	struct rig r;
	char name[32];

	snprintf(name, sizeof name, "run-%ld", at);
	make_run(&r, name);
	rig_parts(&r);
	one_thread = pthread_self();
	atomic_store(&calls, 0);
	atomic_store(&fail_at, at);
	atomic_store(&armed, kind);
	*rc = run(&r);
	atomic_store(&armed, 0);
	rig_free(&r);
	grpo__remove_folder(scratch_path(name));
	return atomic_load(&calls) >= at;
}

/* Densely at first, where most is set up, then in strides. */
static long next(long at)
{
	return at < 400 ? at + 1 : at + 1 + at / 50;
}

START_TEST(every_allocation_that_fails_is_an_error_of_memory)
{
	long at, n = 0;
	int rc;

	for (at = 1; run_with_fault(&rc, 1, at); at = next(at), n++)
		if (rc != GRPO_ENOMEM)
			ck_abort_msg("allocation %ld: %d \"%s\"", at, rc,
				     grpo_error_message());
	ck_assert_int_eq(rc, 0);
	ck_assert_int_gt(n, 100);
}
END_TEST

START_TEST(every_write_that_fails_is_an_error_of_its_file)
{
	long at, n = 0;
	int rc;

	for (at = 1; run_with_fault(&rc, 2, at); at++, n++)
		if (rc != GRPO_EIO ||
		    !strstr(grpo_error_message(), scratch_folder))
			ck_abort_msg("write %ld: %d \"%s\"", at, rc,
				     grpo_error_message());
	ck_assert_int_eq(rc, 0);
	ck_assert_int_gt(n, 20);
}
END_TEST

/* A save that fails anywhere leaves a run that can be resumed, at the step
 * before or at its own. */
static int save_with_fault(long at)
{
	struct rig r;
	int rc, more;

	make_run(&r, "run");
	r.config.save_steps = 0;
	rig_start(&r);
	ok(grpo_trainer_step(r.trainer));
	ok(grpo_trainer_save(r.trainer));
	ok(grpo_trainer_step(r.trainer));
	one_thread = pthread_self();
	atomic_store(&calls, 0);
	atomic_store(&fail_at, at);
	atomic_store(&armed, 2);
	rc = grpo_trainer_save(r.trainer);
	atomic_store(&armed, 0);
	more = atomic_load(&calls) >= at;
	ck_assert_int_eq(rc, more ? GRPO_EIO : 0);
	rig_free(&r);

	make_run(&r, "run");
	rig_start(&r);
	ok(grpo_trainer_resume(r.trainer, NULL));
	ck_assert(grpo_trainer_steps(r.trainer) == 2 ||
		  (more && grpo_trainer_steps(r.trainer) == 1));
	ok(grpo_trainer_run(r.trainer));
	rig_free(&r);
	grpo__remove_folder(scratch_path("run"));
	return more;
}

START_TEST(a_save_that_fails_anywhere_leaves_a_run_to_resume)
{
	long at = 1;

	while (save_with_fault(at))
		at++;
	ck_assert_int_gt(at, 8);
}
END_TEST

/* ----------------------------------------------------------- settings */

struct settings {
	int64_t steps;
	const char *name, *list;
};

static const grpo_option options[] = {
    GRPO_OPT_INT(struct settings, steps, 3, 0, 100, 0, "steps"),
    GRPO_OPT_STRING(struct settings, name, "a", 0, "a name"),
    GRPO_OPT_JSON(struct settings, list, "[1]", 0, "a list"), GRPO_OPT_END};

static int configure(const char *path)
{
	struct settings s;
	grpo_trainer_config t;
	grpo_config *c = NULL;
	char *text = NULL, *help = NULL;
	int rc = grpo_config_create(&c);

	if (rc == 0)
		rc = grpo_config_add(c, "Base", "base", options, &s);
	if (rc == 0)
		rc = grpo_config_add_trainer(c, &t);
	if (rc == 0)
		rc = grpo_config_read(c, path);
	if (rc == 0)
		rc = grpo_config_set(c, "base.name=there");
	if (rc == 0)
		rc = grpo_config_text(c, &text, 0);
	if (rc == 0)
		rc = grpo_config_help(c, &help);
	free(text);
	free(help);
	grpo_config_free(c);
	return rc;
}

START_TEST(every_allocation_of_the_settings_that_fails_is_an_error)
{
	const char *path = scratch_text(
	    "recipe.json", "{\"base\": {\"steps\": 4, \"list\": [2, "
			   "{\"a\": \"b\"}]}, \"seed\": 3}");
	long at;
	int rc;

	one_thread = pthread_self();
	for (at = 1;; at++) {
		atomic_store(&calls, 0);
		atomic_store(&fail_at, at);
		atomic_store(&armed, 1);
		rc = configure(path);
		atomic_store(&armed, 0);
		if (atomic_load(&calls) < at)
			break;
		if (rc != GRPO_ENOMEM)
			ck_abort_msg("allocation %ld: %d \"%s\"", at, rc,
				     grpo_error_message());
	}
	ck_assert_int_eq(rc, 0);
	ck_assert_int_gt(at, 50);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("trainer faults");
	TCase *c = tcase_create("faults");

	tcase_set_timeout(c, 300);
	tcase_add_checked_fixture(c, scratch_make, scratch_remove);
	tcase_add_test(c, every_allocation_that_fails_is_an_error_of_memory);
	tcase_add_test(c, every_write_that_fails_is_an_error_of_its_file);
	tcase_add_test(c, a_save_that_fails_anywhere_leaves_a_run_to_resume);
	tcase_add_test(c,
		       every_allocation_of_the_settings_that_fails_is_an_error);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	SRunner *sr = srunner_create(suite());
	int failed;

	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
