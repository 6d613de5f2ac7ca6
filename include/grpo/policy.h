/* SPDX-License-Identifier: MIT */
#ifndef GRPO_POLICY_H
#define GRPO_POLICY_H

#include <stddef.h>
#include <stdint.h>
#include "grpo/comm.h"
#include "grpo/export.h"

/*
 * The two halves of a policy, as the trainer sees them: a sampler turns
 * prompts into completions, a learner turns dloss/dlogp into a better model.
 * Both know tokens and nothing of rewards, advantages or losses.  libgrpo-
 * torch gives both over one copy of the weights (grpo/torch.h); write your
 * own by filling in the two tables:
 *
 *	static const grpo_sampler_ops ops = {.struct_size = sizeof ops,
 *					     .generate = ask_the_server,
 *					     .load_weights = send_weights};
 *	grpo_sampler sampler = {&ops, &server};
 *	parts.sampler = &sampler;       // of a grpo_trainer_parts
 *
 * examples/own_policy has both tables whole, over a policy in plain C.
 *
 * Every function returns 0 or a negative code of grpo/error.h; a callback's
 * negative return ends the call, which returns it.
 */

enum grpo_finish {
	GRPO_FINISH_STOP = 0,   /* ended with a stop token */
	GRPO_FINISH_LENGTH = 1, /* cut at max_new_tokens */
	GRPO_FINISH_ABORT = 2   /* stopped from outside; not to be trained on */
};

/* ------------------------------------------------------------- sampler */

/** One prompt and how many completions of it. */
typedef struct grpo_request {
	const int32_t *prompt; /* [n_prompt] token ids, n_prompt >= 1 */
	int64_t n_prompt;
	int32_t n;          /* completions */
	uint32_t first_row; /* random numbers of completion j are those of
			       row first_row + j: the same for any batching */
} grpo_request;

typedef struct grpo_sampling {
	size_t struct_size;     /* set by grpo_sampling_init */
	int64_t max_new_tokens; /* 256; the stop token counts */
	double temperature;     /* 1; 0 is greedy */
	double top_p;           /* 1 = off */
	double min_p;           /* 0 = off */
	int32_t top_k;          /* 0 = off */
	uint64_t seed;
	uint32_t step;        /* with seed: which random stream */
	const int32_t *stops; /* [n_stops] ids that end a completion */
	int32_t n_stops;
	int32_t n_vocab; /* ids from here on are never drawn; 0: all */
} grpo_sampling;

/** A finished completion; borrowed for the call. */
typedef struct grpo_completion {
	size_t struct_size;
	int64_t request;       /* index into the requests */
	int32_t sample;        /* 0 … n-1 within the request */
	const int32_t *tokens; /* [n_tokens], the stop token included */
	const float *logp;     /* [n_tokens] log-probability at `temperature`,
				  before top-k, top-p and min-p; at
				  temperature 0: at temperature 1 */
	int64_t n_tokens;
	int32_t finish; /* enum grpo_finish */
} grpo_completion;

typedef int (*grpo_completion_fn)(void *ctx, const grpo_completion *c);

/** May be NULL: load_weights, free, max_positions. */
typedef struct grpo_sampler_ops {
	size_t struct_size;
	/* Calls fn once a completion, in the order in which they finish, on
	 * the calling thread.  Deterministic in (weights, requests, options).
	 */
	int (*generate)(void *self, const grpo_request *requests,
			int64_t n_requests, const grpo_sampling *options,
			grpo_completion_fn fn, void *ctx);
	/* Takes the learner's weights: called once before the next generate,
	 * however often the learner has stepped or loaded a state since the
	 * last one.  NULL where the weights are shared. */
	int (*load_weights)(void *self);
	void (*free)(void *self);
	/* The most tokens that a prompt and its completion may have together:
	 * generate refuses a request whose n_prompt + max_new_tokens is more.
	 * NULL, or a return of 0: no limit. */
	int64_t (*max_positions)(void *self);
} grpo_sampler_ops;

