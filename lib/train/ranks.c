/* SPDX-License-Identifier: MIT */
#include "train/ranks.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "core/mem.h"
#include "core/struct.h"
#include "algo/plan.h"

/* -------------------------------------------------------------- the table */

int32_t grpo__ranks_count(const grpo_trainer *t)
{
	return t->parts.comm ? t->parts.comm->n_ranks : 1;
}

int32_t grpo__ranks_mine(const grpo_trainer *t)
{
	return t->parts.comm ? t->parts.comm->rank : 0;
}

static int check_table(const grpo_comm *c)
{
	const grpo_comm_ops *o = c->ops;
	int rc = 0;

	GRPO_FAIL_IF(!o || !GRPO_HAS(o, grpo_comm_ops, free), GRPO_EINVAL,
		     "parts.comm's table has no struct_size of this version or "
		     "an earlier one: set it to sizeof(grpo_comm_ops)");
	GRPO_FAIL_IF(!o->all_reduce || !o->all_gather || !o->abort, GRPO_EINVAL,
		     "parts.comm lacks all_reduce, all_gather or abort");
	GRPO_FAIL_IF(c->n_ranks < 1 || c->rank < 0 || c->rank >= c->n_ranks,
		     GRPO_EINVAL, "parts.comm: rank %" PRId32 " of %" PRId32,
		     c->rank, c->n_ranks);
out:
	return rc;
}

int grpo__ranks_check(const grpo_comm *c, const grpo_trainer_config *config,
		      const grpo_learner *learner)
{
	const grpo_learner_ops *l = learner->ops;
	int rc = 0;

	if (!c)
		return 0;
	GRPO_TRY(check_table(c));
	if (c->n_ranks == 1)
		return 0;
	GRPO_FAIL_IF(!GRPO_HAS(l, grpo_learner_ops, gradient) || !l->gradient,
		     GRPO_EINVAL,
		     "the learner does not show its gradient, and parts.comm "
		     "has %" PRId32 " ranks",
		     c->n_ranks);
	GRPO_FAIL_IF(config->prompts_per_step % c->n_ranks, GRPO_EINVAL,
		     "\"prompts_per_step\" is %" PRId64
		     ", expected a multiple of the %" PRId32 " ranks",
		     config->prompts_per_step, c->n_ranks);
	GRPO_FAIL_IF(config->save_rollouts, GRPO_EINVAL,
		     "\"save_rollouts\" is for one rank, and parts.comm has "
		     "%" PRId32,
		     c->n_ranks);
	GRPO_FAIL_IF(config->load_best_model_at_end, GRPO_EINVAL,
		     "\"load_best_model_at_end\" is for one rank, and "
		     "parts.comm has %" PRId32,
		     c->n_ranks);
out:
	return rc;
}

/* ------------------------------------------------------------------ calls */

static int is_alone(const grpo_trainer *t)
{
	return grpo__ranks_count(t) == 1;
}

/* A call that failed is the end: the others would wait for ever. */
static int checked(const grpo_trainer *t, int rc, const char *call)
{
	const grpo_comm *c = t->parts.comm;

	if (rc == 0)
		return 0;
	rc = grpo__fail_context(rc < 0 ? rc : GRPO_EIO, "rank %" PRId32 ": %s",
				c->rank, call);
	c->ops->abort(c->self, grpo_error_message());
	return rc;
}

static int reduce(const grpo_trainer *t, void *data, int64_t n, int32_t type,
		  int32_t join)
{
	const grpo_comm *c = t->parts.comm;
	grpo_comm_buffer b = {
	    .data = data, .n = n, .type = type, .device = GRPO_COMM_HOST};

	return checked(t, c->ops->all_reduce(c->self, &b, join), "all_reduce");
}

int grpo__ranks_sum(grpo_trainer *t, double *x, int64_t n)
{
	return is_alone(t) ? 0
			   : reduce(t, x, n, GRPO_COMM_FLOAT64, GRPO_COMM_SUM);
}

int grpo__ranks_max(grpo_trainer *t, double *x, int64_t n)
{
	return is_alone(t) ? 0
			   : reduce(t, x, n, GRPO_COMM_FLOAT64, GRPO_COMM_MAX);
}

int grpo__ranks_agree(grpo_trainer *t, int rc)
{
	char line[1024];
	int64_t worst = rc;
	int failed;

	if (is_alone(t))
		return rc;
	snprintf(line, sizeof line, "%s", rc < 0 ? grpo_error_message() : "");
	failed = reduce(t, &worst, 1, GRPO_COMM_INT64, GRPO_COMM_MIN);
	if (rc < 0)
		return grpo__fail(rc, "%s", line);
	if (failed)
		return failed;
	if (worst == GRPO_ECANCELED) {
		grpo_trainer_stop(t);
		return grpo__run_stopped(t);
	}
	return worst < 0 ? grpo__fail((int)worst, "another rank failed") : 0;
}

/* ----------------------------------------------- arrays of any length */

/* The ranks' arrays, one behind another. */
struct gathered {
	double *x;      /* [n] owned */
	int64_t n, own; /* `own`: where this rank's begins */
};

