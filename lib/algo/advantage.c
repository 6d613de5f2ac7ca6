/* SPDX-License-Identifier: MIT */
#include "grpo/advantage.h"

#include <inttypes.h>
#include <math.h>

#include "core/fail.h"
#include "core/struct.h"

/*
 * The rewards of one group, or of all rows, that are not missing (NaN).  Equal
 * rewards are detected by comparison, since the computed mean of three times
 * 0.1 is not 0.1.
 */
struct spread {
	int64_t n;
	int equal;   /* all equal, or fewer than two */
	double mean; /* 0 where equal */
	double std;  /* over n - ddof; 0 where equal */
};

static const grpo_advantage_options defaults = {
    .struct_size = sizeof(grpo_advantage_options),
    .baseline = GRPO_BASELINE_GROUP_MEAN,
    .scale = GRPO_SCALE_GROUP,
    .ddof = 1,
    .eps = 1e-4,
};

int grpo_advantage_options_init_(grpo_advantage_options *o, size_t size)
{
	return grpo__struct_init(o, size, &defaults, sizeof defaults,
				 "grpo_advantage_options");
}

static int check_options(const grpo_advantage_options *o)
{
	if (o->baseline < GRPO_BASELINE_GROUP_MEAN ||
	    o->baseline > GRPO_BASELINE_LEAVE_ONE_OUT)
		return grpo__fail(GRPO_EINVAL,
				  "grpo_advantage_options.baseline is %" PRId32
				  ", expected a GRPO_BASELINE_ constant",
				  o->baseline);
	if (o->scale < GRPO_SCALE_GROUP || o->scale > GRPO_SCALE_NONE)
		return grpo__fail(GRPO_EINVAL,
				  "grpo_advantage_options.scale is %" PRId32
				  ", expected a GRPO_SCALE_ constant",
				  o->scale);
	if (o->ddof != 0 && o->ddof != 1)
		return grpo__fail(GRPO_EINVAL,
				  "grpo_advantage_options.ddof is %" PRId32
				  ", expected 0 or 1",
				  o->ddof);
	if (!isfinite(o->eps) || o->eps < 0)
		return grpo__fail(GRPO_EINVAL,
				  "grpo_advantage_options.eps is %g, expected "
				  "a finite number >= 0",
				  o->eps);
	return 0;
}

static int import_options(grpo_advantage_options *o,
			  const grpo_advantage_options *theirs)
{
	int rc = 0;

	*o = defaults;
	if (theirs)
		GRPO_TRY(grpo__struct_import(
		    o, sizeof *o, theirs, "grpo_advantage_options",
		    "call grpo_advantage_options_init"));
	rc = check_options(o);
out:
	return rc;
}

static double row_total(const double *reward, const double *weight, int32_t n)
{
	double sum = 0;
	int present = 0;
	int32_t k;

	for (k = 0; k < n; k++) {
		if (isnan(reward[k]))
			continue;
		sum += weight ? weight[k] * reward[k] : reward[k];
		present = 1;
	}
	return present ? sum : NAN;
}

static int check_rewards(const double *reward, const double *weight,
			 int64_t row, int32_t n)
{
	int32_t k;

	for (k = 0; k < n; k++)
		if (isinf(reward[k]))
			return grpo__fail(GRPO_ENUMERIC,
					  "row %" PRId64 ": reward %" PRId32
					  " is infinite",
					  row, k);
	if (isinf(row_total(reward, weight, n)))
		return grpo__fail(
		    GRPO_ENUMERIC,
		    "row %" PRId64 ": the sum of its rewards is infinite", row);
	return 0;
}

static int check_weights(const double *weight, int32_t n)
{
	int32_t k;

	for (k = 0; weight && k < n; k++)
		if (!isfinite(weight[k]))
			return grpo__fail(GRPO_EINVAL,
					  "weight %" PRId32
					  " is %g, expected a finite number",
					  k, weight[k]);
	return 0;
}

int grpo_reward_totals(double *total, const double *rewards,
		       const double *weights, int64_t n_rows, int32_t n_rewards)
{
	int rc = 0;
	int64_t i;

	GRPO_FAIL_IF(n_rows < 0, GRPO_EINVAL, "n_rows is %" PRId64, n_rows);
	GRPO_FAIL_IF(n_rewards < 1, GRPO_EINVAL,
		     "n_rewards is %" PRId32 ", expected at least 1",
		     n_rewards);
	GRPO_FAIL_IF(n_rows > 0 && (!total || !rewards), GRPO_EINVAL,
		     "%s is NULL", total ? "rewards" : "total");
	GRPO_TRY(check_weights(weights, n_rewards));
	for (i = 0; i < n_rows; i++)
		GRPO_TRY(check_rewards(rewards + i * n_rewards, weights, i,
				       n_rewards));
	for (i = 0; i < n_rows; i++)
		total[i] =
		    row_total(rewards + i * n_rewards, weights, n_rewards);
out:
	return rc;
}

