/* SPDX-License-Identifier: MIT */
/*
 * Most ways for a run to fail look like work: the steps go on, and nothing is
 * learnt.  GRPO learns from differences inside a group and picks among what
 * the model samples, so there are few ways to learn nothing: equal rewards,
 * completions that all end at the limit, a reward that nobody earns, a model
 * that has broken down.  Each must last some batches before it is said, and
 * one alarm says all that is wrong at the time.
 */
#include "train/alarm.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "grpo/checkpoint.h"

#define WINDOW GRPO__ALARM_WINDOW
#define NEAR_TOP 0.9     /* of the largest mean seen */
#define FALLEN 0.5       /* of the best: this is a collapse … */
#define SIGNIFICANT 4    /* … if it is so many standard errors below */
#define FEW_EARNED 10    /* … and the best is not chance */
#define FEW_OF_BATCH 3   /* completions */
#define FIRST_WAIT 50    /* batches until an alarm is repeated; doubles */
#define MANY_MISSING 0.5 /* share of a step's rows */
#define MANY_FAILED 0.1

int grpo__alarms_init(grpo__alarms *a, int32_t n_rewards)
{
	a->n_rewards = n_rewards;
	a->of = grpo__alloc((size_t)n_rewards, sizeof *a->of);
	a->past = grpo__alloc((size_t)n_rewards, sizeof *a->past);
	return a->of && a->past ? 0 : GRPO_ENOMEM;
}

void grpo__alarms_dispose(grpo__alarms *a)
{
	free(a->of);
	free(a->past);
	*a = (grpo__alarms){0};
}

/* ------------------------------------------------ what a batch looks like */

/* One batch, as far as alarms go. */
struct sight {
	int zero_std;    /* no group has differences */
	int no_gradient; /* … or there are some, and still no gradient */
	int all_cut, all_empty;
};

static struct sight look_at(const grpo__rollout *r, double grad_norm)
{
	struct sight s = {.zero_std = 1, .all_cut = 1, .all_empty = 1};
	int64_t i;

	for (i = 0; i < r->n_groups; i++)
		s.zero_std &= !(r->group_std[i] > 1e-8);
	for (i = 0; i < r->n_rows; i++) {
		s.all_cut &= r->answers[i].finish == GRPO_FINISH_LENGTH;
		s.all_empty &= r->answers[i].n_tokens <= 1;
	}
	s.no_gradient = grad_norm == 0 && !s.zero_std;
	return s;
}

static grpo__mean reward_mean(const grpo__rollout *r, int32_t k)
{
	grpo__mean m = {0};
	int64_t i;

	for (i = 0; i < r->n_rows; i++)
		grpo__mean_add(&m, r->rewards[i * r->n_rewards + k]);
	return m;
}

static void count(grpo__symptom *s, int shown)
{
	s->streak = shown ? s->streak + 1 : 0;
}

/* Mean and variance of the last WINDOW batches. */
static double window(const grpo__past *p, double *variance)
{
	grpo__mean m = {0};

	for (int i = 0; i < WINDOW; i++)
		grpo__mean_add(&m, p->mean[i]);
	*variance = pow(grpo__mean_std(&m), 2);
	return grpo__mean_of(&m);
}

/* Far below the best window: by half, by more than chance, and of a reward
 * whose 0 is the least. */
static int has_fallen(grpo__past *p, int64_t batches, int64_t n_rows)
{
	double variance, mean;

	if (batches < WINDOW)
		return 0;
	mean = window(p, &variance);
	if (mean > p->best) {
		p->best = mean;
		p->best_var = variance;
	}
	return p->low >= 0 && mean < FALLEN * p->best &&
	       p->best * (double)(n_rows * WINDOW) >= FEW_EARNED &&
	       p->best - mean >
		   SIGNIFICANT * sqrt((variance + p->best_var) / WINDOW);
}

