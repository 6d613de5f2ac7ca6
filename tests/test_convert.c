/* SPDX-License-Identifier: MIT */
/*
 * datasets/convert.py and build/bin/check_dataset: what they write of small
 * files in each format, and how they refuse bad ones.  With DATA, a folder
 * that holds gsm8k/{train,test}.jsonl and math/{train,math500}.jsonl, the real
 * files are converted too.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include "grpo/dataset.h"
#include "grpo/error.h"
#include "tests/scratch.h"
#include "tests/suite.h"

/* Exit status; both outputs, one after the other, are cut to fit `out`. */
static int run_command(char *out, size_t cap, const char *command)
{
	FILE *f = popen(command, "r");
	size_t n;
	int status;

	ck_assert_ptr_nonnull(f);
	n = fread(out, 1, cap - 1, f);
	out[n] = '\0';
	while (getc(f) != EOF)
		;
	status = pclose(f);
	ck_assert(WIFEXITED(status));
	ck_assert_int_ne(WEXITSTATUS(status), 127); /* not there */
	return WEXITSTATUS(status);
}

/* Converts a scratch file of this text; the rows go to "out.jsonl". */
static int convert(char out[4096], const char *arguments, const char *text)
{
	const char *path = scratch_text("in.jsonl", text);
	char command[2048];

	snprintf(command, sizeof command,
		 "python3 datasets/convert.py -o '%s' %s '%s' 2>&1",
		 scratch_path("out.jsonl"), arguments, path);
	return run_command(out, 4096, command);
}

static void assert_converts(const char *format, const char *text,
			    const char *want)
{
	char out[4096], *rows;
	size_t len;

	ck_assert_msg(convert(out, format, text) == 0, "%s", out);
	ck_assert_int_eq(
	    grpo__file_read(&rows, &len, scratch_path("out.jsonl"), 1 << 20),
	    0);
	ck_assert_str_eq(rows, want);
	free(rows);
}

/* ------------------------------------------------------------- each format */

START_TEST(gsm8k_gives_the_final_answer_and_keeps_the_steps)
{
	assert_converts(
	    "gsm8k",
	    "{\"question\": \"How many?\", \"answer\": \"2*600=<<2*600=1200>>"
	    "1,200 of them.\\n#### 1,200\"}\n",
	    "{\"prompt\": \"How many?\", \"answer\": \"1200\", \"solution\": "
	    "\"2*600=<<2*600=1200>>1,200 of them.\"}\n");
}
END_TEST

START_TEST(math_gives_the_last_box_with_its_braces_counted)
{
	assert_converts(
	    "math",
	    "{\"problem\": \"p\", \"level\": \"Level 5\", \"type\": "
	    "\"Algebra\", \"solution\": \"Not $\\\\boxed{1}$ but "
	    "$\\\\boxed{\\\\frac{\\\\sqrt{2}}{x_{1}}}$. }\"}\n",
	    "{\"prompt\": \"p\", \"answer\": \"\\\\frac{\\\\sqrt{2}}{x_{1}}\", "
	    "\"level\": 5, \"type\": \"Algebra\", \"solution\": \"Not "
	    "$\\\\boxed{1}$ but $\\\\boxed{\\\\frac{\\\\sqrt{2}}{x_{1}}}$. "
	    "}\"}\n");
}
END_TEST

static const char *const boxes[][2] = {
    {"\\\\boxed{\\\\{1, 2\\\\}}", "\\\\{1, 2\\\\}"},
    {"\\\\boxed{\\\\left\\\\{ x \\\\right.}", "\\\\left\\\\{ x \\\\right."},
    {"$\\\\boxed 5$", "5"},
    {"\\\\fbox{7}", "7"},
    {"\\\\boxed {a}", "a"},
    {"$\\\\boxed\\\\pi$", "\\\\pi"},
};

START_TEST(boxes_of_every_kind_are_read)
{
	char text[256], want[256];

	snprintf(text, sizeof text,
		 "{\"problem\": \"p\", \"solution\": \"%s\"}", boxes[_i][0]);
	snprintf(want, sizeof want,
		 "{\"prompt\": \"p\", \"answer\": \"%s\", \"solution\": "
		 "\"%s\"}\n",
		 boxes[_i][1], boxes[_i][0]);
	assert_converts("math", text, want);
}
END_TEST

