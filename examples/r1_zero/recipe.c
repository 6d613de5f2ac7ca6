/* SPDX-License-Identifier: MIT */
#include "recipe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/fault.h"

#define R struct recipe
#define B struct base_settings
#define P struct problem_settings
#define FREE GRPO_OPTION_FREE
#define MANY 1e12

/* clang-format off */
static const grpo_option model_options[] = {
	GRPO_OPT_STRING(R, model, NULL, 0,
		"Hugging Face folder; {cache} is the models' cache; null: "
		"train a base first"),
	GRPO_OPT_STRING(R, dtype, "float32", 0,
		"of the weights: float32 or bfloat16"),
	GRPO_OPT_STRING(R, device, "cpu", 0, "cpu or cuda"),
	GRPO_OPT_INT(R, n_threads, 0, 0, 4096, 0,
		"threads of libtorch; 0: as many as it takes by itself"),
	GRPO_OPT_INT(R, max_rows, 256, 1, 1e6, 0,
		"completions that are decoded at a time"),
	GRPO_OPT_NUMBER(R, weight_decay, 0, 0, 1e3, 0,
		"of AdamW, on matrices"),
	GRPO_OPT_NUMBER(R, adam_beta1, 0.9, 0, 1, 0, "of AdamW"),
	GRPO_OPT_NUMBER(R, adam_beta2, 0.999, 0, 1, 0, "of AdamW"),
	GRPO_OPT_NUMBER(R, adam_epsilon, 1e-8, 0, 1, 0, "of AdamW"),
	GRPO_OPT_END};

static const grpo_option data_options[] = {
	GRPO_OPT_STRING(R, dataset, NULL, 0,
		"JSON Lines to train on; null: problems are generated"),
	GRPO_OPT_STRING(R, held_out, NULL, 0,
		"JSON Lines to evaluate on; null: problems are generated"),
	GRPO_OPT_JSON(R, column_map, NULL, 0,
		"names of their columns, ours first: {\"prompt\": "
		"\"question\", \"answer\": \"solution\"}"),
	GRPO_OPT_CHOICE(R, overlap, OVERLAP_WARN, "warn|error|ignore", FREE,
		"what to do where the two share a prompt"),
	GRPO_OPT_STRING(R, template, "r1-zero", 0,
		"r1-zero, chatml, plain, or a text with {prompt} in it"),
	GRPO_OPT_STRING(R, system, NULL, 0,
		"system message, for templates that have one"),
	GRPO_OPT_JSON(R, rewards,
		"[{\"name\": \"format\", \"weight\": 0.5}, "
		"{\"name\": \"math\", \"weight\": 1, \"params\": "
		"{\"strict\": true, \"form\": \"integer\"}}]", 0,
		"list of {name, weight, params}"),
	GRPO_OPT_INT(R, reward_threads, 1, 1, 1024, FREE,
		"threads that score"),
	GRPO_OPT_STRING(R, format_reward, "format", FREE,
		"the reward that tables call format; null: none"),
	GRPO_OPT_STRING(R, accuracy_reward, "math", FREE,
		"the reward that tables call accuracy: solved at 1 or more"),
	GRPO_OPT_NUMBER(R, stop_accuracy, 0, 0, 1, FREE,
		"held-out accuracy that ends the run; 0: none"),
	GRPO_OPT_INT(R, pass_k, 8, 0, 1e4, FREE,
		"k of pass@k before and after; 0: not measured"),
	GRPO_OPT_STRING(R, no_thought, " </think> <answer>", FREE,
		"put after the prompt to measure answers without a thought; "
		"null: not measured"),
	GRPO_OPT_STRING(R, counted_word, "wait", FREE,
		"the share of completions with it is shown; null: not"),
	GRPO_OPT_INT(R, show_steps, 10, 0, MANY, FREE,
		"steps between two completions on the screen; 0: none"),
	GRPO_OPT_END};

