/* SPDX-License-Identifier: MIT */
/*
 * The operators of ops.h composed of libtorch's, for any dtype and device.
 * Roundings are those of Hugging Face's modeling code, so that bf16 weights
 * behave here as they do there; attention is in attention_torch.c.
 */
#include <math.h>
#include "core/fail.h"
#include "torch/ops.h"

static int64_t rows_of(const grpo__tensor *t)
{
	return t->shape[0];
}

/* ---------------------------------------------------------- rows by index */

int grpo__composed_embed(grpo__tensor *y, const grpo__tensor *table,
			 const int32_t *ids)
{
	grpo__scope s = {0};
	grpo__h at = grpo__h_ids(&s, ids, rows_of(y), y->device);

	grpo__h_store(&s, y, grpo__h_index(&s, grpo__h_from(&s, table), 0, at));
	return grpo__scope_close(&s);
}

int grpo__composed_embed_backward(grpo__tensor *dtable, const grpo__tensor *dy,
				  const int32_t *ids)
{
	grpo__scope s = {0};
	grpo__h at = grpo__h_ids(&s, ids, rows_of(dy), dy->device);
	grpo__h x = grpo__h_to(&s, grpo__h_from(&s, dy), dtable->dtype);

	grpo__h_index_add(&s, grpo__h_from(&s, dtable), 0, at, x);
	return grpo__scope_close(&s);
}

int grpo__composed_gather(grpo__tensor *y, const grpo__tensor *x,
			  const int64_t *rows)
{
	grpo__scope s = {0};
	grpo__h at = grpo__h_ints(&s, rows, rows_of(y), y->device);

	grpo__h_store(&s, y, grpo__h_index(&s, grpo__h_from(&s, x), 0, at));
	return grpo__scope_close(&s);
}

int grpo__composed_scatter_add(grpo__tensor *y, const grpo__tensor *x,
			       const int64_t *rows)
{
	grpo__scope s = {0};
	grpo__h at = grpo__h_ints(&s, rows, rows_of(x), x->device);
	grpo__h add = grpo__h_to(&s, grpo__h_from(&s, x), y->dtype);

	grpo__h_index_add(&s, grpo__h_from(&s, y), 0, at, add);
	return grpo__scope_close(&s);
}

/* ------------------------------------------------------------------- sums */

int grpo__composed_add(grpo__tensor *dst, const grpo__tensor *src)
{
	grpo__scope s = {0};

	grpo__h_accumulate(&s, dst, grpo__h_from(&s, src));
	return grpo__scope_close(&s);
}

int grpo__composed_add_bias(grpo__tensor *y, const grpo__tensor *b)
{
	grpo__scope s = {0};
	grpo__h bias = grpo__h_reshape(&s, grpo__h_from(&s, b), 1,
				       (int64_t[]){y->shape[1]});

	grpo__h_store(&s, y, grpo__h_add(&s, grpo__h_from(&s, y), bias));
	return grpo__scope_close(&s);
}

int grpo__composed_bias_backward(grpo__tensor *db, const grpo__tensor *dy)
{
	grpo__scope s = {0};
	grpo__h x = grpo__h_to(&s, grpo__h_from(&s, dy), GRPO__F32);

	grpo__h_accumulate(&s, db, grpo__h_sum_rows(&s, x));
	return grpo__scope_close(&s);
}

int grpo__composed_mix(grpo__tensor *y, const grpo__tensor *x, float alpha)
{
	grpo__scope s = {0};
	grpo__h a = grpo__h_to(&s, grpo__h_from(&s, y), GRPO__F32);
	grpo__h b = grpo__h_to(&s, grpo__h_from(&s, x), GRPO__F32);

	a = grpo__h_scale(&s, a, (double)(1.0f - alpha));
	b = grpo__h_scale(&s, b, (double)alpha);
	grpo__h_store(&s, y, grpo__h_add(&s, a, b));
	return grpo__scope_close(&s);
}

int grpo__composed_sum_squares(double *out, const grpo__tensor *x)
{
	grpo__scope s = {0};
	grpo__h a = grpo__h_to(&s, grpo__h_from(&s, x), GRPO__F32);
	float total = 0;
	int rc;

	grpo__h_read(&s, &total, grpo__h_sum(&s, grpo__h_mul(&s, a, a)), 1);
	rc = grpo__scope_close(&s);
	if (rc == 0)
		*out = (double)total;
	return rc;
}

/* ------------------------------------------------------------------ norms */

