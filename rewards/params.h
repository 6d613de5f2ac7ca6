/* SPDX-License-Identifier: MIT */
#ifndef GRPO_REWARDS_PARAMS_H
#define GRPO_REWARDS_PARAMS_H

/*
 * A plug-in's parameters as a table, so that all plug-ins refuse a misspelt key
 * or a wrong value with the same message.  This is not part of the ABI, which
 * is only grpo/reward.h: copy the file if you need it.  It needs cJSON.
 *
 *	struct state {
 *		double score;
 *		int mode;
 *	};
 *
 *	static const struct param known[] = {
 *	    {PARAM("score", PARAM_NUMBER, struct state, score)},
 *	    {PARAM("mode", PARAM_CHOICE, struct state, mode),
 *	     .words = {"strict", "soft"}},
 *	    {0},
 *	};
 *
 *	s->score = 1;  // what the state holds already is the default
 *	rc = params_read(s, NULL, known, host, params);
 */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include "grpo/reward.h"

#define PARAM_NAME_SIZE 33  /* of a tag's name, with its NUL */
#define PARAM_TEXT_SIZE 129 /* of a column's name, with its NUL */
#define PARAM_MAX_COUNT 1e9 /* of what is counted */
#define PARAM_MAX_WORDS 4
#define PARAM_LINE_BYTES 512
#define PARAM_WHAT_BYTES 460 /* of a line, without its key */

enum param_kind {
	PARAM_NUMBER,   /* double, finite */
	PARAM_COUNT,    /* int64_t, 0 … PARAM_MAX_COUNT */
	PARAM_BOOL,     /* int, 0 or 1 */
	PARAM_CHOICE,   /* int, index in words */
	PARAM_TAG,      /* char[PARAM_NAME_SIZE], a tag's name */
	PARAM_TAG_NULL, /* the same, empty for null */
	PARAM_COLUMN,   /* char[PARAM_TEXT_SIZE], a column's name */
	PARAM_OWN       /* what read makes of it */
};

struct param {
	const char *key;
	enum param_kind kind;
	size_t offset; /* of the field in the state */
	const char *words[PARAM_MAX_WORDS + 1];
	/* Returns 0, or what param_complain returned. */
	int (*read)(void *field, const cJSON *p, const grpo_reward_host *host);
};

#define PARAM(name, sort, type, field)                                         \
	.key = (name), .kind = (sort), .offset = offsetof(type, field)

/* Logs `"key": what` and returns -1. */
static inline int param_complain(const grpo_reward_host *host, const char *key,
				 const char *what)
{
	char line[PARAM_LINE_BYTES];

	snprintf(line, sizeof line, "\"%.40s\": %s", key, what);
	host->log(host->ctx, GRPO_REWARD_LOG_ERROR, line);
	return -1;
}

static inline int param_number(double *out, const cJSON *p,
			       const grpo_reward_host *host)
{
	*out = cJSON_GetNumberValue(p);
	if (!isfinite(*out))
		return param_complain(host, p->string, "expected a number");
	return 0;
}

static inline int param_count(int64_t *out, const cJSON *p,
			      const grpo_reward_host *host)
{
	double x = cJSON_GetNumberValue(p);

	if (!(x >= 0 && x <= PARAM_MAX_COUNT) || x != floor(x))
		return param_complain(host, p->string,
				      "expected a whole number from 0 to 10^9");
	*out = (int64_t)x;
	return 0;
}

static inline int param_bool(int *out, const cJSON *p,
			     const grpo_reward_host *host)
{
	*out = cJSON_IsTrue(p);
	if (!cJSON_IsBool(p))
		return param_complain(host, p->string,
				      "expected true or false");
	return 0;
}

/* `expected "a", "b" or "c"` */
static inline int param_expected(const char *const *words, const cJSON *p,
				 const grpo_reward_host *host)
{
	char text[PARAM_WHAT_BYTES];
	size_t n = (size_t)snprintf(text, sizeof text, "expected ");

	for (int i = 0; words[i] && n < sizeof text; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "%s\"%s\"",
				      i == 0         ? ""
				      : words[i + 1] ? ", "
						     : " or ",
				      words[i]);
	return param_complain(host, p->string, text);
}

