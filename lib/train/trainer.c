/* SPDX-License-Identifier: MIT */
#include "grpo/trainer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/fail.h"
#include "core/file.h"
#include "core/json.h"
#include "core/struct.h"
#include "grpo/checkpoint.h"
#include "train/alarm.h"
#include "train/best.h"
#include "train/checkpoint.h"
#include "train/figures.h"
#include "train/generate.h"
#include "train/given.h"
#include "train/idle.h"
#include "train/kl.h"
#include "train/ranks.h"
#include "train/rollouts.h"
#include "train/rows.h"
#include "train/run.h"
#include "train/samples.h"
#include "train/settings.h"
#include "train/sizes.h"
#include "train/state.h"
#include "train/update.h"

int grpo_trainer_parts_init_(grpo_trainer_parts *p, size_t size)
{
	static const grpo_trainer_parts none;

	return grpo__struct_init(p, size, &none, sizeof none,
				 "grpo_trainer_parts");
}

int grpo_trainer_callbacks_init_(grpo_trainer_callbacks *c, size_t size)
{
	static const grpo_trainer_callbacks none;

	return grpo__struct_init(c, size, &none, sizeof none,
				 "grpo_trainer_callbacks");
}

/* --------------------------------------------------------------- create */

static int import_config(grpo_trainer_config *ours,
			 const grpo_trainer_config *theirs)
{
	int rc = 0;

	GRPO_TRY(grpo_trainer_config_init(ours));
	if (theirs)
		GRPO_TRY(grpo__struct_import(ours, sizeof *ours, theirs,
					     "grpo_trainer_config",
					     "call grpo_trainer_config_init"));
	GRPO_TRY(grpo__settings_check(ours));
out:
	return rc;
}

static const char *missing_op_of_sampler(const grpo_sampler_ops *s)
{
	if (!s || !GRPO_HAS(s, grpo_sampler_ops, free))
		return "sampler's table has no struct_size of this version or "
		       "an earlier one: set it to sizeof(grpo_sampler_ops)";
	return s->generate ? NULL : "sampler cannot generate";
}

static const char *missing_op_of_learner(const grpo_learner_ops *l,
					 const grpo_trainer_config *c)
{
	if (!l || !GRPO_HAS(l, grpo_learner_ops, free))
		return "learner's table has no struct_size of this version or "
		       "an earlier one: set it to sizeof(grpo_learner_ops)";
	if (!l->forward || !l->backward || !l->step || !l->zero_grad)
		return "learner lacks forward, backward, step or zero_grad";
	if (c->sync_ref_model && !l->sync_reference)
		return "learner cannot sync_reference, and \"sync_ref_model\" "
		       "is set";
	if (c->output_dir && (!l->save_state || !l->load_state))
		return "learner cannot save_state and load_state, and "
		       "\"output_dir\" is set";
	return NULL;
}

/* A trainer that gets all its rollouts by grpo_trainer_update. */
static int is_given_only(const grpo_trainer_parts *p)
{
	return p->learner && !p->dataset && !p->rewards && !p->sampler;
}

static int check_sampling_parts(const grpo_trainer_parts *p,
				const grpo_trainer_config *c)
{
	const char *missing = !p->dataset           ? "dataset"
			      : !p->tokenizer       ? "tokenizer"
			      : !p->prompt_template ? "prompt_template"
			      : !p->rewards         ? "rewards"
			      : !p->sampler         ? "sampler"
			      : !p->learner         ? "learner"
						    : NULL;
	int rc = 0;

	GRPO_FAIL_IF(missing, GRPO_EINVAL, "parts.%s is NULL", missing);
	GRPO_FAIL_IF(grpo_reward_set_count(p->rewards) < 1, GRPO_EINVAL,
		     "parts.rewards has no reward");
	GRPO_FAIL_IF(c->eval_steps > 0 && !p->held_out, GRPO_EINVAL,
		     "\"eval_steps\" needs parts.held_out");
	missing = missing_op_of_sampler(p->sampler->ops);
	GRPO_FAIL_IF(missing, GRPO_EINVAL, "the %s", missing);
out:
	return rc;
}

