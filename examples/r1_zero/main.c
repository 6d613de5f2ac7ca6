/* SPDX-License-Identifier: MIT */
/*
 * r1_zero: trains a language model to reason by GRPO with rule-based rewards.
 *
 *	r1_zero --config recipe.json [--set key=value]… [--output folder]
 *	        [--resume | --dry-run]
 *	r1_zero --plot run…
 *
 * The recipe names a model's folder, or describes a small base that is
 * trained first.  Then: measure on held-out problems, train, measure again.
 * All of it goes into the run's folder; Ctrl-C saves a checkpoint, --resume
 * goes on from it bit for bit.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alarm.h"
#include "base.h"
#include "command.h"
#include "curve.h"
#include "examples/arguments.h"
#include "examples/clock.h"
#include "examples/fault.h"
#include "examples/openmp.h"
#include "examples/plugin_guard.h"
#include "examples/program.h"
#include "examples/screen.h"
#include "folder.h"
#include "lab.h"
#include "measure.h"
#include "plan.h"
#include "recipe.h"
#include "report.h"
#include "stop.h"
#include "watch.h"

#define EXIT_SIGNAL 128 /* and the signal's number, as a shell has it */

/* Seeds of evaluations: streams apart from those of the steps. */
enum { SEED_BEFORE = 1000001, SEED_AFTER = 1000002 };

struct program {
	struct recipe recipe;
	struct command command;
	struct folder folder;
	struct lab lab;
	struct report report;
	struct watch watch;
	char model[MAX_PATH];
};

/* --------------------------------------------------------- run's folder */

/* Everything that a new run writes into its folder before it begins. */
static int write_config(struct program *p)
{
	char path[MAX_PATH], *text = NULL;
	int rc = 0;

	TRY(grpo_config_text(p->recipe.config, &text, 0));
	TRY(path_in(path, p->folder.path, "config.json"));
	TRY(write_text(path, text));
out:
	free(text);
	return rc;
}

/* Everything could be opened: an earlier run makes room only now. */
static int take_place(struct program *p)
{
	int rc = 0;

	if (p->command.resume)
		TRY(grpo_trainer_resume(p->lab.trainer, NULL));
	TRY(folder_place(&p->folder));
	if (!p->command.resume)
		TRY(write_config(p));
out:
	return rc;
}

/* A picture that cannot be drawn is no reason to fail. */
static void draw(struct program *p)
{
	char path[MAX_PATH];

	if (path_in(path, p->folder.path, "curve.svg") < 0 ||
	    curve_of_run(path, p->folder.path) < 0) {
		screen_say("no picture was drawn: %s", fault());
		fault_clear();
	}
}

/* --------------------------------------------------------------- phases */

/* Nothing is downloaded, and a name on the Hub is no folder. */
static int find_folder(struct program *p)
{
	const char *model = p->recipe.model;
	int rc = 0;

	TRY(model_folder(p->model, model));
	if (file_exists(p->model))
		return 0;
	if (strstr(model, "smollm2-135m"))
		return fail(GRPO_ENOTFOUND,
			    "\"model\": there is no folder %s; make smollm2 "
			    "brings it",
			    p->model);
	return fail(GRPO_ENOTFOUND,
		    "\"model\": there is no folder %s, and nothing is "
		    "downloaded; bring one first, as with: hf download NAME "
		    "--local-dir FOLDER",
		    p->model);
out:
	return rc;
}

static int find_model(struct program *p)
{
	struct base_record *base = &p->report.base;
	int rc = 0;

	if (p->recipe.model)
		return find_folder(p);
	if (p->command.dry_run)
		return base_look(p->model, base, &p->lab);
	TRY(base_get(p->model, base, &p->lab));
	p->report.seconds.base = base->cached ? 0 : base->seconds;
	TRY(stop_asked());
out:
	return rc;
}

static int open_model(struct program *p)
{
	const struct recipe *r = &p->recipe;
	/* the weights of a base that a dry run does not train */
	int random = !r->model && !p->report.base.cached && p->command.dry_run;
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
	TRY(lab_open_model(&p->lab, p->model, random, &o));
	screen_say("model: %s, %" PRId64 " parameters%s", p->model,
		   grpo_model_parameters(p->lab.model),
		   random ? ", to be trained first" : "");
out:
	return rc;
}

static int open_trainer(struct program *p)
{
	grpo_trainer_callbacks callbacks;
	char *identity = NULL;
	int rc = 0;

	TRY(watch_begin(&p->watch, &p->lab, &callbacks));
	TRY(recipe_identity(&p->recipe, p->model, &identity));
	if (!p->recipe.trainer.metric_for_best_model)
		p->recipe.trainer.metric_for_best_model = p->watch.solved;
	TRY(lab_open_trainer(&p->lab, &p->recipe.trainer, identity,
			     &callbacks));
out:
	free(identity);
	return rc;
}

static int measure(struct program *p, struct measure *m, uint64_t seed)
{
	char format[16], accuracy[16], greedy[16];
	double began = now();
	int rc = 0;

	TRY(measure_take(m, &p->lab, seed));
	p->report.seconds.evaluation += now() - began;
	screen_paragraph(
	    "held out: format %s, accuracy %s (greedy %s), length %.1f",
	    measure_share(format, m->format),
	    measure_share(accuracy, m->accuracy),
	    measure_share(greedy, m->greedy_accuracy), m->mean_length);
	TRY(stop_asked());
out:
	return rc;
}

/* What stood before the first step: measured, or read where it was. */
static int begin(struct program *p)
{
	const char *folder = p->folder.path;
	int rc = 0;

	if (!p->command.resume) {
		TRY(measure(p, &p->report.before, SEED_BEFORE));
		TRY(alarm_before(&p->lab, &p->report.before));
		TRY(report_write(&p->report, folder, "progress.json"));
		return 0;
	}
	TRY(report_read(&p->report, folder, "progress.json"));
	screen_say("going on after step %" PRId64,
		   grpo_trainer_steps(p->lab.trainer));
out:
	return rc;
}