START_TEST(math_uses_an_answer_column_next_to_the_solution)
{
	assert_converts("math",
			"{\"problem\": \"p\", \"solution\": \"none\", "
			"\"answer\": \"7\", \"subject\": \"Geometry\", "
			"\"level\": 2, \"unique_id\": \"test/1\"}\n",
			"{\"prompt\": \"p\", \"answer\": \"7\", \"level\": 2, "
			"\"type\": \"Geometry\", \"solution\": \"none\", "
			"\"unique_id\": \"test/1\"}\n");
}
END_TEST

START_TEST(math_reads_the_folder_of_its_first_publication)
{
	char command[1024], out[4096];

	ck_assert_int_eq(grpo__make_folder(scratch_path("train/algebra")), 0);
	ck_assert_int_eq(grpo__make_folder(scratch_path("train/geometry")), 0);
	scratch_text("train/geometry/1.json",
		     "{\"problem\": \"g\", \"level\": \"Level ?\", \"type\": "
		     "\"Geometry\",\n\"solution\": \"\\\\boxed{2}\"}");
	scratch_text("train/algebra/9.json",
		     "{\"problem\": \"a\", \"solution\": \"\\\\boxed{1}\"}");
	snprintf(command, sizeof command,
		 "python3 datasets/convert.py math '%s' 2>/dev/null",
		 scratch_path("train"));
	ck_assert_int_eq(run_command(out, sizeof out, command), 0);
	ck_assert_str_eq(out,
			 "{\"prompt\": \"a\", \"answer\": \"1\", \"solution\": "
			 "\"\\\\boxed{1}\"}\n"
			 "{\"prompt\": \"g\", \"answer\": \"2\", \"level\": "
			 "null, \"type\": \"Geometry\", \"solution\": "
			 "\"\\\\boxed{2}\"}\n");
}
END_TEST

#define DAPO(question, answer)                                                 \
	"{\"data_source\": \"math_dapo\", \"prompt\": [{\"role\": \"user\", "  \
	"\"content\": \"Solve the following math problem step by step. The "   \
	"last line of your response should be of the form Answer: $Answer "    \
	"(without quotes) where $Answer is the answer to the "                 \
	"problem.\\n\\n" question                                              \
	"\\n\\nRemember to put your answer on its own line after "             \
	"\\\"Answer:\\\".\"}], \"ability\": \"MATH\", "                        \
	"\"reward_model\": {\"ground_truth\": " answer                         \
	", \"style\": \"rule-lighteval/MATH_v2\"}, \"extra_info\": "           \
	"{\"index\": \"9a\"}}\n"

START_TEST(dapo_gives_the_bare_question_once)
{
	char out[4096];

	assert_converts(
	    "dapo",
	    DAPO("1+1?", "\"2\"") DAPO("2+2?", "\"4\"") DAPO("1+1?", "\"2\"")
		DAPO("1+1?", "\"3\""),
	    "{\"prompt\": \"1+1?\", \"answer\": \"2\", \"data_source\": "
	    "\"math_dapo\", \"ability\": \"MATH\", \"extra_info\": {\"index\": "
	    "\"9a\"}}\n"
	    "{\"prompt\": \"2+2?\", \"answer\": \"4\", \"data_source\": "
	    "\"math_dapo\", \"ability\": \"MATH\", \"extra_info\": {\"index\": "
	    "\"9a\"}}\n");
	ck_assert_int_eq(convert(out, "dapo",
				 DAPO("1+1?", "\"2\"") DAPO("1+1?", "\"2\"")
				     DAPO("1+1?", "\"3\"")),
			 0);
	ck_assert_str_eq(out,
			 "convert.py: rows written: 1; left out because the "
			 "prompt came before: 2 (with another answer: 1)\n");
	ck_assert_int_eq(convert(out, "dapo --keep-repeats",
				 DAPO("1+1?", "\"2\"") DAPO("1+1?", "\"2\"")),
			 0);
	ck_assert_str_eq(out, "convert.py: rows written: 2\n");
}
END_TEST

START_TEST(verl_keeps_the_messages_and_gives_the_ground_truth)
{
	assert_converts(
	    "verl",
	    "{\"prompt\": [{\"role\": \"user\", \"content\": \"q\"}], "
	    "\"reward_model\": {\"style\": \"rule\", \"ground_truth\": "
	    "{\"target\": 7}}, \"data_source\": \"x\"}\n",
	    "{\"prompt\": [{\"role\": \"user\", \"content\": \"q\"}], "
	    "\"answer\": {\"target\": 7}, \"data_source\": \"x\"}\n");
}
END_TEST

