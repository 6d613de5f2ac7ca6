/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TORCH_KERNELS_ATTENTION_H
#define GRPO_TORCH_KERNELS_ATTENTION_H

/*
 * Segmented attention for kernels.c, which alone includes this.  Keys stand
 * transposed by sixteens, [keys/16, d, 16], so that scores are sums over d of
 * vectors of keys that lie in a row; values stand [keys, d], so that outputs
 * are sums over keys of vectors of d.  The three products below hold a tile
 * of sums in registers.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "torch/kernels.h"
#include "torch/kernels_vec.h"

#define LANE 16       /* keys that stand together: the widest vector */
#define PAIR (2 * VL) /* keys that a tile of scores is wide */
#define BLOCK 4       /* queries, or keys, that a tile is high */
#define ROWS 32       /* queries whose probabilities backward keeps */

/* ------------------------------------------------------------- products */

/* Key `at` of d dimensions; it goes on every LANE floats. */
INLINE int64_t key_at(int64_t at, int64_t d)
{
	return at / LANE * LANE * d + at % LANE;
}

/*
 * s[r][0 … n_keys) = q[r] · keys for nq rows; n_keys is rounded up to PAIR,
 * for which s and kt have room.  u sums run beside each other where few rows
 * would leave the adders waiting.
 */
INLINE void scores_n(float *s, int64_t ld_s, const float *const *q,
		     const float *kt, int32_t d, int64_t n_keys, const int nq,
		     const int u)
{
	for (int64_t j = 0; j < n_keys; j += PAIR) {
		const float *k0 = kt + key_at(j, d);
		const float *k1 = kt + key_at(j + VL, d);
		vec a[BLOCK][BLOCK][2] = {{{{0}}}};
		int32_t k = 0;

		for (; k + u <= d; k += u)
			for (int x = 0; x < u; x++) {
				vec c0 = load(k0 + (k + x) * LANE);
				vec c1 = load(k1 + (k + x) * LANE);

				for (int r = 0; r < nq; r++) {
					vec b = splat(q[r][k + x]);

					a[r][x][0] = fma_of(b, c0, a[r][x][0]);
					a[r][x][1] = fma_of(b, c1, a[r][x][1]);
				}
			}
		for (; k < d; k++)
			for (int r = 0; r < nq; r++) {
				vec b = splat(q[r][k]);

				a[r][0][0] =
				    fma_of(b, load(k0 + k * LANE), a[r][0][0]);
				a[r][0][1] =
				    fma_of(b, load(k1 + k * LANE), a[r][0][1]);
			}
		for (int r = 0; r < nq; r++) {
			for (int x = 1; x < u; x++) {
				a[r][0][0] += a[r][x][0];
				a[r][0][1] += a[r][x][1];
			}
			store(s + r * ld_s + j, a[r][0][0]);
			store(s + r * ld_s + j + VL, a[r][0][1]);
		}
	}
}

static void scores(float *s, int64_t ld_s, const float *const *q,
		   const float *kt, int32_t d, int64_t n_keys, int nq)
{
	switch (nq) {
	case 1:
		scores_n(s, ld_s, q, kt, d, n_keys, 1, 4);
		break;
	case 2:
		scores_n(s, ld_s, q, kt, d, n_keys, 2, 2);
		break;
	case 3:
		scores_n(s, ld_s, q, kt, d, n_keys, 3, 1);
		break;
	default:
		scores_n(s, ld_s, q, kt, d, n_keys, 4, 1);
	}
}

