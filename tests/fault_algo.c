/* SPDX-License-Identifier: MIT */
/* lib/algo under faults: the plan allocates; advantages and objective do not,
 * and that they say so is checked here too. */
#include <check.h>
#include <string.h>
#include "core/fail.h"
#include "grpo/advantage.h"
#include "grpo/objective.h"
#include "tests/fault.h"
#include "tests/scratch.h"
#include "tests/suite.h"

static const int64_t rows[] = {0, 2, 5};
static const float logp[] = {-1, -2, -1, -3, -1};
static const float reference[] = {-1.5f, -2, -1, -2, -1};
static const float advantage[] = {1, 1, -1, -1, -1};
static const uint8_t mask[] = {1, 1, 1, 0, 1};

static const grpo_tokens step = {.struct_size = sizeof step,
				 .n_rows = 2,
				 .row = rows,
				 .logp = logp,
				 .ref_logp = reference,
				 .advantage = advantage,
				 .mask = mask};

static int plan_work(void)
{
	grpo_plan *plan = (grpo_plan *)rows;
	grpo_objective_options o;
	grpo_metrics m;
	float dlogp[5];
	int rc = grpo_objective_options_init(&o);

	o.beta = 0.1;
	o.reduction = GRPO_REDUCE_ROW_MEAN;
	if (rc == 0)
		rc = grpo_plan_create(&plan, &o, &step);
	if (rc < 0)
		return plan ? FAULT_WRONG : rc;
	GRPO_TRY(grpo_metrics_init(&m));
	GRPO_TRY(grpo_objective(plan, &step, 0, dlogp, NULL, &m));
	rc = m.n_tokens == 4 && dlogp[3] == 0 ? 0 : FAULT_WRONG;
out:
	grpo_plan_free(plan);
	return rc;
}

START_TEST(a_plan_survives_every_fault)
{
	static const struct fault_scenario s = {.name = "plan and objective",
						.work = plan_work};

	fault_sweep(&s);
}
END_TEST

static int advantages_work(void)
{
	static const double rewards[] = {1, 0.5, 0, 1};
	static const int64_t group[] = {0, 2};
	static const double weights[] = {1, 0.5};
	double total[2], out[2];
	int rc = 0;

	GRPO_TRY(grpo_reward_totals(total, rewards, weights, 2, 2));
	GRPO_TRY(grpo_advantages(out, NULL, total, group, 1, NULL));
	rc = out[0] > 0 && out[1] < 0 ? 0 : FAULT_WRONG;
out:
	return rc;
}

START_TEST(advantages_need_no_memory)
{
	static const struct fault_scenario s = {.name = "advantages",
						.work = advantages_work};
	int rc;

	ck_assert(!fault_run(&s, FAULT_MEMORY, 1, &rc));
	ck_assert_int_eq(rc, 0);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("faults of algo");
	TCase *tc = tcase_create("faults");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, scratch_make_in_memory, scratch_remove);
	tcase_add_test(tc, a_plan_survives_every_fault);
	tcase_add_test(tc, advantages_need_no_memory);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
