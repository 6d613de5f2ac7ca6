/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TORCH_KERNELS_LINEAR_H
#define GRPO_TORCH_KERNELS_LINEAR_H

/*
 * Products of a few rows with a large matrix, for kernels.c, which alone
 * includes this: what decoding does, a token of each completion at a time.
 * BLAS packs w for every product, which costs as much as the product itself
 * where x has few rows; here both are read in their stored layout.
 */
#include "torch/kernels_vec.h"

#define TILE_X 4   /* rows of x, which stay in L1 */
#define TILE_W 3   /* rows of w; with the accumulators, AVX2's registers */
#define BLOCK_W 24 /* rows of w that stay in L2 meanwhile */

/* y [n_x, n_w] of one tile; the sum over k has one order for every shape */
INLINE void tile(float *y, int64_t ld, const float *x, int n_x, const float *w,
		 int n_w, int64_t k, int accumulate)
{
	vec acc[TILE_X][TILE_W] = {{{0}}};
	int64_t j = 0;

	for (; j + VL <= k; j += VL) {
		vec b[TILE_W];

		for (int c = 0; c < n_w; c++)
			b[c] = load(w + c * k + j);
		for (int r = 0; r < n_x; r++) {
			vec a = load(x + r * k + j);

			for (int c = 0; c < n_w; c++)
				acc[r][c] = fma_of(a, b[c], acc[r][c]);
		}
	}
	for (int r = 0; r < n_x; r++)
		for (int c = 0; c < n_w; c++) {
			float s = vec_sum(acc[r][c]);

			for (int64_t t = j; t < k; t++)
				s += x[r * k + t] * w[c * k + t];
			y[r * ld + c] = accumulate ? y[r * ld + c] + s : s;
		}
}

/* A strip of up to TILE_X rows of x against n_w rows of w; n_x is constant
 * where this is inlined. */
INLINE void strip(float *y, int64_t ld, const float *x, int n_x, const float *w,
		  int64_t n_w, int64_t k, int accumulate)
{
	int64_t j = 0;

	for (; j + TILE_W <= n_w; j += TILE_W)
		tile(y + j, ld, x, n_x, w + j * k, TILE_W, k, accumulate);
	for (; j < n_w; j++)
		tile(y + j, ld, x, n_x, w + j * k, 1, k, accumulate);
}

static void block(float *y, int64_t ld, const float *x, int64_t n,
		  const float *w, int64_t n_w, int64_t k, int accumulate)
{
	int64_t i = 0;

	for (; i + TILE_X <= n; i += TILE_X)
		strip(y + i * ld, ld, x + i * k, TILE_X, w, n_w, k, accumulate);
	for (; i + 2 <= n; i += 2)
		strip(y + i * ld, ld, x + i * k, 2, w, n_w, k, accumulate);
	if (i < n)
		strip(y + i * ld, ld, x + i * k, 1, w, n_w, k, accumulate);
}

static void linear_few(float *y, const float *x, const float *w, int64_t n,
		       int64_t k, int64_t m, int accumulate)
{
#pragma omp parallel for schedule(static)
	for (int64_t b = 0; b < m; b += BLOCK_W)
		block(y + b, m, x, n, w + b * k, min64(BLOCK_W, m - b), k,
		      accumulate);
}

#endif