/* Earned before, by more than a few of a batch, and now by none. */
static int is_lost(const grpo__past *p, const grpo__symptom *never,
		   int64_t n_rows)
{
	return never->streak >= WINDOW &&
	       p->top * (double)n_rows >= FEW_OF_BATCH;
}

static void remember(grpo__past *p, const grpo__mean *m, int64_t batches)
{
	double mean = grpo__mean_of(m);

	if (m->n == 0)
		return;
	if (batches == 1)
		p->first = m->first;
	p->varied |= m->min != p->first || m->max != p->first;
	p->earned |= m->max > 0;
	p->low = fmin(p->low, m->min);
	p->top = fmax(p->top, mean);
	p->mean[batches % WINDOW] = mean;
	p->full = mean > 0.5 && mean >= NEAR_TOP * p->top ? p->full + 1 : 0;
}

static void count_reward(grpo_trainer *t, const grpo__rollout *r, int32_t k,
			 const struct sight *s)
{
	grpo__alarms *a = &t->alarms;
	grpo__symptom *of = a->of[k];
	grpo__past *p = &a->past[k];
	grpo__mean m = reward_mean(r, k);
	int64_t silent = grpo__rollout_count(r, k, "no_answer");
	int nothing = m.n > 0 && m.min == 0 && m.max == 0;

	remember(p, &m, a->batches);
	count(&of[GRPO_ALARM_NEVER_EARNED], nothing);
	count(&of[GRPO_ALARM_NO_ANSWER], silent == r->n_rows);
	count(&of[GRPO_ALARM_ALWAYS_SAME],
	      m.n > 0 && !nothing && !p->varied && s->zero_std);
	/* a mean over a window has lasted long enough by itself */
	of[GRPO_ALARM_COLLAPSE].streak =
	    has_fallen(p, a->batches, r->n_rows) ||
		    is_lost(p, &of[GRPO_ALARM_NEVER_EARNED], r->n_rows)
		? WINDOW
		: 0;
}

/* Some rows may be none of a reward's business, most should not; and a
 * verifier that fails seldom does so once. */
static void look_for_missing(grpo_trainer *t, const grpo__rollout *r, int32_t k)
{
	int64_t missing = grpo__rollout_count(r, k, "missing");
	int64_t failed = grpo__rollout_count(r, k, "failed");
	double n = (double)r->n_rows;

	if (t->alarms.past[k].told_missing ||
	    ((double)missing < MANY_MISSING * n &&
	     (double)failed < MANY_FAILED * n))
		return;
	grpo__log(GRPO_LOG_WARN,
		  "step %" PRId64 ": of %" PRId64 " completions, reward "
		  "\"%s\" is missing on %" PRId64 " (it does not apply, or "
		  "cannot read the row's reference) and failed on %" PRId64
		  "; they are judged without it",
		  t->progress.steps, r->n_rows, grpo__run_reward(t, k), missing,
		  failed);
	t->alarms.past[k].told_missing = 1;
}

/* Whether the reward weighs as much as any. */
static int is_main(const grpo_trainer *t, int32_t k)
{
	const double *w = grpo_reward_set_weights(t->parts.rewards);

	for (int32_t i = 0; i < t->n_rewards; i++)
		if (w[i] > w[k])
			return 0;
	return w[k] > 0;
}

/* Equal rewards, because everybody earns all that matters: that is success. */
static int has_succeeded(const grpo_trainer *t)
{
	const grpo__alarms *a = &t->alarms;

	for (int32_t k = 0; k < t->n_rewards; k++)
		if (is_main(t, k) &&
		    (a->of[k][GRPO_ALARM_NEVER_EARNED].streak > 0 ||
		     !a->past[k].varied))
			return 0;
	return 1;
}

/* --------------------------------------------------------- what is shown */

struct place {
	int32_t kind, k; /* k: the reward, or -1 */
};

static grpo__symptom *symptom(grpo__alarms *a, struct place at)
{
	return at.k < 0 ? &a->general[at.kind] : &a->of[at.k][at.kind];
}

