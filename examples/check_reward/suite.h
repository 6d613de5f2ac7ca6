/* SPDX-License-Identifier: MIT */
#ifndef CHECK_REWARD_SUITE_H
#define CHECK_REWARD_SUITE_H

#include <stdint.h>
#include "grpo/dataset.h"
#include "grpo/reward_set.h"

/*
 * The rows that a plug-in is tried on: the cases that come with it, and some
 * that are made here, such as a model may write.  A case is a row of a
 * dataset with what is expected of it:
 *
 *	{"case": "F1: …", "completion": "…", "reward": 1, "status": "SCORED"}
 *
 * "reward" is null where it is missing.  There may be, beside,
 *
 *	"prompt"
 *	"params"  an object
 *	"finish"  STOP, LENGTH or ABORT
 *	"times"   the completion is this many times the text
 *	"tokens"  their ids, or only how many there are
 *	"group"   cases of the same name and parameters are one group
 *	"within"  how far the reward may be off
 *	"says"    what a note on the row holds, where notes are asked for
 *
 * Any other key is a column.
 */
#define MOST_GROUP 1024 /* rows of a group */

struct a_row {
	char where[256]; /* "cases.jsonl:17", or "made row 3" */
	const char *title;
	int params;     /* which of the suite's */
	int64_t number; /* in the order of reading */
	grpo_reward_row v;
	/* of cases only */
	int is_case;
	double reward, within; /* NaN: missing */
	const char *status;    /* by name */
	const char *group;     /* by name, or NULL */
	const char *says;      /* or NULL */
};

struct suite {
	struct a_row *rows; /* [n] by params, then by group */
	int64_t n, n_cases;
	const char **params; /* [n_params] JSON objects, each once */
	int n_params;
};

/** Rows without completions: of cases without "params", each prompt with its
 *  columns once; then those of a dataset.  Either file may be "". */
int suite_read_prompts(struct suite *s, const char *cases, const char *dataset,
		       const char *params);

/**
 * Cases first; `path` may be "".  What is in a suite lives as long as the
 * process.  Cases of other parameters than `params` are left with their own.
 */
int suite_read(struct suite *s, const char *path, const char *params);

/* Adds a row; made.c adds those that are made here. */
int suite_add_row(struct suite *s, const struct a_row *row);
int suite_add_made(struct suite *s, int params);

#endif
