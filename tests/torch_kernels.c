/* SPDX-License-Identifier: MIT */
/*
 * Every fused kernel, for every instruction set that this machine has,
 * against the same maths composed of libtorch's operators; and its bits
 * against its own with another number of threads.
 */
#include <omp.h>

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
			      "%s: two threads give other bits", #call);       \
		free(first_);                                                  \
	} while (0)

START_TEST(the_table_chosen_is_the_widest_that_runs)
{
	const grpo__kernels *best = NULL;

	for (int i = 0; i < N_TABLES; i++)
		if (table(i))
			best = table(i);
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
	const grpo__kernels *k = table(_i / ROWS(row_shapes));
	int64_t n = row_shapes[_i % ROWS(row_shapes)][0];
	int64_t h = row_shapes[_i % ROWS(row_shapes)][1];
	grpo__rng r = seeded(1);
	float *x = normals(&r, n * h, 2), *w = normals(&r, h, 1);
	float *dy = normals(&r, n * h, 1), *y = zeros(n * h), *y0 = zeros(n * h);
	float *rs = zeros(n), *rs0 = zeros(n);
	float *dx0 = normals(&r, n * h, 1), *dw0 = normals(&r, h, 1);
	float *dx = copy_of(dx0, n * h), *dw = copy_of(dw0, h);
	float *dx_was = copy_of(dx0, n * h), *dw_was = copy_of(dw0, h);
	grpo__tensor tx = wrap(x, n, h), tw = wrap(w, 1, h);
	grpo__tensor ty = wrap(y0, n, h), trs = wrap(rs0, n, 1);
	grpo__tensor tdx = wrap(dx0, n, h), tdw = wrap(dw0, 1, h);
	grpo__tensor tdy = wrap(dy, n, h);

	if (!k)
		return;
	OK(grpo__composed_rmsnorm(&ty, &trs, &tx, &tw, 1e-5f));
	OK(grpo__composed_rmsnorm_backward(&tdx, &tdw, &tdy, &tx, &tw, &trs));
	TWICE(y, n * h, x, k->rmsnorm(y, rs, x, w, n, h, 1e-5f));
	near("y", y, y0, n * h, TOL);
	near("rstd", rs, rs0, n, TOL);
	TWICE(dx, n * h, dx_was,
	      k->rmsnorm_backward(dx, dw, dy, x, w, rs, n, h));
	near("dx", dx, dx0, n * h, TOL);
	TWICE(dw, h, dw_was, k->rmsnorm_backward(dx, dw, dy, x, w, rs, n, h));
	near("dw", dw, dw0, h, TOL);
	k->rmsnorm(y, NULL, x, w, n, h, 1e-5f);
	near("y without rstd", y, y0, n * h, TOL);
}
END_TEST

START_TEST(swiglu_is_the_composed_one)
{
	const grpo__kernels *k = table(_i / ROWS(row_shapes));
	int64_t n = row_shapes[_i % ROWS(row_shapes)][0];
	int64_t f = row_shapes[_i % ROWS(row_shapes)][1];
	grpo__rng r = seeded(2);
	float *gu = normals(&r, n * 2 * f, 4), *act = zeros(n * f);
	float *act0 = zeros(n * f), *dgu0 = zeros(n * 2 * f);
	float *dact = normals(&r, n * f, 1), *dgu = zeros(n * 2 * f);
	grpo__tensor tgu = wrap(gu, n, 2 * f), ta = wrap(act0, n, f);
	grpo__tensor tda = wrap(dact, n, f), tdgu = wrap(dgu0, n, 2 * f);

	if (!k)
		return;
	OK(grpo__composed_swiglu(&ta, &tgu));
	OK(grpo__composed_swiglu_backward(&tdgu, &tda, &tgu));
	TWICE(act, n * f, dact, k->swiglu(act, gu, n, f));
	near("act", act, act0, n * f, TOL);
	TWICE(dgu, n * 2 * f, gu, k->swiglu_backward(dgu, dact, gu, n, f));
	near("dgu", dgu, dgu0, n * 2 * f, TOL);
	k->swiglu_backward(gu, dact, gu, n, f);
	near("dgu in place of gu", gu, dgu0, n * 2 * f, TOL);
}
END_TEST