static int lasts(const grpo__symptom *s)
{
	return s->streak >= WINDOW;
}

/* Does none of the rewards that matter most give anything? */
static int nobody_earns(const grpo_trainer *t)
{
	const grpo__alarms *a = &t->alarms;

	for (int32_t k = 0; k < t->n_rewards; k++)
		if (is_main(t, k) && !lasts(&a->of[k][GRPO_ALARM_NEVER_EARNED]))
			return 0;
	return 1;
}

/* A penalty that nobody earns, or a reward that all do from the beginning,
 * is as it should be, as long as others tell completions apart. */
static int matters(const grpo_trainer *t, struct place at)
{
	const grpo__alarms *a = &t->alarms;
	int equal = lasts(&a->general[GRPO_ALARM_NO_SIGNAL]);

	switch (at.kind) {
	case GRPO_ALARM_NEVER_EARNED:
		return a->of[at.k][GRPO_ALARM_NO_ANSWER].streak < WINDOW / 2 &&
		       !lasts(&a->of[at.k][GRPO_ALARM_COLLAPSE]) &&
		       (equal || (is_main(t, at.k) && nobody_earns(t)));
	case GRPO_ALARM_NO_ANSWER:
		return equal || is_main(t, at.k);
	case GRPO_ALARM_ALWAYS_SAME:
		return equal;
	default:
		return 1;
	}
}

/* What has lasted a while and matters, the most telling first. */
static int collect(struct place *out, grpo_trainer *t)
{
	static const int32_t order[] = {
	    GRPO_ALARM_COLLAPSE,     GRPO_ALARM_ALL_EMPTY,
	    GRPO_ALARM_ALL_CUT,      GRPO_ALARM_NO_ANSWER,
	    GRPO_ALARM_NEVER_EARNED, GRPO_ALARM_ALWAYS_SAME,
	    GRPO_ALARM_NO_SIGNAL,    GRPO_ALARM_NO_GRADIENT};
	int n = 0;

	for (size_t i = 0; i < sizeof order / sizeof *order; i++)
		for (int32_t k = -1; k < t->n_rewards; k++) {
			struct place at = {order[i], k};

			if (symptom(&t->alarms, at)->streak >= WINDOW / 2 &&
			    matters(t, at))
				out[n++] = at;
		}
	return n;
}

/* ---------------------------------------------------------- what is said */

/* Has the run come to this, after it began otherwise? */
static int came_later(grpo_trainer *t, struct place at)
{
	return symptom(&t->alarms, at)->streak < t->alarms.batches &&
	       (at.kind == GRPO_ALARM_ALL_CUT ||
		at.kind == GRPO_ALARM_ALL_EMPTY ||
		at.kind == GRPO_ALARM_NO_ANSWER);
}

static const char *key_of(const grpo_trainer *t, struct place at)
{
	switch (at.kind) {
	case GRPO_ALARM_COLLAPSE:
		return "learning_rate";
	case GRPO_ALARM_ALL_EMPTY:
	case GRPO_ALARM_NO_ANSWER:
		return "template";
	case GRPO_ALARM_ALL_CUT:
		return "max_completion_length";
	case GRPO_ALARM_NO_GRADIENT:
		return t->config.mask_truncated_completions
			   ? "mask_truncated_completions"
			   : "loss_type";
	default:
		return "rewards";
	}
}

/* A model that once wrote answers and now writes none, and earns nothing, was
 * broken by its updates. */
static const char *key_of_all(grpo_trainer *t, const struct place *list, int n)
{
	int broken = 0;

	for (int i = 0; i < n; i++)
		broken |= came_later(t, list[i]);
	if (broken && t->alarms.general[GRPO_ALARM_NO_SIGNAL].streak > 0)
		return "learning_rate";
	return key_of(t, list[0]);
}

