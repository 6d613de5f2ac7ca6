/* SPDX-License-Identifier: MIT */
/* lib/data under faults: datasets and safetensors. */
#include <check.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/fail.h"
#include "data/safetensors.h"
#include "grpo/dataset.h"
#include "tests/fault.h"
#include "tests/scratch.h"
#include "tests/suite.h"

/* --------------------------------------------------------------- dataset */

static int read_row(const grpo_dataset *d, int64_t index, const char *prompt)
{
	grpo_row row = {.index = 77};
	int rc = grpo_dataset_read(d, &row, index);

	if (rc < 0)
		return row.index == 77 ? rc : FAULT_WRONG;
	if (prompt ? !row.prompt || strcmp(row.prompt, prompt) != 0
		   : row.prompt != NULL)
		rc = FAULT_WRONG;
	grpo_row_dispose(&row);
	return rc;
}

static int dataset_work(void)
{
	grpo_dataset *d = (grpo_dataset *)scratch_folder;
	int rc = grpo_dataset_open(&d, scratch_path("d.jsonl"), NULL);

	if (rc < 0)
		return d ? FAULT_WRONG : rc;
	GRPO_TRY(read_row(d, 1, "b"));
	GRPO_TRY(read_row(d, 2, NULL));
out:
	grpo_dataset_free(d);
	return rc;
}

START_TEST(a_dataset_survives_every_fault)
{
	static const struct fault_scenario s = {
	    .name = "dataset", .work = dataset_work, .path = scratch_folder};

	scratch_text("d.jsonl", "{\"prompt\": \"a\", \"x\": 1}\n"
				"{\"prompt\": \"b\", \"x\": \"\\u00e9\"}\n"
				"{\"prompt\": [{\"role\": \"user\", "
				"\"content\": \"c\"}]}\n");
	fault_sweep(&s);
}
END_TEST

static int columns_work(void)
{
	grpo_dataset *d = (grpo_dataset *)scratch_folder;
	grpo_dataset_options o;
	int rc = grpo_dataset_options_init(&o);

	o.column_map = "{\"prompt\": \"question\", \"answer\": \"a\"}";
	if (rc == 0)
		rc = grpo_dataset_open(&d, scratch_path("c.jsonl"), &o);
	if (rc < 0)
		return d ? FAULT_WRONG : rc;
	GRPO_TRY(read_row(d, 0, "one"));
	GRPO_TRY(read_row(d, 1, "two"));
out:
	grpo_dataset_free(d);
	return rc;
}

START_TEST(a_dataset_with_a_column_map_survives_every_fault)
{
	static const struct fault_scenario s = {
	    .name = "column map", .work = columns_work, .path = scratch_folder};

	scratch_text("c.jsonl", "{\"question\": \"one\", \"a\": 1}\n"
				"{\"question\": \"two\", \"a\": [2]}\n");
	fault_sweep(&s);
}
END_TEST

static int count_pair(void *ctx, const grpo_dataset_pair *pair)
{
	*(int *)ctx += pair->train_row == 1 && pair->held_out_row == 0;
	return 0;
}

static int overlap_work(void)
{
	grpo_dataset *train = NULL, *held_out = NULL;
	int64_t n = 77;
	int seen = 0, rc = 0;

	GRPO_TRY(grpo_dataset_open(&train, scratch_path("d.jsonl"), NULL));
	GRPO_TRY(grpo_dataset_open(&held_out, scratch_path("h.jsonl"), NULL));
	rc = grpo_dataset_overlap(&n, train, held_out, count_pair, &seen);
	if (rc < 0)
		rc = n == 77 ? rc : FAULT_WRONG;
	else
		rc = n == 1 && seen == 1 ? 0 : FAULT_WRONG;
out:
	grpo_dataset_free(held_out);
	grpo_dataset_free(train);
	return rc;
}

START_TEST(a_check_for_prompts_in_both_files_survives_every_fault)
{
	static const struct fault_scenario s = {
	    .name = "overlap", .work = overlap_work, .path = scratch_folder};

	scratch_text("d.jsonl", "{\"prompt\": \"a\"}\n"
				"{\"prompt\": \"The  b\"}\n");
	scratch_text("h.jsonl", "{\"prompt\": [{\"role\": \"user\", "
				"\"content\": \"the B\"}]}\n"
				"{\"prompt\": \"c\"}\n");
	fault_sweep(&s);
}
END_TEST