static inline int param_choice(int *out, const char *const *words,
			       const cJSON *p, const grpo_reward_host *host)
{
	const char *text = cJSON_GetStringValue(p);

	for (int i = 0; text && words[i]; i++) {
		if (strcmp(text, words[i]) == 0) {
			*out = i;
			return 0;
		}
	}
	return param_expected(words, p, host);
}

static inline int param_tag(char *out, const cJSON *p,
			    const grpo_reward_host *host)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
	const char *text = cJSON_GetStringValue(p);
	size_t n = text ? strspn(text, letters) : 0;

	if (n == 0 || n >= PARAM_NAME_SIZE || text[n])
		return param_complain(
		    host, p->string,
		    "expected a tag's name, without brackets, of at most 32 "
		    "letters, digits, '_' and '-'");
	memcpy(out, text, n + 1);
	return 0;
}

static inline int param_column(char *out, const cJSON *p,
			       const grpo_reward_host *host)
{
	const char *text = cJSON_GetStringValue(p);
	size_t n = text ? strlen(text) : 0;

	if (n == 0 || n >= PARAM_TEXT_SIZE)
		return param_complain(host, p->string,
				      "expected the name of a column");
	memcpy(out, text, n + 1);
	return 0;
}

static inline int param_value(void *field, const struct param *k,
			      const cJSON *p, const grpo_reward_host *host)
{
	switch (k->kind) {
	case PARAM_NUMBER:
		return param_number(field, p, host);
	case PARAM_COUNT:
		return param_count(field, p, host);
	case PARAM_BOOL:
		return param_bool(field, p, host);
	case PARAM_CHOICE:
		return param_choice(field, k->words, p, host);
	case PARAM_TAG_NULL:
		*(char *)field = '\0';
		return cJSON_IsNull(p) ? 0 : param_tag(field, p, host);
	case PARAM_TAG:
		return param_tag(field, p, host);
	case PARAM_COLUMN:
		return param_column(field, p, host);
	default:
		return k->read(field, p, host);
	}
}

static inline int param_unknown(const struct param *known, const cJSON *p,
				const grpo_reward_host *host)
{
	char text[PARAM_WHAT_BYTES];
	size_t n = (size_t)snprintf(text, sizeof text, "unknown parameter");

	for (int i = 0; known[i].key && n < sizeof text; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "%s%s",
				      i ? ", " : " (known: ", known[i].key);
	if (n < sizeof text)
		snprintf(text + n, sizeof text - n, ")");
	return param_complain(host, p->string, text);
}

/*
 * Reads the parameters into the state.
 *
 * state   in, out  holds the defaults; a field is written where its key is
 *                  there
 * given   out      bit i where known[i] was given, or NULL; at most 31 are
 *                  known
 * known   in       ends with {0}
 *
 * Returns 0, or -1 after telling the host what is wrong.
 */
static inline int params_read(void *state, uint32_t *given,
			      const struct param *known,
			      const grpo_reward_host *host, grpo_str params)
{
	cJSON *json = cJSON_ParseWithLength(params.ptr, params.len);
	uint32_t bits = 0;
	int rc = 0;

	if (!cJSON_IsObject(json))
		rc = param_complain(host, "params", "expected a JSON object");
	for (const cJSON *p = rc ? NULL : json->child; p && !rc; p = p->next) {
		const struct param *k = known;

		while (k->key && strcmp(k->key, p->string) != 0)
			k++;
		if (k->key && bits & (uint32_t)1 << (k - known))
			rc = param_complain(host, k->key, "is given twice");
		bits |= (uint32_t)1 << (k - known);
		if (rc)
			break;
		rc = k->key ? param_value((char *)state + k->offset, k, p, host)
			    : param_unknown(known, p, host);
	}
	cJSON_Delete(json);
	if (given)
		*given = bits;
	return rc;
}

#endif
