/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "examples/clock.h"
#include "examples/fault.h"

#define R struct report
#define NUMBER(path, name, help)                                               \
	{                                                                      \
		name, GRPO_OPTION_NUMBER, 0, offsetof(R, path), 0, NULL,       \
		    -1e300, 1e300, NULL, help                                  \
	}

/* clang-format off */
static const grpo_option run_options[] = {
	{"seed", GRPO_OPTION_INT, 0, offsetof(R, run.seed), 0, NULL, 0, 1e16,
	 NULL, "of the run"},
	{"steps", GRPO_OPTION_INT, 0, offsetof(R, run.steps), 0, NULL, 0, 1e16,
	 NULL, "optimizer steps"},
	{"finished", GRPO_OPTION_BOOL, 0, offsetof(R, run.finished), 0, NULL,
	 0, 1, NULL, "whether it came to its end"},
	NUMBER(run.wall_s, "wall_seconds", "so far, by the clock"),
	GRPO_OPT_END};

static const grpo_option seconds_options[] = {
	NUMBER(seconds.base, "base", "training the base; 0: it was cached"),
	NUMBER(seconds.sampling, "sampling", "completions"),
	NUMBER(seconds.training, "training", "forward, backward, optimizer"),
	NUMBER(seconds.rewards, "rewards", "waiting for them"),
	NUMBER(seconds.evaluation, "evaluation", "before, within and after"),
	NUMBER(seconds.total, "total", "by the clock, all processes"),
	GRPO_OPT_END};

static const grpo_option speed_options[] = {
	NUMBER(tokens_per_second.sampling, "sampling", "new tokens"),
	NUMBER(tokens_per_second.training, "training", "through the learner"),
	GRPO_OPT_END};

static const grpo_option version_options[] = {
	{"libgrpo", GRPO_OPTION_STRING, 0, offsetof(R, versions.libgrpo), 0,
	 NULL, 0, 0, NULL, "version"},
	{"torch", GRPO_OPTION_STRING, 0, offsetof(R, versions.torch), 0, NULL,
	 0, 0, NULL, "version"},
	GRPO_OPT_END};
/* clang-format on */

void report_begin(struct report *r, const struct recipe *recipe)
{
	memset(r, 0, sizeof *r);
	r->run.seed = recipe->trainer.seed;
	r->began = now();
}

static double per_second(int64_t n, double seconds)
{
	return seconds > 0 ? (double)n / seconds : NAN;
}

int report_count(struct report *r, const struct lab *l)
{
	grpo_totals t = {.struct_size = sizeof t};
	int rc = 0;

	TRY(grpo_trainer_totals(l->trainer, &t));
	r->run.steps = grpo_trainer_steps(l->trainer);
	r->run.finished = grpo_trainer_done(l->trainer);
	r->seconds.sampling = t.sampling_s;
	r->seconds.training = t.training_s;
	r->seconds.rewards = t.rewards_s;
	r->seconds.total = r->run.wall_s + now() - r->began;
	r->tokens_per_second.sampling =
	    per_second(t.tokens_sampled, t.sampling_s);
	r->tokens_per_second.training =
	    per_second(t.tokens_trained, t.training_s);
	r->versions.libgrpo = grpo_version();
	r->versions.torch = grpo_torch_version();
out:
	return rc;
}

/* Adding a table fills its values with defaults: they are put back. */
static int open_config(grpo_config **c, struct report *r)
{
	struct report values = *r;
	int rc = 0;

	TRY(grpo_config_create(c));
	TRY(grpo_config_add(*c, "Run", NULL, run_options, r));
	TRY(grpo_config_add(*c, "Before", "before", measure_options,
			    &r->before));
	TRY(grpo_config_add(*c, "After", "after", measure_options, &r->after));
	TRY(grpo_config_add(*c, "Base", "base", base_record_options, &r->base));
	TRY(grpo_config_add(*c, "Seconds", "seconds", seconds_options, r));
	TRY(grpo_config_add(*c, "Tokens per second", "tokens_per_second",
			    speed_options, r));
	TRY(grpo_config_add(*c, "Versions", "versions", version_options, r));
	*r = values;
out:
	return rc;
}

int report_write(struct report *r, const char *folder, const char *name)
{
	struct report keep = *r;
	char path[MAX_PATH], *text = NULL;
	grpo_config *c = NULL;
	int rc = 0;

	TRY(path_in(path, folder, name));
	r->run.wall_s = r->run.wall_s + now() - r->began;
	TRY(open_config(&c, r));
	TRY(grpo_config_text(c, &text, 0));
	TRY(write_text(path, text));
out:
	free(text);
	grpo_config_free(c);
	*r = keep;
	return rc;
}

int report_read(struct report *r, const char *folder, const char *name)
{
	char path[MAX_PATH];
	grpo_config *c = NULL;
	int rc = 0;

	TRY(path_in(path, folder, name));
	TRY(open_config(&c, r));
	TRY(grpo_config_read(c, path));
	r->versions.libgrpo = r->versions.torch = NULL; /* freed below */
out:
	grpo_config_free(c);
	return rc;
}
