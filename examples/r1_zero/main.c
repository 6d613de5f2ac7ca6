/* SPDX-License-Identifier: MIT */
/*
 * r1_zero: trains a language model to reason by GRPO with rule-based rewards.
 *
 *	r1_zero --config recipe.json [--set key=value]… [--output folder]
 *	        [--resume] [--help]
 *
 * The recipe names a model's folder, or describes a small base that is
 * trained first.  Then: measure on held-out problems, train, measure again.
 * All of it goes into the run's folder; Ctrl-C saves a checkpoint, --resume
 * goes on from it bit for bit.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "examples/clock.h"
#include "examples/fault.h"
#include "examples/openmp.h"
#include "examples/plugin_guard.h"
#include "examples/screen.h"
#include "lab.h"
#include "measure.h"
#include "recipe.h"
#include "report.h"
#include "watch.h"

#define EXIT_INTERRUPTED 130 /* as a shell has it */

/* Seeds of evaluations: streams apart from those of the steps. */
enum { SEED_BEFORE = 1000001, SEED_AFTER = 1000002 };

struct program {
	struct recipe recipe;
	struct command command;
	struct lab lab;
	struct report report;
	struct watch watch;
	char model[MAX_PATH];
};

/* --------------------------------------------------------- run's folder */

/* An earlier run of the same folder, if it came to train, is kept under the
 * next free name. */
static int set_aside(const char *folder)
{
	char name[MAX_PATH], aside[MAX_PATH];
	int i, n, rc = 0;

	TRY(path_in(name, folder, "progress.json"));
	if (!file_exists(name))
		return 0;
	for (i = 1; i < 10000; i++) {
		n = snprintf(aside, sizeof aside, "%s.%d", folder, i);
		FAIL_IF(n < 0 || n >= MAX_PATH, GRPO_EINVAL,
			"%s: the path is too long", folder);
		if (!file_exists(aside))
			break;
	}
	if (rename(folder, aside) < 0)
		return fail_errno(folder);
	screen_say("the earlier run is now in %s", aside);
out:
	return rc;
}

static int open_folder(struct program *p)
{
	const char *folder = p->recipe.trainer.output_dir;
	char path[MAX_PATH], *text = NULL;
	int rc = 0;

	TRY(path_in(path, folder, "progress.json"));
	FAIL_IF(p->command.resume && !file_exists(path), GRPO_ENOTFOUND,
		"%s: there is no run to resume (no progress.json)", folder);
	if (!p->command.resume)
		TRY(set_aside(folder));
	TRY(make_folder(folder));
	TRY(grpo_config_text(p->recipe.config, &text, 0));
	TRY(path_in(path, folder, "config.json"));
	if (!p->command.resume)
		TRY(write_text(path, text));
out:
	free(text);
	return rc;
}

/* --------------------------------------------------------------- phases */

static int find_model(struct program *p)
{
	struct base_record *base = &p->report.base;
	int rc = 0;

	if (p->recipe.model)
		return model_folder(p->model, p->recipe.model);
	TRY(base_get(p->model, base, &p->lab));
	p->report.seconds.base = base->cached ? 0 : base->seconds;
	TRY(lab_interrupted());
out:
	return rc;
}

static int open_model(struct program *p)
{
	const struct recipe *r = &p->recipe;
	grpo_torch_learner_options o;
	int rc = 0;

	TRY(lab_open_tokenizer(&p->lab, p->model));
	TRY(grpo_template_check_folder(p->lab.prompt_template, p->model));
	TRY(grpo_torch_learner_options_init(&o));
	o.adam_beta1 = r->adam_beta1;
	o.adam_beta2 = r->adam_beta2;
	o.adam_epsilon = r->adam_epsilon;
	o.weight_decay = r->weight_decay;
	o.reference = r->trainer.beta > 0;
	TRY(lab_open_model(&p->lab, p->model, 0, &o));
	screen_say("model: %s, %" PRId64 " parameters", p->model,
		   grpo_model_parameters(p->lab.model));
out:
	return rc;
}

static int open_trainer(struct program *p)
{
	grpo_trainer_callbacks callbacks;
	char *identity = NULL;
	int rc = 0;

	TRY(watch_begin(&p->watch, &p->lab, &callbacks));
	TRY(grpo_config_text(p->recipe.config, &identity, GRPO_CONFIG_NUMBERS));
	TRY(lab_open_trainer(&p->lab, &p->recipe.trainer, identity,
			     &callbacks));
out:
	free(identity);
	return rc;
}

