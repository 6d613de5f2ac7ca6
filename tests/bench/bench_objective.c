/* SPDX-License-Identifier: MIT */
/*
 * Loss and gradient of one step of 1,024 rows of 2,048 tokens on one core,
 * the plan apart.  A line a case: its name, milliseconds of CPU time (the
 * best of five runs), nanoseconds a token, the loss.  compare_objective.py runs
 * the same numbers through PyTorch.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "grpo/error.h"
#include "grpo/objective.h"

#define N_ROWS 1024
#define LENGTH 2048
#define N_TOKENS ((size_t)N_ROWS * LENGTH)
#define RUNS 5

static void check(int rc)
{
	if (rc == 0)
		return;
	fprintf(stderr, "bench_objective: %s\n", grpo_error_message());
	exit(1);
}

static double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* In [0, 1), a multiple of 2^-16: the same in Python. */
static float noise(size_t k, uint32_t stream)
{
	uint32_t x = (uint32_t)k * 2654435761u + stream * 40503u;

	x = (x ^ (x >> 15)) * 2246822519u;
	return (float)(x >> 16) / 65536;
}

static float *floats(void)
{
	float *x = malloc(N_TOKENS * sizeof *x);

	if (!x)
		exit(1);
	return x;
}

struct step {
	int64_t row[N_ROWS + 1];
	float *logp, *old_logp, *ref_logp, *rollout_logp, *advantage, *dlogp;
};

static void make_step(struct step *s)
{
	size_t i, k;

	s->logp = floats();
	s->old_logp = floats();
	s->ref_logp = floats();
	s->rollout_logp = floats();
	s->advantage = floats();
	s->dlogp = floats();
	for (i = 0; i <= N_ROWS; i++)
		s->row[i] = (int64_t)(i * LENGTH);
	for (k = 0; k < N_TOKENS; k++) {
		s->logp[k] = -3 * noise(k, 1);
		s->old_logp[k] = s->logp[k] + noise(k, 2) / 2 - 0.25f;
		s->ref_logp[k] = s->logp[k] + noise(k, 3) - 0.5f;
		s->rollout_logp[k] = s->old_logp[k] + noise(k, 4) / 8;
		s->advantage[k] = 4 * noise(k / LENGTH, 5) - 2;
	}
}

static void free_step(struct step *s)
{
	free(s->logp);
	free(s->old_logp);
	free(s->ref_logp);
	free(s->rollout_logp);
	free(s->advantage);
	free(s->dlogp);
}

struct variant {
	const char *name;
	int old_logp;
	double beta;
	int32_t correction;
};

static void measure(const struct variant *v, const struct step *s)
{
	grpo_objective_options o;
	grpo_tokens all = {.struct_size = sizeof all,
			   .n_rows = N_ROWS,
			   .row = s->row,
			   .logp = s->logp,
			   .advantage = s->advantage};
	grpo_metrics m;
	grpo_plan *plan;
	double best = 1e9;
	int i;

	check(grpo_objective_options_init(&o));
	o.beta = v->beta;
	o.importance_sampling_correction = v->correction;
	if (v->old_logp)
		all.old_logp = s->old_logp;
	if (v->beta > 0)
		all.ref_logp = s->ref_logp;
	if (v->correction)
		all.rollout_logp = s->rollout_logp;
	check(grpo_plan_create(&plan, &o, &all));
	for (i = 0; i < RUNS; i++) {
		double began = cpu_seconds();

		check(grpo_metrics_init(&m));
		check(grpo_objective(plan, &all, 0, s->dlogp, NULL, &m));
		began = cpu_seconds() - began;
		best = began < best ? began : best;
	}
	printf("%-10s %8.2f ms %6.2f ns/token  loss %.12g\n", v->name,
	       1e3 * best, 1e9 * best / (double)N_TOKENS, m.loss);
	grpo_plan_free(plan);
}

int main(void)
{
	static const struct variant variants[] = {
	    {"on-policy", 0, 0, 0},
	    {"ratio", 1, 0, 0},
	    {"kl", 1, 0.04, 0},
	    {"correction", 1, 0.04, GRPO_CORRECTION_TOKEN_TRUNCATE},
	};
	struct step s;
	size_t i;

	make_step(&s);
	for (i = 0; i < sizeof variants / sizeof *variants; i++)
		measure(&variants[i], &s);
	free_step(&s);
	return 0;
}
