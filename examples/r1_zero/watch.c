/* SPDX-License-Identifier: MIT */
#include "watch.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/fault.h"
#include "examples/screen.h"

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

/* "  kl 0.0012", or nothing where there is none */
static const char *kl_part(char out[32], const grpo_report *r)
{
	double kl = grpo_report_value(r, "kl");

	out[0] = '\0';
	if (!isnan(kl))
		snprintf(out, 32, "  kl %.4f", kl);
	return out;
}

static void show_progress(const struct watch *w, const grpo_report *r, int last)
{
	double each = w->seconds / (double)w->steps;
	char left[32], kl[32];

	screen_progress(
	    last,
	    "step %4" PRId64 "/%" PRId64
	    "  reward %.2f  format %3.0f %%  accuracy %3.0f %%  "
	    "length %.1f%s  %.0f tokens/s  %s left",
	    r->step, r->max_steps, grpo_report_value(r, "reward"),
	    100 * grpo_report_value(r, w->metric[0]),
	    100 * grpo_report_value(r, w->metric[1]),
	    grpo_report_value(r, "completions/mean_length"), kl_part(kl, r),
	    grpo_report_value(r, "tokens_per_second/sampling"),
	    screen_duration(left, each * (double)(r->max_steps - r->step)));
}

static int on_step(void *ctx, const grpo_report *r)
{
	struct watch *w = ctx;
	int64_t every = w->recipe->show_steps;
	int show =
	    every > 0 && w->text && (w->steps == 0 || r->step % every == 0);

	w->seconds += grpo_report_value(r, "step_time");
	w->steps += w->recipe->trainer.num_iterations;
	show_progress(w, r, show || r->step == r->max_steps);
	if (!show)
		return 0;
	screen_say("  a completion of it, reward %.2f:", w->reward);
	screen_text(w->text, w->text_len);
	return 0;
}

static int on_evaluation(void *ctx, const grpo_report *r)
{
	struct watch *w = ctx;
	double bar = w->recipe->stop_accuracy;

	w->held_out = grpo_report_value(r, w->solved);
	screen_say("  held out after step %" PRId64
		   ": accuracy %.1f %%, length %.1f",
		   r->step, 100 * w->held_out,
		   grpo_report_value(r, "eval_completions/mean_length"));
	if (bar == 0 || w->held_out < bar)
		return 0;
	screen_say("  that is \"stop_accuracy\" = %.1f %%: done", 100 * bar);
	return 1;
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
	snprintf(w->solved, sizeof w->solved, "eval_rewards/%s/solved",
		 grpo_reward_set_name(l->rewards, l->accuracy));
	TRY(grpo_trainer_callbacks_init(callbacks));
	callbacks->ctx = w;
	callbacks->on_completion = on_completion;
	callbacks->on_step = on_step;
	callbacks->on_evaluation = on_evaluation;
out:
	return rc;
}

void watch_end(struct watch *w)
{
	free(w->text);
	w->text = NULL;
}
