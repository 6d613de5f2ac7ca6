/* SPDX-License-Identifier: MIT */
/*
 * Every fused kernel, for every instruction set that this machine has,
 * against the same maths composed of libtorch's operators; and its bits
 * against its own with another number of threads.
 */
#include <omp.h>

#include "tests/suite.h"
#include "tests/torch_help.h"

#define TOL 1e-5

extern const grpo__kernels grpo__kernels_base;
#if defined(__x86_64__)
extern const grpo__kernels grpo__kernels_avx2, grpo__kernels_avx512;
#endif

enum { N_TABLES = 3 };

/* Table i, or NULL where the machine can't run it. */
static const grpo__kernels *table(int i)
{
#if defined(__x86_64__)
	if (i == 1 && __builtin_cpu_supports("avx2") &&
	    __builtin_cpu_supports("fma"))
		return &grpo__kernels_avx2;
	if (i == 2 && __builtin_cpu_supports("avx512f") &&
	    __builtin_cpu_supports("avx512bw") &&
	    __builtin_cpu_supports("avx512dq") &&
	    __builtin_cpu_supports("avx512vl"))
		return &grpo__kernels_avx512;
#endif
	return i == 0 ? &grpo__kernels_base : NULL;
}

static const grpo__kernels *enter(int i)
{
	const grpo__kernels *k = table(i);

	if (k)
		within = k->isa;
	return k;
}

/* The body runs with each table k that this machine can use. */
#define EACH_TABLE(k)                                                          \
	for (int i_ = 0; i_ < N_TABLES; i_++)                                  \
		for (const grpo__kernels *k = enter(i_); k; k = NULL)

/* Runs `call` on one thread and on two, and compares `n` floats of x, which
 * holds `before` each time. */
