/* SPDX-License-Identifier: MIT */
/*
 * Products of a few rows, as decoding makes them: the kernel that reads the
 * weights as they lie against libtorch's BLAS, which packs them each time.
 */
#include <stdio.h>
#include <stdlib.h>

#include "core/file.h"
#include "core/rng.h"
#include "examples/openmp.h"
#include "grpo/error.h"
#include "torch/kernels.h"
#include "torch/tensor.h"

#define REPEATS 4 /* the best counts */

static const struct shape {
	const char *what;
	int64_t in, out;
} shapes[] = {
    {"SmolLM2-135M, qkv", 576, 960},
    {"SmolLM2-135M, gate and up", 576, 3072},
    {"SmolLM2-135M, down", 1536, 576},
    {"SmolLM2-135M, head", 576, 49152},
    {"Qwen2.5-0.5B, gate and up", 896, 9728},
};
static const int64_t rows[] = {1, 4, 12, 24, 48, 64, 128};

static void check(int rc)
{
	if (rc == 0)
		return;
	fprintf(stderr, "bench_linear: %s\n", grpo_error_message());
	exit(1);
}

static void make(grpo__tensor *t, int64_t n, int64_t m)
{
	grpo__rng r = {.seed = 1, .purpose = GRPO__RNG_TEST};
	int64_t shape[2] = {n, m};

	check(grpo__tensor_create(t, GRPO__F32, GRPO__CPU, 2, shape));
	for (int64_t i = 0; i < n * m; i++)
		grpo__f32(t)[i] = (float)grpo__rng_normal(&r);
}

struct product {
	grpo__tensor x, w, y;
	int times; /* at a go */
};

static double with_blas(struct product *p)
{
	double began = grpo__now();

	for (int i = 0; i < p->times; i++)
		check(grpo__matmul(&p->y, &p->x, 0, &p->w, 1, 0));
	return (grpo__now() - began) / p->times;
}

static double with_kernel(struct product *p)
{
	const grpo__kernels *k = grpo__kernels_get();
	double began = grpo__now();

	for (int i = 0; i < p->times; i++)
		k->linear_few(grpo__f32(&p->y), grpo__f32(&p->x),
			      grpo__f32(&p->w), p->x.shape[0], p->x.shape[1],
			      p->w.shape[0], 0);
	return (grpo__now() - began) / p->times;
}

static void measure(const struct shape *s, int64_t n)
{
	double work = 2e-9 * (double)(n * s->in * s->out);
	double blas = 1e9, ours = 1e9, t;
	struct product p = {.times = (int)(0.2 / work) + 3};

	make(&p.x, n, s->in);
	make(&p.w, s->out, s->in);
	make(&p.y, n, s->out);
	for (int i = 0; i < REPEATS; i++) {
		blas = (t = with_blas(&p)) < blas ? t : blas;
		ours = (t = with_kernel(&p)) < ours ? t : ours;
	}
	printf("%-26s %4lld rows: BLAS %6.1f, kernel %6.1f GFLOP/s, ratio "
	       "%.2f\n",
	       s->what, (long long)n, work / blas, work / ours, blas / ours);
	grpo__tensor_free(&p.x);
	grpo__tensor_free(&p.w);
	grpo__tensor_free(&p.y);
}

int main(int argc, char **argv)
{
	(void)argc;
	openmp_wait_politely(argv);
	for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
		for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
			measure(&shapes[s], rows[i]);
	return 0;
}