/* The same words as of our own generator, whose problem is read from it. */
START_TEST(countdown_asks_as_the_generator_asks)
{
	const char *build = getenv("BUILD");
	char command[512], made[4096], in[256], *nums;

	snprintf(command, sizeof command,
		 "${EMULATOR-} %s/bin/make_dataset countdown --n 1 --seed 3",
		 build ? build : "build");
	ck_assert_int_eq(run_command(made, sizeof made, command), 0);
	nums = strstr(made, "\"nums\"");
	ck_assert_ptr_nonnull(nums);
	snprintf(in, sizeof in, "{%s", nums);
	assert_converts("countdown", in, made);
}
END_TEST

START_TEST(written_problems_are_a_dataset)
{
	grpo_dataset *d;
	char out[4096];
	grpo_row row;

	ck_assert_int_eq(convert(out, "gsm8k",
				 "\xef\xbb\xbf{\"question\": \"\\u20ac?\", "
				 "\"answer\": \"#### -3\"}\n\n"),
			 0);
	ck_assert_int_eq(grpo_dataset_open(&d, scratch_path("out.jsonl"), NULL),
			 0);
	ck_assert_int_eq(grpo_dataset_read(d, &row, 0), 0);
	ck_assert_str_eq(row.prompt, "\xe2\x82\xac?");
	ck_assert_int_eq(
	    strncmp(grpo_row_cell(&row, "answer")->json, "\"-3\"", 4), 0);
	grpo_row_dispose(&row);
	grpo_dataset_free(d);
}
END_TEST

/* ----------------------------------------------------------------- bad input
 */

static const struct {
	const char *format, *text, *says;
} faults[] = {
    {"gsm8k", "{\"question\": \"q\"}", ":1: \"answer\" is missing"},
    {"gsm8k", "{\"question\": \"q\", \"answer\": \"7\"}",
     ":1: \"answer\": expected \"####\" and the final answer at its end"},
    {"gsm8k", "{\"question\": \"q\", \"answer\": \"x #### \"}",
     ":1: \"answer\": expected \"####\" and the final answer at its end"},
    {"gsm8k", "\n{\"question\": 7, \"answer\": \"#### 7\"}",
     ":2: \"question\": expected text"},
    {"gsm8k", "[1]", ":1: expected an object"},
    {"gsm8k", "{\"question\": ", ":1: not JSON"},
    {"gsm8k", "{\"question\": \"\xff\"}", ":1: not JSON: 'utf-8'"},
    {"gsm8k", "", "in.jsonl: has no rows"},
    {"gsm8k", "{\"question\": \"a\\u0000\", \"answer\": \"#### 7\"}",
     ":1: \"prompt\": text with a NUL in it"},
    {"gsm8k", "{\"question\": \"\\ud800\", \"answer\": \"#### 7\"}",
     ":1: \"prompt\": a lone surrogate"},
    {"math", "{\"problem\": \"p\", \"solution\": \"7\"}",
     ":1: \"solution\": expected an answer in \\boxed{}"},
    {"math", "{\"problem\": \"p\", \"solution\": \"\\\\boxed{7\"}",
     ":1: \"solution\": expected an answer in \\boxed{}"},
    {"math", "{\"problem\": \"p\", \"answer\": null}",
     ":1: \"answer\": expected text"},
    {"verl", "{\"prompt\": \"p\", \"reward_model\": {}}",
     ":1: \"reward_model.ground_truth\" is missing"},
    {"verl", "{\"prompt\": [7], \"reward_model\": {\"ground_truth\": 1}}",
     ":1: \"prompt\": expected text or a list of messages"},
    {"dapo", "{\"prompt\": \"p\", \"reward_model\": {\"ground_truth\": 1}}",
     ":1: \"prompt\": expected DAPO's instruction around the question"},
    {"countdown", "{\"nums\": [1, 2.5], \"target\": 7}",
     ":1: \"nums\": expected a list of whole numbers"},
    {"countdown", "{\"nums\": [1, 2], \"target\": \"7\"}",
     ":1: \"target\": expected a whole number"},
};

