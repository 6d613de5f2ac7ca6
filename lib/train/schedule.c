/* SPDX-License-Identifier: MIT */
/*
 * The learning rate and the dataset rows of a step.  Both depend only on
 * counters.
 */
#include "train/schedule.h"

#include <math.h>
#include <stdlib.h>

#include "core/fail.h"
#include "core/mem.h"
#include "core/rng.h"

/* transformers/optimization.py: get_linear_schedule_with_warmup and its
 * neighbours; with min_lr_ratio as in get_cosine_with_min_lr_schedule… */
static double decay(const grpo_trainer_config *c, int64_t steps,
		    int64_t max_steps)
{
	double left = (double)(max_steps - steps);
	double span = (double)(max_steps - c->warmup_steps);
	double part = left > 0 ? left / fmax(span, 1) : 0;

	if (c->lr_scheduler_type == GRPO_LR_COSINE)
		part = 0.5 * (1 + cos(acos(-1.0) * (1 - part)));
	return c->min_lr_ratio + (1 - c->min_lr_ratio) * part;
}

double grpo__schedule_rate(const grpo_trainer_config *c, int64_t steps,
			   int64_t max_steps)
{
	double rate = c->learning_rate;

	if (c->lr_scheduler_type == GRPO_LR_CONSTANT)
		return rate;
	if (steps < c->warmup_steps)
		return rate * (double)steps / (double)c->warmup_steps;
	if (c->lr_scheduler_type == GRPO_LR_CONSTANT_WITH_WARMUP)
		return rate;
	return rate * decay(c, steps, max_steps);
}

/* Fills the order of an epoch. */
static int make_epoch(grpo__order *o, const grpo_trainer_config *c, int64_t n,
		      int64_t epoch)
{
	grpo__rng rng = {.seed = (uint64_t)c->seed,
			 .step = (uint32_t)epoch,
			 .purpose = GRPO__RNG_SHUFFLE};

	if (!o->row) {
		o->row = grpo__alloc((size_t)n, sizeof *o->row);
		if (!o->row)
			return GRPO_ENOMEM;
	}
	if (c->shuffle_dataset)
		grpo__rng_shuffle(&rng, o->row, (uint32_t)n);
	else
		for (int64_t i = 0; i < n; i++)
			o->row[i] = (uint32_t)i;
	o->epoch = epoch;
	return 0;
}

/* The orders of the epochs follow each other, and a batch takes the next rows:
 * the rest of an epoch starts the first batch of the next one. */
int grpo__order_rows(grpo__order *o, const grpo_trainer_config *c, int64_t n,
		     int64_t batch, int64_t *rows)
{
	int64_t first = batch * c->prompts_per_step, i;
	int rc = 0;

	for (i = 0; i < c->prompts_per_step; i++) {
		int64_t epoch = (first + i) / n;

		if (!o->row || o->epoch != epoch)
			GRPO_TRY(make_epoch(o, c, n, epoch));
		rows[i] = o->row[(first + i) % n];
	}
out:
	return rc;
}

void grpo__order_dispose(grpo__order *o)
{
	free(o->row);
	*o = (grpo__order){0};
}
