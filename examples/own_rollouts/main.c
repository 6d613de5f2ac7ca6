/* SPDX-License-Identifier: MIT */
/*
 * own_rollouts: trains a model on completions that something else sampled and
 * judged, with no sampler, no dataset and no rewards of its own.
 *
 *	own_rollouts --model Qwen2.5-0.5B --output trained rollouts.jsonl
 */
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "examples/arguments.h"
#include "examples/fault.h"
#include "examples/openmp.h"
#include "examples/program.h"
#include "examples/screen.h"
#include "grpo/config.h"
#include "grpo/log.h"
#include "grpo/torch.h"
#include "grpo/trainer_config.h"
#include "read.h"

static const char usage[] =
    "usage: {program} --model FOLDER [options] ROLLOUTS.jsonl\n"
    "\n"
    "Trains a model on completions with their rewards, one optimizer step for\n"
    "each batch of lines with the same \"version\".  A line is one "
    "completion:\n"
    "  {\"prompt\": [ids], \"tokens\": [ids], \"logp\": [numbers], \"reward\": "
    "1,\n"
    "   \"group\": 0, \"version\": 0}; docs/rollouts.md has the rest.  A run "
    "of\n"
    "r1_zero writes such a file with --set save_rollouts=true.\n"
    "\n"
    "  --model FOLDER   a Hugging Face folder\n"
    "  --output FOLDER  where the trained model is saved (own_rollouts.model)\n"
    "  --set KEY=VALUE  a setting of the trainer, such as learning_rate=1e-5;\n"
    "                   may be repeated\n"
    "  --help\n";

struct program {
	const char *model_folder, *output, *path;
	grpo_config *config;
	grpo_trainer_config settings;
	grpo_model *model;
	grpo_learner learner;
	grpo_trainer *trainer;
	struct reader reader;
	struct batch batch;
	int help;
};

static int take(struct program *p, int c, char **argv)
{
	switch (c) {
	case 'm':
		p->model_folder = optarg;
		return 0;
	case 'o':
		p->output = optarg;
		return 0;
	case 's':
		return grpo_config_set(p->config, optarg);
	case 'h':
		return p->help = 1, 0;
	default:
		return argument_unknown(c, argv);
	}
}

static int read_arguments(struct program *p, int argc, char **argv)
{
	static const struct option table[] = {{"model", 1, 0, 'm'},
					      {"output", 1, 0, 'o'},
					      {"set", 1, 0, 's'},
					      {"help", 0, 0, 'h'},
					      {0}};
	int c, rc = 0;

	p->output = "own_rollouts.model";
	TRY(grpo_config_create(&p->config));
	TRY(grpo_config_add_trainer(p->config, &p->settings));
	while ((c = getopt_long(argc, argv, ":", table, NULL)) != -1)
		TRY(take(p, c, argv));
	if (p->help)
		return 0;
	FAIL_IF(!p->model_folder || argc - optind != 1, GRPO_EINVAL,
		"expected --model and a file of rollouts (see --help)");
	p->path = argv[optind];
out:
	return rc;
}

/* The batches of the file are the length of the run. */
static int count_steps(struct program *p)
{
	int64_t n = 0;
	int rc = 0;

	TRY(reader_open(&p->reader, p->path));
	do {
		TRY(reader_next(&p->reader, &p->batch));
		n += p->batch.n > 0;
	} while (p->batch.n > 0);
	reader_close(&p->reader);
	FAIL_IF(n == 0, GRPO_EFORMAT, "%s: no rollouts", p->path);
	if (p->settings.max_steps < 0)
		p->settings.max_steps = n * p->settings.num_iterations;
out:
	return rc;
}

static int show(void *ctx, const grpo_report *r)
{
	(void)ctx;
	screen_say("step %lld of %lld: reward %.3f, loss %.4f, gradient %.3f",
		   (long long)r->step, (long long)r->max_steps,
		   grpo_report_value(r, "reward"), grpo_report_value(r, "loss"),
		   grpo_report_value(r, "grad_norm"));
	return 0;
}

static int open_trainer(struct program *p)
{
	grpo_trainer_callbacks callbacks;
	grpo_trainer_parts parts;
	int rc = 0;

	TRY(grpo_model_open(&p->model, p->model_folder, NULL));
	TRY(grpo_torch_learner(&p->learner, p->model, NULL));
	TRY(grpo_trainer_parts_init(&parts));
	parts.learner = &p->learner; /* and nothing else */
	TRY(grpo_trainer_callbacks_init(&callbacks));
	callbacks.on_step = show;
	TRY(grpo_trainer_create(&p->trainer, &p->settings, &parts, &callbacks));
out:
	return rc;
}

static int train(struct program *p)
{
	int rc = 0;

	TRY(reader_open(&p->reader, p->path));
	while (!grpo_trainer_done(p->trainer)) {
		TRY(reader_next(&p->reader, &p->batch));
		if (p->batch.n == 0)
			break;
		TRY(grpo_trainer_update(p->trainer, p->batch.list, p->batch.n));
	}
	TRY(grpo_model_save(p->model, p->output, NULL));
	screen_say("the trained model is in %s", p->output);
out:
	return rc;
}

static void close_all(struct program *p)
{
	grpo_trainer_free(p->trainer);
	grpo_learner_free(&p->learner);
	grpo_model_free(p->model);
	grpo_config_free(p->config);
	reader_close(&p->reader);
	batch_dispose(&p->batch);
}

int main(int argc, char **argv)
{
	struct program p = {0};
	int rc = 0;

	program_called(argv);
	openmp_wait_politely(argv);
	grpo_log_set(screen_log, NULL, GRPO_LOG_WARN);
	TRY(read_arguments(&p, argc, argv));
	if (p.help) {
		program_usage(usage);
		goto out;
	}
	TRY(count_steps(&p));
	TRY(open_trainer(&p));
	TRY(train(&p));
out:
	if (rc < 0)
		fprintf(stderr, "%s: %s\n", program_name(), fault());
	close_all(&p);
	return rc < 0 ? p.path ? 1 : EXIT_USAGE : 0;
}
