/* SPDX-License-Identifier: MIT */
/*
 * The commonest way for an R1-Zero run to fail looks like success: a cheap
 * reward (format) is earned by all within some steps, the dear one (accuracy)
 * by none at all, and the run goes on with nothing to learn from.  GRPO picks
 * among what the model samples; what it never samples it cannot learn.
 *
 * Another looks like a hard task: rows whose reward is missing, because of a
 * column of another name, say, are left out and nothing is learnt from them.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "core/fail.h"
#include "train/trainer.h"

#define PATIENCE 10      /* steps in a row */
#define NEAR_BEST 0.9    /* of the largest mean seen */
#define MANY_MISSING 0.5 /* share of a step's rows */
#define MANY_FAILED 0.1

int grpo__alarm_init(grpo__alarm *a, int32_t n_rewards)
{
	size_t k = (size_t)n_rewards;

	a->best = grpo__alloc(k, sizeof *a->best);
	a->never = grpo__alloc(k, sizeof *a->never);
	a->full = grpo__alloc(k, sizeof *a->full);
	a->told = grpo__alloc(k, sizeof *a->told);
	return a->best && a->never && a->full && a->told ? 0 : GRPO_ENOMEM;
}

void grpo__alarm_dispose(grpo__alarm *a)
{
	free(a->best);
	free(a->never);
	free(a->full);
	free(a->told);
	*a = (grpo__alarm){0};
}

static grpo__mean reward_mean(const grpo__rollout *r, int32_t k)
{
	grpo__mean m = {0};
	int64_t i;

	for (i = 0; i < r->n_rows; i++)
		grpo__mean_add(&m, r->rewards[i * r->n_rewards + k]);
	return m;
}

static void count(grpo__alarm *a, const grpo__rollout *r, int32_t k)
{
	grpo__mean m = reward_mean(r, k);
	double mean = grpo__mean_of(&m);
	int nothing = m.n > 0 && m.min == 0 && m.max == 0;

	if (mean > a->best[k])
		a->best[k] = mean;
	a->never[k] = nothing ? a->never[k] + 1 : 0;
	a->full[k] =
	    mean > 0.5 && mean >= NEAR_BEST * a->best[k] ? a->full[k] + 1 : 0;
}

/* Some rows may be none of a reward's business, most should not; and a
 * verifier that fails seldom does so once. */
static void look_for_missing(grpo_trainer *t, const grpo__rollout *r, int32_t k)
{
	int64_t missing = grpo__rollout_count(r, k, "missing");
	int64_t failed = grpo__rollout_count(r, k, "failed");
	double n = (double)r->n_rows;

	if (t->alarm.told[k] || ((double)missing < MANY_MISSING * n &&
				 (double)failed < MANY_FAILED * n))
		return;
	grpo__log(GRPO_LOG_WARN,
		  "step %" PRId64 ": of %" PRId64 " completions, reward "
		  "\"%s\" is missing on %" PRId64 " (it does not apply, or "
		  "cannot read the row's reference) and failed on %" PRId64
		  "; they are judged without it",
		  t->progress.steps, r->n_rows, grpo__trainer_reward(t, k),
		  missing, failed);
	t->alarm.told[k] = 1;
}

static void warn(const grpo_trainer *t, int32_t full, int32_t never)
{
	grpo__log(GRPO_LOG_WARN,
		  "for %d batches \"%s\" has been earned nearly always and "
		  "\"%s\" never: the base model lacks the skill, and GRPO "
		  "cannot reward what is never sampled; train the base "
		  "further, or give it easier problems",
		  PATIENCE, grpo__trainer_reward(t, full),
		  grpo__trainer_reward(t, never));
}

void grpo__alarm_look(grpo_trainer *t, const grpo__rollout *r)
{
	grpo__alarm *a = &t->alarm;
	int32_t i, k;

	for (k = 0; k < t->n_rewards; k++) {
		count(a, r, k);
		look_for_missing(t, r, k);
	}
	for (i = 0; i < t->n_rewards; i++)
		for (k = 0; k < t->n_rewards && !a->rung; k++)
			if (a->full[i] >= PATIENCE && a->never[k] >= PATIENCE) {
				warn(t, i, k);
				a->rung = 1;
			}
}
