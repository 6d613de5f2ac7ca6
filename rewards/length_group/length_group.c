/* SPDX-License-Identifier: MIT */
/*
 * length_group: rewards completions that are shorter than the others in their
 * group.
 *
 * Requirements:
 *
 *  G1  With the lengths of the completions of one prompt, min and max among
 *      them: the reward is 0.5 - (length - min) / (max - min), from 0.5 for
 *      the shortest to -0.5 for the longest.  The length penalty of Kimi
 *      k1.5, arXiv:2501.12599.
 *  G2  If all are equally long, or there is only one: 0.
 *  G3  A wrong completion gets at most 0: the longest of the wrong ones is
 *      punished, the shortest gains nothing by being short.
 *  G4  This reward does not judge whether a completion is right: the column
 *      that `correct` names says so with true, false, 1 or 0.  With any other
 *      value the row is MISSING, but its length still counts for the others.
 *      Without `correct`, every completion counts as right or, with `bonus`
 *      false, as wrong.
 *  G5  Unit "auto": tokens where the host has them for every row of the
 *      group, otherwise code points.  Unit "tokens" without them fails the
 *      call and says so.
 *  G6  The result does not depend on the order of the rows or on other groups
 *      in the call.
 *  G7  Parameters: {"unit": "auto" | "tokens" | "characters", "correct",
 *      "bonus": true}; `bonus` false and `correct` exclude each other.
 *
 * This is separate from `length` because PER_GROUP applies to a whole plug-in,
 * which then waits for the last completion of a group.
 *
 * differs: Open-R1's len_reward takes min and max over the whole call, in
 * characters.
 */
#include <stdlib.h>
#include "../params.h"
#include "../row.h"

enum { AUTO, TOKENS, CHARACTERS };

struct state {
	int unit, bonus;
	char correct[PARAM_TEXT_SIZE];
	const grpo_reward_host *host;
};

/* Parameters (G7) */

static const struct param known[] = {
    {PARAM("unit", PARAM_CHOICE, struct state, unit),
     .words = {"auto", "tokens", "characters"}},
    {PARAM("correct", PARAM_COLUMN, struct state, correct)},
    {PARAM("bonus", PARAM_BOOL, struct state, bonus)},
    {0},
};

static int read_params(struct state *s, const grpo_reward_host *host,
		       grpo_str params)
{
	if (params_read(s, NULL, known, host, params) < 0)
		return -1;
	if (!s->bonus && s->correct[0])
		return param_complain(
		    host, "bonus",
		    "false has no effect together with \"correct\"");
	return 0;
}

static int length_group_open(void **state, const grpo_reward_host *host,
			     grpo_str params)
{
	struct state *s = calloc(1, sizeof *s);

	if (!s)
		return param_complain(host, "params", "out of memory");
	s->bonus = 1;
	s->host = host;
	if (read_params(s, host, params) < 0) {
		free(s);
		return -1;
	}
	*state = s;
	return 0;
}

/* Lengths (G5) */

/* Whether every row of row i's group has tokens. */
static int group_has_tokens(const grpo_reward_batch *b, size_t i)
{
	for (size_t j = 0; j < b->n; j++)
		if (b->groups[j] == b->groups[i] && row_tokens(b, j) < 0)
			return 0;
	return 1;
}

/* Negative where there is none. */
static int64_t measure(const struct state *s, const grpo_reward_batch *b,
		       size_t i)
{
	if (s->unit == TOKENS || (s->unit == AUTO && group_has_tokens(b, i)))
		return row_tokens(b, i);
	return row_characters(b, i);
}

static int measure_all(int64_t *length, const struct state *s,
		       const grpo_reward_batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		length[i] = measure(s, b, i);
		if (length[i] < 0)
			return param_complain(s->host, "unit",
					      "is \"tokens\", but the host "
					      "provides none; use \"auto\"");
	}
	return 0;
}

/* Scoring */

struct range {
	int64_t min, max;
};

/* Over row i's group.  Groups are small, so this is computed again for each
 * row. */
static struct range group_range(const int64_t *length,
				const grpo_reward_batch *b, size_t i)
{
	struct range r = {length[i], length[i]};

	for (size_t j = 0; j < b->n; j++) {
		if (b->groups[j] != b->groups[i])
			continue;
		if (length[j] < r.min)
			r.min = length[j];
		if (length[j] > r.max)
			r.max = length[j];
	}
	return r;
}

/* G1, G2 */
static double relative(int64_t length, struct range r)
{
	if (r.max == r.min)
		return 0;
	return 0.5 - (double)(length - r.min) / (double)(r.max - r.min);
}

static uint8_t score_one(const struct state *s, const grpo_reward_batch *b,
			 size_t i, const int64_t *length, double *reward)
{
	int right = s->correct[0] ? row_truth(b, s->correct, i) : s->bonus;
	struct range r = group_range(length, b, i);

	*reward = 0;
	if (right < 0) {
		row_say_missing(b, i, s->correct);
		return GRPO_REWARD_MISSING;
	}
	row_say(b, i, "length", "%lld of %lld to %lld%s", (long long)length[i],
		(long long)r.min, (long long)r.max,
		!s->correct[0] ? ""
		: right        ? ", right"
			       : ", wrong");
	*reward = relative(length[i], r);
	if (!right && *reward > 0)
		*reward = 0; /* G3 */
	return GRPO_REWARD_SCORED;
}

static int length_group_score(void *state, const grpo_reward_batch *batch,
			      double *rewards, uint8_t *status)
{
	const struct state *s = state;
	int64_t *length = calloc(batch->n ? batch->n : 1, sizeof *length);
	int rc;

	if (!length)
		return param_complain(s->host, "score", "out of memory");
	rc = measure_all(length, s, batch);
	for (size_t i = 0; rc == 0 && i < batch->n; i++)
		status[i] = score_one(s, batch, i, length, &rewards[i]);
	free(length);
	return rc;
}

static const grpo_reward_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi_minor = GRPO_REWARD_ABI_MINOR,
    .flags = GRPO_REWARD_THREADSAFE | GRPO_REWARD_PER_GROUP,
    .name = "length_group",
    .version = "1.0",
    .summary = "0.5 for the shortest of a group to -0.5 for the longest",
    .open = length_group_open,
    .score = length_group_score,
    .close = free,
};

const grpo_reward_plugin *grpo_reward_plugin_v1(void)
{
	return &plugin;
}
