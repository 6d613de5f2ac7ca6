/* SPDX-License-Identifier: MIT */
/* What a custom trainer takes from libgrpo: two groups of two answers,
 * three tokens each, from rewards to dloss/dlogp. */
#include <stdio.h>
#include <grpo/advantage.h>
#include <grpo/error.h>
#include <grpo/kl.h>
#include <grpo/objective.h>

#define N 4
#define T 3

static const int64_t group[3] = {0, 2, 4}, row[N + 1] = {0, 3, 6, 9, 12};

static float logp[N * T], old_logp[N * T], ref_logp[N * T], advantage[N * T];

static grpo_tokens make_step(const double *row_advantage)
{
	grpo_tokens step = {.struct_size = sizeof step, .n_rows = N};
	int k;

	for (k = 0; k < N * T; k++) {
		logp[k] = -0.5f - 0.1f * (float)(k % 5);
		old_logp[k] = logp[k] + 0.02f * (float)(k % 3);
		ref_logp[k] = logp[k] - 0.2f;
		advantage[k] = (float)row_advantage[k / T];
	}
	step.row = row;
	step.logp = logp;
	step.old_logp = old_logp;
	step.ref_logp = ref_logp;
	step.advantage = advantage;
	return step;
}

static int objective(float *dlogp, grpo_metrics *metrics,
		     const grpo_tokens *step)
{
	grpo_plan *plan;
	int rc = grpo_plan_create(&plan, NULL, step);

	if (rc == 0)
		rc = grpo_metrics_init(metrics);
	if (rc == 0)
		rc = grpo_objective(plan, step, 0, dlogp, NULL, metrics);
	grpo_plan_free(plan);
	return rc;
}

int main(void)
{
	const double rewards[N * 2] = {1, 0, 0, 0.5, 1, 1, 0, 0};
	double total[N], row_advantage[N], kl[N];
	float dlogp[N * T];
	grpo_metrics metrics;
	grpo_tokens step;
	int rc = grpo_reward_totals(total, rewards, NULL, N, 2);

	if (rc == 0)
		rc =
		    grpo_advantages(row_advantage, NULL, total, group, 2, NULL);
	step = make_step(row_advantage);
	if (rc == 0)
		rc = grpo_kl_penalize(NULL, kl, &step, GRPO_KL_K3, 0);
	if (rc == 0)
		rc = objective(dlogp, &metrics, &step);
	if (rc < 0) {
		fprintf(stderr, "%s\n", grpo_error_message());
		return 1;
	}
	printf("advantage %.3f, dlogp %.3f, loss %.3f, kl %.3f\n",
	       row_advantage[0], dlogp[0], metrics.loss, kl[0]);
	return 0;
}