START_TEST(bias_embedding_and_rows_are_the_composed_ones)
{
	const grpo__kernels *k = table(_i / ROWS(row_shapes));
	int64_t n = row_shapes[_i % ROWS(row_shapes)][0];
	int64_t h = row_shapes[_i % ROWS(row_shapes)][1];
	uint32_t vocab = 11;
	grpo__rng r = seeded(3);
	float *x = normals(&r, n * h, 1), *b = normals(&r, h, 1);
	float *t = normals(&r, vocab * h, 1), *y = zeros(n * h);
	float *y0 = copy_of(x, n * h), *b0 = copy_of(b, h);
	float *b_was = copy_of(b, h), *t_was = copy_of(t, vocab * h);
	float *t0 = copy_of(t, vocab * h);
	int32_t *ids = indices(&r, n, vocab);
	grpo__tensor ty = wrap(y0, n, h), tx = wrap(x, n, h);
	grpo__tensor tb = wrap(b0, 1, h), tt = wrap(t0, vocab, h);

	if (!k)
		return;
	OK(grpo__composed_add_bias(&ty, &tb));
	TWICE(y, n * h, x, k->add_bias(y, b, n, h));
	near("x + b", y, y0, n * h, TOL);
	OK(grpo__composed_bias_backward(&tb, &tx));
	TWICE(b, h, b_was, k->column_sums(b, x, n, h));
	near("db", b, b0, h, TOL);
	OK(grpo__composed_embed(&ty, &tt, ids));
	TWICE(y, n * h, x, k->embed(y, t, ids, n, h));
	ck_assert_mem_eq(y, y0, (size_t)(n * h) * sizeof *y);
	OK(grpo__composed_embed_backward(&tt, &tx, ids));
	TWICE(t, vocab * h, t_was, k->embed_backward(t, x, ids, n, h));
	near("dtable", t, t0, vocab * h, TOL);
}
END_TEST

START_TEST(gather_and_scatter_add_are_the_composed_ones)
{
	const grpo__kernels *k = table(_i / ROWS(row_shapes));
	int64_t n = row_shapes[_i % ROWS(row_shapes)][0];
	int64_t h = row_shapes[_i % ROWS(row_shapes)][1], m = (n + 1) / 2;
	grpo__rng r = seeded(4);
	float *x = normals(&r, n * h, 1), *y = zeros(m * h);
	float *y0 = zeros(m * h), *x0 = copy_of(x, n * h);
	float *x_was = copy_of(x, n * h);
	uint32_t *perm = malloc((size_t)n * sizeof *perm);
	int64_t *rows = malloc((size_t)n * sizeof *rows);
	grpo__tensor ty = wrap(y0, m, h), tx = wrap(x0, n, h);

	if (!k)
		return;
	grpo__rng_shuffle(&r, perm, (uint32_t)n);
	for (int64_t i = 0; i < n; i++)
		rows[i] = perm[i];
	OK(grpo__composed_gather(&ty, &tx, rows));
	TWICE(y, m * h, x, k->gather(y, x, rows, m, h));
	ck_assert_mem_eq(y, y0, (size_t)(m * h) * sizeof *y);
	OK(grpo__composed_scatter_add(&tx, &ty, rows));
	TWICE(x, n * h, x_was, k->scatter_add(x, y, rows, m, h));
	ck_assert_mem_eq(x, x0, (size_t)(n * h) * sizeof *x);
	for (int64_t i = 0; i < n * h; i++) /* y are rows of x */
		ck_assert(x[i] == x_was[i] || x[i] == 2 * x_was[i]);
}
END_TEST

/* ---------------------------------------------------------------- rope */

static const int32_t head_sizes[] = {8, 16, 24, 32, 64, 80, 128};

