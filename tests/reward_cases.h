/* SPDX-License-Identifier: MIT */
#ifndef TESTS_REWARD_CASES_H
#define TESTS_REWARD_CASES_H

/*
 * Reads rewards/NAME/cases.jsonl.  A case is a row of a dataset with what is
 * expected of it:
 *
 *	{"case": "F1: …", "completion": "…", "reward": 1, "status": "SCORED"}
 *
 * "reward" is null where it is missing.  There may be, beside,
 *
 *	"prompt"
 *	"params"  an object
 *	"finish"  STOP, LENGTH or ABORT
 *	"times"   the completion is this many times the text
 *	"tokens"  their ids, or only how many there are
 *	"group"   cases of the same name and parameters are one group
 *	"within"  how far the reward may be off
 *	"says"    what a note on the row holds, where notes are asked for
 *
 * Any other key is a column.
 */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/file.h"
#include "core/json.h"
#include "core/mem.h"
#include "grpo/error.h"
#include "grpo/reward_set.h"

#define MAX_CASES 16384
#define MAX_COLUMNS 16

static void ok(int rc)
{
	if (rc != 0)
		ck_abort_msg("%d: %s", rc, grpo_error_message());
}

static grpo_str str(const char *s)
{
	return (grpo_str){s, s ? strlen(s) : 0};
}

struct a_case {
	char where[256]; /* file:line */
	cJSON *json;     /* owns what is decoded */
	grpo__json_member *members;
	size_t n_members;
	const char *title, *params, *group, *says;
	double reward; /* NaN: missing */
	double within;
	int status;
	char *completion; /* where the text is there several times */
	int32_t *tokens;
	grpo_str columns[MAX_COLUMNS], cells[MAX_COLUMNS];
	grpo_reward_row row;
};

struct cases {
	char *text; /* the file */
	struct a_case *at;
	int n;
};

static int number_of(const char *name, const char *const *names,
		     const int *numbers, const char *where)
{
	for (int i = 0; names[i]; i++)
		if (strcmp(names[i], name) == 0)
			return numbers[i];
	ck_abort_msg("%s: unknown name \"%s\"", where, name);
	return -1;
}

static int status_of(const char *name, const char *where)
{
	static const char *const names[] = {"SCORED", "NO_ANSWER", "UNPARSABLE",
					    "BUDGET", "MISSING",   "FAILED",
					    NULL};
	static const int numbers[] = {0, 1, 2, 3, 64, 65};

	return number_of(name, names, numbers, where);
}

static uint8_t finish_of(const char *name, const char *where)
{
	static const char *const names[] = {"STOP", "LENGTH", "ABORT", NULL};
	static const int numbers[] = {0, 1, 2};

	return (uint8_t)number_of(name ? name : "STOP", names, numbers, where);
}

static const char *text_of(const struct a_case *c, const char *key)
{
	return cJSON_GetStringValue(
	    cJSON_GetObjectItemCaseSensitive(c->json, key));
}

/* What is not a column. */
static int is_ours(const char *key)
{
	static const char *const keys[] = {
	    "case",   "prompt", "completion", "params", "finish",
	    "reward", "status", "times",      "tokens", "group",
	    "within", "says",   NULL};

	for (int i = 0; keys[i]; i++)
		if (strcmp(keys[i], key) == 0)
			return 1;
	return 0;
}

static void read_columns(struct a_case *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_members; i++) {
		const grpo__json_member *m = &c->members[i];

		if (strcmp(m->key, "params") == 0)
			c->params = grpo__strndup(m->value, m->value_len);
		if (is_ours(m->key))
			continue;
		ck_assert_uint_lt(n, MAX_COLUMNS);
		c->columns[n] = str(m->key);
		c->cells[n++] = (grpo_str){m->value, m->value_len};
	}
	c->row.columns = c->columns;
	c->row.cells = c->cells;
	c->row.n_columns = n;
}

static double number_at(const struct a_case *c, const char *key, double none)
{
	const cJSON *p = cJSON_GetObjectItemCaseSensitive(c->json, key);

	return cJSON_IsNumber(p) ? p->valuedouble : none;
}