int grpo__composed_rmsnorm(grpo__tensor *y, grpo__tensor *rstd,
			   const grpo__tensor *x, const grpo__tensor *w,
			   float eps)
{
	grpo__scope s = {0};
	grpo__h a = grpo__h_to(&s, grpo__h_from(&s, x), GRPO__F32);
	grpo__h r = grpo__h_mean_last(&s, grpo__h_mul(&s, a, a));

	r = grpo__h_rsqrt(&s, grpo__h_shift(&s, r, (double)eps));
	a = grpo__h_to(&s, grpo__h_mul(&s, a, r), x->dtype);
	grpo__h_store(&s, y, grpo__h_mul(&s, grpo__h_from(&s, w), a));
	if (rstd)
		grpo__h_store(&s, rstd, r);
	return grpo__scope_close(&s);
}

/* dx = rstd (w dy - xhat mean(w dy xhat)), dw = sum dy xhat; xhat = x rstd */
int grpo__composed_rmsnorm_backward(grpo__tensor *dx, grpo__tensor *dw,
				    const grpo__tensor *dy,
				    const grpo__tensor *x,
				    const grpo__tensor *w,
				    const grpo__tensor *rstd)
{
	grpo__scope s = {0};
	grpo__h r = grpo__h_from(&s, rstd);
	grpo__h g = grpo__h_to(&s, grpo__h_from(&s, dy), GRPO__F32);
	grpo__h xhat = grpo__h_to(&s, grpo__h_from(&s, x), GRPO__F32);
	grpo__h rounded, wg, mean;

	xhat = grpo__h_mul(&s, xhat, r);
	wg = grpo__h_mul(&s, g, grpo__h_from(&s, w));
	mean = grpo__h_mean_last(&s, grpo__h_mul(&s, wg, xhat));
	wg = grpo__h_sub(&s, wg, grpo__h_mul(&s, xhat, mean));
	grpo__h_accumulate(&s, dx, grpo__h_mul(&s, wg, r));
	/* what w was multiplied by in forward */
	rounded = grpo__h_to(&s, grpo__h_to(&s, xhat, x->dtype), GRPO__F32);
	grpo__h_accumulate(&s, dw,
			   grpo__h_sum_rows(&s, grpo__h_mul(&s, g, rounded)));
	return grpo__scope_close(&s);
}

/* ------------------------------------------------------------------- rope */

static int64_t positions_used(const int32_t *position, int64_t n)
{
	int64_t used = 0;

	for (int64_t i = 0; i < n; i++)
		if (position[i] >= used)
			used = position[i] + 1;
	return used;
}

/* Rows of a host table [used, half] by position: [n, 1, half]. */
static grpo__h table_rows(grpo__scope *s, const float *table, int64_t used,
			  const grpo__tensor *qkv, const int32_t *position,
			  int64_t half)
{
	int64_t n = rows_of(qkv);
	grpo__h t, at;

	t = grpo__h_floats(s, table, used * half, qkv->device);
	t = grpo__h_reshape(s, t, 2, (int64_t[]){used, half});
	t = grpo__h_to(s, t, qkv->dtype);
	at = grpo__h_ids(s, position, n, qkv->device);
	return grpo__h_reshape(s, grpo__h_index(s, t, 0, at), 3,
			       (int64_t[]){n, 1, half});
}

int grpo__composed_rope(grpo__tensor *qkv, const grpo__rope *r,
			const int32_t *position, const grpo__heads *h,
			int inverse)
{
	grpo__scope s = {0};
	int64_t n = rows_of(qkv), heads = h->n_q + h->n_kv, half = h->d / 2;
	int64_t used = positions_used(position, n);
	grpo__h cos, sin, x, a, b, part[2];

	if (used > r->n_positions)
		return grpo__fail(
		    GRPO_EINVAL, "position %lld is beyond the model's %lld",
		    (long long)used - 1, (long long)r->n_positions);
	cos = table_rows(&s, r->cos, used, qkv, position, half);
	sin = table_rows(&s, r->sin, used, qkv, position, half);
	if (inverse)
		sin = grpo__h_scale(&s, sin, -1.0);
	x = grpo__h_narrow(&s, grpo__h_from(&s, qkv), 1, 0, heads * h->d);
	x = grpo__h_reshape(&s, x, 3, (int64_t[]){n, heads, h->d});
	a = grpo__h_narrow(&s, x, 2, 0, half);
	b = grpo__h_narrow(&s, x, 2, half, half);
	part[0] =
	    grpo__h_sub(&s, grpo__h_mul(&s, a, cos), grpo__h_mul(&s, b, sin));
	part[1] =
	    grpo__h_add(&s, grpo__h_mul(&s, b, cos), grpo__h_mul(&s, a, sin));
	grpo__h_assign(&s, x, grpo__h_cat(&s, part, 2, 2));
	return grpo__scope_close(&s);
}