typedef struct grpo_sampler {
	const grpo_sampler_ops *ops;
	void *self;
} grpo_sampler;

/* ------------------------------------------------------------- learner */

/**
 * Completions of some prompts.  Prompts are given once, however many rows
 * share one, so that a backend can compute them once.
 */
typedef struct grpo_batch {
	size_t struct_size;
	int64_t n_prompts;
	const int64_t *prompt_row;    /* [n_prompts + 1] */
	const int32_t *prompt_tokens; /* [prompt_row[n_prompts]] */
	int64_t n_rows;
	const int64_t *prompt_of; /* [n_rows] ascending */
	const int64_t *row;       /* [n_rows + 1] from 0 */
	const int32_t *tokens;    /* [row[n_rows]] completion tokens */
	double temperature;       /* logits are divided by it */
} grpo_batch;

enum grpo_weights { GRPO_WEIGHTS_POLICY = 0, GRPO_WEIGHTS_REFERENCE = 1 };

/**
 * May be NULL: free; gradient; save_model; save_state and load_state for a
 * trainer that writes no checkpoint; sync_reference for one without
 * sync_ref_model.
 */
typedef struct grpo_learner_ops {
	size_t struct_size;
	/* logp [n_tokens] of the rows' tokens; entropy [n_tokens] or NULL.
	 * With keep != 0, `backward` may follow for the same batch; the batch
	 * must stay valid until then. */
	int (*forward)(void *self, const grpo_batch *batch, int32_t weights,
		       int keep, float *logp, float *entropy);
	/* Adds the gradient of sum(dlogp*logp) + sum(dentropy*entropy) to the
	 * accumulated one; dentropy may be NULL. */
	int (*backward)(void *self, const float *dlogp, const float *dentropy);
	/* One optimizer step with the accumulated gradient, clipped to the
	 * norm max_grad_norm (0: not), which is then zeroed.  *grad_norm is
	 * the norm before clipping; where it is not finite, the weights stay
	 * as they are and GRPO_ENUMERIC is returned. */
	int (*step)(void *self, double learning_rate, double max_grad_norm,
		    double *grad_norm);
	/* Drops the accumulated gradient. */
	int (*zero_grad)(void *self);
	/* reference = (1-alpha) reference + alpha policy. */
	int (*sync_reference)(void *self, double alpha);
	/* A Hugging Face folder (weights, config, tokenizer). */
	int (*save_model)(void *self, const char *folder);
	/* All that the next step depends on (weights included), and back. */
	int (*save_state)(void *self, const char *folder);
	int (*load_state)(void *self, const char *folder);
	void (*free)(void *self);
	/* The accumulated gradient as one flat array, all 0 where backward was
	 * not called; the caller may write it before `step`, which then takes
	 * what is there.  Needed for several ranks (grpo/comm.h). */
	int (*gradient)(void *self, grpo_comm_buffer *out);
} grpo_learner_ops;

typedef struct grpo_learner {
	const grpo_learner_ops *ops;
	void *self;
} grpo_learner;

GRPO_BEGIN_DECLS

/**
 * Defaults, as written beside the fields.
 *
 * Returns 0, or GRPO_EINVAL for a size that no version of the struct has.
 * Threads: any.  Allocates: no.  Since 0.1.
 */
GRPO_API int grpo_sampling_init_(grpo_sampling *s, size_t size);
#define grpo_sampling_init(s) grpo_sampling_init_((s), sizeof *(s))

/**
 * Frees and zeroes; either may be empty.
 *
 * Threads: one at a time.  Since 0.1.
 */
GRPO_API void grpo_sampler_free(grpo_sampler *s);
GRPO_API void grpo_learner_free(grpo_learner *l);

/**
 * The sampler's limit on prompt and completion together, in tokens; 0 where it
 * has none, or was built before tables had `max_positions`.
 *
 * Threads: one at a time.  Allocates: no.  Since 0.1.
 */
GRPO_API int64_t grpo_sampler_max_positions(const grpo_sampler *s);

GRPO_END_DECLS

#endif