static struct spread count_and_mean(const double *reward, int64_t n)
{
	struct spread s = {.equal = 1};
	double first = 0, sum = 0;
	int64_t i;

	for (i = 0; i < n; i++) {
		if (isnan(reward[i]))
			continue;
		if (s.n++ == 0)
			first = reward[i];
		s.equal &= reward[i] == first;
		sum += reward[i];
	}
	if (!s.equal)
		s.mean = sum / (double)s.n;
	return s;
}

static struct spread measure(const double *reward, int64_t n, int32_t ddof)
{
	struct spread s = count_and_mean(reward, n);
	double squares = 0;
	int64_t i;

	if (s.equal)
		return s;
	for (i = 0; i < n; i++) {
		double d = reward[i] - s.mean;

		if (!isnan(reward[i]))
			squares += d * d;
	}
	s.std = sqrt(squares / (double)(s.n - ddof));
	return s;
}

static double row_advantage(double reward, const struct spread *group,
			    double batch_std, const grpo_advantage_options *o)
{
	double a;

	if (group->equal || isnan(reward))
		return 0;
	a = reward - group->mean;
	if (o->baseline == GRPO_BASELINE_LEAVE_ONE_OUT)
		a *= (double)group->n / (double)(group->n - 1);
	if (o->scale == GRPO_SCALE_GROUP)
		a /= group->std + o->eps;
	else if (o->scale == GRPO_SCALE_BATCH)
		a /= batch_std + o->eps;
	return a;
}

static int check_groups(const int64_t *group, int64_t n_groups)
{
	int64_t g;

	if (n_groups < 0)
		return grpo__fail(GRPO_EINVAL, "n_groups is %" PRId64,
				  n_groups);
	if (!group)
		return grpo__fail(GRPO_EINVAL, "group is NULL");
	if (group[0] != 0)
		return grpo__fail(GRPO_EINVAL,
				  "group[0] is %" PRId64 ", expected 0",
				  group[0]);
	for (g = 0; g < n_groups; g++)
		if (group[g + 1] < group[g])
			return grpo__fail(GRPO_EINVAL,
					  "group[%" PRId64 "] is %" PRId64
					  ", less than group[%" PRId64
					  "] which is %" PRId64,
					  g + 1, group[g + 1], g, group[g]);
	return 0;
}

static int check_finite(const double *reward, int64_t n_rows)
{
	int64_t i;

	for (i = 0; i < n_rows; i++)
		if (isinf(reward[i]))
			return grpo__fail(
			    GRPO_ENUMERIC,
			    "row %" PRId64 ": the reward is infinite", i);
	return 0;
}

static int check_group(const double *reward, const int64_t *group, int64_t g,
		       double batch_std, const grpo_advantage_options *o)
{
	int64_t i, n = group[g + 1] - group[g];
	struct spread s = measure(reward + group[g], n, o->ddof);
	int bad = !isfinite(s.std);

	for (i = group[g]; i < group[g + 1]; i++)
		bad |= !isfinite(row_advantage(reward[i], &s, batch_std, o));
	if (bad)
		return grpo__fail(GRPO_ENUMERIC,
				  "group %" PRId64 " (rows %" PRId64
				  " to %" PRId64 "): the advantages are not "
				  "finite; its rewards are too large, or too "
				  "close for this eps",
				  g, group[g], group[g + 1] - 1);
	return 0;
}

static int check_step(const double *reward, const int64_t *group,
		      int64_t n_groups, double batch_std,
		      const grpo_advantage_options *o)
{
	int rc = 0;
	int64_t g;

	GRPO_FAIL_IF(!isfinite(batch_std), GRPO_ENUMERIC,
		     "the standard deviation of all rewards is not finite");
	for (g = 0; g < n_groups; g++)
		GRPO_TRY(check_group(reward, group, g, batch_std, o));
out:
	return rc;
}

int grpo_advantages(double *advantage, double *group_std, const double *reward,
		    const int64_t *group, int64_t n_groups,
		    const grpo_advantage_options *options)
{
	grpo_advantage_options o;
	double batch_std = 0;
	int64_t g, i;
	int rc = 0;

	GRPO_TRY(import_options(&o, options));
	GRPO_TRY(check_groups(group, n_groups));
	GRPO_FAIL_IF(group[n_groups] > 0 && (!advantage || !reward),
		     GRPO_EINVAL, "%s is NULL",
		     reward ? "advantage" : "reward");
	GRPO_TRY(check_finite(reward, group[n_groups]));
	if (o.scale == GRPO_SCALE_BATCH)
		batch_std = measure(reward, group[n_groups], o.ddof).std;
	GRPO_TRY(check_step(reward, group, n_groups, batch_std, &o));

	for (g = 0; g < n_groups; g++) {
		struct spread s =
		    measure(reward + group[g], group[g + 1] - group[g], o.ddof);

		if (group_std)
			group_std[g] = s.std;
		for (i = group[g]; i < group[g + 1]; i++)
			advantage[i] =
			    row_advantage(reward[i], &s, batch_std, &o);
	}
out:
	return rc;
}
