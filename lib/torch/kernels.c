/* SPDX-License-Identifier: MIT */
/*
 * The kernels of kernels.h in the GNU C vector dialect: a vec is as wide as
 * the instruction set that this file is compiled for (-DGRPO_ISA=name).
 */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "torch/kernels.h"

#if defined(__AVX512F__)
#define VL 16
#elif defined(__AVX2__)
#define VL 8
#else
#define VL 4
#endif

typedef float vec __attribute__((vector_size(VL * 4)));
typedef float uvec __attribute__((vector_size(VL * 4), aligned(4), may_alias));
typedef int32_t ivec __attribute__((vector_size(VL * 4)));

#define PAIR (2 * VL) /* keys or columns that the blocked loops take */
#define BLOCK 4       /* queries that they take */
#define N_CHUNKS 64   /* of reductions: fixed, so that sums are too */

#define INLINE static inline __attribute__((always_inline))

INLINE vec load(const float *p)
{
	return *(const uvec *)p;
}

INLINE void store(float *p, vec x)
{
	*(uvec *)p = x;
}

INLINE vec splat(float x)
{
	return x - (vec){0};
}

INLINE float vec_sum(vec x)
{
	float s = 0;

	for (int i = 0; i < VL; i++)
		s += x[i];
	return s;
}

INLINE vec vec_max(vec a, vec b)
{
	ivec m = a > b;

	return (vec)((m & (ivec)a) | (~m & (ivec)b));
}

INLINE vec vec_min(vec a, vec b)
{
	ivec m = a < b;

	return (vec)((m & (ivec)a) | (~m & (ivec)b));
}

INLINE int64_t round_up(int64_t n, int64_t to)
{
	return (n + to - 1) / to * to;
}

INLINE int64_t min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/*
 * exp(x) to about one unit in the last place: x = n ln2 + r, the degree-6
 * polynomial of Cephes expf for e^r, n added to the exponent.  Saturates
 * below -87 and above 88.
 */
INLINE vec vec_exp(vec x)
{
	const vec magic = splat(12582912.0f); /* 1.5 * 2^23: rounds */
	vec t, n, r, p;

	x = vec_min(splat(88.0f), vec_max(splat(-87.0f), x));
	t = x * 1.44269504f + magic;
	n = t - magic;
	r = x - n * 0.693359375f;
	r = r + n * 2.12194440e-4f;
	p = splat(1.9875691500e-4f);
	p = p * r + 1.3981999507e-3f;
	p = p * r + 8.3334519073e-3f;
	p = p * r + 4.1665795894e-2f;
	p = p * r + 1.6666665459e-1f;
	p = p * r + 5.0000001201e-1f;
	p = p * r * r + r + 1.0f;
	return (vec)((ivec)p + ((ivec)t << 23));
}

INLINE float exp1(float x)
{
	return vec_exp(splat(x))[0];
}

/* Sum of f over a row of any length: vectors, then what is left. */
INLINE float dot(const float *a, const float *b, int64_t n)
{
	vec s = {0};
	float r = 0;
	int64_t i = 0;

	for (; i + VL <= n; i += VL)
		s += load(a + i) * load(b + i);
	for (; i < n; i++)
		r += a[i] * b[i];
	return r + vec_sum(s);
}

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
		acc += load(dy + j) * load(w + j) * load(x + j);
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
			rmsnorm_row_backward(dx + i * h,
					     part ? own + c * h : dw,
					     dy + i * h, x + i * h, w, rstd[i],
					     h);
	if (part)
		add_partials(dw, part, h);
	free(part);
}

/* ----------------------------------------------------------------- rope */

static void rope(float *x, int64_t ld, const int32_t *position,
		 const float *cos, const float *sin, int64_t n,
		 int32_t n_heads, int32_t d, float sign)
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

/* ------------------------------------------------------------ attention */

/*
 * s[r][0 … n_keys) = q[r] · keys, for nq query rows, keys transposed
 * [d, ld].  n_keys is rounded up to PAIR: s and kt have room.
 */
