/* SPDX-License-Identifier: MIT */
/* Files with other names, and files without prompts. */
#include <check.h>
#include <string.h>
#include "grpo/dataset.h"
#include "grpo/error.h"
#include "tests/scratch.h"
#include "tests/suite.h"

static int open_mapped(grpo_dataset **d, const char *text, const char *map)
{
	grpo_dataset_options o;

	ck_assert_int_eq(grpo_dataset_options_init(&o), 0);
	o.column_map = map;
	return grpo_dataset_open(d, scratch_text("d.jsonl", text), &o);
}

/* The cells of row 0 as "name=json;", in their order. */
static const char *cells(const grpo_dataset *d)
{
	static char text[1024];
	grpo_row row;
	size_t i, n = 0;

	ck_assert_int_eq(grpo_dataset_read(d, &row, 0), 0);
	text[0] = '\0';
	for (i = 0; i < row.n_cells; i++)
		n += (size_t)snprintf(
		    text + n, sizeof text - n, "%s=%.*s;", row.cells[i].name,
		    (int)row.cells[i].json_len, row.cells[i].json);
	grpo_row_dispose(&row);
	return text;
}

static void assert_cells(const char *text, const char *map, const char *want)
{
	grpo_dataset *d;

	ck_assert_msg(open_mapped(&d, text, map) == 0, "%s",
		      grpo_error_message());
	ck_assert_str_eq(cells(d), want);
	grpo_dataset_free(d);
}

START_TEST(a_mapped_column_is_read_under_our_name)
{
	grpo_dataset *d;
	grpo_row row;

	ck_assert_int_eq(
	    open_mapped(&d,
			"{\"question\": \"q\", \"id\": 7, \"solution\": 2.50}",
			"{\"prompt\": \"question\", \"answer\": \"solution\"}"),
	    0);
	ck_assert_str_eq(cells(d), "prompt=\"q\";id=7;answer=2.50;");
	ck_assert_int_eq(grpo_dataset_read(d, &row, 0), 0);
	ck_assert_str_eq(row.prompt, "q");
	ck_assert_str_eq(row.prompt_json.name, "prompt");
	ck_assert_ptr_nonnull(grpo_row_cell(&row, "answer"));
	ck_assert_ptr_null(grpo_row_cell(&row, "solution"));
	grpo_row_dispose(&row);
	grpo_dataset_free(d);
}
END_TEST

START_TEST(a_mapped_prompt_may_be_a_list_of_messages)
{
	grpo_dataset *d;
	grpo_row row;

	ck_assert_int_eq(open_mapped(&d,
				     "{\"chat\": [{\"role\": \"user\", "
				     "\"content\": \"Hi\"}]}",
				     "{\"prompt\": \"chat\"}"),
			 0);
	ck_assert_int_eq(grpo_dataset_read(d, &row, 0), 0);
	ck_assert_ptr_null(row.prompt);
	ck_assert_int_eq(row.prompt_json.json[0], '[');
	grpo_row_dispose(&row);
	grpo_dataset_free(d);
}
END_TEST

#define ROW "{\"prompt\": \"p\", \"answer\": 1, \"solution\": 2}"

START_TEST(the_map_wins_over_the_files_own_names)
{
	assert_cells(ROW, NULL, "prompt=\"p\";answer=1;solution=2;");
	assert_cells(ROW, "null", "prompt=\"p\";answer=1;solution=2;");
	assert_cells(ROW, "{}", "prompt=\"p\";answer=1;solution=2;");
	assert_cells(ROW, "{\"answer\": \"solution\"}",
		     "prompt=\"p\";answer=2;");
	assert_cells(ROW, "{\"prompt\": \"prompt\"}",
		     "prompt=\"p\";answer=1;solution=2;");
}
END_TEST

START_TEST(two_names_may_be_exchanged_and_one_column_read_twice)
{
	assert_cells(ROW,
		     "{\"answer\": \"solution\", \"solution\": \"answer\"}",
		     "prompt=\"p\";solution=1;answer=2;");
	assert_cells(ROW, "{\"answer\": \"prompt\", \"prompt\": \"prompt\"}",
		     "answer=\"p\";prompt=\"p\";solution=2;");
}
END_TEST

START_TEST(rows_may_lack_a_mapped_column_that_is_no_prompt)
{
	grpo_dataset *d;

	ck_assert_int_eq(open_mapped(&d,
				     "{\"prompt\": \"p\", \"answer\": 1}\n"
				     "{\"prompt\": \"q\", \"solution\": 2}\n",
				     "{\"answer\": \"solution\"}"),
			 0);
	ck_assert_str_eq(cells(d), "prompt=\"p\";");
	grpo_dataset_free(d);
}
END_TEST