static const grpo_option base_options[] = {
	GRPO_OPT_STRING(B, folder, "examples/r1_zero/base", 0,
		"config.json and tokenizer of the base"),
	GRPO_OPT_INT(B, steps, 0, 0, MANY, 0,
		"most steps at the full rate; 0: no base is trained"),
	GRPO_OPT_INT(B, decay_steps, 0, 0, MANY, 0,
		"steps after them, with a falling rate"),
	GRPO_OPT_NUMBER(B, embedding_std, 0.05, 0, 99, 0,
		"standard deviation of its first token embeddings; 0: "
		"initializer_range"),
	GRPO_OPT_INT(B, docs_per_step, 32, 1, 1e6, 0,
		"documents of a step"),
	GRPO_OPT_INT(B, window, 8, 1, 1e4, 0,
		"batches whose documents are sorted by length together"),
	GRPO_OPT_NUMBER(B, learning_rate, 3e-3, 0, 1e3, 0, "the highest"),
	GRPO_OPT_INT(B, warmup_steps, 30, 0, MANY, 0, "steps up to it"),
	GRPO_OPT_NUMBER(B, min_lr_ratio, 0.05, 0, 1, 0,
		"where the decay ends"),
	GRPO_OPT_NUMBER(B, weight_decay, 0.05, 0, 1e3, 0, "of AdamW"),
	GRPO_OPT_NUMBER(B, adam_beta1, 0.9, 0, 1, 0, "of AdamW"),
	GRPO_OPT_NUMBER(B, adam_beta2, 0.95, 0, 1, 0, "of AdamW"),
	GRPO_OPT_NUMBER(B, adam_epsilon, 1e-8, 0, 1, 0, "of AdamW"),
	GRPO_OPT_NUMBER(B, max_grad_norm, 1, 0, 1e30, 0, "0: no clipping"),
	GRPO_OPT_INT(B, probe_steps, 100, 1, MANY, 0,
		"steps between two probes under the template"),
	GRPO_OPT_INT(B, probe_prompts, 100, 1, 1e6, 0,
		"training problems in a probe"),
	GRPO_OPT_NUMBER(B, stop_skill, 1, 0, 1, 0,
		"share of probes that reach the right number, from which on "
		"the rate decays"),
	GRPO_OPT_NUMBER(B, need_skill, 0, 0, 1, 0,
		"a base whose last probe is worse is refused"),
	GRPO_OPT_END};

static const grpo_option problem_options[] = {
	GRPO_OPT_CHOICE(P, problems, SUMS, "sums|countdown", 0,
		"what is asked"),
	GRPO_OPT_INT(P, digits, 3, 2, 6, 0, "of the operands of sums"),
	GRPO_OPT_INT(P, train, 4096, 1, 1e9, 0, "problems to train on"),
	GRPO_OPT_INT(P, held_out, 400, 1, 1e9, 0,
		"problems of numbers that are never trained on"),
	GRPO_OPT_END};
/* clang-format on */

static int make_config(struct recipe *r)
{
	int rc = 0;

	TRY(grpo_config_create(&r->config));
	TRY(grpo_config_add(r->config, "Model and optimizer", NULL,
			    model_options, r));
	TRY(grpo_config_add(r->config, "Data, rewards, evaluation", NULL,
			    data_options, r));
	TRY(grpo_config_add_trainer(r->config, &r->trainer));
	TRY(grpo_config_add(r->config,
			    "A base of one's own, trained first on text of "
			    "the kind in datasets/README.md",
			    "base", base_options, &r->base));
	TRY(grpo_config_add(r->config,
			    "Problems, where dataset or held_out is null",
			    "generate", problem_options, &r->generate));
out:
	return rc;
}

