/* SPDX-License-Identifier: MIT */
/*
 * Text from a model: prompts in, completions out, as JSON Lines.
 *
 *	generate --model Qwen2.5-0.5B --greedy "The capital of France is"
 *	generate --model runs/r1_zero/model -n 4 --template r1-zero < prompts
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "grpo/error.h"
#include "grpo/log.h"
#include "grpo/template.h"
#include "grpo/tokenizer.h"
#include "grpo/torch.h"
#include "examples/arguments.h"
#include "examples/json_out.h"
#include "examples/openmp.h"

static const char usage[] =
    "usage: generate --model FOLDER [options] [PROMPT…]\n"
    "Without a PROMPT, one is read from each line of standard input.\n"
    "Writes one JSON object a completion: prompt, completion, tokens,\n"
    "logp (of the tokens), finish.\n"
    "\n"
    "  --model FOLDER       a Hugging Face folder\n"
    "  -n N                 completions of each prompt (1)\n"
    "  --max-new-tokens N   tokens of a completion (128)\n"
    "  --temperature T      (1)\n"
    "  --greedy             temperature 0\n"
    "  --top-k K, --top-p P, --min-p P   filters (off)\n"
    "  --seed N             (0)\n"
    "  --template NAME      r1-zero, chatml, plain or text with {prompt}\n"
    "  --dtype NAME         float32 or bfloat16 (float32)\n"
    "  --device NAME        cpu or cuda (cpu)\n"
    "  --threads N          (as libtorch takes)\n"
    "  --log-level LEVEL    error, warn, info or debug (warn)\n"
    "  --logits FILE        also writes the prompts' logits: for each,\n"
    "                       int64 tokens n and vocabulary v, int32 ids [n],\n"
    "                       float [n, v]\n";

struct settings {
	const char *model, *template_name, *logits;
	int32_t n;
	int log_level; /* enum grpo_log_level */
	grpo_sampling sampling;
	grpo_model_options options;
};

struct prompt {
	char *text; /* as the user gave it, and as the model sees it */
	char *rendered;
	int32_t *ids;
	int64_t n_ids;
};

struct program {
	struct settings s;
	grpo_model *model;
	grpo_tokenizer *tokenizer;
	grpo_template *template_;
	struct prompt *prompts;
	size_t n_prompts, cap;
};

static int fail(const char *message)
{
	fprintf(stderr, "generate: %s\n", message);
	return 1;
}

static void *checked(void *p)
{
	if (!p)
		exit(fail("out of memory"));
	return p;
}

static int print_completion(void *ctx, const grpo_completion *c)
{
	struct program *p = ctx;
	char *text;
	size_t len;
	int rc = grpo_tokenizer_decode(p->tokenizer, &text, &len, c->tokens,
				       c->n_tokens, 1);

	if (rc < 0)
		return rc;
	fputs("{\"prompt\": ", stdout);
	json_string(stdout, p->prompts[c->request].text,
		    strlen(p->prompts[c->request].text));
	fputs(", \"completion\": ", stdout);
	json_string(stdout, text, len);
	fputs(", \"tokens\": [", stdout);
	for (int64_t t = 0; t < c->n_tokens; t++)
		printf("%s%d", t ? ", " : "", c->tokens[t]);
	fputs("], \"logp\": [", stdout);
	for (int64_t t = 0; t < c->n_tokens; t++)
		printf("%s%.9g", t ? ", " : "", (double)c->logp[t]);
	printf("], \"finish\": \"%s\"}\n",
	       c->finish == GRPO_FINISH_STOP ? "stop" : "length");
	free(text);
	return 0;
}

static int add_prompt(struct program *p, const char *text)
{
	struct prompt *x;
	size_t len;
	int rc;

	if (p->n_prompts == p->cap) {
		p->cap = p->cap ? 2 * p->cap : 16;
		p->prompts =
		    checked(realloc(p->prompts, p->cap * sizeof *p->prompts));
	}
	x = &p->prompts[p->n_prompts++];
	memset(x, 0, sizeof *x);
	x->text = checked(strdup(text));
	rc = grpo_template_render(p->template_, &x->rendered, &len, text,
				  strlen(text));
	if (rc == 0)
		rc = grpo_tokenizer_encode(p->tokenizer, &x->ids, &x->n_ids,
					   x->rendered, len);
	return rc;
}