/* out[r][0 … w vectors) += p[r][0 … n_keys) · v [n_keys, ld_v] */
INLINE void mix_tile(float *out, int64_t ld_o, const float *p, int64_t ld_p,
		     const float *v, int64_t ld_v, int64_t n_keys, const int nq,
		     const int w, const int u)
{
	vec a[BLOCK][BLOCK][2] = {{{{0}}}};
	int64_t j = 0;

	for (; j + u <= n_keys; j += u)
		for (int x = 0; x < u; x++)
			for (int c = 0; c < w; c++) {
				vec b = load(v + (j + x) * ld_v + c * VL);

				for (int r = 0; r < nq; r++)
					a[r][x][c] =
					    fma_of(splat(p[r * ld_p + j + x]),
						   b, a[r][x][c]);
			}
	for (; j < n_keys; j++)
		for (int c = 0; c < w; c++)
			for (int r = 0; r < nq; r++)
				a[r][0][c] = fma_of(splat(p[r * ld_p + j]),
						    load(v + j * ld_v + c * VL),
						    a[r][0][c]);
	for (int r = 0; r < nq; r++)
		for (int c = 0; c < w; c++) {
			float *o = out + r * ld_o + c * VL;

			for (int x = 1; x < u; x++)
				a[r][0][c] += a[r][x][c];
			store(o, load(o) + a[r][0][c]);
		}
}

INLINE void mix_n(float *out, int64_t ld_o, const float *p, int64_t ld_p,
		  const float *v, int64_t ld_v, int32_t d, int64_t n_keys,
		  const int nq, const int u)
{
	int32_t k = 0;

	for (; k + 2 * VL <= d; k += 2 * VL)
		mix_tile(out + k, ld_o, p, ld_p, v + k, ld_v, n_keys, nq, 2, u);
	for (; k + VL <= d; k += VL)
		mix_tile(out + k, ld_o, p, ld_p, v + k, ld_v, n_keys, nq, 1, u);
	for (int r = 0; r < nq && k < d; r++)
		for (int64_t j = 0; j < n_keys; j++)
			for (int32_t c = k; c < d; c++)
				out[r * ld_o + c] +=
				    p[r * ld_p + j] * v[j * ld_v + c];
}

/* out[r][0 … d) += p[r][0 … n_keys) · v [n_keys, ld_v] for nq rows. */
static void mix_values(float *out, int64_t ld_o, const float *p, int64_t ld_p,
		       const float *v, int64_t ld_v, int32_t d, int64_t n_keys,
		       int nq)
{
	switch (nq) {
	case 1:
		mix_n(out, ld_o, p, ld_p, v, ld_v, d, n_keys, 1, 4);
		break;
	case 2:
		mix_n(out, ld_o, p, ld_p, v, ld_v, d, n_keys, 2, 2);
		break;
	case 3:
		mix_n(out, ld_o, p, ld_p, v, ld_v, d, n_keys, 3, 1);
		break;
	default:
		mix_n(out, ld_o, p, ld_p, v, ld_v, d, n_keys, 4, 1);
	}
}

/* acc[j][0 … w vectors) += sum_r p[r][j] x[r] for BLOCK keys j */
INLINE void outer_tile(float *acc, int64_t ld_a, const float *p, int64_t ld_p,
		       const float *x, int64_t ld_x, int64_t rows, const int w)
{
	vec a[BLOCK][2];

	for (int j = 0; j < BLOCK; j++)
		for (int c = 0; c < w; c++)
			a[j][c] = load(acc + j * ld_a + c * VL);
	for (int64_t r = 0; r < rows; r++)
		for (int c = 0; c < w; c++) {
			vec b = load(x + r * ld_x + c * VL);

			for (int j = 0; j < BLOCK; j++)
				a[j][c] =
				    fma_of(splat(p[r * ld_p + j]), b, a[j][c]);
		}
	for (int j = 0; j < BLOCK; j++)
		for (int c = 0; c < w; c++)
			store(acc + j * ld_a + c * VL, a[j][c]);
}

/*
 * acc [keys, dp] += p' x: p [rows, ld_p], x [rows, dp].  Row r sees the keys
 * 0 … seen + r, the others' p is zero up to the next whole tile.
 */
