/* SPDX-License-Identifier: MIT */
/*
 * The filters keep, and the sampler draws, exactly what sorting the whole row
 * gives: for every filter and mixture of them, for sharp and flat rows, with
 * ties at the edge.
 */
#include "tests/draw_sorted.h"
#include "tests/torch_help.h"
#include "tests/torch_suite.h"
#include "torch/draw.h"

/* Logits of a row: how far they spread, and how coarse they are (ties). */
static const struct shape {
	double spread, grain;
} shapes[] = {
    {2, 0}, {0.01, 0}, {12, 0}, {60, 0}, {2, 0.5}, {3, 4}, {0, 0}, {200, 1},
};

static const int64_t sizes[] = {1, 2, 7, 50, 51, 513, 4096, 49152};

static const struct setting {
	int32_t top_k;
	double top_p, min_p;
} settings[] = {
    {1, 1, 0},          {2, 1, 0},       {50, 1, 0},        {100000, 1, 0},
    {0, 0.9, 0},        {0, 0.5, 0},     {0, 0.9999, 0},    {0, 1e-9, 0},
    {0, 1, 0.05},       {0, 1, 1},       {0, 1, 1e-6},      {50, 0.9, 0},
    {50, 1, 0.05},      {50, 0.9, 0.05}, {3, 0.5, 0.9},     {0, 0.9, 0.05},
    {100000, 0.9, 0.2}, {0, 0.99, 1e-9}, {20, 0.999, 1e-4},
};

static float *make_row(grpo__rng *r, int64_t n, const struct shape *s)
{
	float *x = normals(r, n, s->spread);

	for (int64_t j = 0; j < n && s->grain > 0; j++)
		x[j] = (float)(floor((double)x[j] / s->grain) * s->grain);
	return x;
}

static grpo_sampling sampling(const struct setting *s)
{
	grpo_sampling o;

	ck_assert_int_eq(grpo_sampling_init(&o), 0);
	o.top_k = s->top_k;
	o.top_p = s->top_p;
	o.min_p = s->min_p;
	return o;
}

static void compare(const float *p, int64_t n, const struct setting *s)
{
	size_t size = (size_t)n * sizeof(grpo__candidate);
	grpo__candidate *want = malloc(size), *got = malloc(size);
	grpo__candidate *spare = malloc(size);
	grpo_sampling o = sampling(s);
	int64_t k, kept;

	ck_assert(want && got && spare);
	k = filter_by_sorting(want, p, n, &o);
	kept = grpo__filter(got, spare, p, n, &o);
	ck_assert_msg(kept == k,
		      "%lld of %lld: top_k %d top_p %g min_p %g keep %lld, "
		      "not %lld",
		      (long long)n, (long long)n, s->top_k, s->top_p, s->min_p,
		      (long long)kept, (long long)k);
	for (int64_t j = 0; j < k; j++)
		if (want[j].id != got[j].id || want[j].p != got[j].p)
			ck_abort_msg("%lld: top_k %d top_p %g min_p %g: place "
				     "%lld is id %d, not %d",
				     (long long)n, s->top_k, s->top_p, s->min_p,
				     (long long)j, got[j].id, want[j].id);
	free(want);
	free(got);
	free(spare);
}

START_TEST(filters_keep_the_same_tokens_as_sorting)
{
	int64_t n = sizes[_i];
	grpo__rng r = seeded(21);
	float *p = zeros(n), max;

	for (int i = 0; i < ROWS(shapes); i++) {
		float *x = make_row(&r, n, &shapes[i]);

		grpo__kernels_get()->softmax_row(p, &max, x, n, 1);
		for (int j = 0; j < ROWS(settings); j++)
			compare(p, n, &settings[j]);
		free(x);
	}
	free(p);
}
END_TEST

START_TEST(rows_with_little_in_them_are_filtered_too)
{
	static const float rows[][6] = {
	    {0, 0, 0, 0, 0, 0},
	    {0, 0, 1, 0, 0, 0},
	    {1, 1, 1, 1, 1, 1},
	    {1e-45f, 0, 1, 1e-45f, 0, 1e-30f},
	    {0.5f, 0.25f, 0.25f, 0, 1, 1},
	    {3, 2, 1, 2, 3, 1.5f},
	};

	for (int i = 0; i < ROWS(rows); i++)
		for (int j = 0; j < ROWS(settings); j++)
			compare(rows[i], 6, &settings[j]);
}
END_TEST

START_TEST(the_draws_are_those_of_sorting)
{
	enum { N = 64, V = 5000, ALLOWED = 4900 };
	grpo_sampling o = sampling(&settings[_i]);
	grpo__candidate *c = malloc(V * sizeof *c);
	grpo__rng r = seeded(22);
	float *x = normals(&r, (int64_t)N * V, 2), *p = zeros(V), logp[N], max;
	uint32_t row[N], position[N];
	int32_t token[N];

	o.seed = 5;
	o.step = 3;
	o.temperature = 0.8;
	o.n_vocab = ALLOWED;
	for (uint32_t i = 0; i < N; i++)
		row[i] = i * 7, position[i] = i;
	OK(grpo__draw(token, logp, x, N, V, &o, row, position));
	for (int i = 0; i < N; i++) {
		double u = grpo__rng_uniform(5, 3, row[i], position[i],
					     GRPO__RNG_SAMPLE);
		int64_t k;

		grpo__kernels_get()->softmax_row(p, &max, x + (int64_t)i * V, V,
						 (float)(1 / 0.8));
		k = filter_by_sorting(c, p, ALLOWED, &o);
		ck_assert_int_eq(token[i], draw_of_sorted(c, k, u));
	}
	free(c);
	free(x);
	free(p);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("torch draw");
	TCase *c = tcase_create("filters");

	tcase_add_loop_test(c, filters_keep_the_same_tokens_as_sorting, 0,
			    ROWS(sizes));
	tcase_add_test(c, rows_with_little_in_them_are_filtered_too);
	tcase_add_loop_test(c, the_draws_are_those_of_sorting, 0,
			    ROWS(settings));
	tcase_set_timeout(c, 60);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return run_torch_suite(suite());
}
