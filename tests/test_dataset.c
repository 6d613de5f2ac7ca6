/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "grpo/dataset.h"
#include "grpo/error.h"
#include "tests/scratch.h"
#include "tests/suite.h"

static grpo_dataset *open_text(const char *text)
{
	grpo_dataset *d;

	ck_assert_int_eq(
	    grpo_dataset_open(&d, scratch_text("d.jsonl", text), NULL), 0);
	return d;
}

static void assert_cell(const grpo_row *row, const char *name, const char *json)
{
	const grpo_cell *c = grpo_row_cell(row, name);

	ck_assert_ptr_nonnull(c);
	ck_assert_str_eq(c->name, name);
	ck_assert_uint_eq(c->json_len, strlen(json));
	ck_assert_int_eq(memcmp(c->json, json, c->json_len), 0);
}

START_TEST(a_row_has_its_prompt_and_its_unchanged_cells)
{
	grpo_dataset *d =
	    open_text("{\"prompt\": \"What is 12 + 9?\", \"answer\": 21}\n"
		      "{\"x\": [1,  2.50], \"prompt\":\"a\\u00e9\\n\", "
		      "\"answer\" : 123456789012345678901234567890.10 }\n");
	grpo_row row;

	ck_assert_int_eq(grpo_dataset_rows(d), 2);
	ck_assert_str_eq(grpo_dataset_path(d), scratch_path("d.jsonl"));
	ck_assert_int_eq(grpo_dataset_read(d, &row, 0), 0);
	ck_assert_str_eq(row.prompt, "What is 12 + 9?");
	ck_assert_uint_eq(row.prompt_len, 15);
	ck_assert_uint_eq(row.n_cells, 2);
	ck_assert_int_eq(row.index, 0);
	ck_assert_int_eq(row.line, 1);
	assert_cell(&row, "prompt", "\"What is 12 + 9?\"");
	assert_cell(&row, "answer", "21");
	ck_assert_ptr_null(grpo_row_cell(&row, "Answer"));
	grpo_row_dispose(&row);
	ck_assert_int_eq(grpo_dataset_read(d, &row, 1), 0);
	ck_assert_str_eq(row.prompt, "a\xc3\xa9\n");
	ck_assert_uint_eq(row.prompt_len, 4);
	ck_assert_str_eq(row.prompt_json.name, "prompt");
	ck_assert_uint_eq(row.prompt_json.json_len, 11);
	assert_cell(&row, "x", "[1,  2.50]");
	assert_cell(&row, "answer", "123456789012345678901234567890.10");
	grpo_row_dispose(&row);
	grpo_row_dispose(&row); /* nothing is left in it */
	grpo_dataset_free(d);
	grpo_dataset_free(NULL);
}
END_TEST

START_TEST(a_prompt_may_be_a_list_of_messages)
{
	static const char list[] =
	    "[{\"role\": \"system\", \"content\": \"Be brief.\"}, "
	    "{\"role\": \"user\", \"content\": \"Hi\", \"name\": 1}]";
	char text[256];
	grpo_dataset *d;
	grpo_row row;

	snprintf(text, sizeof text, "{\"prompt\": %s, \"a\": 1}", list);
	d = open_text(text);
	ck_assert_int_eq(grpo_dataset_read(d, &row, 0), 0);
	ck_assert_ptr_null(row.prompt);
	ck_assert_uint_eq(row.prompt_json.json_len, strlen(list));
	ck_assert_int_eq(memcmp(row.prompt_json.json, list, strlen(list)), 0);
	grpo_row_dispose(&row);
	grpo_dataset_free(d);
}
END_TEST

/* Line ends, blank lines, a byte order mark: all the same three rows. */
static const char *const layouts[] = {
    "{\"prompt\":\"0\"}\n\n{\"prompt\":\"1\"}\n{\"prompt\":\"2\"}\n",
    "{\"prompt\":\"0\"}\n\n{\"prompt\":\"1\"}\n{\"prompt\":\"2\"}",
    "{\"prompt\":\"0\"}\r\n\r\n{\"prompt\":\"1\"}\r\n"
    "{\"prompt\":\"2\"}\r\n",
    "{\"prompt\":\"0\"}\r\n \t\r\n{\"prompt\":\"1\"}\r\n{\"prompt\":\"2\"}",
    "\xef\xbb\xbf{\"prompt\":\"0\"}\n\n  {\"prompt\":\"1\"}  \n"
    "\t{\"prompt\":\"2\"}\n\n\n",
};