static int check_parts(const grpo_trainer_parts *p,
		       const grpo_trainer_config *c)
{
	const char *missing;
	int rc = 0;

	if (!is_given_only(p))
		GRPO_TRY(check_sampling_parts(p, c));
	GRPO_FAIL_IF(is_given_only(p) && (c->eval_steps > 0 || p->held_out),
		     GRPO_EINVAL,
		     "an evaluation needs parts.dataset, rewards and sampler, "
		     "and they are NULL");
	GRPO_FAIL_IF(is_given_only(p) && c->max_steps <= 0, GRPO_EINVAL,
		     "\"max_steps\" is needed where parts.dataset is NULL");
	missing = missing_op_of_learner(p->learner->ops, c);
	GRPO_FAIL_IF(missing, GRPO_EINVAL, "the %s", missing);
	GRPO_TRY(grpo__ranks_check(p->comm, c, p->learner));
out:
	return rc;
}

/* A run that ends during warm-up never reaches its rate. */
static int check_warmup(const grpo_trainer *t)
{
	const grpo_trainer_config *c = &t->config;

	if (c->lr_scheduler_type == GRPO_LR_CONSTANT ||
	    c->warmup_steps <= t->max_steps)
		return 0;
	return grpo__fail(GRPO_EINVAL,
			  "\"warmup_steps\" is %" PRId64
			  ", more than the %" PRId64 " steps of the run "
			  "(\"max_steps\", or \"num_train_epochs\")",
			  c->warmup_steps, t->max_steps);
}

/* An identity that can't be saved fails now, not at the first checkpoint. */
static int check_identity(const grpo_trainer *t)
{
	grpo__buf text = {0};
	cJSON *again = NULL;
	int rc = 0;

	if (!t->identity)
		return 0;
	GRPO_TRY(grpo__state_print(&text, t));
	GRPO_TRY(grpo__json_parse(&again, text.data, text.len,
				  "parts.identity, in a checkpoint"));
out:
	if (rc == GRPO_EINVAL)
		grpo__fail_context(rc, "parts.identity");
	cJSON_Delete(again);
	grpo__buf_dispose(&text);
	return rc;
}

static int copy_text(char **out, const char *text)
{
	*out = text ? grpo__strndup(text, strlen(text)) : NULL;
	return text && !*out ? GRPO_ENOMEM : 0;
}

static int fill(grpo_trainer *t, const grpo_trainer_config *config,
		const grpo_trainer_parts *parts,
		const grpo_trainer_callbacks *callbacks)
{
	int rc = 0;

	GRPO_TRY(import_config(&t->config, config));
	GRPO_TRY(grpo__struct_import(&t->parts, sizeof t->parts, parts,
				     "grpo_trainer_parts",
				     "call grpo_trainer_parts_init"));
	if (callbacks)
		GRPO_TRY(
		    grpo__struct_import(&t->callbacks, sizeof t->callbacks,
					callbacks, "grpo_trainer_callbacks",
					"call grpo_trainer_callbacks_init"));
	GRPO_TRY(check_parts(&t->parts, &t->config));
	if (grpo__ranks_mine(t) > 0)
		t->config.output_dir = NULL; /* rank 0 writes the files */
	GRPO_TRY(grpo__rows_choose(&t->train, t, t->parts.dataset));
	GRPO_TRY(grpo__rows_choose(&t->held_out, t, t->parts.held_out));
	GRPO_TRY(grpo__sizes_plan(t));
	GRPO_TRY(check_warmup(t));
	if (grpo__ranks_mine(t) == 0)
		grpo__idle_say(&t->config);
	GRPO_TRY(copy_text(&t->output_dir, t->config.output_dir));
	GRPO_TRY(copy_text(&t->identity, t->parts.identity));
	t->config.output_dir = t->output_dir;
	t->parts.identity = t->identity;
	if (t->parts.rewards) {
		t->n_rewards = grpo_reward_set_count(t->parts.rewards);
		GRPO_TRY(grpo_reward_set_timeout(t->parts.rewards,
						 GRPO_REWARD_SET_WARN_S,
						 t->config.reward_timeout_s));
	}
	GRPO_TRY(grpo__best_init(t));
	GRPO_TRY(check_identity(t));
	GRPO_TRY(grpo__alarms_init(&t->alarms, t->n_rewards));
	GRPO_TRY(grpo__rollout_create(&t->rollout));
	if (grpo__ranks_count(t) > 1)
		GRPO_TRY(grpo__rollout_create(&t->everyone));
out:
	return rc;
}

