/* SPDX-License-Identifier: MIT */
/*
 * The composed operators of ops.h: their gradients against differences of
 * their values, bf16 against fp32, and the way that ops.c chooses.
 */
#include "tests/torch_help.h"
#include "tests/torch_suite.h"

/* ------------------------------------------------- gradients, in fp32 */

/* sum of a b, in double */
static double inner(const float *a, const float *b, int64_t n)
{
	double s = 0;

	for (int64_t i = 0; i < n; i++)
		s += (double)a[i] * (double)b[i];
	return s;
}

/* A function of x [n], and the gradient that is to be checked. */
typedef double value_fn(const float *x, void *ctx);

/* Along three directions, the slope of f is the gradient's part in them. */
static void slope_is(const char *what, value_fn *f, void *ctx, const float *x,
		     const float *dx, int64_t n, double step, double tol)
{
	grpo__rng r = seeded(77);
	double size = sqrt(inner(dx, dx, n));

	for (int k = 0; k < 3; k++) {
		float *u = normals(&r, n, 1), *a = zeros(n), *b = zeros(n);
		double length = sqrt(inner(u, u, n)), want, got;

		for (int64_t i = 0; i < n; i++) {
			u[i] = (float)((double)u[i] / length);
			if (k == 0) /* up the gradient itself */
				u[i] = (float)((double)dx[i] / size);
			a[i] = x[i] + (float)step * u[i];
			b[i] = x[i] - (float)step * u[i];
			u[i] = a[i] - b[i];
		}
		want = f(a, ctx) - f(b, ctx);
		got = inner(dx, u, n);
		ck_assert_msg(fabs(got - want) <= tol * size * 2 * step,
			      "%s, direction %d: %g, not %g", what, k, got,
			      want);
		free(u), free(a), free(b);
	}
}

struct norm_case {
	int64_t n, h;
	float *x, *w, *dy;
};

static double norm_value(const struct norm_case *c, const float *x,
			 const float *w)
{
	float *y = zeros(c->n * c->h);
	grpo__tensor ty = wrap(y, c->n, c->h);
	grpo__tensor tx = wrap((float *)x, c->n, c->h);
	grpo__tensor tw = wrap((float *)w, 1, c->h);
	double v;

	OK(grpo__composed_rmsnorm(&ty, NULL, &tx, &tw, 1e-5f));
	v = inner(y, c->dy, c->n * c->h);
	free(y);
	return v;
}

static double norm_of_x(const float *x, void *ctx)
{
	struct norm_case *c = ctx;

	return norm_value(c, x, c->w);
}

static double norm_of_w(const float *w, void *ctx)
{
	struct norm_case *c = ctx;

	return norm_value(c, c->x, w);
}

START_TEST(rmsnorm_backward_is_the_slope)
{
	grpo__rng r = seeded(1);
	struct norm_case c = {.n = 5, .h = 24};
	int64_t n = c.n * c.h;
	float *dx = zeros(n), *dw = zeros(c.h), *rs = zeros(c.n);
	float *y = zeros(n);
	grpo__tensor tx, tw, tdy, ty = wrap(y, c.n, c.h);
	grpo__tensor tdx = wrap(dx, c.n, c.h), tdw = wrap(dw, 1, c.h);
	grpo__tensor trs = wrap(rs, c.n, 1);

	c.x = normals(&r, n, 1);
	c.w = normals(&r, c.h, 1);
	c.dy = normals(&r, n, 1);
	tx = wrap(c.x, c.n, c.h), tw = wrap(c.w, 1, c.h);
	tdy = wrap(c.dy, c.n, c.h);
	OK(grpo__composed_rmsnorm(&ty, &trs, &tx, &tw, 1e-5f));
	OK(grpo__composed_rmsnorm_backward(&tdx, &tdw, &tdy, &tx, &tw, &trs));
	slope_is("dx", norm_of_x, &c, c.x, dx, n, 1e-2, 2e-3);
	slope_is("dw", norm_of_w, &c, c.w, dw, c.h, 1e-2, 2e-3);
	/* dx and dw are added to */
	OK(grpo__composed_rmsnorm_backward(&tdx, &tdw, &tdy, &tx, &tw, &trs));
	for (int64_t i = 0; i < n; i++)
		dx[i] /= 2;
	slope_is("half of twice dx", norm_of_x, &c, c.x, dx, n, 1e-2, 2e-3);
}
END_TEST

