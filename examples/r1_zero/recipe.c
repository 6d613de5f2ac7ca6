/* SPDX-License-Identifier: MIT */
#include "recipe.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/fault.h"
#include "files.h"

#define R struct recipe
#define B struct base_settings
#define P struct problem_settings
#define FREE GRPO_OPTION_FREE
#define MANY 1e12

/* FREE is also what the trainer holds by its contents: rows, template,
 * tokenizer and rewards, whatever they are called. */
/* clang-format off */
static const grpo_option model_options[] = {
	GRPO_OPT_STRING(R, model, NULL, FREE,
		"Hugging Face folder; {cache} is the folder of cached models; "
		"null: train a base model first"),
	GRPO_OPT_STRING(R, dtype, "float32", 0,
		"type of the weights: float32 or bfloat16"),
	GRPO_OPT_STRING(R, device, "cpu", 0, "cpu or cuda"),
	GRPO_OPT_INT(R, n_threads, 0, 0, 4096, FREE,
		"threads of libtorch; 0: its default"),
	GRPO_OPT_INT(R, max_rows, 256, 1, 1e6, FREE,
		"completions decoded at a time"),
	GRPO_OPT_NUMBER(R, weight_decay, 0, 0, 1e3, 0,
		"AdamW, matrices only"),
	GRPO_OPT_NUMBER(R, adam_beta1, 0.9, 0, 1, 0, "AdamW"),
	GRPO_OPT_NUMBER(R, adam_beta2, 0.999, 0, 1, 0, "AdamW"),
	GRPO_OPT_NUMBER(R, adam_epsilon, 1e-8, 0, 1, 0, "AdamW"),
	GRPO_OPT_END};

static const grpo_option data_options[] = {
	GRPO_OPT_STRING(R, dataset, NULL, FREE,
		"JSON Lines to train on; null: generate problems"),
	GRPO_OPT_STRING(R, held_out, NULL, FREE,
		"JSON Lines to evaluate on; null: generate problems"),
	GRPO_OPT_JSON(R, column_map, NULL, FREE,
		"names of the columns in these files, ours first: {\"prompt\": "
		"\"question\", \"answer\": \"solution\"}"),
	GRPO_OPT_CHOICE(R, overlap, OVERLAP_WARN, "warn|error|ignore", FREE,
		"what to do if the two files share a prompt"),
	GRPO_OPT_STRING(R, template, "r1-zero", FREE,
		"r1-zero, chatml, plain, or a text that contains {prompt}"),
	GRPO_OPT_STRING(R, system, NULL, FREE,
		"system message, for templates that have one"),
	GRPO_OPT_JSON(R, rewards,
		"[{\"name\": \"format\", \"weight\": 0.5}, "
		"{\"name\": \"math\", \"weight\": 1, \"params\": "
		"{\"strict\": true, \"form\": \"integer\"}}]", FREE,
		"list of {name, weight, params}: what a completion earns is "
		"the weighted sum"),
	GRPO_OPT_INT(R, reward_threads, 1, 1, 1024, FREE,
		"threads for scoring"),
	GRPO_OPT_STRING(R, format_reward, "format", FREE,
		"which of rewards is shown as \"format\"; null: none"),
	GRPO_OPT_STRING(R, accuracy_reward, "math", FREE,
		"which of rewards is shown as \"accuracy\": a problem is "
		"solved if it is 1 or more"),
	GRPO_OPT_NUMBER(R, stop_accuracy, 0, 0, 1, FREE,
		"end the run at this held-out accuracy; 0: never"),
	GRPO_OPT_INT(R, pass_k, 8, 0, 1e4, FREE,
		"k of pass@k, measured before and after; 0: do not measure"),
	GRPO_OPT_STRING(R, no_thought, " </think> <answer>", FREE,
		"appended to the prompt to measure answers without a thought; "
		"null: do not measure"),
	GRPO_OPT_STRING(R, counted_word, "wait", FREE,
		"show the share of completions that contain this word; null: "
		"do not show it"),
	GRPO_OPT_INT(R, show_steps, 10, 0, MANY, FREE,
		"steps between completions shown on the screen; 0: show none"),
	GRPO_OPT_END};