INLINE void scores_n(float *s, int64_t ld_s, const float *const *q,
		     const float *kt, int64_t ld, int32_t d, int64_t n_keys,
		     const int nq)
{
	for (int64_t j = 0; j < n_keys; j += PAIR) {
		vec a[BLOCK][2] = {{{0}}};

		for (int32_t k = 0; k < d; k++) {
			vec k0 = load(kt + k * ld + j);
			vec k1 = load(kt + k * ld + j + VL);

			for (int r = 0; r < nq; r++) {
				a[r][0] += q[r][k] * k0;
				a[r][1] += q[r][k] * k1;
			}
		}
		for (int r = 0; r < nq; r++) {
			store(s + r * ld_s + j, a[r][0]);
			store(s + r * ld_s + j + VL, a[r][1]);
		}
	}
}

static void scores(float *s, int64_t ld_s, const float *const *q,
		   const float *kt, int64_t ld, int32_t d, int64_t n_keys,
		   int nq)
{
	switch (nq) {
	case 1:
		scores_n(s, ld_s, q, kt, ld, d, n_keys, 1);
		break;
	case 2:
		scores_n(s, ld_s, q, kt, ld, d, n_keys, 2);
		break;
	case 3:
		scores_n(s, ld_s, q, kt, ld, d, n_keys, 3);
		break;
	default:
		scores_n(s, ld_s, q, kt, ld, d, n_keys, 4);
	}
}

/* out[r][0 … dp) += p[r][0 … n_keys) · v [n_keys, ld_v], dp by PAIR. */
INLINE void mix_n(float *out, int64_t ld_o, const float *p, int64_t ld_p,
		  const float *v, int64_t ld_v, int32_t dp, int64_t n_keys,
		  const int nq)
{
	for (int32_t k = 0; k < dp; k += PAIR) {
		vec a[BLOCK][2];

		for (int r = 0; r < nq; r++) {
			a[r][0] = load(out + r * ld_o + k);
			a[r][1] = load(out + r * ld_o + k + VL);
		}
		for (int64_t j = 0; j < n_keys; j++) {
			vec v0 = load(v + j * ld_v + k);
			vec v1 = load(v + j * ld_v + k + VL);

			for (int r = 0; r < nq; r++) {
				a[r][0] += p[r * ld_p + j] * v0;
				a[r][1] += p[r * ld_p + j] * v1;
			}
		}
		for (int r = 0; r < nq; r++) {
			store(out + r * ld_o + k, a[r][0]);
			store(out + r * ld_o + k + VL, a[r][1]);
		}
	}
}

static void mix_values(float *out, int64_t ld_o, const float *p, int64_t ld_p,
		       const float *v, int64_t ld_v, int32_t dp,
		       int64_t n_keys, int nq)
{
	switch (nq) {
	case 1:
		mix_n(out, ld_o, p, ld_p, v, ld_v, dp, n_keys, 1);
		break;
	case 2:
		mix_n(out, ld_o, p, ld_p, v, ld_v, dp, n_keys, 2);
		break;
	case 3:
		mix_n(out, ld_o, p, ld_p, v, ld_v, dp, n_keys, 3);
		break;
	default:
		mix_n(out, ld_o, p, ld_p, v, ld_v, dp, n_keys, 4);
	}
}

/* acc [n_keys, dp] += sum_r p[r][j] x[r], x [BLOCK, dp]. */
static void outer_add(float *acc, const float *p, int64_t ld_p,
		      const float *x, int32_t dp, int64_t n_keys)
{
	for (int32_t k = 0; k < dp; k += PAIR) {
		vec b[BLOCK][2];

		for (int r = 0; r < BLOCK; r++) {
			b[r][0] = load(x + r * dp + k);
			b[r][1] = load(x + r * dp + k + VL);
		}
		for (int64_t j = 0; j < n_keys; j++) {
			float *o = acc + j * dp + k;
			vec a0 = load(o), a1 = load(o + VL);

			for (int r = 0; r < BLOCK; r++) {
				a0 += p[r * ld_p + j] * b[r][0];
				a1 += p[r * ld_p + j] * b[r][1];
			}
			store(o, a0);
			store(o + VL, a1);
		}
	}
}

