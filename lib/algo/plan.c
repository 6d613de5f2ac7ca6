/* SPDX-License-Identifier: MIT */
#include "algo/plan.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "core/fail.h"
#include "core/mem.h"
#include "core/struct.h"

int grpo__tokens_import(grpo_tokens *s, const grpo_tokens *theirs)
{
	int64_t i;
	int rc = 0;

	*s = (grpo_tokens){0};
	GRPO_TRY(grpo__struct_import(s, sizeof *s, theirs, "grpo_tokens",
				     "set it to sizeof(grpo_tokens)"));
	GRPO_FAIL_IF(s->n_rows < 0, GRPO_EINVAL,
		     "grpo_tokens.n_rows is %" PRId64, s->n_rows);
	GRPO_FAIL_IF(s->n_rows > 0 && !s->row, GRPO_EINVAL,
		     "grpo_tokens.row is NULL");
	GRPO_FAIL_IF(s->n_rows > 0 && s->row[0] < 0, GRPO_EINVAL,
		     "grpo_tokens.row[0] is %" PRId64, s->row[0]);
	for (i = 0; i < s->n_rows; i++)
		GRPO_FAIL_IF(s->row[i + 1] < s->row[i], GRPO_EINVAL,
			     "grpo_tokens.row[%" PRId64 "] is %" PRId64
			     ", less than row[%" PRId64 "] which is %" PRId64,
			     i + 1, s->row[i + 1], i, s->row[i]);
out:
	return rc;
}

/* ------------------------------------------------------------- counting */

/* Tokens of row i by component; -1: one has a number that is none. */
static int count_row(int64_t *n, const grpo_tokens *s, int64_t i)
{
	int64_t k, end = s->row[i + 1] - s->row[0];

	n[0] = n[1] = n[2] = 0;
	if (!s->mask && !s->component) {
		n[GRPO_COMPONENT_POLICY] = s->row[i + 1] - s->row[i];
		return 0;
	}
	for (k = s->row[i] - s->row[0]; k < end; k++) {
		int c = s->component ? s->component[k] : GRPO_COMPONENT_POLICY;

		if (s->mask && !s->mask[k])
			continue;
		if (c >= GRPO__N_COMPONENTS)
			return -1;
		n[c]++;
	}
	return 0;
}

static int fail_component(int64_t i)
{
	return grpo__fail(GRPO_EINVAL,
			  "row %" PRId64
			  ": grpo_tokens.component holds a number that is no "
			  "GRPO_COMPONENT_ constant",
			  i);
}

static int check_advantages(const grpo_tokens *s, int64_t i)
{
	int64_t t, first = s->row[i] - s->row[0];

	for (t = 0; t < s->row[i + 1] - s->row[i]; t++)
		if (grpo__token_of(s, first + t, GRPO_COMPONENT_POLICY) &&
		    !isfinite(s->advantage[first + t]))
			return grpo__fail(GRPO_ENUMERIC,
					  "row %" PRId64 ", token %" PRId64
					  ": the advantage is %g",
					  i, t,
					  (double)s->advantage[first + t]);
	return 0;
}

/* A row counts in N of the policy where it has nothing else. */
static void add_row(grpo_plan_totals *total, const int64_t *n)
{
	int64_t others = 0;
	int c;

	for (c = 1; c < GRPO__N_COMPONENTS; c++) {
		total->n_rows[c] += n[c] > 0;
		total->n_tokens[c] += n[c];
		others += n[c];
	}
	total->n_rows[0] += n[0] > 0 || others == 0;
	total->n_tokens[0] += n[0];
	total->n_policy_rows += n[0] > 0;
}

struct row_of_group {
	int64_t group, row;
};

static int by_group(const void *a, const void *b)
{
	int64_t x = ((const struct row_of_group *)a)->group;
	int64_t y = ((const struct row_of_group *)b)->group;

	return (x > y) - (x < y);
}

/* n rows of one prompt. */
static void count_prompt(grpo_plan *p, const struct row_of_group *list,
			 int64_t n)
{
	int64_t sum = 0, i;

	for (i = 0; i < n; i++)
		sum += p->n_in[list[i].row * GRPO__N_COMPONENTS];
	for (i = 0; i < n; i++)
		p->n_prompt[list[i].row] = sum;
	p->total.n_prompts += sum > 0;
}

static int count_prompts(grpo_plan *p, const grpo_tokens *step)
{
	struct row_of_group *list = NULL;
	int64_t i, first = 0;
	int rc = 0;

	GRPO_FAIL_IF(step->n_rows > 0 && !step->group, GRPO_EINVAL,
		     "grpo_tokens.group is NULL, and GRPO_REDUCE_PROMPT_MEAN "
		     "needs it");
	list = grpo__alloc((size_t)step->n_rows, sizeof *list);
	p->n_prompt = grpo__alloc((size_t)step->n_rows, sizeof *p->n_prompt);
	GRPO_FAIL_IF(!list || !p->n_prompt, GRPO_ENOMEM, "out of memory");
	for (i = 0; i < step->n_rows; i++)
		list[i] = (struct row_of_group){step->group[i], i};
	qsort(list, (size_t)step->n_rows, sizeof *list, by_group);
	for (i = 1; i <= step->n_rows; i++)
		if (i == step->n_rows || list[i].group != list[first].group) {
			count_prompt(p, list + first, i - first);
			first = i;
		}
out:
	free(list);
	return rc;
}