START_TEST(line_ends_and_blank_lines_do_not_matter)
{
	static const int64_t line[] = {1, 3, 4};
	grpo_dataset *d = open_text(layouts[_i]);
	char want[2] = "0";
	grpo_row row;
	int i;

	ck_assert_int_eq(grpo_dataset_rows(d), 3);
	for (i = 2; i >= 0; i--) {
		want[0] = (char)('0' + i);
		ck_assert_int_eq(grpo_dataset_read(d, &row, i), 0);
		ck_assert_str_eq(row.prompt, want);
		ck_assert_int_eq(row.line, line[i]);
		grpo_row_dispose(&row);
	}
	grpo_dataset_free(d);
}
END_TEST

#define SOUND "{\"prompt\": \"p\"}\n"

static const char *const broken[][2] = {
    {"", "d.jsonl: has no rows"},
    {"\n \r\n\n", "d.jsonl: has no rows"},
    {SOUND "{\"answer\": 1}\n",
     "d.jsonl:2: \"prompt\" is missing; the row has \"answer\""},
    {SOUND "{}\n", "d.jsonl:2: \"prompt\" is missing; the row has no columns"},
    {SOUND "\n\n[1]\n", "d.jsonl:4: expected an object, found '['"},
    {SOUND "{\"prompt\": \"a\"", "d.jsonl:2: expected ',' or '}', found "
				 "the end"},
    {SOUND "{\"prompt\": \"a\"} {}\n",
     "d.jsonl:2: expected the end, found '{'"},
    {SOUND "{\"prompt\": \"a\", \"prompt\": \"b\"}\n",
     "d.jsonl:2: key \"prompt\" appears twice"},
    {SOUND "{\"prompt\": \"\xff\"}\n", "d.jsonl:2: not UTF-8"},
    {SOUND "\xef\xbb\xbf{\"prompt\": \"a\"}\n",
     "d.jsonl:2: starts with a byte order mark"},
    {"\xef\xbb\xbf", "d.jsonl: has no rows"},
    {SOUND "not json\n", "d.jsonl:2: expected an object, found 'n'"},
    {SOUND "{\"prompt\": \"a\\u0000\"}\n",
     "d.jsonl:2: \\u0000 is not supported"},
    {SOUND "{\"prompt\": \"a\"}\r{\"prompt\": \"b\"}\n",
     "d.jsonl:2: expected the end, found '{'"},
    {SOUND "{\"prompt\": 7}\n",
     "d.jsonl:2: \"prompt\": expected text or a list of messages"},
    {SOUND "{\"prompt\": null}\n",
     "d.jsonl:2: \"prompt\": expected text or a list of messages"},
    {SOUND "{\"prompt\": []}\n",
     "d.jsonl:2: \"prompt\": the list of messages is empty"},
    {SOUND "{\"prompt\": [\"a\"]}\n",
     "d.jsonl:2: \"prompt\": expected messages with \"role\" and "
     "\"content\", both strings"},
    {SOUND "{\"prompt\": [{\"role\": \"user\"}]}\n",
     "d.jsonl:2: \"prompt\": expected messages with \"role\" and "
     "\"content\", both strings"},
    {SOUND "{\"prompt\": [{\"role\": \"user\", \"content\": 7}]}\n",
     "d.jsonl:2: \"prompt\": expected messages with \"role\" and "
     "\"content\", both strings"},
};

START_TEST(a_broken_line_is_named)
{
	const char *path = scratch_text("d.jsonl", broken[_i][0]);
	grpo_dataset *d = (grpo_dataset *)&path;

	ck_assert_int_eq(grpo_dataset_open(&d, path, NULL), GRPO_EFORMAT);
	assert_message_in_scratch(broken[_i][1]);
	ck_assert_ptr_null(d);
}
END_TEST

