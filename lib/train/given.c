/* SPDX-License-Identifier: MIT */
#include "train/given.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "core/struct.h"
#include "grpo/objective.h"

/* --------------------------------------------------------------- checks */

static int check_ids(const grpo_trainer *t, const int32_t *ids, int64_t n,
		     int64_t i, const char *field)
{
	int32_t limit = t->parts.tokenizer
			    ? grpo_tokenizer_size(t->parts.tokenizer)
			    : INT32_MAX;
	int64_t k;
	int rc = 0;

	GRPO_FAIL_IF(n < 0 || (n > 0 && !ids), GRPO_EINVAL,
		     "rollout %" PRId64 ": %" PRId64 " ids at \"%s\"", i, n,
		     field);
	for (k = 0; k < n; k++)
		GRPO_FAIL_IF(ids[k] < 0 || ids[k] >= limit, GRPO_EINVAL,
			     "rollout %" PRId64 ": %s[%" PRId64 "] is %" PRId32
			     ", which is no token",
			     i, field, k, ids[k]);
out:
	return rc;
}

static int check_numbers(const grpo_rollout *g, int64_t i)
{
	int64_t k;
	int rc = 0;

	GRPO_FAIL_IF(isinf(g->reward), GRPO_ENUMERIC,
		     "rollout %" PRId64 ": the reward is %g", i, g->reward);
	for (k = 0; g->logp && k < g->n_tokens; k++)
		GRPO_FAIL_IF(isinf(g->logp[k]), GRPO_ENUMERIC,
			     "rollout %" PRId64 ": logp[%" PRId64 "] is %g", i,
			     k, (double)g->logp[k]);
	for (k = 0; g->weight && k < g->n_tokens; k++)
		GRPO_FAIL_IF(!isfinite(g->weight[k]), GRPO_ENUMERIC,
			     "rollout %" PRId64 ": weight[%" PRId64 "] is %g",
			     i, k, (double)g->weight[k]);
	for (k = 0; g->component && k < g->n_tokens; k++)
		GRPO_FAIL_IF(g->component[k] > GRPO_COMPONENT_REFERENCE_KL,
			     GRPO_EINVAL,
			     "rollout %" PRId64 ": component[%" PRId64
			     "] is %d, expected a GRPO_COMPONENT_ constant",
			     i, k, g->component[k]);
	for (k = 0; g->advantage && k < g->n_tokens; k++)
		GRPO_FAIL_IF(!isfinite(g->advantage[k]), GRPO_ENUMERIC,
			     "rollout %" PRId64 ": advantage[%" PRId64
			     "] is %g",
			     i, k, (double)g->advantage[k]);
out:
	return rc;
}

static int import(grpo_rollout *out, const grpo_trainer *t,
		  const grpo_rollout *theirs, int64_t i)
{
	int rc = 0;

	*out = (grpo_rollout){.struct_size = sizeof *out};
	GRPO_TRY(grpo__struct_import(out, sizeof *out, theirs, "grpo_rollout",
				     "set it to sizeof(grpo_rollout)"));
	GRPO_FAIL_IF(out->n_prompt < 1, GRPO_EINVAL,
		     "rollout %" PRId64 ": the prompt is empty", i);
	GRPO_TRY(check_ids(t, out->prompt, out->n_prompt, i, "prompt"));
	GRPO_TRY(check_ids(t, out->tokens, out->n_tokens, i, "tokens"));
	GRPO_FAIL_IF(out->finish < GRPO_FINISH_STOP ||
			 out->finish > GRPO_FINISH_ABORT,
		     GRPO_EINVAL, "rollout %" PRId64 ": finish is %" PRId32, i,
		     out->finish);
	GRPO_TRY(check_numbers(out, i));
out:
	return rc;
}

/* ------------------------------------------------------ groups, prompts */

static int same_prompt(const grpo_rollout *a, const grpo_rollout *b)
{
	return a->n_prompt == b->n_prompt &&
	       memcmp(a->prompt, b->prompt,
		      (size_t)a->n_prompt * sizeof *a->prompt) == 0;
}

