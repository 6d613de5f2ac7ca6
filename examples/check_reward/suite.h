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
 * and maybe "prompt", "params" (an object) and "finish" (STOP, LENGTH,
 * ABORT).  "reward" is null where it is missing.  Any other key is a column.
 */
struct a_row {
	char where[256]; /* "cases.jsonl:17", or "made row 3" */
	const char *title;
	int params;     /* which of the suite's */
	int64_t number; /* in the order of reading */
	grpo_reward_row v;
	/* of cases only */
	int is_case;
	double reward;      /* NaN: missing */
	const char *status; /* by name */
};

struct suite {
	struct a_row *rows; /* [n] those of equal params together */
	int64_t n, n_cases;
	const char **params; /* [n_params] JSON objects, each once */
	int n_params;
};

/**
 * Cases first; `cases` may be "".  What is in a suite lives as long as the
 * process.  Cases of other parameters than `params` are left with their own.
 */
int suite_read(struct suite *s, const char *cases, const char *params);

#endif