static int save_model(struct program *p)
{
	char path[MAX_PATH];
	int rc = 0;

	TRY(path_in(path, p->folder.path, "model"));
	TRY(lab_save_model(&p->lab, path));
	screen_say("model saved in %s", path);
out:
	return rc;
}

/* Stopped after the first step: what is known goes to progress.json. */
static int interrupted(struct program *p, const char *when)
{
	const char *folder = p->folder.path;
	int rc = 0;

	TRY(report_count(&p->report, &p->lab));
	TRY(report_write(&p->report, folder, "progress.json"));
	draw(p);
	screen_say("stopped %s step %" PRId64 "; checkpoint saved in "
		   "%s/checkpoints; --resume goes on",
		   when, grpo_trainer_steps(p->lab.trainer), folder);
	rc = stop_asked();
out:
	return rc;
}

/* Where it is stopped, there is a checkpoint to go on from, whatever
 * save_steps says. */
static int measure_after(struct program *p)
{
	int rc = measure(p, &p->report.after, SEED_AFTER);

	if (rc != GRPO_ECANCELED || !stop_signal())
		return rc;
	fault_clear();
	grpo_trainer_unstop(p->lab.trainer);
	if (p->recipe.trainer.save_steps == 0)
		TRY(grpo_trainer_save(p->lab.trainer));
	return interrupted(p, "while measuring after");
out:
	return rc;
}

static int finish(struct program *p)
{
	const char *folder = p->folder.path;
	grpo_totals t = {.struct_size = sizeof t};
	char total[32];
	int rc = 0;

	TRY(save_model(p));
	TRY(measure_after(p));
	TRY(report_count(&p->report, &p->lab));
	TRY(grpo_trainer_totals(p->lab.trainer, &t));
	p->report.seconds.evaluation += t.eval_s;
	TRY(report_write(&p->report, folder, "summary.json"));
	draw(p);
	measure_show(&p->recipe, &p->report.before, &p->report.after);
	alarm_after(&p->lab, &p->report.before, &p->report.after);
	screen_say("\n  seed %" PRId64 ", %" PRId64 " steps, %s in all; see %s",
		   p->report.run.seed, p->report.run.steps,
		   screen_duration(total, p->report.seconds.total), folder);
	plan_talk(&p->lab, folder);
out:
	return rc;
}

static int train(struct program *p)
{
	int rc = grpo_trainer_run(p->lab.trainer);

	if (rc == GRPO_ECANCELED && stop_signal()) {
		fault_clear();
		return interrupted(p, "after");
	}
	return rc;
}

/* Everything that can be wrong with a run is found here. */
static int open_run(struct program *p)
{
	int rc = 0;

	report_begin(&p->report, &p->recipe);
	TRY(folder_open(&p->folder, p->recipe.trainer.output_dir,
			p->command.resume, p->command.dry_run));
	TRY(lab_open(&p->lab, &p->recipe, p->folder.work));
	TRY(find_model(p));
	TRY(open_model(p));
	TRY(open_trainer(p));
	guard_plugins(program_name(),
		      NULL); /* again, behind libtorch's exits */
	TRY(grpo_trainer_check(p->lab.trainer));
	TRY(plan_show(&p->lab));
out:
	return rc;
}

/* Until its first measures are taken, a run has nothing to go on from. */
static int start(struct program *p)
{
	int rc = 0;

	TRY(take_place(p));
	TRY(begin(p));
out:
	if (rc == GRPO_ECANCELED && stop_signal())
		screen_say("stopped before the first step; nothing was trained "
			   "yet");
	return rc;
}

static int run(struct program *p)
{
	int rc = 0;

	stop_catch();
	TRY(open_run(p));
	if (p->command.dry_run) {
		screen_say("nothing was trained (--dry-run)");
		return 0;
	}
	TRY(start(p));
	TRY(train(p));
	TRY(finish(p));
out:
	return rc;
}

/* ----------------------------------------------------------------- main */

/* Lines that could not be written are an error, if nothing else is. */
static int result(int rc)
{
	const char *name = program_name();

	if (rc == GRPO_ECANCELED && stop_signal()) {
		fprintf(stderr, "%s: stopped by %s\n", name, stop_name());
		return EXIT_SIGNAL + stop_signal();
	}
	if (rc < 0) {
		fprintf(stderr, "%s: %s\n", name, fault());
		return EXIT_FAILURE;
	}
	if (screen_lost()) {
		fprintf(stderr, "%s: standard output: %s\n", name,
			strerror(screen_lost()));
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}

static int dispatch(struct program *p)
{
	const struct command *c = &p->command;

	if (c->help)
		return command_help(&p->recipe);
	if (c->plot)
		return curve_of_runs(c->output, c->runs, c->n_runs);
	return run(p);
}

int main(int argc, char **argv)
{
	static struct program p;
	int rc, status;

	openmp_wait_politely(argv);
	program_called(argv);
	p.command.log_level = GRPO_LOG_WARN;
	rc = command_read(&p.command, &p.recipe, argc, argv);
	grpo_log_set(screen_log, NULL, p.command.log_level);
	guard_plugins(program_name(), NULL);
	if (rc == 0)
		rc = dispatch(&p);
	watch_end(&p.watch);
	lab_close(&p.lab);
	folder_close(&p.folder);
	status = result(rc);
	if (p.command.wrong) {
		command_usage();
		status = EXIT_USAGE;
	}
	recipe_dispose(&p.recipe);
	return status;
}