static int ascending(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* A group that comes twice, with another between, is a mistake. */
static int check_groups(grpo__rollout *r, const grpo_rollout *list)
{
	int64_t *names =
	    grpo__arena_alloc(r->arena, (size_t)r->n_groups, sizeof *names);
	int rc = 0;

	GRPO_FAIL_IF(!names, GRPO_ENOMEM, "out of memory");
	for (int64_t g = 0; g < r->n_groups; g++)
		names[g] = list[r->group[g]].group;
	qsort(names, (size_t)r->n_groups, sizeof *names, ascending);
	for (int64_t g = 1; g < r->n_groups; g++)
		GRPO_FAIL_IF(names[g] == names[g - 1], GRPO_EINVAL,
			     "the rollouts of group %" PRId64
			     " do not follow each other",
			     names[g]);
out:
	return rc;
}

/* Rows that begin a group, or a prompt. */
static int is_new_group(const grpo_rollout *list, int64_t i)
{
	return i == 0 || list[i].group != list[i - 1].group;
}

static int is_new_prompt(const grpo_rollout *list, int64_t i)
{
	return is_new_group(list, i) || !same_prompt(&list[i], &list[i - 1]);
}

static int put_prompt(grpo__rollout *r, int64_t b, const grpo_rollout *g)
{
	grpo__prompt *p = &r->prompts[b];

	p->ids = (int32_t *)(void *)grpo__arena_copy(
	    r->arena, g->prompt, (size_t)g->n_prompt * sizeof *g->prompt);
	p->n_ids = g->n_prompt;
	p->row.index = -1;
	return p->ids ? 0 : GRPO_ENOMEM;
}

static int begin(grpo__rollout *r, const grpo_rollout *list, int64_t n)
{
	int64_t groups = 0, prompts = 0, i;
	int rc = 0;

	for (i = 0; i < n; i++) {
		groups += is_new_group(list, i);
		prompts += is_new_prompt(list, i);
	}
	GRPO_TRY(grpo__rollout_begin_given(r, prompts, groups, n, 0));
	groups = prompts = 0;
	for (i = 0; i < n; i++) {
		if (is_new_group(list, i))
			r->group[groups++] = i;
		if (is_new_prompt(list, i))
			GRPO_TRY(put_prompt(r, prompts++, &list[i]));
		r->group_of[i] = groups - 1;
		r->prompt_of[i] = prompts - 1;
	}
	r->group[groups] = n;
	GRPO_TRY(check_groups(r, list));
out:
	return rc;
}

/* ----------------------------------------------------------------- rows */

static int copy(void *out, grpo__arena *a, const void *from, int64_t n,
		size_t size)
{
	void *p = grpo__arena_alloc(a, (size_t)n, size);

	if (!p)
		return GRPO_ENOMEM;
	if (n > 0)
		memcpy(p, from, (size_t)n * size);
	memcpy(out, &p, sizeof p);
	return 0;
}

static int unknown_logp(grpo__answer *to, grpo__arena *a)
{
	to->logp = grpo__arena_alloc(a, (size_t)to->n_tokens, sizeof(float));
	if (!to->logp)
		return GRPO_ENOMEM;
	for (int64_t k = 0; k < to->n_tokens; k++)
		to->logp[k] = NAN;
	return 0;
}

/* What people read: samples and callbacks. */
static int make_text(grpo_str *out, const grpo_trainer *t, grpo__arena *a,
		     const int32_t *ids, int64_t n)
{
	char *text = NULL;
	size_t len = 0;
	int rc = 0;

	*out = (grpo_str){"", 0};
	if (!t->parts.tokenizer)
		return 0;
	GRPO_TRY(
	    grpo_tokenizer_decode(t->parts.tokenizer, &text, &len, ids, n, 1));
	out->ptr = grpo__arena_copy(a, text, len);
	out->len = len;
	GRPO_FAIL_IF(!out->ptr, GRPO_ENOMEM, "out of memory");
out:
	free(text);
	return rc;
}

static int put_row(grpo__rollout *r, const grpo_trainer *t, int64_t i,
		   const grpo_rollout *g)
{
	grpo__answer *to = &r->answers[i];
	grpo__arena *a = r->arena;
	int64_t n = g->n_tokens;
	int rc = 0;

	to->n_tokens = n;
	to->finish = g->finish;
	to->version = g->version;
	to->done = 1;
	GRPO_TRY(copy(&to->tokens, a, g->tokens, n, sizeof *g->tokens));
	if (g->logp)
		GRPO_TRY(copy(&to->logp, a, g->logp, n, sizeof *g->logp));
	else
		GRPO_TRY(unknown_logp(to, a));
	if (g->mask)
		GRPO_TRY(copy(&to->mask, a, g->mask, n, 1));
	if (g->component)
		GRPO_TRY(copy(&to->component, a, g->component, n, 1));
	if (g->weight)
		GRPO_TRY(copy(&to->weight, a, g->weight, n, sizeof *g->weight));
	if (g->advantage)
		GRPO_TRY(copy(&to->advantage, a, g->advantage, n,
			      sizeof *g->advantage));
	GRPO_TRY(make_text(&to->text, t, a, g->tokens, n));
	r->n_tokens += n;
	r->total[i] = g->finish == GRPO_FINISH_ABORT ? NAN : g->reward;
out:
	return rc;
}

int grpo__given_take(grpo_trainer *t, grpo__rollout *r,
		     const grpo_rollout *list, int64_t n)
{
	const char *at = (const char *)list;
	grpo_rollout *ours = NULL;
	int64_t i;
	int rc = 0;

	GRPO_FAIL_IF(n < 1 || !list, GRPO_EINVAL,
		     "%" PRId64 " rollouts to train on", n);
	ours = grpo__alloc((size_t)n, sizeof *ours);
	GRPO_FAIL_IF(!ours, GRPO_ENOMEM, "out of memory");
	/* the caller's element may have another size than ours */
	for (i = 0; i < n; i++)
		GRPO_TRY(import(
		    &ours[i], t,
		    (const grpo_rollout *)(const void *)(at +
							 (size_t)i *
							     list->struct_size),
		    i));
	GRPO_TRY(begin(r, ours, n));
	for (i = 0; i < n; i++)
		GRPO_TRY(put_row(r, t, i, &ours[i]));
	for (i = 0; i < r->n_prompts; i++)
		GRPO_TRY(make_text(&r->prompts[i].text, t, r->arena,
				   r->prompts[i].ids, r->prompts[i].n_ids));
out:
	free(ours);
	return rc;
}
