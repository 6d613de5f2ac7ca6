/* SPDX-License-Identifier: MIT */
/*
 * Sampling and training speed of the policy backend on random weights, each
 * as a share of the matrix products measured beside it.
 *
 * A token of training is six operations a parameter, one of sampling two;
 * the prompt of a group counts once, as it is computed once.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "examples/openmp.h"
#include "grpo/error.h"
#include "grpo/torch.h"

struct shape {
	const char *name, *config;
	int64_t prompts, group, prompt_tokens, new_tokens;
	int64_t gemm[3]; /* a typical product of a training step */
};

static const struct shape shapes[] = {
    {"tiny",
     "{\"architectures\": [\"Qwen2ForCausalLM\"], \"vocab_size\": 512, "
     "\"hidden_size\": 96, \"intermediate_size\": 256, "
     "\"num_hidden_layers\": 3, \"num_attention_heads\": 3, "
     "\"max_position_embeddings\": 512, \"tie_word_embeddings\": true}",
     16,
     16,
     47,
     50,
     {3000, 96, 512}},
    {"SmolLM2-135M",
     "{\"architectures\": [\"LlamaForCausalLM\"], \"vocab_size\": 49152, "
     "\"hidden_size\": 576, \"intermediate_size\": 1536, "
     "\"num_hidden_layers\": 30, \"num_attention_heads\": 9, "
     "\"num_key_value_heads\": 3, \"max_position_embeddings\": 2048, "
     "\"tie_word_embeddings\": true}",
     2,
     12,
     100,
     32,
     {600, 576, 3072}},
};

static void check(int rc)
{
	if (rc == 0)
		return;
	fprintf(stderr, "bench_policy: %s\n", grpo_error_message());
	exit(1);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int count(void *ctx, const grpo_completion *c)
{
	*(int64_t *)ctx += c->n_tokens;
	return 0;
}

/* Ids that are spread over the vocabulary, without meaning. */
static int32_t *ids(int64_t n, int64_t vocab)
{
	int32_t *x = calloc((size_t)n, sizeof *x);

	for (int64_t i = 0; i < n; i++)
		x[i] = (int32_t)((i * 7919 + 13) % vocab);
	return x;
}

static double time_sampling(grpo_model *m, const struct shape *s,
			    const int32_t *prompts)
{
	grpo_request *q = calloc((size_t)s->prompts, sizeof *q);
	double best = 0;
	grpo_sampler sampler;
	grpo_sampling o;

	check(grpo_sampling_init(&o));
	o.max_new_tokens = s->new_tokens;
	for (int64_t k = 0; k < s->prompts; k++)
		q[k] = (grpo_request){prompts + k * s->prompt_tokens,
				      s->prompt_tokens, (int32_t)s->group,
				      (uint32_t)(k * s->group)};
	check(grpo_torch_sampler(&sampler, m, NULL));
	for (int i = 0; i < 3; i++) {
		int64_t n = 0;
		double t = now();

		check(sampler.ops->generate(sampler.self, q, s->prompts, &o,
					    count, &n));
		t = (double)n / (now() - t);
		best = t > best ? t : best;
	}
	grpo_sampler_free(&sampler);
	free(q);
	return best;
}

/* Positions a second of forward, backward and optimizer step. */
static double time_training(grpo_model *m, const struct shape *s,
			    const int32_t *prompts, const int32_t *tokens)
{
	int64_t rows = s->prompts * s->group, n = rows * s->new_tokens;
	int64_t *prompt_row = calloc((size_t)s->prompts + 1, 8);
	int64_t *prompt_of = calloc((size_t)rows, 8);
	int64_t *row = calloc((size_t)rows + 1, 8);
	float *logp = calloc((size_t)n, 4), *dlogp = calloc((size_t)n, 4);
	double best = 0, norm;
	grpo_learner l;
	grpo_batch b = {sizeof b,  s->prompts, prompt_row, prompts, rows,
			prompt_of, row,        tokens,     1};

	for (int64_t k = 0; k <= s->prompts; k++)
		prompt_row[k] = k * s->prompt_tokens;
	for (int64_t i = 0; i <= rows; i++)
		row[i] = i * s->new_tokens;
	for (int64_t i = 0; i < rows; i++)
		prompt_of[i] = i / s->group;
	for (int64_t i = 0; i < n; i++)
		dlogp[i] = -1.0f / (float)n;
	check(grpo_torch_learner(&l, m, NULL));
	for (int i = 0; i < 3; i++) {
		double t = now();

		check(l.ops->forward(l.self, &b, GRPO_WEIGHTS_POLICY, 1, logp,
				     NULL));
		check(l.ops->backward(l.self, dlogp, NULL));
		check(l.ops->step(l.self, 1e-5, 1, &norm));
		t = (double)(n + s->prompts * s->prompt_tokens) / (now() - t);
		best = t > best ? t : best;
	}
	grpo_learner_free(&l);
	free(prompt_row);
	free(prompt_of);
	free(row);
	free(logp);
	free(dlogp);
	return best;
}

static void bench(const struct shape *s, const char *folder)
{
	char path[256];
	int32_t *prompts, *tokens;
	double gemm, params, sampling, training;
	grpo_model *m;
	FILE *f;

	snprintf(path, sizeof path, "%s/config.json", folder);
	f = fopen(path, "w");
	if (!f || fputs(s->config, f) < 0 || fclose(f) != 0) {
		perror(path);
		exit(1);
	}
	check(grpo_model_random(&m, folder, 1, NULL));
	prompts = ids(s->prompts * s->prompt_tokens, grpo_model_vocab_size(m));
	tokens = ids(s->prompts * s->group * s->new_tokens,
		     grpo_model_vocab_size(m));
	params = (double)grpo_model_parameters(m);
	gemm = grpo_torch_gemm_gflops(s->gemm[0], s->gemm[1], s->gemm[2]);
	sampling = time_sampling(m, s, prompts);
	training = time_training(m, s, prompts, tokens);
	printf("%-13s gemm [%ld,%ld]x[%ld,%ld] %.0f GFLOP/s\n", s->name,
	       (long)s->gemm[0], (long)s->gemm[1], (long)s->gemm[1],
	       (long)s->gemm[2], gemm);
	printf("%-13s sampling %8.0f tokens/s  %3.0f %% of gemm\n", "",
	       sampling, 100 * 2e-9 * params * sampling / gemm);
	printf("%-13s training %8.0f tokens/s  %3.0f %% of gemm\n", "",
	       training, 100 * 6e-9 * params * training / gemm);
	fflush(stdout);
	grpo_model_free(m);
	free(prompts);
	free(tokens);
}

int main(int argc, char **argv)
{
	char folder[] = "/tmp/grpo-bench-XXXXXX", path[256];

	(void)argc;
	openmp_wait_politely(argv);
	if (!mkdtemp(folder)) {
		perror(folder);
		return 1;
	}
	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
		bench(&shapes[i], folder);
	snprintf(path, sizeof path, "%s/config.json", folder);
	unlink(path);
	rmdir(folder);
	return 0;
}
