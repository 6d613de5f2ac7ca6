/* SPDX-License-Identifier: MIT */
#ifndef GRPO_DATASET_H
#define GRPO_DATASET_H

#include <stddef.h>
#include <stdint.h>
#include "grpo/export.h"

/*
 * Datasets: JSON Lines, one object a line.  "prompt" is text or a list of
 * messages; every other column is passed to the rewards unchanged.
 *
 *	{"prompt": "What is 12 + 9?", "answer": 21}
 *
 * If the columns of a file have other names, use a column map.  It gives our
 * name first, and everything else then sees only our names:
 *
 *	grpo_dataset_options o;
 *	grpo_dataset_options_init(&o);
 *	o.column_map = "{\"prompt\": \"question\", \"answer\": \"solution\"}";
 *	grpo_dataset_open(&d, "train.jsonl", &o);
 *
 * Opening a file checks every line and stores where it starts.  Rows are read
 * on request, so a dataset may be larger than memory.
 */
typedef struct grpo_dataset grpo_dataset;

typedef struct grpo_dataset_options {
	size_t struct_size; /* set by grpo_dataset_options_init */
	/* A JSON object, {"our name": "name in the file", …}.  A column named
	 * on the right is read under the name on the left; it may be given
	 * several names.  A column that the file itself calls by a name on the
	 * left is not read.  NULL or "null": keep the names of the file. */
	const char *column_map;
	/* Default 0.  1: rows may have no prompt, for example when finished
	 * completions are scored. */
	int32_t prompt_optional;
} grpo_dataset_options;

/** One cell: the name of a column and its JSON text, exactly as in the file. */
typedef struct grpo_cell {
	const char *name;
	const char *json; /* not NUL-terminated */
	size_t json_len;
} grpo_cell;

/** One row.  The row owns everything in it. */
typedef struct grpo_row {
	int64_t index; /* 0 … n_rows-1 */
	int64_t line;  /* in the file, from 1 */
	char *prompt;  /* text; NULL if it is a list of messages */
	size_t prompt_len;
	grpo_cell prompt_json; /* the prompt's cell; its json is NULL if the
				  row has no prompt */
	grpo_cell *cells;      /* every column, including the prompt */
	size_t n_cells;
	void *owned;
	const char *text; /* the line as in the file; not NUL-terminated */
	size_t text_len;
} grpo_row;

/** JSON Lines as a stream: see grpo_jsonl_open. */
typedef struct grpo_jsonl grpo_jsonl;

GRPO_BEGIN_DECLS

/**
 * Sets every field to the default given beside it.
 *
 * Returns 0, or GRPO_EINVAL if no version of the struct has this size.
 * Threads: any.  Allocates: no.  Since 0.1.
 */
GRPO_API int grpo_dataset_options_init_(grpo_dataset_options *o, size_t size);
#define grpo_dataset_options_init(o)                                           \
	grpo_dataset_options_init_((o), sizeof *(o))

/**
 * Opens a file and checks that every line is a JSON object with a prompt.
 *
 * out      out  free with grpo_dataset_free
 * path     in   the file; empty lines are skipped
 * options  in   NULL for defaults
 *
 * Returns 0, GRPO_EIO, or GRPO_EFORMAT with the line:
 *	sums.jsonl:17: "prompt" is missing
 * GRPO_EFORMAT also if the file has no rows, or if no row has a column that
 * the map names on the right.
 * Threads: any.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_dataset_open(grpo_dataset **out, const char *path,
			       const grpo_dataset_options *options);
GRPO_API void grpo_dataset_free(grpo_dataset *d);
GRPO_API int64_t grpo_dataset_rows(const grpo_dataset *d);
GRPO_API const char *grpo_dataset_path(const grpo_dataset *d);

/**
 * Reads row `index` into *row; free it with grpo_row_dispose.
 *
 * Returns 0, GRPO_EINVAL if there is no such row, GRPO_EIO, or GRPO_EFORMAT
 * if the file has changed since it was opened.
 * Threads: any.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_dataset_read(const grpo_dataset *d, grpo_row *row,
			       int64_t index);
GRPO_API void grpo_row_dispose(grpo_row *row);

/**
 * Returns the row's cell of that name, or NULL; borrowed from the row.
 *
 * Threads: any.  Allocates: no.  Since 0.1.
 */
GRPO_API const grpo_cell *grpo_row_cell(const grpo_row *row, const char *name);

/**
 * Decodes a cell that is a JSON string.
 *
 * text  out  UTF-8, NUL-terminated, without NUL inside; free with free()
 * len   out  in bytes; may be NULL
 *
 * Returns 0, GRPO_EFORMAT if the cell is not a string, GRPO_ENOMEM.
 * Threads: any.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_cell_text(char **text, size_t *len, const grpo_cell *cell);

/* ------------------------------------------------------------ streams */

/**
 * Opens JSON Lines to be read once and in order, which also works on a pipe.
 * No column is required.  A row's prompt is its column "prompt"; if it has
 * none, prompt_json.name is NULL.
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

/** Closes the file, except standard input.  Threads: one at a time.
 *  Since 0.1. */
GRPO_API void grpo_jsonl_free(grpo_jsonl *j);

/** The name used in messages: the path, or "standard input".  Threads: any.
 *  Since 0.1. */
GRPO_API const char *grpo_jsonl_path(const grpo_jsonl *j);

/**
 * Reads the next row; free it with grpo_row_dispose.  Memory depends on the
 * longest line, not on the size of the file.
 *
 * Returns 1 for a row, 0 at the end, GRPO_EFORMAT if a line is not a JSON
 * object (the message names file and line; the next call continues with the
 * line after it), GRPO_EIO or GRPO_ENOMEM.
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
 * Finds the rows of `held_out` whose prompt also appears in `train`: accuracy
 * on them measures memory, not skill.
 *
 * Two prompts are the same if their texts are equal after letters are
 * lowercased and each run of white space is replaced by one space.  The text
 * of a list of messages is the content of all messages except the system's, so
 * a plain question equals a list with only that question.  A row without a
 * prompt equals no other row.
 *
 * n_rows  out  number of such rows; may be NULL
 * fn      in   called once for each of them, in the order of `held_out`, with
 *              the first row of `train` that has the same prompt; NULL: only
 *              count.  A negative return value ends the search and is returned.
 *
 * Returns 0, or what grpo_dataset_read returns.  Reads both files completely.
 * Threads: any.  Allocates: 16 bytes a row of `train`.  Since 0.1.
 */
GRPO_API int grpo_dataset_overlap(int64_t *n_rows, const grpo_dataset *train,
				  const grpo_dataset *held_out,
				  grpo_dataset_pair_fn fn, void *ctx);

GRPO_END_DECLS

#endif
