/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TORCH_KERNELS_H
#define GRPO_TORCH_KERNELS_H

#include <stdint.h>

/*
 * Fused fp32 kernels for the CPU, where eager operators lose most of their
 * time to memory traffic between them.  kernels.c is compiled once for each
 * instruction set; grpo__kernels() gives the table that fits the machine.
 * Matrix products stay with libtorch's BLAS.
 *
 * All arrays are row-major and dense unless a leading dimension (ld_, in
 * floats) is given.  Every kernel splits its work in a way that does not
 * change the result with the number of threads.
 *
 *   n rows (tokens) · h hidden · d head size · f feed-forward · v vocabulary
 */

/**
 * The attention pattern of packed sequences: segment s is the tokens
 * start[s] … start[s+1]-1, causal, which also see all tokens of the segment
 * prefix[s] (-1: none), itself without a prefix.  A prompt is thus computed
 * once for all of its completions.  A family is a segment without prefix and
 * those that have it as theirs, which follow it directly.
 */
typedef struct grpo__segments {
	int64_t n_segments, n_families;
	const int64_t *start;  /* [n_segments + 1] */
	const int64_t *prefix; /* [n_segments] */
	const int64_t *family; /* [n_families + 1] first segment of each */
	int64_t max_keys;      /* most keys that a token can see */
} grpo__segments;

/** The layout of heads in a row of qkv: q heads, then k, then v. */
typedef struct grpo__heads {
	int32_t n_q, n_kv, d;
	float scale; /* of the scores: 1 / sqrt(d) */
} grpo__heads;

/**
 * Keys and values of one layer of one prompt, for decoding, as kv_store lays
 * them down: keys stand by sixteens, and `ld` is a multiple of 32.
 */
typedef struct grpo__kv_view {
	const float *kt; /* [n_kv, ld/16, d, 16] keys */
	const float *v;  /* [n_kv, ld, d] */
	int64_t n, ld;   /* keys there are; capacity */
} grpo__kv_view;

typedef struct grpo__adamw_args {
	float lr, beta1, beta2, eps, weight_decay;
	float bias1, bias2; /* 1 - beta^step */
	float grad_scale;   /* clipping */
} grpo__adamw_args;

typedef struct grpo__kernels {
	const char *isa;

	/* y = x / rms(x) * w; rstd [n] is kept for backward, or NULL */
	void (*rmsnorm)(float *y, float *rstd, const float *x, const float *w,
			int64_t n, int64_t h, float eps);
	/* dx += …; dw += … */
	void (*rmsnorm_backward)(float *dx, float *dw, const float *dy,
				 const float *x, const float *w,
				 const float *rstd, int64_t n, int64_t h);

	/* Rotates the first n_heads heads of each row by its position, by
	 * halves; cos, sin [max, d/2]; sign -1 turns back (backward). */
	void (*rope)(float *x, int64_t ld, const int32_t *position,
		     const float *cos, const float *sin, int64_t n,
		     int32_t n_heads, int32_t d, float sign);

	/* y [n,m] = x [n,k] w^T, w [m,k]; added to y with accumulate.  For a
	 * few rows, where BLAS would spend its time on packing w. */
	void (*linear_few)(float *y, const float *x, const float *w, int64_t n,
			   int64_t k, int64_t m, int accumulate);

	/* out [n, n_q*d], lse [n, n_q] log-sum-exp of the scaled scores */
	int (*attention)(float *out, float *lse, const float *qkv,
			 const grpo__segments *s, const grpo__heads *h);
	/* dqkv [n, (n_q+2n_kv)*d] is overwritten */
	int (*attention_backward)(float *dqkv, const float *dout,
				  const float *out, const float *lse,
				  const float *qkv, const grpo__segments *s,
				  const grpo__heads *h);
	/* One new token a row: q rows of qkv against prompt[i] then own[i] */
	int (*attention_decode)(float *out, const float *qkv,
				const grpo__kv_view *prompt,
				const grpo__kv_view *own, int64_t n,
				const grpo__heads *h);
	/* Copies k and v of rows 0 … n-1 of qkv to a cache at column `at` */
	void (*kv_store)(float *kt, float *v, int64_t ld, int64_t at,
			 const float *qkv, int64_t n, const grpo__heads *h);

	/* act [n,f] = silu(gu[:, :f]) * gu[:, f:] */
	void (*swiglu)(float *act, const float *gu, int64_t n, int64_t f);
	/* dgu may be gu itself */
	void (*swiglu_backward)(float *dgu, const float *dact, const float *gu,
				int64_t n, int64_t f);

	void (*add_bias)(float *y, const float *b, int64_t n, int64_t h);
	/* out[h] += column sums of x [n,h] */
	void (*column_sums)(float *out, const float *x, int64_t n, int64_t h);
	void (*embed)(float *y, const float *table, const int32_t *ids,
		      int64_t n, int64_t h);
	void (*embed_backward)(float *dtable, const float *dy,
			       const int32_t *ids, int64_t n, int64_t h);
	void (*gather)(float *y, const float *x, const int64_t *rows, int64_t n,
		       int64_t h);
	/* y[rows[i]] += x[i]; rows may repeat */
	void (*scatter_add)(float *y, const float *x, const int64_t *rows,
			    int64_t n, int64_t h);

	/* logp, entropy (or NULL), lse [n] of logits [n,v] * inv_t */
	void (*logprob)(float *logp, float *entropy, float *lse,
			const float *logits, const int32_t *target, int64_t n,
			int64_t v, float inv_t);
	/* logits become d/dlogits of sum(dlogp*logp + dentropy*entropy);
	 * dentropy, entropy NULL together */
	void (*logprob_backward)(float *logits, const int32_t *target,
				 const float *dlogp, const float *dentropy,
				 const float *entropy, const float *lse,
				 int64_t n, int64_t v, float inv_t);
	/* probs = exp(logits*inv_t - max), one row; returns their sum */
	double (*softmax_row)(float *probs, float *max, const float *logits,
			      int64_t v, float inv_t);

	double (*sum_squares)(const float *x, int64_t n);
	void (*adamw)(float *w, float *m, float *v, const float *g, int64_t n,
		      const grpo__adamw_args *a);
	/* 1 where that step would leave w, m and v finite */
	int (*adamw_finite)(const float *w, const float *m, const float *v,
			    const float *g, int64_t n,
			    const grpo__adamw_args *a);
	/* y = (1-alpha) y + alpha x */
	void (*mix)(float *y, const float *x, float alpha, int64_t n);
} grpo__kernels;

/** The fastest table that this machine runs. */
const grpo__kernels *grpo__kernels_get(void);

#endif