static void outer_add(float *acc, const float *p, int64_t ld_p, const float *x,
		      int32_t dp, int64_t rows, int64_t seen)
{
	for (int64_t j = 0; j < seen + rows; j += BLOCK) {
		int64_t r = max64(0, j - seen);
		const float *pr = p + r * ld_p + j, *xr = x + r * dp;
		float *to = acc + j * dp;
		int32_t k = 0;

		for (; k + 2 * VL <= dp; k += 2 * VL)
			outer_tile(to + k, dp, pr, ld_p, xr + k, dp, rows - r,
				   2);
		for (; k < dp; k += VL)
			outer_tile(to + k, dp, pr, ld_p, xr + k, dp, rows - r,
				   1);
	}
}

/*
 * s[0 … n) becomes exp(s*scale - max), then zeros up to `room`, which is
 * whole vectors.  Returns the sum.
 */
INLINE float softmax_in_place(float *s, float *max_out, int64_t n, int64_t room,
			      float scale)
{
	vec most, sum = {0};
	float max;

	for (int64_t j = n; j < room; j++)
		s[j] = -INFINITY;
	most = load(s);
	for (int64_t j = VL; j < room; j += VL)
		most = vec_max(load(s + j), most);
	max = vec_largest(most) * scale;
	for (int64_t j = 0; j < room; j += VL) {
		vec e =
		    exp_below(fma_of(load(s + j), splat(scale), splat(-max)));

		store(s + j, e);
		sum += e;
	}
	for (int64_t j = n; j < room; j++)
		s[j] = 0; /* what was there, 1e-38, is lost in the sum */
	*max_out = max;
	return vec_sum(sum);
}

/* -------------------------------------------------------------- scratch */

/* What one thread needs for a family of segments and one kv head. */
struct scratch {
	float *kt, *vt; /* [ld/LANE, d, LANE] */
	float *k, *v;   /* [ld, dp] */
	float *dk, *dv; /* [ld, dp] */
	float *s, *ds;  /* [rows, ld]; rows are BLOCK, in backward ROWS */
	float *q, *o;   /* [rows, dp] */
	float *dq;      /* [BLOCK, dp] */
	int64_t ld;
	int32_t dp; /* d in whole vectors */
	float *memory;
};

static float *carve(float **p, int64_t n)
{
	float *at = *p;

	*p += n;
	return at;
}

static int scratch_init(struct scratch *m, int64_t max_keys, int32_t d,
			int backward)
{
	int64_t ld = round_up(max_keys, 2 * LANE) + 2 * LANE;
	int32_t dp = (int32_t)round_up(d, VL);
	int64_t rows = backward ? ROWS : BLOCK, kt = d * ld, kv = ld * dp, n;
	float *p;

	n = kt + kv + rows * (ld + 2 * dp) + BLOCK * dp;
	if (backward)
		n += kt + 3 * kv + rows * ld;
	p = m->memory = calloc((size_t)n, sizeof *p);
	if (!p)
		return -1;
	m->ld = ld;
	m->dp = dp;
	m->kt = carve(&p, kt);
	m->v = carve(&p, kv);
	m->s = carve(&p, rows * ld);
	m->q = carve(&p, rows * dp);
	m->o = carve(&p, rows * dp);
	m->dq = carve(&p, BLOCK * dp);
	if (backward) {
		m->vt = carve(&p, kt);
		m->k = carve(&p, kv);
		m->dk = carve(&p, kv);
		m->dv = carve(&p, kv);
		m->ds = carve(&p, rows * ld);
	}
	return 0;
}

static void put_key(float *to, const float *from, int32_t d)
{
	for (int32_t c = 0; c < d; c++)
		to[c * LANE] = from[c];
}

static void put_4_keys(float *to, const float *from, int64_t ld_f, int32_t d)
{
	int32_t c = 0;

	for (; c + 4 <= d; c += 4)
		transpose_4(to + c * LANE, LANE, from + c, ld_f);
	for (; c < d; c++)
		for (int i = 0; i < 4; i++)
			to[c * LANE + i] = from[i * ld_f + c];
}

/* Rows d wide, ld_f apart, into rows of dp. */
static void pack_rows(float *to, int32_t dp, const float *from, int64_t ld_f,
		      int64_t n, int32_t d)
{
	for (int64_t j = 0; j < n; j++)
		memcpy(to + j * dp, from + j * ld_f, (size_t)d * sizeof *to);
}