/* s[0 … n) becomes exp(s*scale - max); 0 up to `room`.  Returns the sum. */
INLINE float softmax_in_place(float *s, float *max_out, int64_t n,
			      int64_t room, float scale)
{
	float max = s[0], sum = 0;
	vec acc = {0};
	int64_t j = 0;

	for (int64_t i = 1; i < n; i++)
		max = s[i] > max ? s[i] : max;
	max *= scale;
	for (; j + VL <= n; j += VL) {
		vec e = vec_exp(load(s + j) * scale - max);

		store(s + j, e);
		acc += e;
	}
	for (; j < n; j++) {
		s[j] = exp1(s[j] * scale - max);
		sum += s[j];
	}
	for (; j < room; j++)
		s[j] = 0;
	*max_out = max;
	return sum + vec_sum(acc);
}

/* What one thread needs for a family of segments and one kv head. */
struct scratch {
	float *kt, *vt;       /* [d, ld] */
	float *k, *v;         /* [ld, dp] */
	float *dk, *dv;       /* [ld, dp] */
	float *s, *ds;        /* [BLOCK, ld] */
	float *q, *o, *dq;    /* [BLOCK, dp] */
	int64_t ld;
	int32_t dp;
	float *memory;
};

static int scratch_init(struct scratch *m, int64_t max_keys, int32_t d,
			int backward)
{
	int64_t ld = round_up(max_keys, PAIR) + PAIR;
	int32_t dp = (int32_t)round_up(d, PAIR);
	int64_t kt = d * ld, kv = ld * dp, n;
	float *p;

	n = kt + kv + BLOCK * ld + 3 * BLOCK * dp;
	if (backward)
		n += kt + 3 * kv + BLOCK * ld;
	p = m->memory = calloc((size_t)n, sizeof *p);
	if (!p)
		return -1;
	m->ld = ld;
	m->dp = dp;
	m->kt = p, p += kt;
	m->v = p, p += kv;
	m->s = p, p += BLOCK * ld;
	m->q = p, p += BLOCK * dp;
	m->o = p, p += BLOCK * dp;
	m->dq = p, p += BLOCK * dp;
	if (backward) {
		m->vt = p, p += kt;
		m->k = p, p += kv;
		m->dk = p, p += kv;
		m->dv = p, p += kv;
		m->ds = p;
	}
	return 0;
}

/* Packs keys and values of tokens from … from+n-1 at key position `at`. */
static void pack_kv(struct scratch *m, const float *qkv, int64_t ld_x,
		    int64_t from, int64_t n, int64_t at, int32_t kv,
		    const grpo__heads *h, int backward)
{
	const float *k = qkv + from * ld_x + (h->n_q + kv) * h->d;
	const float *v = k + h->n_kv * h->d;

	for (int64_t j = 0; j < n; j++) {
		for (int32_t c = 0; c < h->d; c++)
			m->kt[c * m->ld + at + j] = k[j * ld_x + c];
		memcpy(m->v + (at + j) * m->dp, v + j * ld_x,
		       (size_t)h->d * sizeof *v);
	}
	if (!backward)
		return;
	for (int64_t j = 0; j < n; j++) {
		for (int32_t c = 0; c < h->d; c++)
			m->vt[c * m->ld + at + j] = v[j * ld_x + c];
		memcpy(m->k + (at + j) * m->dp, k + j * ld_x,
		       (size_t)h->d * sizeof *k);
	}
}

/* Queries of one segment and head: tokens from … from+n-1 with `before`
 * keys of the prefix before their own. */
