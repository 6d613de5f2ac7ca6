/* SPDX-License-Identifier: MIT */
#ifndef TESTS_OBJECTIVE_BATCH_H
#define TESTS_OBJECTIVE_BATCH_H

/* A small ragged step for the tests of the objective and of its plan. */
#include <check.h>
#include <string.h>

#include "grpo/error.h"
#include "grpo/objective.h"

#define N_ROWS 5
#define N_TOKENS 14

/* Five rows; row 2 has no tokens, row 3 none in the loss. */
static const int64_t row[N_ROWS + 1] = {0, 4, 7, 7, 9, 14};
static const uint8_t mask[N_TOKENS] = {1, 1, 0, 1, 1, 1, 1,
				       0, 0, 1, 0, 1, 1, 1};
static const double n_in[N_ROWS] = {3, 3, 0, 0, 4};
#define M 10.0
#define MAX_LENGTH 6

struct batch {
	float logp[N_TOKENS], old_logp[N_TOKENS], ref_logp[N_TOKENS];
	float rollout_logp[N_TOKENS];
	float entropy[N_TOKENS], advantage[N_TOKENS];
};

static inline void make_batch(struct batch *b)
{
	static const float a[N_ROWS] = {1.5f, -0.75f, 1, 2, -2};
	int i, k;

	for (i = 0; i < N_ROWS; i++)
		for (k = (int)row[i]; k < row[i + 1]; k++) {
			b->old_logp[k] = -1.5f - 0.125f * (float)(k % 3);
			b->logp[k] = b->old_logp[k] + 0.3f * (float)(k % 5 - 2);
			b->ref_logp[k] = b->logp[k] - 0.2f * (float)(k % 4);
			b->rollout_logp[k] =
			    b->old_logp[k] + 0.15f * (float)(k % 4 - 1);
			b->entropy[k] = 0.25f * (float)k;
			b->advantage[k] = a[i];
		}
}

/* Rows first to first + n - 1. */
static inline grpo_tokens slice_of(const struct batch *b, int first, int n)
{
	int64_t k = row[first];
	grpo_tokens s = {.struct_size = sizeof s};

	s.n_rows = n;
	s.row = row + first;
	s.logp = b->logp + k;
	s.old_logp = b->old_logp + k;
	s.ref_logp = b->ref_logp + k;
	s.rollout_logp = b->rollout_logp + k;
	s.entropy = b->entropy + k;
	s.advantage = b->advantage + k;
	s.mask = mask + k;
	return s;
}

static inline grpo_objective_options options(int loss_type, double beta)
{
	grpo_objective_options o;

	ck_assert_int_eq(grpo_objective_options_init(&o), 0);
	ck_assert_int_eq(grpo_objective_loss_type(&o, loss_type), 0);
	o.beta = beta;
	o.max_completion_length = MAX_LENGTH;
	return o;
}

/* The same with one of the variants below, for tests that hold for all. */
#define N_VARIANTS 10

static inline grpo_objective_options variant(int i)
{
	static const struct {
		int32_t loss_type, kl_estimator, kl_bias_correction, correction;
	} v[N_VARIANTS] = {
	    {GRPO_LOSS_GRPO, GRPO_KL_K3, 0, GRPO_CORRECTION_NONE},
	    {GRPO_LOSS_BNPO, GRPO_KL_K3, 0, GRPO_CORRECTION_NONE},
	    {GRPO_LOSS_DR_GRPO, GRPO_KL_K3, 0, GRPO_CORRECTION_NONE},
	    {GRPO_LOSS_DAPO, GRPO_KL_K3, 0, GRPO_CORRECTION_NONE},
	    {GRPO_LOSS_GRPO, GRPO_KL_K1, 0, GRPO_CORRECTION_TOKEN_TRUNCATE},
	    {GRPO_LOSS_GRPO, GRPO_KL_K2, 0, GRPO_CORRECTION_TOKEN_MASK},
	    {GRPO_LOSS_DAPO, GRPO_KL_K3, 1, GRPO_CORRECTION_SEQUENCE_TRUNCATE},
	    {GRPO_LOSS_BNPO, GRPO_KL_K3, 1, GRPO_CORRECTION_SEQUENCE_MASK},
	    {GRPO_LOSS_DR_GRPO, GRPO_KL_K1, 1, GRPO_CORRECTION_TOKEN_MASK},
	    {GRPO_LOSS_DAPO, GRPO_KL_K2, 1, GRPO_CORRECTION_TOKEN_TRUNCATE},
	};
	grpo_objective_options o = options(v[i].loss_type, 0.04);

	o.kl_estimator = v[i].kl_estimator;
	o.kl_bias_correction = v[i].kl_bias_correction;
	o.importance_sampling_correction = v[i].correction;
	o.importance_sampling_clip_min = 0.9;
	o.importance_sampling_clip_max = 1.1;
	return o;
}

static inline grpo_plan *plan_of(const grpo_objective_options *o,
				 const grpo_tokens *step)
{
	grpo_plan *plan;

	ck_assert_msg(grpo_plan_create(&plan, o, step) == 0, "%s",
		      grpo_error_message());
	return plan;
}

static inline void expect_message(const char *part)
{
	ck_assert_msg(strstr(grpo_error_message(), part) != NULL,
		      "\"%s\" is not in \"%s\"", part, grpo_error_message());
}

/* Loss, gradient and metrics of all rows, cut after every `size` rows. */
static inline grpo_metrics run(const grpo_objective_options *o,
			       const struct batch *b, float *dlogp, int size)
{
	grpo_metrics m;
	grpo_tokens step = slice_of(b, 0, N_ROWS);
	grpo_plan *plan = plan_of(o, &step);
	int i, n;

	grpo_metrics_init(&m);
	for (i = 0; i < N_ROWS; i += n) {
		grpo_tokens s;

		n = size < N_ROWS - i ? size : N_ROWS - i;
		s = slice_of(b, i, n);
		ck_assert_msg(
		    grpo_objective(plan, &s, i, dlogp + row[i], NULL, &m) == 0,
		    "%s", grpo_error_message());
	}
	grpo_plan_free(plan);
	return m;
}

#endif
