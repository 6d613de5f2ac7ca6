/* SPDX-License-Identifier: MIT */
/*
 * Datasets (grpo/dataset.h): the prompt's column or a whole column map, then
 * the file.  Every row of a file that opens can be read, and its cells are
 * sound JSON under our names.
 */
#include "grpo/dataset.h"

#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/mem.h"
#include "grpo/error.h"
#include "tests/fuzz/fuzz.h"

static void check_cell(const grpo_row *row, const grpo_cell *cell)
{
	cJSON *v;
	int rc = grpo__json_parse(&v, cell->json, cell->json_len, "cell");

	/* Cells keep numbers of any length, the parser does not. */
	fuzz_require(rc == 0 ||
		     strstr(grpo_error_message(), "too many digits"));
	fuzz_require(grpo_row_cell(row, cell->name) == cell);
	cJSON_Delete(v);
}

static void check_prompt(const grpo_row *row)
{
	const grpo_cell *cell = grpo_row_cell(row, "prompt");
	cJSON *v;

	fuzz_require(cell && cell->json == row->prompt_json.json);
	if (!row->prompt) {
		fuzz_require(cell->json[0] == '[');
		return;
	}
	fuzz_require(strlen(row->prompt) == row->prompt_len);
	fuzz_require(
	    grpo__json_parse(&v, cell->json, cell->json_len, "prompt") == 0);
	fuzz_require(strcmp(v->valuestring, row->prompt) == 0);
	cJSON_Delete(v);
}

static void check_rows(const grpo_dataset *d)
{
	int64_t i, n = grpo_dataset_rows(d), line = 0;
	grpo_row row;
	size_t c;

	fuzz_require(n > 0);
	for (i = 0; i < n; i++) {
		fuzz_require(grpo_dataset_read(d, &row, i) == 0);
		fuzz_require(row.index == i && row.line > line);
		line = row.line;
		for (c = 0; c < row.n_cells; c++)
			check_cell(&row, &row.cells[c]);
		check_prompt(&row);
		grpo_row_dispose(&row);
	}
	fuzz_require(grpo_dataset_read(d, &row, n) == GRPO_EINVAL);
}

/* {"prompt": column}, or what is a map already; NULL for none. */
static char *column_map(const char *text)
{
	grpo__buf b = {0};

	if (!*text)
		return NULL;
	if (*text == '{')
		return grpo__strndup(text, strlen(text));
	if (grpo__buf_printf(&b, "{\"prompt\": ") < 0 ||
	    grpo__json_quote(&b, text, strlen(text)) < 0 ||
	    grpo__buf_printf(&b, "}") < 0)
		grpo__buf_dispose(&b);
	return b.data;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = fuzz_begin(data, size);
	char *text = fuzz_text(&in), *map = column_map(text);
	size_t len;
	char *file = fuzz_bytes(&in, &len);
	grpo_dataset_options o;
	grpo_dataset *d;
	int rc;

	fuzz_require(grpo_dataset_options_init(&o) == 0);
	o.column_map = map;
	rc = grpo_dataset_open(&d, fuzz_file("rows.jsonl", file, len), &o);
	fuzz_check_code(rc);
	fuzz_require((rc == 0) == (d != NULL));
	if (d)
		check_rows(d);
	grpo_dataset_free(d);
	free(file);
	free(map);
	free(text);
	return 0;
}