static int read_prompts(struct program *p)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	int rc = 0;

	while (rc == 0 && (n = getline(&line, &cap, stdin)) >= 0) {
		line[strcspn(line, "\r\n")] = '\0';
		rc = add_prompt(p, line);
	}
	free(line);
	return rc;
}

static int write_logits(struct program *p)
{
	int64_t v = grpo_model_vocab_size(p->model);
	FILE *f = fopen(p->s.logits, "wb");
	int rc = 0;

	if (!f)
		exit(fail("--logits: cannot write the file"));
	for (size_t i = 0; i < p->n_prompts && rc == 0; i++) {
		struct prompt *x = &p->prompts[i];
		size_t n = (size_t)(x->n_ids * v);
		float *out = checked(malloc(n * sizeof *out));

		rc = grpo_model_logits(p->model, out, x->ids, x->n_ids);
		if (rc == 0 && (fwrite(&x->n_ids, sizeof x->n_ids, 1, f) != 1 ||
				fwrite(&v, sizeof v, 1, f) != 1 ||
				fwrite(x->ids, sizeof *x->ids, (size_t)x->n_ids,
				       f) != (size_t)x->n_ids ||
				fwrite(out, sizeof *out, n, f) != n))
			exit(fail("--logits: cannot write the file"));
		free(out);
	}
	if (fclose(f) != 0)
		exit(fail("--logits: cannot write the file"));
	return rc;
}

static int run(struct program *p)
{
	struct settings *s = &p->s;
	grpo_request *requests;
	grpo_sampler sampler;
	int rc;

	requests = checked(calloc(p->n_prompts + 1, sizeof *requests));
	for (size_t i = 0; i < p->n_prompts; i++)
		requests[i] =
		    (grpo_request){p->prompts[i].ids, p->prompts[i].n_ids, s->n,
				   (uint32_t)i * (uint32_t)s->n};
	s->sampling.n_stops =
	    grpo_tokenizer_stops(p->tokenizer, &s->sampling.stops);
	s->sampling.n_vocab = grpo_tokenizer_size(p->tokenizer);
	rc = grpo_torch_sampler(&sampler, p->model, NULL);
	if (rc == 0) {
		rc = sampler.ops->generate(sampler.self, requests,
					   (int64_t)p->n_prompts, &s->sampling,
					   print_completion, p);
		grpo_sampler_free(&sampler);
	}
	free(requests);
	return rc;
}

static int number(double *out, const char *option, double min, double max)
{
	char *end;

	*out = strtod(optarg, &end);
	if (end == optarg || *end || !(*out >= min && *out <= max)) {
		fprintf(stderr,
			"generate: --%s: %s is not a number from %g to %g\n",
			option, optarg, min, max);
		exit(1);
	}
	return 0;
}

enum {
	MODEL = 256,
	MAX_NEW,
	TEMPERATURE,
	GREEDY,
	TOP_K,
	TOP_P,
	MIN_P,
	SEED,
	TEMPLATE,
	DTYPE,
	DEVICE,
	THREADS,
	LOG_LEVEL,
	LOGITS,
	HELP
};

