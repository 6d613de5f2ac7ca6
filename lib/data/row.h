/* SPDX-License-Identifier: MIT */
#ifndef GRPO_DATA_ROW_H
#define GRPO_DATA_ROW_H

#include "core/json.h"
#include "data/columns.h"
#include "grpo/dataset.h"

/**
 * Fills *row from one line: its cells, under our names (columns may be NULL),
 * and its prompt where it has one.  The row takes over the text, even on
 * failure; grpo_row_dispose frees it.  The caller sets index and line.
 */
int grpo__row_fill(grpo_row *row, char *text, size_t len,
		   const grpo__columns *columns, const char *where);

grpo_cell grpo__cell_of(const grpo__json_member *m);

/** "path:line", free() it; NULL if out of memory. */
char *grpo__row_where(const char *path, int64_t line);

#endif
