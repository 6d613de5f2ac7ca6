/* SPDX-License-Identifier: MIT */
/*
 * The first half of a step, as data flows:
 *
 *	dataset row -> prompt -> completions -> text -> rewards -> totals
 *
 * Each arrow is one function, in this order; grpo__generate calls them.
 */
#include "train/generate.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "core/file.h"
#include "reward/set.h"
#include "train/prompt.h"

/* ------------------------------------------------ dataset row -> prompt */

static int make_prompts(const grpo_trainer *t, grpo__rollout *r,
			const grpo__generation *g)
{
	int64_t b;
	int rc = 0;

	for (b = 0; b < r->n_prompts; b++)
		GRPO_TRY(grpo__prompt_make(
		    &r->prompts[b], r->arena, t, g->dataset, g->rows[b],
		    g->how.max_new_tokens, g->continuation));
out:
	return rc;
}

/* ------------------------------------- prompt -> completions -> rewards */

int grpo__generate_sampling(const grpo_trainer *t, grpo_sampling *s)
{
	const grpo_trainer_config *c = &t->config;
	const grpo_tokenizer *tokenizer = t->parts.tokenizer;
	int rc = 0;

	GRPO_TRY(grpo_sampling_init(s));
	s->max_new_tokens = c->max_completion_length;
	s->temperature = c->temperature;
	s->top_p = c->top_p;
	s->min_p = c->min_p;
	s->top_k = (int32_t)c->top_k;
	s->seed = (uint64_t)c->seed;
	s->n_stops = grpo_tokenizer_stops(tokenizer, &s->stops);
	s->n_vocab = grpo_tokenizer_size(tokenizer);
out:
	return rc;
}

struct sampling {
	grpo_trainer *trainer;
	grpo__rollout *rollout;
	const grpo_sampling *how;
};

static int check_completion(const struct sampling *s, const grpo_completion *c)
{
	const grpo__rollout *r = s->rollout;
	int64_t t;
	int rc = 0;

	GRPO_FAIL_IF(!GRPO_HAS(c, grpo_completion, finish), GRPO_EINVAL,
		     "the sampler gave a completion without struct_size: set "
		     "it to sizeof(grpo_completion)");
	GRPO_FAIL_IF(c->request < 0 || c->request >= r->n_prompts ||
			 c->sample < 0 || c->sample >= r->n_each,
		     GRPO_EINVAL,
		     "the sampler gave completion %" PRId32
		     " of request %" PRId64 ", which was not asked for",
		     c->sample, c->request);
	GRPO_FAIL_IF(r->answers[c->request * r->n_each + c->sample].done,
		     GRPO_EINVAL,
		     "the sampler gave completion %" PRId32
		     " of request %" PRId64 " twice",
		     c->sample, c->request);
	GRPO_FAIL_IF(c->n_tokens < 0 || c->n_tokens > s->how->max_new_tokens,
		     GRPO_EINVAL,
		     "the sampler gave %" PRId64 " tokens, at most %" PRId64
		     " were asked for",
		     c->n_tokens, s->how->max_new_tokens);
	for (t = 0; t < c->n_tokens; t++)
		GRPO_FAIL_IF(!isfinite(c->logp[t]), GRPO_ENUMERIC,
			     "the sampler's log-probability of token %" PRId64
			     " is %g",
			     t, (double)c->logp[t]);
out:
	return rc;
}

static int keep_tokens(grpo__answer *a, grpo__arena *arena,
		       const grpo_completion *c)
{
	size_t n = (size_t)c->n_tokens;

	a->tokens = grpo__arena_alloc(arena, n, sizeof *a->tokens);
	a->logp = grpo__arena_alloc(arena, n, sizeof *a->logp);
	if (!a->tokens || !a->logp)
		return GRPO_ENOMEM;
	if (n > 0) {
		memcpy(a->tokens, c->tokens, n * sizeof *a->tokens);
		memcpy(a->logp, c->logp, n * sizeof *a->logp);
	}
	a->n_tokens = c->n_tokens;
	a->finish = c->finish;
	a->done = 1;
	return 0;
}

static int64_t tokens_before_stop(const grpo__answer *a,
				  const grpo_sampling *how)
{
	int32_t i;

	if (a->finish != GRPO_FINISH_STOP || a->n_tokens == 0)
		return a->n_tokens;
	for (i = 0; i < how->n_stops; i++)
		if (a->tokens[a->n_tokens - 1] == how->stops[i])
			return a->n_tokens - 1;
	return a->n_tokens;
}

/* The start that the template wrote, then the model's text, without the stop
 * token. */
static int make_text(grpo__answer *a, const struct sampling *s,
		     const grpo_str *prefill)
{
	char *text = NULL, *all;
	size_t len = 0;
	int rc = 0;

	GRPO_TRY(grpo_tokenizer_decode(s->trainer->parts.tokenizer, &text, &len,
				       a->tokens, tokens_before_stop(a, s->how),
				       1));
	all = grpo__arena_alloc(s->rollout->arena, prefill->len + len + 1, 1);
	GRPO_FAIL_IF(!all, GRPO_ENOMEM, "out of memory");
	if (prefill->len > 0)
		memcpy(all, prefill->ptr, prefill->len);
	memcpy(all + prefill->len, text, len);
	a->text = (grpo_str){all, prefill->len + len};
out:
	free(text);
	return rc;
}