START_TEST(rope_is_the_composed_one_and_turns_back)
{
	const grpo__kernels *k = table(_i / ROWS(head_sizes));
	grpo__heads h = heads(2, 3, head_sizes[_i % ROWS(head_sizes)]);
	int64_t n = 37, ld = qkv_width(&h), half = h.d / 2;
	grpo__rng r = seeded(5);
	float *cos = normals(&r, 50 * half, 1), *sin = zeros(50 * half);
	int32_t *position = indices(&r, n, 50);
	float *x = normals(&r, n * ld, 1), *x0 = copy_of(x, n * ld);
	float *x_was = copy_of(x, n * ld);
	grpo__rope rope = {.cos = cos, .sin = sin, .n_positions = 50};
	grpo__tensor t = wrap(x0, n, ld);

	if (!k)
		return;
	for (int64_t i = 0; i < 50 * half; i++) {
		sin[i] = sinf(cos[i]);
		cos[i] = cosf(cos[i]);
	}
	OK(grpo__composed_rope(&t, &rope, position, &h, 0));
	TWICE(x, n * ld, x_was,
	      k->rope(x, ld, position, cos, sin, n, h.n_q + h.n_kv, h.d, 1));
	near("x", x, x0, n * ld, TOL);
	for (int64_t i = 0; i < n; i++) /* v is left alone */
		ck_assert_mem_eq(x + i * ld + (h.n_q + h.n_kv) * h.d,
				 x_was + i * ld + (h.n_q + h.n_kv) * h.d,
				 (size_t)(h.n_kv * h.d) * sizeof *x);
	k->rope(x, ld, position, cos, sin, n, h.n_q + h.n_kv, h.d, -1);
	near("turned back", x, x_was, n * ld, TOL);
	OK(grpo__composed_rope(&t, &rope, position, &h, 1));
	near("composed, turned back", x0, x_was, n * ld, TOL);
}
END_TEST

/* ----------------------------------------------------------- attention */

static const int32_t reps[] = {1, 2, 3, 7, 8};
static const int families[][4] = {{0, 0, 0, 0}, {3, 0, 1, 2}, {6, 5, 0, 1}};

/* Table and head size of case i, and reps[j] q heads a kv head. */
static const grpo__kernels *attention_case(int i, int j, grpo__heads *h,
					   struct packed *p, grpo__rng *r)
{
	*r = seeded((uint64_t)(100 + i * ROWS(reps) + j));
	*h = heads(1 + (i + j) % 3, reps[j], head_sizes[i % ROWS(head_sizes)]);
	pack(p, r, families[(i + j) % 3], 4, (i + j) % 2 ? 70 : 9);
	return table(i / ROWS(head_sizes));
}

static void check_attention(int i, int j)
{
	grpo__heads h;
	struct packed p;
	grpo__rng r;
	const grpo__kernels *k = attention_case(i, j, &h, &p, &r);
	int64_t n = p.n_tokens, ld = qkv_width(&h), lo = h.n_q * h.d;
	float *qkv = normals(&r, n * ld, 1), *dout = normals(&r, n * lo, 1);
	float *out = zeros(n * lo), *out0 = zeros(n * lo);
	float *lse = zeros(n * h.n_q), *lse1 = zeros(n * h.n_q);
	float *d = zeros(n * ld), *d0 = zeros(n * ld);
	grpo__tensor tx = wrap(qkv, n, ld), to = wrap(out0, n, lo);
	grpo__tensor tdo = wrap(dout, n, lo), td = wrap(d0, n, ld);

	if (!k)
		return;
	OK(grpo__composed_attention(&to, &tx, &p.g, &h));
	OK(grpo__composed_attention_backward(&td, &tdo, &tx, &p.g, &h));
	TWICE(out, n * lo, dout,
	      ck_assert_int_eq(k->attention(out, lse, qkv, &p.g, &h), 0));
	near("out", out, out0, n * lo, TOL);
	TWICE(lse1, n * h.n_q, lse,
	      ck_assert_int_eq(k->attention(out, lse1, qkv, &p.g, &h), 0));
	ck_assert_mem_eq(lse, lse1, (size_t)(n * h.n_q) * sizeof *lse);
	TWICE(d, n * ld, qkv,
	      ck_assert_int_eq(k->attention_backward(d, dout, out, lse, qkv,
						     &p.g, &h),
			       0));
	near("dqkv", d, d0, n * ld, TOL);
	ck_assert_int_eq(k->attention(out, NULL, qkv, &p.g, &h), 0);
	near("out without lse", out, out0, n * lo, TOL);
}

