/* SPDX-License-Identifier: MIT */
/*
 * One step, as data flows:
 *
 *	dataset row -> prompt -> completions -> text -> rewards -> advantages
 *	-> plan -> micro-batches -> optimizer step -> metrics, samples
 *
 * Each arrow is one function, in this order; grpo__step at the end calls them.
 */
#include "train/step.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "core/file.h"
#include "train/batch.h"
#include "train/update.h"

/* ------------------------------------------------ dataset row -> prompt */

int grpo__step_prompts(grpo_trainer *t, grpo__rollout *r, const grpo_dataset *d,
		       const int64_t *rows, int64_t max_new,
		       const char *continuation)
{
	int64_t b;
	int rc = 0;

	for (b = 0; b < r->n_prompts; b++)
		GRPO_TRY(grpo__prompt_make(&r->prompts[b], r->arena, t, d,
					   rows[b], max_new, continuation));
out:
	return rc;
}

/* ------------------------------------- prompt -> completions -> rewards */

int grpo__step_sampling(const grpo_trainer *t, grpo_sampling *s)
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
	const grpo__prompt *p = &r->prompts[row / r->n_each];
	const grpo__answer *a = &r->answers[row];
	grpo_reward_row in = {.struct_size = sizeof in,
			      .prompt = p->text,
			      .completion = a->text,
			      .group = (uint32_t)(row / r->n_each),
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

	GRPO_TRY(grpo__trainer_stopped(s->trainer));
	GRPO_TRY(check_completion(s, c));
	row = c->request * r->n_each + c->sample;
	GRPO_TRY(keep_tokens(&r->answers[row], r->arena, c));
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
static int abandon_rewards(grpo_trainer *t, grpo__rollout *r, int rc)
{
	char line[1024];

	snprintf(line, sizeof line, "%s", grpo_error_message());
	grpo_reward_set_wait(t->parts.rewards, r->rewards, r->status);
	return grpo__fail(rc, "%s", line);
}

int grpo__step_sample(grpo_trainer *t, grpo__rollout *r,
		      const grpo_sampling *how, int64_t first_row)
{
	struct sampling s = {t, r, how};
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
		    .first_row = (uint32_t)(first_row + b * r->n_each)};
	GRPO_TRY(grpo_reward_set_begin(t->parts.rewards, r->n_rows));
	rc = sampler->ops->generate(sampler->self, requests, r->n_prompts, how,
				    on_completion, &s);
	if (rc == 0)
		rc = check_all_done(r);
	if (rc < 0)
		rc = abandon_rewards(t, r, rc);
	r->sampling_s = grpo__now() - began;
out:
	return rc;
}

/* --------------------------------------------------- rewards -> totals */

