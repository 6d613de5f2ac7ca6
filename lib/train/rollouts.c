/* SPDX-License-Identifier: MIT */
/*
 * rollouts.jsonl: one line a completion, all that grpo_trainer_update needs.
 * A line is short JSON of numbers, which any language reads.
 */
#include "train/rollouts.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "core/fail.h"
#include "core/json.h"

#define FORMAT 1

static int put_ids(grpo__buf *b, const char *name, const int32_t *ids,
		   int64_t n)
{
	int rc = 0;

	GRPO_TRY(grpo__buf_printf(b, ", \"%s\": [", name));
	for (int64_t i = 0; i < n; i++)
		GRPO_TRY(
		    grpo__buf_printf(b, "%s%" PRId32, i ? "," : "", ids[i]));
	GRPO_TRY(grpo__buf_add(b, "]", 1));
out:
	return rc;
}

/* Nine digits give the same float again. */
static int put_floats(grpo__buf *b, const char *name, const float *x, int64_t n)
{
	int rc = 0;

	GRPO_TRY(grpo__buf_printf(b, ", \"%s\": [", name));
	for (int64_t i = 0; i < n; i++) {
		char text[32];

		snprintf(text, sizeof text, "%.9g", (double)x[i]);
		GRPO_TRY(grpo__buf_printf(b, "%s%s", i ? "," : "",
					  isfinite(x[i]) ? text : "null"));
	}
	GRPO_TRY(grpo__buf_add(b, "]", 1));
out:
	return rc;
}

static int put_mask(grpo__buf *b, const uint8_t *mask, int64_t n)
{
	int rc = 0;

	if (!mask)
		return 0;
	GRPO_TRY(grpo__buf_printf(b, ", \"mask\": ["));
	for (int64_t i = 0; i < n; i++)
		GRPO_TRY(
		    grpo__buf_printf(b, "%s%d", i ? "," : "", mask[i] != 0));
	GRPO_TRY(grpo__buf_add(b, "]", 1));
out:
	return rc;
}

static int put_number(grpo__buf *b, const char *name, double x)
{
	int rc = 0;

	GRPO_TRY(grpo__buf_printf(b, ", \"%s\": ", name));
	if (isfinite(x))
		GRPO_TRY(grpo__json_put_number(b, x));
	else
		GRPO_TRY(grpo__buf_add(b, "null", 4));
out:
	return rc;
}

static int put_row(grpo__buf *b, const grpo__rollout *r, int64_t i)
{
	const grpo__prompt *p = &r->prompts[r->prompt_of[i]];
	const grpo__answer *a = &r->answers[i];
	int rc = 0;

	GRPO_TRY(grpo__buf_printf(b,
				  "{\"format\": %d, \"version\": %" PRId64
				  ", \"group\": %" PRId64
				  ", \"finish\": \"%s\"",
				  FORMAT, a->version, r->group_of[i],
				  grpo__rollout_finish_name(a->finish)));
	GRPO_TRY(put_number(b, "reward", r->total[i]));
	GRPO_TRY(put_number(b, "advantage", r->advantage[i]));
	GRPO_TRY(put_ids(b, "prompt", p->ids, p->n_ids));
	GRPO_TRY(put_ids(b, "tokens", a->tokens, a->n_tokens));
	GRPO_TRY(put_floats(b, "logp", a->logp, a->n_tokens));
	GRPO_TRY(put_mask(b, a->mask, a->n_tokens));
	GRPO_TRY(grpo__buf_add(b, "}\n", 2));
out:
	return rc;
}

int grpo__rollouts_write(grpo_trainer *t, const grpo__rollout *r)
{
	grpo__buf b = {0};
	int rc = 0;

	for (int64_t i = 0; i < r->n_rows; i++)
		GRPO_TRY(put_row(&b, r, i));
	GRPO_TRY(grpo__lines_add(&t->rollouts, &b));
out:
	grpo__buf_dispose(&b);
	return rc;
}
