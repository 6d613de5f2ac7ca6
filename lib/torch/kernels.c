/* SPDX-License-Identifier: MIT */
/*
 * The kernels of kernels.h in the GNU C vector dialect: a vec is as wide as
 * the instruction set that this file is compiled for (-DGRPO_ISA=name).
 */
#include <float.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "torch/kernels.h"
#include "torch/kernels_attention.h"
#include "torch/kernels_linear.h"
#include "torch/kernels_vec.h"

#define N_CHUNKS 64 /* of reductions: fixed, so that sums are too */

/* ---------------------------------------------------------------- norms */

static void rmsnorm(float *y, float *rstd, const float *x, const float *w,
		    int64_t n, int64_t h, float eps)
{
#pragma omp parallel for schedule(static) if (n > 1)
	for (int64_t i = 0; i < n; i++) {
		const float *xi = x + i * h;
		float *yi = y + i * h;
		float r = 1.0f / sqrtf(dot(xi, xi, h) / (float)h + eps);

		for (int64_t j = 0; j < h; j++)
			yi[j] = xi[j] * r * w[j];
		if (rstd)
			rstd[i] = r;
	}
}

/* dx = rstd (w dy - xhat mean(w dy xhat)), xhat = x rstd */
static void rmsnorm_row_backward(float *dx, float *dw, const float *dy,
				 const float *x, const float *w, float rstd,
				 int64_t h)
{
	vec acc = {0};
	float s = 0;
	int64_t j = 0;

	for (; j + VL <= h; j += VL)
		acc = fma_of(load(dy + j) * load(w + j), load(x + j), acc);
	for (; j < h; j++)
		s += dy[j] * w[j] * x[j];
	s = (s + vec_sum(acc)) * rstd * rstd * rstd / (float)h;
	for (j = 0; j < h; j++) {
		dx[j] += rstd * w[j] * dy[j] - s * x[j];
		dw[j] += dy[j] * x[j] * rstd;
	}
}

/* Adds the chunks' partial sums [N_CHUNKS, h] in order. */
static void add_partials(float *out, const float *part, int64_t h)
{
	for (int c = 0; c < N_CHUNKS; c++)
		for (int64_t j = 0; j < h; j++)
			out[j] += part[c * h + j];
}

static void rmsnorm_backward(float *dx, float *dw, const float *dy,
			     const float *x, const float *w, const float *rstd,
			     int64_t n, int64_t h)
{
	float *part = calloc((size_t)(N_CHUNKS * h), sizeof *part);
	float *own = part;

	if (!part) /* slower, and right */
		own = dw;
#pragma omp parallel for schedule(static) if (part)
	for (int c = 0; c < N_CHUNKS; c++)
		for (int64_t i = n * c / N_CHUNKS; i < n * (c + 1) / N_CHUNKS;
		     i++)
			rmsnorm_row_backward(
			    dx + i * h, part ? own + c * h : dw, dy + i * h,
			    x + i * h, w, rstd[i], h);
	if (part)
		add_partials(dw, part, h);
	free(part);
}

/* ----------------------------------------------------------------- rope */

static void rope(float *x, int64_t ld, const int32_t *position,
		 const float *cos, const float *sin, int64_t n, int32_t n_heads,
		 int32_t d, float sign)
{
	int32_t half = d / 2;

#pragma omp parallel for schedule(static) if (n > 8)
	for (int64_t i = 0; i < n; i++) {
		const float *c = cos + (int64_t)position[i] * half;
		const float *s = sin + (int64_t)position[i] * half;

		for (int32_t k = 0; k < n_heads; k++) {
			float *a = x + i * ld + k * d, *b = a + half;

			for (int32_t j = 0; j < half; j++) {
				float u = a[j], v = b[j], t = s[j] * sign;

				a[j] = u * c[j] - v * t;
				b[j] = v * c[j] + u * t;
			}
		}
	}
}

/* --------------------------------------------------------- elementwise */

