/* SPDX-License-Identifier: MIT */
/* An alarm with the completions that go with it, to whoever listens. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "core/fail.h"
#include "train/alarm.h"

#define SAMPLES GRPO__SAID_SAMPLES
#define SHOWN_BYTES 300 /* of a completion, in the log */

/* The samples of the last batch; there may be none yet. */
struct samples {
	grpo_scored scored[SAMPLES];
	const grpo_scored *list[SAMPLES];
	const char **notes; /* [n, K] */
	int64_t n;
};

static int take_samples(struct samples *s, grpo_trainer *t)
{
	const grpo__rollout *r = t->rollout;
	int64_t j;
	int32_t k;

	s->n = grpo__said_samples(r);
	s->notes = grpo__arena_alloc(r->arena, (size_t)s->n,
				     (size_t)t->n_rewards * sizeof *s->notes);
	if (!s->notes)
		return GRPO_ENOMEM;
	for (j = 0; j < s->n; j++) {
		int64_t row = grpo__said_row(r, s->n, j);

		s->scored[j] = grpo__rollout_scored(r, row, t->progress.steps);
		s->list[j] = &s->scored[j];
		for (k = 0; k < t->n_rewards; k++)
			s->notes[j * t->n_rewards + k] =
			    grpo__said_text(&t->said, row, k);
	}
	return 0;
}

/* Of what a model wrote, nothing reaches a terminal but plain characters. */
static int put_plain(grpo__buf *b, const char *text, size_t len)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < len && i < SHOWN_BYTES; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '\n')
			GRPO_TRY(grpo__buf_add(b, "\\n", 2));
		else if (c < 0x20 || c == 0x7f)
			GRPO_TRY(grpo__buf_add(b, "?", 1));
		else
			GRPO_TRY(grpo__buf_add(b, text + i, 1));
	}
	if (i < len)
		GRPO_TRY(grpo__buf_printf(b, " …"));
out:
	return rc;
}

/* `format 0 (scored)`, then what it said */
static int put_reward(grpo__buf *b, const grpo_trainer *t, const grpo_scored *s,
		      int32_t k, const char *note)
{
	int rc = 0;

	GRPO_TRY(grpo__buf_printf(b, "; %s ", grpo__run_reward(t, k)));
	if (!isnan(s->rewards[k]))
		GRPO_TRY(grpo__buf_printf(b, "%g, ", s->rewards[k]));
	GRPO_TRY(
	    grpo__buf_printf(b, "%s", grpo_reward_status_name(s->status[k])));
	if (!*note)
		return 0;
	GRPO_TRY(grpo__buf_printf(b, " ("));
	GRPO_TRY(put_plain(b, note, strlen(note)));
	GRPO_TRY(grpo__buf_printf(b, ")"));
out:
	return rc;
}

static int log_sample(const grpo_trainer *t, const grpo_alarm *a, int32_t j)
{
	const grpo_scored *s = a->samples[j];
	grpo__buf b = {0};
	int32_t k;
	int rc = 0;

	GRPO_TRY(grpo__buf_printf(
	    &b, "  a completion (%" PRId64 " tokens%s): ", s->n_tokens,
	    s->finish == GRPO_FINISH_LENGTH ? ", cut" : ""));
	GRPO_TRY(put_plain(&b, s->completion.ptr, s->completion.len));
	for (k = 0; k < a->n_rewards; k++)
		GRPO_TRY(
		    put_reward(&b, t, s, k, a->notes[j * a->n_rewards + k]));
	grpo__log(GRPO_LOG_WARN, "%s", b.data);
out:
	grpo__buf_dispose(&b);
	return rc;
}

static int log_alarm(const grpo_trainer *t, const grpo_alarm *a)
{
	int32_t j;
	int rc = 0;

	grpo__log(GRPO_LOG_WARN, "step %" PRId64 ": %s; look at \"%s\"",
		  a->step, a->message, a->key);
	for (j = 0; j < a->n_samples; j++)
		GRPO_TRY(log_sample(t, a, j));
out:
	return rc;
}

int grpo__alarm_send(grpo_trainer *t, int32_t kind, int32_t k, const char *key,
		     const char *message)
{
	const grpo_trainer_callbacks *c = &t->callbacks;
	struct samples s;
	grpo_alarm a = {.struct_size = sizeof a,
			.kind = kind,
			.step = t->progress.steps,
			.key = key,
			.message = message,
			.n_rewards = t->n_rewards};
	int rc = 0;

	GRPO_TRY(take_samples(&s, t));
	a.reward = k >= 0 ? grpo__run_reward(t, k) : NULL;
	a.n_samples = (int32_t)s.n;
	a.samples = s.list;
	a.notes = s.notes;
	if (!c->on_alarm)
		return log_alarm(t, &a);
	GRPO_TRY(c->on_alarm(c->ctx, &a));
	t->progress.finish |= rc > 0;
	return 0;
out:
	return rc;
}
