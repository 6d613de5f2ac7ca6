/* SPDX-License-Identifier: MIT */
/*
 * format: does the completion think first and then answer, in its tags?
 *
 * The completion is all that the model is taken to have written, what its
 * template began for it included: it begins with "<think>".
 *
 * Requirements, with think and answer standing for the tag names that the
 * parameters give:
 *
 *  F1  Each of the four tags <think>, </think>, <answer>, </answer> is there
 *      exactly once, byte for byte, and in this order.  A second one anywhere
 *      fails, also inside a block: a check that finds the first or the last
 *      match can be led by the nose.
 *  F2  The thought holds a word character (a letter or a digit of any script,
 *      or '_'): "<think> ... </think>" is no thought.
 *  F3  The answer holds something that can be seen: neither a space nor a
 *      control or format character of Unicode.
 *  F4  Mode "strict": around the two blocks and between them is only white
 *      space (of ASCII).
 *  F5  Mode "strict": the model ended the completion itself (STOP).  One that
 *      was cut at its end may look whole by chance.
 *  F6  Mode "soft": F1 to F3 alone; any text may stand around the blocks and
 *      between them.
 *  F7  The reward is `score` where all holds, else 0.  With `partial`, else
 *      score * (tags of which there is exactly one) / 5, so that all four
 *      tags without the format give 0.8 of it.
 *  F8  Every row is decided: the status is SCORED.
 *  F9  Time is linear in the completion; bytes that are no UTF-8 are neither
 *      word characters nor visible.
 *  F10 Parameters: {"mode": "strict" | "soft", "think": "think",
 *      "answer": "answer", "score": 1, "partial": false}.  Tag names are
 *      letters, digits, '_' and '-', and differ.
 */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>
#include "grpo/reward.h"

#define NAME_BYTES 32

enum { THINK, END_THINK, ANSWER, END_ANSWER, N_TAGS };

struct state {
	int strict, partial;
	double score;
	char name[2][NAME_BYTES + 1]; /* think, answer */
	char tag[N_TAGS][NAME_BYTES + 4];
	size_t tag_len[N_TAGS];
};

/* Parameters (F10) */

static int complain(const grpo_reward_host *host, const char *key,
		    const char *what)
{
	char line[160];

	snprintf(line, sizeof line, "\"%.40s\": %s", key, what);
	host->log(host->ctx, GRPO_REWARD_LOG_ERROR, line);
	return -1;
}

static int read_mode(struct state *s, const cJSON *p,
		     const grpo_reward_host *host)
{
	const char *mode = cJSON_GetStringValue(p);

	if (!mode || (strcmp(mode, "strict") != 0 && strcmp(mode, "soft") != 0))
		return complain(host, p->string,
				"expected \"strict\" or \"soft\"");
	s->strict = strcmp(mode, "strict") == 0;
	return 0;
}

static int read_name(char *name, const cJSON *p, const grpo_reward_host *host)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
	const char *text = cJSON_GetStringValue(p);
	size_t n = text ? strspn(text, letters) : 0;

	if (n == 0 || n > NAME_BYTES || text[n])
		return complain(host, p->string,
				"expected a tag's name, without brackets, of "
				"at most 32 letters, digits, '_' and '-'");
	memcpy(name, text, n + 1);
	return 0;
}

static int read_param(struct state *s, const cJSON *p,
		      const grpo_reward_host *host)
{
	if (strcmp(p->string, "mode") == 0)
		return read_mode(s, p, host);
	if (strcmp(p->string, "think") == 0)
		return read_name(s->name[0], p, host);
	if (strcmp(p->string, "answer") == 0)
		return read_name(s->name[1], p, host);
	if (strcmp(p->string, "score") == 0) {
		s->score = cJSON_GetNumberValue(p);
		return isfinite(s->score)
			   ? 0
			   : complain(host, p->string, "expected a number");
	}
	if (strcmp(p->string, "partial") == 0) {
		s->partial = cJSON_IsTrue(p);
		return cJSON_IsBool(p) ? 0
				       : complain(host, p->string,
						  "expected true or false");
	}
	return complain(host, p->string,
			"unknown parameter (known: mode, think, answer, "
			"score, partial)");
}

static void make_tags(struct state *s)
{
	for (int t = 0; t < N_TAGS; t++) {
		char tag[sizeof s->tag[t]];

		s->tag_len[t] =
		    (size_t)snprintf(tag, sizeof tag, "<%s%s>",
				     t & 1 ? "/" : "", s->name[t / 2]);
		memcpy(s->tag[t], tag, sizeof tag);
	}
}

static int read_params(struct state *s, const cJSON *params,
		       const grpo_reward_host *host)
{
	if (!cJSON_IsObject(params))
		return complain(host, "params", "expected a JSON object");
	for (const cJSON *p = params->child; p; p = p->next)
		if (read_param(s, p, host) < 0)
			return -1;
	if (strcmp(s->name[0], s->name[1]) == 0)
		return complain(host, "answer",
				"expected another name than \"think\" has");
	make_tags(s);
	return 0;
}