#define TWICE(x, n, before, call)                                              \
	do {                                                                   \
		float *first_;                                                 \
		omp_set_num_threads(1);                                        \
		memcpy(x, before, (size_t)(n) * sizeof(float));                \
		call;                                                          \
		first_ = copy_of(x, n);                                        \
		omp_set_num_threads(2);                                        \
		memcpy(x, before, (size_t)(n) * sizeof(float));                \
		call;                                                          \
		ck_assert_msg(!memcmp(first_, x, (size_t)(n) * sizeof(float)), \
			      "%s %s: two threads give other bits", within,    \
			      #call);                                          \
		free(first_);                                                  \
	} while (0)

START_TEST(the_table_chosen_is_the_widest_that_runs)
{
	const grpo__kernels *best = NULL;

	EACH_TABLE(k)
	best = k;
	ck_assert_ptr_eq(grpo__kernels_get(), best);
	ck_assert_str_eq(grpo__kernels_base.isa, "base");
}
END_TEST

/* ---------------------------------------------------------------- rows */

static const int64_t row_shapes[][2] = {
    {1, 1}, {1, 16}, {3, 24}, {7, 33}, {65, 96}, {130, 100}, {200, 577},
};

START_TEST(rmsnorm_is_the_composed_one)
{
	int64_t n = row_shapes[_i][0], h = row_shapes[_i][1];
	grpo__rng r = seeded(1);
	float *x = normals(&r, n * h, 2), *w = normals(&r, h, 1);
	float *dy = normals(&r, n * h, 1), *y = zeros(n * h);
	float *y0 = zeros(n * h), *rs = zeros(n), *rs0 = zeros(n);
	float *dx0 = normals(&r, n * h, 1), *dw0 = normals(&r, h, 1);
	float *dx = zeros(n * h), *dw = zeros(h);
	float *dx_was = copy_of(dx0, n * h), *dw_was = copy_of(dw0, h);
	grpo__tensor tx = wrap(x, n, h), tw = wrap(w, 1, h);
	grpo__tensor ty = wrap(y0, n, h), trs = wrap(rs0, n, 1);
	grpo__tensor tdx = wrap(dx0, n, h), tdw = wrap(dw0, 1, h);
	grpo__tensor tdy = wrap(dy, n, h);

	OK(grpo__composed_rmsnorm(&ty, &trs, &tx, &tw, 1e-5f));
	OK(grpo__composed_rmsnorm_backward(&tdx, &tdw, &tdy, &tx, &tw, &trs));
	EACH_TABLE(k)
	{
		TWICE(y, n * h, x, k->rmsnorm(y, rs, x, w, n, h, 1e-5f));
		near("y", y, y0, n * h, TOL);
		near("rstd", rs, rs0, n, TOL);
		TWICE(dx, n * h, dx_was,
		      k->rmsnorm_backward(dx, dw, dy, x, w, rs, n, h));
		near("dx", dx, dx0, n * h, TOL);
		TWICE(dw, h, dw_was,
		      k->rmsnorm_backward(dx, dw, dy, x, w, rs, n, h));
		near("dw", dw, dw0, h, TOL);
		k->rmsnorm(y, NULL, x, w, n, h, 1e-5f);
		near("y without rstd", y, y0, n * h, TOL);
	}
}
END_TEST

START_TEST(swiglu_is_the_composed_one)
{
	int64_t n = row_shapes[_i][0], f = row_shapes[_i][1];
	grpo__rng r = seeded(2);
	float *gu = normals(&r, n * 2 * f, 4), *act = zeros(n * f);
	float *act0 = zeros(n * f), *dgu0 = zeros(n * 2 * f);
	float *dact = normals(&r, n * f, 1), *dgu = zeros(n * 2 * f);
	grpo__tensor tgu = wrap(gu, n, 2 * f), ta = wrap(act0, n, f);
	grpo__tensor tda = wrap(dact, n, f), tdgu = wrap(dgu0, n, 2 * f);

	OK(grpo__composed_swiglu(&ta, &tgu));
	OK(grpo__composed_swiglu_backward(&tdgu, &tda, &tgu));
	EACH_TABLE(k)
	{
		TWICE(act, n * f, dact, k->swiglu(act, gu, n, f));
		near("act", act, act0, n * f, TOL);
		memset(dgu, 0xff, (size_t)(n * 2 * f) * sizeof *dgu);
		k->swiglu_backward(dgu, dact, gu, n, f);
		near("dgu", dgu, dgu0, n * 2 * f, TOL);
		TWICE(dgu, n * 2 * f, gu,
		      k->swiglu_backward(dgu, dact, dgu, n, f));
		near("dgu in place", dgu, dgu0, n * 2 * f, TOL);
	}
}
END_TEST

START_TEST(silu_of_large_numbers_is_right)
{
	float gu[2 * 33], act[33], act0[33];
	grpo__tensor t = wrap(gu, 1, 66), ta = wrap(act0, 1, 33);

	for (int i = 0; i < 33; i++) {
		gu[i] = (float)(i - 16) * 20;
		gu[33 + i] = 1;
	}
	OK(grpo__composed_swiglu(&ta, &t));
	EACH_TABLE(k)
	{
		k->swiglu(act, gu, 1, 33);
		for (int i = 0; i < 33; i++)
			ck_assert_float_eq_tol(act[i], act0[i], 1e-5f);
	}
}
END_TEST

START_TEST(bias_and_embedding_are_the_composed_ones)
{
	int64_t n = row_shapes[_i][0], h = row_shapes[_i][1], v = 11;
	grpo__rng r = seeded(3);
	float *x = normals(&r, n * h, 1), *y = zeros(n * h), *b = zeros(h);
	float *b_was = normals(&r, h, 1), *b0 = copy_of(b_was, h);
	float *t_was = normals(&r, v * h, 1), *t0 = copy_of(t_was, v * h);
	float *sum0 = copy_of(x, n * h), *rows0 = zeros(n * h);
	float *t = zeros(v * h);
	int32_t *ids = indices(&r, n, (uint32_t)v);
	grpo__tensor tsum = wrap(sum0, n, h), tx = wrap(x, n, h);
	grpo__tensor tb = wrap(b0, 1, h), tt = wrap(t0, v, h);
	grpo__tensor trows = wrap(rows0, n, h);

	OK(grpo__composed_add_bias(&tsum, &tb));
	OK(grpo__composed_bias_backward(&tb, &tx));
	OK(grpo__composed_embed(&trows, &tt, ids));
	OK(grpo__composed_embed_backward(&tt, &tx, ids));
	EACH_TABLE(k)
	{
		TWICE(y, n * h, x, k->add_bias(y, b_was, n, h));
		near("x + b", y, sum0, n * h, TOL);
		TWICE(b, h, b_was, k->column_sums(b, x, n, h));
		near("db", b, b0, h, TOL);
		TWICE(y, n * h, x, k->embed(y, t_was, ids, n, h));
		ck_assert_mem_eq(y, rows0, (size_t)(n * h) * sizeof *y);
		TWICE(t, v * h, t_was, k->embed_backward(t, x, ids, n, h));
		near("dtable", t, t0, v * h, TOL);
	}
}
END_TEST

static const int64_t few_shapes[][3] = {
    /* rows, columns in, columns out */
    {1, 1, 1},   {2, 16, 3},   {3, 33, 23},  {4, 64, 24},
    {5, 95, 25}, {7, 100, 71}, {12, 96, 48}, {64, 577, 130},
};

START_TEST(a_product_of_a_few_rows_is_the_one_of_blas)
{
	const int64_t *d = few_shapes[_i];
	int64_t n = d[0], in = d[1], out = d[2];
	grpo__rng r = seeded(12);
	float *x = normals(&r, n * in, 1), *w = normals(&r, out * in, 1);
	float *y_was = normals(&r, n * out, 1), *y = zeros(n * out);
	float *fresh = zeros(n * out), *added = copy_of(y_was, n * out);
	grpo__tensor tx = wrap(x, n, in), tw = wrap(w, out, in);
	grpo__tensor tf = wrap(fresh, n, out), ta = wrap(added, n, out);

	OK(grpo__matmul(&tf, &tx, 0, &tw, 1, 0));
	OK(grpo__matmul(&ta, &tx, 0, &tw, 1, 1));
	EACH_TABLE(k)
	{
		TWICE(y, n * out, y_was, k->linear_few(y, x, w, n, in, out, 0));
		near("x w^T", y, fresh, n * out, TOL);
		TWICE(y, n * out, y_was, k->linear_few(y, x, w, n, in, out, 1));
		near("y + x w^T", y, added, n * out, TOL);
	}
}
END_TEST

START_TEST(a_row_of_a_product_does_not_see_the_others)
{
	int64_t n = 13, in = 70, out = 50;
	grpo__rng r = seeded(13);
	float *x = normals(&r, n * in, 1), *w = normals(&r, out * in, 1);
	float *all = zeros(n * out), *one = zeros(out);

	EACH_TABLE(k)
	{
		k->linear_few(all, x, w, n, in, out, 0);
		for (int64_t i = 0; i < n; i++) {
			k->linear_few(one, x + i * in, w, 1, in, out, 0);
			ck_assert_mem_eq(one, all + i * out,
					 (size_t)out * sizeof *one);
		}
	}
}
END_TEST

START_TEST(gather_and_scatter_add_are_the_composed_ones)
{
	int64_t n = row_shapes[_i][0], h = row_shapes[_i][1], m = (n + 1) / 2;
	grpo__rng r = seeded(4);
	float *x_was = normals(&r, n * h, 1), *x0 = copy_of(x_was, n * h);
	float *x = zeros(n * h), *y = zeros(m * h), *y0 = zeros(m * h);
	uint32_t *perm = malloc((size_t)n * sizeof *perm);
	int64_t *rows = malloc((size_t)n * sizeof *rows);
	grpo__tensor ty = wrap(y0, m, h), tx = wrap(x0, n, h);

	grpo__rng_shuffle(&r, perm, (uint32_t)n);
	for (int64_t i = 0; i < n; i++)
		rows[i] = perm[i];
	OK(grpo__composed_gather(&ty, &tx, rows));
	OK(grpo__composed_scatter_add(&tx, &ty, rows));
	EACH_TABLE(k)
	{
		TWICE(y, m * h, x_was, k->gather(y, x_was, rows, m, h));
		ck_assert_mem_eq(y, y0, (size_t)(m * h) * sizeof *y);
		TWICE(x, n * h, x_was, k->scatter_add(x, y, rows, m, h));
		ck_assert_mem_eq(x, x0, (size_t)(n * h) * sizeof *x);
	}
	for (int64_t i = 0; i < m * h; i++) {
		int64_t at = rows[i / h] * h + i % h;

		ck_assert(y[i] == x_was[at]);
		ck_assert(x[at] == 2 * x_was[at]);
	}
}
END_TEST

/* ---------------------------------------------------------------- rope */

static const int32_t head_sizes[] = {8, 16, 24, 32, 64, 80, 128};

START_TEST(rope_is_the_composed_one_and_turns_back)
{
	grpo__heads h = heads(2, 3, head_sizes[_i]);
	int64_t n = 37, ld = qkv_width(&h), half = h.d / 2;
	int64_t rotated = (h.n_q + h.n_kv) * h.d;
	grpo__rng r = seeded(5);
	float *cos = normals(&r, 50 * half, 1), *sin = zeros(50 * half);
	int32_t *position = indices(&r, n, 50);
	float *x_was = normals(&r, n * ld, 1), *x0 = copy_of(x_was, n * ld);
	float *x = zeros(n * ld), *back0 = zeros(n * ld);
	grpo__rope rope = {.cos = cos, .sin = sin, .n_positions = 50};
	grpo__tensor t = wrap(x0, n, ld), tb = wrap(back0, n, ld);

	for (int64_t i = 0; i < 50 * half; i++) {
		sin[i] = sinf(cos[i]);
		cos[i] = cosf(cos[i]);
	}
	OK(grpo__composed_rope(&t, &rope, position, &h, 0));
	memcpy(back0, x0, (size_t)(n * ld) * sizeof *x);
	OK(grpo__composed_rope(&tb, &rope, position, &h, 1));
	near("composed, turned back", back0, x_was, n * ld, TOL);
	EACH_TABLE(k)
	{
		TWICE(x, n * ld, x_was,
		      k->rope(x, ld, position, cos, sin, n, h.n_q + h.n_kv, h.d,
			      1));
		near("x", x, x0, n * ld, TOL);
		for (int64_t i = 0; i < n; i++) /* v is left alone */
			ck_assert_mem_eq(x + i * ld + rotated,
					 x_was + i * ld + rotated,
					 (size_t)(ld - rotated) * sizeof *x);
		k->rope(x, ld, position, cos, sin, n, h.n_q + h.n_kv, h.d, -1);
		near("turned back", x, x_was, n * ld, TOL);
	}
}
END_TEST

/* ----------------------------------------------------------- attention */

static const int32_t reps[] = {1, 2, 3, 7, 8};
static const int families[][4] = {{0, 0, 0, 0}, {3, 0, 1, 2}, {6, 5, 0, 1}};

/* Head size i and reps[j] q heads a kv head. */
static void attention_case(int i, int j, uint32_t longest, grpo__heads *h,
			   struct packed *p, grpo__rng *r)
{
	*r = seeded((uint64_t)(100 + i * ROWS(reps) + j));
	*h = heads(1 + (i + j) % 2, reps[j], head_sizes[i]);
	if (longest > 24 && h->n_q * h->d > 400)
		longest = 24; /* as libtorch takes its time */
	pack(p, r, families[(i + j) % 3], 4, longest);
}

static void check_attention(int i, int j)
{
	grpo__heads h;
	struct packed p;
	grpo__rng r;
	int64_t n, ld, lo, nl;
	float *qkv, *dout, *out, *out0, *lse, *lse1, *d, *d0;
	grpo__tensor tx, to, tdo, td;

	attention_case(i, j, (i + j) % 2 ? 70 : 9, &h, &p, &r);
	n = p.n_tokens, ld = qkv_width(&h), lo = h.n_q * h.d, nl = n * h.n_q;
	qkv = normals(&r, n * ld, 1), dout = normals(&r, n * lo, 1);
	out = zeros(n * lo), out0 = zeros(n * lo);
	lse = zeros(nl), lse1 = zeros(nl);
	d = zeros(n * ld), d0 = zeros(n * ld);
	tx = wrap(qkv, n, ld), to = wrap(out0, n, lo);
	tdo = wrap(dout, n, lo), td = wrap(d0, n, ld);
	OK(grpo__composed_attention(&to, &tx, &p.g, &h));
	OK(grpo__composed_attention_backward(&td, &tdo, &tx, &p.g, &h));
	EACH_TABLE(k)
	{
		k->attention(out, lse, qkv, &p.g, &h);
		TWICE(out, n * lo, dout,
		      ck_assert(!k->attention(out, lse1, qkv, &p.g, &h)));
		near("out", out, out0, n * lo, TOL);
		ck_assert_mem_eq(lse, lse1, (size_t)nl * sizeof *lse);
		TWICE(d, n * ld, qkv,
		      ck_assert(!k->attention_backward(d, dout, out, lse, qkv,
						       &p.g, &h)));
		near("dqkv", d, d0, n * ld, TOL);
		ck_assert(!k->attention(out, NULL, qkv, &p.g, &h));
		near("out without lse", out, out0, n * lo, TOL);
	}
}

START_TEST(attention_is_the_composed_one)
{
	for (int j = 0; j < ROWS(reps); j++)
		check_attention(_i, j);
}
END_TEST

static int sees(const struct packed *p, int64_t s, int64_t query, int64_t key)
{
	int64_t f = p->prefix[s];

	if (f >= 0 && key >= p->start[f] && key < p->start[f + 1])
		return 1;
	return key >= p->start[s] && key <= query;
}

/* The log-sum-exp of one query's scaled scores, from its definition. */
static float score_sum(const float *qkv, const struct packed *p, int64_t s,
		       int64_t query, int64_t head, const grpo__heads *h)
{
	int64_t ld = qkv_width(h), kv = head / (h->n_q / h->n_kv);
	const float *q = qkv + query * ld + head * h->d;
	double sum = 0;

	for (int64_t key = 0; key <= query; key++) {
		const float *k = qkv + key * ld + (h->n_q + kv) * h->d;
		double x = 0;

		for (int c = 0; c < h->d; c++)
			x += (double)q[c] * (double)k[c];
		if (sees(p, s, query, key))
			sum += exp(x * (double)h->scale);
	}
	return (float)log(sum);
}

START_TEST(attention_keeps_the_log_sum_exp_of_the_scores)
{
	grpo__heads h;
	struct packed p;
	grpo__rng r;
	float *qkv, *out, *lse, *want;

	attention_case(_i, 1, 20, &h, &p, &r);
	qkv = normals(&r, p.n_tokens * qkv_width(&h), 1);
	out = zeros(p.n_tokens * h.n_q * h.d);
	lse = zeros(p.n_tokens * h.n_q), want = zeros(p.n_tokens * h.n_q);
	for (int64_t s = 0; s < p.g.n_segments; s++)
		for (int64_t t = p.start[s]; t < p.start[s + 1]; t++)
			for (int64_t a = 0; a < h.n_q; a++)
				want[t * h.n_q + a] =
				    score_sum(qkv, &p, s, t, a, &h);
	EACH_TABLE(k)
	{
		ck_assert(!k->attention(out, lse, qkv, &p.g, &h));
		near("lse", lse, want, p.n_tokens * h.n_q, TOL);
	}
}
END_TEST

/* The keys and values of tokens from ... from+n-1, stored a few at a time;
 * what lies behind them is not a number. */
static grpo__kv_view cached(const grpo__kernels *k, const float *qkv,
			    int64_t from, int64_t n, const grpo__heads *h)
{
	int64_t ld = (n + 1 + 31) / 32 * 32, width = h->n_kv * h->d;
	float *kt = zeros(width * ld), *v = zeros(width * ld);

	for (int64_t i = 0; i < width * ld; i++)
		kt[i] = v[i] = NAN;
	for (int64_t i = 0; i < n; i += 5)
		k->kv_store(kt, v, ld, i, qkv + (from + i) * qkv_width(h),
			    n - i < 5 ? n - i : 5, h);
	return (grpo__kv_view){.kt = kt, .v = v, .n = n, .ld = ld};
}

/* The last token of each segment, and caches of what it sees. */
struct decoding {
	float *rows, *want, *out;
	grpo__kv_view prompt[64], own[64];
	int64_t n;
};

static void decoding_init(struct decoding *m, const grpo__kernels *k,
			  const struct packed *p, const float *qkv,
			  const float *out, const grpo__heads *h)
{
	int64_t ld = qkv_width(h), lo = h->n_q * h->d;

	m->n = p->g.n_segments;
	m->rows = zeros(m->n * ld);
	m->want = zeros(m->n * lo);
	m->out = zeros(m->n * ld);
	for (int64_t s = 0; s < m->n; s++) {
		int64_t f = p->prefix[s] < 0 ? s : p->prefix[s];
		int64_t from = p->start[s], last = p->start[s + 1] - 1;
		int64_t n = p->start[f + 1] - p->start[f];

		if (f == s) /* a prompt: its last token is its own */
			n--, from = last;
		m->prompt[s] = cached(k, qkv, p->start[f], n, h);
		m->own[s] = cached(k, qkv, from, last - from + 1, h);
		memcpy(m->rows + s * ld, qkv + last * ld,
		       (size_t)ld * sizeof *qkv);
		memcpy(m->want + s * lo, out + last * lo,
		       (size_t)lo * sizeof *qkv);
	}
}

static void check_decoding(int i, int j)
{
	grpo__heads h;
	struct packed p;
	grpo__rng r;
	int64_t n, ld, lo;
	float *qkv, *out0;
	grpo__tensor tx, to;

	attention_case(i, j, (i + j) % 2 ? 9 : 70, &h, &p, &r);
	n = p.n_tokens, ld = qkv_width(&h), lo = h.n_q * h.d;
	qkv = normals(&r, n * ld, 1), out0 = zeros(n * lo);
	tx = wrap(qkv, n, ld), to = wrap(out0, n, lo);
	OK(grpo__composed_attention(&to, &tx, &p.g, &h));
	EACH_TABLE(k)
	{
		struct decoding m;

		decoding_init(&m, k, &p, qkv, out0, &h);
		TWICE(m.out, m.n * lo, m.rows,
		      ck_assert(!k->attention_decode(m.out, m.rows, m.prompt,
						     m.own, m.n, &h)));
		near("out", m.out, m.want, m.n * lo, TOL);
		ck_assert(!k->attention_decode(m.out, m.rows, m.prompt, m.own,
					       1, &h));
		near("one row", m.out, m.want, lo, TOL);
	}
}

START_TEST(decoding_gives_the_last_row_of_full_attention)
{
	for (int j = 0; j < ROWS(reps); j++)
		check_decoding(_i, j);
}
END_TEST

START_TEST(large_scores_do_not_overflow)
{
	grpo__heads h = heads(1, 2, 32);
	struct packed p;
	grpo__rng r = seeded(6);
	int64_t ld = qkv_width(&h), lo = h.n_q * h.d, n;
	float *qkv, *out, *out0, *lse;
	grpo__tensor tx, to;

	pack(&p, &r, families[1], 4, 40);
	n = p.n_tokens;
	qkv = normals(&r, n * ld, 30);
	out = zeros(n * lo), out0 = zeros(n * lo), lse = zeros(n * h.n_q);
	tx = wrap(qkv, n, ld), to = wrap(out0, n, lo);
	OK(grpo__composed_attention(&to, &tx, &p.g, &h));
	EACH_TABLE(k)
	{
		ck_assert(!k->attention(out, lse, qkv, &p.g, &h));
		near("out", out, out0, n * lo, 1e-4); /* scores near 1e4 */
		for (int64_t i = 0; i < n * h.n_q; i++)
			ck_assert(isfinite(lse[i]));
	}
}
END_TEST

START_TEST(segments_without_tokens_are_skipped)
{
	grpo__heads h = heads(2, 2, 16);
	struct packed p = {0};
	grpo__rng r = seeded(61);
	int64_t n = 12, ld = qkv_width(&h), lo = h.n_q * h.d;
	float *qkv = normals(&r, n * ld, 1), *dout = normals(&r, n * lo, 1);
	float *out = zeros(n * lo), *out0 = zeros(n * lo), *d = zeros(n * ld);
	float *d0 = zeros(n * ld), *lse = zeros(n * h.n_q);
	grpo__tensor tx = wrap(qkv, n, ld), to = wrap(out0, n, lo);
	grpo__tensor tdo = wrap(dout, n, lo), td = wrap(d0, n, ld);

	add_segment(&p, 5, -1);
	add_segment(&p, 0, 0);
	add_segment(&p, 4, 0);
	add_segment(&p, 0, 0);
	add_segment(&p, 3, -1);
	add_segment(&p, 0, 4);
	p.g.start = p.start, p.g.prefix = p.prefix, p.g.family = p.family;
	p.g.n_families = 2, p.family[1] = 4, p.family[2] = 6;
	OK(grpo__composed_attention(&to, &tx, &p.g, &h));
	OK(grpo__composed_attention_backward(&td, &tdo, &tx, &p.g, &h));
	EACH_TABLE(k)
	{
		ck_assert(!k->attention(out, lse, qkv, &p.g, &h));
		near("out", out, out0, n * lo, TOL);
		ck_assert(
		    !k->attention_backward(d, dout, out, lse, qkv, &p.g, &h));
		near("dqkv", d, d0, n * ld, TOL);
	}
}
END_TEST

/* ---------------------------------------------------------------- head */

static const int64_t vocabularies[] = {1, 7, 512, 1003, 49152};
static const float temperatures[] = {1.0f, 0.7f, 1.5f};

enum { N_HEAD = 5 * 3 };

START_TEST(logprob_is_the_composed_one)
{
	int64_t v = vocabularies[_i / 3], n = v > 10000 ? 3 : 21;
	float t = temperatures[_i % 3];
	grpo__rng r = seeded(7);
	float *x_was = normals(&r, n * v, 5), *x = zeros(n * v);
	float *x0 = copy_of(x_was, n * v), *x1 = copy_of(x_was, n * v);
	float *lp = zeros(n), *e = zeros(n), *l = zeros(n);
	float *lp0 = zeros(n), *e0 = zeros(n), *l0 = zeros(n);
	float *dlp = normals(&r, n, 1), *de = normals(&r, n, 1);
	int32_t *target = indices(&r, n, (uint32_t)v);
	grpo__tensor t0 = wrap(x0, n, v), t1 = wrap(x1, n, v);
	/* of one word, all is 0 but for rounding */
	int64_t n_nonzero = v == 1 ? 0 : n;

	OK(grpo__composed_logprob(lp0, e0, l0, &t0, target, t));
	OK(grpo__composed_logprob_backward(&t0, target, dlp, de, e0, l0, t));
	OK(grpo__composed_logprob_backward(&t1, target, dlp, NULL, NULL, l0,
					   t));
	EACH_TABLE(k)
	{
		TWICE(lp, n, dlp,
		      k->logprob(lp, e, l, x_was, target, n, v, 1 / t));
		near("lse", l, l0, n, TOL);
		near("logp", lp, lp0, n_nonzero, TOL);
		near("entropy", e, e0, n_nonzero, TOL);
		k->logprob(lp, NULL, l, x_was, target, n, v, 1 / t);
		near("logp without entropy", lp, lp0, n_nonzero, TOL);
		TWICE(
		    x, n * v, x_was,
		    k->logprob_backward(x, target, dlp, de, e, l, n, v, 1 / t));
		near("dlogits", x, x0, n_nonzero * v, TOL);
		TWICE(x, n * v, x_was,
		      k->logprob_backward(x, target, dlp, NULL, NULL, l, n, v,
					  1 / t));
		near("dlogits of logp", x, x1, n_nonzero * v, TOL);
	}
}
END_TEST

START_TEST(one_word_has_probability_one)
{
	float x[5] = {3, -200, 0, 1e4f, -1e-3f}, logp[5], entropy[5], lse[5];
	float ones[5] = {1, 1, 1, 1, 1};
	int32_t target[5] = {0};

	EACH_TABLE(k)
	{
		float dx[5];

		k->logprob(logp, entropy, lse, x, target, 5, 1, 1);
		memcpy(dx, x, sizeof dx);
		k->logprob_backward(dx, target, ones, ones, entropy, lse, 5, 1,
				    1);
		for (int i = 0; i < 5; i++) {
			ck_assert_float_eq_tol(logp[i], 0, 1e-6f);
			ck_assert_float_eq_tol(entropy[i], 0, 1e-6f);
			ck_assert_float_eq_tol(dx[i], 0, 1e-6f);
		}
	}
}
END_TEST

START_TEST(softmax_row_is_exp_of_logprob)
{
	int64_t v = vocabularies[_i / 3];
	float t = temperatures[_i % 3], max, lse, logp;
	grpo__rng r = seeded(8);
	float *x = normals(&r, v, 5), *p = zeros(v);
	int32_t target = (int32_t)(v / 2);

	EACH_TABLE(k)
	{
		double sum;

		k->logprob(&logp, NULL, &lse, x, &target, 1, v, 1 / t);
		sum = k->softmax_row(p, &max, x, v, 1 / t);
		ck_assert_double_eq_tol((double)p[target] / sum,
					exp((double)logp), 1e-6);
		ck_assert_double_eq_tol((double)max + log(sum), (double)lse,
					1e-5);
	}
}
END_TEST

static float nan_with(uint32_t bits)
{
	float x;

	memcpy(&x, &bits, sizeof x);
	return x;
}

START_TEST(a_nan_logit_gives_a_nan_logp)
{
	static const uint32_t nans[] = {0x7fc00000, 0xffc00000, 0x7fffffff,
					0x7fc00001, 0xffffffff};
	float x[1003], p[1003], logp, entropy, lse, max;
	int32_t target = 5;

	EACH_TABLE(k)
	for (int c = 0; c < ROWS(nans) * 1003; c += 59) {
		for (int j = 0; j < 1003; j++)
			x[j] = (float)(j % 17);
		x[c % 1003] = nan_with(nans[c / 1003]);
		k->logprob(&logp, &entropy, &lse, x, &target, 1, 1003, 1);
		ck_assert_msg(isnan(logp), "%s: %x at %d gives %g", within,
			      nans[c / 1003], c % 1003, (double)logp);
		ck_assert(isnan(entropy));
		ck_assert(isnan(lse));
		ck_assert(isnan(k->softmax_row(p, &max, x, 1003, 1)));
	}
}
END_TEST

START_TEST(an_infinite_logit_gives_a_logp_that_is_not_finite)
{
	float x[100], logp, entropy, lse;
	int32_t target = 5;

	EACH_TABLE(k)
	for (int at = 0; at < 100; at++) {
		for (int j = 0; j < 100; j++)
			x[j] = (float)(j % 17);
		x[at] = INFINITY;
		k->logprob(&logp, &entropy, &lse, x, &target, 1, 100, 1);
		ck_assert(!isfinite(logp));
	}
}
END_TEST

START_TEST(a_logit_of_minus_infinity_has_no_part)
{
	float x[67], dx[67], dx0[50], logp[2], entropy[2], lse[2];
	float dl = 1, de = 0.5f;
	int32_t target = 5;

	for (int j = 0; j < 67; j++)
		x[j] = j < 50 ? (float)(j % 17) : -INFINITY;
	EACH_TABLE(k)
	{
		k->logprob(logp, entropy, lse, x, &target, 1, 50, 1);
		k->logprob(logp + 1, entropy + 1, lse + 1, x, &target, 1, 67,
			   1);
		near("logp", logp + 1, logp, 1, TOL);
		near("entropy", entropy + 1, entropy, 1, TOL);
		near("lse", lse + 1, lse, 1, TOL);
		memcpy(dx, x, sizeof dx);
		memcpy(dx0, x, sizeof dx0);
		k->logprob_backward(dx, &target, &dl, &de, entropy, lse, 1, 67,
				    1);
		k->logprob_backward(dx0, &target, &dl, &de, entropy, lse, 1, 50,
				    1);
		near("dlogits", dx, dx0, 50, TOL);
		for (int j = 50; j < 67; j++)
			ck_assert_float_eq_tol(dx[j], 0, 1e-30f);
	}
}
END_TEST

/* ----------------------------------------------------------- optimizer */

static const int64_t lengths[] = {1, 15, 1000, 10007, 100003};

START_TEST(adamw_is_the_composed_one)
{
	int64_t n = lengths[_i];
	grpo__rng r = seeded(9);
	float *state = normals(&r, 3 * n, 1), *was, *g = normals(&r, n, 1);
	float *w0, *m0, *v0;
	grpo__adamw_args a = {.lr = 1e-2f,
			      .beta1 = 0.9f,
			      .beta2 = 0.95f,
			      .eps = 1e-8f,
			      .weight_decay = 0.1f,
			      .bias1 = 0.271f,
			      .bias2 = 0.143f,
			      .grad_scale = 0.3f};
	grpo__tensor tw, tm, tv, tg = wrap(g, 1, n);

	for (int64_t i = 2 * n; i < 3 * n; i++) /* w, m, v in a row */
		state[i] *= state[i];
	was = copy_of(state, 3 * n);
	w0 = copy_of(state, n);
	m0 = copy_of(state + n, n);
	v0 = copy_of(state + 2 * n, n);
	tw = wrap(w0, 1, n), tm = wrap(m0, 1, n), tv = wrap(v0, 1, n);
	OK(grpo__composed_adamw(&tw, &tm, &tv, &tg, &a));
	EACH_TABLE(k)
	{
		TWICE(state, 3 * n, was,
		      k->adamw(state, state + n, state + 2 * n, g, n, &a));
		near("w", state, w0, n, 1e-6);
		near("m", state + n, m0, n, 1e-6);
		near("v", state + 2 * n, v0, n, 1e-6);
	}
}
END_TEST

START_TEST(mix_and_sum_of_squares_are_the_composed_ones)
{
	int64_t n = lengths[_i];
	grpo__rng r = seeded(10);
	float *y_was = normals(&r, n, 1), *y0 = copy_of(y_was, n);
	float *x = normals(&r, n, 1), *y = zeros(n);
	grpo__tensor ty = wrap(y0, 1, n), tx = wrap(x, 1, n);
	double s0;

	OK(grpo__composed_mix(&ty, &tx, 0.6f));
	OK(grpo__composed_sum_squares(&s0, &tx));
	EACH_TABLE(k)
	{
		double s;

		TWICE(y, n, y_was, k->mix(y, x, 0.6f, n));
		near("mix", y, y0, n, TOL);
		omp_set_num_threads(1);
		s = k->sum_squares(x, n);
		omp_set_num_threads(2);
		ck_assert(s == k->sum_squares(x, n));
		ck_assert_double_eq_tol(s, s0, 1e-5 * s0);
	}
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("torch_kernels");
	TCase *c = tcase_create("kernels");
	int rows = ROWS(row_shapes), sizes = ROWS(head_sizes);

	tcase_set_timeout(c, 300);
	suite_add_tcase(s, c);
	tcase_add_test(c, the_table_chosen_is_the_widest_that_runs);
	tcase_add_loop_test(c, rmsnorm_is_the_composed_one, 0, rows);
	tcase_add_loop_test(c, swiglu_is_the_composed_one, 0, rows);
	tcase_add_test(c, silu_of_large_numbers_is_right);
	tcase_add_loop_test(c, bias_and_embedding_are_the_composed_ones, 0,
			    rows);
	tcase_add_loop_test(c, a_product_of_a_few_rows_is_the_one_of_blas, 0,
			    ROWS(few_shapes));
	tcase_add_test(c, a_row_of_a_product_does_not_see_the_others);
	tcase_add_loop_test(c, gather_and_scatter_add_are_the_composed_ones, 0,
			    rows);
	tcase_add_loop_test(c, rope_is_the_composed_one_and_turns_back, 0,
			    sizes);
	tcase_add_loop_test(c, attention_is_the_composed_one, 0, sizes);
	tcase_add_loop_test(c, attention_keeps_the_log_sum_exp_of_the_scores, 0,
			    sizes);
	tcase_add_loop_test(c, decoding_gives_the_last_row_of_full_attention, 0,
			    sizes);
	tcase_add_test(c, large_scores_do_not_overflow);
	tcase_add_test(c, segments_without_tokens_are_skipped);
	tcase_add_loop_test(c, logprob_is_the_composed_one, 0, N_HEAD);
	tcase_add_test(c, one_word_has_probability_one);
	tcase_add_loop_test(c, softmax_row_is_exp_of_logprob, 0, N_HEAD);
	tcase_add_test(c, a_nan_logit_gives_a_nan_logp);
	tcase_add_test(c, an_infinite_logit_gives_a_logp_that_is_not_finite);
	tcase_add_test(c, a_logit_of_minus_infinity_has_no_part);
	tcase_add_loop_test(c, adamw_is_the_composed_one, 0, ROWS(lengths));
	tcase_add_loop_test(c, mix_and_sum_of_squares_are_the_composed_ones, 0,
			    ROWS(lengths));
	return s;
}

int main(void)
{
	return run_suite(suite());
}