/* Puts n rows d wide at key `at`, four at a time where those stand together. */
static void put_keys(float *kt, int64_t at, const float *from, int64_t ld_f,
		     int64_t n, int32_t d)
{
	int64_t j = 0;

	for (; j < n && (at + j) % 4; j++)
		put_key(kt + key_at(at + j, d), from + j * ld_f, d);
	for (; j + 4 <= n; j += 4)
		put_4_keys(kt + key_at(at + j, d), from + j * ld_f, ld_f, d);
	for (; j < n; j++)
		put_key(kt + key_at(at + j, d), from + j * ld_f, d);
}

/* Packs keys and values of tokens from … from+n-1 at key position `at`. */
static void pack_kv(struct scratch *m, const float *qkv, int64_t ld_x,
		    int64_t from, int64_t n, int64_t at, int32_t kv,
		    const grpo__heads *h, int backward)
{
	const float *k = qkv + from * ld_x + (h->n_q + kv) * h->d;
	const float *v = k + h->n_kv * h->d;

	put_keys(m->kt, at, k, ld_x, n, h->d);
	pack_rows(m->v + at * m->dp, m->dp, v, ld_x, n, h->d);
	if (!backward)
		return;
	put_keys(m->vt, at, v, ld_x, n, h->d);
	pack_rows(m->k + at * m->dp, m->dp, k, ld_x, n, h->d);
}

/* -------------------------------------------------------------- forward */

/* Queries of one segment and head: tokens from … from+n-1 with `before`
 * keys of the prefix before their own. */
