/* SPDX-License-Identifier: MIT */
/*
 * Drawing a token from a row of logits, with and without filters, beside the
 * same with the whole row sorted: milliseconds a row on one thread, best of a
 * few rounds in turn.
 */
#include <stdio.h>
#include <stdlib.h>

#include "core/file.h"
#include "core/rng.h"
#include "grpo/error.h"
#include "tests/draw_sorted.h"
#include "torch/draw.h"
#include "torch/kernels.h"

/* Of OpenMP's runtime; clang can't read gcc's omp.h. */
extern void omp_set_num_threads(int n);

enum { ROWS = 16, ROUNDS = 5 };

static const struct {
	const char *what;
	int32_t top_k;
	double top_p, min_p;
} filters[] = {{"unfiltered", 0, 1, 0},
	       {"top-k 50", 50, 1, 0},
	       {"top-p 0.9", 0, 0.9, 0},
	       {"min-p 0.05", 0, 1, 0.05}};

/* Of a trained model's next token, and of one that knows nothing. */
static const struct {
	const char *what;
	double spread;
} rows[] = {{"sharp", 3}, {"flat", 0.3}};

struct bench {
	int64_t v;
	grpo_sampling o;
	float *logits, *p; /* [ROWS, v], [v] */
	grpo__candidate *c;
	int32_t token[ROWS], sorted[ROWS];
};

static double by_selection(struct bench *b)
{
	uint32_t row[ROWS] = {0}, position[ROWS] = {0};
	float logp[ROWS];
	double began = grpo__now();

	for (int i = 0; i < ROWS; i++) /* each alone: one thread */
		if (grpo__draw(b->token + i, logp + i, b->logits + i * b->v, 1,
			       b->v, &b->o, row + i, position + i) < 0) {
			fprintf(stderr, "bench_draw: %s\n",
				grpo_error_message());
			exit(1);
		}
	return (grpo__now() - began) / ROWS;
}

static double by_sorting(struct bench *b)
{
	double began = grpo__now(), u;
	float max;

	u = grpo__rng_uniform(b->o.seed, b->o.step, 0, 0, GRPO__RNG_SAMPLE);
	for (int i = 0; i < ROWS; i++) {
		int64_t k;

		grpo__kernels_get()->softmax_row(b->p, &max,
						 b->logits + i * b->v, b->v, 1);
		k = filter_by_sorting(b->c, b->p, b->v, &b->o);
		b->sorted[i] = draw_of_sorted(b->c, k, u);
	}
	return (grpo__now() - began) / ROWS;
}

static double least(double a, double b)
{
	return a < b ? a : b;
}

static void measure(struct bench *b, int filter, const char *row)
{
	double selected = 1e9, sorted = 1e9;
	int is_on = grpo__filter_is_on(&b->o), same = 1;

	for (int i = 0; i < ROUNDS; i++) {
		selected = least(selected, by_selection(b));
		if (is_on)
			sorted = least(sorted, by_sorting(b));
	}
	for (int i = 0; i < ROWS && is_on; i++)
		same &= b->token[i] == b->sorted[i];
	printf("%7lld  %-5s  %-10s  %8.3f ms", (long long)b->v, row,
	       filters[filter].what, 1e3 * selected);
	if (is_on)
		printf("  sorting %8.3f ms  %5.1f times%s", 1e3 * sorted,
		       sorted / selected, same ? "" : "  OTHER TOKENS");
	putchar('\n');
}

static void measure_size(int64_t v)
{
	struct bench b = {.v = v};
	grpo__rng r = {.seed = 1, .purpose = GRPO__RNG_TEST};

	b.logits = malloc((size_t)(ROWS * v) * sizeof *b.logits);
	b.p = malloc((size_t)v * sizeof *b.p);
	b.c = malloc((size_t)v * sizeof *b.c);
	if (!b.logits || !b.p || !b.c)
		exit(1);
	for (int k = 0; k < 2; k++) {
		for (int64_t j = 0; j < ROWS * v; j++)
			b.logits[j] =
			    (float)(rows[k].spread * grpo__rng_normal(&r));
		for (int i = 0; i < 4; i++) {
			grpo_sampling_init(&b.o);
			b.o.top_k = filters[i].top_k;
			b.o.top_p = filters[i].top_p;
			b.o.min_p = filters[i].min_p;
			measure(&b, i, rows[k].what);
		}
	}
	free(b.logits);
	free(b.p);
	free(b.c);
}

int main(void)
{
	omp_set_num_threads(1);
	measure_size(49152);
	measure_size(151936);
	return 0;
}
