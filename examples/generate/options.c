/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <getopt.h>
#include <stdio.h>

#include "examples/arguments.h"
#include "examples/fault.h"
#include "examples/program.h"
#include "grpo/log.h"

static const char usage[] =
    "usage: {program} --model FOLDER [options] [PROMPT…]\n"
    "       {program} --model FOLDER [options] --dataset FILE\n"
    "\n"
    "Writes completions of prompts as JSON Lines, in the order of the\n"
    "prompts.  Without a PROMPT, one is read from each line of standard\n"
    "input.  A model that r1_zero trained brings the template of its prompts\n"
    "along; ask it the bare question.\n"
    "\n"
    "  --model FOLDER       a Hugging Face folder\n"
    "  --dataset FILE       prompts from the column \"prompt\" of JSON Lines\n"
    "                       (text or a list of messages); the other columns\n"
    "                       are copied to the output\n"
    "  --column-map JSON    names of its columns, ours first:\n"
    "                       '{\"prompt\": \"question\"}'\n"
    "  -n N                 completions of each prompt (1)\n"
    "  --max-new-tokens N   most tokens of a completion (128)\n"
    "  --temperature T      (1)\n"
    "  --greedy             temperature 0\n"
    "  --top-k K, --top-p P, --min-p P   filters (off)\n"
    "  --seed N             (0)\n"
    "  --template NAME      r1-zero, chatml, plain or a text with {prompt}\n"
    "                       (what was saved with the model, or else plain)\n"
    "  --system TEXT        system message, if the template has one\n"
    "  --add-bos            begin with the tokenizer's begin-of-text token\n"
    "                       (as the model was trained, or else not)\n"
    "  --dtype NAME         float32 or bfloat16 (float32)\n"
    "  --device NAME        cpu or cuda (cpu)\n"
    "  --threads N          (libtorch's choice)\n"
    "  --log-level LEVEL    error, warn, info or debug (warn)\n"
    "  --logits FILE        also writes the prompts' logits: for each,\n"
    "                       int64 tokens n and vocabulary v, int32 ids [n],\n"
    "                       float [n, v]\n"
    "  --help\n"
    "\n"
    "Each line is an object: prompt_index and sample (both from 0), prompt,\n"
    "the dataset's other columns, completion (with the \"<think>\" that the\n"
    "template begins, as rewards see it), tokens, logp (of the tokens),\n"
    "finish (\"stop\" or \"length\").\n"
    "Exit status: 0; 1 if something failed; 2 for a wrong command line.\n"
    "\n"
    "  {program} --model runs/r1_zero/model \"What is 47 + 85?\"\n"
    "  {program} --model runs/r1_zero/model --greedy --dataset held_out.jsonl "
    "|\n"
    "      {program/score} --reward format --reward math\n";

void options_help(void)
{
	program_usage(usage);
}

enum {
	MODEL = 256,
	DATASET,
	COLUMN_MAP,
	MAX_NEW,
	TEMPERATURE,
	GREEDY,
	TOP_K,
	TOP_P,
	MIN_P,
	SEED,
	TEMPLATE,
	SYSTEM,
	ADD_BOS,
	DTYPE,
	DEVICE,
	THREADS,
	LOG_LEVEL,
	LOGITS,
};

static const struct option table[] = {{"model", 1, 0, MODEL},
				      {"dataset", 1, 0, DATASET},
				      {"column-map", 1, 0, COLUMN_MAP},
				      {"max-new-tokens", 1, 0, MAX_NEW},
				      {"temperature", 1, 0, TEMPERATURE},
				      {"greedy", 0, 0, GREEDY},
				      {"top-k", 1, 0, TOP_K},
				      {"top-p", 1, 0, TOP_P},
				      {"min-p", 1, 0, MIN_P},
				      {"seed", 1, 0, SEED},
				      {"template", 1, 0, TEMPLATE},
				      {"system", 1, 0, SYSTEM},
				      {"add-bos", 0, 0, ADD_BOS},
				      {"dtype", 1, 0, DTYPE},
				      {"device", 1, 0, DEVICE},
				      {"threads", 1, 0, THREADS},
				      {"log-level", 1, 0, LOG_LEVEL},
				      {"logits", 1, 0, LOGITS},
				      {"help", 0, 0, 'h'},
				      {0}};