static void attend(struct scratch *m, float *out, float *lse, const float *qkv,
		   int64_t from, int64_t n, int64_t before, int32_t head,
		   const grpo__heads *h)
{
	int64_t ld_x = (h->n_q + 2 * h->n_kv) * h->d, ld_o = h->n_q * h->d;

	for (int64_t i = 0; i < n; i += BLOCK) {
		int nq = (int)min64(BLOCK, n - i);
		int64_t keys = before + i + nq, room = round_up(keys, PAIR);
		const float *q[BLOCK];
		float norm[BLOCK];

		for (int r = 0; r < nq; r++)
			q[r] = qkv + (from + i + r) * ld_x + head * h->d;
		scores(m->s, m->ld, q, m->kt, h->d, room, nq);
		for (int r = 0; r < nq; r++) {
			float max, sum = softmax_in_place(
				       m->s + r * m->ld, &max,
				       before + i + r + 1, room, h->scale);

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
			attend(m, out, lse, qkv, from, n, before, kv * rep + r,
			       h);
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

/* ------------------------------------------------------------- backward */

/* A slice of queries of one head: tokens from … from+n-1, n <= ROWS, the
 * first of which sees `seen` keys before its own. */
struct slice {
	int64_t from, n, seen;
	int32_t head;
};

/* s[0 … n) becomes exp(s*scale - lse), then zeros up to `room`. */
INLINE void probabilities(float *s, float lse, int64_t n, int64_t room,
			  float scale)
{
	for (int64_t j = 0; j < n; j += VL)
		store(s + j, exp_below(fma_of(load(s + j), splat(scale),
					      splat(-lse))));
	for (int64_t j = n; j < room; j++)
		s[j] = 0;
}

/* ds, where the gradient dp of p is, becomes p (dp - delta) scale. */
INLINE void score_gradient(float *ds, const float *p, float delta, int64_t room,
			   float scale)
{
	for (int64_t j = 0; j < room; j += VL)
		store(ds + j, load(p + j) * (load(ds + j) - delta) * scale);
}

/* Probabilities and their scores' gradients for rows i … i+nq-1 of a slice,
 * and the gradient of their queries. */
static void block_backward(struct scratch *m, float *dqkv, const float *out,
			   const float *lse, const struct slice *a, int64_t i,
			   int nq, const grpo__heads *h)
{
	int64_t ld_x = (h->n_q + 2 * h->n_kv) * h->d, ld_o = h->n_q * h->d;
	int64_t keys = a->seen + i + nq, room = round_up(keys, PAIR);
	float *s = m->s + i * m->ld, *ds = m->ds + i * m->ld;
	const float *q[BLOCK], *g[BLOCK];

	for (int r = 0; r < nq; r++) {
		q[r] = m->q + (i + r) * m->dp;
		g[r] = m->o + (i + r) * m->dp;
	}
	scores(s, m->ld, q, m->kt, h->d, room, nq);
	scores(ds, m->ld, g, m->vt, h->d, room, nq);
	for (int r = 0; r < nq; r++) {
		int64_t t = a->from + i + r;
		float delta = dot(g[r], out + t * ld_o + a->head * h->d, h->d);

		probabilities(s + r * m->ld, lse[t * h->n_q + a->head],
			      a->seen + i + r + 1, room, h->scale);
		score_gradient(ds + r * m->ld, s + r * m->ld, delta, room,
			       h->scale);
	}
	memset(m->dq, 0, sizeof *m->dq * (size_t)(BLOCK * m->dp));
	mix_values(m->dq, m->dp, ds, m->ld, m->k, m->dp, m->dp, keys, nq);
	for (int r = 0; r < nq; r++)
		memcpy(dqkv + (a->from + i + r) * ld_x + a->head * h->d,
		       m->dq + r * m->dp, (size_t)h->d * sizeof *dqkv);
}

static void slice_backward(struct scratch *m, float *dqkv, const float *dout,
			   const float *out, const float *lse, const float *qkv,
			   const struct slice *a, const grpo__heads *h)
{
	int64_t ld_x = (h->n_q + 2 * h->n_kv) * h->d, ld_o = h->n_q * h->d;

	pack_rows(m->q, m->dp, qkv + a->from * ld_x + a->head * h->d, ld_x,
		  a->n, h->d);
	pack_rows(m->o, m->dp, dout + a->from * ld_o + a->head * h->d, ld_o,
		  a->n, h->d);
	for (int64_t i = 0; i < a->n; i += BLOCK)
		block_backward(m, dqkv, out, lse, a, i,
			       (int)min64(BLOCK, a->n - i), h);
	outer_add(m->dk, m->ds, m->ld, m->q, m->dp, a->n, a->seen);
	outer_add(m->dv, m->s, m->ld, m->o, m->dp, a->n, a->seen);
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

static void family_backward(struct scratch *m, float *dqkv, const float *dout,
			    const float *out, const float *lse,
			    const float *qkv, const grpo__segments *g,
			    const grpo__heads *h, int64_t family, int32_t kv)
{
	int32_t rep = h->n_q / h->n_kv;
	int64_t ld_x = (h->n_q + 2 * h->n_kv) * h->d;
	int64_t first = g->family[family], last = g->family[family + 1];
	int64_t n_first = g->start[first + 1] - g->start[first];

	for (int64_t s = first; s < last; s++) {
		int64_t from = g->start[s], n = g->start[s + 1] - from;
		int64_t before = s == first ? 0 : n_first;
		/* whole tiles: what outer_add touches */
		size_t bytes = sizeof *m->dk * (size_t)((n + BLOCK) * m->dp);

		pack_kv(m, qkv, ld_x, from, n, before, kv, h, 1);
		memset(m->dk + before * m->dp, 0, bytes);
		memset(m->dv + before * m->dp, 0, bytes);
		for (int64_t i = 0; i < rep * n;) {
			struct slice a = {
			    .from = from + i % n,
			    .n = min64(ROWS, n - i % n),
			    .seen = before + i % n,
			    .head = (int32_t)(kv * rep + i / n),
			};

			slice_backward(m, dqkv, dout, out, lse, qkv, &a, h);
			i += a.n;
		}
		if (s != first)
			unpack_kv(m, dqkv, ld_x, from, n, before, kv, h);
	}
	unpack_kv(m, dqkv, ld_x, g->start[first], n_first, 0, kv, h);
}

static int attention_backward(float *dqkv, const float *dout, const float *out,
			      const float *lse, const float *qkv,
			      const grpo__segments *g, const grpo__heads *h)
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
	const float *k = qkv + h->n_q * h->d, *values = k + h->n_kv * h->d;

	for (int32_t g = 0; g < h->n_kv; g++) {
		put_keys(kt + g * ld * h->d, at, k + g * h->d, ld_x, n, h->d);
		pack_rows(v + (g * ld + at) * h->d, h->d, values + g * h->d,
			  ld_x, n, h->d);
	}
}

/* Up to BLOCK query heads of one kv head against prompt and own keys. */
static void decode_block(struct scratch *m, float *out, const float *q0,
			 const grpo__kv_view *a, const grpo__kv_view *b,
			 int32_t kv, int32_t d, int nq, float scale)
{
	int64_t keys = a->n + b->n, room = round_up(keys, VL);
	const float *q[BLOCK];
	float norm[BLOCK];

	for (int r = 0; r < nq; r++)
		q[r] = q0 + r * d;
	scores(m->s, m->ld, q, a->kt + kv * d * a->ld, d, round_up(a->n, PAIR),
	       nq);
	scores(m->s + a->n, m->ld, q, b->kt + kv * d * b->ld, d,
	       round_up(b->n, PAIR), nq);
	for (int r = 0; r < nq; r++) {
		float max;

		norm[r] = 1.0f / softmax_in_place(m->s + r * m->ld, &max, keys,
						  room, scale);
	}
	memset(out, 0, sizeof *out * (size_t)(nq * d));
	mix_values(out, d, m->s, m->ld, a->v + kv * a->ld * d, d, d, a->n, nq);
	mix_values(out, d, m->s + a->n, m->ld, b->v + kv * b->ld * d, d, d,
		   b->n, nq);
	for (int r = 0; r < nq; r++)
		for (int32_t c = 0; c < d; c++)
			out[r * d + c] *= norm[r];
}

static void decode_row(struct scratch *m, float *out, const float *q,
		       const grpo__kv_view *prompt, const grpo__kv_view *own,
		       int32_t kv, const grpo__heads *h)
{
	int32_t rep = h->n_q / h->n_kv;

	for (int32_t r = 0; r < rep; r += BLOCK) {
		int64_t at = (kv * rep + r) * h->d;

		decode_block(m, out + at, q + at, prompt, own, kv, h->d,
			     (int)min64(BLOCK, rep - r), h->scale);
	}
}

static int64_t most_keys(const grpo__kv_view *prompt, const grpo__kv_view *own,
			 int64_t n)
{
	int64_t most = 0;

	for (int64_t i = 0; i < n; i++)
		most = max64(most, prompt[i].n + own[i].n);
	return most;
}

static int attention_decode(float *out, const float *qkv,
			    const grpo__kv_view *prompt,
			    const grpo__kv_view *own, int64_t n,
			    const grpo__heads *h)
{
	int64_t ld_x = (h->n_q + 2 * h->n_kv) * h->d, ld_o = h->n_q * h->d;
	int64_t max_keys = most_keys(prompt, own, n);
	int failed = 0;

#pragma omp parallel if (n > 1)
	{
		/* only s is used: no keys are packed */
		struct scratch m = {.ld = round_up(max_keys, PAIR) + 2 * PAIR};
		int bad;

		m.s = calloc((size_t)(BLOCK * m.ld), sizeof *m.s);
		bad = !m.s;
		/* row by row, so that a shared prompt's head stays near */
#pragma omp for schedule(static)
		for (int64_t i = 0; i < n * h->n_kv; i++) {
			int64_t row = i % n;

			if (!bad)
				decode_row(&m, out + row * ld_o,
					   qkv + row * ld_x, &prompt[row],
					   &own[row], (int32_t)(i / n), h);
		}
		if (bad) {
#pragma omp atomic write
			failed = 1;
		}
		free(m.s);
	}
	return failed ? -1 : 0;
}

#endif