static void read_completion(struct a_case *c)
{
	grpo_str once = str(text_of(c, "completion"));
	size_t times = (size_t)number_at(c, "times", 1);

	c->row.completion = once;
	if (times == 1)
		return;
	c->completion = malloc(once.len * times + 1);
	ck_assert_ptr_nonnull(c->completion);
	for (size_t i = 0; i < times; i++)
		memcpy(c->completion + i * once.len, once.ptr, once.len);
	c->row.completion = (grpo_str){c->completion, once.len * times};
}

static void read_tokens(struct a_case *c)
{
	const cJSON *p = cJSON_GetObjectItemCaseSensitive(c->json, "tokens");
	int64_t n = (int64_t)number_at(c, "tokens", cJSON_GetArraySize(p));

	if (!p)
		return;
	c->tokens = grpo__alloc((size_t)n + 1, sizeof *c->tokens);
	ck_assert_ptr_nonnull(c->tokens);
	p = p->child;
	for (int64_t i = 0; p && i < n; i++, p = p->next)
		c->tokens[i] = (int32_t)p->valuedouble;
	c->row.tokens = c->tokens;
	c->row.n_tokens = n;
}

static void read_case(struct a_case *c, const char *line, size_t len)
{
	const cJSON *reward;
	const char *status;

	ok(grpo__json_parse(&c->json, line, len, c->where));
	ok(grpo__json_members(&c->members, &c->n_members, line, len, c->where));
	status = text_of(c, "status");
	reward = cJSON_GetObjectItemCaseSensitive(c->json, "reward");
	if (!status || !reward || !text_of(c, "completion"))
		ck_abort_msg("%s: \"completion\", \"reward\" or \"status\" is "
			     "missing",
			     c->where);
	c->title = text_of(c, "case") ? text_of(c, "case") : "";
	c->status = status_of(status, c->where);
	c->reward = cJSON_IsNull(reward) ? NAN : reward->valuedouble;
	c->row.struct_size = sizeof c->row;
	c->row.prompt = str(text_of(c, "prompt"));
	c->group = text_of(c, "group");
	c->says = text_of(c, "says");
	c->within = number_at(c, "within", 0);
	read_completion(c);
	read_tokens(c);
	c->row.finish = finish_of(text_of(c, "finish"), c->where);
	read_columns(c);
	if (!c->params)
		c->params = grpo__strndup("{}", 2);
}

static int same_group(const struct a_case *a, const struct a_case *b)
{
	return a == b ||
	       (a->group && b->group && strcmp(a->group, b->group) == 0 &&
		strcmp(a->params, b->params) == 0);
}

/* The group of a case has the number of its first one. */
static void number_groups(struct cases *cases)
{
	for (int i = 0; i < cases->n; i++) {
		struct a_case *c = &cases->at[i];
		int first = cases->n;

		for (int j = cases->n - 1; j >= 0; j--) {
			if (!same_group(c, &cases->at[j]))
				continue;
			first = j;
			c->row.group_size++;
		}
		c->row.group = (uint32_t)first;
	}
}

static void read_cases(struct cases *cases, const char *path)
{
	size_t len;
	int number = 0;

	memset(cases, 0, sizeof *cases);
	cases->at = grpo__alloc(MAX_CASES, sizeof *cases->at);
	ck_assert_ptr_nonnull(cases->at);
	ok(grpo__file_read(&cases->text, &len, path, 1 << 24));
	for (char *p = cases->text; *p;) {
		size_t n = strcspn(p, "\n");
		struct a_case *c = &cases->at[cases->n];

		ck_assert_int_lt(cases->n, MAX_CASES);
		snprintf(c->where, sizeof c->where, "%s:%d", path, ++number);
		if (n > 0) {
			read_case(c, p, n);
			cases->n++;
		}
		p += n + (p[n] == '\n');
	}
	number_groups(cases);
}

static void free_cases(struct cases *cases)
{
	for (int i = 0; i < cases->n; i++) {
		cJSON_Delete(cases->at[i].json);
		grpo__json_members_free(cases->at[i].members,
					cases->at[i].n_members);
		free((char *)cases->at[i].params);
		free(cases->at[i].completion);
		free(cases->at[i].tokens);
	}
	free(cases->at);
	free(cases->text);
}

#endif