static int gather_into(const grpo_trainer *t, double *all, const double *own,
		       int64_t n)
{
	const grpo_comm *c = t->parts.comm;
	grpo_comm_buffer from = {.data = (void *)(uintptr_t)own,
				 .n = n,
				 .type = GRPO_COMM_FLOAT64,
				 .device = GRPO_COMM_HOST};
	grpo_comm_buffer to = from;

	to.data = all;
	to.n = n * c->n_ranks;
	return checked(t, c->ops->all_gather(c->self, &to, &from),
		       "all_gather");
}

/* Moves the parts of lengths count[rank] together; each had room for `most`. */
static void close_up(struct gathered *g, const double *count, int64_t n_ranks,
		     int64_t rank, int64_t most)
{
	g->n = 0;
	for (int64_t r = 0; r < n_ranks; r++) {
		int64_t n = (int64_t)count[r];

		if (r == rank)
			g->own = g->n;
		if (n > 0)
			memmove(g->x + g->n, g->x + r * most,
				(size_t)n * sizeof *g->x);
		g->n += n;
	}
}

static int gather(struct gathered *g, const grpo_trainer *t, const double *own,
		  int64_t n)
{
	int32_t ranks = grpo__ranks_count(t);
	double *count = grpo__alloc((size_t)ranks, sizeof *count);
	double *padded = NULL, mine = (double)n;
	int64_t most = 0;
	int rc = 0;

	*g = (struct gathered){0};
	GRPO_FAIL_IF(!count, GRPO_ENOMEM, "out of memory");
	GRPO_TRY(gather_into(t, count, &mine, 1));
	for (int32_t r = 0; r < ranks; r++)
		most = (int64_t)count[r] > most ? (int64_t)count[r] : most;
	padded = grpo__alloc((size_t)most, sizeof *padded);
	g->x = grpo__alloc((size_t)(most * ranks), sizeof *g->x);
	GRPO_FAIL_IF(!padded || !g->x, GRPO_ENOMEM, "out of memory");
	if (n > 0)
		memcpy(padded, own, (size_t)n * sizeof *own);
	GRPO_TRY(gather_into(t, g->x, padded, most));
	close_up(g, count, ranks, grpo__ranks_mine(t), most);
out:
	if (rc < 0) {
		free(g->x);
		g->x = NULL;
	}
	free(count);
	free(padded);
	return rc;
}

/* ------------------------------------------------------------- objective */

/* The quantile over the entropies of all ranks, as the plan's over its own. */
static int common_threshold(grpo_trainer *t, const grpo_plan *plan,
			    grpo_plan_totals *total)
{
	double share = t->config.top_entropy_quantile;
	struct gathered all;
	const double *own;
	int64_t n;
	int rc = 0;

	if (share == 1)
		return 0;
	own = grpo_plan_entropy(plan, &n);
	GRPO_TRY(gather(&all, t, own, n));
	total->entropy_threshold = grpo__quantile(all.x, all.n, 1 - share);
	free(all.x);
out:
	return rc;
}

int grpo__ranks_plan(grpo_trainer *t, grpo_plan *plan)
{
	grpo_plan_totals total = {.struct_size = sizeof total};
	int64_t x[8];
	int rc = 0;

	if (is_alone(t))
		return 0;
	GRPO_TRY(grpo_plan_totals_get(plan, &total));
	memcpy(x, total.n_rows, sizeof total.n_rows);
	memcpy(x + 3, total.n_tokens, sizeof total.n_tokens);
	x[6] = total.n_policy_rows;
	x[7] = total.n_prompts;
	GRPO_TRY(reduce(t, x, 8, GRPO_COMM_INT64, GRPO_COMM_SUM));
	memcpy(total.n_rows, x, sizeof total.n_rows);
	memcpy(total.n_tokens, x + 3, sizeof total.n_tokens);
	total.n_policy_rows = x[6];
	total.n_prompts = x[7];
	GRPO_TRY(common_threshold(t, plan, &total));
	GRPO_TRY(grpo_plan_totals_set(plan, &total));
out:
	return rc;
}

int grpo__ranks_metrics(grpo_trainer *t, grpo_metrics *m)
{
	/* as they are in memory: all ranks are one program */
	double own[sizeof *m / sizeof(double)];
	const int64_t n = sizeof own / sizeof *own;
	struct gathered all;
	grpo_metrics one;
	int rc = 0;

	_Static_assert(sizeof *m % sizeof(double) == 0, "doubles and counts");
	if (is_alone(t))
		return 0;
	memcpy(own, m, sizeof own);
	GRPO_TRY(gather(&all, t, own, n));
	rc = grpo_metrics_init(m);
	for (int32_t r = 0; rc == 0 && r < grpo__ranks_count(t); r++) {
		memcpy(&one, all.x + (int64_t)r * n, sizeof one);
		rc = grpo_metrics_merge(m, &one);
	}
	free(all.x);
out:
	return rc;
}

