/* SPDX-License-Identifier: MIT */
/*
 * What a plan must see of all rows before the first loss, slice by slice; and
 * the totals, which several ranks add up.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "algo/plan.h"
#include "core/fail.h"
#include "core/mem.h"
#include "core/struct.h"

/* --------------------------------------------------- needs, add, finish */

int32_t grpo_plan_needs(const grpo_plan *p)
{
	return p->options.top_entropy_quantile < 1 && !p->is_finished
		   ? GRPO_NEEDS_ENTROPY
		   : 0;
}

static int keep_row(grpo_plan *p, const grpo_tokens *s, int64_t i,
		    int64_t first_row)
{
	int64_t k, from = s->row[i] - s->row[0],
		   end = s->row[i + 1] - s->row[0];

	for (k = from; k < end; k++) {
		if (!grpo__token_of(s, k, GRPO_COMPONENT_POLICY))
			continue;
		if (!isfinite(s->entropy[k]))
			return grpo__fail(
			    GRPO_ENUMERIC,
			    "row %" PRId64 ", token %" PRId64 ": entropy is %g",
			    first_row + i, k - from, (double)s->entropy[k]);
		p->entropy[p->n_entropy++] = s->entropy[k];
	}
	return 0;
}

static int has_policy(const grpo_plan *p, int64_t first, int64_t n)
{
	for (int64_t i = first; i < first + n; i++)
		if (p->n_in[i * GRPO__N_COMPONENTS + GRPO_COMPONENT_POLICY] > 0)
			return 1;
	return 0;
}

int grpo_plan_add(grpo_plan *p, const grpo_tokens *slice, int64_t first_row)
{
	int64_t i, before;
	grpo_tokens s;
	int rc = 0;

	GRPO_FAIL_IF(!p, GRPO_EINVAL, "plan is NULL");
	if (!grpo_plan_needs(p))
		return 0;
	GRPO_TRY(grpo__tokens_import(&s, slice));
	GRPO_FAIL_IF(first_row != p->n_added, GRPO_EINVAL,
		     "the slice begins at row %" PRId64
		     ", expected row %" PRId64
		     ": each row is added once, in order",
		     first_row, p->n_added);
	GRPO_TRY(grpo__plan_check_slice(p, &s, first_row));
	GRPO_FAIL_IF(!s.entropy && has_policy(p, first_row, s.n_rows),
		     GRPO_EINVAL,
		     "grpo_tokens.entropy is NULL, and top_entropy_quantile "
		     "needs it");
	if (!p->entropy)
		p->entropy =
		    grpo__alloc((size_t)p->own.n_tokens[0], sizeof *p->entropy);
	GRPO_FAIL_IF(!p->entropy, GRPO_ENOMEM, "out of memory");
	before = p->n_entropy;
	for (i = 0; rc == 0 && i < s.n_rows; i++)
		rc = keep_row(p, &s, i, first_row);
	if (rc < 0)
		p->n_entropy = before;
	else
		p->n_added += s.n_rows;
out:
	return rc;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double grpo__quantile(double *x, int64_t n, double q)
{
	double at = q * (double)(n - 1);
	int64_t k = (int64_t)at;

	if (n == 0)
		return 0;
	qsort(x, (size_t)n, sizeof *x, ascending);
	if (k + 1 >= n)
		return x[n - 1];
	return x[k] + (at - (double)k) * (x[k + 1] - x[k]);
}

int grpo_plan_finish(grpo_plan *p)
{
	int rc = 0;

	GRPO_FAIL_IF(!p, GRPO_EINVAL, "plan is NULL");
	if (!grpo_plan_needs(p))
		return 0;
	GRPO_FAIL_IF(p->n_added != p->n_rows, GRPO_EINVAL,
		     "%" PRId64 " rows of %" PRId64 " were added to the plan",
		     p->n_added, p->n_rows);
	p->total.entropy_threshold = grpo__quantile(
	    p->entropy, p->n_entropy, 1 - p->options.top_entropy_quantile);
	p->is_finished = 1;
out:
	return rc;
}

const double *grpo_plan_entropy(const grpo_plan *p, int64_t *n)
{
	*n = p->n_entropy;
	return p->entropy;
}

/* ---------------------------------------------------------------- totals */

int grpo_plan_totals_get(const grpo_plan *p, grpo_plan_totals *out)
{
	grpo_plan_totals unused = {0};
	int rc = 0;

	GRPO_FAIL_IF(!p, GRPO_EINVAL, "plan is NULL");
	GRPO_TRY(grpo__struct_import(&unused, sizeof unused, out,
				     "grpo_plan_totals",
				     "set it to sizeof(grpo_plan_totals)"));
	grpo__struct_export(out, &p->total, sizeof p->total);
out:
	return rc;
}

static int check_total(const char *what, int component, int64_t total,
		       int64_t own)
{
	if (total >= own)
		return 0;
	return grpo__fail(GRPO_EINVAL,
			  "grpo_plan_totals.%s[%d] is %" PRId64
			  ", less than the plan's own %" PRId64,
			  what, component, total, own);
}

int grpo_plan_totals_set(grpo_plan *p, const grpo_plan_totals *theirs)
{
	grpo_plan_totals t = {.struct_size = sizeof t};
	int rc = 0, c;

	GRPO_FAIL_IF(!p, GRPO_EINVAL, "plan is NULL");
	GRPO_TRY(grpo__struct_import(&t, sizeof t, theirs, "grpo_plan_totals",
				     "set it to sizeof(grpo_plan_totals)"));
	for (c = 0; c < GRPO__N_COMPONENTS; c++) {
		GRPO_TRY(
		    check_total("n_rows", c, t.n_rows[c], p->own.n_rows[c]));
		GRPO_TRY(check_total("n_tokens", c, t.n_tokens[c],
				     p->own.n_tokens[c]));
	}
	GRPO_FAIL_IF(t.n_policy_rows < p->own.n_policy_rows, GRPO_EINVAL,
		     "grpo_plan_totals.n_policy_rows is %" PRId64
		     ", less than the plan's own %" PRId64,
		     t.n_policy_rows, p->own.n_policy_rows);
	GRPO_FAIL_IF(t.n_prompts < p->own.n_prompts, GRPO_EINVAL,
		     "grpo_plan_totals.n_prompts is %" PRId64
		     ", less than the plan's own %" PRId64,
		     t.n_prompts, p->own.n_prompts);
	GRPO_FAIL_IF(!isfinite(t.entropy_threshold), GRPO_ENUMERIC,
		     "grpo_plan_totals.entropy_threshold is %g",
		     t.entropy_threshold);
	t.struct_size = sizeof t;
	p->total = t;
	p->is_finished = 1;
out:
	return rc;
}