START_TEST(attention_is_the_composed_one)
{
	for (int j = 0; j < ROWS(reps); j++)
		check_attention(_i, j);
}
END_TEST

/* What the kept lse must be, from the definition. */
static void check_lse(int i, int j)
{
	grpo__heads h;
	struct packed p;
	grpo__rng r;
	const grpo__kernels *k = attention_case(i, j, &h, &p, &r);
	int64_t n = p.n_tokens, ld = qkv_width(&h);
	float *qkv = normals(&r, n * ld, 1), *out = zeros(n * h.n_q * h.d);
	float *lse = zeros(n * h.n_q), *want = zeros(n * h.n_q);

	if (!k)
		return;
	ck_assert_int_eq(k->attention(out, lse, qkv, &p.g, &h), 0);
	for (int64_t s = 0; s < p.g.n_segments; s++)
		for (int64_t a = 0; a < h.n_q * n; a++) {
			int64_t t = a / h.n_q, head = a % h.n_q;
			double sum = 0;

			if (t < p.start[s] || t >= p.start[s + 1])
				continue;
			for (int64_t b = 0; b <= t; b++) {
				int64_t f = p.prefix[s];
				int own = b >= p.start[s];
				int shared = f >= 0 && b >= p.start[f] &&
					     b < p.start[f + 1];
				double x = 0;

				for (int c = 0; c < h.d; c++)
					x += (double)qkv[t * ld + head * h.d +
							 c] *
					     (double)qkv[b * ld +
							 (h.n_q +
							  head / (h.n_q /
								  h.n_kv)) *
								 h.d +
							 c];
				if (own || shared)
					sum += exp(x * (double)h.scale);
			}
			want[a] = (float)log(sum);
		}
	near("lse", lse, want, n * h.n_q, TOL);
}

START_TEST(attention_keeps_the_log_sum_exp_of_the_scores)
{
	for (int j = 0; j < ROWS(reps); j++)
		check_lse(_i, j);
}
END_TEST

struct cache {
	float *kt, *v;
	grpo__kv_view view;
};

/* The keys and values of tokens from ... from+n-1, stored a few at a time;
 * what lies behind them is not a number. */
static struct cache cached(const grpo__kernels *k, const float *qkv,
			   int64_t from, int64_t n, const grpo__heads *h)
{
	int64_t ld = (n + 1 + 31) / 32 * 32, width = h->n_kv * h->d;
	struct cache c = {.kt = zeros(width * ld), .v = zeros(width * ld)};

	for (int64_t i = 0; i < width * ld; i++)
		c.kt[i] = c.v[i] = NAN;
	for (int64_t i = 0; i < n; i += 5)
		k->kv_store(c.kt, c.v, ld, i,
			    qkv + (from + i) * qkv_width(h),
			    n - i < 5 ? n - i : 5, h);
	c.view = (grpo__kv_view){.kt = c.kt, .v = c.v, .n = n, .ld = ld};
	return c;
}

