/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "tally.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "examples/clock.h"
#include "examples/fault.h"
#include "examples/screen.h"

static const uint8_t statuses[] = {
    GRPO_REWARD_SCORED, GRPO_REWARD_NO_ANSWER, GRPO_REWARD_UNPARSABLE,
    GRPO_REWARD_BUDGET, GRPO_REWARD_MISSING,   GRPO_REWARD_FAILED};
#define N_STATUSES (sizeof statuses / sizeof *statuses)

struct count {
	double sum; /* of the rewards that are there */
	int64_t n;
	int64_t status[N_STATUSES];
};

int tally_create(struct tally *t, const grpo_reward_set *set)
{
	*t = (struct tally){.set = set,
			    .n_rewards = grpo_reward_set_count(set),
			    .began = now(),
			    .shown = now()};
	t->rewards = calloc((size_t)t->n_rewards, sizeof *t->rewards);
	return t->rewards ? 0 : fail(GRPO_ENOMEM, "out of memory");
}

static const char *name(const struct tally *t, int32_t k)
{
	return grpo_reward_set_name(t->set, k);
}

void tally_dispose(struct tally *t)
{
	free(t->rewards);
	measures_dispose(&t->measures);
}

/* By its name, so that a number that this version does not know counts as
 * what it is shown as. */
static size_t index_of(uint8_t status)
{
	const char *text = grpo_reward_status_name(status);
	size_t i;

	for (i = 0; i + 1 < N_STATUSES; i++)
		if (strcmp(text, grpo_reward_status_name(statuses[i])) == 0)
			break;
	return i;
}

void tally_add(struct tally *t, const struct window *w)
{
	for (int64_t i = 0; i < w->n; i++) {
		for (int32_t k = 0; k < t->n_rewards; k++) {
			struct count *c = &t->rewards[k];
			double r = w->rewards[i * t->n_rewards + k];

			c->status[index_of(w->status[i * t->n_rewards + k])]++;
			c->sum += isnan(r) ? 0 : r;
			c->n += !isnan(r);
		}
		t->score_sum += isnan(w->total[i]) ? 0 : w->total[i];
		t->n_scores += !isnan(w->total[i]);
	}
	t->n_rows += w->n;
}

/* Adds to a line of fixed size; what does not fit is left out. */
struct line {
	char text[512];
	size_t len;
};

static void add(struct line *l, const char *fmt, ...) GRPO_PRINTF(2, 3);

static void add(struct line *l, const char *fmt, ...)
{
	size_t room = sizeof l->text - l->len;
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(l->text + l->len, room, fmt, args);
	va_end(args);
	l->len += n < 0 ? 0 : (size_t)n < room ? (size_t)n : room - 1;
}

/* " scored 17, missing 3" */
static void add_statuses(struct line *l, const int64_t *counts)
{
	const char *comma = "";

	for (size_t i = 0; i < N_STATUSES; i++) {
		if (counts[i] == 0)
			continue;
		add(l, "%s %s %" PRId64, comma,
		    grpo_reward_status_name(statuses[i]), counts[i]);
		comma = ",";
	}
}

static void add_mean(struct line *l, double sum, int64_t n)
{
	if (n > 0)
		add(l, "%.4g", sum / (double)n);
	else
		add(l, "none");
}

static double speed(const struct tally *t)
{
	double seconds = now() - t->began;

	return seconds > 0 ? (double)t->n_rows / seconds : 0;
}

void tally_progress(struct tally *t)
{
	int terminal = isatty(STDERR_FILENO);
	int64_t sums[N_STATUSES] = {0};
	struct line l = {.len = 0};

	/* Short runs show nothing; elsewhere the screen keeps the pace. */
	if (now() - (terminal ? t->shown : t->began) < (terminal ? 0.2 : 10))
		return;
	t->shown = now();
	add(&l, "%" PRId64 " rows, %.0f rows/s;", t->n_rows, speed(t));
	for (int32_t k = 0; k < t->n_rewards; k++) {
		add(&l, " %s ", name(t, k));
		add_mean(&l, t->rewards[k].sum, t->rewards[k].n);
		for (size_t i = 0; i < N_STATUSES; i++)
			sums[i] += t->rewards[k].status[i];
	}
	add(&l, ";");
	add_statuses(&l, sums);
	screen_progress(0, "%s", l.text);
}

static int label_width(const struct tally *t)
{
	size_t width = strlen("score");

	for (int32_t k = 0; k < t->n_rewards; k++)
		if (strlen(name(t, k)) > width)
			width = strlen(name(t, k));
	return (int)width;
}

void tally_summary(const struct tally *t, int64_t skipped)
{
	struct line l = {.len = 0};
	int width = label_width(t);

	screen_say("%" PRId64 " rows in %.1f s (%.0f rows/s), %" PRId64
		   " bad line%s left out",
		   t->n_rows, now() - t->began, speed(t), skipped,
		   skipped == 1 ? "" : "s");
	for (int32_t k = 0; k < t->n_rewards; k++) {
		l.len = 0;
		add(&l, "  %-*s  weight %-6g  mean ", width, name(t, k),
		    grpo_reward_set_weights(t->set)[k]);
		add_mean(&l, t->rewards[k].sum, t->rewards[k].n);
		add(&l, " over %" PRId64 ";", t->rewards[k].n);
		add_statuses(&l, t->rewards[k].status);
		screen_say("%s", l.text);
		measures_say(&t->measures, k);
	}
	l.len = 0;
	add(&l, "  %-*s                 mean ", width, "score");
	add_mean(&l, t->score_sum, t->n_scores);
	screen_say("%s over %" PRId64, l.text, t->n_scores);
}