int grpo__step_rewards(grpo_trainer *t, grpo__rollout *r)
{
	double began = grpo__now();
	int64_t i;
	int rc = 0;

	GRPO_TRY(grpo_reward_set_wait(t->parts.rewards, r->rewards, r->status));
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

/* ------------------------ totals (less the KL: kl.c) -> advantages */

static int make_advantages(const grpo_trainer *t, grpo__rollout *r)
{
	const grpo_trainer_config *c = &t->config;
	grpo_advantage_options o;
	int64_t *group, b;
	int rc = 0;

	group = grpo__arena_alloc(r->arena, (size_t)r->n_prompts + 1,
				  sizeof *group);
	if (!group)
		return GRPO_ENOMEM;
	for (b = 0; b <= r->n_prompts; b++)
		group[b] = b * r->n_each;
	GRPO_TRY(grpo_advantage_options_init(&o));
	o.baseline = c->advantage_baseline;
	o.scale = c->scale_rewards;
	o.ddof = (int32_t)c->advantage_ddof;
	o.eps = c->advantage_eps;
	GRPO_TRY(grpo_advantages(r->advantage, r->group_std, r->judged, group,
				 r->n_prompts, &o));
out:
	return rc;
}

grpo_scored grpo__step_scored(const grpo__rollout *r, int64_t i, int64_t step)
{
	const grpo__prompt *p = &r->prompts[i / r->n_each];
	const grpo__answer *a = &r->answers[i];

	return (grpo_scored){.struct_size = sizeof(grpo_scored),
			     .step = step,
			     .row = i,
			     .group = i / r->n_each,
			     .dataset_row = p->row.index,
			     .finish = a->finish,
			     .n_rewards = r->n_rewards,
			     .prompt = p->text,
			     .completion = a->text,
			     .tokens = a->tokens,
			     .n_tokens = a->n_tokens,
			     .rewards = r->rewards + i * r->n_rewards,
			     .status = r->status + i * r->n_rewards,
			     .total = r->total[i],
			     .advantage = r->advantage[i]};
}

static int show_completions(grpo_trainer *t, const grpo__rollout *r)
{
	int64_t i;
	int rc = 0;

	for (i = 0; t->callbacks.on_completion && i < r->n_rows; i++) {
		grpo_scored s = grpo__step_scored(r, i, t->progress.steps);

		rc = t->callbacks.on_completion(t->callbacks.ctx, &s);
		if (rc < 0)
			return rc;
		t->progress.finish |= rc > 0;
	}
	return 0;
}

/* ------------------------------------------------- advantages -> plan */

static int set_objective(grpo_objective_options *o,
			 const grpo_trainer_config *c)
{
	int rc = 0;

	GRPO_TRY(grpo_objective_options_init(o));
	o->loss_type = c->loss_type;
	o->max_completion_length = c->max_completion_length;
	o->epsilon = c->epsilon;
	o->epsilon_high = c->epsilon_high < 0 ? c->epsilon : c->epsilon_high;
	o->beta = c->kl_in_reward ? 0 : c->beta;
	o->kl_estimator = c->kl_estimator;
	o->kl_bias_correction = c->kl_bias_correction;
	o->importance_sampling_correction = c->importance_sampling_correction;
	o->importance_sampling_clip_min = c->importance_sampling_clip_min;
	o->importance_sampling_clip_max = c->importance_sampling_clip_max;
out:
	return rc;
}

static int make_plan(grpo__update *u, const grpo_trainer *t,
		     const grpo__rollout *r)
{
	const grpo_trainer_config *c = &t->config;
	int kl_in_loss = c->beta > 0 && !c->kl_in_reward;
	grpo__flat_options po = {.mask_truncated =
				     c->mask_truncated_completions,
				 .keep_zeros = kl_in_loss,
				 .old_logp = c->num_iterations > 1,
				 .ref_logp = kl_in_loss,
				 .max_tokens = c->tokens_per_micro_batch};
	grpo_objective_options o;
	grpo_tokens all;
	int rc = 0;

	GRPO_TRY(grpo__flat_make(&u->flat, r, &po));
	GRPO_TRY(set_objective(&o, c));
	all = grpo__flat_slice(&u->flat, 0, u->flat.n_rows);
	GRPO_TRY(grpo_plan_create(&u->plan, &o, &all));
out:
	return rc;
}

/* -------------- plan -> micro-batches: forward, objective, backward */

static int forward(grpo__update *u, const grpo_trainer *t, int64_t b)
{
	const grpo_learner *l = t->parts.learner;
	grpo__flat *p = &u->flat;
	int64_t at = p->row[p->cut[b]], end = p->row[p->cut[b + 1]];
	int rc = 0;

	if (p->ref_logp && u->iteration == 0)
		GRPO_TRY(l->ops->forward(l->self, &u->batch,
					 GRPO_WEIGHTS_REFERENCE, 0,
					 p->ref_logp + at, NULL));
	GRPO_TRY(l->ops->forward(l->self, &u->batch, GRPO_WEIGHTS_POLICY, 1,
				 p->logp + at, p->entropy + at));
	if (p->old_logp && u->iteration == 0)
		memcpy(p->old_logp + at, p->logp + at,
		       (size_t)(end - at) * sizeof *p->logp);
out:
	return rc;
}

static int train_micro_batch(grpo__update *u, const grpo_trainer *t,
			     const grpo__rollout *r, int64_t b)
{
	const grpo_learner *l = t->parts.learner;
	grpo__flat *p = &u->flat;
	int64_t first = p->cut[b], n = p->cut[b + 1] - first, trained;
	grpo_tokens slice = grpo__flat_slice(p, first, n);
	float *dlogp = p->dlogp + p->row[first];
	int rc = 0;

	if (u->iteration == 0)
		GRPO_TRY(grpo__trainer_stopped(t));
	GRPO_TRY(grpo__flat_batch(&u->batch, &trained, p, r, b,
				  t->config.temperature));
	GRPO_TRY(forward(u, t, b));
	if (u->iteration == 0)
		slice.old_logp = NULL; /* the same numbers: ratio exactly 1 */
	GRPO_TRY(
	    grpo_objective(u->plan, &slice, first, dlogp, NULL, &u->metrics));
	GRPO_TRY(l->ops->backward(l->self, dlogp, NULL));
	u->trained += trained;
	grpo__update_measure(u, first, n);
out:
	return rc;
}

/* ------------------------------------ micro-batches -> optimizer step */

static int sync_reference(const grpo_trainer *t, int64_t steps)
{
	const grpo_trainer_config *c = &t->config;
	const grpo_learner *l = t->parts.learner;

	if (!c->sync_ref_model || steps % c->ref_model_sync_steps != 0)
		return 0;
	return l->ops->sync_reference(l->self, c->ref_model_mixup_alpha);
}

/* By its contract the learner leaves the weights as they were where it returns
 * GRPO_ENUMERIC; after another failure nobody knows. */
static int step_learner(grpo__update *u, const grpo_trainer *t, double *norm)
{
	const grpo_learner *l = t->parts.learner;
	int rc = l->ops->step(l->self, u->rate, t->config.max_grad_norm, norm);

	u->is_uncounted |= rc != GRPO_ENUMERIC;
	return rc;
}

static int update_once(grpo__update *u, const grpo_trainer *t,
		       const grpo__rollout *r)
{
	const grpo_sampler *s = t->parts.sampler;
	int64_t steps = t->progress.steps + u->iteration, b;
	double norm = 0;
	int rc = 0;

	GRPO_TRY(grpo_metrics_init(&u->metrics));
	for (b = 0; b < u->flat.n_cuts; b++)
		GRPO_TRY(train_micro_batch(u, t, r, b));
	u->rate = grpo__schedule_rate(&t->config, steps, t->max_steps);
	GRPO_TRY(step_learner(u, t, &norm));
	GRPO_FAIL_IF(!isfinite(norm), GRPO_ENUMERIC,
		     "the norm of the gradient is %g", norm);
	grpo__update_count(u, norm);
	GRPO_TRY(sync_reference(t, steps + 1));
	if (s->ops->load_weights)
		GRPO_TRY(s->ops->load_weights(s->self));
out:
	return rc;
}

static int64_t n_updates(const grpo_trainer *t)
{
	int64_t left = t->max_steps - t->progress.steps;

	return left < t->config.num_iterations ? left
					       : t->config.num_iterations;
}

static int update(grpo__update *u, const grpo_trainer *t,
		  const grpo__rollout *r)
{
	const grpo_learner *l = t->parts.learner;
	double began = grpo__now();
	int rc = 0;

	for (; u->iteration < n_updates(t); u->iteration++)
		GRPO_TRY(update_once(u, t, r));
	u->seconds = r->kl_s + grpo__now() - began;
out:
	if (rc < 0)
		l->ops->zero_grad(l->self);
	return rc;
}

/* -------------------------------------------------------- the whole step */

static void count(grpo_trainer *t, const grpo__rollout *r,
		  const grpo__update *u, double seconds)
{
	grpo__progress *p = &t->progress;
	int64_t b;

	p->steps += u->iteration;
	p->batches++;
	p->num_tokens += r->n_tokens;
	for (b = 0; b < r->n_prompts; b++)
		p->num_tokens += r->n_each * r->prompts[b].n_ids;
	p->totals.completions += r->n_rows;
	p->totals.tokens_sampled += r->n_tokens;
	p->totals.tokens_trained += u->trained;
	p->totals.sampling_s += r->sampling_s;
	p->totals.rewards_s += r->rewards_s;
	p->totals.training_s += u->seconds;
	p->totals.total_s += seconds;
}

/* What the rewards say of some rows is kept, for samples and alarms, and what
 * they measure of all rows, for the metrics. */
static int listen(grpo_trainer *t, const grpo__rollout *r)
{
	int64_t n_samples = t->output_dir ? t->config.samples_per_step : 0;
	int rc = 0;

	GRPO_TRY(
	    grpo__measures_begin(&t->measures, t->parts.rewards, r->n_rows));
	GRPO_TRY(grpo__said_begin(&t->said, t->parts.rewards, r, n_samples));
out:
	return rc;
}

static int sample_and_score(grpo_trainer *t, grpo__rollout *r,
			    const grpo_sampling *how)
{
	int rc, end, measured;

	rc = listen(t, r);
	if (rc == 0)
		rc = grpo__step_sample(t, r, how, 0);
	if (rc == 0)
		rc = grpo__step_rewards(t, r);
	end = grpo__said_end(&t->said);
	measured = grpo__measures_end(&t->measures);
	return rc < 0 ? rc : end < 0 ? end : measured;
}

/* dataset row -> … -> advantages */
static int roll_out(grpo_trainer *t, grpo__rollout *r)
{
	const grpo_trainer_config *c = &t->config;
	grpo_sampling how;
	int64_t *rows;
	int rc = 0;

	GRPO_TRY(grpo__trainer_stopped(t));
	GRPO_TRY(grpo__rollout_begin(r, c->prompts_per_step, c->num_generations,
				     t->n_rewards));
	rows = grpo__arena_alloc(r->arena, (size_t)r->n_prompts, sizeof *rows);
	GRPO_FAIL_IF(!rows, GRPO_ENOMEM, "out of memory");
	GRPO_TRY(grpo__schedule_rows(t, t->progress.batches, rows));
	GRPO_TRY(grpo__step_prompts(t, r, t->parts.dataset, rows,
				    c->max_completion_length, NULL));
	GRPO_TRY(grpo__step_sampling(t, &how));
	how.step = (uint32_t)t->progress.steps;
	GRPO_TRY(sample_and_score(t, r, &how));
	GRPO_TRY(grpo__step_kl(t, r));
	GRPO_TRY(make_advantages(t, r));
	GRPO_TRY(show_completions(t, r));
	GRPO_TRY(grpo__trainer_stopped(t));
out:
	return rc;
}

int grpo__step(grpo_trainer *t)
{
	grpo__rollout *r = t->rollout;
	grpo__update u = {0};
	double began = grpo__now();
	int rc = 0;

	GRPO_TRY(roll_out(t, r));
	GRPO_TRY(make_plan(&u, t, r));
	GRPO_TRY(update(&u, t, r));
	count(t, r, &u, grpo__now() - began);
	u.is_uncounted = 0;
	GRPO_TRY(grpo__update_report(t, r, &u, grpo__now() - began));
out:
	t->is_ahead |= u.is_uncounted;
	grpo_plan_free(u.plan);
	if (rc < 0 && rc != GRPO_ECANCELED)
		grpo__fail_context(rc, "step %" PRId64, t->progress.steps + 1);
	return rc;
}