/* One line, and no file under the final name. */
START_TEST(a_bad_row_is_named_by_file_line_and_key)
{
	char out[4096];

	ck_assert_int_eq(convert(out, faults[_i].format, faults[_i].text), 1);
	ck_assert_msg(strstr(out, faults[_i].says) != NULL, "%s", out);
	ck_assert_int_eq(strncmp(out, "convert.py: /", 13), 0);
	ck_assert_ptr_eq(strchr(out, '\n'), out + strlen(out) - 1);
	ck_assert(!grpo__file_exists(scratch_path("out.jsonl")));
	ck_assert(!grpo__file_exists(scratch_path("out.jsonl.new")));
}
END_TEST

START_TEST(bad_rows_can_be_left_out_and_are_counted)
{
	char out[4096];

	ck_assert_int_eq(convert(out, "gsm8k --skip-bad",
				 "{\"question\": \"q\", \"answer\": \"7\"}\n"
				 "{\"question\": \"r\", \"answer\": "
				 "\"#### 7\"}\n"),
			 0);
	ck_assert_ptr_nonnull(strstr(out, "in.jsonl:1: \"answer\""));
	ck_assert_ptr_nonnull(
	    strstr(out, "rows written: 1; left out as bad: 1\n"));
}
END_TEST

/* A file of the scratch folder by its own name, to standard output. */
static int convert_named(char out[4096], const char *format, const char *name,
			 const char *text)
{
	char command[1024];

	snprintf(command, sizeof command,
		 "python3 datasets/convert.py %s '%s' 2>&1", format,
		 scratch_text(name, text));
	return run_command(out, 4096, command);
}

START_TEST(csv_and_json_lists_become_lines)
{
	char out[4096];

	ck_assert_int_eq(convert_named(out, "csv", "a.csv",
				       "\xef\xbb\xbfquestion,answer\n"
				       "\"a, \"\"b\"\"\n?\",4\n"),
			 0);
	ck_assert_str_eq(out, "{\"question\": \"a, \\\"b\\\"\\n?\", "
			      "\"answer\": \"4\"}\n"
			      "convert.py: rows written: 1\n");
	ck_assert_int_eq(convert_named(out, "csv", "a.tsv", "q\ta\n1,2\t3\n"),
			 0);
	ck_assert_ptr_nonnull(strstr(out, "{\"q\": \"1,2\", \"a\": \"3\"}"));
	ck_assert_int_eq(convert_named(out, "json", "a.json",
				       "[{\"prompt\": \"a\"},\n {\"n\": 1}]"),
			 0);
	ck_assert_str_eq(out, "{\"prompt\": \"a\"}\n{\"n\": 1}\n"
			      "convert.py: rows written: 2\n");
	ck_assert_int_eq(
	    convert_named(out, "gsm8k", "a.csv", "question,answer\nq,#### 7\n"),
	    0);
	ck_assert_ptr_nonnull(strstr(out, "\"answer\": \"7\""));
}
END_TEST

START_TEST(csv_and_json_lists_with_faults_are_named)
{
	char out[4096];

	ck_assert_int_eq(convert_named(out, "csv", "a.csv", "a,b\n1,2\n3\n"),
			 1);
	ck_assert_ptr_nonnull(
	    strstr(out, "a.csv:3: expected 2 cells, as the header has"));
	ck_assert_int_eq(convert_named(out, "csv", "a.csv", "a,b\n\"1,2\n"), 1);
	ck_assert_ptr_nonnull(strstr(out, "a.csv:"));
	ck_assert_int_eq(convert_named(out, "json", "a.json", "[{}, 7]"), 1);
	ck_assert_ptr_nonnull(strstr(out, "a.json: row 2: expected an object"));
	ck_assert_int_eq(convert_named(out, "json", "a.json", "[1"), 1);
	ck_assert_ptr_nonnull(strstr(out, "a.json: not JSON"));
}
END_TEST

START_TEST(what_was_not_downloaded_is_told_with_the_remedy)
{
	char out[4096], command[512];

	ck_assert_int_eq(
	    run_command(out, sizeof out,
			"python3 datasets/convert.py gsm8k openai/gsm8k 2>&1"),
	    1);
	ck_assert_str_eq(
	    out, "convert.py: openai/gsm8k: No such file or directory; "
		 "nothing is downloaded: `hf download openai/gsm8k --repo-type "
		 "dataset --local-dir gsm8k`, then name one of its files\n");
	scratch_text("a.parquet", "PAR1");
	snprintf(command, sizeof command,
		 "python3 datasets/convert.py gsm8k '%s' 2>&1", scratch_folder);
	ck_assert_int_eq(run_command(out, sizeof out, command), 1);
	ck_assert_ptr_nonnull(
	    strstr(out, ": has no .json files; name one of its files, such "
			"as /"));
}
END_TEST

