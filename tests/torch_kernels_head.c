/* SPDX-License-Identifier: MIT */
/* Kernels of the head: log-probabilities, entropies, their gradient. */
#include "tests/kernels_rig.h"

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

static Suite *suite(void)
{
	Suite *s = suite_create("torch_kernels_head");
	TCase *c = tcase_create("head");

	tcase_set_timeout(c, 300);
	suite_add_tcase(s, c);
	tcase_add_loop_test(c, logprob_is_the_composed_one, 0, N_HEAD);
	tcase_add_test(c, one_word_has_probability_one);
	tcase_add_loop_test(c, softmax_row_is_exp_of_logprob, 0, N_HEAD);
	tcase_add_test(c, a_nan_logit_gives_a_nan_logp);
	tcase_add_test(c, an_infinite_logit_gives_a_logp_that_is_not_finite);
	tcase_add_test(c, a_logit_of_minus_infinity_has_no_part);
	return s;
}

int main(void)
{
	return run_torch_suite(suite());
}
