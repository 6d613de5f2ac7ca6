/* SPDX-License-Identifier: MIT */
#include "alarm.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "examples/fault.h"
#include "examples/screen.h"

#define SAMPLES 3
#define MAX_REWARDS 16
#define NOTE_BYTES 400
#define LINE_BYTES 1024
#define FALLEN 0.5 /* of what it was: the run has broken it … */
#define FEW 5      /* … if so many problems are lost */

void alarm_metric(char out[128], const struct lab *l)
{
	snprintf(out, 128, "eval_rewards/%s/solved",
		 grpo_reward_set_name(l->rewards, l->accuracy));
}

/* ----------------------------------------------------------- completions */

/* "math 0, no_answer (rule: no answer that can be read)" */
static size_t print_reward(char *out, size_t size, const char *name,
			   double reward, uint8_t status, const char *note)
{
	char number[32] = "";
	int n;

	if (!isnan(reward))
		snprintf(number, sizeof number, "%g, ", reward);
	n = snprintf(out, size, "%s %s%s%s%s%s", name, number,
		     grpo_reward_status_name(status), *note ? " (" : "", note,
		     *note ? ")" : "");
	return n < 0 ? 0 : (size_t)n < size ? (size_t)n : size - 1;
}

static void show_completion(const struct lab *l, const grpo_scored *s,
			    const char *const *notes)
{
	char line[LINE_BYTES];
	size_t n = 0;

	screen_say("  a completion of %" PRId64 " tokens%s:", s->n_tokens,
		   s->finish == GRPO_FINISH_LENGTH ? ", cut at the limit" : "");
	screen_text(s->completion.ptr, s->completion.len);
	for (int32_t k = 0; k < s->n_rewards && n + 2 < sizeof line; k++) {
		n += (size_t)snprintf(line + n, sizeof line - n, "%s",
				      k ? "; " : "");
		n += print_reward(line + n, sizeof line - n,
				  grpo_reward_set_name(l->rewards, k),
				  s->rewards[k], s->status[k], notes[k]);
	}
	screen_text(line, n);
}

void alarm_show(const struct lab *l, const grpo_alarm *a)
{
	screen_paragraph("warning: after step %" PRId64 ": %s; look at \"%s\"",
			 a->step, a->message, a->key);
	for (int32_t j = 0; j < a->n_samples; j++)
		show_completion(l, a->samples[j], a->notes + j * a->n_rewards);
}

/* ----------------------------------------------------------- before a run */

/* What the rewards say of some completions, and where these are shown. */
struct tries {
	const struct lab *lab;
	char notes[SAMPLES][MAX_REWARDS][NOTE_BYTES];
};

static void hear(void *ctx, int64_t row, int32_t k, const char *name,
		 grpo_str text)
{
	struct tries *t = ctx;
	char *note;
	size_t n;

	if (row >= SAMPLES || k >= MAX_REWARDS)
		return;
	note = t->notes[row][k];
	n = strlen(note);
	snprintf(note + n, NOTE_BYTES - n, "%s%s: %.*s", n ? "; " : "", name,
		 text.len < NOTE_BYTES ? (int)text.len : NOTE_BYTES, text.ptr);
}

static int show_try(void *ctx, const grpo_scored *s)
{
	const struct tries *t = ctx;
	const char *notes[MAX_REWARDS];
	grpo_scored shown = *s;

	if (shown.n_rewards > MAX_REWARDS)
		shown.n_rewards = MAX_REWARDS;
	for (int32_t k = 0; k < shown.n_rewards; k++)
		notes[k] = t->notes[s->row][k];
	show_completion(t->lab, &shown, notes);
	return 0;
}

static int show_tries(struct lab *l)
{
	grpo_evaluation e = {.struct_size = sizeof e};
	struct tries tries = {.lab = l};
	grpo_evaluation_options o;
	int rc = 0;

	TRY(grpo_evaluation_options_init(&o));
	o.n_prompts = SAMPLES;
	o.on_completion = show_try;
	o.ctx = &tries;
	TRY(grpo_reward_set_explain(l->rewards, hear, &tries));
	rc = grpo_trainer_evaluate(l->trainer, &e, &o);
	grpo_reward_set_explain(l->rewards, NULL, NULL);
out:
	grpo_evaluation_dispose(&e);
	return rc;
}

int alarm_before(struct lab *l, const struct measure *before)
{
	int64_t k = l->recipe->pass_k > 0 ? l->recipe->pass_k : 1;
	double solved =
	    l->recipe->pass_k > 0 ? before->pass_at_k : before->accuracy;

	if (solved > 0 || before->accuracy > 0 || before->greedy_accuracy > 0)
		return 0;
	screen_paragraph("warning: with %" PRId64
			 " %s each, the model solved none of %" PRId64
			 " held-out problems, and GRPO can only reinforce what "
			 "is sometimes sampled; look at \"model\" (a better "
			 "one), \"dataset\" (easier problems), \"template\" "
			 "and \"rewards\"",
			 k, k == 1 ? "try" : "tries", before->n_problems);
	return show_tries(l);
}

/* ------------------------------------------------------------ after a run */

/* Whether the best evaluation is known, and was the best by accuracy. */
static int best_accuracy(const struct lab *l, grpo_best *best)
{
	char metric[128];

	alarm_metric(metric, l);
	if (grpo_trainer_best(l->trainer, best) == 0)
		return strcmp(metric, best->metric) == 0;
	fault_clear();
	return 0;
}

/* Far below what it was, and by more problems than chance solves. */
static int has_fallen(const struct measure *now, double was)
{
	return now->accuracy < FALLEN * was &&
	       (was - now->accuracy) * (double)now->n_problems >= FEW;
}

void alarm_after(const struct lab *l, const struct measure *before,
		 const struct measure *after)
{
	grpo_best best = {.struct_size = sizeof best};

	if (best_accuracy(l, &best) && has_fallen(after, best.value)) {
		screen_paragraph(
		    "warning: held-out accuracy was %.1f %% after "
		    "step %" PRId64 " and is %.1f %% now%s%s%s",
		    100 * best.value, best.step, 100 * after->accuracy,
		    best.folder ? "; the better weights are in " : "",
		    best.folder ? best.folder : "",
		    best.folder ? ", and \"load_best_model_at_"
				  "end\" ends a run with them"
				: "");
	} else if (has_fallen(after, before->accuracy)) {
		screen_paragraph(
		    "warning: held-out accuracy was %.1f %% before "
		    "the run and is %.1f %% now; look at "
		    "\"learning_rate\"",
		    100 * before->accuracy, 100 * after->accuracy);
	}
}