static int format_open(void **state, const grpo_reward_host *host,
		       grpo_str params)
{
	struct state *s = calloc(1, sizeof *s);
	cJSON *json;
	int rc;

	if (!s)
		return complain(host, "params", "out of memory");
	s->strict = 1;
	s->score = 1;
	memcpy(s->name[0], "think", sizeof "think");
	memcpy(s->name[1], "answer", sizeof "answer");
	json = cJSON_ParseWithLength(params.ptr, params.len);
	rc = read_params(s, json, host);
	cJSON_Delete(json);
	if (rc < 0)
		free(s);
	else
		*state = s;
	return rc;
}

/* The text */

struct found {
	size_t count[N_TAGS];
	size_t at[N_TAGS]; /* first byte of the last one found */
};

/* Byte by byte: mostly the second one settles it. */
static int is_at(const char *p, const char *end, const char *tag)
{
	for (; *tag; p++, tag++)
		if (p == end || *p != *tag)
			return 0;
	return 1;
}

static void find_tags(struct found *f, const struct state *s, grpo_str text)
{
	const char *end = text.ptr + text.len, *p = text.ptr;

	memset(f, 0, sizeof *f);
	while (text.len && (p = memchr(p, '<', (size_t)(end - p)))) {
		for (int t = 0; t < N_TAGS; t++) {
			if (is_at(p, end, s->tag[t])) {
				f->count[t]++;
				f->at[t] = (size_t)(p - text.ptr);
			}
		}
		p++;
	}
}

static int count_single(const struct found *f)
{
	int n = 0;

	for (int t = 0; t < N_TAGS; t++)
		n += f->count[t] == 1;
	return n;
}

/* F2: as \w of Unicode regular expressions. */
static int is_word(utf8proc_int32_t c)
{
	utf8proc_category_t cat = utf8proc_category(c);

	return c == '_' ||
	       (cat >= UTF8PROC_CATEGORY_LU && cat <= UTF8PROC_CATEGORY_LO) ||
	       (cat >= UTF8PROC_CATEGORY_ND && cat <= UTF8PROC_CATEGORY_NO);
}

/* F3: no separator (Z*), and none of the group "other" (C*), to which
 * unassigned characters belong. */
static int is_visible(utf8proc_int32_t c)
{
	utf8proc_category_t cat = utf8proc_category(c);

	return cat != UTF8PROC_CATEGORY_CN && cat < UTF8PROC_CATEGORY_ZS;
}

/* Whether bytes from … to-1 hold a character that `is` says yes to. */
static int has_character(grpo_str text, size_t from, size_t to,
			 int (*is)(utf8proc_int32_t))
{
	const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)text.ptr;

	while (from < to) {
		utf8proc_int32_t c;
		utf8proc_ssize_t n = utf8proc_iterate(
		    p + from, (utf8proc_ssize_t)(to - from), &c);

		if (n > 0 && is(c))
			return 1;
		from += n > 0 ? (size_t)n : 1;
	}
	return 0;
}

static int is_blank(grpo_str text, size_t from, size_t to)
{
	for (; from < to; from++)
		if (text.ptr[from] != ' ' &&
		    !(text.ptr[from] >= '\t' && text.ptr[from] <= '\r'))
			return 0;
	return 1;
}

/* F1 to F6, given what find_tags found. */
static int is_formatted(const struct state *s, const struct found *f,
			grpo_str text, uint8_t finish)
{
	size_t begin[N_TAGS], end[N_TAGS];

	if (count_single(f) != N_TAGS)
		return 0;
	for (int t = 0; t < N_TAGS; t++) {
		begin[t] = f->at[t];
		end[t] = f->at[t] + s->tag_len[t];
		if (t > 0 && begin[t] < end[t - 1])
			return 0;
	}
	if (!has_character(text, end[THINK], begin[END_THINK], is_word) ||
	    !has_character(text, end[ANSWER], begin[END_ANSWER], is_visible))
		return 0;
	if (!s->strict)
		return 1;
	return finish == GRPO_REWARD_FINISH_STOP &&
	       is_blank(text, 0, begin[THINK]) &&
	       is_blank(text, end[END_THINK], begin[ANSWER]) &&
	       is_blank(text, end[END_ANSWER], text.len);
}

static double score_one(const struct state *s, grpo_str text, uint8_t finish)
{
	struct found f;

	find_tags(&f, s, text);
	if (is_formatted(s, &f, text, finish))
		return s->score;
	return s->partial ? s->score * count_single(&f) / 5 : 0; /* F7 */
}

static int format_score(void *state, const grpo_reward_batch *batch,
			double *rewards, uint8_t *status)
{
	for (size_t i = 0; i < batch->n; i++) {
		rewards[i] =
		    score_one(state, batch->completions[i], batch->finish[i]);
		status[i] = GRPO_REWARD_SCORED; /* F8 */
	}
	return 0;
}

static const grpo_reward_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi_minor = GRPO_REWARD_ABI_MINOR,
    .flags = GRPO_REWARD_THREADSAFE,
    .name = "format",
    .version = "1.0",
    .summary = "thinks, then answers, in their tags: 1, else 0",
    .open = format_open,
    .score = format_score,
    .close = free,
};

const grpo_reward_plugin *grpo_reward_plugin_v1(void)
{
	return &plugin;
}
