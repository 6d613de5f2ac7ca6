/* SPDX-License-Identifier: MIT */
#include "train/rows.h"

#include <inttypes.h>
#include <stdlib.h>

#include "core/fail.h"
#include "core/mem.h"
#include "train/prompt.h"

#define MOST_NAMED 5 /* lines, in the warning */

/* "3 of 100 rows are left out …: lines 12, 40, 77" */
static void warn_dropped(const grpo__rows *r, const grpo__buf *lines)
{
	grpo__log(GRPO_LOG_WARN,
		  "%s: %" PRId64 " of %" PRId64 " rows are left out, because "
		  "their prompts are too long: lines %s%s",
		  grpo_dataset_path(r->dataset), grpo__rows_dropped(r),
		  grpo_dataset_rows(r->dataset), lines->data,
		  grpo__rows_dropped(r) > MOST_NAMED ? ", …" : "");
}

/* Notes row i; `lines` get those of the first that do not fit. */
static int look(grpo__rows *r, const grpo_trainer *t, grpo__arena *arena,
		int64_t i, grpo__buf *lines)
{
	int64_t line, n_dropped = i - r->n;
	int fits, rc = 0;

	grpo__arena_reset(arena);
	GRPO_TRY(grpo__prompt_fits(&fits, &line, arena, t, r->dataset, i));
	if (fits)
		r->kept[r->n++] = i;
	else if (n_dropped < MOST_NAMED)
		GRPO_TRY(grpo__buf_printf(lines, "%s%" PRId64,
					  n_dropped ? ", " : "", line));
out:
	return rc;
}

static int keep_fitting(grpo__rows *r, const grpo_trainer *t)
{
	int64_t n = grpo_dataset_rows(r->dataset), i;
	grpo__arena *arena = NULL;
	grpo__buf lines = {0};
	int rc = 0;

	r->n = 0;
	r->kept = grpo__alloc((size_t)n, sizeof *r->kept);
	GRPO_FAIL_IF(!r->kept, GRPO_ENOMEM, "out of memory");
	GRPO_TRY(grpo__arena_create(&arena));
	for (i = 0; i < n; i++)
		GRPO_TRY(look(r, t, arena, i, &lines));
	GRPO_FAIL_IF(r->n == 0, GRPO_EFORMAT,
		     "%s: the prompts of all %" PRId64 " rows are too long: "
		     "look at \"max_completion_length\" and "
		     "\"max_prompt_length\"",
		     grpo_dataset_path(r->dataset), n);
	if (r->n < n)
		warn_dropped(r, &lines);
out:
	grpo__buf_dispose(&lines);
	grpo__arena_free(arena);
	return rc;
}

int grpo__rows_choose(grpo__rows *out, const grpo_trainer *t,
		      const grpo_dataset *d)
{
	*out = (grpo__rows){.dataset = d, .n = d ? grpo_dataset_rows(d) : 0};
	if (!d || t->config.overlong_prompts != GRPO_OVERLONG_DROP)
		return 0;
	return keep_fitting(out, t);
}

void grpo__rows_dispose(grpo__rows *r)
{
	free(r->kept);
	r->kept = NULL;
}

int64_t grpo__rows_at(const grpo__rows *r, int64_t i)
{
	return r->kept ? r->kept[i] : i;
}

int64_t grpo__rows_dropped(const grpo__rows *r)
{
	return r->dataset ? grpo_dataset_rows(r->dataset) - r->n : 0;
}
