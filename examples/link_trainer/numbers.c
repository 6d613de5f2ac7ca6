/* SPDX-License-Identifier: MIT */
#include "numbers.h"

#include <math.h>
#include <stdio.h>

#include "examples/fault.h"
#include "grpo/advantage.h"
#include "grpo/objective.h"

/* Two prompts with two answers each, of 2, 3, 1 and 2 tokens; the last one
 * has no reward. */
enum { N_GROUPS = 2, N_ROWS = 4, N_TOKENS = 8 };
static const int64_t group[N_GROUPS + 1] = {0, 2, 4};
static const int64_t row[N_ROWS + 1] = {0, 2, 5, 6, 8};
static const double reward[N_ROWS] = {1, 0, 0.5, NAN};
static const float logp[N_TOKENS] = {-0.5f, -1.25f, -2.0f, -0.75f,
				     -1.5f, -0.25f, -3.0f, -0.125f};
static const float old_logp[N_TOKENS] = {-0.75f, -1.25f, -1.0f,  -1.0f,
					 -1.5f,  -0.5f,  -2.75f, -0.125f};
static const float ref_logp[N_TOKENS] = {-1.0f, -1.0f, -2.0f, -0.5f,
					 -1.0f, -0.5f, -2.5f, -0.25f};

static int gradient(const float *advantage, float *dlogp, grpo_metrics *m)
{
	grpo_tokens step = {.struct_size = sizeof step,
			    .n_rows = N_ROWS,
			    .row = row,
			    .logp = logp,
			    .old_logp = old_logp,
			    .ref_logp = ref_logp,
			    .advantage = advantage};
	grpo_objective_options o;
	grpo_plan *plan = NULL;
	int rc = 0;

	TRY(grpo_objective_options_init(&o));
	o.reduction = GRPO_REDUCE_ROW_MEAN; /* as GRPO has it */
	o.beta = 0.04;
	TRY(grpo_metrics_init(m));
	TRY(grpo_plan_create(&plan, &o, &step));
	rc = grpo_objective(plan, &step, 0, dlogp, NULL, m);
out:
	grpo_plan_free(plan);
	return rc;
}

int print_numbers(void)
{
	double a[N_ROWS];
	float advantage[N_TOKENS], dlogp[N_TOKENS];
	grpo_metrics m;
	int rc = 0;

	TRY(grpo_advantages(a, NULL, reward, group, N_GROUPS, NULL));
	for (int i = 0; i < N_ROWS; i++)
		for (int64_t t = row[i]; t < row[i + 1]; t++)
			advantage[t] = (float)a[i];
	TRY(gradient(advantage, dlogp, &m));
	for (int i = 0; i < N_ROWS; i++)
		printf("advantage %.9g\n", a[i]);
	printf("loss %.9g\nkl %.9g\n", m.loss, m.kl);
	for (int t = 0; t < N_TOKENS; t++)
		printf("dlogp %.9g\n", dlogp[t]);
out:
	return rc;
}