START_TEST(a_nul_byte_in_a_line_is_refused)
{
	static const char text[] = SOUND "\0\n" SOUND;
	grpo_dataset *d;

	ck_assert_int_eq(
	    grpo_dataset_open(
		&d, scratch_write("d.jsonl", text, sizeof text - 1), NULL),
	    GRPO_EFORMAT);
	assert_message_in_scratch(
	    "d.jsonl:2: expected an object, found byte 0x00");
}
END_TEST

START_TEST(a_missing_file_or_a_folder_is_named)
{
	grpo_dataset *d;

	ck_assert_int_eq(grpo_dataset_open(&d, scratch_path("no"), NULL),
			 GRPO_EIO);
	assert_message_in_scratch("no: No such file or directory");
	ck_assert_int_eq(grpo_dataset_open(&d, scratch_folder, NULL), GRPO_EIO);
	ck_assert_ptr_nonnull(
	    strstr(grpo_error_message(),
		   ": is a folder, expected a file of JSON Lines"));
	ck_assert_int_eq(grpo_dataset_open(&d, "/dev/null", NULL), GRPO_EIO);
	ck_assert_ptr_nonnull(
	    strstr(grpo_error_message(), "is not a regular file"));
}
END_TEST

START_TEST(a_name_on_the_hub_is_not_downloaded)
{
	grpo_dataset *d;

	ck_assert_int_eq(grpo_dataset_open(&d, "openai/gsm8k", NULL), GRPO_EIO);
	ck_assert_str_eq(
	    grpo_error_message(),
	    "openai/gsm8k: No such file or directory; nothing is downloaded, "
	    "expected a file of JSON Lines: `hf download openai/gsm8k "
	    "--repo-type dataset --local-dir gsm8k`, then convert it with "
	    "datasets/convert.py");
	ck_assert_int_eq(grpo_dataset_open(&d, "data/train.jsonl", NULL),
			 GRPO_EIO);
	ck_assert_str_eq(grpo_error_message(),
			 "data/train.jsonl: No such file or directory");
	ck_assert_int_eq(grpo_dataset_open(&d, "tests/no-such", NULL),
			 GRPO_EIO);
	ck_assert_str_eq(grpo_error_message(),
			 "tests/no-such: No such file or directory");
}
END_TEST

/* ------------------------------------------------------ files of others */

#define CONVERT "convert it with `python3 datasets/convert.py "

static const char *const kinds[][3] = {
    {"d.csv", "question,answer\n\"1 + 1?\",2\n",
     "d.csv: is CSV, expected JSON Lines: " CONVERT "csv`"},
    {"d.txt", "question,answer\n1 + 1?,2\n",
     "d.txt: is CSV, expected JSON Lines: " CONVERT "csv`"},
    {"d.parquet", "PAR1\x15\x04\n",
     "d.parquet: is a Parquet file, expected JSON Lines: " CONVERT "parquet`"},
    {"d.json", "[{\"prompt\": \"a\"}]\n",
     "d.json: is one JSON list, expected JSON Lines (an object on each "
     "line): " CONVERT "json`"},
    {"d.json", "{\n  \"prompt\": \"a\"\n}\n",
     "d.json: is not JSON Lines: expected a whole JSON object on each line"},
    {"d.jsonl.gz", "\x1f\x8b\b",
     "d.jsonl.gz: is compressed, expected JSON Lines: unpack it first"},
    {"d.jsonl", "{\"question\": \"1 + 1?\", \"answer\": \"2\"}\n",
     "d.jsonl:1: \"prompt\" is missing; the row has \"question\" and "
     "\"answer\": name the prompt's with \"column_map\": {\"prompt\": "
     "\"question\"}"},
    {"d.jsonl", "{\"question\": \"1 + 1?\", \"answer\": \"it is 2 #### 2\"}\n",
     "d.jsonl:1: \"prompt\" is missing; the row has \"question\" and "
     "\"answer\", as GSM8K: " CONVERT "gsm8k`"},
    {"d.jsonl", "{\"a\": 1, \"b\": 2, \"c\": 3}\n",
     "d.jsonl:1: \"prompt\" is missing; the row has \"a\", \"b\" and "
     "\"c\": name the prompt's with \"column_map\""},
};

