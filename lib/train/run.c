/* SPDX-License-Identifier: MIT */
#include "train/run.h"

#include <inttypes.h>

#include "core/fail.h"
#include "core/struct.h"
#include "grpo/checkpoint.h"

_Static_assert(ATOMIC_INT_LOCK_FREE == 2,
	       "grpo_trainer_stop is called from signal handlers");

/* ----------------------------------------------------------------- stop */

void grpo_trainer_stop(grpo_trainer *t)
{
	atomic_store(&t->stop, 1);
}

void grpo_trainer_unstop(grpo_trainer *t)
{
	atomic_store(&t->stop, 0);
}

int grpo__run_stop_asked(const grpo_trainer *t)
{
	return atomic_load(&((grpo_trainer *)(uintptr_t)t)->stop);
}

int grpo__run_stopped(const grpo_trainer *t)
{
	if (!grpo__run_stop_asked(t))
		return 0;
	return grpo__fail(GRPO_ECANCELED, "stopped at step %" PRId64,
			  t->progress.steps);
}

/* ------------------------------------------------------------ questions */

int grpo__run_is_due(const grpo_trainer *t, int64_t every, int64_t last)
{
	return every > 0 && t->progress.steps / every > last / every;
}

int grpo__run_lock(grpo_trainer *t)
{
	return t->lock >= 0 ? 0 : grpo__folder_lock(&t->lock, t->output_dir);
}

const char *grpo__run_reward(const grpo_trainer *t, int32_t k)
{
	return grpo_reward_set_name(t->parts.rewards, k);
}

int64_t grpo_trainer_steps(const grpo_trainer *t)
{
	return t->progress.steps;
}

int64_t grpo_trainer_max_steps(const grpo_trainer *t)
{
	return t->max_steps;
}

int grpo_trainer_done(const grpo_trainer *t)
{
	return t->progress.finish || t->progress.steps >= t->max_steps;
}

int grpo_trainer_totals(const grpo_trainer *t, grpo_totals *out)
{
	grpo_totals totals = t->progress.totals, check = {0};
	int rc = 0;

	GRPO_TRY(grpo__struct_import(&check, sizeof check, out, "grpo_totals",
				     "set it to sizeof(grpo_totals)"));
	totals.struct_size = sizeof totals;
	grpo__struct_export(out, &totals, sizeof totals);
out:
	return rc;
}

int grpo_trainer_best(const grpo_trainer *t, grpo_best *out)
{
	grpo_best b = {.struct_size = sizeof b,
		       .step = t->progress.best_step,
		       .value = t->progress.best_value,
		       .metric = t->metric,
		       .folder = t->best_folder};
	grpo_best check = {0};
	int rc = 0;

	GRPO_TRY(grpo__struct_import(&check, sizeof check, out, "grpo_best",
				     "set it to sizeof(grpo_best)"));
	GRPO_FAIL_IF(b.step == 0, GRPO_ENOTFOUND,
		     "no evaluation of \"eval_steps\" yet");
	grpo__struct_export(out, &b, sizeof b);
out:
	return rc;
}