int grpo__ranks_gradient(grpo_trainer *t)
{
	const grpo_comm *c = t->parts.comm;
	const grpo_learner *l = t->parts.learner;
	grpo_comm_buffer b = {.device = GRPO_COMM_HOST};
	int rc = 0;

	if (is_alone(t))
		return 0;
	/* a rank that has no gradient to show must not leave the others */
	rc = grpo__ranks_agree(t, l->ops->gradient(l->self, &b));
	GRPO_TRY(rc);
	GRPO_TRY(checked(t, c->ops->all_reduce(c->self, &b, GRPO_COMM_SUM),
			 "all_reduce of the gradient"));
out:
	return rc;
}

/* --------------------------------------------------------------- rollouts */

/* Of a row, and then its rewards and statuses. */
enum { TOKENS, FINISH, GROUP, PROMPT, PROMPT_IDS, TOTAL, JUDGED, FIXED };

static int64_t width(int32_t k)
{
	return FIXED + 2 * (int64_t)k;
}

/* Groups and prompts get numbers that no other rank has. */
static void put_row(double *x, const grpo__rollout *r, int64_t i, int32_t rank)
{
	const double base = (double)rank * UINT32_MAX;
	const grpo__answer *a = &r->answers[i];
	int32_t k;

	x[TOKENS] = (double)a->n_tokens;
	x[FINISH] = a->finish;
	x[GROUP] = base + (double)r->group_of[i];
	x[PROMPT] = base + (double)r->prompt_of[i];
	x[PROMPT_IDS] = (double)r->prompts[r->prompt_of[i]].n_ids;
	x[TOTAL] = r->total[i];
	x[JUDGED] = r->judged[i];
	for (k = 0; k < r->n_rewards; k++) {
		x[FIXED + 2 * k] = r->rewards[i * r->n_rewards + k];
		x[FIXED + 2 * k + 1] = r->status[i * r->n_rewards + k];
	}
}

static void take_row(grpo__rollout *all, int64_t i, const double *x)
{
	grpo__answer *a = &all->answers[i];
	int32_t k;

	a->n_tokens = (int64_t)x[TOKENS];
	a->finish = (int32_t)x[FINISH];
	a->done = 1;
	all->total[i] = x[TOTAL];
	all->judged[i] = x[JUDGED];
	for (k = 0; k < all->n_rewards; k++) {
		all->rewards[i * all->n_rewards + k] = x[FIXED + 2 * k];
		all->status[i * all->n_rewards + k] =
		    (uint8_t)x[FIXED + 2 * k + 1];
	}
}

static int begins(const double *x, int64_t i, int64_t w, int column)
{
	return i == 0 || x[i * w + column] != x[(i - 1) * w + column];
}

static int take_rows(grpo__rollout *all, const double *x, int64_t n, int64_t w)
{
	int64_t groups = 0, prompts = 0, i;
	int32_t k = all->n_rewards;
	int rc = 0;

	for (i = 0; i < n; i++) {
		groups += begins(x, i, w, GROUP);
		prompts += begins(x, i, w, PROMPT);
	}
	GRPO_TRY(grpo__rollout_begin_given(all, prompts, groups, n, k));
	groups = prompts = 0;
	for (i = 0; i < n; i++) {
		const double *row = x + i * w;

		if (begins(x, i, w, GROUP))
			all->group[groups++] = i;
		if (begins(x, i, w, PROMPT))
			all->prompts[prompts++].n_ids =
			    (int64_t)row[PROMPT_IDS];
		all->group_of[i] = groups - 1;
		all->prompt_of[i] = prompts - 1;
		take_row(all, i, row);
		all->n_tokens += all->answers[i].n_tokens;
	}
	all->group[groups] = n;
out:
	return rc;
}

/* What is one number for a rank's rows. */
static int take_sums(grpo_trainer *t, grpo__rollout *all,
		     const grpo__rollout *own)
{
	double kl[2] = {own->kl * own->kl_tokens, own->kl_tokens};
	int rc = 0;

	GRPO_TRY(grpo__ranks_sum(t, kl, 2));
	all->kl = kl[1] > 0 ? kl[0] / kl[1] : 0;
	all->kl_tokens = kl[1];
	all->n_each = own->n_each;
	all->sampling_s = own->sampling_s;
	all->rewards_s = own->rewards_s;
	all->kl_s = own->kl_s;
out:
	return rc;
}

int grpo__ranks_gather(grpo_trainer *t, grpo__rollout *all,
		       const grpo__rollout *own, int64_t *mine)
{
	int64_t n = own->n_rows, w = width(own->n_rewards), i;
	double *x = grpo__arena_alloc(own->arena, (size_t)(n * w), sizeof *x);
	struct gathered g = {0};
	int rc = 0;

	for (i = 0; x && i < n; i++)
		put_row(x + i * w, own, i, grpo__ranks_mine(t));
	GRPO_TRY(grpo__ranks_agree(t, x ? 0 : GRPO_ENOMEM));
	GRPO_TRY(gather(&g, t, x, n * w));
	*mine = g.own / w;
	all->n_rewards = own->n_rewards;
	GRPO_TRY(take_rows(all, g.x, g.n / w, w));
	GRPO_TRY(take_sums(t, all, own));
out:
	free(g.x);
	return rc;
}