static void attend(struct scratch *m, float *out, float *lse,
		   const float *qkv, int64_t from, int64_t n, int64_t before,
		   int32_t head, const grpo__heads *h)
{
	int64_t ld_x = (h->n_q + 2 * h->n_kv) * h->d, ld_o = h->n_q * h->d;

	for (int64_t i = 0; i < n; i += BLOCK) {
		int nq = (int)min64(BLOCK, n - i);
		int64_t keys = before + i + nq, room = round_up(keys, PAIR);
		const float *q[BLOCK];
		float norm[BLOCK];

		for (int r = 0; r < nq; r++)
			q[r] = qkv + (from + i + r) * ld_x + head * h->d;
		scores(m->s, m->ld, q, m->kt, m->ld, h->d, room, nq);
		for (int r = 0; r < nq; r++) {
			float max, sum = softmax_in_place(
				m->s + r * m->ld, &max, before + i + r + 1,
				room, h->scale);

			norm[r] = 1.0f / sum;
			if (lse)
				lse[(from + i + r) * h->n_q + head] =
					max + logf(sum);
		}
		memset(m->o, 0, sizeof *m->o * (size_t)(BLOCK * m->dp));
		mix_values(m->o, m->dp, m->s, m->ld, m->v, m->dp, m->dp, keys,
			   nq);
		for (int r = 0; r < nq; r++) {
			float *o = out + (from + i + r) * ld_o + head * h->d;

			for (int32_t c = 0; c < h->d; c++)
				o[c] = m->o[r * m->dp + c] * norm[r];
		}
	}
}

static void attend_family(struct scratch *m, float *out, float *lse,
			  const float *qkv, const grpo__segments *g,
			  const grpo__heads *h, int64_t family, int32_t kv)
{
	int32_t rep = h->n_q / h->n_kv;
	int64_t ld_x = (h->n_q + 2 * h->n_kv) * h->d;

	for (int64_t s = g->family[family]; s < g->family[family + 1]; s++) {
		int64_t from = g->start[s], n = g->start[s + 1] - from;
		int64_t p = g->prefix[s];
		int64_t before = p < 0 ? 0 : g->start[p + 1] - g->start[p];

		pack_kv(m, qkv, ld_x, from, n, before, kv, h, 0);
		for (int32_t r = 0; r < rep; r++)
			attend(m, out, lse, qkv, from, n, before,
			       kv * rep + r, h);
	}
}

static int attention(float *out, float *lse, const float *qkv,
		     const grpo__segments *g, const grpo__heads *h)
{
	int64_t items = g->n_families * h->n_kv;
	int failed = 0;

#pragma omp parallel if (items > 1)
	{
		struct scratch m = {0};
		int bad = scratch_init(&m, g->max_keys, h->d, 0);

#pragma omp for schedule(dynamic)
		for (int64_t i = 0; i < items; i++)
			if (!bad)
				attend_family(&m, out, lse, qkv, g, h,
					      i / h->n_kv,
					      (int32_t)(i % h->n_kv));
		if (bad) {
#pragma omp atomic write
			failed = 1;
		}
		free(m.memory);
	}
	return failed ? -1 : 0;
}

/* p of the block from the kept lse; returns nothing beyond each row. */
static void block_probabilities(struct scratch *m, const float *lse,
				int64_t before, int64_t i, int nq,
				int64_t room, float scale)
{
	for (int r = 0; r < BLOCK; r++) {
		float *s = m->s + r * m->ld;
		int64_t n = r < nq ? before + i + r + 1 : 0, j = 0;

		for (; j < n; j += VL)
			store(s + j, vec_exp(load(s + j) * scale - lse[r]));
		for (j = n; j < room; j++)
			s[j] = 0;
	}
}

/* ds = p (dp - D) scale; dp is in m->ds. */
static void block_score_gradient(struct scratch *m, const float *delta,
				 int64_t room, float scale)
{
	for (int r = 0; r < BLOCK; r++) {
		float *ds = m->ds + r * m->ld;
		const float *p = m->s + r * m->ld;

		for (int64_t j = 0; j < room; j += VL)
			store(ds + j, load(p + j) *
					      (load(ds + j) - delta[r]) *
					      scale);
	}
}

/* The rows of a block, d wide, into [BLOCK, dp] with zeros around. */
static void block_rows(float *dst, const float *const *rows, int nq,
		       int32_t d, int32_t dp)
{
	memset(dst, 0, sizeof *dst * (size_t)(BLOCK * dp));
	for (int r = 0; r < nq; r++)
		memcpy(dst + r * dp, rows[r], (size_t)d * sizeof *dst);
}

