/* SPDX-License-Identifier: MIT */
/*
 * template: copy this to start your own reward.
 *
 *  1. Copy this folder to rewards/NAME and rename template.c to NAME.c.
 *  2. Write numbered requirements, as below, that say what is rewarded.  Decide
 *     for every row who caused it: what the completion caused is scored;
 *     anything else is GRPO_REWARD_MISSING, never 0.
 *  3. Write score_one() for one row; keep the rest.  For more than two
 *     parameters, use the table in ../params.h; ../row.h has common helpers for
 *     a row.
 *  4. Write cases.jsonl: a line for each requirement, and one for each trick
 *     that a model may find.  `make test` runs them.
 *  5. Put the linker flags that you need into the file `libs`.
 *  6. `make` builds NAME.so.  Outside this tree:
 *         cc -shared -fPIC -fvisibility=hidden -I<include> NAME.c -o NAME.so
 *
 * Requirements of this one:
 *
 *  T1  The last line of the completion that is not blank is the answer.
 *      Spaces around it do not count.
 *  T2  The row's column "answer" is a JSON string.  The reward is `score`
 *      where the answer is that string, byte for byte, otherwise 0.
 *  T3  A completion without such a line: 0, NO_ANSWER.
 *  T4  A row whose "answer" is absent, not a string, empty or written with
 *      escapes: MISSING.
 *  T5  Parameters: {"score": 1}, any finite number.
 */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "grpo/reward.h"

struct state {
	double score;
};

static int complain(const grpo_reward_host *host, const char *key,
		    const char *what)
{
	char line[128];

	snprintf(line, sizeof line, "\"%.40s\": %s", key, what);
	host->log(host->ctx, GRPO_REWARD_LOG_ERROR, line);
	return -1;
}

/* Parameters (T5).  A misspelt key must not be ignored silently. */
static int read_params(struct state *s, const cJSON *params,
		       const grpo_reward_host *host)
{
	for (const cJSON *p = params->child; p; p = p->next) {
		if (strcmp(p->string, "score") != 0)
			return complain(host, p->string,
					"unknown parameter (known: score)");
		if (!cJSON_IsNumber(p) || !isfinite(p->valuedouble))
			return complain(host, p->string, "expected a number");
		s->score = p->valuedouble;
	}
	return 0;
}

static int template_open(void **state, const grpo_reward_host *host,
			 grpo_str params)
{
	cJSON *json = cJSON_ParseWithLength(params.ptr, params.len);
	struct state *s = malloc(sizeof *s);
	int rc = -1;

	if (s && cJSON_IsObject(json)) {
		s->score = 1;
		rc = read_params(s, json, host);
	} else {
		complain(host, "params", "expected a JSON object");
	}
	cJSON_Delete(json);
	if (rc < 0)
		free(s);
	else
		*state = s;
	return rc;
}

static int is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Spaces off both ends. */
static grpo_str trim(grpo_str s)
{
	while (s.len && is_space(s.ptr[s.len - 1]))
		s.len--;
	while (s.len && is_space(s.ptr[0])) {
		s.ptr++;
		s.len--;
	}
	return s;
}

/* T1 */
static grpo_str last_line(grpo_str text)
{
	size_t at;

	text = trim(text);
	for (at = text.len; at > 0 && text.ptr[at - 1] != '\n'; at--)
		;
	if (text.len)
		text.ptr += at;
	text.len -= at;
	return trim(text);
}

/* The cell of row i in the column `name`; empty where there is none. */
static grpo_str find_cell(const grpo_reward_batch *b, const char *name,
			  size_t i)
{
	for (size_t c = 0; c < b->n_columns; c++)
		if (b->columns[c].len == strlen(name) &&
		    memcmp(b->columns[c].ptr, name, b->columns[c].len) == 0)
			return b->cells[c * b->n + i];
	return (grpo_str){NULL, 0};
}

/* The text of a plain JSON string, or an empty one (T4). */
static grpo_str string_cell(grpo_str cell)
{
	cell = trim(cell);
	if (cell.len < 3 || cell.ptr[0] != '"' ||
	    memchr(cell.ptr, '\\', cell.len))
		return (grpo_str){NULL, 0};
	return (grpo_str){cell.ptr + 1, cell.len - 2};
}

/* Explains how row i was decided, if the host has this field and asks. */
static void explain(const grpo_reward_batch *b, size_t i, const char *name,
		    grpo_str text)
{
	if (GRPO_HAS(b, grpo_reward_batch, explain) && b->explain)
		b->explain(b->explain_ctx, i, name, text);
}

static uint8_t score_one(const struct state *s, const grpo_reward_batch *b,
			 size_t i, double *reward)
{
	grpo_str cell = find_cell(b, "answer", i), wanted = string_cell(cell);
	grpo_str got = last_line(b->completions[i]);

	*reward = 0;
	explain(b, i, "answer", got);
	if (!cell.len) /* "missing" lets the host name the column */
		explain(b, i, "missing", (grpo_str){"answer", 6});
	if (!wanted.len)
		return GRPO_REWARD_MISSING;
	if (!got.len)
		return GRPO_REWARD_NO_ANSWER;
	if (got.len == wanted.len && memcmp(got.ptr, wanted.ptr, got.len) == 0)
		*reward = s->score;
	return GRPO_REWARD_SCORED;
}

static int template_score(void *state, const grpo_reward_batch *batch,
			  double *rewards, uint8_t *status)
{
	for (size_t i = 0; i < batch->n; i++)
		status[i] = score_one(state, batch, i, &rewards[i]);
	return 0;
}

static const grpo_reward_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi_minor = GRPO_REWARD_ABI_MINOR,
    .flags = GRPO_REWARD_THREADSAFE, /* score changes nothing shared */
    .name = "template",
    .version = "1.0",
    .summary = "1 if the last line is the row's answer, else 0",
    .open = template_open,
    .score = template_score,
    .close = free,
};

const grpo_reward_plugin *grpo_reward_plugin_v1(void)
{
	return &plugin;
}