static void check_decoding(int i, int j)
{
	grpo__heads h;
	struct packed p;
	grpo__rng r;
	const grpo__kernels *k = attention_case(i, j, &h, &p, &r);
	int64_t n = p.n_tokens, ld = qkv_width(&h), lo = h.n_q * h.d, m = 0;
	float *qkv = normals(&r, n * ld, 1), *out0 = zeros(n * lo);
	float *rows = zeros(64 * ld), *want = zeros(64 * lo);
	float *out = zeros(64 * lo);
	grpo__kv_view prompt[64], own[64];
	grpo__tensor tx = wrap(qkv, n, ld), to = wrap(out0, n, lo);

	if (!k)
		return;
	OK(grpo__composed_attention(&to, &tx, &p.g, &h));
	for (int64_t s = 0; s < p.g.n_segments; s++) {
		int64_t f = p.prefix[s] < 0 ? s : p.prefix[s];
		int64_t from = p.start[s], last = p.start[s + 1] - 1;
		int64_t np = p.start[f + 1] - p.start[f];

		if (f == s) /* the prompt alone, its last token its own */
			np--, from = last;
		prompt[m] = cached(k, qkv, p.start[f], np, &h).view;
		own[m] = cached(k, qkv, from, last - from + 1, &h).view;
		memcpy(rows + m * ld, qkv + last * ld,
		       (size_t)ld * sizeof *rows);
		memcpy(want + m * lo, out0 + last * lo,
		       (size_t)lo * sizeof *rows);
		m++;
	}
	TWICE(out, m * lo, rows,
	      ck_assert_int_eq(k->attention_decode(out, rows, prompt, own, m,
						   &h),
			       0));
	near("out", out, want, m * lo, TOL);
	ck_assert_int_eq(k->attention_decode(out, rows, prompt, own, 1, &h),
			 0);
	near("one row", out, want, lo, TOL);
}

START_TEST(decoding_gives_the_last_row_of_full_attention)
{
	for (int j = 0; j < ROWS(reps); j++)
		check_decoding(_i, j);
}
END_TEST

START_TEST(large_scores_do_not_overflow)
{
	const grpo__kernels *k = table(_i);
	grpo__heads h = heads(1, 2, 32);
	struct packed p;
	grpo__rng r = seeded(6);
	int64_t ld = qkv_width(&h), lo = h.n_q * h.d, n;
	float *qkv, *out, *out0, *lse;
	grpo__tensor tx, to;

	if (!k)
		return;
	pack(&p, &r, families[1], 4, 40);
	n = p.n_tokens;
	qkv = normals(&r, n * ld, 30);
	out = zeros(n * lo), out0 = zeros(n * lo), lse = zeros(n * h.n_q);
	tx = wrap(qkv, n, ld), to = wrap(out0, n, lo);
	OK(grpo__composed_attention(&to, &tx, &p.g, &h));
	ck_assert_int_eq(k->attention(out, lse, qkv, &p.g, &h), 0);
	near("out", out, out0, n * lo, 1e-4); /* scores near 1e4 */
	for (int64_t i = 0; i < n * h.n_q; i++)
		ck_assert(isfinite(lse[i]));
}
END_TEST

/* ---------------------------------------------------------------- head */

static const int64_t vocabularies[] = {1, 7, 512, 1003, 49152};
static const float temperatures[] = {1.0f, 0.7f, 1.5f};

enum { N_HEAD = 5 * 3 };

START_TEST(logprob_is_the_composed_one)
{
	const grpo__kernels *k = table(_i / N_HEAD);
	int64_t v = vocabularies[_i % N_HEAD / 3], n = 21;
	float t = temperatures[_i % 3];
	grpo__rng r = seeded(7);
	float *x = normals(&r, n * v, 5), *x_was = copy_of(x, n * v);
	float *x0 = copy_of(x, n * v);
	float *lp = zeros(n), *e = zeros(n), *l = zeros(n), *e1 = zeros(n);
	float *lp0 = zeros(n), *e0 = zeros(n), *l0 = zeros(n);
	float *dlp = normals(&r, n, 1), *de = normals(&r, n, 1);
	int32_t *target = indices(&r, n, (uint32_t)v);
	grpo__tensor tx = wrap(x0, n, v);

	if (!k)
		return;
	OK(grpo__composed_logprob(lp0, e0, l0, &tx, target, t));
	TWICE(lp, n, l,
	      k->logprob(lp, e, l, x, target, n, v, 1.0f / t));
	near("lse", l, l0, n, TOL);
	if (v > 1) {
		near("logp", lp, lp0, n, TOL);
		near("entropy", e, e0, n, TOL);
	}
	k->logprob(lp, NULL, l, x, target, n, v, 1.0f / t);
	memcpy(e1, e, (size_t)n * sizeof *e);
	OK(grpo__composed_logprob_backward(&tx, target, dlp, de, e, l, t));
	TWICE(x, n * v, x_was,
	      k->logprob_backward(x, target, dlp, de, e1, l, n, v, 1.0f / t));
	if (v > 1)
		near("dlogits", x, x0, n * v, TOL);
	memcpy(x, x_was, (size_t)(n * v) * sizeof *x);
	memcpy(x0, x_was, (size_t)(n * v) * sizeof *x);
	OK(grpo__composed_logprob_backward(&tx, target, dlp, NULL, NULL, l,
					   t));
	k->logprob_backward(x, target, dlp, NULL, NULL, l, n, v, 1.0f / t);
	if (v > 1)
		near("dlogits without entropy", x, x0, n * v, TOL);
}
END_TEST

