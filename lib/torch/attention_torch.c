/* SPDX-License-Identifier: MIT */
/*
 * Segmented attention composed of libtorch's operators.  A family is two
 * calls of attention: its first segment, then all that have it as their
 * prefix, as a batch of B padded to the longest, L: queries [B, n_q, L, d],
 * keys [B, n_kv, P + L, d].  Padding stands at the end, where causality hides
 * it from the tokens that are real, so all of them share one mask.
 */
#include <stdlib.h>
#include "core/fail.h"
#include "core/mem.h"
#include "torch/ops.h"

struct batch {
	int64_t first, b;  /* segments first ... first+b-1 */
	int64_t from, n;   /* their tokens, which are adjacent */
	int64_t prefix, p; /* tokens of the prefix */
	int64_t l;         /* most tokens of a segment */
	int64_t *q;        /* [b*l] token of each query; owns the rest */
	int64_t *kv;       /* [b*(p+l)] token of each key */
	int64_t *back;     /* [n] query of each token */
	float *real;       /* [b*l] 0 for padding */
};

static void batch_free(struct batch *m)
{
	free(m->q);
	free(m->real);
}

/* Tokens, and padding by the batch's first token. */
static void fill_queries(struct batch *m, const grpo__segments *g)
{
	for (int64_t i = 0; i < m->b * m->l; i++) {
		int64_t s = m->first + i / m->l;
		int64_t t = g->start[s] + i % m->l;
		int real = t < g->start[s + 1];

		m->q[i] = real ? t : m->from;
		m->real[i] = real ? 1.0f : 0.0f;
		if (real)
			m->back[t - m->from] = i;
	}
}

static void fill_keys(struct batch *m)
{
	int64_t k = m->p + m->l;

	for (int64_t i = 0; i < m->b * k; i++) {
		int64_t row = i / k, j = i % k;

		m->kv[i] =
		    j < m->p ? m->prefix + j : m->q[row * m->l + j - m->p];
	}
}

/* The segments first ... first+b-1 with the prefix `prefix`, or -1. */
static int batch_init(struct batch *m, const grpo__segments *g, int64_t first,
		      int64_t b, int64_t prefix)
{
	int rc = 0;

	*m = (struct batch){.first = first, .b = b};
	m->from = g->start[first];
	m->n = g->start[first + b] - m->from;
	if (prefix >= 0) {
		m->prefix = g->start[prefix];
		m->p = g->start[prefix + 1] - m->prefix;
	}
	for (int64_t s = first; s < first + b; s++)
		if (g->start[s + 1] - g->start[s] > m->l)
			m->l = g->start[s + 1] - g->start[s];
	m->q =
	    grpo__alloc((size_t)(b * (2 * m->l + m->p) + m->n), sizeof *m->q);
	m->real = grpo__alloc((size_t)(b * m->l), sizeof *m->real);
	GRPO_FAIL_IF(!m->q || !m->real, GRPO_ENOMEM,
		     "out of memory in attention");
	m->kv = m->q + b * m->l;
	m->back = m->kv + b * (m->p + m->l);
	fill_queries(m, g);
	fill_keys(m);
out:
	return rc;
}

/* Heads first ... first+n-1 of rows [b*l, width] as [b, n, l, d]. */
static grpo__h split_heads(grpo__scope *s, grpo__h rows, int64_t b, int64_t l,
			   int64_t first, int64_t n, int64_t d)
{
	grpo__h x = grpo__h_narrow(s, rows, 1, first * d, n * d);

	x = grpo__h_reshape(s, x, 4, (int64_t[]){b, l, n, d});
	return grpo__h_permute(s, x, 4, (int64_t[]){0, 2, 1, 3});
}

/* x [b, n, l, d] as rows [b*l, n*d]. */
static grpo__h join_heads(grpo__scope *s, grpo__h x, int64_t b, int64_t n,
			  int64_t l, int64_t d)
{
	x = grpo__h_permute(s, x, 4, (int64_t[]){0, 2, 1, 3});
	return grpo__h_reshape(s, x, 2, (int64_t[]){b * l, n * d});
}

/* x [n, width] to the columns at head `first` of rows from ... of y. */
static void put_rows(grpo__scope *s, grpo__h y, int64_t from, int64_t n,
		     int64_t first, int64_t heads, int64_t d, grpo__h x,
		     int add)
{
	grpo__h at = grpo__h_narrow(s, y, 0, from, n);

	at = grpo__h_narrow(s, at, 1, first * d, heads * d);
	grpo__h_assign(s, at, add ? grpo__h_add(s, at, x) : x);
}

/* The batch's queries, keys and values: qkv[0 ... 2]. */
static void operands(grpo__scope *s, const struct batch *m, grpo__h *qkv,
		     const grpo__tensor *x, const grpo__heads *h)
{
	int64_t k = m->p + m->l;
	grpo__h rows = grpo__h_from(s, x);
	grpo__h q = grpo__h_index(
	    s, rows, 0, grpo__h_ints(s, m->q, m->b * m->l, x->device));
	grpo__h kv = grpo__h_index(s, rows, 0,
				   grpo__h_ints(s, m->kv, m->b * k, x->device));

	qkv[0] = split_heads(s, q, m->b, m->l, 0, h->n_q, h->d);
	qkv[1] = split_heads(s, kv, m->b, k, h->n_q, h->n_kv, h->d);
	qkv[2] = split_heads(s, kv, m->b, k, h->n_q + h->n_kv, h->n_kv, h->d);
}

