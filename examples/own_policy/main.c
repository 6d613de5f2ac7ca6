/* SPDX-License-Identifier: MIT */
/*
 * own_policy: a custom sampler and learner under libgrpo's trainer.
 *
 *	own_policy [TOKENIZER_FOLDER [DATASET.jsonl]]
 *
 * The policy (table.c) is a table of logits in plain C; dataset, rewards,
 * advantages, loss and training loop come from the library.  It learns 25 sums
 * in a second, without libtorch.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/program.h"
#include "grpo/grpo.h"
#include "table.h"

struct program {
	struct table table;
	grpo_sampler sampler;
	grpo_learner learner;
	grpo_dataset *dataset;
	grpo_tokenizer *tokenizer;
	grpo_template *prompt_template;
	grpo_reward_set *rewards;
	grpo_trainer *trainer;
};

#define TRY(expr)                                                              \
	do {                                                                   \
		int code = (expr);                                             \
		if (code < 0)                                                  \
			return code;                                           \
	} while (0)

static int show_step(void *ctx, const grpo_report *report)
{
	(void)ctx;
	if (report->step == 1 || report->step % 20 == 0)
		printf("step %3d: reward %.3f, entropy %.3f\n",
		       (int)report->step, grpo_report_value(report, "reward"),
		       grpo_report_value(report, "entropy"));
	return 0;
}

static int open_parts(struct program *p, const char *folder, const char *data)
{
	TRY(grpo_dataset_open(&p->dataset, data, NULL));
	TRY(grpo_tokenizer_open(&p->tokenizer, folder));
	TRY(grpo_template_create(&p->prompt_template, "plain", NULL));
	TRY(grpo_reward_set_create(&p->rewards, 1));
	TRY(grpo_reward_set_add(p->rewards, "math", 1, NULL));
	TRY(table_init(&p->table, p->tokenizer));
	p->sampler = table_sampler(&p->table);
	p->learner = table_learner(&p->table);
	return 0;
}

static int open_trainer(struct program *p)
{
	grpo_trainer_config config;
	grpo_trainer_parts parts;
	grpo_trainer_callbacks callbacks;

	TRY(grpo_trainer_config_init(&config));
	config.prompts_per_step = 25;
	config.num_generations = 16;
	config.max_completion_length = ANSWER_TOKENS;
	config.learning_rate = 100;
	config.lr_scheduler_type = GRPO_LR_CONSTANT;
	config.max_grad_norm = 0;
	config.max_steps = 100;
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
	return grpo_trainer_create(&p->trainer, &config, &parts, &callbacks);
}

static int measure(struct program *p, const char *when)
{
	grpo_evaluation e = {.struct_size = sizeof e};
	grpo_evaluation_options o;

	TRY(grpo_evaluation_options_init(&o));
	o.temperature = 0;
	TRY(grpo_trainer_evaluate(p->trainer, &e, &o));
	printf("%s: %.0f %% of %d sums right\n", when, 100 * e.solved[0],
	       (int)e.n_prompts);
	grpo_evaluation_dispose(&e);
	return 0;
}

static int run(struct program *p, const char *folder, const char *data)
{
	TRY(open_parts(p, folder, data));
	TRY(open_trainer(p));
	TRY(measure(p, "before"));
	TRY(grpo_trainer_run(p->trainer));
	return measure(p, "after");
}

static void close_all(struct program *p)
{
	grpo_trainer_free(p->trainer);
	grpo_reward_set_free(p->rewards);
	grpo_template_free(p->prompt_template);
	grpo_tokenizer_free(p->tokenizer);
	grpo_dataset_free(p->dataset);
}

static const char usage[] =
    "usage: {program} [TOKENIZER_FOLDER [DATASET.jsonl]]\n"
    "\n"
    "Trains a table of logits in plain C, without libtorch, to answer the\n"
    "questions of a dataset.  The defaults are files of the source tree, so\n"
    "run it there: examples/r1_zero/base, examples/own_policy/sums.jsonl.\n";

static int wrong_usage(const char *argument)
{
	fprintf(stderr, "%s: unexpected argument %s (see --help)\n",
		program_name(), argument);
	return 2;
}

int main(int argc, char **argv)
{
	static struct program p;
	int rc;

	program_called(argv);
	if (argc > 1 &&
	    (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		program_usage(usage);
		return 0;
	}
	if (argc > 3 || (argc > 1 && argv[1][0] == '-'))
		return wrong_usage(argv[argc > 3 ? 3 : 1]);
	rc = run(&p, argc > 1 ? argv[1] : "examples/r1_zero/base",
		 argc > 2 ? argv[2] : "examples/own_policy/sums.jsonl");
	if (rc < 0)
		fprintf(stderr, "%s: %s\n", program_name(),
			grpo_error_message());
	close_all(&p);
	return rc < 0;
}
