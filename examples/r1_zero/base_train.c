/* SPDX-License-Identifier: MIT */
#include "base_train.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "examples/clock.h"
#include "examples/fault.h"
#include "examples/screen.h"
#include "measure.h"
#include "stop.h"

/* ------------------------------------------------------------- one step */

static int make_room(struct training *t, int64_t n)
{
	float *logp, *dlogp;

	if (n <= t->cap)
		return 0;
	logp = realloc(t->logp, (size_t)n * sizeof *logp);
	if (logp)
		t->logp = logp;
	dlogp = realloc(t->dlogp, (size_t)n * sizeof *dlogp);
	if (dlogp)
		t->dlogp = dlogp;
	if (!logp || !dlogp)
		return fail(GRPO_ENOMEM, "out of memory");
	t->cap = n;
	return 0;
}

/* Up, constant, and from decay_from on down to min_lr_ratio. */
static double rate(const struct training *t, int64_t step)
{
	const struct base_settings *s = t->set;
	double x;

	if (step < s->warmup_steps)
		return s->learning_rate * (double)(step + 1) /
		       (double)s->warmup_steps;
	if (t->decay_from < 0 || s->decay_steps == 0)
		return s->learning_rate;
	x = (double)(step - t->decay_from + 1) / (double)s->decay_steps;
	return s->learning_rate * (1 - (1 - s->min_lr_ratio) * x);
}

/* loss = -mean logp, so dloss/dlogp = -1/n for every token */
static int train_step(struct training *t, int64_t step)
{
	const grpo_learner *l = &t->lab->learner;
	grpo_batch batch;
	double loss = 0, norm;
	int64_t n, i;
	int rc = 0;

	TRY(corpus_batch(&t->corpus, &batch, step));
	n = batch.row[batch.n_rows];
	TRY(make_room(t, n));
	TRY(l->ops->forward(l->self, &batch, GRPO_WEIGHTS_POLICY, 1, t->logp,
			    NULL));
	for (i = 0; i < n; i++) {
		loss -= t->logp[i] / (double)n;
		t->dlogp[i] = (float)(-1.0 / (double)n);
	}
	FAIL_IF(!isfinite(loss), GRPO_ENUMERIC,
		"base, step %" PRId64 ": the loss is %g", step + 1, loss);
	TRY(l->ops->backward(l->self, t->dlogp, NULL));
	TRY(l->ops->step(l->self, rate(t, step), t->set->max_grad_norm, &norm));
	t->recent[t->here++ % BASE_LOSS_STEPS] = loss;
	t->tokens_here += n;
	t->record->tokens += n;
	t->steps = step + 1;
out:
	return rc;
}

/* ----------------------------------------------------------- the screen */

double base_loss(const struct training *t)
{
	int64_t n = t->here < BASE_LOSS_STEPS ? t->here : BASE_LOSS_STEPS, i;
	double sum = 0;

	for (i = 0; i < n; i++)
		sum += t->recent[i];
	return n > 0 ? sum / (double)n : NAN;
}

int64_t base_last_step(const struct training *t)
{
	int64_t from = t->decay_from < 0 ? t->set->steps : t->decay_from;

	return from + t->set->decay_steps;
}

/* When the first part ends is not known before it does, so no total is
 * promised there. */
static void step_part(char out[64], const struct training *t)
{
	if (t->decay_from < 0)
		snprintf(out, 64, "base 1/2: step %" PRId64, t->steps);
	else
		snprintf(out, 64, "base 2/2: step %" PRId64 " of %" PRId64,
			 t->steps - t->decay_from, t->set->decay_steps);
}

/* "skill 3 % of 25 %", and nothing before the first probe */
static void skill_part(char out[64], const struct training *t)
{
	out[0] = '\0';
	if (isnan(t->record->skill))
		return;
	if (t->decay_from < 0)
		snprintf(out, 64, "skill %.0f %% of %.0f %%",
			 100 * t->record->skill, 100 * t->set->stop_skill);
	else
		snprintf(out, 64, "skill %.0f %%", 100 * t->record->skill);
}

/* Time left where the end is known, else time so far. */
static void time_part(char out[64], const struct training *t)
{
	double seconds = now() - t->began;
	int64_t left = base_last_step(t) - t->steps;
	char text[32];

	if (t->decay_from < 0)
		snprintf(out, 64, "%s so far",
			 screen_duration(text, t->seconds + seconds));
	else
		snprintf(out, 64, "%s left",
			 screen_duration(text, seconds / (double)t->here *
						   (double)left));
}

static void show(const struct training *t, enum screen_kind kind)
{
	char step[64], loss[64], skill[64], speed[64], time[64];
	const struct screen_figure figures[] = {
	    {step, 4}, {loss, 2}, {skill, 3}, {speed, 1}, {time, 5}};

	step_part(step, t);
	snprintf(loss, sizeof loss, "loss %.3f", base_loss(t));
	skill_part(skill, t);
	snprintf(speed, sizeof speed, "%.0f tokens/s",
		 (double)t->tokens_here / (now() - t->began));
	time_part(time, t);
	screen_figures(kind, figures, sizeof figures / sizeof *figures);
}

/* ------------------------------------------------------------- the loop */

static int probe(struct training *t)
{
	int rc = 0;

	if (t->probed == t->steps)
		return 0;
	TRY(measure_skill(&t->record->skill, &t->record->format, t->lab,
			  t->set->probe_prompts, (uint64_t)t->steps));
	t->probed = t->steps;
out:
	return rc;
}

/* Where the constant rate ends: a probe was good enough, or the steps are used
 * up. */
static void decide(struct training *t)
{
	if (t->decay_from >= 0)
		return;
	if (t->steps == t->set->steps ||
	    (t->probed == t->steps && t->record->skill >= t->set->stop_skill))
		t->decay_from = t->steps;
	if (t->decay_from >= 0 && t->here > 0)
		show(t, SCREEN_STAY);
}

int base_train(struct training *t)
{
	int rc = 0;

	t->began = now();
	for (;;) {
		TRY(stop_asked());
		if (t->steps > 0 && t->steps % t->set->probe_steps == 0)
			TRY(probe(t));
		decide(t);
		if (t->steps >= base_last_step(t))
			break;
		TRY(train_step(t, t->steps));
		if (!stop_signal())
			show(t, SCREEN_BRIEF);
	}
	TRY(probe(t));
	if (t->here > 0)
		show(t, SCREEN_STAY);
	t->record->steps = t->steps;
	t->record->loss = base_loss(t);
out:
	t->seconds += now() - t->began;
	return rc;
}
