/* SPDX-License-Identifier: MIT */
/* Finds mistakes in a run before it samples anything. */
#include "core/fail.h"
#include "train/prompt.h"
#include "train/references.h"

#define ROWS_AT_ONCE 256 /* between two checks for a stop */

/* Where rows may be left out, all were looked at when they were chosen. */
static int check_prompts(const grpo_trainer *t, const grpo__rows *r)
{
	int64_t i;
	grpo__arena *arena = NULL;
	int rc = 0;

	if (r->kept)
		return 0;
	GRPO_TRY(grpo__arena_create(&arena));
	for (i = 0; i < r->n; i++) {
		if (i % ROWS_AT_ONCE == 0)
			GRPO_TRY(grpo__run_stopped(t));
		grpo__arena_reset(arena);
		GRPO_TRY(grpo__prompt_check(arena, t, r->dataset, i));
	}
out:
	grpo__arena_free(arena);
	return rc;
}

int grpo_trainer_check(grpo_trainer *t)
{
	const grpo__rows *each[] = {&t->train, &t->held_out};
	int i;
	int rc = 0;

	if (t->checked)
		return 0;
	GRPO_FAIL_IF(!t->parts.dataset, GRPO_EINVAL,
		     "parts.dataset is NULL: there are no rows to look at");
	for (i = 0; i < 2; i++)
		GRPO_TRY(check_prompts(t, each[i]));
	for (i = 0; i < 2 && t->config.check_references; i++)
		if (each[i]->n > 0)
			GRPO_TRY(grpo__references_check(t, each[i]));
	t->checked = 1;
out:
	return rc;
}