static grpo__h attend(grpo__scope *s, const struct batch *m, grpo__h *qkv,
		      int device, const grpo__heads *h)
{
	grpo__h mask = grpo__h_causal(s, m->l, m->p + m->l, device);

	return grpo__h_attention(s, qkv[0], qkv[1], qkv[2], mask,
				 (double)h->scale);
}

static int batch_forward(const struct batch *m, grpo__tensor *out,
			 const grpo__tensor *x, const grpo__heads *h)
{
	grpo__scope s = {0};
	grpo__h qkv[3], y;

	operands(&s, m, qkv, x, h);
	y = attend(&s, m, qkv, x->device, h);
	y = join_heads(&s, y, m->b, h->n_q, m->l, h->d);
	y = grpo__h_index(&s, y, 0, grpo__h_ints(&s, m->back, m->n, x->device));
	put_rows(&s, grpo__h_from(&s, out), m->from, m->n, 0, h->n_q, h->d, y,
		 0);
	return grpo__scope_close(&s);
}

/* d of keys or values [b, n_kv, p+l, d]: own tokens, and the prefix's sum. */
static void put_keys(grpo__scope *s, const struct batch *m, grpo__h dqkv,
		     grpo__h dk, grpo__h back, int64_t first,
		     const grpo__heads *h)
{
	grpo__h own = grpo__h_narrow(s, dk, 2, m->p, m->l), sum;

	own = join_heads(s, own, m->b, h->n_kv, m->l, h->d);
	put_rows(s, dqkv, m->from, m->n, first, h->n_kv, h->d,
		 grpo__h_index(s, own, 0, back), 0);
	if (!m->p)
		return;
	sum = grpo__h_to(s, grpo__h_narrow(s, dk, 2, 0, m->p), GRPO__F32);
	sum = grpo__h_permute(s, grpo__h_sum_rows(s, sum), 3,
			      (int64_t[]){1, 0, 2});
	sum = grpo__h_reshape(s, sum, 2, (int64_t[]){m->p, h->n_kv * h->d});
	put_rows(s, dqkv, m->prefix, m->p, first, h->n_kv, h->d, sum, 1);
}

/* The gradient of the batch's output; that of padding is zero. */
static grpo__h output_gradient(grpo__scope *s, const struct batch *m,
			       const grpo__tensor *dout, const grpo__heads *h)
{
	int64_t n = m->b * m->l;
	grpo__h at = grpo__h_ints(s, m->q, n, dout->device);
	grpo__h real = grpo__h_floats(s, m->real, n, dout->device);
	grpo__h dy = grpo__h_index(s, grpo__h_from(s, dout), 0, at);

	real = grpo__h_to(s, real, dout->dtype);
	real = grpo__h_reshape(s, real, 2, (int64_t[]){n, 1});
	return split_heads(s, grpo__h_mul(s, dy, real), m->b, m->l, 0, h->n_q,
			   h->d);
}

static int batch_backward(const struct batch *m, grpo__tensor *dqkv,
			  const grpo__tensor *dout, const grpo__tensor *x,
			  const grpo__heads *h)
{
	grpo__scope s = {0};
	grpo__h leaf[3], grad[3], y, back, d = grpo__h_from(&s, dqkv);
	int was = grpo__grad_enabled(1);

	operands(&s, m, leaf, x, h);
	for (int i = 0; i < 3; i++)
		leaf[i] = grpo__h_leaf(&s, leaf[i]);
	y = attend(&s, m, leaf, x->device, h);
	grpo__h_backward(&s, y, output_gradient(&s, m, dout, h), leaf, grad, 3);
	grpo__grad_enabled(was);
	back = grpo__h_ints(&s, m->back, m->n, x->device);
	y = join_heads(&s, grad[0], m->b, h->n_q, m->l, h->d);
	put_rows(&s, d, m->from, m->n, 0, h->n_q, h->d,
		 grpo__h_index(&s, y, 0, back), 0);
	put_keys(&s, m, d, grad[1], back, h->n_q, h);
	put_keys(&s, m, d, grad[2], back, h->n_q + h->n_kv, h);
	return grpo__scope_close(&s);
}

/* Forward where dout is NULL: y is out or dqkv. */
static int batch_run(const grpo__segments *g, int64_t first, int64_t b,
		     int64_t prefix, grpo__tensor *y, const grpo__tensor *dout,
		     const grpo__tensor *x, const grpo__heads *h)
{
	struct batch m = {0};
	int rc = 0;

	if (g->start[first + b] == g->start[first])
		return 0;
	GRPO_TRY(batch_init(&m, g, first, b, prefix));
	rc = dout ? batch_backward(&m, y, dout, x, h)
		  : batch_forward(&m, y, x, h);
out:
	batch_free(&m);
	return rc;
}

static int families_run(const grpo__segments *g, grpo__tensor *y,
			const grpo__tensor *dout, const grpo__tensor *x,
			const grpo__heads *h)
{
	int rc = 0;

	for (int64_t f = 0; f < g->n_families; f++) {
		int64_t first = g->family[f];
		int64_t others = g->family[f + 1] - first - 1;

		GRPO_TRY(batch_run(g, first, 1, -1, y, dout, x, h));
		if (others > 0)
			GRPO_TRY(batch_run(g, first + 1, others, first, y, dout,
					   x, h));
	}
out:
	return rc;
}

int grpo__composed_attention(grpo__tensor *out, const grpo__tensor *qkv,
			     const grpo__segments *g, const grpo__heads *h)
{
	return families_run(g, out, NULL, qkv, h);
}

int grpo__composed_attention_backward(grpo__tensor *dqkv,
				      const grpo__tensor *dout,
				      const grpo__tensor *qkv,
				      const grpo__segments *g,
				      const grpo__heads *h)
{
	return families_run(g, dqkv, dout, qkv, h);
}