START_TEST(a_file_that_is_not_there_is_named)
{
	char out[4096];

	ck_assert_int_eq(
	    run_command(out, sizeof out,
			"python3 datasets/convert.py gsm8k /nowhere.jsonl "
			"2>&1"),
	    1);
	ck_assert_str_eq(out, "convert.py: /nowhere.jsonl: No such file or "
			      "directory\n");
}
END_TEST

/* ------------------------------------------------------------------ Parquet */

START_TEST(parquet_without_pyarrow_says_how_to_get_it)
{
	char command[2048], out[4096];

	ck_assert_int_eq(grpo__make_folder(scratch_path("none/pyarrow")), 0);
	scratch_text("none/pyarrow/__init__.py", "raise ImportError('none')\n");
	snprintf(command, sizeof command,
		 "PYTHONPATH='%s' python3 datasets/convert.py parquet "
		 "'%s' 2>&1",
		 scratch_path("none"), scratch_text("x.parquet", "PAR1"));
	ck_assert_int_eq(run_command(out, sizeof out, command), 1);
	ck_assert_ptr_nonnull(strstr(
	    out, "x.parquet: Parquet needs the package pyarrow: python3 -m "
		 "pip install pyarrow\n"));
}
END_TEST

static const char write_parquet[] =
    "import sys, pyarrow, pyarrow.parquet, datetime, decimal\n"
    "rows = [{'q': 'a', 'x': float('nan'), 'n': [1, 2], 'd': "
    "datetime.date(2020, 1, 2), 'e': decimal.Decimal('1.50')}]\n"
    "pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), "
    "sys.argv[1])\n";

START_TEST(parquet_becomes_rows_as_they_stand)
{
	char command[2048], out[4096];
	const char *path = scratch_path("x.parquet");

	if (system("python3 -c 'import pyarrow.parquet' 2>/dev/null") != 0) {
		puts("skipped: pyarrow is not installed");
		return;
	}
	snprintf(command, sizeof command, "python3 '%s' '%s'",
		 scratch_text("make.py", write_parquet), path);
	ck_assert_int_eq(run_command(out, sizeof out, command), 0);
	snprintf(command, sizeof command,
		 "python3 datasets/convert.py parquet '%s' 2>/dev/null", path);
	ck_assert_int_eq(run_command(out, sizeof out, command), 0);
	ck_assert_str_eq(out, "{\"q\": \"a\", \"x\": null, \"n\": [1, 2], "
			      "\"d\": \"2020-01-02\", \"e\": \"1.50\"}\n");
}
END_TEST

/* ------------------------------------------------------------ check_dataset */

static int check_dataset(char out[4096], const char *arguments)
{
	const char *build = getenv("BUILD");
	char command[4096];

	snprintf(command, sizeof command,
		 "${EMULATOR-} %s/bin/check_dataset %s 2>&1",
		 build ? build : "build", arguments);
	return run_command(out, 4096, command);
}

START_TEST(check_dataset_names_the_rows_that_stand_in_both)
{
	char out[4096], arguments[2048];
	const char *train =
	    scratch_text("train.jsonl", "{\"q\": \"a\"}\n{\"q\": \"b\"}\n");
	const char *test =
	    scratch_text("test.jsonl", "{\"q\": \"c\"}\n{\"q\": \" B\"}\n");

	snprintf(arguments, sizeof arguments,
		 "--column-map '{\"prompt\": \"q\"}' %s %s", train, test);
	ck_assert_int_eq(check_dataset(out, arguments), 1);
	ck_assert_ptr_nonnull(strstr(out, "train.jsonl:2 and "));
	ck_assert_ptr_nonnull(strstr(out, "test.jsonl:2 have the same prompt"));
	ck_assert_ptr_nonnull(
	    strstr(out, "1 of 2 held-out rows are in both files"));
	scratch_text("test.jsonl", "{\"q\": \"c\"}\n");
	ck_assert_int_eq(check_dataset(out, arguments), 0);
	ck_assert_int_eq(check_dataset(out, train), 1);
	ck_assert_ptr_nonnull(strstr(out, "train.jsonl:1: \"prompt\""));
	ck_assert_int_eq(check_dataset(out, "--nonsense"), 2);
	ck_assert_int_eq(check_dataset(out, "--help"), 0);
}
END_TEST