int grpo_trainer_create(grpo_trainer **out, const grpo_trainer_config *config,
			const grpo_trainer_parts *parts,
			const grpo_trainer_callbacks *callbacks)
{
	grpo_trainer *t = grpo__alloc(1, sizeof *t);
	int rc;

	*out = NULL;
	if (!t)
		return GRPO_ENOMEM;
	t->metrics = (grpo__lines)GRPO__LINES_NONE;
	t->samples = (grpo__lines)GRPO__LINES_NONE;
	t->rollouts = (grpo__lines)GRPO__LINES_NONE;
	t->saved = -1;
	t->lock = -1;
	atomic_init(&t->stop, 0);
	rc = fill(t, config, parts, callbacks);
	if (rc < 0)
		grpo_trainer_free(t);
	else
		*out = t;
	return rc;
}

void grpo_trainer_free(grpo_trainer *t)
{
	if (!t)
		return;
	grpo__lines_close(&t->metrics);
	grpo__lines_close(&t->samples);
	grpo__lines_close(&t->rollouts);
	if (t->lock >= 0)
		close(t->lock);
	grpo__report_dispose(&t->report);
	grpo__alarms_dispose(&t->alarms);
	grpo__said_dispose(&t->said);
	grpo__measures_dispose(&t->measures);
	grpo__rollout_free(t->rollout);
	grpo__rollout_free(t->everyone);
	grpo__order_dispose(&t->order);
	grpo__rows_dispose(&t->train);
	grpo__rows_dispose(&t->held_out);
	free(t->output_dir);
	free(t->identity);
	free(t->metric);
	free(t->best_folder);
	free(t);
}

/* ----------------------------------------------------------------- step */

/* A new run must not find another run in its folder. */
static int start_here(grpo_trainer *t)
{
	int rc = 0;

	if (t->parts.dataset)
		GRPO_TRY(grpo_trainer_check(t)); /* after a resume too */
	if (t->started)
		return 0;
	if (t->output_dir) {
		GRPO_TRY(grpo__run_lock(t));
		GRPO_TRY(grpo__checkpoint_none(t));
		GRPO_TRY(grpo__lines_open(&t->metrics, t->output_dir,
					  "metrics.jsonl", 0));
		GRPO_TRY(grpo__lines_open(&t->samples, t->output_dir,
					  "samples.jsonl", 0));
		if (t->config.save_rollouts)
			GRPO_TRY(grpo__lines_open(&t->rollouts, t->output_dir,
						  "rollouts.jsonl", 0));
	}
	t->started = 1;
out:
	return rc;
}

static int start(grpo_trainer *t)
{
	int rc = start_here(t);

	return grpo__ranks_agree(t, rc);
}

static int write_metrics(grpo_trainer *t)
{
	grpo__buf b = {0};
	int rc = 0;

	GRPO_TRY(grpo__report_line(&b, &t->report, t->progress.steps));
	GRPO_TRY(grpo__lines_add(&t->metrics, &b));
out:
	grpo__buf_dispose(&b);
	return rc;
}

/* t->report to metrics.jsonl and to `fn`, or NULL. */
static int emit(grpo_trainer *t,
		int (*fn)(void *ctx, const grpo_report *report))
{
	grpo_report shown = {.struct_size = sizeof shown,
			     .step = t->progress.steps,
			     .max_steps = t->max_steps,
			     .n_metrics = t->report.n,
			     .metrics = t->report.metrics};
	int rc = 0;

	if (t->output_dir)
		GRPO_TRY(write_metrics(t));
	if (fn)
		GRPO_TRY(fn(t->callbacks.ctx, &shown));
	t->progress.finish |= rc > 0;
	return 0;
out:
	return rc;
}

static int evaluate_held_out(grpo_trainer *t)
{
	grpo_evaluation e = {.struct_size = sizeof e};
	grpo_evaluation_options o;
	int rc = 0;

	GRPO_TRY(grpo_evaluation_options_init(&o));
	o.num_generations = t->config.num_generations_eval
				? t->config.num_generations_eval
				: t->config.num_generations;
	o.temperature = t->config.temperature;
	o.seed = (uint64_t)t->progress.steps;
	GRPO_TRY(grpo_trainer_evaluate(t, &e, &o));
	t->progress.totals.eval_s += e.seconds;
	GRPO_TRY(grpo__figures_of_evaluation(t, &e));
	GRPO_TRY(emit(t, t->callbacks.on_evaluation));
out:
	grpo_evaluation_dispose(&e);
	return rc;
}