static const grpo_option base_options[] = {
	GRPO_OPT_STRING(B, folder, NULL, FREE,
		"folder with config.json and tokenizer of the base model, from "
		"here or from the recipe; null: the one that comes with this "
		"program"),
	GRPO_OPT_INT(B, steps, 0, 0, MANY, 0,
		"largest number of steps at the full rate; 0: train no base"),
	GRPO_OPT_INT(B, decay_steps, 0, 0, MANY, 0,
		"steps after that with a falling rate"),
	GRPO_OPT_NUMBER(B, embedding_std, 0.05, 0, 99, 0,
		"standard deviation of its initial token embeddings; 0: "
		"initializer_range"),
	GRPO_OPT_INT(B, docs_per_step, 32, 1, 1e6, 0,
		"documents per step"),
	GRPO_OPT_INT(B, window, 8, 1, 1e4, 0,
		"number of batches sorted by length together"),
	GRPO_OPT_NUMBER(B, learning_rate, 3e-3, 0, 1e3, 0,
		"highest learning rate"),
	GRPO_OPT_INT(B, warmup_steps, 30, 0, MANY, 0,
		"steps in which the rate rises to learning_rate"),
	GRPO_OPT_NUMBER(B, min_lr_ratio, 0.05, 0, 1, 0,
		"final rate, as a share of learning_rate"),
	GRPO_OPT_NUMBER(B, weight_decay, 0.05, 0, 1e3, 0, "AdamW"),
	GRPO_OPT_NUMBER(B, adam_beta1, 0.9, 0, 1, 0, "AdamW"),
	GRPO_OPT_NUMBER(B, adam_beta2, 0.95, 0, 1, 0, "AdamW"),
	GRPO_OPT_NUMBER(B, adam_epsilon, 1e-8, 0, 1, 0, "AdamW"),
	GRPO_OPT_NUMBER(B, max_grad_norm, 1, 0, 1e30, 0,
		"clip gradients to this norm; 0: never"),
	GRPO_OPT_INT(B, probe_steps, 100, 1, MANY, 0,
		"steps between two probes with the recipe's template"),
	GRPO_OPT_INT(B, probe_prompts, 100, 1, 1e6, 0,
		"training problems in a probe"),
	GRPO_OPT_NUMBER(B, stop_skill, 1, 0, 1, 0,
		"start to lower the rate when this share of a probe reaches "
		"the right number"),
	GRPO_OPT_NUMBER(B, need_skill, 0, 0, 1, 0,
		"refuse a base that does worse than this in its last probe"),
	GRPO_OPT_END};

static const grpo_option problem_options[] = {
	GRPO_OPT_CHOICE(P, problems, SUMS, "sums|countdown", 0,
		"kind of problems"),
	GRPO_OPT_INT(P, digits, 3, 2, 6, 0, "digits of each operand of a sum"),
	GRPO_OPT_INT(P, train, 4096, 1, 1e9, 0, "problems to train on"),
	GRPO_OPT_INT(P, held_out, 400, 1, 1e9, FREE,
		"held-out problems, with numbers that are never trained on"),
	GRPO_OPT_END};
/* clang-format on */

int recipe_open(struct recipe *r)
{
	int rc = 0;

	TRY(grpo_config_create(&r->config));
	TRY(grpo_config_add(r->config, "Model and optimizer", NULL,
			    model_options, r));
	TRY(grpo_config_add(r->config, "Data, rewards, evaluation", NULL,
			    data_options, r));
	TRY(grpo_config_add_trainer(r->config, &r->trainer));
	TRY(grpo_config_add(r->config,
			    "Base model, trained first on the documents "
			    "described in datasets/README.md",
			    "base", base_options, &r->base));
	TRY(grpo_config_add(r->config,
			    "Generated problems, if dataset or held_out is "
			    "null",
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

int recipe_identity(const struct recipe *r, const char *model, char **text)
{
	char path[MAX_PATH], *settings = NULL;
	uint64_t hash = HASH_START;
	size_t size;
	int rc = 0;

	*text = NULL;
	TRY(path_in(path, model, "config.json"));
	TRY(hash_file(&hash, path));
	TRY(grpo_config_text(r->config, &settings, GRPO_CONFIG_NUMBERS));
	size = strlen(settings) + 64;
	*text = malloc(size);
	FAIL_IF(!*text, GRPO_ENOMEM, "out of memory");
	snprintf(*text, size,
		 "{\"model\": {\"config_json\": \"%016" PRIx64 "\"}, %s", hash,
		 settings + 1); /* behind its brace */
out:
	free(settings);
	return rc;
}

int recipe_check(const struct recipe *r)
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

void recipe_dispose(struct recipe *r)
{
	grpo_config_free(r->config);
}