/* A reward that nearly every completion earns, or NULL. */
static const char *earned_always(const grpo_trainer *t)
{
	for (int32_t k = 0; k < t->n_rewards; k++)
		if (t->alarms.past[k].full >= WINDOW)
			return grpo__run_reward(t, k);
	return NULL;
}

static int print_never(grpo__buf *out, const grpo_trainer *t, int32_t k,
		       int64_t batches)
{
	const char *other = earned_always(t);
	int rc = 0;

	GRPO_TRY(grpo__buf_printf(out,
				  "reward \"%s\" was 0 for every completion of "
				  "the last %" PRId64 " batches",
				  grpo__run_reward(t, k), batches));
	if (other)
		GRPO_TRY(grpo__buf_printf(
		    out,
		    ", while \"%s\" is earned nearly always: the model lacks "
		    "the skill, and GRPO cannot reward what is never sampled; "
		    "train the model further, or give it easier problems",
		    other));
out:
	return rc;
}

static int print_fallen(grpo__buf *out, const grpo_trainer *t, int32_t k)
{
	int64_t never = t->alarms.of[k][GRPO_ALARM_NEVER_EARNED].streak;
	const grpo__past *p = &t->alarms.past[k];
	const char *name = grpo__run_reward(t, k);
	double variance;

	if (never >= WINDOW)
		return grpo__buf_printf(
		    out,
		    "reward \"%s\", %.3g in its best batch, was 0 for every "
		    "completion of the last %" PRId64 " batches",
		    name, p->top, never);
	return grpo__buf_printf(
	    out, "reward \"%s\" fell from %.3g to %.3g (means of %d batches)",
	    name, p->best, window(p, &variance), WINDOW);
}

static int print_cut(grpo__buf *out, const grpo_trainer *t, int64_t n)
{
	return grpo__buf_printf(
	    out,
	    "every completion of the last %" PRId64
	    " batches was cut at %" PRId64 " tokens%s",
	    n, t->config.max_completion_length,
	    t->config.mask_truncated_completions
		? " and left out of the loss (\"mask_truncated_completions\")"
		: "");
}

static int print_of_reward(grpo__buf *out, const grpo_trainer *t,
			   struct place at, int64_t n)
{
	const char *name = grpo__run_reward(t, at.k);

	switch (at.kind) {
	case GRPO_ALARM_COLLAPSE:
		return print_fallen(out, t, at.k);
	case GRPO_ALARM_NEVER_EARNED:
		return print_never(out, t, at.k, n);
	case GRPO_ALARM_NO_ANSWER:
		return grpo__buf_printf(
		    out,
		    "reward \"%s\" found no answer in any completion of the "
		    "last %" PRId64 " batches",
		    name, n);
	default:
		return grpo__buf_printf(
		    out,
		    "reward \"%s\" has been %g for every completion so far",
		    name, t->alarms.past[at.k].first);
	}
}

static int print_symptom(grpo__buf *out, grpo_trainer *t, struct place at)
{
	int64_t n = symptom(&t->alarms, at)->streak;

	if (at.k >= 0)
		return print_of_reward(out, t, at, n);
	switch (at.kind) {
	case GRPO_ALARM_ALL_CUT:
		return print_cut(out, t, n);
	case GRPO_ALARM_ALL_EMPTY:
		return grpo__buf_printf(out,
					"every completion of the last %" PRId64
					" batches is empty",
					n);
	case GRPO_ALARM_NO_SIGNAL:
		return grpo__buf_printf(
		    out,
		    "in the last %" PRId64 " batches all completions of a "
		    "prompt got the same reward, so nothing was learnt",
		    n);
	default:
		return grpo__buf_printf(out,
					"the gradient was 0 in the last "
					"%" PRId64
					" batches, though rewards differ",
					n);
	}
}

