/* SPDX-License-Identifier: MIT */
/*
 * generate: text from a model.  Prompts in, completions out, as JSON Lines.
 *
 *	generate --model runs/r1_zero/model "What is 47 + 85?"
 *	generate --model Qwen2.5-0.5B --greedy "The capital of France is"
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "examples/arguments.h"
#include "examples/fault.h"
#include "examples/openmp.h"
#include "examples/program.h"
#include "grpo/log.h"
#include "options.h"
#include "output.h"
#include "prompts.h"

struct program {
	struct options options;
	struct prompts prompts;
	struct output output;
	grpo_model *model;
	grpo_sampler sampler;
};

/* ---------------------------------------------------------------- logits */

static int write_block(FILE *f, const void *data, size_t size, size_t n)
{
	return fwrite(data, size, n, f) == n ? 0 : fail_errno("--logits");
}

static int write_prompt(struct program *p, FILE *f, const struct prompt *x)
{
	int64_t v = grpo_model_vocab_size(p->model);
	size_t n = (size_t)(x->n_ids * v);
	float *out = malloc(n * sizeof *out);
	int rc = 0;

	FAIL_IF(!out, GRPO_ENOMEM, "out of memory");
	TRY(grpo_model_logits(p->model, out, x->ids, x->n_ids));
	TRY(write_block(f, &x->n_ids, sizeof x->n_ids, 1));
	TRY(write_block(f, &v, sizeof v, 1));
	TRY(write_block(f, x->ids, sizeof *x->ids, (size_t)x->n_ids));
	TRY(write_block(f, out, sizeof *out, n));
out:
	free(out);
	return rc;
}

static int write_logits(struct program *p)
{
	FILE *f = fopen(p->options.logits, "wb");
	int rc = 0;

	if (!f)
		return fail_errno(p->options.logits);
	for (int64_t i = 0; i < p->prompts.n && rc == 0; i++)
		rc = write_prompt(p, f, &p->prompts.list[i]);
	if (fclose(f) != 0 && rc == 0)
		rc = fail_errno(p->options.logits);
	return rc;
}

/* -------------------------------------------------------------- sampling */

static int check_length(const struct program *p, int64_t i)
{
	int64_t limit = grpo_sampler_max_positions(&p->sampler);
	int64_t n = p->prompts.list[i].n_ids;
	char place[4200];

	if (limit == 0 || n + p->options.sampling.max_new_tokens <= limit)
		return 0;
	return fail(GRPO_EINVAL,
		    "%s: the prompt's %" PRId64 " tokens and --max-new-tokens "
		    "%" PRId64 " are more than the model's %" PRId64
		    " positions",
		    prompts_place(place, &p->prompts, i), n,
		    p->options.sampling.max_new_tokens, limit);
}

static int make_requests(struct program *p, grpo_request *requests)
{
	int64_t n = p->options.n;
	int rc = 0;

	FAIL_IF(p->prompts.n > (int64_t)UINT32_MAX / n, GRPO_EINVAL,
		"%" PRId64 " completions of %" PRId64 " prompts are too many",
		n, p->prompts.n);
	for (int64_t i = 0; i < p->prompts.n; i++) {
		const struct prompt *x = &p->prompts.list[i];

		TRY(check_length(p, i));
		requests[i] = (grpo_request){x->ids, x->n_ids, (int32_t)n,
					     (uint32_t)(i * n)};
	}
out:
	return rc;
}

static int sample(struct program *p)
{
	grpo_sampling *s = &p->options.sampling;
	grpo_request *requests =
	    calloc((size_t)p->prompts.n + 1, sizeof *requests);
	int rc = 0;

	FAIL_IF(!requests, GRPO_ENOMEM, "out of memory");
	TRY(grpo_torch_sampler(&p->sampler, p->model, NULL));
	TRY(make_requests(p, requests));
	s->n_stops = grpo_tokenizer_stops(p->prompts.tokenizer, &s->stops);
	s->n_vocab = grpo_tokenizer_size(p->prompts.tokenizer);
	TRY(output_open(&p->output, &p->prompts, p->options.n));
	rc = p->sampler.ops->generate(p->sampler.self, requests, p->prompts.n,
				      s, output_completion, &p->output);
out:
	free(requests);
	return rc;
}

static int run(struct program *p)
{
	const struct options *o = &p->options;
	int rc = 0;

	TRY(prompts_read(&p->prompts, o));
	TRY(grpo_model_open(&p->model, o->model, &o->loading));
	if (o->logits)
		TRY(write_logits(p));
	rc = sample(p);
out:
	return rc;
}

static void log_line(void *ctx, int level, const char *text)
{
	(void)ctx;
	(void)level;
	fprintf(stderr, "%s: %s\n", program_name(), text);
}

static void dispose(struct program *p)
{
	output_dispose(&p->output);
	grpo_sampler_free(&p->sampler);
	grpo_model_free(p->model);
	prompts_dispose(&p->prompts);
}

int main(int argc, char **argv)
{
	static struct program p;
	int rc;

	program_called(argv);
	openmp_wait_politely(argv);
	rc = options_read(&p.options, argc, argv);
	grpo_log_set(log_line, NULL, p.options.log_level);
	if (rc < 0) {
		fprintf(stderr, "%s: %s\n", program_name(), fault());
		return EXIT_USAGE;
	}
	if (p.options.help)
		options_help();
	else
		rc = run(&p);
	if (rc < 0)
		fprintf(stderr, "%s: %s\n", program_name(), fault());
	dispose(&p);
	return rc < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
