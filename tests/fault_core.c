/* SPDX-License-Identifier: MIT */
/* lib/core under faults: memory, JSON, options, files, random numbers, log. */
#include <check.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include "core/fail.h"
#include "core/json.h"
#include "core/options.h"
#include "core/rng.h"
#include "tests/fault.h"
#include "tests/scratch.h"
#include "tests/suite.h"

/* ---------------------------------------------------------------- memory */

static int use_arena(grpo__arena *a)
{
	int i;

	for (i = 0; i < 4; i++)
		if (!grpo__arena_alloc(a, 40000, 1))
			return GRPO_ENOMEM;
	grpo__arena_reset(a);
	return grpo__arena_alloc(a, 100000, 1) ? 0 : GRPO_ENOMEM;
}

static int memory_work(void)
{
	grpo__arena *a = NULL;
	grpo__buf b = {0};
	char *copy = NULL;
	int i, rc = 0;

	GRPO_TRY(grpo__arena_create(&a));
	GRPO_TRY(use_arena(a));
	for (i = 0; i < 100; i++)
		GRPO_TRY(grpo__buf_printf(&b, "%02d,", i));
	copy = grpo__memdup(b.data, b.len);
	GRPO_FAIL_IF(!copy, GRPO_ENOMEM, "%s", grpo_error_message());
	if (b.len != 300 || memcmp(copy, "00,01,", 6) != 0)
		rc = FAULT_WRONG;
out:
	free(copy);
	grpo__arena_free(a);
	grpo__buf_dispose(&b);
	return rc;
}

START_TEST(memory_survives_every_fault)
{
	static const struct fault_scenario s = {.name = "arena and buffer",
						.work = memory_work};

	fault_sweep(&s);
}
END_TEST

/* Neither random numbers, nor the log, nor an error line needs memory. */
static int plain_work(void)
{
	grpo__rng r = {.seed = 7, .purpose = GRPO__RNG_TEST};
	uint32_t perm[100];

	grpo__rng_shuffle(&r, perm, 100);
	grpo__log(GRPO_LOG_WARN, "%s of %d", "one", 2);
	grpo__fail_context(grpo__fail(GRPO_EIO, "%0900d", 1), "%0900d", 2);
	return grpo__rng_next(&r) < 1 ? 0 : FAULT_WRONG;
}

START_TEST(random_numbers_log_and_error_lines_need_no_memory)
{
	static const struct fault_scenario s = {.name = "rng, log, errors",
						.work = plain_work};
	int rc;

	ck_assert(!fault_run(&s, FAULT_MEMORY, 1, &rc));
	ck_assert(!fault_run(&s, FAULT_SYSTEM, 1, &rc));
	ck_assert_int_eq(rc, 0);
}
END_TEST

/* ------------------------------------------------------------------ JSON */

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
	if (n != 9 || strcmp(m[8].key, "k") != 0)
		rc = FAULT_WRONG;
out:
	cJSON_Delete(v);
	grpo__buf_dispose(&b);
	grpo__json_members_free(m, n);
	return rc;
}

START_TEST(json_survives_every_fault)
{
	static const struct fault_scenario s = {.name = "json",
						.work = json_work};

	fault_sweep(&s);
}
END_TEST

/* A text that is refused needs memory for the line that says why. */
static int refuse_json(const char *text)
{
	cJSON *v = (cJSON *)&text;
	int rc = grpo__json_parse(&v, text, strlen(text), "f");

	return v ? FAULT_WRONG : rc == GRPO_EFORMAT ? 0 : rc;
}

static int refused_work(void)
{
	int rc = 0;

	GRPO_TRY(refuse_json("{\"a\": 1, \"a\": 2}"));
	GRPO_TRY(refuse_json("{\"a\": [1, {\"b\": 2}], }"));
	GRPO_TRY(refuse_json("{\"a\": 1\n"));
	GRPO_TRY(refuse_json("{\"a\": \"\\u0000\"}"));
out:
	return rc;
}