/* ------------------------------------------------------------- real files */

static const struct {
	const char *file, *arguments, *says;
} real[] = {
    {"gsm8k/train.jsonl", "gsm8k", "rows written: 7473\n"},
    {"gsm8k/test.jsonl", "gsm8k", "rows written: 1319\n"},
    {"math/math500.jsonl", "math", "rows written: 500\n"},
    {"math/train.jsonl", "math --skip-bad",
     "rows written: 7470; left out as bad: 4\n"},
};

START_TEST(the_real_files_are_converted_whole)
{
	const char *data = getenv("DATA");
	char command[2048], out[4096];
	grpo_dataset *d;

	if (!data) {
		printf("skipped: DATA is not set, %s\n", real[_i].file);
		return;
	}
	snprintf(command, sizeof command,
		 "python3 datasets/convert.py -o '%s' %s '%s/%s' 2>&1",
		 scratch_path("out.jsonl"), real[_i].arguments, data,
		 real[_i].file);
	ck_assert_msg(run_command(out, sizeof out, command) == 0, "%s", out);
	ck_assert_msg(strstr(out, real[_i].says) != NULL, "%s", out);
	ck_assert_int_eq(grpo_dataset_open(&d, scratch_path("out.jsonl"), NULL),
			 0);
	grpo_dataset_free(d);
}
END_TEST

/* MATH-500 gives the answer beside the solution: the box must hold it. */
static const char compare_boxes[] =
    "import json, sys\n"
    "sys.path.insert(0, 'datasets')\n"
    "from convert import last_boxed\n"
    "rows = [json.loads(line) for line in open(sys.argv[1])]\n"
    "same = sum(last_boxed(r['solution']) == r['answer'] for r in rows)\n"
    "print(f'{same} of {len(rows)}')\n";

START_TEST(the_boxes_of_math_500_hold_its_answers)
{
	const char *data = getenv("DATA");
	char command[2048], out[4096];

	if (!data) {
		puts("skipped: DATA is not set, math/math500.jsonl");
		return;
	}
	snprintf(command, sizeof command,
		 "PYTHONDONTWRITEBYTECODE=1 python3 '%s' "
		 "'%s/math/math500.jsonl'",
		 scratch_text("compare.py", compare_boxes), data);
	ck_assert_int_eq(run_command(out, sizeof out, command), 0);
	ck_assert_str_eq(out, "500 of 500\n");
}
END_TEST

#define N(array) (int)(sizeof(array) / sizeof((array)[0]))

static Suite *suite(void)
{
	Suite *s = suite_create("convert");
	TCase *tc = tcase_create("convert");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, scratch_make, scratch_remove);
	tcase_add_test(tc, gsm8k_gives_the_final_answer_and_keeps_the_steps);
	tcase_add_test(tc, math_gives_the_last_box_with_its_braces_counted);
	tcase_add_loop_test(tc, boxes_of_every_kind_are_read, 0, N(boxes));
	tcase_add_test(tc, math_uses_an_answer_column_next_to_the_solution);
	tcase_add_test(tc, math_reads_the_folder_of_its_first_publication);
	tcase_add_test(tc, dapo_gives_the_bare_question_once);
	tcase_add_test(tc, verl_keeps_the_messages_and_gives_the_ground_truth);
	tcase_add_test(tc, countdown_asks_as_the_generator_asks);
	tcase_add_test(tc, written_problems_are_a_dataset);
	tcase_add_loop_test(tc, a_bad_row_is_named_by_file_line_and_key, 0,
			    N(faults));
	tcase_add_test(tc, bad_rows_can_be_left_out_and_are_counted);
	tcase_add_test(tc, a_file_that_is_not_there_is_named);
	tcase_add_test(tc, csv_and_json_lists_become_lines);
	tcase_add_test(tc, csv_and_json_lists_with_faults_are_named);
	tcase_add_test(tc, what_was_not_downloaded_is_told_with_the_remedy);
	tcase_add_test(tc, parquet_without_pyarrow_says_how_to_get_it);
	tcase_add_test(tc, parquet_becomes_rows_as_they_stand);
	tcase_add_test(tc, check_dataset_names_the_rows_that_stand_in_both);
	tcase_add_loop_test(tc, the_real_files_are_converted_whole, 0, N(real));
	tcase_add_test(tc, the_boxes_of_math_500_hold_its_answers);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