static int submit(const struct sampling *s, int64_t row)
{
	const grpo__rollout *r = s->rollout;
	const grpo__prompt *p = &r->prompts[r->prompt_of[row]];
	const grpo__answer *a = &r->answers[row];
	grpo_reward_row in = {.struct_size = sizeof in,
			      .prompt = p->text,
			      .completion = a->text,
			      .group = (uint32_t)r->group_of[row],
			      .group_size = (uint32_t)r->n_each,
			      .finish = (uint8_t)a->finish,
			      .columns = p->columns,
			      .cells = p->cells,
			      .n_columns = p->row.n_cells,
			      .tokens = a->tokens,
			      .n_tokens = a->n_tokens};

	return grpo_reward_set_submit(s->trainer->parts.rewards, row, &in);
}

static int on_completion(void *ctx, const grpo_completion *c)
{
	struct sampling *s = ctx;
	grpo__rollout *r = s->rollout;
	int64_t row;
	int rc = 0;

	GRPO_TRY(grpo__run_stopped(s->trainer));
	GRPO_TRY(check_completion(s, c));
	row = c->request * r->n_each + c->sample;
	GRPO_TRY(keep_tokens(&r->answers[row], r->arena, c));
	r->answers[row].version = s->trainer->progress.steps;
	GRPO_TRY(
	    make_text(&r->answers[row], s, &r->prompts[c->request].prefill));
	GRPO_TRY(submit(s, row));
	r->n_tokens += c->n_tokens;
out:
	return rc;
}

static int check_all_done(const grpo__rollout *r)
{
	int64_t i;
	int rc = 0;

	for (i = 0; i < r->n_rows; i++)
		GRPO_FAIL_IF(!r->answers[i].done, GRPO_EINVAL,
			     "the sampler left out completion %" PRId64
			     " of request %" PRId64,
			     i % r->n_each, i / r->n_each);
out:
	return rc;
}

/* An incomplete batch of rewards still has to end; the first failure's message
 * is kept. */
static int at_once(const void *ctx)
{
	(void)ctx;
	return 1;
}

static int abandon_rewards(grpo_trainer *t, grpo__rollout *r, int rc)
{
	char line[1024];

	snprintf(line, sizeof line, "%s", grpo_error_message());
	grpo__reward_set_wait(t->parts.rewards, r->rewards, r->status, at_once,
			      NULL);
	return grpo__fail(rc, "%s", line);
}

/* The learner's weights, where it has stepped since the sampler got them. */
static int bring_weights(grpo_trainer *t)
{
	const grpo_sampler *s = t->parts.sampler;
	int rc = 0;

	if (t->sampler_is_behind && s->ops->load_weights)
		GRPO_TRY(s->ops->load_weights(s->self));
	t->sampler_is_behind = 0;
out:
	return rc;
}

static int sample(grpo_trainer *t, grpo__rollout *r, const grpo__generation *g)
{
	struct sampling s = {t, r, &g->how};
	const grpo_sampler *sampler = t->parts.sampler;
	grpo_request *requests;
	double began = grpo__now();
	int64_t b;
	int rc = 0;

	requests =
	    grpo__arena_alloc(r->arena, (size_t)r->n_prompts, sizeof *requests);
	if (!requests)
		return GRPO_ENOMEM;
	for (b = 0; b < r->n_prompts; b++)
		requests[b] = (grpo_request){
		    .prompt = r->prompts[b].ids,
		    .n_prompt = r->prompts[b].n_ids,
		    .n = (int32_t)r->n_each,
		    .first_row = (uint32_t)(g->first_row + b * r->n_each)};
	GRPO_TRY(grpo_reward_set_begin(t->parts.rewards, r->n_rows));
	rc = sampler->ops->generate(sampler->self, requests, r->n_prompts,
				    &g->how, on_completion, &s);
	if (rc == 0)
		rc = check_all_done(r);
	if (rc < 0)
		rc = abandon_rewards(t, r, rc);
	r->sampling_s = grpo__now() - began;
out:
	return rc;
}

/* --------------------------------------------------- rewards -> totals */

static int is_stopped(const void *ctx)
{
	return grpo__run_stop_asked(ctx);
}

static int add_up(grpo_trainer *t, grpo__rollout *r)
{
	double began = grpo__now();
	int64_t i;
	int rc = 0;

	rc = grpo__reward_set_wait(t->parts.rewards, r->rewards, r->status,
				   is_stopped, t);
	if (rc == GRPO_ECANCELED)
		return grpo__run_stopped(t);
	GRPO_TRY(rc);
	GRPO_TRY(grpo_reward_totals(r->total, r->rewards,
				    grpo_reward_set_weights(t->parts.rewards),
				    r->n_rows, r->n_rewards));
	/* stopped from outside: the model did not cause it */
	for (i = 0; i < r->n_rows; i++)
		if (r->answers[i].finish == GRPO_FINISH_ABORT)
			r->total[i] = NAN;
	r->rewards_s = grpo__now() - began;
out:
	return rc;
}

int grpo__generate(grpo_trainer *t, grpo__rollout *r, const grpo__generation *g)
{
	int rc = 0;

	GRPO_TRY(make_prompts(t, r, g));
	GRPO_TRY(bring_weights(t));
	GRPO_TRY(sample(t, r, g));
	GRPO_TRY(add_up(t, r));
out:
	return rc;
}