static void attend_backward(struct scratch *m, float *dqkv,
			    const float *dout, const float *out,
			    const float *lse, const float *qkv, int64_t from,
			    int64_t n, int64_t before, int32_t head,
			    const grpo__heads *h)
{
	int64_t ld_x = (h->n_q + 2 * h->n_kv) * h->d, ld_o = h->n_q * h->d;

	for (int64_t i = 0; i < n; i += BLOCK) {
		int nq = (int)min64(BLOCK, n - i);
		int64_t keys = before + i + nq, room = round_up(keys, PAIR);
		const float *q[BLOCK], *g[BLOCK];
		float l[BLOCK] = {0}, delta[BLOCK] = {0};

		for (int r = 0; r < nq; r++) {
			int64_t t = from + i + r;

			q[r] = qkv + t * ld_x + head * h->d;
			g[r] = dout + t * ld_o + head * h->d;
			l[r] = lse[t * h->n_q + head];
			delta[r] = dot(g[r], out + t * ld_o + head * h->d,
				       h->d);
		}
		scores(m->s, m->ld, q, m->kt, m->ld, h->d, room, nq);
		block_probabilities(m, l, before, i, nq, room, h->scale);
		scores(m->ds, m->ld, g, m->vt, m->ld, h->d, room, nq);
		block_score_gradient(m, delta, room, h->scale);
		block_rows(m->q, q, nq, h->d, m->dp);
		block_rows(m->o, g, nq, h->d, m->dp);
		outer_add(m->dk, m->ds, m->ld, m->q, m->dp, keys);
		outer_add(m->dv, m->s, m->ld, m->o, m->dp, keys);
		memset(m->dq, 0, sizeof *m->dq * (size_t)(BLOCK * m->dp));
		mix_values(m->dq, m->dp, m->ds, m->ld, m->k, m->dp, m->dp,
			   keys, nq);
		for (int r = 0; r < nq; r++)
			memcpy(dqkv + (from + i + r) * ld_x + head * h->d,
			       m->dq + r * m->dp, (size_t)h->d * sizeof *dqkv);
	}
}

/* Writes dk and dv of keys at … at+n-1 to tokens from … */
static void unpack_kv(const struct scratch *m, float *dqkv, int64_t ld_x,
		      int64_t from, int64_t n, int64_t at, int32_t kv,
		      const grpo__heads *h)
{
	float *k = dqkv + from * ld_x + (h->n_q + kv) * h->d;
	float *v = k + h->n_kv * h->d;
	size_t bytes = (size_t)h->d * sizeof *k;

	for (int64_t j = 0; j < n; j++) {
		memcpy(k + j * ld_x, m->dk + (at + j) * m->dp, bytes);
		memcpy(v + j * ld_x, m->dv + (at + j) * m->dp, bytes);
	}
}

static void family_backward(struct scratch *m, float *dqkv,
			    const float *dout, const float *out,
			    const float *lse, const float *qkv,
			    const grpo__segments *g, const grpo__heads *h,
			    int64_t family, int32_t kv)
{
	int32_t rep = h->n_q / h->n_kv;
	int64_t ld_x = (h->n_q + 2 * h->n_kv) * h->d;
	int64_t first = g->family[family], last = g->family[family + 1];
	int64_t n_first = g->start[first + 1] - g->start[first];

	for (int64_t s = first; s < last; s++) {
		int64_t from = g->start[s], n = g->start[s + 1] - from;
		int64_t before = s == first ? 0 : n_first;
		size_t bytes = sizeof *m->dk * (size_t)(n * m->dp);

		pack_kv(m, qkv, ld_x, from, n, before, kv, h, 1);
		memset(m->dk + before * m->dp, 0, bytes);
		memset(m->dv + before * m->dp, 0, bytes);
		for (int32_t r = 0; r < rep; r++)
			attend_backward(m, dqkv, dout, out, lse, qkv, from, n,
					before, kv * rep + r, h);
		if (s != first)
			unpack_kv(m, dqkv, ld_x, from, n, before, kv, h);
	}
	unpack_kv(m, dqkv, ld_x, g->start[first], n_first, 0, kv, h);
}