static double swiglu_value(const float *gu, void *ctx)
{
	float *act = zeros(5 * 24);
	grpo__tensor ta = wrap(act, 5, 24), tg = wrap((float *)gu, 5, 48);
	double v;

	OK(grpo__composed_swiglu(&ta, &tg));
	v = inner(act, ctx, 5 * 24);
	free(act);
	return v;
}

START_TEST(swiglu_backward_is_the_slope)
{
	grpo__rng r = seeded(2);
	float *gu = normals(&r, 5 * 48, 2), *dact = normals(&r, 5 * 24, 1);
	float *dgu = zeros(5 * 48);
	grpo__tensor tg = wrap(gu, 5, 48), ta = wrap(dact, 5, 24);
	grpo__tensor td = wrap(dgu, 5, 48);

	OK(grpo__composed_swiglu_backward(&td, &ta, &tg));
	slope_is("dgu", swiglu_value, dact, gu, dgu, 5 * 48, 1e-2, 2e-3);
}
END_TEST

struct head_case {
	int64_t n, v;
	int32_t *target;
	float *dlogp, *dentropy, temperature;
};

static double head_value(const float *x, void *ctx)
{
	struct head_case *c = ctx;
	float *lp = zeros(c->n), *e = zeros(c->n), *l = zeros(c->n);
	grpo__tensor t = wrap((float *)x, c->n, c->v);
	double v;

	OK(grpo__composed_logprob(lp, e, l, &t, c->target, c->temperature));
	v = inner(lp, c->dlogp, c->n) + inner(e, c->dentropy, c->n);
	free(lp), free(e), free(l);
	return v;
}

START_TEST(logprob_backward_is_the_slope)
{
	grpo__rng r = seeded(3);
	struct head_case c = {.n = 4, .v = 19, .temperature = 0.8f};
	float *x = normals(&r, c.n * c.v, 1), *dx = copy_of(x, c.n * c.v);
	float *lp = zeros(c.n), *e = zeros(c.n), *l = zeros(c.n);
	grpo__tensor t = wrap(dx, c.n, c.v);

	c.target = indices(&r, c.n, (uint32_t)c.v);
	c.dlogp = normals(&r, c.n, 1);
	c.dentropy = normals(&r, c.n, 1);
	OK(grpo__composed_logprob(lp, e, l, &t, c.target, c.temperature));
	OK(grpo__composed_logprob_backward(&t, c.target, c.dlogp, c.dentropy, e,
					   l, c.temperature));
	slope_is("dlogits", head_value, &c, x, dx, c.n * c.v, 1e-2, 2e-3);
}
END_TEST

struct attention_case {
	struct packed p;
	grpo__heads h;
	float *dout;
};

static double attention_value(const float *qkv, void *ctx)
{
	struct attention_case *c = ctx;
	int64_t n = c->p.n_tokens, lo = c->h.n_q * c->h.d;
	float *out = zeros(n * lo);
	grpo__tensor to = wrap(out, n, lo);
	grpo__tensor tx = wrap((float *)qkv, n, qkv_width(&c->h));
	double v;

	OK(grpo__composed_attention(&to, &tx, &c->p.g, &c->h));
	v = inner(out, c->dout, n * lo);
	free(out);
	return v;
}

