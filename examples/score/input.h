/* SPDX-License-Identifier: MIT */
#ifndef SCORE_INPUT_H
#define SCORE_INPUT_H

#include <stdint.h>
#include "grpo/dataset.h"
#include "keys.h"

/** One row to score; item_dispose frees it. */
struct item {
	grpo_row row;
	const char *path; /* with row.line: where it stands; borrowed */
	char *completion; /* NULL: the row has none */
	size_t completion_len;
	uint8_t finish;  /* enum grpo_reward_finish */
	int32_t *tokens; /* [n_tokens] or NULL */
	int64_t n_tokens;
	grpo_cell key; /* rows of equal keys are a group; json NULL: none */
	uint32_t group, group_size;
};

/** The rows of all files, one after the other. */
struct input {
	char **files; /* [n_files] */
	int n_files;
	const char *group; /* column of the key; NULL: the prompt */
	int strict;
	int references_only; /* a row may lack its completion */
	int whole_groups;    /* rows of a group must stand together */

	int at; /* the file that is read, or comes next */
	grpo_jsonl *file;
	int64_t skipped; /* bad lines */
	struct keys keys;
};

/**
 * The next good row; bad lines before it are named and counted.  Returns 1,
 * 0 at the end, or a negative code with the line of the fault set: for a file
 * that cannot be read, and where strict for a bad line.
 */
int input_next(struct input *in, struct item *out);
void input_dispose(struct input *in);
void item_dispose(struct item *x);

#endif