START_TEST(json_that_is_refused_survives_every_fault)
{
	static const struct fault_scenario s = {.name = "json refused",
						.work = refused_work};

	fault_sweep(&s);
}
END_TEST

static int read_work(void)
{
	cJSON *v = (cJSON *)json_text;
	int rc = grpo__json_read(&v, scratch_path("a.json"), 1 << 20);

	if (rc < 0)
		return v ? FAULT_WRONG : rc;
	rc = cJSON_GetArraySize(v) == 9 ? 0 : FAULT_WRONG;
	cJSON_Delete(v);
	return rc;
}

START_TEST(a_json_file_survives_every_fault)
{
	static const struct fault_scenario s = {
	    .name = "json file", .work = read_work, .path = scratch_folder};

	scratch_text("a.json", json_text);
	fault_sweep(&s);
}
END_TEST

/* --------------------------------------------------------------- options */

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
	rc = grpo__options_set(&o, table, "nme=a");
	if (rc == GRPO_EFORMAT)
		rc = grpo__options_set(&o, table, "n=1");
	if (rc != GRPO_EFORMAT)
		goto out;
	GRPO_TRY(grpo__options_print(&b, &o, table));
	GRPO_TRY(grpo__options_help(&b, table));
	rc = strcmp(o.name, "quoted") == 0 ? 0 : FAULT_WRONG;
out:
	grpo__options_dispose(&o, table);
	grpo__buf_dispose(&b);
	return rc;
}

START_TEST(options_survive_every_fault)
{
	static const struct fault_scenario s = {.name = "options",
						.work = options_work};

	fault_sweep(&s);
}
END_TEST

/* ----------------------------------------------------------------- files */

/* How many names there are in the scratch folder. */
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

static void old_file(void)
{
	scratch_text("out", "old");
}

/* The old file or the new one, whole, and nothing beside it. */
static void old_or_new(int rc)
{
	char *text;
	int is_new;

	ck_assert_int_eq(
	    grpo__file_read(&text, NULL, scratch_path("out"), 4096), 0);
	is_new = strcmp(text, "new") == 0;
	ck_assert(is_new || strcmp(text, "old") == 0);
	ck_assert(rc < 0 || is_new);
	free(text);
	ck_assert_int_eq(count_files(), 1);
}

static int file_work(void)
{
	return grpo__file_write(scratch_path("out"), "new", 3);
}

START_TEST(a_file_that_is_written_survives_every_fault)
{
	static const struct fault_scenario s = {.name = "file",
						.before = old_file,
						.work = file_work,
						.after = old_or_new,
						.path = scratch_folder};

	fault_sweep(&s);
}
END_TEST

static int folder_work(void)
{
	int rc = 0;

	GRPO_TRY(grpo__make_folder(scratch_path("a/b/c")));
	GRPO_TRY(grpo__file_write(scratch_path("a/b/c/d"), "text", 4));
	GRPO_TRY(grpo__sync_folder(scratch_path("a/b")));
	rc = grpo__remove_folder(scratch_path("a"));
out:
	return rc;
}

static void no_folder(int rc)
{
	ck_assert_int_eq(grpo__remove_folder(scratch_path("a")), 0);
	ck_assert(rc < 0 || count_files() == 0);
}

START_TEST(a_folder_survives_every_fault)
{
	static const struct fault_scenario s = {.name = "folder",
						.work = folder_work,
						.after = no_folder,
						.path = scratch_folder};

	fault_sweep(&s);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("faults of core");
	TCase *tc = tcase_create("faults");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, scratch_make_in_memory, scratch_remove);
	tcase_add_test(tc, memory_survives_every_fault);
	tcase_add_test(tc, random_numbers_log_and_error_lines_need_no_memory);
	tcase_add_test(tc, json_survives_every_fault);
	tcase_add_test(tc, json_that_is_refused_survives_every_fault);
	tcase_add_test(tc, a_json_file_survives_every_fault);
	tcase_add_test(tc, options_survive_every_fault);
	tcase_add_test(tc, a_file_that_is_written_survives_every_fault);
	tcase_add_test(tc, a_folder_survives_every_fault);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