/* ----------------------------------------------------------------- swiglu */

/* Half 0 (gate) or 1 (up) of gu [n, 2f]. */
static grpo__h half_of(grpo__scope *s, const grpo__tensor *gu, int which)
{
	int64_t f = gu->shape[1] / 2;

	return grpo__h_narrow(s, grpo__h_from(s, gu), 1, which * f, f);
}

int grpo__composed_swiglu(grpo__tensor *act, const grpo__tensor *gu)
{
	grpo__scope s = {0};
	grpo__h g = grpo__h_silu(&s, half_of(&s, gu, 0));

	grpo__h_store(&s, act, grpo__h_mul(&s, g, half_of(&s, gu, 1)));
	return grpo__scope_close(&s);
}

/* d silu(x) = p (1 + x (1 - p)), p = sigmoid(x); in fp32, rounded once */
int grpo__composed_swiglu_backward(grpo__tensor *dgu, const grpo__tensor *dact,
				   const grpo__tensor *gu)
{
	grpo__scope s = {0};
	grpo__h d = grpo__h_to(&s, grpo__h_from(&s, dact), GRPO__F32);
	grpo__h g = grpo__h_to(&s, half_of(&s, gu, 0), GRPO__F32);
	grpo__h u = grpo__h_to(&s, half_of(&s, gu, 1), GRPO__F32);
	grpo__h p = grpo__h_sigmoid(&s, g), slope, part[2];

	slope = grpo__h_shift(&s, grpo__h_scale(&s, p, -1.0), 1.0);
	slope = grpo__h_shift(&s, grpo__h_mul(&s, g, slope), 1.0);
	slope = grpo__h_mul(&s, p, slope);
	part[0] = grpo__h_mul(&s, grpo__h_mul(&s, d, u), slope);
	part[1] = grpo__h_mul(&s, d, grpo__h_mul(&s, g, p));
	grpo__h_store(&s, dgu, grpo__h_cat(&s, part, 2, 1));
	return grpo__scope_close(&s);
}

/* ------------------------------------------------------------------- head */

static grpo__h column(grpo__scope *s, grpo__h x, int64_t n)
{
	return grpo__h_reshape(s, x, 2, (int64_t[]){n, 1});
}

static grpo__h scaled_logits(grpo__scope *s, const grpo__tensor *logits,
			     float temperature)
{
	grpo__h x = grpo__h_to(s, grpo__h_from(s, logits), GRPO__F32);

	return temperature == 1.0f
		   ? x
		   : grpo__h_scale(s, x, (double)(1.0f / temperature));
}

int grpo__composed_logprob(float *logp, float *entropy, float *lse,
			   const grpo__tensor *logits, const int32_t *target,
			   float temperature)
{
	grpo__scope s = {0};
	int64_t n = rows_of(logits);
	grpo__h x = scaled_logits(&s, logits, temperature);
	grpo__h l = grpo__h_logsumexp(&s, x), y, p;
	grpo__h at = grpo__h_ids(&s, target, n, logits->device);

	y = grpo__h_gather_last(&s, x, column(&s, at, n));
	grpo__h_read(&s, logp, grpo__h_sub(&s, y, l), n);
	grpo__h_read(&s, lse, l, n);
	if (entropy) {
		y = grpo__h_sub(&s, x, l);
		p = grpo__h_exp(&s, y);
		y = grpo__h_sum_last(&s, grpo__h_mul(&s, p, y));
		grpo__h_read(&s, entropy, grpo__h_scale(&s, y, -1.0), n);
	}
	return grpo__scope_close(&s);
}

/*
 * d logp/dx_j = (1[j = target] - p_j) / T
 * d H/dx_j    = -p_j (log p_j + H) / T
 */
