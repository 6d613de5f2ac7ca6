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
 * A file with other names is read through a column map, our name first, and
 * then looks to everybody as if it had been written with ours:
 *
 *	grpo_dataset_options o;
 *	grpo_dataset_options_init(&o);
 *	o.column_map = "{\"prompt\": \"question\", \"answer\": \"solution\"}";
 *	grpo_dataset_open(&d, "train.jsonl", &o);
 *
 * The file is indexed once as a stream (line starts and checks) and rows are
 * read when they are asked for, so a dataset may be larger than memory.
 */
typedef struct grpo_dataset grpo_dataset;

typedef struct grpo_dataset_options {
	size_t struct_size; /* set by grpo_dataset_options_init */
	/* A JSON object, {"ours": "the file's", …}.  A column of the file
	 * whose name stands on the right is read under the name on the left,
	 * or the several of them; what the file itself calls by a name on the
	 * left is not read.  NULL or "null": the names are the file's. */
	const char *column_map;
	/* 0; 1: a row may lack the prompt, as where finished completions are
	 * scored. */
	int32_t prompt_optional;
} grpo_dataset_options;

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
	grpo_cell prompt_json; /* the prompt's cell, as it stands; its json is
				  NULL where the row has no prompt */
	grpo_cell *cells;      /* every column, the prompt's too */
	size_t n_cells;
	void *owned;
	const char *text; /* the whole line, as it stands; not NUL-terminated */
	size_t text_len;
} grpo_row;

/** JSON Lines as a stream: see grpo_jsonl_open. */
typedef struct grpo_jsonl grpo_jsonl;

GRPO_BEGIN_DECLS

/**
 * Defaults, as written beside the fields.
 *
 * Returns 0, or GRPO_EINVAL for a size that no version of the struct has.
 * Threads: any.  Allocates: no.  Since 0.1.
 */
GRPO_API int grpo_dataset_options_init_(grpo_dataset_options *o, size_t size);
#define grpo_dataset_options_init(o)                                           \
	grpo_dataset_options_init_((o), sizeof *(o))

/**
 * Opens and checks a file: every line a JSON object with a prompt.
 *
 * out      out  free with grpo_dataset_free
 * path     in   the file; empty lines are skipped
 * options  in   NULL for defaults
 *
 * Returns 0, GRPO_EIO, or GRPO_EFORMAT with the line:
 *	sums.jsonl:17: "prompt" is missing
 * A file without any row is GRPO_EFORMAT too, and so is a name on the right
 * of the column map that no row has.
 * Threads: any.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_dataset_open(grpo_dataset **out, const char *path,
			       const grpo_dataset_options *options);
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

/**
 * The row's cell of that name, or NULL; borrowed from the row.
 *
 * Threads: any.  Allocates: no.  Since 0.1.
 */
GRPO_API const grpo_cell *grpo_row_cell(const grpo_row *row, const char *name);

/**
 * The text of a cell that is a JSON string.
 *
 * text  out  UTF-8, NUL-terminated and without NUL inside; free() it
 * len   out  in bytes, or NULL
 *
 * Returns 0, GRPO_EFORMAT where the cell is something else, GRPO_ENOMEM.
 * Threads: any.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_cell_text(char **text, size_t *len, const grpo_cell *cell);

/* --------------------------------------------------------- as a stream */

/**
 * Opens JSON Lines to be read once, in order: also from a pipe, and without
 * asking for any column.  A row's prompt is its column "prompt" where it has
 * one; prompt_json.name is NULL where it has none.
 *
 *	while ((rc = grpo_jsonl_next(j, &row)) > 0) {
 *		...
 *		grpo_row_dispose(&row);
 *	}
 *
 * out   out  free with grpo_jsonl_free
 * path  in   the file, or "-" for standard input, which stays open
 *
 * Returns 0, GRPO_EIO, GRPO_ENOMEM.
 * Threads: any.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_jsonl_open(grpo_jsonl **out, const char *path);

/** Closes the file that open opened.  Threads: one at a time.  Since 0.1. */
GRPO_API void grpo_jsonl_free(grpo_jsonl *j);

/** As messages name it: the path, or "standard input".  Threads: any.
 *  Since 0.1. */
GRPO_API const char *grpo_jsonl_path(const grpo_jsonl *j);

/**
 * Reads the next row; grpo_row_dispose frees it.  Memory grows with the
 * longest line, not with the file.
 *
 * Returns 1 for a row, 0 at the end, GRPO_EFORMAT with file and line for a
 * line that is no JSON object (the next call goes on behind it), GRPO_EIO or
 * GRPO_ENOMEM.
 * Threads: one at a time.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_jsonl_next(grpo_jsonl *j, grpo_row *row);

/* ------------------------------------------------- train and held-out */

/** Two rows with the same prompt; borrowed for the call. */
typedef struct grpo_dataset_pair {
	size_t struct_size;
	int64_t train_row, held_out_row;
	int64_t train_line, held_out_line; /* in their files, from 1 */
} grpo_dataset_pair;

typedef int (*grpo_dataset_pair_fn)(void *ctx, const grpo_dataset_pair *pair);

/**
 * Finds the rows of `held_out` whose prompt stands in `train` too: accuracy
 * on them says what was remembered.
 *
 * Prompts are the same where their texts are, with letters in lower case and
 * every run of white space as one space.  The text of a list of messages is
 * what all but the system's say, so a question alone is the same as a list
 * with that question.  Rows without a prompt are the same as none.
 *
 * n_rows  out  how many such rows; may be NULL
 * fn      in   called once for each, in the order of `held_out`, with the
 *              first row of `train` that it repeats; NULL: only count.  A
 *              negative return ends the search and is returned.
 *
 * Returns 0, or what grpo_dataset_read returns.  Reads both files whole.
 * Threads: any.  Allocates: 16 bytes a row of `train`.  Since 0.1.
 */
GRPO_API int grpo_dataset_overlap(int64_t *n_rows, const grpo_dataset *train,
				  const grpo_dataset *held_out,
				  grpo_dataset_pair_fn fn, void *ctx);

GRPO_END_DECLS

#endif
