/* SPDX-License-Identifier: MIT */
#include "parts.h"

#include <stdio.h>
#include <string.h>

#include "examples/arguments.h"
#include "examples/fault.h"
#include "examples/program.h"

static int open_parts(struct parts *p, const char *folder, const char *data)
{
	int rc = 0;

	TRY(grpo_dataset_open(&p->dataset, data, NULL));
	TRY(grpo_tokenizer_open(&p->tokenizer, folder));
	TRY(grpo_template_create(&p->prompt_template, "plain", NULL));
	TRY(grpo_reward_set_create(&p->rewards, 1));
	TRY(grpo_reward_set_add(p->rewards, "math", 1, NULL));
	TRY(table_init(&p->table, p->tokenizer));
	p->sampler = table_sampler(&p->table);
	p->learner = table_learner(&p->table);
out:
	return rc;
}

static void close_parts(struct parts *p)
{
	grpo_reward_set_free(p->rewards);
	grpo_template_free(p->prompt_template);
	grpo_tokenizer_free(p->tokenizer);
	grpo_dataset_free(p->dataset);
}

int parts_settings(grpo_trainer_config *config)
{
	int rc = 0;

	TRY(grpo_trainer_config_init(config));
	config->prompts_per_step = 25;
	config->num_generations = 16;
	config->max_completion_length = ANSWER_TOKENS;
	config->learning_rate = 100;
	config->lr_scheduler_type = GRPO_LR_CONSTANT;
	config->max_grad_norm = 0;
	config->max_steps = 100;
out:
	return rc;
}

/* ------------------------------------------------------------ the trainer */

static int show_step(void *ctx, const grpo_report *report)
{
	(void)ctx;
	if (report->step == 1 || report->step % 20 == 0)
		printf("step %3d: reward %.3f, entropy %.3f\n",
		       (int)report->step, grpo_report_value(report, "reward"),
		       grpo_report_value(report, "entropy"));
	return 0;
}

static int open_trainer(grpo_trainer **out, struct parts *p,
			const grpo_trainer_config *config)
{
	grpo_trainer_callbacks callbacks;
	grpo_trainer_parts parts;
	int rc = 0;

	TRY(grpo_trainer_parts_init(&parts));
	parts.dataset = p->dataset;
	parts.held_out = p->dataset; /* a table knows what it has seen */
	parts.tokenizer = p->tokenizer;
	parts.prompt_template = p->prompt_template;
	parts.rewards = p->rewards;
	parts.sampler = &p->sampler;
	parts.learner = &p->learner;
	TRY(grpo_trainer_callbacks_init(&callbacks));
	callbacks.on_step = show_step;
	rc = grpo_trainer_create(out, config, &parts, &callbacks);
out:
	return rc;
}

static int measure(grpo_trainer *trainer, const char *when)
{
	grpo_evaluation e = {.struct_size = sizeof e};
	grpo_evaluation_options o;
	int rc = 0;

	TRY(grpo_evaluation_options_init(&o));
	o.temperature = 0;
	TRY(grpo_trainer_evaluate(trainer, &e, &o));
	printf("%s: %.0f %% of %d sums right\n", when, 100 * e.solved[0],
	       (int)e.n_prompts);
	grpo_evaluation_dispose(&e);
out:
	return rc;
}

int parts_train(struct parts *p, const grpo_trainer_config *config)
{
	grpo_trainer *trainer = NULL;
	int rc = 0;

	TRY(open_trainer(&trainer, p, config));
	TRY(measure(trainer, "before"));
	TRY(grpo_trainer_run(trainer));
	TRY(measure(trainer, "after"));
out:
	grpo_trainer_free(trainer);
	return rc;
}

/* ------------------------------------------------------------ the program */

static int wrong_usage(const char *argument)
{
	fprintf(stderr, "%s: unexpected argument %s (see --help)\n",
		program_name(), argument);
	return EXIT_USAGE;
}

int parts_main(int argc, char **argv, const char *usage,
	       int (*train)(struct parts *p))
{
	static struct parts p;
	int rc;

	program_called(argv);
	if (argc > 1 &&
	    (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		program_usage(usage);
		return 0;
	}
	if (argc > 3 || (argc > 1 && argv[1][0] == '-'))
		return wrong_usage(argv[argc > 3 ? 3 : 1]);
	rc = open_parts(&p, argc > 1 ? argv[1] : "examples/r1_zero/base",
			argc > 2 ? argv[2] : "examples/own_policy/sums.jsonl");
	if (rc == 0)
		rc = train(&p);
	if (rc < 0)
		fprintf(stderr, "%s: %s\n", program_name(), fault());
	close_parts(&p);
	return rc < 0;
}
