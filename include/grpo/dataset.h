/* SPDX-License-Identifier: MIT */
#ifndef GRPO_DATASET_H
#define GRPO_DATASET_H

#include <stddef.h>
#include <stdint.h>
#include "grpo/export.h"

/*
 * Datasets: JSON Lines, one object a line.  "prompt" is text or a list of
 * messages; every other column goes to the rewards as it stands.
 *
 *	{"prompt": "What is 12 + 9?", "answer": 21}
 *
 * The file is indexed once as a stream (line starts and checks) and rows are
 * read when they are asked for, so a dataset may be larger than memory.
 */
typedef struct grpo_dataset grpo_dataset;

/** One cell: a column's name and its JSON text, as it stands in the file. */
typedef struct grpo_cell {
	const char *name;
	const char *json; /* not NUL-terminated */
	size_t json_len;
} grpo_cell;

/** One row; everything is owned by the row. */
typedef struct grpo_row {
	int64_t index; /* 0 … n_rows-1 */
	int64_t line;  /* in the file, from 1 */
	char *prompt;  /* text, or NULL where it is a list of messages */
	size_t prompt_len;
	grpo_cell prompt_json; /* the prompt's cell, as it stands */
	grpo_cell *cells;      /* every column, the prompt's too */
	size_t n_cells;
	void *owned;
} grpo_row;

GRPO_BEGIN_DECLS

/**
 * Opens and checks a file: every line a JSON object with the prompt's column.
 *
 * out            out  free with grpo_dataset_free
 * path           in   the file; empty lines are skipped
 * prompt_column  in   the prompt's column, NULL for "prompt"
 *
 * Returns 0, GRPO_EIO, or GRPO_EFORMAT with the line:
 *	sums.jsonl:17: "prompt" is missing
 * A file without any row is GRPO_EFORMAT too.
 * Threads: any.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_dataset_open(grpo_dataset **out, const char *path,
			       const char *prompt_column);
GRPO_API void grpo_dataset_free(grpo_dataset *d);
GRPO_API int64_t grpo_dataset_rows(const grpo_dataset *d);
GRPO_API const char *grpo_dataset_path(const grpo_dataset *d);

/**
 * Reads row `index` into *row; grpo_row_dispose frees it.
 *
 * Returns 0, GRPO_EINVAL for a row that is not there, GRPO_EIO, or
 * GRPO_EFORMAT where the file changed since it was opened.
 * Threads: any.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_dataset_read(const grpo_dataset *d, grpo_row *row,
			       int64_t index);
GRPO_API void grpo_row_dispose(grpo_row *row);

/** The row's cell of that name, or NULL; borrowed from the row. */
GRPO_API const grpo_cell *grpo_row_cell(const grpo_row *row, const char *name);

GRPO_END_DECLS

#endif
