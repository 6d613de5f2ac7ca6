/* SPDX-License-Identifier: MIT */
/* The best evaluation so far, and its checkpoint. */
#include "train/best.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "core/struct.h"
#include "grpo/checkpoint.h"
#include "train/checkpoint.h"
#include "train/manifest.h"

/* ---------------------------------------------------------------- metric */

static int is_of_reward(const grpo_trainer *t, const char *metric)
{
	static const char *const figures[] = {"mean", "solved", "pass"};
	char name[256];

	for (int32_t k = 0; k < t->n_rewards; k++)
		for (int i = 0; i < 3; i++) {
			snprintf(name, sizeof name, "eval_rewards/%s/%s",
				 grpo__run_reward(t, k), figures[i]);
			if (strcmp(name, metric) == 0)
				return 1;
		}
	return 0;
}

int grpo__best_init(grpo_trainer *t)
{
	const grpo_trainer_config *c = &t->config;
	const char *metric = c->metric_for_best_model;
	int rc = 0;

	metric = metric ? metric : "eval_reward";
	GRPO_FAIL_IF(strcmp(metric, "eval_reward") != 0 &&
			 !is_of_reward(t, metric),
		     GRPO_EINVAL,
		     "\"metric_for_best_model\" is \"%s\", expected "
		     "\"eval_reward\", or mean, solved or pass of a reward: "
		     "\"eval_rewards/%s/solved\"",
		     metric, t->n_rewards ? grpo__run_reward(t, 0) : "NAME");
	GRPO_FAIL_IF(c->load_best_model_at_end &&
			 (!c->output_dir || !c->eval_steps || !c->save_steps),
		     GRPO_EINVAL,
		     "\"load_best_model_at_end\" needs \"output_dir\", "
		     "\"eval_steps\" and \"save_steps\"");
	t->metric = grpo__strndup(metric, strlen(metric));
	GRPO_FAIL_IF(!t->metric, GRPO_ENOMEM, "out of memory");
	t->config.metric_for_best_model = t->metric;
out:
	return rc;
}

/* ------------------------------------------------------------ evaluation */

static double evaluated(const grpo_trainer *t)
{
	grpo_report r = {.struct_size = sizeof r,
			 .n_metrics = t->report.n,
			 .metrics = t->report.metrics};

	return grpo_report_value(&r, t->metric);
}

static int keeps_checkpoints(const grpo_trainer *t)
{
	return t->output_dir && t->config.save_steps > 0;
}

static int find_folder(grpo_trainer *t)
{
	free(t->best_folder);
	t->best_folder = NULL;
	if (t->progress.best_step == 0 || !t->output_dir)
		return 0;
	return grpo__checkpoint_find(&t->best_folder, t, t->progress.best_step);
}

/* The new one is in place before the old one is removed. */
static int save_best(grpo_trainer *t, const grpo__progress *before)
{
	grpo__progress *p = &t->progress;
	int rc = 0;

	if (!keeps_checkpoints(t))
		return find_folder(t);
	p->best_only = !grpo__run_is_due(t, t->config.save_steps, t->saved);
	GRPO_TRY(grpo_trainer_save(t));
	if (before->best_only && before->best_step != p->best_step)
		GRPO_TRY(grpo__checkpoint_remove(t, before->best_step));
	GRPO_TRY(find_folder(t));
out:
	return rc;
}

int grpo__best_look(grpo_trainer *t, double *value)
{
	grpo__progress *p = &t->progress, before = *p;
	int rc = 0;

	*value = evaluated(t);
	if (!isfinite(*value) || (p->best_step > 0 && *value <= p->best_value))
		return 0;
	p->best_step = p->steps;
	p->best_value = *value;
	rc = save_best(t, &before);
	if (rc < 0) {
		p->best_step = before.best_step;
		p->best_value = before.best_value;
		p->best_only = before.best_only;
	}
	return rc;
}

/* ---------------------------------------------------------------- resume */

int grpo__best_resume(grpo_trainer *t)
{
	return find_folder(t);
}

int grpo__best_load(grpo_trainer *t)
{
	int rc = 0;

	if (!t->best_folder || t->progress.best_step == t->progress.steps)
		return 0;
	GRPO_TRY(grpo__manifest_check(t->best_folder));
	GRPO_TRY(grpo__checkpoint_load(t, t->best_folder));
out:
	return rc;
}