static int measure(struct program *p, struct measure *m, uint64_t seed)
{
	double began = now();
	int rc = 0;

	TRY(measure_take(m, &p->lab, seed));
	p->report.seconds.evaluation += now() - began;
	screen_say("held out: format %.1f %%, accuracy %.1f %% (greedy "
		   "%.1f %%), length %.1f",
		   100 * m->format, 100 * m->accuracy, 100 * m->greedy_accuracy,
		   m->mean_length);
out:
	return rc;
}

/* What stood before the first step: measured, or read where it was. */
static int begin(struct program *p)
{
	const char *folder = p->recipe.trainer.output_dir;
	int rc = 0;

	if (!p->command.resume) {
		TRY(measure(p, &p->report.before, SEED_BEFORE));
		TRY(report_write(&p->report, folder, "progress.json"));
		return 0;
	}
	TRY(report_read(&p->report, folder, "progress.json"));
	TRY(grpo_trainer_resume(p->lab.trainer, NULL));
	screen_say("going on after step %" PRId64,
		   grpo_trainer_steps(p->lab.trainer));
out:
	return rc;
}

static int save_model(struct program *p)
{
	char path[MAX_PATH];
	int rc = 0;

	TRY(path_in(path, p->recipe.trainer.output_dir, "model"));
	TRY(lab_save_model(&p->lab, path));
	screen_say("model saved in %s", path);
out:
	return rc;
}

static int finish(struct program *p)
{
	const char *folder = p->recipe.trainer.output_dir;
	grpo_totals t = {.struct_size = sizeof t};
	char total[32];
	int rc = 0;

	TRY(save_model(p));
	TRY(measure(p, &p->report.after, SEED_AFTER));
	TRY(report_count(&p->report, &p->lab));
	TRY(grpo_trainer_totals(p->lab.trainer, &t));
	p->report.seconds.evaluation += t.eval_s;
	TRY(report_write(&p->report, folder, "summary.json"));
	measure_show(&p->recipe, &p->report.before, &p->report.after);
	screen_say("\n  seed %" PRId64 ", %" PRId64 " steps, %s in all; see %s",
		   p->report.run.seed, p->report.run.steps,
		   screen_duration(total, p->report.seconds.total), folder);
out:
	return rc;
}

/* Stopped while training: what is known goes to progress.json. */
static int interrupted(struct program *p)
{
	const char *folder = p->recipe.trainer.output_dir;
	int rc = 0;

	TRY(report_count(&p->report, &p->lab));
	TRY(report_write(&p->report, folder, "progress.json"));
	screen_say("stopped after step %" PRId64 "; checkpoint saved in "
		   "%s/checkpoints; --resume goes on",
		   grpo_trainer_steps(p->lab.trainer), folder);
	rc = GRPO_ECANCELED;
out:
	return rc;
}

static int train(struct program *p)
{
	int rc = grpo_trainer_run(p->lab.trainer);

	if (rc == GRPO_ECANCELED && lab_interrupted() < 0) {
		fault_clear();
		return interrupted(p);
	}
	return rc;
}

static int run(struct program *p)
{
	int rc = 0;

	lab_catch_signals();
	report_begin(&p->report, &p->recipe);
	TRY(open_folder(p));
	TRY(lab_open(&p->lab, &p->recipe));
	TRY(find_model(p));
	TRY(open_model(p));
	TRY(open_trainer(p));
	guard_plugins("r1_zero", NULL); /* again, behind libtorch's exits */
	TRY(begin(p));
	TRY(train(p));
	TRY(finish(p));
out:
	return rc;
}

static int result(int rc)
{
	if (rc == 0)
		return EXIT_SUCCESS;
	if (rc == GRPO_ECANCELED && lab_interrupted() < 0) {
		fprintf(stderr, "r1_zero: interrupted\n");
		return EXIT_INTERRUPTED;
	}
	fprintf(stderr, "r1_zero: %s\n", fault());
	return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	static struct program p;
	int rc;

	openmp_wait_politely(argv);
	p.command.log_level = GRPO_LOG_WARN;
	rc = recipe_read(&p.recipe, &p.command, argc, argv);
	grpo_log_set(screen_log, NULL, p.command.log_level);
	guard_plugins("r1_zero", NULL);
	if (rc == 0 && p.command.help)
		rc = recipe_help(&p.recipe);
	else if (rc == 0)
		rc = run(&p);
	watch_end(&p.watch);
	lab_close(&p.lab);
	recipe_dispose(&p.recipe);
	return result(rc);
}
