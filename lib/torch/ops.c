/* SPDX-License-Identifier: MIT */
#include "core/fail.h"
#include "torch/ops.h"

/*
 * fp32 on the CPU goes to the fused kernels, all else to the composed forms.
 * The first argument decides: a model's tensors are all of one kind.
 */
static const grpo__kernels *fused(const grpo__tensor *t)
{
	return grpo__is_plain(t) ? grpo__kernels_get() : NULL;
}

static int no_memory(void)
{
	return grpo__fail(GRPO_ENOMEM, "out of memory in attention");
}

int grpo__op_embed(grpo__tensor *y, const grpo__tensor *table,
		   const int32_t *ids)
{
	const grpo__kernels *k = fused(y);

	if (!k)
		return grpo__composed_embed(y, table, ids);
	k->embed(grpo__f32(y), grpo__f32(table), ids, y->shape[0], y->shape[1]);
	return 0;
}

int grpo__op_embed_backward(grpo__tensor *dtable, const grpo__tensor *dy,
			    const int32_t *ids)
{
	const grpo__kernels *k = fused(dy);

	if (!k)
		return grpo__composed_embed_backward(dtable, dy, ids);
	k->embed_backward(grpo__f32(dtable), grpo__f32(dy), ids, dy->shape[0],
			  dy->shape[1]);
	return 0;
}

/* The sizes for which BLAS, which packs w again for each product, is slower
 * than the kernel that reads it in place (see make bench). */
static int is_few(const grpo__tensor *x, const grpo__tensor *w)
{
	return x->shape[0] >= 4 && x->shape[0] <= 64 &&
	       w->shape[0] * w->shape[1] >= 1 << 17;
}

int grpo__op_linear(grpo__tensor *y, const grpo__tensor *x,
		    const grpo__tensor *w, const grpo__tensor *b,
		    int accumulate)
{
	const grpo__kernels *k = fused(y);
	int rc = 0;

	if (k && is_few(x, w))
		k->linear_few(grpo__f32(y), grpo__f32(x), grpo__f32(w),
			      x->shape[0], x->shape[1], w->shape[0],
			      accumulate);
	else
		GRPO_TRY(grpo__matmul(y, x, 0, w, 1, accumulate));
	if (!b)
		goto out;
	if (!k)
		return grpo__composed_add_bias(y, b);
	k->add_bias(grpo__f32(y), grpo__f32(b), y->shape[0], y->shape[1]);
out:
	return rc;
}

/* dw is fp32 where w is not: the product is made in w's dtype, then added. */
static int weight_gradient(grpo__tensor *dw, const grpo__tensor *dy,
			   const grpo__tensor *x)
{
	grpo__tensor part;
	int rc = 0;

	if (dw->dtype == x->dtype)
		return grpo__matmul(dw, dy, 1, x, 0, 1);
	GRPO_TRY(grpo__tensor_create(&part, x->dtype, x->device, 2, dw->shape));
	rc = grpo__matmul(&part, dy, 1, x, 0, 0);
	if (rc == 0)
		rc = grpo__composed_add(dw, &part);
	grpo__tensor_free(&part);
out:
	return rc;
}

int grpo__op_linear_backward(grpo__tensor *dx, grpo__tensor *dw,
			     grpo__tensor *db, const grpo__tensor *dy,
			     const grpo__tensor *x, const grpo__tensor *w)
{
	const grpo__kernels *k = fused(dy);
	int rc = 0;

	GRPO_TRY(weight_gradient(dw, dy, x));
	if (dx)
		GRPO_TRY(grpo__matmul(dx, dy, 0, w, 0, 0));
	if (!db)
		goto out;
	if (!k)
		return grpo__composed_bias_backward(db, dy);
	k->column_sums(grpo__f32(db), grpo__f32(dy), dy->shape[0],
		       dy->shape[1]);
out:
	return rc;
}

int grpo__op_rmsnorm(grpo__tensor *y, grpo__tensor *rstd, const grpo__tensor *x,
		     const grpo__tensor *w, float eps)
{
	const grpo__kernels *k = fused(y);

	if (!k)
		return grpo__composed_rmsnorm(y, rstd, x, w, eps);
	k->rmsnorm(grpo__f32(y), grpo__f32(rstd), grpo__f32(x), grpo__f32(w),
		   x->shape[0], x->shape[1], eps);
	return 0;
}

int grpo__op_rmsnorm_backward(grpo__tensor *dx, grpo__tensor *dw,
			      const grpo__tensor *dy, const grpo__tensor *x,
			      const grpo__tensor *w, const grpo__tensor *rstd)
{
	const grpo__kernels *k = fused(dx);

	if (!k)
		return grpo__composed_rmsnorm_backward(dx, dw, dy, x, w, rstd);
	k->rmsnorm_backward(grpo__f32(dx), grpo__f32(dw), grpo__f32(dy),
			    grpo__f32(x), grpo__f32(w), grpo__f32(rstd),
			    x->shape[0], x->shape[1]);
	return 0;
}

int grpo__op_rope(grpo__tensor *qkv, const grpo__rope *r,
		  const int32_t *position, const grpo__heads *h, int inverse)
{
	const grpo__kernels *k = fused(qkv);

	if (!k)
		return grpo__composed_rope(qkv, r, position, h, inverse);
	k->rope(grpo__f32(qkv), qkv->shape[1], position, r->cos, r->sin,
		qkv->shape[0], h->n_q + h->n_kv, h->d, inverse ? -1.0f : 1.0f);
	return 0;
}

