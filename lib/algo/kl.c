/* SPDX-License-Identifier: MIT */
#include "grpo/kl.h"

#include <inttypes.h>
#include <math.h>

#include "algo/estimator.h"
#include "algo/plan.h"
#include "core/fail.h"

static const float *sampling_logp(const grpo_tokens *s)
{
	return s->old_logp ? s->old_logp : s->logp;
}

static double row_kl(const grpo_tokens *s, int64_t i, int32_t estimator)
{
	const float *logp = sampling_logp(s);
	int64_t k, end = s->row[i + 1] - s->row[0];
	double sum = 0;

	for (k = s->row[i] - s->row[0]; k < end; k++)
		if (grpo__token_of(s, k, GRPO_COMPONENT_POLICY))
			sum += grpo__kl_estimate(estimator,
						 (double)logp[k] -
						     (double)s->ref_logp[k])
				   .value;
	return sum;
}

static int check_token(const char *name, float x, int64_t row, int64_t t)
{
	if (isfinite(x))
		return 0;
	return grpo__fail(GRPO_ENUMERIC,
			  "row %" PRId64 ", token %" PRId64 ": %s is %g", row,
			  t, name, (double)x);
}

static int check_row(const grpo_tokens *s, int64_t i, const double *total,
		     int32_t estimator, double beta)
{
	int64_t t, first = s->row[i] - s->row[0];
	double kl;
	int rc = 0;

	for (t = 0; t < s->row[i + 1] - s->row[i]; t++) {
		if (!grpo__token_of(s, first + t, GRPO_COMPONENT_POLICY))
			continue;
		GRPO_TRY(
		    check_token("logp", sampling_logp(s)[first + t], i, t));
		GRPO_TRY(check_token("ref_logp", s->ref_logp[first + t], i, t));
	}
	kl = row_kl(s, i, estimator);
	GRPO_FAIL_IF(!isfinite(kl), GRPO_ENUMERIC,
		     "row %" PRId64 ": the kl is %g", i, kl);
	GRPO_FAIL_IF(total && isinf(total[i] - beta * kl), GRPO_ENUMERIC,
		     "row %" PRId64 ": the reward %g less %g times the kl %g "
		     "is infinite",
		     i, total[i], beta, kl);
out:
	return rc;
}

static int check_arguments(const grpo_tokens *s, int32_t estimator, double beta)
{
	int rc = 0;

	GRPO_FAIL_IF(estimator < GRPO_KL_K1 || estimator > GRPO_KL_K3,
		     GRPO_EINVAL,
		     "estimator is %" PRId32 ", expected a GRPO_KL_ constant",
		     estimator);
	GRPO_FAIL_IF(!isfinite(beta) || beta < 0, GRPO_EINVAL,
		     "beta is %g, expected a finite number >= 0", beta);
	if (s->n_rows == 0 || s->row[s->n_rows] == s->row[0])
		return 0;
	GRPO_FAIL_IF(!sampling_logp(s), GRPO_EINVAL,
		     "grpo_tokens.old_logp and grpo_tokens.logp are NULL");
	GRPO_FAIL_IF(!s->ref_logp, GRPO_EINVAL, "grpo_tokens.ref_logp is NULL");
out:
	return rc;
}

int grpo_kl_penalize(double *total, double *kl, const grpo_tokens *rows,
		     int32_t estimator, double beta)
{
	grpo_tokens s;
	int64_t i;
	int rc = 0;

	GRPO_TRY(grpo__tokens_import(&s, rows));
	GRPO_TRY(check_arguments(&s, estimator, beta));
	for (i = 0; i < s.n_rows; i++)
		GRPO_TRY(check_row(&s, i, total, estimator, beta));
	for (i = 0; i < s.n_rows; i++) {
		double sum = row_kl(&s, i, estimator);

		if (kl)
			kl[i] = sum;
		if (total)
			total[i] -= beta * sum;
	}
out:
	return rc;
}
