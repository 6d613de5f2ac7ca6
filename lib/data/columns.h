/* SPDX-License-Identifier: MIT */
#ifndef GRPO_DATA_COLUMNS_H
#define GRPO_DATA_COLUMNS_H

#include <stddef.h>
#include "core/json.h"
#include "grpo/dataset.h"

/*
 * A column map: the names under which a file's columns are read
 * (grpo/dataset.h says the rules).
 */
typedef struct grpo__column {
	char *ours, *theirs;
	int seen; /* a row of the file has it */
} grpo__column;

typedef struct grpo__columns {
	grpo__column *list; /* [n] */
	size_t n;
} grpo__columns;

/** Reads {"ours": "theirs", …}. *c must be zeroed, and is complete only if this
 * returns 0. */
int grpo__columns_read(grpo__columns *c, const char *json);
void grpo__columns_dispose(grpo__columns *c);

/** What the file calls our column. */
const char *grpo__columns_theirs(const grpo__columns *c, const char *ours);

/** Members with the file's names into members with ours. */
int grpo__columns_apply(const grpo__columns *c, grpo__json_member **m,
			size_t *n);

/** Notes which columns these members, under our names, have. */
void grpo__columns_mark(grpo__columns *c, const grpo__json_member *m, size_t n);

/** Appends `; the row has "a", "b" and "c"`, the file's names. */
int grpo__columns_list(grpo__buf *b, const grpo__json_member *m, size_t n);

/** Appends how "column_map" would name the prompt, unless the map already
 * does. */
int grpo__columns_advise(grpo__buf *b, const grpo__columns *c,
			 const grpo__json_member *m, size_t n);

/** GRPO_EFORMAT if a column of the map was never marked; the message suggests
 * the nearest column of the file's first row. */
int grpo__columns_check(const grpo__columns *c, const char *path,
			const grpo_row *first);

#endif