static void swiglu(float *act, const float *gu, int64_t n, int64_t f)
{
#pragma omp parallel for schedule(static) if (n > 8)
	for (int64_t i = 0; i < n; i++) {
		const float *g = gu + i * 2 * f, *u = g + f;
		float *a = act + i * f;
		int64_t j = 0;

		for (; j + VL <= f; j += VL) {
			vec x = load(g + j);

			store(a + j, x / (1.0f + vec_exp(-x)) * load(u + j));
		}
		for (; j < f; j++)
			a[j] = g[j] / (1.0f + exp1(-g[j])) * u[j];
	}
}

/* d silu(x) = s (1 + x (1 - s)), s = sigmoid(x) */
static void swiglu_backward(float *dgu, const float *dact, const float *gu,
			    int64_t n, int64_t f)
{
#pragma omp parallel for schedule(static) if (n > 8)
	for (int64_t i = 0; i < n; i++) {
		const float *g = gu + i * 2 * f, *u = g + f;
		const float *da = dact + i * f;
		float *dg = dgu + i * 2 * f, *du = dg + f;
		int64_t j = 0;

		for (; j + VL <= f; j += VL) {
			vec x = load(g + j), y = load(u + j), d = load(da + j);
			vec s = 1.0f / (1.0f + vec_exp(-x));

			store(dg + j, d * y * s * (1.0f + x * (1.0f - s)));
			store(du + j, d * x * s);
		}
		for (; j < f; j++) {
			float x = g[j], y = u[j], d = da[j];
			float s = 1.0f / (1.0f + exp1(-x));

			dg[j] = d * y * s * (1.0f + x * (1.0f - s));
			du[j] = d * x * s;
		}
	}
}

static void add_bias(float *y, const float *b, int64_t n, int64_t h)
{
#pragma omp parallel for schedule(static) if (n > 8)
	for (int64_t i = 0; i < n; i++)
		for (int64_t j = 0; j < h; j++)
			y[i * h + j] += b[j];
}

/* Columns are shared out, so each sum runs over the rows in order. */
static void column_sums(float *out, const float *x, int64_t n, int64_t h)
{
#pragma omp parallel for schedule(static) if (n > 8)
	for (int64_t j0 = 0; j0 < h; j0 += 64)
		for (int64_t i = 0; i < n; i++)
			for (int64_t j = j0; j < min64(j0 + 64, h); j++)
				out[j] += x[i * h + j];
}

static void embed(float *y, const float *table, const int32_t *ids, int64_t n,
		  int64_t h)
{
#pragma omp parallel for schedule(static) if (n > 8)
	for (int64_t i = 0; i < n; i++)
		memcpy(y + i * h, table + ids[i] * h, sizeof *y * (size_t)h);
}

static void embed_backward(float *dtable, const float *dy, const int32_t *ids,
			   int64_t n, int64_t h)
{
#pragma omp parallel for schedule(static) if (n > 8)
	for (int64_t j0 = 0; j0 < h; j0 += 32)
		for (int64_t i = 0; i < n; i++)
			for (int64_t j = j0; j < min64(j0 + 32, h); j++)
				dtable[ids[i] * h + j] += dy[i * h + j];
}

static void gather(float *y, const float *x, const int64_t *rows, int64_t n,
		   int64_t h)
{
#pragma omp parallel for schedule(static) if (n > 8)
	for (int64_t i = 0; i < n; i++)
		memcpy(y + i * h, x + rows[i] * h, sizeof *y * (size_t)h);
}

/* Columns are shared out, so that rows may come more than once. */
static void scatter_add(float *y, const float *x, const int64_t *rows,
			int64_t n, int64_t h)
{
#pragma omp parallel for schedule(static) if (n > 8)
	for (int64_t j0 = 0; j0 < h; j0 += 32)
		for (int64_t i = 0; i < n; i++)
			for (int64_t j = j0; j < min64(j0 + 32, h); j++)
				y[rows[i] * h + j] += x[i * h + j];
}

/* -------------------------------------------------------------- softmax */