int grpo__op_attention(grpo__tensor *out, grpo__tensor *lse,
		       const grpo__tensor *qkv, const grpo__segments *g,
		       const grpo__heads *h)
{
	const grpo__kernels *k = fused(out);

	if (!k)
		return grpo__composed_attention(out, qkv, g, h);
	if (k->attention(grpo__f32(out), grpo__f32(lse), grpo__f32(qkv), g, h))
		return no_memory();
	return 0;
}

int grpo__op_attention_backward(grpo__tensor *dqkv, const grpo__tensor *dout,
				const grpo__tensor *out,
				const grpo__tensor *lse,
				const grpo__tensor *qkv,
				const grpo__segments *g, const grpo__heads *h)
{
	const grpo__kernels *k = fused(dqkv);

	if (!k)
		return grpo__composed_attention_backward(dqkv, dout, qkv, g, h);
	if (k->attention_backward(grpo__f32(dqkv), grpo__f32(dout),
				  grpo__f32(out), grpo__f32(lse),
				  grpo__f32(qkv), g, h))
		return no_memory();
	return 0;
}

int grpo__op_swiglu(grpo__tensor *act, const grpo__tensor *gu)
{
	const grpo__kernels *k = fused(act);

	if (!k)
		return grpo__composed_swiglu(act, gu);
	k->swiglu(grpo__f32(act), grpo__f32(gu), act->shape[0], act->shape[1]);
	return 0;
}

int grpo__op_swiglu_backward(grpo__tensor *dgu, const grpo__tensor *dact,
			     const grpo__tensor *gu)
{
	const grpo__kernels *k = fused(dgu);

	if (!k)
		return grpo__composed_swiglu_backward(dgu, dact, gu);
	k->swiglu_backward(grpo__f32(dgu), grpo__f32(dact), grpo__f32(gu),
			   dact->shape[0], dact->shape[1]);
	return 0;
}

int grpo__op_add(grpo__tensor *dst, const grpo__tensor *src)
{
	float *y = grpo__f32(dst);
	const float *x = grpo__f32(src);
	int64_t n = grpo__tensor_count(dst);

	if (!fused(dst))
		return grpo__composed_add(dst, src);
#pragma omp parallel for simd schedule(static) if (n > 4096)
	for (int64_t i = 0; i < n; i++)
		y[i] += x[i];
	return 0;
}

int grpo__op_gather(grpo__tensor *y, const grpo__tensor *x, const int64_t *rows)
{
	const grpo__kernels *k = fused(y);

	if (!k)
		return grpo__composed_gather(y, x, rows);
	k->gather(grpo__f32(y), grpo__f32(x), rows, y->shape[0], y->shape[1]);
	return 0;
}

int grpo__op_scatter_add(grpo__tensor *y, const grpo__tensor *x,
			 const int64_t *rows)
{
	const grpo__kernels *k = fused(y);

	if (!k)
		return grpo__composed_scatter_add(y, x, rows);
	k->scatter_add(grpo__f32(y), grpo__f32(x), rows, x->shape[0],
		       x->shape[1]);
	return 0;
}

int grpo__op_logprob(float *logp, float *entropy, float *lse,
		     const grpo__tensor *logits, const int32_t *target,
		     float temperature)
{
	const grpo__kernels *k = fused(logits);

	if (!k)
		return grpo__composed_logprob(logp, entropy, lse, logits,
					      target, temperature);
	k->logprob(logp, entropy, lse, grpo__f32(logits), target,
		   logits->shape[0], logits->shape[1], 1.0f / temperature);
	return 0;
}

int grpo__op_logprob_backward(grpo__tensor *logits, const int32_t *target,
			      const float *dlogp, const float *dentropy,
			      const float *entropy, const float *lse,
			      float temperature)
{
	const grpo__kernels *k = fused(logits);

	if (!k)
		return grpo__composed_logprob_backward(
		    logits, target, dlogp, dentropy, entropy, lse, temperature);
	k->logprob_backward(grpo__f32(logits), target, dlogp, dentropy, entropy,
			    lse, logits->shape[0], logits->shape[1],
			    1.0f / temperature);
	return 0;
}

int grpo__op_sum_squares(double *out, const grpo__tensor *x)
{
	const grpo__kernels *k = fused(x);

	if (!k)
		return grpo__composed_sum_squares(out, x);
	*out = k->sum_squares(grpo__f32(x), grpo__tensor_count(x));
	return 0;
}

int grpo__op_adamw(grpo__tensor *w, grpo__tensor *m, grpo__tensor *v,
		   const grpo__tensor *g, const grpo__adamw_args *a)
{
	const grpo__kernels *k = fused(w);

	if (!k)
		return grpo__composed_adamw(w, m, v, g, a);
	k->adamw(grpo__f32(w), grpo__f32(m), grpo__f32(v), grpo__f32(g),
		 grpo__tensor_count(w), a);
	return 0;
}

int grpo__op_adamw_finite(int *finite, const grpo__tensor *w,
			  const grpo__tensor *m, const grpo__tensor *v,
			  const grpo__tensor *g, const grpo__adamw_args *a)
{
	const grpo__kernels *k = fused(w);

	if (!k)
		return grpo__composed_adamw_finite(finite, w, m, v, g, a);
	*finite = k->adamw_finite(grpo__f32(w), grpo__f32(m), grpo__f32(v),
				  grpo__f32(g), grpo__tensor_count(w), a);
	return 0;
}

int grpo__op_mix(grpo__tensor *y, const grpo__tensor *x, float alpha)
{
	const grpo__kernels *k = fused(y);

	if (!k)
		return grpo__composed_mix(y, x, alpha);
	k->mix(grpo__f32(y), grpo__f32(x), alpha, grpo__tensor_count(y));
	return 0;
}