static void read_options(struct settings *s, int argc, char **argv)
{
	static const struct option options[] = {
	    {"model", 1, 0, MODEL},
	    {"max-new-tokens", 1, 0, MAX_NEW},
	    {"temperature", 1, 0, TEMPERATURE},
	    {"greedy", 0, 0, GREEDY},
	    {"top-k", 1, 0, TOP_K},
	    {"top-p", 1, 0, TOP_P},
	    {"min-p", 1, 0, MIN_P},
	    {"seed", 1, 0, SEED},
	    {"template", 1, 0, TEMPLATE},
	    {"dtype", 1, 0, DTYPE},
	    {"device", 1, 0, DEVICE},
	    {"threads", 1, 0, THREADS},
	    {"log-level", 1, 0, LOG_LEVEL},
	    {"logits", 1, 0, LOGITS},
	    {"help", 0, 0, HELP},
	    {0}};
	grpo_sampling *o = &s->sampling;
	double x;
	int c;

	while ((c = getopt_long(argc, argv, "n:h", options, NULL)) != -1) {
		switch (c) {
		case MODEL:
			s->model = optarg;
			break;
		case 'n':
			number(&x, "n", 1, 1e6);
			s->n = (int32_t)x;
			break;
		case MAX_NEW:
			number(&x, "max-new-tokens", 1, 1e6);
			o->max_new_tokens = (int64_t)x;
			break;
		case TEMPERATURE:
			number(&o->temperature, "temperature", 0, 100);
			break;
		case GREEDY:
			o->temperature = 0;
			break;
		case TOP_K:
			number(&x, "top-k", 0, 1e9);
			o->top_k = (int32_t)x;
			break;
		case TOP_P:
			number(&o->top_p, "top-p", 0, 1);
			break;
		case MIN_P:
			number(&o->min_p, "min-p", 0, 1);
			break;
		case SEED:
			number(&x, "seed", 0, 9007199254740992.0);
			o->seed = (uint64_t)x;
			break;
		case TEMPLATE:
			s->template_name = optarg;
			break;
		case DTYPE:
			s->options.dtype = optarg;
			break;
		case DEVICE:
			s->options.device = optarg;
			break;
		case THREADS:
			number(&x, "threads", 1, 4096);
			s->options.n_threads = (int32_t)x;
			break;
		case LOG_LEVEL:
			if (argument_log_level(&s->log_level, "--log-level",
					       optarg) < 0)
				exit(fail("--log-level: expected error, warn, "
					  "info or debug"));
			break;
		case LOGITS:
			s->logits = optarg;
			break;
		case HELP:
		case 'h':
			fputs(usage, stdout);
			exit(0);
		default:
			exit(1);
		}
	}
	if (!s->model)
		exit(fail("--model is missing (see --help)"));
}

static void log_line(void *ctx, int level, const char *text)
{
	(void)ctx;
	(void)level;
	fprintf(stderr, "generate: %s\n", text);
}

static void dispose(struct program *p)
{
	for (size_t i = 0; i < p->n_prompts; i++) {
		free(p->prompts[i].text);
		free(p->prompts[i].rendered);
		free(p->prompts[i].ids);
	}
	free(p->prompts);
	grpo_template_free(p->template_);
	grpo_tokenizer_free(p->tokenizer);
	grpo_model_free(p->model);
}

int main(int argc, char **argv)
{
	struct program p = {.s = {.template_name = "plain",
				  .n = 1,
				  .log_level = GRPO_LOG_WARN}};
	int rc;

	openmp_wait_politely(argv);
	rc = grpo_sampling_init(&p.s.sampling);
	if (rc == 0)
		rc = grpo_model_options_init(&p.s.options);
	p.s.sampling.max_new_tokens = 128;
	read_options(&p.s, argc, argv);
	grpo_log_set(log_line, NULL, p.s.log_level);
	if (rc == 0)
		rc =
		    grpo_template_create(&p.template_, p.s.template_name, NULL);
	if (rc == 0)
		rc = grpo_tokenizer_open(&p.tokenizer, p.s.model);
	if (rc == 0)
		rc = grpo_model_open(&p.model, p.s.model, &p.s.options);
	for (int i = optind; i < argc && rc == 0; i++)
		rc = add_prompt(&p, argv[i]);
	if (rc == 0 && optind == argc)
		rc = read_prompts(&p);
	if (rc == 0 && p.s.logits)
		rc = write_logits(&p);
	if (rc == 0)
		rc = run(&p);
	if (rc < 0)
		fail(grpo_error_message());
	dispose(&p);
	return rc < 0;
}