START_TEST(a_file_of_another_kind_is_told_with_the_remedy)
{
	const char *path = scratch_text(kinds[_i][0], kinds[_i][1]);
	grpo_dataset *d;

	ck_assert_int_eq(grpo_dataset_open(&d, path, NULL), GRPO_EFORMAT);
	assert_message_in_scratch(kinds[_i][2]);
}
END_TEST

START_TEST(a_stream_of_another_kind_is_told_at_its_first_line)
{
	const char *path = scratch_text("d.csv", "a,b\n1,2\n");
	grpo_jsonl *j;
	grpo_row row;

	ck_assert_int_eq(grpo_jsonl_open(&j, path), 0);
	ck_assert_int_eq(grpo_jsonl_next(j, &row), GRPO_EFORMAT);
	assert_message_in_scratch("d.csv:1: the file is CSV, expected JSON "
				  "Lines: " CONVERT "csv`");
	ck_assert_int_eq(grpo_jsonl_next(j, &row), GRPO_EFORMAT);
	assert_message_in_scratch("d.csv:2: expected an object, found '1'");
	grpo_jsonl_free(j);
}
END_TEST

START_TEST(a_hundred_thousand_levels_do_not_reach_the_stack)
{
	size_t head = sizeof SOUND "{\"prompt\": " - 1, n = 100000;
	char *text = malloc(head + 2 * n + 1);
	grpo_dataset *d;

	memcpy(text, SOUND "{\"prompt\": ", head);
	memset(text + head, '[', n);
	memset(text + head + n, ']', n);
	text[head + 2 * n] = '}';
	ck_assert_int_eq(
	    grpo_dataset_open(
		&d, scratch_write("d.jsonl", text, head + 2 * n + 1), NULL),
	    GRPO_EFORMAT);
	assert_message_in_scratch("d.jsonl:2: nested more than 64 levels deep");
	free(text);
}
END_TEST

/* A sparse file: no line of text is so long, so all is read and refused
 * before any of it is taken for JSON. */
START_TEST(a_line_without_an_end_is_refused)
{
	const char *path = scratch_text("d.jsonl", SOUND);
	grpo_dataset *d;

	ck_assert_int_eq(truncate(path, 300 << 20), 0);
	ck_assert_int_eq(grpo_dataset_open(&d, path, NULL), GRPO_EFORMAT);
	assert_message_in_scratch(
	    "d.jsonl:2: the line is longer than 268435456 bytes");
}
END_TEST

START_TEST(a_row_that_is_not_there_is_refused)
{
	grpo_dataset *d = open_text(SOUND);
	grpo_row row = {.index = 77};

	ck_assert_int_eq(grpo_dataset_read(d, &row, 1), GRPO_EINVAL);
	assert_message_in_scratch("d.jsonl: row 1 of 1");
	ck_assert_int_eq(grpo_dataset_read(d, &row, -1), GRPO_EINVAL);
	ck_assert_int_eq(row.index, 77);
	grpo_dataset_free(d);
}
END_TEST

START_TEST(a_file_that_changes_while_it_is_open_gives_errors)
{
	grpo_dataset *d = open_text(SOUND SOUND);
	grpo_row row = {.index = 77};

	scratch_text("d.jsonl", SOUND "{\"prompt\": 12 }\n");
	ck_assert_int_eq(grpo_dataset_read(d, &row, 1), GRPO_EFORMAT);
	ck_assert_int_eq(truncate(scratch_path("d.jsonl"), 20), 0);
	ck_assert_int_eq(grpo_dataset_read(d, &row, 1), GRPO_EIO);
	assert_message_in_scratch(
	    "d.jsonl:2: the file was truncated while in use");
	ck_assert_int_eq(row.index, 77);
	grpo_dataset_free(d);
}
END_TEST

/* Rows of many lengths, so that lines lie across every edge of the reader's
 * chunks; one is longer than several of them. */