INLINE float row_max(const float *x, int64_t n)
{
	float max = x[0];
	int64_t j = 0;

	if (n >= VL) {
		vec m = load(x);

		for (j = VL; j + VL <= n; j += VL)
			m = vec_max(load(x + j), m);
		max = vec_largest(m);
	}
	for (; j < n; j++)
		max = x[j] > max ? x[j] : max;
	return max;
}

/*
 * The sum of e^y and of y e^y, y = x inv_t - max, over a row: in blocks, so
 * that long sums keep their precision.  A y far below 0, or minus infinity,
 * counts as -87, whose part is lost in the sums.
 */
INLINE void row_sums(double *total, double *weighted, const float *x, int64_t v,
		     float max, float inv_t)
{
	int64_t j = 0;

	*total = *weighted = 0;
	while (j + VL <= v) {
		int64_t end = min64(v / VL * VL, j + 64 * VL);
		vec s = {0}, w = {0};

		for (; j < end; j += VL) {
			vec y = vec_max(splat(EXP_LEAST),
					load(x + j) * inv_t - max);
			vec e = exp_within(y);

			s += e;
			w = fma_of(e, y, w);
		}
		*total += (double)vec_sum(s);
		*weighted += (double)vec_sum(w);
	}
	for (; j < v; j++) {
		vec y = vec_max(splat(EXP_LEAST), splat(x[j] * inv_t - max));
		vec e = exp_within(y);

		*total += (double)e[0];
		*weighted += (double)(e[0] * y[0]);
	}
}

/*
 * H = lse - sum p x.  NaN passes through, and so does an infinite logit: its
 * row's log-probabilities are not finite.
 */
static void logprob_row(float *logp, float *entropy, float *lse, const float *x,
			int32_t target, int64_t v, float inv_t)
{
	float max = row_max(x, v) * inv_t;
	double total, weighted;

	row_sums(&total, &weighted, x, v, max, inv_t);
	*lse = max + (float)log(total);
	*logp = x[target] * inv_t - *lse;
	if (entropy)
		*entropy = (float)(log(total) - weighted / total);
}

static void logprob(float *logp, float *entropy, float *lse,
		    const float *logits, const int32_t *target, int64_t n,
		    int64_t v, float inv_t)
{
#pragma omp parallel for schedule(static) if (n > 1)
	for (int64_t i = 0; i < n; i++)
		logprob_row(logp + i, entropy ? entropy + i : NULL, lse + i,
			    logits + i * v, target[i], v, inv_t);
}

/*
 * d logp/dx_j = (1[j = target] - p_j) / T
 * d H/dx_j    = -p_j (log p_j + H) / T
 */
static void logprob_backward(float *logits, const int32_t *target,
			     const float *dlogp, const float *dentropy,
			     const float *entropy, const float *lse, int64_t n,
			     int64_t v, float inv_t)
{
#pragma omp parallel for schedule(static) if (n > 1)
	for (int64_t i = 0; i < n; i++) {
		float *x = logits + i * v;
		float g = dlogp[i] * inv_t, l = lse[i];
		float e = dentropy ? dentropy[i] * inv_t : 0;
		float h = dentropy ? entropy[i] : 0;
		int64_t j = 0;

		for (; j + VL <= v; j += VL) {
			vec y =
			    vec_max(splat(EXP_LEAST), load(x + j) * inv_t - l);

			store(x + j, -exp_within(y) * (g + e * (y + h)));
		}
		for (; j < v; j++) {
			vec y =
			    vec_max(splat(EXP_LEAST), splat(x[j] * inv_t - l));

			x[j] = -exp_within(y)[0] * (g + e * (y[0] + h));
		}
		x[target[i]] += g;
	}
}

static double softmax_row(float *probs, float *max_out, const float *x,
			  int64_t v, float inv_t)
{
	float max = row_max(x, v) * inv_t;
	double total = 0;
	int64_t j = 0;

	while (j + VL <= v) {
		int64_t end = min64(v / VL * VL, j + 64 * VL);
		vec s = {0};

		for (; j < end; j += VL) {
			vec e = exp_below(load(x + j) * inv_t - max);

			store(probs + j, e);
			s += e;
		}
		total += (double)vec_sum(s);
	}
	for (; j < v; j++) {
		probs[j] = exp1(x[j] * inv_t - max);
		total += (double)probs[j];
	}
	*max_out = max;
	return total;
}

