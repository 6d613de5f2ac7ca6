/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TORCH_OPS_H
#define GRPO_TORCH_OPS_H

#include <stdint.h>
#include "torch/kernels.h"
#include "torch/tensor.h"

/*
 * The operators that a decoder is made of, forward and backward.  fp32 on
 * the CPU runs the fused kernels (ops.c); every other dtype and device runs
 * the same maths composed of libtorch's operators (ops_torch.c), which also
 * is the reference that the kernels are tested against.
 *
 * Outputs come first and have their shape already.  Gradients of parameters
 * are fp32 and added to; dx is overwritten unless said.  n tokens, h hidden.
 */

/* y [n,h] = table [v,h] rows */
int grpo__op_embed(grpo__tensor *y, const grpo__tensor *table,
		   const int32_t *ids);
int grpo__op_embed_backward(grpo__tensor *dtable, const grpo__tensor *dy,
			    const int32_t *ids);

/* y [n,o] = x [n,i] w' [o,i] + b [o] (b may be NULL); accumulate: y += */
int grpo__op_linear(grpo__tensor *y, const grpo__tensor *x,
		    const grpo__tensor *w, const grpo__tensor *b,
		    int accumulate);
/* dx (NULL: not wanted) = dy w; dw += dy' x; db += columns (or NULL) */
int grpo__op_linear_backward(grpo__tensor *dx, grpo__tensor *dw,
			     grpo__tensor *db, const grpo__tensor *dy,
			     const grpo__tensor *x, const grpo__tensor *w);

/* y = x rsqrt(mean(x^2) + eps), in fp32, rounded to x's dtype, times w;
 * rstd [n,1] fp32 */
int grpo__op_rmsnorm(grpo__tensor *y, grpo__tensor *rstd, const grpo__tensor *x,
		     const grpo__tensor *w, float eps);
/* dx += …; dw += … */
int grpo__op_rmsnorm_backward(grpo__tensor *dx, grpo__tensor *dw,
			      const grpo__tensor *dy, const grpo__tensor *x,
			      const grpo__tensor *w, const grpo__tensor *rstd);

/* Rotary position embedding, in place, of the q and k heads of qkv; by
 * halves (rotate_half); cos and sin [positions, d/2] fp32 on the host.
 * inverse: backward. */
typedef struct grpo__rope {
	const float *cos, *sin;
	int64_t n_positions;
} grpo__rope;
int grpo__op_rope(grpo__tensor *qkv, const grpo__rope *r,
		  const int32_t *position, const grpo__heads *h, int inverse);

/* Segmented causal attention (kernels.h): out [n, n_q d]; lse [n, n_q] fp32,
 * kept for backward */
int grpo__op_attention(grpo__tensor *out, grpo__tensor *lse,
		       const grpo__tensor *qkv, const grpo__segments *g,
		       const grpo__heads *h);
int grpo__op_attention_backward(grpo__tensor *dqkv, const grpo__tensor *dout,
				const grpo__tensor *out,
				const grpo__tensor *lse,
				const grpo__tensor *qkv,
				const grpo__segments *g, const grpo__heads *h);

/* act [n,f] = silu(gu[:, :f]) * gu[:, f:] */
int grpo__op_swiglu(grpo__tensor *act, const grpo__tensor *gu);
int grpo__op_swiglu_backward(grpo__tensor *dgu, const grpo__tensor *dact,
			     const grpo__tensor *gu);

/* dst += src, same shape */
int grpo__op_add(grpo__tensor *dst, const grpo__tensor *src);
/* y [m,h] = x[rows]; y[rows] += x, rows may repeat */
int grpo__op_gather(grpo__tensor *y, const grpo__tensor *x,
		    const int64_t *rows);
int grpo__op_scatter_add(grpo__tensor *y, const grpo__tensor *x,
			 const int64_t *rows);

/* Of logits [n,v] / temperature: log-probability of target, entropy (nats,
 * or NULL) and log-sum-exp, each host [n]; in fp32 whatever the dtype. */