static int stream_work(void)
{
	grpo_jsonl *j = (grpo_jsonl *)scratch_folder;
	grpo_row row = {.index = 77};
	int rc = grpo_jsonl_open(&j, scratch_path("s.jsonl"));

	if (rc < 0)
		return j ? FAULT_WRONG : rc;
	while ((rc = grpo_jsonl_next(j, &row)) > 0) {
		grpo_row_dispose(&row);
		row.index = 77;
	}
	if (row.index != 77)
		rc = FAULT_WRONG;
	grpo_jsonl_free(j);
	return rc;
}

START_TEST(a_stream_survives_every_fault)
{
	static const struct fault_scenario s = {
	    .name = "stream", .work = stream_work, .path = scratch_folder};

	scratch_text("s.jsonl", "{\"a\": 1}\n"
				"{\"prompt\": \"\\u00e9\", \"x\": 2}\n");
	fault_sweep(&s);
}
END_TEST

/* ----------------------------------------------------------- safetensors */

static const float numbers[] = {1, 2, 3, 4};

static int fill(void *ctx, const grpo__st_tensor *t, void *buffer)
{
	(void)ctx;
	memcpy(buffer, numbers, t->n_bytes);
	return 0;
}

/* "a" is given, "b" is fetched. */
static int write_tensors(const char *path)
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

static int is_whole(const grpo__st_tensor *a)
{
	return a && a->n_bytes == 16 && memcmp(a->data, numbers, 16) == 0;
}

static int file_work(void)
{
	grpo__st_file *f = NULL;
	int rc = 0;

	GRPO_TRY(write_tensors(scratch_path("w.safetensors")));
	f = (grpo__st_file *)numbers;
	rc = grpo__st_open(&f, scratch_path("w.safetensors"));
	if (rc < 0)
		return f ? FAULT_WRONG : rc;
	rc = is_whole(grpo__st_find(f, "a")) ? 0 : FAULT_WRONG;
out:
	grpo__st_close(f);
	return rc;
}

/* Whatever of it is there is whole, and nothing lies beside it. */
static void no_half_file(int rc)
{
	grpo__st_file *f;

	if (grpo__file_exists(scratch_path("w.safetensors"))) {
		ck_assert_int_eq(
		    grpo__st_open(&f, scratch_path("w.safetensors")), 0);
		grpo__st_close(f);
		ck_assert_int_eq(remove(scratch_path("w.safetensors")), 0);
	} else {
		ck_assert_int_lt(rc, 0);
	}
	ck_assert_int_eq(rmdir(scratch_folder), 0);
	ck_assert_int_eq(mkdir(scratch_folder, 0777), 0);
}

START_TEST(a_safetensors_file_survives_every_fault)
{
	static const struct fault_scenario s = {.name = "safetensors",
						.work = file_work,
						.after = no_half_file,
						.path = scratch_folder};

	fault_sweep(&s);
}
END_TEST

static int folder_work(void)
{
	grpo__st_folder *f = (grpo__st_folder *)numbers;
	int rc = grpo__st_folder_open(&f, scratch_folder);

	if (rc < 0)
		return f ? FAULT_WRONG : rc;
	rc = is_whole(grpo__st_folder_find(f, "a")) ? 0 : FAULT_WRONG;
	grpo__st_folder_close(f);
	return rc;
}

START_TEST(shards_survive_every_fault)
{
	static const struct fault_scenario s = {
	    .name = "shards", .work = folder_work, .path = scratch_folder};

	ck_assert_int_eq(write_tensors(scratch_path("m-1.safetensors")), 0);
	ck_assert_int_eq(write_tensors(scratch_path("m-2.safetensors")), 0);
	scratch_text("model.safetensors.index.json",
		     "{\"weight_map\": {\"a\": \"m-1.safetensors\", "
		     "\"b\": \"m-2.safetensors\"}}");
	fault_sweep(&s);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("faults of data");
	TCase *tc = tcase_create("faults");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, scratch_make_in_memory, scratch_remove);
	tcase_add_test(tc, a_dataset_survives_every_fault);
	tcase_add_test(tc, a_dataset_with_a_column_map_survives_every_fault);
	tcase_add_test(tc,
		       a_check_for_prompts_in_both_files_survives_every_fault);
	tcase_add_test(tc, a_stream_survives_every_fault);
	tcase_add_test(tc, a_safetensors_file_survives_every_fault);
	tcase_add_test(tc, shards_survive_every_fault);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