static int whole(int32_t *out, const char *option, int64_t min, int64_t max)
{
	int64_t x;
	int rc = argument_int(&x, option, optarg, min, max);

	if (rc == 0)
		*out = (int32_t)x;
	return rc;
}

static int seed(uint64_t *out)
{
	int64_t x;
	int rc = argument_int(&x, "--seed", optarg, 0, INT64_MAX);

	if (rc == 0)
		*out = (uint64_t)x;
	return rc;
}

static int take_sampling(grpo_sampling *s, int c)
{
	switch (c) {
	case MAX_NEW:
		return argument_int(&s->max_new_tokens, "--max-new-tokens",
				    optarg, 1, 1000000);
	case TEMPERATURE:
		return argument_number(&s->temperature, "--temperature", optarg,
				       0, 100);
	case TOP_K:
		return whole(&s->top_k, "--top-k", 0, 1000000000);
	case TOP_P:
		return argument_number(&s->top_p, "--top-p", optarg, 0, 1);
	case MIN_P:
		return argument_number(&s->min_p, "--min-p", optarg, 0, 1);
	case SEED:
		return seed(&s->seed);
	default:
		return s->temperature = 0, 0; /* --greedy */
	}
}

static int take(struct options *o, int c, char **argv)
{
	switch (c) {
	case MODEL:
		return o->model = optarg, 0;
	case DATASET:
		return o->dataset = optarg, 0;
	case COLUMN_MAP:
		return o->column_map = optarg, 0;
	case 'n':
		return argument_int(&o->n, "-n", optarg, 1, 1000000);
	case TEMPLATE:
		return o->template_name = optarg, 0;
	case SYSTEM:
		return o->system = optarg, 0;
	case ADD_BOS:
		return o->add_bos = 1, 0;
	case DTYPE:
		return o->loading.dtype = optarg, 0;
	case DEVICE:
		return o->loading.device = optarg, 0;
	case THREADS:
		return whole(&o->loading.n_threads, "--threads", 1, 4096);
	case LOG_LEVEL:
		return argument_log_level(&o->log_level, "--log-level", optarg);
	case LOGITS:
		return o->logits = optarg, 0;
	case 'h':
		return o->help = 1, 0;
	case ':':
	case '?':
		return argument_unknown(c, argv);
	default:
		return take_sampling(&o->sampling, c);
	}
}

static int check(const struct options *o)
{
	int rc = 0;

	FAIL_IF(!o->model, GRPO_EINVAL, "--model is missing (see --help)");
	FAIL_IF(o->dataset && o->n_prompts > 0, GRPO_EINVAL,
		"prompts come from --dataset or from the command line, not "
		"from both");
	FAIL_IF(o->column_map && !o->dataset, GRPO_EINVAL,
		"--column-map is for a --dataset");
	FAIL_IF(o->system && !o->template_name, GRPO_EINVAL,
		"--system is for a --template");
out:
	return rc;
}

int options_read(struct options *o, int argc, char **argv)
{
	int c, rc = 0;

	*o = (struct options){.n = 1, .log_level = GRPO_LOG_WARN};
	TRY(grpo_sampling_init(&o->sampling));
	TRY(grpo_model_options_init(&o->loading));
	o->sampling.max_new_tokens = 128;
	while ((c = getopt_long(argc, argv, ":n:h", table, NULL)) != -1)
		TRY(take(o, c, argv));
	o->prompts = argv + optind;
	o->n_prompts = argc - optind;
	if (!o->help)
		rc = check(o);
out:
	return rc;
}