int grpo__op_logprob(float *logp, float *entropy, float *lse,
		     const grpo__tensor *logits, const int32_t *target,
		     float temperature);
/* logits become the gradient of sum(dlogp logp + dentropy entropy); host
 * arrays; dentropy and entropy NULL together */
int grpo__op_logprob_backward(grpo__tensor *logits, const int32_t *target,
			      const float *dlogp, const float *dentropy,
			      const float *entropy, const float *lse,
			      float temperature);

int grpo__op_sum_squares(double *out, const grpo__tensor *x);
/* w, m, v, g fp32 of the same shape */
int grpo__op_adamw(grpo__tensor *w, grpo__tensor *m, grpo__tensor *v,
		   const grpo__tensor *g, const grpo__adamw_args *a);
/* Would that step leave w, m and v finite?  Writes none of them. */
int grpo__op_adamw_finite(int *finite, const grpo__tensor *w,
			  const grpo__tensor *m, const grpo__tensor *v,
			  const grpo__tensor *g, const grpo__adamw_args *a);
/* y = (1-alpha) y + alpha x */
int grpo__op_mix(grpo__tensor *y, const grpo__tensor *x, float alpha);

/* The composed forms, for tests and for ops.c. */
int grpo__composed_embed(grpo__tensor *y, const grpo__tensor *table,
			 const int32_t *ids);
int grpo__composed_embed_backward(grpo__tensor *dtable, const grpo__tensor *dy,
				  const int32_t *ids);
int grpo__composed_add_bias(grpo__tensor *y, const grpo__tensor *b);
int grpo__composed_bias_backward(grpo__tensor *db, const grpo__tensor *dy);
int grpo__composed_rmsnorm(grpo__tensor *y, grpo__tensor *rstd,
			   const grpo__tensor *x, const grpo__tensor *w,
			   float eps);
int grpo__composed_rmsnorm_backward(grpo__tensor *dx, grpo__tensor *dw,
				    const grpo__tensor *dy,
				    const grpo__tensor *x,
				    const grpo__tensor *w,
				    const grpo__tensor *rstd);
int grpo__composed_rope(grpo__tensor *qkv, const grpo__rope *r,
			const int32_t *position, const grpo__heads *h,
			int inverse);
int grpo__composed_attention(grpo__tensor *out, const grpo__tensor *qkv,
			     const grpo__segments *g, const grpo__heads *h);
int grpo__composed_attention_backward(grpo__tensor *dqkv,
				      const grpo__tensor *dout,
				      const grpo__tensor *qkv,
				      const grpo__segments *g,
				      const grpo__heads *h);
int grpo__composed_swiglu(grpo__tensor *act, const grpo__tensor *gu);
int grpo__composed_swiglu_backward(grpo__tensor *dgu, const grpo__tensor *dact,
				   const grpo__tensor *gu);
int grpo__composed_add(grpo__tensor *dst, const grpo__tensor *src);
int grpo__composed_gather(grpo__tensor *y, const grpo__tensor *x,
			  const int64_t *rows);
int grpo__composed_scatter_add(grpo__tensor *y, const grpo__tensor *x,
			       const int64_t *rows);
int grpo__composed_logprob(float *logp, float *entropy, float *lse,
			   const grpo__tensor *logits, const int32_t *target,
			   float temperature);
int grpo__composed_logprob_backward(grpo__tensor *logits, const int32_t *target,
				    const float *dlogp, const float *dentropy,
				    const float *entropy, const float *lse,
				    float temperature);
int grpo__composed_sum_squares(double *out, const grpo__tensor *x);
int grpo__composed_adamw(grpo__tensor *w, grpo__tensor *m, grpo__tensor *v,
			 const grpo__tensor *g, const grpo__adamw_args *a);
int grpo__composed_adamw_finite(int *finite, const grpo__tensor *w,
				const grpo__tensor *m, const grpo__tensor *v,
				const grpo__tensor *g,
				const grpo__adamw_args *a);
int grpo__composed_mix(grpo__tensor *y, const grpo__tensor *x, float alpha);

#endif
