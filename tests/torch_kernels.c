/* SPDX-License-Identifier: MIT */
/* Kernels of rows and of the optimizer; which table of kernels is taken. */
#include "tests/kernels_rig.h"

START_TEST(the_table_chosen_is_the_widest_that_runs)
{
	const grpo__kernels *best = NULL;

	EACH_TABLE(k)
	best = k;
	ck_assert_ptr_eq(grpo__kernels_get(), best);
	ck_assert_str_eq(grpo__kernels_base.isa, "base");
}
END_TEST

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

/* Which number of (w, m, v, g) becomes what; the last two change nothing. */
static const struct {
	int of;
	float number;
	int finite;
} steps[] = {{0, NAN, 0},       {0, INFINITY, 0}, {1, NAN, 0},
	     {1, -INFINITY, 0}, {2, NAN, 0},      {2, INFINITY, 0},
	     {2, -1, 0},        {3, NAN, 0},      {3, INFINITY, 0},
	     {3, 1e30f, 0},     {0, -1e30f, 1},   {3, 1e10f, 1}};

START_TEST(a_step_that_would_not_be_finite_is_seen_beforehand)
{
	int64_t n = lengths[_i], places[] = {0, n / 2, n - 1};
	grpo__rng r = seeded(11);
	float *x = normals(&r, 4 * n, 1), *was;
	grpo__tensor tw = wrap(x, 1, n), tm = wrap(x + n, 1, n);
	grpo__tensor tv = wrap(x + 2 * n, 1, n), tg = wrap(x + 3 * n, 1, n);
	grpo__adamw_args a = {1e-2f, 0.9f,   0.95f,  1e-8f,
			      0.1f,  0.271f, 0.143f, 0.3f};

	for (int64_t i = 2 * n; i < 3 * n; i++)
		x[i] *= x[i];
	was = copy_of(x, 4 * n);
	for (int i = 0; i < 3 * ROWS(steps); i++) {
		float *at = x + steps[i / 3].of * n + places[i % 3];
		int want = steps[i / 3].finite, got;

		*at = steps[i / 3].number;
		OK(grpo__composed_adamw_finite(&got, &tw, &tm, &tv, &tg, &a));
		ck_assert_msg(got == want, "composed, case %d: %d", i / 3, got);
		EACH_TABLE(k)
		{
			got = k->adamw_finite(x, x + n, x + 2 * n, x + 3 * n, n,
					      &a);
			ck_assert_msg(got == want, "%s, case %d: %d", within,
				      i / 3, got);
		}
		*at = was[at - x];
	}
	ck_assert_mem_eq(x, was, (size_t)n * 4 * sizeof *x);
	free(x);
	free(was);
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

	tcase_set_timeout(c, 300);
	suite_add_tcase(s, c);
	tcase_add_test(c, the_table_chosen_is_the_widest_that_runs);
	tcase_add_loop_test(c, rmsnorm_is_the_composed_one, 0,
			    ROWS(row_shapes));
	tcase_add_loop_test(c, swiglu_is_the_composed_one, 0, ROWS(row_shapes));
	tcase_add_test(c, silu_of_large_numbers_is_right);
	tcase_add_loop_test(c, bias_and_embedding_are_the_composed_ones, 0,
			    ROWS(row_shapes));
	tcase_add_loop_test(c, a_product_of_a_few_rows_is_the_one_of_blas, 0,
			    ROWS(few_shapes));
	tcase_add_test(c, a_row_of_a_product_does_not_see_the_others);
	tcase_add_loop_test(c, gather_and_scatter_add_are_the_composed_ones, 0,
			    ROWS(row_shapes));
	tcase_add_loop_test(c, adamw_is_the_composed_one, 0, ROWS(lengths));
	tcase_add_loop_test(c,
			    a_step_that_would_not_be_finite_is_seen_beforehand,
			    0, ROWS(lengths));
	tcase_add_loop_test(c, mix_and_sum_of_squares_are_the_composed_ones, 0,
			    ROWS(lengths));
	return s;
}

int main(void)
{
	return run_torch_suite(suite());
}