static size_t row_length(int i)
{
	return i == 500 ? 3000000 : (size_t)(i * 7919 % 3001);
}

static const char *write_many(int n)
{
	const char *path = scratch_path("many.jsonl");
	FILE *f = fopen(path, "wb");
	size_t k;
	int i;

	ck_assert_ptr_nonnull(f);
	for (i = 0; i < n; i++) {
		fprintf(f, "{\"id\": %d, \"prompt\": \"", i);
		for (k = 0; k < row_length(i); k++)
			putc('a' + (int)((k + (size_t)i) % 26), f);
		fputs("\"}\r\n", f);
	}
	ck_assert_int_eq(fclose(f), 0);
	return path;
}

static void check_row(const grpo_dataset *d, int i)
{
	grpo_row row;
	char id[16];
	size_t k;
	int same = 1;

	ck_assert_int_eq(grpo_dataset_read(d, &row, i), 0);
	snprintf(id, sizeof id, "%d", i);
	assert_cell(&row, "id", id);
	ck_assert_uint_eq(row.prompt_len, row_length(i));
	for (k = 0; k < row.prompt_len; k++)
		same &= row.prompt[k] == 'a' + (int)((k + (size_t)i) % 26);
	ck_assert_int_eq(same, 1);
	grpo_row_dispose(&row);
}

struct job {
	const grpo_dataset *d;
	int first, n;
};

static void *check_rows(void *arg)
{
	const struct job *job = arg;
	int i;

	for (i = job->first; i < job->n; i += 2)
		check_row(job->d, i);
	return NULL;
}

START_TEST(lines_of_any_length_are_read_by_two_threads)
{
	grpo_dataset *d;
	struct job jobs[2];
	pthread_t t;

	ck_assert_int_eq(grpo_dataset_open(&d, write_many(2000), NULL), 0);
	ck_assert_int_eq(grpo_dataset_rows(d), 2000);
	jobs[0] = (struct job){d, 0, 2000};
	jobs[1] = (struct job){d, 1, 2000};
	ck_assert_int_eq(pthread_create(&t, NULL, check_rows, &jobs[0]), 0);
	check_rows(&jobs[1]);
	pthread_join(t, NULL);
	grpo_dataset_free(d);
}
END_TEST

/* ------------------------------------------------------------ as a stream */

static grpo_jsonl *stream_text(const char *text)
{
	grpo_jsonl *j;

	ck_assert_int_eq(grpo_jsonl_open(&j, scratch_text("s.jsonl", text)), 0);
	return j;
}

START_TEST(a_stream_needs_no_column_and_keeps_the_line)
{
	static const char first[] = " {\"n\": 1.50, \"a\": \"\\u00e9\"} ";
	char text[128];
	grpo_jsonl *j;
	grpo_row row;
	char *value;
	size_t len;

	snprintf(text, sizeof text, "%s\r\n\n{\"prompt\": \"p\"}", first);
	j = stream_text(text);
	ck_assert_int_eq(grpo_jsonl_next(j, &row), 1);
	ck_assert_ptr_null(row.prompt);
	ck_assert_ptr_null(row.prompt_json.name);
	ck_assert_mem_eq(row.text, first, sizeof first - 1);
	assert_cell(&row, "n", "1.50");
	ck_assert_int_eq(grpo_cell_text(&value, &len, grpo_row_cell(&row, "a")),
			 0);
	ck_assert_str_eq(value, "\xc3\xa9");
	ck_assert_uint_eq(len, 2);
	free(value);
	ck_assert_int_eq(grpo_cell_text(&value, &len, grpo_row_cell(&row, "n")),
			 GRPO_EFORMAT);
	ck_assert_ptr_null(value);
	grpo_row_dispose(&row);
	ck_assert_int_eq(grpo_jsonl_next(j, &row), 1);
	ck_assert_str_eq(row.prompt, "p");
	ck_assert_int_eq(row.index, 1);
	ck_assert_int_eq(row.line, 3);
	grpo_row_dispose(&row);
	ck_assert_int_eq(grpo_jsonl_next(j, &row), 0);
	ck_assert_int_eq(grpo_jsonl_next(j, &row), 0);
	grpo_jsonl_free(j);
	grpo_jsonl_free(NULL);
}
END_TEST