int grpo__composed_logprob_backward(grpo__tensor *logits, const int32_t *target,
				    const float *dlogp, const float *dentropy,
				    const float *entropy, const float *lse,
				    float temperature)
{
	grpo__scope s = {0};
	int64_t n = rows_of(logits);
	int device = logits->device;
	double inv_t = (double)(1.0f / temperature);
	grpo__h x = scaled_logits(&s, logits, temperature);
	grpo__h l = column(&s, grpo__h_floats(&s, lse, n, device), n);
	grpo__h g = column(&s, grpo__h_floats(&s, dlogp, n, device), n);
	grpo__h y = grpo__h_sub(&s, x, l), p = grpo__h_exp(&s, y), c, at;

	g = grpo__h_scale(&s, g, inv_t);
	c = g;
	if (dentropy) {
		grpo__h e = grpo__h_floats(&s, dentropy, n, device);
		grpo__h h = grpo__h_floats(&s, entropy, n, device);

		y = grpo__h_add(&s, y, column(&s, h, n));
		e = grpo__h_scale(&s, column(&s, e, n), inv_t);
		c = grpo__h_add(&s, c, grpo__h_mul(&s, e, y));
	}
	p = grpo__h_scale(&s, grpo__h_mul(&s, p, c), -1.0);
	at = grpo__h_ids(&s, target, n, device);
	grpo__h_scatter_add_last(&s, p, column(&s, at, n), g);
	grpo__h_store(&s, logits, p);
	return grpo__scope_close(&s);
}

/* -------------------------------------------------------------- optimizer */

/* In the order of torch.optim.AdamW: decay, moments, step. */
int grpo__composed_adamw(grpo__tensor *w, grpo__tensor *m, grpo__tensor *v,
			 const grpo__tensor *g, const grpo__adamw_args *a)
{
	grpo__scope s = {0};
	grpo__h x =
	    grpo__h_scale(&s, grpo__h_from(&s, g), (double)a->grad_scale);
	grpo__h mh = grpo__h_from(&s, m), vh = grpo__h_from(&s, v), y, root;

	y = grpo__h_scale(&s, grpo__h_sub(&s, x, mh),
			  (double)(1.0f - a->beta1));
	grpo__h_accumulate(&s, m, y);
	y = grpo__h_scale(&s, grpo__h_mul(&s, x, x), (double)(1.0f - a->beta2));
	y = grpo__h_add(&s, grpo__h_scale(&s, vh, (double)a->beta2), y);
	grpo__h_store(&s, v, y);
	root = grpo__h_scale(&s, grpo__h_sqrt(&s, vh),
			     1.0 / sqrt((double)a->bias2));
	root = grpo__h_shift(&s, root, (double)a->eps);
	y = grpo__h_scale(&s, grpo__h_from(&s, w),
			  1.0 - (double)a->lr * (double)a->weight_decay);
	mh = grpo__h_scale(&s, mh, (double)a->lr / (double)a->bias1);
	grpo__h_store(&s, w, grpo__h_sub(&s, y, grpo__h_div(&s, mh, root)));
	return grpo__scope_close(&s);
}

/* The same expressions; 0 * x is NaN for what is not finite. */
int grpo__composed_adamw_finite(int *finite, const grpo__tensor *w,
				const grpo__tensor *m, const grpo__tensor *v,
				const grpo__tensor *g,
				const grpo__adamw_args *a)
{
	grpo__scope s = {0};
	grpo__h x =
	    grpo__h_scale(&s, grpo__h_from(&s, g), (double)a->grad_scale);
	grpo__h mh = grpo__h_from(&s, m), vh = grpo__h_from(&s, v), y, root;
	float sum = 0;
	int rc;

	y = grpo__h_sub(&s, x, mh);
	mh = grpo__h_add(&s, mh,
			 grpo__h_scale(&s, y, (double)(1.0f - a->beta1)));
	y = grpo__h_scale(&s, grpo__h_mul(&s, x, x), (double)(1.0f - a->beta2));
	vh = grpo__h_add(&s, grpo__h_scale(&s, vh, (double)a->beta2), y);
	root = grpo__h_scale(&s, grpo__h_sqrt(&s, vh),
			     1.0 / sqrt((double)a->bias2));
	root = grpo__h_shift(&s, root, (double)a->eps);
	y = grpo__h_scale(&s, grpo__h_from(&s, w),
			  1.0 - (double)a->lr * (double)a->weight_decay);
	x = grpo__h_scale(&s, mh, (double)a->lr / (double)a->bias1);
	y = grpo__h_sub(&s, y, grpo__h_div(&s, x, root));
	y = grpo__h_add(&s, grpo__h_scale(&s, y, 0), grpo__h_scale(&s, mh, 0));
	y = grpo__h_add(&s, y, grpo__h_scale(&s, vh, 0));
	grpo__h_read(&s, &sum, grpo__h_sum(&s, y), 1);
	rc = grpo__scope_close(&s);
	*finite = sum == 0;
	return rc;
}
