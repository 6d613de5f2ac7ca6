/* SPDX-License-Identifier: MIT */
/* Kernels of attention: rope, whole sequences, decoding. */
#include "tests/kernels_rig.h"

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

static const int32_t reps[] = {1, 2, 3, 7, 8};
static const int families[][4] = {{0, 0, 0, 0}, {3, 0, 1, 2}, {6, 5, 0, 1}};

/* Head size i and reps[j] q heads a kv head. */
static void attention_case(int i, int j, uint32_t longest, grpo__heads *h,
			   struct packed *p, grpo__rng *r)
{
	uint64_t at = (uint64_t)i * ROWS(reps) + (uint64_t)j;

	*r = seeded(100 + at);
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
	return sum > 0 ? (float)log(sum) : -INFINITY;
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

static Suite *suite(void)
{
	Suite *s = suite_create("torch_kernels_attention");
	TCase *c = tcase_create("attention");

	tcase_set_timeout(c, 300);
	suite_add_tcase(s, c);
	tcase_add_loop_test(c, rope_is_the_composed_one_and_turns_back, 0,
			    ROWS(head_sizes));
	tcase_add_loop_test(c, attention_is_the_composed_one, 0,
			    ROWS(head_sizes));
	tcase_add_loop_test(c, attention_keeps_the_log_sum_exp_of_the_scores, 0,
			    ROWS(head_sizes));
	tcase_add_loop_test(c, decoding_gives_the_last_row_of_full_attention, 0,
			    ROWS(head_sizes));
	tcase_add_test(c, large_scores_do_not_overflow);
	tcase_add_test(c, segments_without_tokens_are_skipped);
	return s;
}

int main(void)
{
	return run_torch_suite(suite());
}
