/* SPDX-License-Identifier: MIT */
/* How long a run is, and how much of the dataset it sees. */
#include "train/sizes.h"

#include <inttypes.h>
#include <math.h>

#include "core/fail.h"
#include "core/struct.h"
#include "train/rows.h"

double grpo__sizes_epochs(const grpo_trainer *t, int64_t batches)
{
	if (!t->parts.dataset)
		return 0;
	return (double)(batches * t->config.prompts_per_step) /
	       (double)t->train.n;
}

static int check_rows(const grpo_trainer *t)
{
	int64_t rows = t->train.n;
	const char *path = grpo_dataset_path(t->parts.dataset);
	int rc = 0;

	GRPO_FAIL_IF(rows > UINT32_MAX, GRPO_EINVAL,
		     "%s has more than 2^32 rows", path);
	GRPO_FAIL_IF(rows < t->config.prompts_per_step, GRPO_EINVAL,
		     "%s has %" PRId64
		     " rows%s, fewer than \"prompts_per_step\" = %" PRId64,
		     path, rows,
		     grpo__rows_dropped(&t->train) ? " that fit" : "",
		     t->config.prompts_per_step);
out:
	return rc;
}

int grpo__sizes_plan(grpo_trainer *t)
{
	const grpo_trainer_config *c = &t->config;
	double batches, steps;
	int rc = 0;

	if (t->parts.dataset)
		GRPO_TRY(check_rows(t));
	t->max_steps = c->max_steps;
	if (c->max_steps > 0)
		return 0;
	batches = (double)t->train.n / (double)c->prompts_per_step;
	steps = ceil(c->num_train_epochs * batches * (double)c->num_iterations);
	GRPO_FAIL_IF(!(steps >= 1 && steps <= UINT32_MAX), GRPO_EINVAL,
		     "\"num_train_epochs\" = %g makes %g steps",
		     c->num_train_epochs, steps);
	t->max_steps = (int64_t)steps;
out:
	return rc;
}

int grpo_trainer_sizes(const grpo_trainer *t, grpo_sizes *out)
{
	const grpo_trainer_config *c = &t->config;
	int64_t rows = t->train.n, seen;
	grpo_sizes s = {.struct_size = sizeof s}, check = {0};
	int rc = 0;

	GRPO_TRY(grpo__struct_import(&check, sizeof check, out, "grpo_sizes",
				     "set it to sizeof(grpo_sizes)"));
	s.rows = rows;
	s.rows_dropped = grpo__rows_dropped(&t->train);
	s.held_out_rows = t->held_out.n;
	s.steps = t->max_steps;
	s.batches = (t->max_steps + c->num_iterations - 1) / c->num_iterations;
	s.completions_per_step = c->prompts_per_step * c->num_generations;
	s.tokens_per_step = s.completions_per_step * c->max_completion_length;
	s.batches_per_epoch = (double)rows / (double)c->prompts_per_step;
	s.epochs = grpo__sizes_epochs(t, s.batches);
	seen = s.batches * c->prompts_per_step;
	s.rows_unseen = seen < rows ? rows - seen : 0;
	grpo__struct_export(out, &s, sizeof s);
out:
	return rc;
}