START_TEST(attention_backward_is_the_slope)
{
	grpo__rng r = seeded(4);
	struct attention_case c = {.h = heads(2, 3, 8)};
	int64_t n, ld = qkv_width(&c.h), lo = c.h.n_q * c.h.d;
	float *qkv, *d;
	grpo__tensor tx, td, tdo;

	pack(&c.p, &r, (int[]){3, 0, 1}, 3, 9);
	n = c.p.n_tokens;
	qkv = normals(&r, n * ld, 1);
	c.dout = normals(&r, n * lo, 1);
	d = zeros(n * ld);
	tx = wrap(qkv, n, ld), td = wrap(d, n, ld), tdo = wrap(c.dout, n, lo);
	OK(grpo__composed_attention_backward(&td, &tdo, &tx, &c.p.g, &c.h));
	slope_is("dqkv", attention_value, &c, qkv, d, n * ld, 3e-2, 4e-3);
}
END_TEST

START_TEST(a_token_sees_its_prefix_and_its_own_past_alone)
{
	grpo__rng r = seeded(5);
	grpo__heads h = heads(1, 2, 8);
	struct packed p;
	int64_t ld = qkv_width(&h), lo = h.n_q * h.d, n;
	float *x, *was, *out, *out_was;
	grpo__tensor tx, to;

	pack(&p, &r, (int[]){2, 1}, 2, 6);
	n = p.n_tokens;
	was = normals(&r, n * ld, 1), x = copy_of(was, n * ld);
	out = zeros(n * lo), out_was = zeros(n * lo);
	tx = wrap(x, n, ld), to = wrap(out_was, n, lo);
	OK(grpo__composed_attention(&to, &tx, &p.g, &h));
	to = wrap(out, n, lo);
	for (int64_t s = 0; s < p.g.n_segments; s++) {
		int64_t t = p.start[s + 1] - 1; /* its last token changes */

		memcpy(x, was, (size_t)(n * ld) * sizeof *x);
		for (int64_t c = h.n_q * h.d; c < ld; c++)
			x[t * ld + c] += 1;
		OK(grpo__composed_attention(&to, &tx, &p.g, &h));
		for (int64_t u = 0; u < n; u++) {
			int same = !memcmp(out + u * lo, out_was + u * lo,
					   (size_t)lo * sizeof *out);
			int sees = u == t;

			for (int64_t o = 0; o < p.g.n_segments; o++)
				if (p.prefix[o] == s && u >= p.start[o] &&
				    u < p.start[o + 1])
					sees = 1;
			ck_assert_msg(same == !sees, "token %d of %d", (int)u,
				      (int)t);
		}
	}
}
END_TEST

/* ------------------------------------------------------------- bfloat16 */

static grpo__tensor bf16(const float *x, int64_t rows, int64_t columns)
{
	int64_t shape[] = {rows, columns};
	grpo__tensor t;

	OK(grpo__tensor_create(&t, GRPO__BF16, GRPO__CPU, 2, shape));
	OK(grpo__tensor_write(&t, x));
	return t;
}

/* What a bf16 tensor holds. */
static float *numbers(const grpo__tensor *t)
{
	float *x = zeros(grpo__tensor_count(t));

	OK(grpo__tensor_read(t, x));
	return x;
}

/* n normals that bf16 holds exactly */
static float *bf16_normals(grpo__rng *r, int64_t n, double scale)
{
	float *x = normals(r, n, scale);
	grpo__tensor t = bf16(x, 1, n);

	free(x);
	x = numbers(&t);
	grpo__tensor_free(&t);
	return x;
}

#define BF16_TOL 1e-2 /* of the largest: 8 bits, a few roundings */

