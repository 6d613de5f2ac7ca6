/* SPDX-License-Identifier: MIT */
/* Finds mistakes in a run before it samples anything. */
#include "core/fail.h"
#include "train/prompt.h"
#include "train/references.h"

#define ROWS_AT_ONCE 256 /* between two checks for a stop */

static int check_prompts(const grpo_trainer *t, const grpo_dataset *d)
{
	int64_t n = grpo_dataset_rows(d), i;
	grpo__arena *arena = NULL;
	int rc = 0;

	GRPO_TRY(grpo__arena_create(&arena));
	for (i = 0; i < n; i++) {
		if (i % ROWS_AT_ONCE == 0)
			GRPO_TRY(grpo__run_stopped(t));
		grpo__arena_reset(arena);
		GRPO_TRY(grpo__prompt_check(arena, t, d, i));
	}
out:
	grpo__arena_free(arena);
	return rc;
}

int grpo_trainer_check(grpo_trainer *t)
{
	const grpo_dataset *d = t->parts.dataset, *h = t->parts.held_out;
	int rc = 0;

	if (t->checked)
		return 0;
	GRPO_FAIL_IF(!d, GRPO_EINVAL,
		     "parts.dataset is NULL: there are no rows to look at");
	GRPO_TRY(check_prompts(t, d));
	if (h)
		GRPO_TRY(check_prompts(t, h));
	GRPO_TRY(grpo__references_check(t, d));
	if (h)
		GRPO_TRY(grpo__references_check(t, h));
	t->checked = 1;
out:
	return rc;
}