static const struct {
	const char *text, *map, *message;
} faults[] = {
    {ROW, "{\"prompt\": \"question\"}",
     "d.jsonl:1: \"question\" is missing; the row has \"prompt\", \"answer\" "
     "and \"solution\""},
    {"{\"question\": 7}", "{\"prompt\": \"question\"}",
     "d.jsonl:1: \"question\": expected text or a list of messages"},
    {"{\"chat\": []}", "{\"prompt\": \"chat\"}",
     "d.jsonl:1: \"chat\": the list of messages is empty"},
    {ROW, "{\"answer\": \"soluton\"}",
     "d.jsonl: no row has \"soluton\", which \"column_map\" reads as "
     "\"answer\" (nearest: \"solution\")"},
};

START_TEST(a_missing_column_is_reported_by_its_name_in_the_file)
{
	grpo_dataset *d;

	ck_assert_int_eq(open_mapped(&d, faults[_i].text, faults[_i].map),
			 GRPO_EFORMAT);
	assert_message_in_scratch(faults[_i].message);
	ck_assert_ptr_null(d);
}
END_TEST

START_TEST(a_malformed_column_map_is_refused)
{
	static const char *const maps[][2] = {
	    {"[\"question\"]", "\"column_map\": expected an object"},
	    {"{\"prompt\": 7}",
	     "\"column_map\": \"prompt\": expected the name of a column"},
	    {"{\"prompt\": \"a\", \"prompt\": \"b\"}", "\"column_map\": key"},
	    {"question", "\"column_map\": "},
	};
	grpo_dataset *d;
	size_t i;

	for (i = 0; i < sizeof maps / sizeof maps[0]; i++) {
		ck_assert_int_eq(open_mapped(&d, ROW, maps[i][0]),
				 GRPO_EFORMAT);
		ck_assert_msg(strncmp(grpo_error_message(), maps[i][1],
				      strlen(maps[i][1])) == 0,
			      "%s", grpo_error_message());
	}
}
END_TEST

START_TEST(a_file_without_prompts_is_read_where_they_are_optional)
{
	const char *path =
	    scratch_text("d.jsonl", "{\"completion\": \"4\", \"answer\": 4}\n"
				    "{\"prompt\": \"p\"}\n");
	grpo_dataset_options o;
	grpo_dataset *d;
	grpo_row row;

	ck_assert_int_eq(grpo_dataset_open(&d, path, NULL), GRPO_EFORMAT);
	assert_message_in_scratch(
	    "d.jsonl:1: \"prompt\" is missing; the row has \"completion\" and "
	    "\"answer\": name the prompt's with \"column_map\"");
	ck_assert_int_eq(grpo_dataset_options_init(&o), 0);
	o.prompt_optional = 1;
	ck_assert_int_eq(grpo_dataset_open(&d, path, &o), 0);
	ck_assert_int_eq(grpo_dataset_read(d, &row, 0), 0);
	ck_assert_ptr_null(row.prompt);
	ck_assert_ptr_null(row.prompt_json.json);
	ck_assert_uint_eq(row.n_cells, 2);
	grpo_row_dispose(&row);
	ck_assert_int_eq(grpo_dataset_read(d, &row, 1), 0);
	ck_assert_str_eq(row.prompt, "p");
	grpo_row_dispose(&row);
	grpo_dataset_free(d);
	scratch_text("d.jsonl", "{\"prompt\": 7}\n");
	ck_assert_int_eq(grpo_dataset_open(&d, path, &o), GRPO_EFORMAT);
}
END_TEST

START_TEST(options_of_an_unknown_size_are_refused)
{
	grpo_dataset_options o = {.struct_size = 3};
	grpo_dataset *d;

	ck_assert_int_eq(
	    grpo_dataset_open(&d, scratch_text("d.jsonl", ROW), &o),
	    GRPO_EINVAL);
	ck_assert_ptr_nonnull(
	    strstr(grpo_error_message(), "grpo_dataset_options_init"));
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("dataset_columns");
	TCase *tc = tcase_create("columns");

	tcase_add_checked_fixture(tc, scratch_make, scratch_remove);
	tcase_add_test(tc, a_mapped_column_is_read_under_our_name);
	tcase_add_test(tc, a_mapped_prompt_may_be_a_list_of_messages);
	tcase_add_test(tc, the_map_wins_over_the_files_own_names);
	tcase_add_test(tc,
		       two_names_may_be_exchanged_and_one_column_read_twice);
	tcase_add_test(tc, rows_may_lack_a_mapped_column_that_is_no_prompt);
	tcase_add_loop_test(
	    tc, a_missing_column_is_reported_by_its_name_in_the_file, 0,
	    (int)(sizeof faults / sizeof faults[0]));
	tcase_add_test(tc, a_malformed_column_map_is_refused);
	tcase_add_test(tc,
		       a_file_without_prompts_is_read_where_they_are_optional);
	tcase_add_test(tc, options_of_an_unknown_size_are_refused);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