/* The best is saved as evaluated, so that a resume does not do so again. */
static int evaluate(grpo_trainer *t)
{
	int64_t before = t->progress.evaluated;
	int had_best = t->progress.best_step > 0, rc = 0;
	double best = t->progress.best_value, value;

	GRPO_TRY(evaluate_held_out(t));
	t->progress.evaluated = t->progress.steps;
	rc = grpo__best_look(t, &value);
	if (rc == 0 && had_best && value <= best)
		rc = grpo__alarms_evaluated(t, value, best);
	if (rc < 0)
		t->progress.evaluated = before;
out:
	return rc;
}

/* The evaluation of this step, unless it was made: a stop may have come
 * between, so it is looked at before a step too. */
static int evaluate_if_due(grpo_trainer *t)
{
	int rc = 0;

	if (!grpo__run_is_due(t, t->config.eval_steps, t->progress.evaluated))
		return 0;
	rc = evaluate(t); /* each rank all of it, with the same result */
	return grpo__ranks_agree(t, rc);
}

static int save_if_due(grpo_trainer *t)
{
	if (!t->output_dir ||
	    !grpo__run_is_due(t, t->config.save_steps, t->saved))
		return 0;
	return grpo_trainer_save(t);
}

static int show_completions(grpo_trainer *t, const grpo__rollout *r)
{
	int64_t i;
	int rc = 0;

	for (i = 0; t->callbacks.on_completion && i < r->n_rows; i++) {
		grpo_scored s = grpo__rollout_scored(r, i, t->progress.steps);

		rc = t->callbacks.on_completion(t->callbacks.ctx, &s);
		if (rc < 0)
			return rc;
		t->progress.finish |= rc > 0;
	}
	return 0;
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

static int generate_and_listen(grpo_trainer *t, grpo__rollout *r,
			       const grpo__generation *g)
{
	int rc, end, measured;

	rc = listen(t, r);
	if (rc == 0)
		rc = grpo__generate(t, r, g);
	end = grpo__said_end(&t->said);
	measured = grpo__measures_end(&t->measures);
	return rc < 0 ? rc : end < 0 ? end : measured;
}

/* The rows that figures are made of: those of all ranks. */
static const grpo__rollout *all_rows(const grpo_trainer *t)
{
	return t->everyone ? t->everyone : t->rollout;
}

/* totals -> advantages, which may depend on the rows of all ranks */
static int make_advantages(grpo_trainer *t, grpo__rollout *r)
{
	int64_t mine;
	int rc = 0;

	if (!t->everyone)
		return grpo__rollout_advantages(r, &t->config);
	GRPO_TRY(grpo__ranks_gather(t, t->everyone, r, &mine));
	GRPO_TRY(grpo__rollout_advantages(t->everyone, &t->config));
	grpo__rollout_take_advantages(r, t->everyone, mine);
out:
	return rc;
}

/* totals -> advantages, and who wants to see them; `rc` is how the totals came
 * out */
static int judge(grpo_trainer *t, grpo__rollout *r, int rc)
{
	if (rc == 0)
		rc = grpo__kl_in_reward(t, r);
	GRPO_TRY(grpo__ranks_agree(t, rc));
	rc = make_advantages(t, r);
	if (rc == 0)
		rc = show_completions(t, r);
	if (rc == 0)
		rc = grpo__run_stopped(t);
	GRPO_TRY(grpo__ranks_agree(t, rc));
out:
	return rc;
}

/* dataset rows -> … -> totals, of this rank's share of the batch */
static int generate(grpo_trainer *t, grpo__rollout *r)
{
	const grpo_trainer_config *c = &t->config;
	int64_t share = c->prompts_per_step / grpo__ranks_count(t);
	int64_t first = share * grpo__ranks_mine(t);
	grpo__generation g = {.dataset = t->parts.dataset,
			      .first_row = first * c->num_generations};
	int64_t *rows, i;
	int rc = 0;

	GRPO_TRY(grpo__run_stopped(t));
	GRPO_TRY(
	    grpo__rollout_begin(r, share, c->num_generations, t->n_rewards));
	rows = grpo__arena_alloc(r->arena, (size_t)c->prompts_per_step,
				 sizeof *rows);
	GRPO_FAIL_IF(!rows, GRPO_ENOMEM, "out of memory");
	GRPO_TRY(grpo__order_rows(&t->order, c, t->train.n, t->progress.batches,
				  rows));
	for (i = 0; i < c->prompts_per_step; i++)
		rows[i] = grpo__rows_at(&t->train, rows[i]);
	g.rows = rows + first;
	GRPO_TRY(grpo__generate_sampling(t, &g.how));
	g.how.step = (uint32_t)t->progress.steps;
	GRPO_TRY(generate_and_listen(t, r, &g));
out:
	return rc;
}

static void count(grpo_trainer *t, const grpo__rollout *r,
		  const grpo__update *u, double seconds)
{
	grpo__progress *p = &t->progress;
	int64_t i;

	p->batches += r->n_each > 0; /* the dataset's rows are used */
	t->is_mid_batch = 0;
	p->num_tokens += r->n_tokens;
	for (i = 0; i < r->n_rows; i++)
		p->num_tokens += r->prompts[r->prompt_of[i]].n_ids;
	p->totals.completions += r->n_rows;
	p->totals.tokens_sampled += r->n_tokens;
	p->totals.tokens_trained += u->trained;
	p->totals.sampling_s += r->sampling_s;
	p->totals.rewards_s += r->rewards_s;
	p->totals.training_s += u->seconds;
	p->totals.total_s += seconds;
}

/* What the step came to, for people. */
static int report(grpo_trainer *t, const grpo__rollout *r,
		  const grpo__update *u, double seconds)
{
	int kept = 0, rc = 0;

	GRPO_TRY(grpo__figures_of_step(t, all_rows(t), u, seconds));
	if (t->output_dir)
		GRPO_TRY(grpo__samples_write(t, r));
	if (t->output_dir && t->config.save_rollouts)
		kept = grpo__rollouts_write(t, r);
	GRPO_TRY(emit(t, t->callbacks.on_step)); /* whatever became of them */
	GRPO_TRY(kept);
	GRPO_TRY(grpo__alarms_look(t, r, u->norm / (double)u->iteration));
out:
	return rc;
}

/* The updates of a batch, and its figures. */
static int update_and_report(grpo_trainer *t, const grpo__rollout *r,
			     double began)
{
	grpo__update u = {0};
	int rc = 0;

	GRPO_TRY(grpo__update_run(&u, t, r));
	count(t, all_rows(t), &u, grpo__now() - began);
	GRPO_TRY(report(t, r, &u, grpo__now() - began));
out:
	grpo__update_dispose(&u);
	return rc;
}

static int in_step(int rc, int64_t number)
{
	if (rc == 0 || rc == GRPO_ECANCELED)
		return rc;
	return grpo__fail_context(rc, "step %" PRId64, number);
}

static int step(grpo_trainer *t)
{
	int64_t number = t->progress.steps + 1;
	double began = grpo__now();
	int rc = 0;

	rc = generate(t, t->rollout);
	GRPO_TRY(judge(t, t->rollout, rc));
	GRPO_TRY(update_and_report(t, t->rollout, began));
out:
	return in_step(rc, number);
}

static int check_dataset(const grpo_trainer *t)
{
	if (t->parts.dataset)
		return 0;
	return grpo__fail(GRPO_EINVAL,
			  "parts.dataset is NULL: give the trainer "
			  "rollouts with grpo_trainer_update");
}

static int check_not_done(const grpo_trainer *t)
{
	if (!grpo_trainer_done(t))
		return 0;
	return grpo__fail(GRPO_EINVAL,
			  "the run is done: %" PRId64 " of %" PRId64 " steps",
			  t->progress.steps, t->max_steps);
}

/* Where a callback of one rank asks for the end, it is that of all. */
static int finish_together(grpo_trainer *t)
{
	double finish = t->progress.finish;
	int rc = 0;

	GRPO_TRY(grpo__ranks_max(t, &finish, 1));
	t->progress.finish = finish > 0;
out:
	return rc;
}

/* After a batch, which came out as `rc` says. */
static int evaluate_and_save(grpo_trainer *t, int rc)
{
	GRPO_TRY(grpo__ranks_agree(t, rc));
	GRPO_TRY(finish_together(t));
	rc = evaluate_if_due(t);

	if (rc == GRPO_ECANCELED && grpo__run_stop_asked(t))
		return 0; /* the step is done; the evaluation comes later */
	GRPO_TRY(rc);
	GRPO_TRY(finish_together(t)); /* the evaluation may have said so */
	rc = save_if_due(t);
	return grpo__ranks_agree(t, rc);
out:
	return rc;
}

int grpo_trainer_step(grpo_trainer *t)
{
	int rc = 0;

	GRPO_TRY(check_dataset(t));
	GRPO_TRY(check_not_done(t));
	GRPO_TRY(start(t));
	GRPO_TRY(evaluate_if_due(t));
	if (grpo_trainer_done(t)) /* the evaluation said so */
		return 0;
	GRPO_TRY(evaluate_and_save(t, step(t)));
out:
	return rc;
}

int grpo_trainer_update(grpo_trainer *t, const grpo_rollout *rollouts,
			int64_t n)
{
	grpo__rollout *r = t->rollout;
	int64_t number = t->progress.steps + 1;
	double began = grpo__now();
	int rc = 0;

	GRPO_TRY(check_not_done(t));
	GRPO_TRY(start(t));
	rc = grpo__run_stopped(t);
	if (rc == 0)
		rc = grpo__given_take(t, r, rollouts, n);
	rc = judge(t, r, rc);
	if (rc == 0)
		rc = update_and_report(t, r, began);
	GRPO_TRY(evaluate_and_save(t, in_step(rc, number)));
out:
	return rc;
}

/* Leaves the error line of the stop. */
static int save_and_stop(grpo_trainer *t)
{
	int rc = 0;

	if (t->output_dir && t->started && t->saved != t->progress.steps)
		GRPO_TRY(grpo_trainer_save(t));
	return grpo__run_stopped(t);
out:
	return rc;
}

/* Saves the steps that are done, so that they are not lost with the one that
 * failed, unless the weights may already be those of the failed step, or the
 * batch was not finished. */
static int save_and_fail(grpo_trainer *t, int rc)
{
	char line[1024];

	if (!t->output_dir || t->progress.steps == 0 ||
	    t->saved == t->progress.steps || t->is_ahead || t->is_mid_batch)
		return rc;
	snprintf(line, sizeof line, "%s", grpo_error_message());
	if (grpo_trainer_save(t) < 0)
		return grpo__fail(rc, "%s", line);
	return grpo__fail(rc, "%s (a checkpoint of step %" PRId64 " is saved)",
			  line, t->progress.steps);
}

/* The last weights may be the best ones. */
static int finish_with_best(grpo_trainer *t)
{
	int rc = 0;

	if (t->progress.evaluated != t->progress.steps)
		GRPO_TRY(evaluate(t));
	GRPO_TRY(grpo__best_load(t));
out:
	return rc;
}

int grpo_trainer_run(grpo_trainer *t)
{
	int rc = 0;

	GRPO_TRY(check_dataset(t));
	GRPO_TRY(start(t));
	while (!grpo_trainer_done(t)) {
		rc = grpo_trainer_step(t);
		if (grpo__run_stop_asked(t) &&
		    (rc == 0 || rc == GRPO_ECANCELED))
			return save_and_stop(t);
		if (rc < 0)
			return save_and_fail(t, rc);
	}
	if (t->output_dir && t->config.save_steps > 0 &&
	    t->saved != t->progress.steps)
		GRPO_TRY(grpo_trainer_save(t));
	if (t->config.load_best_model_at_end)
		GRPO_TRY(finish_with_best(t));
out:
	return rc;
}

/* --------------------------------------------------------------- resume */

int grpo_trainer_resume(grpo_trainer *t, const char *folder)
{
	int rc = 0;

	GRPO_FAIL_IF(t->started, GRPO_EINVAL,
		     "a run that has begun cannot be resumed");
	GRPO_TRY(grpo__checkpoint_resume(t, folder));
	GRPO_TRY(grpo__best_resume(t));
out:
	return rc;
}