START_TEST(bf16_rmsnorm_rounds_before_the_weight)
{
	enum { N = 7, H = 33 };
	grpo__rng r = seeded(6);
	float *x = bf16_normals(&r, N * H, 3), *w = bf16_normals(&r, H, 1);
	float want[N * H], *got, *rstd;
	grpo__tensor tx = bf16(x, N, H), tw = bf16(w, 1, H);
	grpo__tensor ty = bf16(x, N, H), tr;

	OK(grpo__tensor_create(&tr, GRPO__F32, GRPO__CPU, 2,
			       (int64_t[]){N, 1}));
	OK(grpo__op_rmsnorm(&ty, &tr, &tx, &tw, 1e-6f));
	rstd = numbers(&tr);
	for (int i = 0; i < N; i++) {
		grpo__tensor row;
		float xhat[H], *rounded;
		double s = inner(x + i * H, x + i * H, H) / H;

		ck_assert_float_eq_tol(rstd[i], (float)(1 / sqrt(s + 1e-6)),
				       1e-5f);
		for (int j = 0; j < H; j++)
			xhat[j] = x[i * H + j] * rstd[i];
		row = bf16(xhat, 1, H);
		rounded = numbers(&row);
		for (int j = 0; j < H; j++)
			want[i * H + j] = rounded[j] * w[j];
	}
	{
		grpo__tensor t = bf16(want, N, H);

		OK(grpo__tensor_read(&t, want));
	}
	got = numbers(&ty);
	ck_assert_mem_eq(got, want, sizeof want);
}
END_TEST

START_TEST(bf16_gradients_of_parameters_are_summed_in_fp32)
{
	enum { N = 300, H = 8 };
	grpo__rng r = seeded(7);
	float *x = bf16_normals(&r, N * H, 1), *w = bf16_normals(&r, H, 1);
	float *dy = bf16_normals(&r, N * H, 1), db[H] = {0}, db0[H] = {0};
	float dw[H] = {0}, dw0[H] = {0}, dt[3 * H] = {0}, dt0[3 * H] = {0};
	float *dx0 = zeros(N * H), *rs = zeros(N), *y0 = zeros(N * H);
	int32_t *ids = indices(&r, N, 3);
	grpo__tensor tdb = wrap(db, 1, H), tdb0 = wrap(db0, 1, H);
	grpo__tensor tdw = wrap(dw, 1, H), tdw0 = wrap(dw0, 1, H);
	grpo__tensor tdt = wrap(dt, 3, H), tdt0 = wrap(dt0, 3, H);
	grpo__tensor fx = wrap(x, N, H), fw = wrap(w, 1, H);
	grpo__tensor fdy = wrap(dy, N, H), fdx = wrap(dx0, N, H);
	grpo__tensor frs = wrap(rs, N, 1), fy = wrap(y0, N, H);
	grpo__tensor tx = bf16(x, N, H), tw = bf16(w, 1, H);
	grpo__tensor tdy = bf16(dy, N, H), tdx = bf16(y0, N, H);

	OK(grpo__composed_bias_backward(&tdb, &tdy));
	OK(grpo__composed_bias_backward(&tdb0, &fdy));
	near("db", db, db0, H, 1e-6);
	OK(grpo__op_embed_backward(&tdt, &tdy, ids));
	OK(grpo__op_embed_backward(&tdt0, &fdy, ids));
	near("dtable", dt, dt0, 3 * H, 1e-6);
	OK(grpo__composed_rmsnorm(&fy, &frs, &fx, &fw, 1e-6f));
	OK(grpo__op_rmsnorm_backward(&tdx, &tdw, &tdy, &tx, &tw, &frs));
	OK(grpo__op_rmsnorm_backward(&fdx, &tdw0, &fdy, &fx, &fw, &frs));
	near("dw", dw, dw0, H, BF16_TOL);
	near("dx", numbers(&tdx), dx0, N * H, BF16_TOL);
}
END_TEST

START_TEST(bf16_rope_rounds_as_hugging_face)
{
	enum { N = 6 };
	grpo__heads h = heads(1, 1, 8);
	grpo__rng r = seeded(8);
	int64_t ld = qkv_width(&h);
	float cos[N * 4], sin[N * 4], *c, *s, want[N * 24];
	int32_t position[N] = {5, 0, 3, 3, 1, 4};
	float *x = bf16_normals(&r, N * ld, 1), part[2];
	grpo__rope rope = {.cos = cos, .sin = sin, .n_positions = N};
	grpo__tensor t = bf16(x, N, ld), tc, ts;

	for (int i = 0; i < N * 4; i++) {
		cos[i] = cosf((float)i);
		sin[i] = sinf((float)i);
	}
	tc = bf16(cos, 1, N * 4), ts = bf16(sin, 1, N * 4);
	c = numbers(&tc), s = numbers(&ts);
	for (int i = 0; i < N * 24; i++) {
		int row = i / 24, k = i % 8, at = position[row] * 4 + k % 4;
		float other = k < 4 ? -x[i + 4] : x[i - 4];
		grpo__tensor two, one;

		want[i] = x[i];
		if (i % 24 >= 16)
			continue;
		part[0] = x[i] * c[at], part[1] = other * s[at];
		two = bf16(part, 1, 2);
		OK(grpo__tensor_read(&two, part));
		part[0] += part[1];
		one = bf16(part, 1, 1);
		want[i] = *numbers(&one);
	}
	OK(grpo__op_rope(&t, &rope, position, &h, 0));
	near("x", numbers(&t), want, N * 24, 0);
}
END_TEST

