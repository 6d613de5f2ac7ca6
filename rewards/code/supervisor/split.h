/* SPDX-License-Identifier: MIT */
#ifndef CODE_SPLIT_H
#define CODE_SPLIT_H

/*
 * Tests that are Python, as a list of calls and what they must return.  A tool
 * in a jail of its own does it (python/split.py); its answer lies in the store.
 */
#include "row.h"

enum split_way {
	SPLIT_CALLS,    /* the row's tests are a list now */
	SPLIT_CHECKER,  /* checker_run_script must judge */
	SPLIT_TOGETHER, /* checker_run_together must */
	SPLIT_BAD,      /* no script: CODE_BAD_TESTS; the row's tests say why */
	SPLIT_FAILED    /* the sandbox failed; likewise */
};

enum split_way split_script(struct row *row);

#endif
