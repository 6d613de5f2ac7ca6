/* SPDX-License-Identifier: MIT */
/*
 * Held-out problems: the first three arrows of a step, some prompts at a
 * time, and sums instead of an update.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "core/file.h"
#include "core/struct.h"
#include "grpo/evaluation.h"
#include "train/generate.h"
#include "train/rows.h"

#define ROWS_AT_ONCE                                                           \
	1024       /* limits memory; does not affect the random numbers */
#define SOLVED 1.0 /* a full reward */

struct evaluation {
	grpo_trainer *trainer;
	grpo_evaluation_options o;
	grpo__rows used;             /* borrowed */
	const grpo_dataset *dataset; /* of them */
	int64_t n_prompts;
	grpo_sampling how;
	grpo__rollout *rollout;
	grpo_evaluation sum; /* counts where the result has shares */
	grpo__mean reward, length;
	grpo__mean *each; /* [K] */
	int64_t clipped;
};

int grpo_evaluation_options_init_(grpo_evaluation_options *o, size_t size)
{
	static const grpo_evaluation_options defaults = {.num_generations = 1,
							 .temperature = 1};

	return grpo__struct_init(o, size, &defaults, sizeof defaults,
				 "grpo_evaluation_options");
}

void grpo_evaluation_dispose(grpo_evaluation *e)
{
	if (!e)
		return;
	free(e->reward_mean);
	free(e->solved);
	free(e->pass);
	e->reward_mean = e->solved = e->pass = NULL;
}

/* One seed of an evaluation from the run's and the caller's, away from the
 * run's own (splitmix64's finalizer, Steele et al., OOPSLA 2014). */
