/* SPDX-License-Identifier: MIT */
#include "watch.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alarm.h"
#include "examples/fault.h"
#include "examples/screen.h"
#include "measure.h"
#include "stop.h"

/* The batch's first completion; shown after the update, if it is to be. */
static int on_completion(void *ctx, const grpo_scored *c)
{
	struct watch *w = ctx;
	char *text;

	if (c->row != 0 || w->recipe->show_steps == 0)
		return 0;
	text = realloc(w->text, c->completion.len + 1);
	if (!text)
		return fail(GRPO_ENOMEM, "out of memory");
	memcpy(text, c->completion.ptr, c->completion.len);
	w->text = text;
	w->text_len = c->completion.len;
	w->reward = c->total;
	return 0;
}

/* "NAME 12 %"; nothing where there is none, as with a reward that is missing
 * on every row. */
static void share(char out[64], const char *name, double x)
{
	out[0] = '\0';
	if (!isnan(x))
		snprintf(out, 64, "%s %2.0f %%", name, 100 * x);
}

/* "NAME 0.52" with so many digits */
static void figure(char out[64], const char *name, int digits, double x)
{
	out[0] = '\0';
	if (!isnan(x))
		snprintf(out, 64, "%s %.*f", name, digits, x);
}

static void speed_part(char out[64], double x)
{
	out[0] = '\0';
	if (!isnan(x))
		snprintf(out, 64, "%.0f tokens/s", x);
}

/* "sampling 61 %, scoring 2 %, training 37 %": where a step's time goes. */
static void time_shares(char out[64], const struct watch *w)
{
	double all = w->sampling + w->scoring + w->training;

	out[0] = '\0';
	if (all > 0)
		snprintf(out, 64,
			 "sampling %.0f %%, scoring %.0f %%, training %.0f %%",
			 100 * w->sampling / all, 100 * w->scoring / all,
			 100 * w->training / all);
}

static int digits_of(int64_t n)
{
	int digits = 1;

	for (; n >= 10; n /= 10)
		digits++;
	return digits;
}

static void step_part(char out[64], const grpo_report *r)
{
	snprintf(out, 64, "step %*" PRId64 "/%" PRId64, digits_of(r->max_steps),
		 r->step, r->max_steps);
}

static void left_part(char out[64], const struct watch *w, const grpo_report *r)
{
	double each = w->seconds / (double)w->steps;
	char text[32];

	snprintf(
	    out, 64, "%s left",
	    screen_duration(text, each * (double)(r->max_steps - r->step)));
}

static void show_progress(const struct watch *w, const grpo_report *r, int stay)
{
	char step[64], reward[64], format[64], accuracy[64], length[64], kl[64],
	    speed[64], shares[64], left[64];
	const struct screen_figure figures[] = {
	    {step, 8}, {reward, 6}, {format, 5}, {accuracy, 7}, {length, 4},
	    {kl, 3},   {speed, 2},  {shares, 1}, {left, 9}};
	double mean = grpo_report_value(r, "completions/mean_length");

	step_part(step, r);
	figure(reward, "reward", 2, grpo_report_value(r, "reward"));
	share(format, "format", grpo_report_value(r, w->metric[0]));
	share(accuracy, "accuracy", grpo_report_value(r, w->metric[1]));
	figure(length, "length", mean < 99.95, mean);
	figure(kl, "kl", 4, grpo_report_value(r, "kl"));
	speed_part(speed, grpo_report_value(r, "tokens_per_second/sampling"));
	time_shares(shares, w);
	left_part(left, w, r);
	screen_figures(stay ? SCREEN_STAY : SCREEN_STEP, figures,
		       sizeof figures / sizeof *figures);
}

static void add_times(struct watch *w, const grpo_report *r)
{
	w->seconds += grpo_report_value(r, "step_time");
	w->steps += w->recipe->trainer.num_iterations;
	w->sampling += grpo_report_value(r, "time/sampling");
	w->scoring += grpo_report_value(r, "time/rewards");
	w->training += grpo_report_value(r, "time/training");
}

/* Also says where the time goes, for which the line above has no room on most
 * terminals. */
static void show_completion(struct watch *w)
{
	char shares[64], reward[64];

	time_shares(shares, w);
	screen_say("  time: %s", shares);
	figure(reward, ", reward", 2, w->reward);
	screen_say("  a completion of it%s:", reward);
	screen_text(w->text, w->text_len);
}

static int on_step(void *ctx, const grpo_report *r)
{
	struct watch *w = ctx;
	int64_t every = w->recipe->show_steps;
	int show =
	    every > 0 && w->text && (w->steps == 0 || r->step % every == 0);

	add_times(w, r);
	show_progress(w, r, show || r->step == r->max_steps);
	if (show)
		show_completion(w);
	stop_unseen();
	return 0;
}

static int on_evaluation(void *ctx, const grpo_report *r)
{
	struct watch *w = ctx;
	double bar = w->recipe->stop_accuracy;
	char accuracy[16];

	w->held_out = grpo_report_value(r, w->solved);
	screen_say("  held out after step %" PRId64
		   ": accuracy %s, length %.1f",
		   r->step, measure_share(accuracy, w->held_out),
		   grpo_report_value(r, "eval_completions/mean_length"));
	stop_unseen();
	if (bar == 0 || !(w->held_out >= bar))
		return 0;
	screen_say("  that is \"stop_accuracy\" = %.1f %%: done", 100 * bar);
	return 1;
}

static int on_alarm(void *ctx, const grpo_alarm *a)
{
	const struct watch *w = ctx;

	alarm_show(w->lab, a);
	return 0;
}

static void name_metric(char out[128], const struct lab *l, int32_t k)
{
	const char *name = k >= 0 ? grpo_reward_set_name(l->rewards, k) : "";

	snprintf(out, 128, "rewards/%s/mean", name);
}

int watch_begin(struct watch *w, const struct lab *l,
		grpo_trainer_callbacks *callbacks)
{
	int rc = 0;

	*w = (struct watch){.lab = l, .recipe = l->recipe, .held_out = NAN};
	name_metric(w->metric[0], l, l->format);
	name_metric(w->metric[1], l, l->accuracy);
	alarm_metric(w->solved, l);
	TRY(grpo_trainer_callbacks_init(callbacks));
	callbacks->ctx = w;
	callbacks->on_completion = on_completion;
	callbacks->on_step = on_step;
	callbacks->on_evaluation = on_evaluation;
	callbacks->on_alarm = on_alarm;
out:
	return rc;
}

void watch_end(struct watch *w)
{
	free(w->text);
	w->text = NULL;
}
