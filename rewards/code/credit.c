/* SPDX-License-Identifier: MIT */
#include "credit.h"

#include "../row.h"

/* Open-R1's rewards for Codeforces (open_r1/rewards.py, cf_code_reward with
 * "weighted_sum"): whether all passed, and a tenth for the share that did; less
 * than nothing for what is no program. */
#define CODEFORCES_SHARE 0.1
#define CODEFORCES_NO_BUILD (-0.1)
#define CODEFORCES_NO_PROGRAM (-1.0)

static double share_of(const struct code_response *r)
{
	return r->n_tests > 0 ? (double)r->n_passed / (double)r->n_tests : 0;
}

static double reward_of(const struct code_response *r, enum credit way)
{
	int passed = r->verdict == CODE_PASSED;

	switch (way) {
	case CREDIT_FRACTION:
		return share_of(r);
	case CREDIT_CODEFORCES:
		if (r->verdict == CODE_COMPILE_ERROR)
			return CODEFORCES_NO_BUILD;
		return passed + CODEFORCES_SHARE * share_of(r);
	default:
		return passed;
	}
}

struct credit_result credit_of_response(const struct code_response *r,
					enum credit way)
{
	if (r->verdict == CODE_BAD_TESTS)
		return (struct credit_result){0, GRPO_REWARD_MISSING};
	if (r->verdict == CODE_FAILED || r->verdict == CODE_NOT_RUN)
		return (struct credit_result){0, GRPO_REWARD_FAILED};
	return (struct credit_result){reward_of(r, way), GRPO_REWARD_SCORED};
}

struct credit_result credit_of_no_program(enum extract_result why,
					  enum credit way)
{
	if (why == EXTRACT_NO_MEMORY)
		return (struct credit_result){0, GRPO_REWARD_FAILED};
	return (struct credit_result){
	    way == CREDIT_CODEFORCES ? CODEFORCES_NO_PROGRAM : 0,
	    GRPO_REWARD_NO_ANSWER};
}

void credit_measure(const grpo_reward_batch *b, size_t i,
		    const struct code_response *r)
{
	int verdict = r ? r->verdict : -1;

	if (verdict == CODE_BAD_TESTS || verdict == CODE_FAILED ||
	    verdict == CODE_NOT_RUN)
		return;
	for (int v = CODE_PASSED; v <= CODE_OUTPUT; v++)
		row_measure(b, i, code_verdict_word(v), v == verdict);
	row_measure(b, i, "no_program", !r);
	if (!r)
		return;
	row_measure(b, i, "weak_tests", r->is_weak);
	row_measure(b, i, "tests_passed", share_of(r));
	row_measure(b, i, "cpu_ms", (double)r->cpu_us / 1000);
}
