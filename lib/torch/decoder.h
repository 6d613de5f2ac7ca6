/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TORCH_DECODER_H
#define GRPO_TORCH_DECODER_H

#include "torch/model.h"
#include "torch/pack.h"

/*
 * Forward and backward of the decoder over a pack, each layer's two side by
 * side in decoder.c.  What backward needs is kept in the model's workspace.
 */

/** What the backward pass of one layer needs. [n, …] */
typedef struct grpo__acts {
	grpo__tensor x;          /* input [n, h] */
	grpo__tensor rstd1, xn1; /* [n, 1] fp32; [n, h] */
	grpo__tensor qkv;        /* [n, (n_q+2n_kv) d], rotated */
	grpo__tensor att, lse;   /* [n, n_q d]; [n, n_q] fp32 */
	grpo__tensor x2;         /* x + attention [n, h] */
	grpo__tensor rstd2, xn2;
	grpo__tensor gu, act; /* [n, 2f]; [n, f] */
} grpo__acts;

/** A forward pass: with `keep` one set of acts a layer, else one in all. */
typedef struct grpo__pass {
	int keep;
	grpo__acts *layers;        /* [n_layers + 1] if keep, else [1]; the last
				      one's x is the output */
	grpo__tensor rstd, hidden; /* after the last norm [n, h] */
} grpo__pass;

/** Called after a layer's q and k were rotated, for filling a cache. */
typedef int (*grpo__kv_sink)(void *ctx, int layer, const grpo__tensor *qkv);

/** Takes its memory from m->work; sink may be NULL. */
int grpo__decoder_forward(grpo__pass *pass, grpo_model *m, const grpo__pack *p,
			  int keep, grpo__kv_sink sink, void *ctx);

/**
 * From dhidden [n, h], which is overwritten, to the parameters' gradients,
 * which are added to `grad`.
 */
int grpo__decoder_backward(grpo__model_view *grad, grpo__tensor *dhidden,
			   grpo_model *m, const grpo__pack *p,
			   const grpo__pass *pass);

void grpo__pass_dispose(grpo__pass *pass);

/* The two halves of a layer around its attention, for decoding. */
int grpo__acts_take(grpo__acts *a, grpo_model *m, int64_t n);
int grpo__layer_before(grpo__acts *a, grpo_model *m, int layer,
		       const int32_t *position);
int grpo__layer_after(grpo__tensor *y, grpo__acts *a, grpo_model *m, int layer);

/*
 * The head in chunks: log-probabilities of p's scored tokens from `hidden`,
 * without ever holding all logits; then the gradient with regard to hidden
 * (added) and the head (added), from dloss/dlogp, by hand.
 * logp, entropy, lse, dlogp, dentropy are host [n_scored]; entropy and
 * dentropy may be NULL.
 */
int grpo__head_forward(float *logp, float *entropy, float *lse, grpo_model *m,
		       const grpo__pack *p, const grpo__tensor *hidden,
		       float temperature);
int grpo__head_backward(grpo__tensor *dhidden, grpo__tensor *dhead,
			grpo_model *m, const grpo__pack *p,
			const grpo__tensor *hidden, const float *dlogp,
			const float *dentropy, const float *entropy,
			const float *lse, float temperature);

#endif