START_TEST(softmax_row_is_exp_of_logprob)
{
	const grpo__kernels *k = table(_i / N_HEAD);
	int64_t v = vocabularies[_i % N_HEAD / 3];
	float t = temperatures[_i % 3], max, lse, logp;
	grpo__rng r = seeded(8);
	float *x = normals(&r, v, 5), *p = zeros(v);
	int32_t target = (int32_t)(v / 2);
	double sum;

	if (!k)
		return;
	k->logprob(&logp, NULL, &lse, x, &target, 1, v, 1.0f / t);
	sum = k->softmax_row(p, &max, x, v, 1.0f / t);
	ck_assert_double_eq_tol((double)p[target] / sum, exp((double)logp),
				1e-6);
	ck_assert_double_eq_tol((double)max + log(sum), (double)lse, 1e-5);
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
	const grpo__kernels *k = table(_i);
	float x[1003], logp, entropy, lse, max;
	int32_t target = 5;

	if (!k)
		return;
	for (int c = 0; c < ROWS(nans); c++)
		for (int at = 0; at < 1003; at += 59) {
			for (int j = 0; j < 1003; j++)
				x[j] = (float)(j % 17);
			x[at] = nan_with(nans[c]);
			k->logprob(&logp, &entropy, &lse, x, &target, 1, 1003,
				   1.0f);
			ck_assert_msg(isnan(logp), "%x at %d: %g", nans[c], at,
				      (double)logp);
			ck_assert(isnan(entropy));
			ck_assert(isnan(lse));
			ck_assert(isnan(k->softmax_row(x, &max, x, 1003, 1)));
		}
}
END_TEST

START_TEST(an_infinite_logit_gives_a_logp_that_is_not_finite)
{
	const grpo__kernels *k = table(_i);
	float x[100], logp, entropy, lse;
	int32_t target = 5;

	if (!k)
		return;
	for (int at = 0; at < 100; at++) {
		for (int j = 0; j < 100; j++)
			x[j] = (float)(j % 17);
		x[at] = INFINITY;
		k->logprob(&logp, &entropy, &lse, x, &target, 1, 100, 1.0f);
		ck_assert(!isfinite(logp));
	}
}
END_TEST

START_TEST(a_logit_of_minus_infinity_has_no_part)
{
	const grpo__kernels *k = table(_i);
	float x[67], logp[2], entropy[2], lse[2];
	int32_t target = 5;

	if (!k)
		return;
	for (int j = 0; j < 67; j++)
		x[j] = j < 50 ? (float)(j % 17) : -INFINITY;
	k->logprob(logp, entropy, lse, x, &target, 1, 50, 1.0f);
	k->logprob(logp + 1, entropy + 1, lse + 1, x, &target, 1, 67, 1.0f);
	near("logp", logp + 1, logp, 1, TOL);
	near("entropy", entropy + 1, entropy, 1, TOL);
	near("lse", lse + 1, lse, 1, TOL);
}
END_TEST

/* ----------------------------------------------------------- optimizer */

static const int64_t lengths[] = {1, 15, 1000, 10007, 100003};