START_TEST(a_stream_goes_on_behind_a_broken_line)
{
	grpo_jsonl *j = stream_text("{\"a\": 1}\n{\"a\": }\n[1]\n{\"a\": 4}\n");
	grpo_row row;

	ck_assert_int_eq(grpo_jsonl_next(j, &row), 1);
	grpo_row_dispose(&row);
	ck_assert_int_eq(grpo_jsonl_next(j, &row), GRPO_EFORMAT);
	ck_assert_ptr_nonnull(strstr(grpo_error_message(), "s.jsonl:2: "));
	ck_assert_int_eq(grpo_jsonl_next(j, &row), GRPO_EFORMAT);
	ck_assert_ptr_nonnull(strstr(grpo_error_message(), "s.jsonl:3: "));
	ck_assert_int_eq(grpo_jsonl_next(j, &row), 1);
	ck_assert_int_eq(row.line, 4);
	ck_assert_int_eq(row.index, 1);
	assert_cell(&row, "a", "4");
	grpo_row_dispose(&row);
	grpo_jsonl_free(j);
}
END_TEST

START_TEST(a_stream_may_be_a_pipe)
{
	static const char text[] = "{\"a\": 1}\n{\"a\": 2}";
	grpo_jsonl *j;
	grpo_row row;
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(write(ends[1], text, sizeof text - 1),
			 (int)sizeof text - 1);
	close(ends[1]);
	ck_assert_int_eq(dup2(ends[0], 0), 0);
	ck_assert_int_eq(grpo_jsonl_open(&j, "-"), 0);
	ck_assert_str_eq(grpo_jsonl_path(j), "standard input");
	for (int i = 1; i <= 2; i++) {
		ck_assert_int_eq(grpo_jsonl_next(j, &row), 1);
		assert_cell(&row, "a", i == 1 ? "1" : "2");
		grpo_row_dispose(&row);
	}
	ck_assert_int_eq(grpo_jsonl_next(j, &row), 0);
	grpo_jsonl_free(j);
	ck_assert_int_eq(grpo_jsonl_open(&j, "/nowhere.jsonl"), GRPO_EIO);
	ck_assert_str_eq(grpo_error_message(),
			 "/nowhere.jsonl: No such file or directory");
	ck_assert_ptr_null(j);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("dataset");
	TCase *tc = tcase_create("dataset");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, scratch_make, scratch_remove);
	tcase_add_test(tc, a_row_has_its_prompt_and_its_unchanged_cells);
	tcase_add_test(tc, a_prompt_may_be_a_list_of_messages);
	tcase_add_loop_test(tc, line_ends_and_blank_lines_do_not_matter, 0,
			    (int)(sizeof layouts / sizeof layouts[0]));
	tcase_add_loop_test(tc, a_broken_line_is_named, 0,
			    (int)(sizeof broken / sizeof broken[0]));
	tcase_add_test(tc, a_nul_byte_in_a_line_is_refused);
	tcase_add_test(tc, a_missing_file_or_a_folder_is_named);
	tcase_add_test(tc, a_name_on_the_hub_is_not_downloaded);
	tcase_add_loop_test(tc, a_file_of_another_kind_is_told_with_the_remedy,
			    0, sizeof kinds / sizeof *kinds);
	tcase_add_test(tc, a_stream_of_another_kind_is_told_at_its_first_line);
	tcase_add_test(tc, a_hundred_thousand_levels_do_not_reach_the_stack);
	tcase_add_test(tc, a_line_without_an_end_is_refused);
	tcase_add_test(tc, a_row_that_is_not_there_is_refused);
	tcase_add_test(tc, a_file_that_changes_while_it_is_open_gives_errors);
	tcase_add_test(tc, lines_of_any_length_are_read_by_two_threads);
	tcase_add_test(tc, a_stream_needs_no_column_and_keeps_the_line);
	tcase_add_test(tc, a_stream_goes_on_behind_a_broken_line);
	tcase_add_test(tc, a_stream_may_be_a_pipe);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