START_TEST(a_position_beyond_the_table_is_an_error)
{
	grpo__heads h = heads(1, 1, 8);
	float table[8] = {0};
	grpo__rope rope = {.cos = table, .sin = table, .n_positions = 2};
	int32_t position[2] = {0, 2};
	grpo__tensor t = bf16((float[48]){0}, 2, 24);

	ck_assert_int_eq(grpo__op_rope(&t, &rope, position, &h, 0),
			 GRPO_EINVAL);
	ck_assert_msg(strstr(grpo_error_message(), "position 2") != NULL, "%s",
		      grpo_error_message());
}
END_TEST

START_TEST(bf16_attention_is_near_fp32)
{
	grpo__heads h = heads(2, 3, 16);
	struct packed p;
	grpo__rng r = seeded(9);
	int64_t ld = qkv_width(&h), lo = h.n_q * h.d, n;
	float *x, *dy, *out0, *d0, *lse;
	grpo__tensor fx, fo, fd, fdy, tx, to, td, tdy, tl;

	pack(&p, &r, (int[]){4, 0}, 2, 30);
	n = p.n_tokens;
	x = bf16_normals(&r, n * ld, 1), dy = bf16_normals(&r, n * lo, 1);
	out0 = zeros(n * lo), d0 = zeros(n * ld), lse = zeros(n * h.n_q);
	fx = wrap(x, n, ld), fo = wrap(out0, n, lo), fd = wrap(d0, n, ld);
	fdy = wrap(dy, n, lo), tl = wrap(lse, n, h.n_q);
	tx = bf16(x, n, ld), to = bf16(out0, n, lo), td = bf16(d0, n, ld);
	tdy = bf16(dy, n, lo);
	OK(grpo__op_attention(&fo, &tl, &fx, &p.g, &h));
	OK(grpo__op_attention_backward(&fd, &fdy, &fo, &tl, &fx, &p.g, &h));
	OK(grpo__op_attention(&to, &tl, &tx, &p.g, &h));
	OK(grpo__op_attention_backward(&td, &tdy, &to, &tl, &tx, &p.g, &h));
	near("out", numbers(&to), out0, n * lo, BF16_TOL);
	near("dqkv", numbers(&td), d0, n * ld, 2 * BF16_TOL);
}
END_TEST