int recipe_base_text(const struct recipe *r, char **text)
{
	struct base_settings copy;
	grpo_config *c = NULL;
	int rc = 0;

	*text = NULL;
	TRY(grpo_config_create(&c));
	TRY(grpo_config_add(c, "Base", NULL, base_options, &copy));
	copy = r->base;
	copy.folder = NULL; /* what is in it counts, not where it is */
	TRY(grpo_config_text(c, text, 0));
out:
	grpo_config_free(c);
	return rc;
}

/* --output is a --set whose value is never read as JSON. */
static int set_output(struct recipe *r, const char *folder)
{
	size_t n = strlen(folder) + sizeof "output_dir=";
	char *assignment = malloc(n);
	int rc;

	if (!assignment)
		return fail(GRPO_ENOMEM, "out of memory");
	snprintf(assignment, n, "output_dir=%s", folder);
	rc = grpo_config_set(r->config, assignment);
	free(assignment);
	return rc;
}

/* One argument with its value. */
static int take(struct recipe *r, const char *name, const char *value)
{
	if (strcmp(name, "--config") == 0)
		return grpo_config_read(r->config, value);
	if (strcmp(name, "--set") == 0)
		return grpo_config_set(r->config, value);
	return set_output(r, value);
}

static int takes_value(const char *name)
{
	return strcmp(name, "--config") == 0 || strcmp(name, "--set") == 0 ||
	       strcmp(name, "--output") == 0;
}

/* The recipe first, wherever it stands, so that the rest is on top of it. */
static int read_arguments(struct recipe *r, struct command *c, int argc,
			  char **argv, int configs)
{
	int i, rc = 0;

	for (i = 1; i < argc; i++) {
		const char *name = argv[i];

		if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
			c->help = 1;
		else if (strcmp(name, "--resume") == 0)
			c->resume = 1;
		else if (!takes_value(name))
			return fail(GRPO_EINVAL,
				    "unknown argument %s (--help shows all)",
				    name);
		else if (++i == argc)
			return fail(GRPO_EINVAL, "%s needs a value", name);
		else if ((strcmp(name, "--config") == 0) == configs)
			TRY(take(r, name, argv[i]));
	}
out:
	return rc;
}

static int check(const struct recipe *r)
{
	int rc = 0;

	FAIL_IF(!r->model && r->base.steps == 0, GRPO_EINVAL,
		"\"model\" is not set: a Hugging Face folder, as in --set "
		"model=Qwen2.5-1.5B; or set \"base.steps\" to train a base");
	FAIL_IF(!r->model && r->generate.problems != SUMS, GRPO_EINVAL,
		"a base is trained on sums: \"generate.problems\" must be "
		"\"sums\"");
	FAIL_IF(!r->trainer.output_dir, GRPO_EINVAL,
		"\"output_dir\" is not set, nor --output");
	FAIL_IF(!r->accuracy_reward, GRPO_EINVAL,
		"\"accuracy_reward\" is not set");
	FAIL_IF(!r->template, GRPO_EINVAL, "\"template\" is not set");
	FAIL_IF(!r->dtype || !r->device, GRPO_EINVAL,
		"\"dtype\" or \"device\" is not set");
out:
	return rc;
}

int recipe_read(struct recipe *r, struct command *c, int argc, char **argv)
{
	int rc = 0;

	TRY(make_config(r));
	TRY(read_arguments(r, c, argc, argv, 1));
	TRY(read_arguments(r, c, argc, argv, 0));
	if (!c->help)
		TRY(check(r));
out:
	return rc;
}

void recipe_dispose(struct recipe *r)
{
	grpo_config_free(r->config);
}

int recipe_help(const struct recipe *r)
{
	char *text;
	int rc = grpo_config_help(r->config, &text);

	if (rc < 0)
		return rc;
	printf("usage: r1_zero --config RECIPE.json [--set KEY=VALUE]…\n"
	       "               [--output FOLDER] [--resume] [--help]\n\n"
	       "Trains a language model to reason by GRPO with rule-based "
	       "rewards.\nKeys of a recipe, with their defaults:\n\n%s",
	       text);
	free(text);
	return 0;
}