static int fill(grpo_plan *p, const grpo_tokens *step)
{
	int64_t i;
	int rc = 0;

	for (i = 0; i < step->n_rows; i++) {
		int64_t *n = p->n_in + i * GRPO__N_COMPONENTS;

		if (count_row(n, step, i) < 0)
			return fail_component(i);
		GRPO_FAIL_IF(n[GRPO_COMPONENT_POLICY] > 0 && !step->advantage,
			     GRPO_EINVAL, "grpo_tokens.advantage is NULL");
		if (step->advantage)
			GRPO_TRY(check_advantages(step, i));
		p->length[i] = step->row[i + 1] - step->row[i];
		add_row(&p->total, n);
	}
	p->n_rows = step->n_rows;
	if (p->options.reduction == GRPO_REDUCE_PROMPT_MEAN)
		GRPO_TRY(count_prompts(p, step));
	p->own = p->total;
out:
	return rc;
}

/* --------------------------------------------------------- create, free */

static int allocate(grpo_plan **out, int64_t n_rows)
{
	grpo_plan *p = grpo__alloc(1, sizeof *p);

	if (!p)
		return GRPO_ENOMEM;
	p->total.struct_size = sizeof p->total;
	p->length = grpo__alloc((size_t)n_rows, sizeof *p->length);
	p->n_in =
	    grpo__alloc((size_t)n_rows * GRPO__N_COMPONENTS, sizeof *p->n_in);
	if (!p->length || !p->n_in) {
		grpo_plan_free(p);
		return GRPO_ENOMEM;
	}
	*out = p;
	return 0;
}

int grpo_plan_create(grpo_plan **out, const grpo_objective_options *o,
		     const grpo_tokens *theirs)
{
	grpo_plan *p = NULL;
	grpo_objective_options options;
	grpo_tokens step;
	int rc = 0;

	GRPO_FAIL_IF(!out, GRPO_EINVAL, "out is NULL");
	*out = NULL;
	GRPO_TRY(grpo__objective_options_import(&options, o));
	GRPO_TRY(grpo__tokens_import(&step, theirs));

	GRPO_TRY(allocate(&p, step.n_rows));
	p->options = options;
	GRPO_TRY(fill(p, &step));
	*out = p;
	p = NULL;
out:
	grpo_plan_free(p);
	return rc;
}

void grpo_plan_free(grpo_plan *p)
{
	if (!p)
		return;
	free(p->length);
	free(p->n_in);
	free(p->n_prompt);
	free(p->entropy);
	free(p);
}

/* --------------------------------------------------------------- slices */

static int check_counts(const grpo_plan *p, const grpo_tokens *s, int64_t i,
			int64_t j)
{
	int64_t n[GRPO__N_COMPONENTS], *want = p->n_in + j * GRPO__N_COMPONENTS;
	int rc = 0, c;

	if (count_row(n, s, i) < 0)
		return fail_component(j);
	for (c = 0; c < GRPO__N_COMPONENTS; c++)
		GRPO_FAIL_IF(n[c] != want[c], GRPO_EINVAL,
			     "row %" PRId64 ": the slice's mask keeps %" PRId64
			     " tokens%s, the plan's %" PRId64,
			     j, n[c], s->component ? " of a component" : "",
			     want[c]);
out:
	return rc;
}

int grpo__plan_check_slice(const grpo_plan *p, const grpo_tokens *s,
			   int64_t first_row)
{
	int64_t i, j;
	int rc = 0;

	GRPO_FAIL_IF(first_row < 0 || first_row > p->n_rows ||
			 s->n_rows > p->n_rows - first_row,
		     GRPO_EINVAL,
		     "%" PRId64 " rows from row %" PRId64
		     " on, but the plan has %" PRId64 " rows",
		     s->n_rows, first_row, p->n_rows);
	for (i = 0; i < s->n_rows; i++) {
		int64_t length = s->row[i + 1] - s->row[i];

		j = first_row + i;
		GRPO_FAIL_IF(length != p->length[j], GRPO_EINVAL,
			     "row %" PRId64 ": %" PRId64
			     " tokens in the slice, %" PRId64 " in the plan",
			     j, length, p->length[j]);
		GRPO_TRY(check_counts(p, s, i, j));
	}
out:
	return rc;
}

double grpo__plan_weight(const grpo_plan *p, int64_t i, int component)
{
	int64_t n_in = p->n_in[i * GRPO__N_COMPONENTS + component];
	double n = (double)p->total.n_rows[component];

	if (n_in == 0)
		return 0;
	switch (p->options.reduction) {
	case GRPO_REDUCE_ROW_MEAN:
		return 1 / (n * (double)n_in);
	case GRPO_REDUCE_CONSTANT:
		return 1 / (n * (double)p->options.max_completion_length);
	case GRPO_REDUCE_TOKEN_SUM:
		return 1;
	case GRPO_REDUCE_PROMPT_MEAN:
		if (component == GRPO_COMPONENT_POLICY)
			return 1 / ((double)p->total.n_prompts *
				    (double)p->n_prompt[i]);
		/* fall through */
	default:
		return 1 / (double)p->total.n_tokens[component];
	}
}