START_TEST(bf16_rows_and_activations_are_near_fp32)
{
	enum { N = 20, H = 12 };
	grpo__rng r = seeded(10);
	float *x = bf16_normals(&r, N * 2 * H, 2), *b = bf16_normals(&r, H, 1);
	float *d = bf16_normals(&r, N * H, 1);
	float *y0 = zeros(N * H), *g0 = zeros(N * 2 * H);
	int64_t rows[3] = {4, 19, 0};
	int32_t ids[3] = {4, 19, 0};
	grpo__tensor fx = wrap(x, N, 2 * H), fd = wrap(d, N, H);
	grpo__tensor fy = wrap(y0, N, H), fg = wrap(g0, N, 2 * H);
	grpo__tensor tx = bf16(x, N, 2 * H), td = bf16(d, N, H);
	grpo__tensor ty = bf16(y0, N, H), tg = bf16(g0, N, 2 * H);
	grpo__tensor tb = bf16(b, 1, H), f3 = wrap(y0, 3, H);
	grpo__tensor t3 = bf16(y0, 3, H);

	OK(grpo__op_swiglu(&fy, &fx));
	OK(grpo__op_swiglu(&ty, &tx));
	near("act", numbers(&ty), y0, N * H, BF16_TOL);
	OK(grpo__op_swiglu_backward(&fg, &fd, &fx));
	OK(grpo__op_swiglu_backward(&tg, &td, &tx));
	near("dgu", numbers(&tg), g0, N * 2 * H, BF16_TOL);
	OK(grpo__op_add(&fy, &fd));
	OK(grpo__op_add(&ty, &td));
	near("sum", numbers(&ty), y0, N * H, BF16_TOL);
	OK(grpo__composed_add_bias(&ty, &tb));
	for (int i = 0; i < N * H; i++)
		y0[i] += b[i % H];
	near("x + b", numbers(&ty), y0, N * H, BF16_TOL);
	OK(grpo__op_gather(&t3, &td, rows));
	for (int i = 0; i < 3; i++)
		ck_assert_mem_eq(numbers(&t3) + i * H, d + rows[i] * H,
				 H * sizeof *d);
	OK(grpo__op_embed(&t3, &td, ids));
	for (int i = 0; i < 3; i++)
		ck_assert_mem_eq(numbers(&t3) + i * H, d + ids[i] * H,
				 H * sizeof *d);
	memcpy(y0, d, N * H * sizeof *d);
	f3 = wrap(g0, 3, H);
	OK(grpo__op_gather(&f3, &fd, rows));
	OK(grpo__op_scatter_add(&fy, &f3, rows));
	OK(grpo__op_scatter_add(&td, &t3, rows));
	near("scatter", numbers(&td), y0, N * H, BF16_TOL);
	OK(grpo__tensor_read(&td, d));
	OK(grpo__tensor_read(&ty, g0));
	OK(grpo__op_mix(&td, &ty, 0.25f));
	for (int i = 0; i < N * H; i++)
		y0[i] = 0.75f * d[i] + 0.25f * g0[i];
	near("mix", numbers(&td), y0, N * H, BF16_TOL);
}
END_TEST

START_TEST(bf16_logits_have_their_log_probability_in_fp32)
{
	enum { N = 9, V = 101 };
	grpo__rng r = seeded(11);
	float *x = bf16_normals(&r, N * V, 4), *de = normals(&r, N, 1);
	float *dl = normals(&r, N, 1), *x0 = copy_of(x, N * V);
	float lp[N], e[N], l[N], lp0[N], e0[N], l0[N];
	int32_t *target = indices(&r, N, V);
	grpo__tensor t = bf16(x, N, V), f = wrap(x0, N, V);
	double s, s0;

	OK(grpo__op_logprob(lp, e, l, &t, target, 0.9f));
	OK(grpo__op_logprob(lp0, e0, l0, &f, target, 0.9f));
	near("logp", lp, lp0, N, 1e-5);
	near("entropy", e, e0, N, 1e-5);
	near("lse", l, l0, N, 1e-5);
	OK(grpo__op_logprob_backward(&t, target, dl, de, e, l, 0.9f));
	OK(grpo__op_logprob_backward(&f, target, dl, de, e0, l0, 0.9f));
	near("dlogits", numbers(&t), x0, N * V, 5e-3);
	OK(grpo__op_sum_squares(&s, &t));
	OK(grpo__op_sum_squares(&s0, &f));
	ck_assert_double_eq_tol(s, s0, 1e-2 * s0);
}
END_TEST

START_TEST(composed_logits_that_are_nan_give_a_nan_logp)
{
	float x[12] = {1, 2, 3, 4, 5, NAN, 7, 8, 1, 2, 3, 4};
	float lp[3], e[3], l[3];
	int32_t target[3] = {0, 0, 0};
	grpo__tensor t = wrap(x, 3, 4);

	OK(grpo__composed_logprob(lp, e, l, &t, target, 1));
	ck_assert(isfinite(lp[0]) && isfinite(lp[2]));
	ck_assert(isnan(lp[1]) && isnan(e[1]) && isnan(l[1]));
}
END_TEST