/* ------------------------------------------------------------ optimizer */

static double sum_squares(const float *x, int64_t n)
{
	double part[N_CHUNKS], total = 0;

#pragma omp parallel for schedule(static) if (n > 4096)
	for (int c = 0; c < N_CHUNKS; c++) {
		int64_t i = n * c / N_CHUNKS, end = n * (c + 1) / N_CHUNKS;

		part[c] = 0;
		while (i < end) {
			int64_t stop = min64(end, i + 1024);

			part[c] += (double)dot(x + i, x + i, stop - i);
			i = stop;
		}
	}
	for (int c = 0; c < N_CHUNKS; c++)
		total += part[c];
	return total;
}

/* Decoupled weight decay, as torch.optim.AdamW orders it. */
static void adamw(float *w, float *m, float *v, const float *g, int64_t n,
		  const grpo__adamw_args *a)
{
	float decay = 1.0f - a->lr * a->weight_decay;
	float step = a->lr / a->bias1, root = 1.0f / sqrtf(a->bias2);

#pragma omp parallel for simd schedule(static) if (n > 4096)
	for (int64_t i = 0; i < n; i++) {
		float x = g[i] * a->grad_scale;

		m[i] += (1.0f - a->beta1) * (x - m[i]);
		v[i] = a->beta2 * v[i] + (1.0f - a->beta2) * x * x;
		w[i] =
		    w[i] * decay - step * m[i] / (sqrtf(v[i]) * root + a->eps);
	}
}

static int adamw_finite(const float *w, const float *m, const float *v,
			const float *g, int64_t n, const grpo__adamw_args *a)
{
	float decay = 1.0f - a->lr * a->weight_decay;
	float step = a->lr / a->bias1, root = 1.0f / sqrtf(a->bias2);
	int64_t wrong = 0;

#pragma omp parallel for simd schedule(static) reduction(+ : wrong) if (n > 4096)
	for (int64_t i = 0; i < n; i++) {
		float x = g[i] * a->grad_scale;
		float mi = m[i] + (1.0f - a->beta1) * (x - m[i]);
		float vi = a->beta2 * v[i] + (1.0f - a->beta2) * x * x;
		float wi =
		    w[i] * decay - step * mi / (sqrtf(vi) * root + a->eps);

		wrong += !(fabsf(mi) <= FLT_MAX) | !(vi <= FLT_MAX) |
			 !(fabsf(wi) <= FLT_MAX);
	}
	return wrong == 0;
}

static void mix(float *y, const float *x, float alpha, int64_t n)
{
#pragma omp parallel for simd schedule(static) if (n > 4096)
	for (int64_t i = 0; i < n; i++)
		y[i] = (1.0f - alpha) * y[i] + alpha * x[i];
}

#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)
#define TEXT_(a) #a
#define TEXT(a) TEXT_(a)

extern const grpo__kernels PASTE(grpo__kernels_, GRPO_ISA);
const grpo__kernels PASTE(grpo__kernels_, GRPO_ISA) = {
    .isa = TEXT(GRPO_ISA),
    .rmsnorm = rmsnorm,
    .rmsnorm_backward = rmsnorm_backward,
    .rope = rope,
    .linear_few = linear_few,
    .attention = attention,
    .attention_backward = attention_backward,
    .attention_decode = attention_decode,
    .kv_store = kv_store,
    .swiglu = swiglu,
    .swiglu_backward = swiglu_backward,
    .add_bias = add_bias,
    .column_sums = column_sums,
    .embed = embed,
    .embed_backward = embed_backward,
    .gather = gather,
    .scatter_add = scatter_add,
    .logprob = logprob,
    .logprob_backward = logprob_backward,
    .softmax_row = softmax_row,
    .sum_squares = sum_squares,
    .adamw = adamw,
    .adamw_finite = adamw_finite,
    .mix = mix,
};
