/* SPDX-License-Identifier: MIT */
/*
 * custom_reward: does the answer mention the keywords? A custom reward in one
 * file, outside the library's tree:
 *
 *	cc -shared -fPIC -fvisibility=hidden -Iinclude \
 *		examples/custom_reward/custom_reward.c -lcjson \
 *		-o custom_reward.so
 *
 * Requirements:
 *
 *  K1  The row's column "keywords" is a list of JSON strings.  The reward is
 *      the share of them that the completion mentions, 0 to 1.
 *  K2  A keyword is mentioned if it occurs as whole words: "art" is not in
 *      "start".  The case of the letters a to z does not matter, unless the
 *      parameter "case" is true.
 *  K3  More words than the parameter "max_words" (100; 0: no limit): 0,
 *      BUDGET.  Without a limit a model learns to write the dictionary.
 *  K4  A completion without any word: 0, NO_ANSWER.
 *  K5  If a row's "keywords" is absent, empty, not a list, or contains anything
 *      other than non-empty strings: MISSING, since the completion did not
 *      cause it.
 *  K6  If explanations are wanted: every keyword that was not found, as
 *      "missing".
 *
 * The only header is grpo/reward.h; the library is not linked.
 */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "grpo/reward.h"

struct state {
	int match_case;
	double max_words;
};

/* ------------------------------------------------------------- parameters */

/* A plug-in that fails says why, in the user's terms (R8). */
static int complain(const grpo_reward_host *host, const char *key,
		    const char *expected)
{
	char line[128];

	snprintf(line, sizeof line, "\"%.40s\": %s", key, expected);
	host->log(host->ctx, GRPO_REWARD_LOG_ERROR, line);
	return -1;
}

static int read_param(struct state *s, const cJSON *p,
		      const grpo_reward_host *host)
{
	if (strcmp(p->string, "case") == 0) {
		if (!cJSON_IsBool(p))
			return complain(host, "case", "expected true or false");
		s->match_case = cJSON_IsTrue(p);
		return 0;
	}
	if (strcmp(p->string, "max_words") == 0) {
		if (!cJSON_IsNumber(p) || !(p->valuedouble >= 0))
			return complain(host, "max_words",
					"expected a number from 0 on");
		s->max_words = p->valuedouble;
		return 0;
	}
	return complain(host, p->string,
			"unknown parameter (known: case, max_words)");
}

static int open_(void **state, const grpo_reward_host *host, grpo_str params)
{
	cJSON *json = cJSON_ParseWithLength(params.ptr, params.len);
	struct state *s = calloc(1, sizeof *s);
	int rc = s && json ? 0 : complain(host, "params", "out of memory");

	if (rc == 0)
		s->max_words = 100;
	for (const cJSON *p = json ? json->child : NULL; p && rc == 0;
	     p = p->next)
		rc = read_param(s, p, host);
	cJSON_Delete(json);
	if (rc < 0)
		free(s);
	else
		*state = s;
	return rc;
}

/* ------------------------------------------------------------------ words */

/* Bytes of any script but ASCII's punctuation and space make words. */
static int in_word(char c)
{
	unsigned char u = (unsigned char)c;

	return u >= 0x80 || (u >= '0' && u <= '9') || (u >= 'a' && u <= 'z') ||
	       (u >= 'A' && u <= 'Z');
}

static double count_words(grpo_str text)
{
	double n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += in_word(text.ptr[i]) &&
		     (i == 0 || !in_word(text.ptr[i - 1]));
	return n;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static int same(const char *a, const char *b, size_t n, int match_case)
{
	if (match_case)
		return memcmp(a, b, n) == 0;
	for (size_t i = 0; i < n; i++)
		if (lower(a[i]) != lower(b[i]))
			return 0;
	return 1;
}

/* K2: it is not part of a longer word. */
static int mentions(grpo_str text, const char *word, int match_case)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= text.len; i++) {
		const char *at = text.ptr + i, *end = at + n;

		if (i > 0 && in_word(at[-1]) && in_word(at[0]))
			continue;
		if (i + n < text.len && in_word(end[-1]) && in_word(end[0]))
			continue;
		if (same(at, word, n, match_case))
			return 1;
	}
	return 0;
}

/* ---------------------------------------------------------------- scoring */

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

/* K5 */
static int is_usable(const cJSON *keywords)
{
	const cJSON *k;

	if (!cJSON_IsArray(keywords) || !keywords->child)
		return 0;
	cJSON_ArrayForEach(k, keywords) if (!cJSON_IsString(k) ||
					    !k->valuestring[0]) return 0;
	return 1;
}

/* K6.  An older host has no `explain`: GRPO_HAS looks first. */
static void say_missing(const grpo_reward_batch *b, size_t i, const char *word)
{
	if (GRPO_HAS(b, grpo_reward_batch, explain_ctx) && b->explain)
		b->explain(b->explain_ctx, i, "missing",
			   (grpo_str){word, strlen(word)});
}

static uint8_t score_one(const struct state *s, const grpo_reward_batch *b,
			 size_t i, const cJSON *keywords, double *reward)
{
	double words = count_words(b->completions[i]);
	int n = 0, found = 0;
	const cJSON *k;

	*reward = 0;
	if (!is_usable(keywords))
		return GRPO_REWARD_MISSING;
	if (words == 0)
		return GRPO_REWARD_NO_ANSWER;
	if (s->max_words > 0 && words > s->max_words)
		return GRPO_REWARD_BUDGET;
	cJSON_ArrayForEach(k, keywords)
	{
		n++;
		if (mentions(b->completions[i], k->valuestring, s->match_case))
			found++;
		else
			say_missing(b, i, k->valuestring);
	}
	*reward = (double)found / n;
	return GRPO_REWARD_SCORED;
}

static int score(void *state, const grpo_reward_batch *batch, double *rewards,
		 uint8_t *status)
{
	for (size_t i = 0; i < batch->n; i++) {
		grpo_str cell = find_cell(batch, "keywords", i);
		cJSON *json =
		    cell.len ? cJSON_ParseWithLength(cell.ptr, cell.len) : NULL;

		status[i] = score_one(state, batch, i, json, &rewards[i]);
		cJSON_Delete(json);
	}
	return 0;
}

static const grpo_reward_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi_minor = GRPO_REWARD_ABI_MINOR,
    .flags = GRPO_REWARD_THREADSAFE, /* score changes nothing shared */
    .name = "custom_reward",
    .version = "1.0",
    .summary = "share of the row's keywords that are mentioned, 0 to 1",
    .open = open_,
    .score = score,
    .close = free,
};

const grpo_reward_plugin *grpo_reward_plugin_v1(void)
{
	return &plugin;
}