START_TEST(optimizer_kernels_are_the_composed_ones)
{
	const grpo__kernels *k = table(_i / ROWS(lengths));
	int64_t n = lengths[_i % ROWS(lengths)];
	grpo__rng r = seeded(9);
	float *w = normals(&r, n, 1), *m = normals(&r, n, 0.1);
	float *v = normals(&r, n, 0.1), *g = normals(&r, n, 1);
	grpo__adamw_args a = {.lr = 1e-2f, .beta1 = 0.9f, .beta2 = 0.95f,
			      .eps = 1e-8f, .weight_decay = 0.1f,
			      .bias1 = 0.271f, .bias2 = 0.143f,
			      .grad_scale = 0.3f};
	float *w0, *m0, *v0, *w_was;
	grpo__tensor tw, tm, tv, tg = wrap(g, 1, n);
	double s, s0;

	if (!k)
		return;
	for (int64_t i = 0; i < n; i++)
		v[i] *= v[i];
	w0 = copy_of(w, n), m0 = copy_of(m, n), v0 = copy_of(v, n);
	w_was = copy_of(w, n);
	tw = wrap(w0, 1, n), tm = wrap(m0, 1, n), tv = wrap(v0, 1, n);
	OK(grpo__composed_adamw(&tw, &tm, &tv, &tg, &a));
	{
		float *mm = copy_of(m, n), *vv = copy_of(v, n);

		TWICE(w, n, w_was,
		      (memcpy(m, mm, (size_t)n * sizeof *m),
		       memcpy(v, vv, (size_t)n * sizeof *v),
		       k->adamw(w, m, v, g, n, &a)));
	}
	near("w", w, w0, n, 1e-6);
	near("m", m, m0, n, 1e-6);
	near("v", v, v0, n, 1e-6);
	OK(grpo__composed_mix(&tw, &tg, 0.6f));
	memcpy(w_was, w, (size_t)n * sizeof *w);
	TWICE(w, n, w_was, k->mix(w, g, 0.6f, n));
	near("mix", w, w0, n, TOL);
	OK(grpo__composed_sum_squares(&s0, &tg));
	omp_set_num_threads(1);
	s = k->sum_squares(g, n);
	omp_set_num_threads(2);
	ck_assert(s == k->sum_squares(g, n));
	ck_assert_double_eq_tol(s, s0, 1e-5 * s0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("torch_kernels");
	TCase *c = tcase_create("kernels");
	int rows = N_TABLES * ROWS(row_shapes);
	int attention = N_TABLES * ROWS(head_sizes);

	tcase_set_timeout(c, 120);
	suite_add_tcase(s, c);
	tcase_add_test(c, the_table_chosen_is_the_widest_that_runs);
	tcase_add_loop_test(c, rmsnorm_is_the_composed_one, 0, rows);
	tcase_add_loop_test(c, swiglu_is_the_composed_one, 0, rows);
	tcase_add_loop_test(c, bias_embedding_and_rows_are_the_composed_ones,
			    0, rows);
	tcase_add_loop_test(c, gather_and_scatter_add_are_the_composed_ones, 0,
			    rows);
	tcase_add_loop_test(c, rope_is_the_composed_one_and_turns_back, 0,
			    N_TABLES * ROWS(head_sizes));
	tcase_add_loop_test(c, attention_is_the_composed_one, 0, attention);
	tcase_add_loop_test(c, attention_keeps_the_log_sum_exp_of_the_scores,
			    0, attention);
	tcase_add_loop_test(c, decoding_gives_the_last_row_of_full_attention,
			    0, attention);
	tcase_add_loop_test(c, large_scores_do_not_overflow, 0, N_TABLES);
	tcase_add_loop_test(c, logprob_is_the_composed_one, 0,
			    N_TABLES * N_HEAD);
	tcase_add_loop_test(c, softmax_row_is_exp_of_logprob, 0,
			    N_TABLES * N_HEAD);
	tcase_add_loop_test(c, a_nan_logit_gives_a_nan_logp, 0, N_TABLES);
	tcase_add_loop_test(
		c, an_infinite_logit_gives_a_logp_that_is_not_finite, 0,
		N_TABLES);
	tcase_add_loop_test(c, a_logit_of_minus_infinity_has_no_part, 0,
			    N_TABLES);
	tcase_add_loop_test(c, optimizer_kernels_are_the_composed_ones, 0,
			    N_TABLES * ROWS(lengths));
	return finish(s);
}
