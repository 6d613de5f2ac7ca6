/* SPDX-License-Identifier: MIT */
/* Finds the rows of a dataset that a set of rewards cannot use. */
#include "reward/set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/fail.h"

/* The row with this answer, in a group of its own. */
static int submit(grpo_reward_set *set, const grpo_reward_row *rows, int64_t i,
		  const char *answer)
{
	static const int32_t none = 0;
	grpo_reward_row row = {.struct_size = sizeof row,
			       .prompt = rows[i].prompt,
			       .completion = {answer, strlen(answer)},
			       .group = (uint32_t)i,
			       .group_size = 1,
			       .columns = rows[i].columns,
			       .cells = rows[i].cells,
			       .n_columns = rows[i].n_columns,
			       .tokens = &none};

	return grpo_reward_set_submit(set, i, &row);
}

/* An incomplete batch still has to end; the first failure's message is kept. */
static int abandon(grpo_reward_set *set, double *rewards, int rc)
{
	char line[GRPO__REWARD_TEXT_BYTES];

	snprintf(line, sizeof line, "%s", grpo_error_message());
	grpo_reward_set_wait(set, rewards, NULL);
	return grpo__fail(rc, "%s", line);
}

static int score(grpo_reward_set *set, const grpo_reward_row *rows, int64_t n,
		 const char *answer, double *rewards, uint8_t *status)
{
	int64_t i;
	int rc = 0;

	GRPO_TRY(grpo_reward_set_begin(set, n));
	for (i = 0; i < n && rc == 0; i++)
		rc = submit(set, rows, i, answer);
	if (rc < 0)
		return abandon(set, rewards, rc);
	GRPO_TRY(grpo_reward_set_wait(set, rewards, status));
out:
	return rc;
}

int grpo__reward_set_check(grpo_reward_set *set, const grpo_reward_row *rows,
			   int64_t n, const char *answer, uint8_t *missing,
			   grpo_reward_explain_fn fn, void *ctx)
{
	grpo__listener listener = set->listener;
	double *rewards = NULL;
	uint8_t *status = NULL;
	size_t all, i;
	int rc = 0;

	GRPO_FAIL_IF(n < 0 || n > UINT32_MAX, GRPO_EINVAL,
		     "%lld rows to be checked", (long long)n);
	GRPO_FAIL_IF(set->is_begun, GRPO_EINVAL,
		     "rows are checked while a batch is scored");
	all = (size_t)n * (size_t)set->n;
	rewards = grpo__alloc((size_t)n, (size_t)set->n * sizeof *rewards);
	status = grpo__alloc((size_t)n, (size_t)set->n);
	GRPO_FAIL_IF(!rewards || !status, GRPO_ENOMEM, "out of memory");
	set->listener = (grpo__listener){.explain = fn, .explain_ctx = ctx};
	GRPO_TRY(score(set, rows, n, answer, rewards, status));
	for (i = 0; i < all; i++)
		missing[i] = GRPO_REWARD_IS_MISSING(status[i]) &&
			     status[i] != GRPO_REWARD_FAILED;
out:
	set->listener = listener;
	free(rewards);
	free(status);
	return rc;
}

int grpo_reward_set_check(grpo_reward_set *set, const grpo_reward_row *rows,
			  int64_t n, uint8_t *missing)
{
	return grpo__reward_set_check(set, rows, n, "", missing, NULL, NULL);
}
