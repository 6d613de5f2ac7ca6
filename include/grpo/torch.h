/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TORCH_H
#define GRPO_TORCH_H

#include <stddef.h>
#include <stdint.h>
#include "grpo/policy.h"

/*
 * The policy backend over libtorch (libgrpo-torch): it loads and saves Hugging
 * Face folders of the Qwen2 and Llama architectures, and has a sampler and a
 * learner.
 *
 *	grpo_model *model;
 *	grpo_sampler sampler;
 *	grpo_learner learner;
 *	grpo_model_open(&model, "Qwen2.5-0.5B", NULL);
 *	grpo_torch_sampler(&sampler, model, NULL);
 *	grpo_torch_learner(&learner, model, NULL);
 *	...
 *	grpo_learner_free(&learner);
 *	grpo_sampler_free(&sampler);
 *	grpo_model_free(model);
 *
 * Sampler and learner share the model's only copy of the weights; free them
 * before the model.  Only one thread at a time may use a model.
 */
typedef struct grpo_model grpo_model;

typedef struct grpo_model_options {
	size_t struct_size;
	const char *dtype;    /* weights: "float32" (default) or "bfloat16" */
	const char *device;   /* "cpu" (default) or "cuda" */
	int32_t n_threads;    /* 0: libtorch's default */
	double embedding_std; /* for grpo_model_random: token embeddings are
				 N(0, embedding_std); 0: as other matrices */
} grpo_model_options;

typedef struct grpo_torch_sampler_options {
	size_t struct_size;
	int64_t max_rows; /* completions decoded at a time; default 256 */
} grpo_torch_sampler_options;

/** AdamW (arXiv:1711.05101), state in fp32. */
typedef struct grpo_torch_learner_options {
	size_t struct_size;
	double adam_beta1;   /* 0.9 */
	double adam_beta2;   /* 0.999 */
	double adam_epsilon; /* 1e-8 */
	double weight_decay; /* 0; not applied to norms and biases */
	int32_t reference;   /* 0; 1: keep a frozen copy as the reference */
} grpo_torch_learner_options;

GRPO_BEGIN_DECLS

/**
 * Sets every field to the default given beside it.
 *
 * Returns 0, or GRPO_EINVAL if no version of the struct has this size.
 * Threads: any.  Allocates: no.  Since 0.1.
 */
GRPO_API int grpo_model_options_init_(grpo_model_options *o, size_t size);
#define grpo_model_options_init(o) grpo_model_options_init_((o), sizeof *(o))
GRPO_API int grpo_torch_sampler_options_init_(grpo_torch_sampler_options *o,
					      size_t size);
#define grpo_torch_sampler_options_init(o)                                     \
	grpo_torch_sampler_options_init_((o), sizeof *(o))
GRPO_API int grpo_torch_learner_options_init_(grpo_torch_learner_options *o,
					      size_t size);
#define grpo_torch_learner_options_init(o)                                     \
	grpo_torch_learner_options_init_((o), sizeof *(o))

/**
 * Loads config.json and the weights (model.safetensors, or its shards).
 *
 * out     out  free with grpo_model_free
 * folder  in   a Hugging Face folder.  grpo_model_save copies the tokenizer's
 *              files from it, so it must still exist then
 * o       in   NULL for defaults
 *
 * Returns 0, GRPO_EIO, GRPO_EFORMAT (the message names the file and the key or
 * tensor), GRPO_ETORCH.
 * Threads: one at a time.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_model_open(grpo_model **out, const char *folder,
			     const grpo_model_options *o);

/**
 * Creates a model with random weights: N(0, initializer_range) for matrices, 1
 * for norms, 0 for biases.
 *
 * folder  in   has config.json and, if there are any, the tokenizer's files
 * seed    in   the same seed gives the same weights
 *
 * Returns the same codes as grpo_model_open.
 * Threads: one at a time.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_model_random(grpo_model **out, const char *folder,
			       uint64_t seed, const grpo_model_options *o);

/**
 * Frees the model.  Free its samplers and learners first.
 *
 * Threads: one at a time.  Since 0.1.
 */
GRPO_API void grpo_model_free(grpo_model *m);

/**
 * The number of parameters (a tied head counts once), of ids in the vocabulary,
 * and of positions that the model supports.
 *
 * Threads: any.  Allocates: no.  Since 0.1.
 */
GRPO_API int64_t grpo_model_parameters(const grpo_model *m);
GRPO_API int64_t grpo_model_vocab_size(const grpo_model *m);
GRPO_API int64_t grpo_model_max_positions(const grpo_model *m);

/**
 * Computes the logits of one sequence with a full forward pass: logits
 * [n_tokens, V] f32.  Meant for comparisons and tests: it keeps all logits in
 * memory.
 *
 * Threads: one at a time.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_model_logits(grpo_model *m, float *logits,
			       const int32_t *tokens, int64_t n_tokens);

/**
 * Saves the model as a Hugging Face folder.
 *
 * dtype  in  "float32", "bfloat16", or NULL to keep that of the weights
 *
 * Returns 0, GRPO_EINVAL for any other dtype, GRPO_EIO, GRPO_ETORCH.
 * Threads: one at a time.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_model_save(grpo_model *m, const char *folder,
			     const char *dtype);

/**
 * Create the two halves of a policy.  The caller still owns the model.
 *
 * out  out  free with grpo_sampler_free or grpo_learner_free, before the model
 * o    in   NULL for defaults
 *
 * Returns 0, GRPO_EINVAL (the message names the option), GRPO_ENOMEM,
 * GRPO_ETORCH.
 * Threads: one at a time.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_torch_sampler(grpo_sampler *out, grpo_model *m,
				const grpo_torch_sampler_options *o);
GRPO_API int grpo_torch_learner(grpo_learner *out, grpo_model *m,
				const grpo_torch_learner_options *o);

/**
 * Version of the libtorch that was loaded, for example "2.11.0".
 *
 * Threads: any.  Allocates: no.  Since 0.1.
 */
GRPO_API const char *grpo_torch_version(void);

/**
 * Measures a matrix product [m,k] x [k,n] in fp32, as a yardstick for other
 * speeds.  Returns the best of a few runs in GFLOP/s; a multiply-add counts as
 * two operations.
 *
 * Threads: one at a time.  Allocates: yes.  Since 0.1.
 */
GRPO_API double grpo_torch_gemm_gflops(int64_t m, int64_t k, int64_t n);

GRPO_END_DECLS

#endif