/* The checkpoint that a run that broke down still has. */
static int print_best(grpo__buf *out, const grpo_trainer *t)
{
	grpo_best b = {.struct_size = sizeof b};

	if (t->progress.best_step == 0 || t->progress.best_value <= 0 ||
	    grpo_trainer_best(t, &b) < 0)
		return 0;
	return grpo__buf_printf(
	    out, "; the best evaluation was %s %.3g after step %" PRId64 "%s%s",
	    b.metric, b.value, b.step, b.folder ? ", saved in " : "",
	    b.folder ? b.folder : "");
}

static void quieten(grpo__symptom *s, int64_t batches)
{
	s->wait = s->wait ? 2 * s->wait : FIRST_WAIT;
	s->quiet = batches + s->wait;
}

static int send(grpo_trainer *t, const struct place *list, int n)
{
	grpo__buf message = {0};
	int i, rc = 0;

	for (i = 0; i < n; i++) {
		if (i > 0)
			GRPO_TRY(grpo__buf_printf(&message, "; "));
		GRPO_TRY(print_symptom(&message, t, list[i]));
		quieten(symptom(&t->alarms, list[i]), t->alarms.batches);
	}
	if (list[0].kind == GRPO_ALARM_COLLAPSE)
		GRPO_TRY(print_best(&message, t));
	t->alarms.quiet = t->alarms.batches + FIRST_WAIT;
	GRPO_TRY(grpo__alarm_send(t, list[0].kind, list[0].k,
				  key_of_all(t, list, n), message.data));
out:
	grpo__buf_dispose(&message);
	return rc;
}

/* Whether the first that has lasted long enough is due; it comes first. */
static int is_due(grpo_trainer *t, struct place *list, int n)
{
	grpo__alarms *a = &t->alarms;
	struct place first;
	int i = 0;

	while (i < n && !lasts(symptom(a, list[i])))
		i++;
	if (i == n || a->batches < symptom(a, list[i])->quiet ||
	    (list[i].kind != GRPO_ALARM_COLLAPSE && a->batches < a->quiet))
		return 0;
	first = list[i];
	memmove(list + 1, list, (size_t)i * sizeof *list);
	list[0] = first;
	return 1;
}

/* All that is wrong is said together. */
static int say(grpo_trainer *t)
{
	struct place *list;
	int n;

	list = grpo__arena_alloc(t->rollout->arena,
				 (size_t)(t->n_rewards + 1) * GRPO__ALARM_KINDS,
				 sizeof *list);
	if (!list)
		return GRPO_ENOMEM;
	n = collect(list, t);
	return is_due(t, list, n) ? send(t, list, n) : 0;
}

int grpo__alarms_look(grpo_trainer *t, const grpo__rollout *r, double grad_norm)
{
	grpo__alarms *a = &t->alarms;
	struct sight s = look_at(r, grad_norm);

	a->batches++;
	for (int32_t k = 0; k < r->n_rewards; k++) {
		count_reward(t, r, k, &s);
		look_for_missing(t, r, k);
	}
	count(&a->general[GRPO_ALARM_NO_SIGNAL],
	      s.zero_std && !has_succeeded(t));
	count(&a->general[GRPO_ALARM_NO_GRADIENT], s.no_gradient);
	count(&a->general[GRPO_ALARM_ALL_CUT], s.all_cut);
	count(&a->general[GRPO_ALARM_ALL_EMPTY], s.all_empty);
	return say(t);
}

int grpo__alarms_evaluated(grpo_trainer *t, double value, double best)
{
	grpo__symptom *s = &t->alarms.general[GRPO_ALARM_COLLAPSE];
	grpo__buf message = {0};
	int rc = 0;

	if (!(value < FALLEN * best) || t->alarms.batches < s->quiet)
		return 0;
	quieten(s, t->alarms.batches);
	GRPO_TRY(grpo__buf_printf(&message, "%s fell from %.3g to %.3g",
				  t->metric, best, value));
	GRPO_TRY(print_best(&message, t));
	GRPO_TRY(grpo__alarm_send(t, GRPO_ALARM_COLLAPSE, -1, "learning_rate",
				  message.data));
out:
	grpo__buf_dispose(&message);
	return rc;
}