/* ------------------------------------------------------------ optimizer */

/* torch.optim.AdamW(lr=0.1, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.2)
 * of w = [1, -2, 0.5] with gradients [0.1, -3, 2], then [-0.2, 1, 0]. */
START_TEST(adamw_is_that_of_torch)
{
	static const float grads[2][3] = {{0.1f, -3, 2}, {-0.2f, 1, 0}};
	static const double first[3] = {0.88, -1.86, 0.39};
	double w[3] = {1, -2, 0.5}, m[3] = {0}, v[3] = {0};
	float fw[3] = {1, -2, 0.5f}, fm[3] = {0}, fv[3] = {0}, fg[3];
	float cw[3] = {1, -2, 0.5f}, cm[3] = {0}, cv[3] = {0};
	grpo__adamw_args a = {.lr = 0.1f,
			      .beta1 = 0.9f,
			      .beta2 = 0.95f,
			      .eps = 1e-8f,
			      .weight_decay = 0.2f,
			      .grad_scale = 1};
	grpo__tensor tw = wrap(fw, 1, 3), tm = wrap(fm, 1, 3);
	grpo__tensor tv = wrap(fv, 1, 3), tg = wrap(fg, 1, 3);
	grpo__tensor uw = wrap(cw, 1, 3), um = wrap(cm, 1, 3);
	grpo__tensor uv = wrap(cv, 1, 3);

	for (int t = 0; t < 2; t++) {
		a.bias1 = (float)(1 - pow(0.9, t + 1));
		a.bias2 = (float)(1 - pow(0.95, t + 1));
		memcpy(fg, grads[t], sizeof fg);
		OK(grpo__op_adamw(&tw, &tm, &tv, &tg, &a));
		OK(grpo__composed_adamw(&uw, &um, &uv, &tg, &a));
		for (int i = 0; i < 3; i++) {
			double g = (double)grads[t][i];

			w[i] *= 1 - 0.1 * 0.2;
			m[i] = 0.9 * m[i] + 0.1 * g;
			v[i] = 0.95 * v[i] + 0.05 * g * g;
			w[i] -= 0.1 * (m[i] / (1 - pow(0.9, t + 1))) /
				(sqrt(v[i] / (1 - pow(0.95, t + 1))) + 1e-8);
			if (t == 0) /* the first step is lr long */
				ck_assert_double_eq_tol(w[i], first[i], 1e-6);
			ck_assert_double_eq_tol((double)fw[i], w[i], 1e-6);
			ck_assert_double_eq_tol((double)cw[i], w[i], 1e-6);
		}
	}
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("torch_ops");
	TCase *c = tcase_create("ops");

	tcase_set_timeout(c, 120);
	suite_add_tcase(s, c);
	tcase_add_test(c, rmsnorm_backward_is_the_slope);
	tcase_add_test(c, swiglu_backward_is_the_slope);
	tcase_add_test(c, logprob_backward_is_the_slope);
	tcase_add_test(c, attention_backward_is_the_slope);
	tcase_add_test(c, a_token_sees_its_prefix_and_its_own_past_alone);
	tcase_add_test(c, bf16_rmsnorm_rounds_before_the_weight);
	tcase_add_test(c, bf16_gradients_of_parameters_are_summed_in_fp32);
	tcase_add_test(c, bf16_rope_rounds_as_hugging_face);
	tcase_add_test(c, a_position_beyond_the_table_is_an_error);
	tcase_add_test(c, bf16_attention_is_near_fp32);
	tcase_add_test(c, bf16_rows_and_activations_are_near_fp32);
	tcase_add_test(c, bf16_logits_have_their_log_probability_in_fp32);
	tcase_add_test(c, composed_logits_that_are_nan_give_a_nan_logp);
	tcase_add_test(c, adamw_is_that_of_torch);
	return s;
}

int main(void)
{
	return run_torch_suite(suite());
}
