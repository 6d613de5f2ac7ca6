/* SPDX-License-Identifier: MIT */
#include "train/samples.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "core/fail.h"
#include "core/json.h"

static int put_number(grpo__buf *b, double x)
{
	return isfinite(x) ? grpo__json_put_number(b, x)
			   : grpo__buf_add(b, "null", 4);
}

static int put_notes(grpo__buf *b, const char *notes)
{
	int rc = 0;

	if (!*notes)
		return 0;
	GRPO_TRY(grpo__buf_printf(b, ", \"notes\": "));
	GRPO_TRY(grpo__json_quote(b, notes, strlen(notes)));
out:
	return rc;
}

/* "format": {"reward": 1, "status": "scored", "notes": "answer: 12"} */
static int put_rewards(grpo__buf *b, const grpo_trainer *t,
		       const grpo_scored *s)
{
	int32_t k;
	int rc = 0;

	for (k = 0; k < s->n_rewards; k++) {
		const char *name = grpo__run_reward(t, k);

		GRPO_TRY(grpo__buf_printf(b, "%s", k ? ", " : ""));
		GRPO_TRY(grpo__json_quote(b, name, strlen(name)));
		GRPO_TRY(grpo__buf_printf(b, ": {\"reward\": "));
		GRPO_TRY(put_number(b, s->rewards[k]));
		GRPO_TRY(
		    grpo__buf_printf(b, ", \"status\": \"%s\"",
				     grpo_reward_status_name(s->status[k])));
		GRPO_TRY(put_notes(b, grpo__said_text(&t->said, s->row, k)));
		GRPO_TRY(grpo__buf_add(b, "}", 1));
	}
out:
	return rc;
}

static int put_sample(grpo__buf *b, const grpo_trainer *t, const grpo_scored *s)
{
	int rc = 0;

	GRPO_TRY(grpo__buf_printf(
	    b, "{\"step\": %" PRId64 ", \"prompt\": ", s->step));
	GRPO_TRY(grpo__json_quote(b, s->prompt.ptr, s->prompt.len));
	GRPO_TRY(grpo__buf_printf(b, ", \"completion\": "));
	GRPO_TRY(grpo__json_quote(b, s->completion.ptr, s->completion.len));
	GRPO_TRY(grpo__buf_printf(b, ", \"rewards\": {"));
	GRPO_TRY(put_rewards(b, t, s));
	GRPO_TRY(grpo__buf_printf(b, "}, \"reward\": "));
	GRPO_TRY(put_number(b, s->total));
	GRPO_TRY(grpo__buf_printf(b, ", \"advantage\": "));
	GRPO_TRY(put_number(b, s->advantage));
	GRPO_TRY(grpo__buf_printf(
	    b, ", \"tokens\": %" PRId64 ", \"finish\": \"%s\"}\n", s->n_tokens,
	    grpo__rollout_finish_name(s->finish)));
out:
	return rc;
}

/* Samples are for people: a run goes on without them. */
static void add_lines(grpo_trainer *t, const grpo__buf *b)
{
	if (grpo__lines_add(&t->samples, b) == 0) {
		t->samples_lost = 0;
		return;
	}
	grpo__lines_forget(&t->samples);
	if (!t->samples_lost)
		grpo__log(GRPO_LOG_WARN,
			  "completions could not be written, and are left out "
			  "until they can be: %s",
			  grpo_error_message());
	t->samples_lost = 1;
}

int grpo__samples_write(grpo_trainer *t, const grpo__rollout *r)
{
	int64_t n = t->config.samples_per_step, j;
	grpo__buf b = {0};
	int rc = 0;

	if (n > r->n_rows)
		n = r->n_rows;
	for (j = 0; j < n; j++) {
		grpo_scored s = grpo__rollout_scored(r, grpo__said_row(r, n, j),
						     t->progress.steps);

		GRPO_TRY(put_sample(&b, t, &s));
	}
	if (b.len > 0)
		add_lines(t, &b);
out:
	grpo__buf_dispose(&b);
	return rc;
}