static int attention_backward(float *dqkv, const float *dout,
			      const float *out, const float *lse,
			      const float *qkv, const grpo__segments *g,
			      const grpo__heads *h)
{
	int64_t items = g->n_families * h->n_kv;
	int failed = 0;

#pragma omp parallel if (items > 1)
	{
		struct scratch m = {0};
		int bad = scratch_init(&m, g->max_keys, h->d, 1);

#pragma omp for schedule(dynamic)
		for (int64_t i = 0; i < items; i++)
			if (!bad)
				family_backward(&m, dqkv, dout, out, lse, qkv,
						g, h, i / h->n_kv,
						(int32_t)(i % h->n_kv));
		if (bad) {
#pragma omp atomic write
			failed = 1;
		}
		free(m.memory);
	}
	return failed ? -1 : 0;
}

/* ------------------------------------------------------------- decoding */

static void kv_store(float *kt, float *v, int64_t ld, int64_t at,
		     const float *qkv, int64_t n, const grpo__heads *h)
{
	int64_t ld_x = (h->n_q + 2 * h->n_kv) * h->d;

	for (int64_t j = 0; j < n; j++) {
		const float *k = qkv + j * ld_x + h->n_q * h->d;

		for (int32_t c = 0; c < h->n_kv * h->d; c++)
			kt[c * ld + at + j] = k[c];
		k += h->n_kv * h->d;
		for (int32_t g = 0; g < h->n_kv; g++)
			memcpy(v + (g * ld + at + j) * h->d, k + g * h->d,
			       (size_t)h->d * sizeof *v);
	}
}

/* out[r][0 … d) += p[r] · v [n, d]; d of any size. */
static void mix_tail(float *out, int64_t ld_o, const float *p, int64_t ld_p,
		     const float *v, int32_t d, int64_t n, int nq)
{
	int32_t whole = d / PAIR * PAIR;

	if (whole)
		mix_values(out, ld_o, p, ld_p, v, d, whole, n, nq);
	if (whole == d)
		return;
	for (int r = 0; r < nq; r++)
		for (int64_t j = 0; j < n; j++)
			for (int32_t c = whole; c < d; c++)
				out[r * ld_o + c] += p[r * ld_p + j] *
						     v[j * d + c];
}

/* Up to BLOCK query heads of one kv head against prompt and own keys. */
static void decode_block(struct scratch *m, float *out, const float *q0,
			 const grpo__kv_view *a, const grpo__kv_view *b,
			 int32_t kv, int32_t d, int nq, float scale)
{
	int64_t room_a = round_up(a->n, PAIR), room_b = round_up(b->n, PAIR);
	const float *q[BLOCK];

	for (int r = 0; r < nq; r++)
		q[r] = q0 + r * d;
	scores(m->s, m->ld, q, a->kt + kv * d * a->ld, a->ld, d, room_a, nq);
	scores(m->s + a->n, m->ld, q, b->kt + kv * d * b->ld, b->ld, d,
	       room_b, nq);
	memset(m->o, 0, sizeof *m->o * (size_t)(BLOCK * m->dp));
	for (int r = 0; r < nq; r++) {
		float max, *s = m->s + r * m->ld;
		float sum = softmax_in_place(s, &max, a->n + b->n, a->n + b->n,
					     scale);

		for (int64_t j = 0; j < a->n + b->n; j++)
			s[j] /= sum;
	}
	mix_tail(m->o, m->dp, m->s, m->ld, a->v + kv * a->ld * d, d, a->n, nq);
	mix_tail(m->o, m->dp, m->s + a->n, m->ld, b->v + kv * b->ld * d, d,
		 b->n, nq);
	for (int r = 0; r < nq; r++)
		memcpy(out + r * d, m->o + r * m->dp,
		       (size_t)d * sizeof *out);
}

