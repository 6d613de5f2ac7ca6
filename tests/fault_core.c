/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* RTLD_NEXT */

#include <check.h>
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "core/fail.h"
#include "core/json.h"
#include "core/options.h"
#include "data/safetensors.h"
#include "grpo/dataset.h"
#include "tests/scratch.h"

/*
 * Every allocation fails once, then every write, fsync and rename: whatever
 * the library does must come back with the code, outputs untouched, nothing
 * leaked.  The functions below stand before those of libc.
 */
#define INTERPOSED __attribute__((visibility("default")))

static int armed;    /* count and fail only what the library does */
static long fail_at; /* the call that fails, from 1; 0: none */
static long calls;
static long live; /* allocations that are not freed */
static int fail_memory;

static int fails(int memory)
{
	return armed && memory == fail_memory && ++calls == fail_at;
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
void REAL(free)(void *p);

INTERPOSED void *malloc(size_t n)
{
	void *p = fails(1) ? NULL : REAL(malloc)(n);

	live += armed && p;
	return p;
}

INTERPOSED void *calloc(size_t n, size_t size)
{
	void *p = fails(1) ? NULL : REAL(calloc)(n, size);

	live += armed && p;
	return p;
}

INTERPOSED void *realloc(void *old, size_t n)
{
	void *p = fails(1) ? NULL : REAL(realloc)(old, n);

	live += armed && p && !old;
	return p;
}

INTERPOSED void free(void *p)
{
	live -= armed && p;
	REAL(free)(p);
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

INTERPOSED ssize_t write(int fd, const void *data, size_t n)
{
	if (!fails(0))
		return next_write(fd, data, n);
	errno = ENOSPC;
	return -1;
}

INTERPOSED int fsync(int fd)
{
	if (!fails(0))
		return next_fsync(fd);
	errno = EIO;
	return -1;
}

INTERPOSED int rename(const char *from, const char *to)
{
	if (!fails(0))
		return next_rename(from, to);
	errno = EIO;
	return -1;
}

#define OUTPUT_TOUCHED (-1000)

/*
 * Runs `work` with the first call failing, then the second, …, until it gets
 * through without any.  work frees what it made and returns the first
 * negative code; it calls nothing of Check, which allocates too.  Returns how
 * many failures there were.
 */
static long sweep(int (*work)(void), int memory, int code)
{
	int rc;

	fail_memory = memory;
	for (fail_at = 1;; fail_at++) {
		calls = live = 0;
		grpo__fail(GRPO_OK, "nothing");
		armed = 1;
		rc = work();
		armed = 0;
		ck_assert_int_eq(live, 0);
		if (calls < fail_at)
			break;
		ck_assert_int_eq(rc, code);
		ck_assert_str_ne(grpo_error_message(), "nothing");
	}
	ck_assert_int_eq(rc, 0);
	return fail_at - 1;
}

static const char *path, *folder;

static int memory_work(void)
{
	grpo__arena *a = NULL;
	grpo__buf b = {0};
	int i, rc = 0;

	GRPO_TRY(grpo__arena_create(&a));
	for (i = 0; i < 4; i++)
		if (!grpo__arena_alloc(a, 40000, 1)) {
			rc = GRPO_ENOMEM;
			goto out;
		}
	for (i = 0; i < 100; i++)
		GRPO_TRY(grpo__buf_printf(&b, "%d,", i));
out:
	grpo__arena_free(a);
	grpo__buf_dispose(&b);
	return rc;
}

START_TEST(memory_survives_every_allocation_that_fails)
{
	ck_assert_int_gt(sweep(memory_work, 1, GRPO_ENOMEM), 5);
}
END_TEST

static const char json_text[] =
    "{\"a\": [1, 2.5, {\"b\": \"\\u00e9\", \"c\": null}], \"d\": true, "
    "\"e\": 1, \"f\": 2, \"g\": 3, \"h\": 4, \"i\": 5, \"j\": 6, \"k\": 7}";

static int json_work(void)
{
	grpo__json_member *m = NULL;
	grpo__buf b = {0};
	cJSON *v = NULL;
	size_t n = 0;
	int rc = 0;

	GRPO_TRY(grpo__json_parse(&v, json_text, sizeof json_text - 1, "f"));
	GRPO_TRY(grpo__json_put(&b, v));
	GRPO_TRY(
	    grpo__json_members(&m, &n, json_text, sizeof json_text - 1, "f"));
out:
	cJSON_Delete(v);
	grpo__buf_dispose(&b);
	grpo__json_members_free(m, n);
	return rc;
}

START_TEST(json_survives_every_allocation_that_fails)
{
	ck_assert_int_gt(sweep(json_work, 1, GRPO_ENOMEM), 40);
}
END_TEST

struct opts {
	int64_t n;
	char *name;
	cJSON *tree;
};

static const grpo__option table[] = {
    GRPO__OPT_INT(struct opts, n, 8, 2, 100, "a number"),
    GRPO__OPT_STRING(struct opts, name, "x", NULL, "a name"),
    GRPO__OPT_JSON(struct opts, tree, "[1, 2]", "a tree"),
    {0}};

static int options_work(void)
{
	struct opts o;
	grpo__buf b = {0};
	int rc;

	rc = grpo__options_init(&o, table);
	if (rc < 0)
		return rc;
	GRPO_TRY(grpo__options_set(&o, table, "name=longer"));
	GRPO_TRY(grpo__options_set(&o, table, "name=\"quoted\""));
	GRPO_TRY(grpo__options_set(&o, table, "tree={\"a\": [1]}"));
	GRPO_TRY(grpo__options_print(&b, &o, table));
	GRPO_TRY(grpo__options_help(&b, table));
out:
	grpo__options_dispose(&o, table);
	grpo__buf_dispose(&b);
	return rc;
}

START_TEST(options_survive_every_allocation_that_fails)
{
	ck_assert_int_gt(sweep(options_work, 1, GRPO_ENOMEM), 15);
}
END_TEST

static int dataset_work(void)
{
	grpo_dataset *d = (grpo_dataset *)&armed;
	grpo_row row = {.index = 77};
	int rc;

	rc = grpo_dataset_open(&d, path, NULL);
	if (rc < 0)
		return d ? OUTPUT_TOUCHED : rc;
	rc = grpo_dataset_read(d, &row, 1);
	if (rc == 0)
		grpo_row_dispose(&row);
	else if (row.index != 77)
		rc = OUTPUT_TOUCHED;
	grpo_dataset_free(d);
	return rc;
}

START_TEST(a_dataset_survives_every_allocation_that_fails)
{
	path =
	    scratch_text("d.jsonl", "{\"prompt\": \"a\", \"x\": 1}\n"
				    "{\"prompt\": \"b\", \"x\": \"\\u00e9\"}\n"
				    "{\"prompt\": [{\"role\": \"user\", "
				    "\"content\": \"c\"}]}\n");
	ck_assert_int_gt(sweep(dataset_work, 1, GRPO_ENOMEM), 30);
}
END_TEST

static int stream_work(void)
{
	grpo_jsonl *j = (grpo_jsonl *)&armed;
	grpo_row row = {.index = 77};
	int rc;

	rc = grpo_jsonl_open(&j, path);
	if (rc < 0)
		return j ? OUTPUT_TOUCHED : rc;
	while ((rc = grpo_jsonl_next(j, &row)) > 0) {
		grpo_row_dispose(&row);
		row.index = 77;
	}
	if (row.index != 77)
		rc = OUTPUT_TOUCHED;
	grpo_jsonl_free(j);
	return rc;
}

START_TEST(a_stream_survives_every_allocation_that_fails)
{
	path = scratch_text("d.jsonl", "{\"a\": 1}\n"
				       "{\"prompt\": \"\\u00e9\", \"x\": 2}\n");
	ck_assert_int_gt(sweep(stream_work, 1, GRPO_ENOMEM), 15);
}
END_TEST

static const float numbers[] = {1, 2, 3, 4};

static int fill(void *ctx, const grpo__st_tensor *t, void *buffer)
{
	(void)ctx;
	memcpy(buffer, numbers, t->n_bytes);
	return 0;
}

static int write_work(void)
{
	grpo__st_tensor t[2] = {{.name = "a",
				 .dtype = GRPO__ST_F32,
				 .rank = 1,
				 .shape = {4},
				 .data = numbers,
				 .n_bytes = 16},
				{.name = "b",
				 .dtype = GRPO__ST_F32,
				 .rank = 1,
				 .shape = {2},
				 .n_bytes = 8}};

	return grpo__st_write(path, t, 2, fill, NULL);
}

static int folder_work(void)
{
	grpo__st_folder *f = (grpo__st_folder *)&armed;
	int rc = grpo__st_folder_open(&f, folder);

	if (rc < 0)
		return f ? OUTPUT_TOUCHED : rc;
	grpo__st_folder_close(f);
	return rc;
}

START_TEST(safetensors_survive_every_allocation_that_fails)
{
	path = scratch_path("m-1.safetensors");
	folder = scratch_folder;
	ck_assert_int_gt(sweep(write_work, 1, GRPO_ENOMEM), 5);
	scratch_text("model.safetensors.index.json",
		     "{\"weight_map\": {\"a\": \"m-1.safetensors\", "
		     "\"b\": \"m-1.safetensors\"}}");
	ck_assert_int_gt(sweep(folder_work, 1, GRPO_ENOMEM), 20);
}
END_TEST

static int count_files(void)
{
	DIR *d = opendir(scratch_folder);
	struct dirent *e;
	int n = 0;

	ck_assert_ptr_nonnull(d);
	while ((e = readdir(d)) != NULL)
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

/* As sweep, and after each failure the old file stands alone; only the last
 * call, the sync of the folder, comes after the rename. */
static void sweep_writes(int (*work)(void), long n_calls)
{
	char *data;
	long k;

	fail_memory = 0;
	for (k = 1; k <= n_calls; k++) {
		scratch_text("out", "old");
		calls = 0;
		fail_at = k;
		armed = 1;
		ck_assert_int_eq(work(), GRPO_EIO);
		armed = 0;
		ck_assert_int_eq(grpo__file_read(&data, NULL, path, 4096), 0);
		ck_assert_int_eq(strcmp(data, "old") == 0, k < n_calls);
		free(data);
		ck_assert_int_eq(count_files(), 1);
	}
	fail_at = k;
	calls = 0;
	armed = 1;
	ck_assert_int_eq(work(), 0);
	armed = 0;
	ck_assert_int_eq(calls, n_calls);
}

static int file_work(void)
{
	return grpo__file_write(path, "new", 3);
}

START_TEST(a_file_survives_every_write_that_fails)
{
	path = scratch_path("out");
	sweep_writes(file_work, 4); /* write, fsync, rename, fsync */
}
END_TEST

START_TEST(safetensors_survive_every_write_that_fails)
{
	path = scratch_path("out");
	sweep_writes(write_work, 7); /* length, header, a, b; as above */
}
END_TEST

int main(void)
{
	Suite *s = suite_create("faults of core and data");
	TCase *tc = tcase_create("faults");
	SRunner *sr;
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, scratch_make, scratch_remove);
	tcase_add_test(tc, memory_survives_every_allocation_that_fails);
	tcase_add_test(tc, json_survives_every_allocation_that_fails);
	tcase_add_test(tc, options_survive_every_allocation_that_fails);
	tcase_add_test(tc, a_dataset_survives_every_allocation_that_fails);
	tcase_add_test(tc, a_stream_survives_every_allocation_that_fails);
	tcase_add_test(tc, safetensors_survive_every_allocation_that_fails);
	tcase_add_test(tc, a_file_survives_every_write_that_fails);
	tcase_add_test(tc, safetensors_survive_every_write_that_fails);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