static uint64_t mix_seed(uint64_t seed, uint64_t stream)
{
	uint64_t z = seed + 0x9e3779b97f4a7c15u * (stream + 1);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static int check_options(const struct evaluation *e)
{
	const grpo_evaluation_options *o = &e->o;
	int rc = 0;

	GRPO_FAIL_IF(!e->trainer->parts.sampler, GRPO_EINVAL,
		     "an evaluation needs parts.sampler, and it is NULL");
	GRPO_FAIL_IF(!e->dataset, GRPO_EINVAL,
		     "an evaluation needs a dataset: its own, or held_out of "
		     "the trainer's parts");
	GRPO_FAIL_IF(
	    o->num_generations < 1 || o->num_generations > 1000000, GRPO_EINVAL,
	    "num_generations of an evaluation is %" PRId64, o->num_generations);
	GRPO_FAIL_IF(!(o->temperature >= 0), GRPO_EINVAL,
		     "temperature of an evaluation is %g", o->temperature);
	GRPO_FAIL_IF(o->max_completion_length < 0 || o->n_prompts < 0,
		     GRPO_EINVAL, "a count of an evaluation is negative");
	GRPO_FAIL_IF(e->n_prompts > UINT32_MAX / o->num_generations,
		     GRPO_EINVAL, "an evaluation of more than 2^32 rows");
out:
	return rc;
}

static int begin(struct evaluation *e, grpo_trainer *t,
		 const grpo_evaluation_options *o)
{
	size_t k = (size_t)t->n_rewards;
	int rc = 0;

	GRPO_TRY(grpo_evaluation_options_init(&e->o));
	if (o)
		GRPO_TRY(grpo__struct_import(
		    &e->o, sizeof e->o, o, "grpo_evaluation_options",
		    "call grpo_evaluation_options_init"));
	e->trainer = t;
	e->used = t->held_out;
	if (e->o.dataset)
		e->used = (grpo__rows){.dataset = e->o.dataset,
				       .n = grpo_dataset_rows(e->o.dataset)};
	e->dataset = e->used.dataset;
	e->n_prompts = e->used.n;
	if (e->o.n_prompts > 0 && e->o.n_prompts < e->n_prompts)
		e->n_prompts = e->o.n_prompts;
	GRPO_TRY(check_options(e));
	GRPO_TRY(grpo__generate_sampling(t, &e->how));
	e->how.temperature = e->o.temperature;
	if (e->o.max_completion_length > 0)
		e->how.max_new_tokens = e->o.max_completion_length;
	e->how.seed = mix_seed((uint64_t)t->config.seed, e->o.seed);
	GRPO_TRY(grpo__rollout_create(&e->rollout));
	e->each = grpo__alloc(k, sizeof *e->each);
	e->sum.reward_mean = grpo__alloc(k, sizeof(double));
	e->sum.solved = grpo__alloc(k, sizeof(double));
	e->sum.pass = grpo__alloc(k, sizeof(double));
	GRPO_FAIL_IF(!e->each || !e->sum.reward_mean || !e->sum.solved ||
			 !e->sum.pass,
		     GRPO_ENOMEM, "out of memory");
out:
	return rc;
}

static void count_row(struct evaluation *e, int64_t i)
{
	const grpo__rollout *r = e->rollout;
	const grpo__answer *a = &r->answers[i];
	int32_t k;

	grpo__mean_add(&e->reward, r->total[i]);
	grpo__mean_add(&e->length, (double)a->n_tokens);
	e->clipped += a->finish == GRPO_FINISH_LENGTH;
	for (k = 0; k < r->n_rewards; k++) {
		double x = r->rewards[i * r->n_rewards + k];

		grpo__mean_add(&e->each[k], x);
		e->sum.solved[k] += x >= SOLVED;
	}
}

static void count_prompt(struct evaluation *e, int64_t b)
{
	const grpo__rollout *r = e->rollout;
	int64_t i;
	int32_t k;

	for (k = 0; k < r->n_rewards; k++) {
		int any = 0;

		for (i = b * r->n_each; i < (b + 1) * r->n_each; i++)
			any |= r->rewards[i * r->n_rewards + k] >= SOLVED;
		e->sum.pass[k] += any;
	}
}

static int show_row(struct evaluation *e, int64_t i)
{
	grpo_scored s =
	    grpo__rollout_scored(e->rollout, i, e->trainer->progress.steps);
	int rc;

	if (!e->o.on_completion)
		return 0;
	rc = e->o.on_completion(e->o.ctx, &s);
	return rc < 0 ? rc : 0;
}

static int evaluate_prompts(struct evaluation *e, int64_t first, int64_t n)
{
	grpo_trainer *t = e->trainer;
	grpo__rollout *r = e->rollout;
	grpo__generation g = {.dataset = e->dataset,
			      .continuation = e->o.continuation,
			      .how = e->how};
	int64_t *rows, i;
	int rc = 0;

	GRPO_TRY(grpo__rollout_begin(r, n, e->o.num_generations, t->n_rewards));
	rows = grpo__arena_alloc(r->arena, (size_t)n, sizeof *rows);
	GRPO_FAIL_IF(!rows, GRPO_ENOMEM, "out of memory");
	for (i = 0; i < n; i++)
		rows[i] = grpo__rows_at(&e->used, first + i);
	g.rows = rows;
	g.first_row = first * r->n_each;
	GRPO_TRY(grpo__generate(t, r, &g));
	for (i = 0; i < r->n_rows; i++)
		count_row(e, i);
	for (i = 0; i < n; i++)
		count_prompt(e, i);
	for (i = 0; i < r->n_rows; i++)
		GRPO_TRY(show_row(e, i));
	e->sum.n_prompts += n;
	e->sum.n_completions += r->n_rows;
	e->sum.n_tokens += r->n_tokens;
out:
	return rc;
}

/* Sums become means and shares. */
static void conclude(struct evaluation *e)
{
	grpo_evaluation *s = &e->sum;
	double n = (double)s->n_completions, b = (double)s->n_prompts;
	int32_t k;

	s->n_rewards = e->trainer->n_rewards;
	s->reward = grpo__mean_of(&e->reward);
	s->mean_length = grpo__mean_of(&e->length);
	s->clipped_ratio = n > 0 ? (double)e->clipped / n : NAN;
	for (k = 0; k < s->n_rewards; k++) {
		s->reward_mean[k] = grpo__mean_of(&e->each[k]);
		s->solved[k] /= n > 0 ? n : 1;
		s->pass[k] /= b > 0 ? b : 1;
	}
}

int grpo_trainer_evaluate(grpo_trainer *t, grpo_evaluation *out,
			  const grpo_evaluation_options *o)
{
	struct evaluation e = {0};
	grpo_evaluation check = {0};
	double began = grpo__now();
	int64_t first, chunk;
	int rc = 0;

	GRPO_TRY(grpo__struct_import(&check, sizeof check, out,
				     "grpo_evaluation",
				     "set it to sizeof(grpo_evaluation)"));
	GRPO_TRY(begin(&e, t, o));
	GRPO_TRY(grpo_trainer_check(t));
	GRPO_TRY(grpo__run_stopped(t));
	chunk = ROWS_AT_ONCE / e.o.num_generations;
	chunk = chunk > 0 ? chunk : 1;
	for (first = 0; first < e.n_prompts; first += chunk) {
		int64_t left = e.n_prompts - first;

		GRPO_TRY(
		    evaluate_prompts(&e, first, left < chunk ? left : chunk));
	}
	conclude(&e);
	e.sum.seconds = grpo__now() - began;
	grpo__struct_export(out, &e.sum, sizeof e.sum);
	memset(&e.sum, 0, sizeof e.sum);
out:
	grpo_evaluation_dispose(&e.sum);
	grpo__rollout_free(e.rollout);
	free(e.each);
	return rc;
}