static int attention_decode(float *out, const float *qkv,
			    const grpo__kv_view *prompt,
			    const grpo__kv_view *own, int64_t n,
			    const grpo__heads *h)
{
	int64_t ld_x = (h->n_q + 2 * h->n_kv) * h->d, ld_o = h->n_q * h->d;
	int32_t rep = h->n_q / h->n_kv;
	int64_t max_keys = 0;
	int failed = 0;

	for (int64_t i = 0; i < n; i++)
		if (prompt[i].n + own[i].n > max_keys)
			max_keys = prompt[i].n + own[i].n;
#pragma omp parallel if (n > 1)
	{
		struct scratch m = {0};
		int bad;

		/* only s and o are used: no keys are packed */
		m.ld = round_up(max_keys, PAIR) + 2 * PAIR;
		m.dp = (int32_t)round_up(h->d, PAIR);
		m.memory = calloc((size_t)(BLOCK * (m.ld + m.dp)),
				  sizeof *m.memory);
		bad = !m.memory;
		m.s = m.memory;
		m.o = bad ? NULL : m.memory + BLOCK * m.ld;
#pragma omp for schedule(static)
		for (int64_t i = 0; i < n * h->n_kv; i++) {
			int64_t row = i / h->n_kv;
			int32_t kv = (int32_t)(i % h->n_kv);

			for (int32_t r = 0; r < rep && !bad; r += BLOCK) {
				int64_t at = (kv * rep + r) * h->d;

				decode_block(&m, out + row * ld_o + at,
					     qkv + row * ld_x + at,
					     &prompt[row], &own[row], kv, h->d,
					     (int)min64(BLOCK, rep - r),
					     h->scale);
			}
		}
		if (bad) {
#pragma omp atomic write
			failed = 1;
		}
		free(m.memory);
	}
	return failed ? -1 : 0;
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

			store(a + j,
			      x / (1.0f + vec_exp(-x)) * load(u + j));
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
		for (int i = 0; i < VL; i++)
			max = m[i] > max ? m[i] : max;
	}
	for (; j < n; j++)
		max = x[j] > max ? x[j] : max;
	return max;
}

/*
 * H = lse - sum p x.  NaN and infinities pass through: a logit that is not
 * finite gives a log-probability that is not.
 */
static void logprob_row(float *logp, float *entropy, float *lse,
			const float *x, int32_t target, int64_t v, float inv_t)
{
	float max = row_max(x, v) * inv_t, first = 0, sum = 0, mean = 0;
	double total = 0, weighted = 0;
	int64_t j = 0;

	/* blocks, so that long sums keep their precision */
	while (j + VL <= v) {
		int64_t end = min64(v / VL * VL, j + 64 * VL);
		vec s = {0}, w = {0};

		for (; j < end; j += VL) {
			vec y = load(x + j) * inv_t - max, e = vec_exp(y);

			s += e;
			w += e * y;
		}
		total += (double)vec_sum(s);
		weighted += (double)vec_sum(w);
	}
	for (; j < v; j++) {
		first = x[j] * inv_t - max;
		sum = exp1(first);
		total += (double)sum;
		weighted += (double)(sum * first);
	}
	mean = (float)(weighted / total);
	*lse = max + (float)log(total);
	*logp = x[target] * inv_t - *lse;
	if (entropy)
		*entropy = (float)log(total) - mean;
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
			     const float *entropy, const float *lse,
			     int64_t n, int64_t v, float inv_t)
{
#pragma omp parallel for schedule(static) if (n > 1)
	for (int64_t i = 0; i < n; i++) {
		float *x = logits + i * v;
		float g = dlogp[i] * inv_t, l = lse[i];
		float e = dentropy ? dentropy[i] * inv_t : 0;
		float h = dentropy ? entropy[i] : 0;
		int64_t j = 0;

		for (; j + VL <= v; j += VL) {
			vec y = load(x + j) * inv_t - l, p = vec_exp(y);

			store(x + j, -p * (g + e * (y + h)));
		}
		for (; j < v; j++) {
			float y = x[j] * inv_t - l;

			x[j] = -exp1(y) * (g + e * (y + h));
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
			vec e = vec_exp(load(x + j) * inv_t - max);

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
		w[i] = w[i] * decay -
		       step * m[i] / (sqrtf(v[i]) * root + a->eps);
	}
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
	.mix = mix,
};
