/* SPDX-License-Identifier: MIT */
#include "data/columns.h"

#include <stdlib.h>
#include <string.h>

#include "core/fail.h"

/* ----------------------------------------------------------------- read */

static int add(grpo__columns *c, const cJSON *pair)
{
	grpo__column *column = &c->list[c->n];
	int rc = 0;

	GRPO_FAIL_IF(!cJSON_IsString(pair), GRPO_EFORMAT,
		     "\"column_map\": \"%s\": expected the name of a column",
		     pair->string);
	c->n++;
	column->ours = grpo__strndup(pair->string, strlen(pair->string));
	column->theirs =
	    grpo__strndup(pair->valuestring, strlen(pair->valuestring));
	if (!column->ours || !column->theirs)
		return GRPO_ENOMEM;
out:
	return rc;
}

int grpo__columns_read(grpo__columns *c, const char *json)
{
	cJSON *map = NULL;
	const cJSON *pair;
	int rc = 0;

	if (!json)
		return 0;
	GRPO_TRY(grpo__json_parse(&map, json, strlen(json), "\"column_map\""));
	if (cJSON_IsNull(map))
		goto out;
	GRPO_FAIL_IF(!cJSON_IsObject(map), GRPO_EFORMAT,
		     "\"column_map\": expected an object, our names first: "
		     "{\"prompt\": \"question\"}");
	c->list = grpo__alloc((size_t)cJSON_GetArraySize(map), sizeof *c->list);
	GRPO_FAIL_IF(!c->list, GRPO_ENOMEM, "out of memory");
	cJSON_ArrayForEach(pair, map) GRPO_TRY(add(c, pair));
out:
	cJSON_Delete(map);
	return rc;
}

void grpo__columns_dispose(grpo__columns *c)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		free(c->list[i].ours);
		free(c->list[i].theirs);
	}
	free(c->list);
	*c = (grpo__columns){0};
}

const char *grpo__columns_theirs(const grpo__columns *c, const char *ours)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (!strcmp(c->list[i].ours, ours))
			return c->list[i].theirs;
	return ours;
}

/* ---------------------------------------------------------------- apply */

/* Members of a row under our names. */
struct renamed {
	grpo__json_member *list;
	size_t n;
};

static int put(struct renamed *out, const char *name,
	       const grpo__json_member *m)
{
	grpo__json_member *copy = &out->list[out->n];

	*copy = *m;
	copy->key = grpo__strndup(name, strlen(name));
	if (!copy->key)
		return GRPO_ENOMEM;
	out->n++;
	return 0;
}

/* One member under each name that the map gives it, or its own. */
static int rename_member(struct renamed *out, const grpo__columns *c,
			 const grpo__json_member *m)
{
	int named = 0, rc = 0;
	size_t i;

	for (i = 0; i < c->n; i++) {
		named |= !strcmp(c->list[i].ours, m->key);
		if (strcmp(c->list[i].theirs, m->key) != 0)
			continue;
		named = 1;
		GRPO_TRY(put(out, c->list[i].ours, m));
	}
	if (!named)
		GRPO_TRY(put(out, m->key, m));
out:
	return rc;
}

int grpo__columns_apply(const grpo__columns *c, grpo__json_member **m,
			size_t *n)
{
	struct renamed out = {0};
	size_t i;
	int rc = 0;

	if (c->n == 0)
		return 0;
	out.list = grpo__alloc(*n + c->n, sizeof *out.list);
	if (!out.list)
		return GRPO_ENOMEM;
	for (i = 0; i < *n; i++)
		GRPO_TRY(rename_member(&out, c, &(*m)[i]));
	grpo__json_members_free(*m, *n);
	*m = out.list;
	*n = out.n;
	return 0;
out:
	grpo__json_members_free(out.list, out.n);
	return rc;
}

/* ---------------------------------------------------------------- check */

void grpo__columns_mark(grpo__columns *c, const grpo__json_member *m, size_t n)
{
	size_t i, k;

	for (i = 0; i < c->n; i++)
		for (k = 0; !c->list[i].seen && k < n; k++)
			c->list[i].seen = !strcmp(c->list[i].ours, m[k].key);
}

static int fail_unseen(const grpo__column *column, const char *path,
		       const grpo_row *first)
{
	const char **names = grpo__alloc(first->n_cells + 1, sizeof *names);
	const char *nearest;
	size_t i;

	if (!names)
		return GRPO_ENOMEM;
	for (i = 0; i < first->n_cells; i++)
		names[i] = first->cells[i].name;
	nearest = grpo__nearest(column->theirs, names);
	free(names);
	return grpo__fail(GRPO_EFORMAT,
			  "%s: no row has \"%s\", which \"column_map\" reads "
			  "as \"%s\"%s%s%s",
			  path, column->theirs, column->ours,
			  nearest ? " (nearest: \"" : "",
			  nearest ? nearest : "", nearest ? "\")" : "");
}

int grpo__columns_check(const grpo__columns *c, const char *path,
			const grpo_row *first)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (!c->list[i].seen)
			return fail_unseen(&c->list[i], path, first);
	return 0;
}

/* --------------------------------------------------------------- advise */

enum { LISTED = 12 };

static int put_name(grpo__buf *b, const char *name)
{
	return grpo__buf_printf(b, "\"%.60s\"", name);
}

int grpo__columns_list(grpo__buf *b, const grpo__json_member *m, size_t n)
{
	size_t shown = n < LISTED ? n : LISTED, i;
	int rc = 0;

	GRPO_TRY(grpo__buf_printf(b, "; the row has "));
	if (n == 0)
		return grpo__buf_printf(b, "no columns");
	for (i = 0; i < shown; i++) {
		if (i > 0)
			GRPO_TRY(grpo__buf_printf(
			    b, i + 1 < shown || shown < n ? ", " : " and "));
		GRPO_TRY(put_name(b, m[i].key));
	}
	if (shown < n)
		rc = grpo__buf_printf(b, " and %zu more", n - shown);
out:
	return rc;
}

/* What others call the prompt. */
static const char *likely_prompt(const grpo__json_member *m, size_t n)
{
	static const char *const usual[] = {
	    "question", "problem", "query", "instruction", "input", "messages"};
	size_t i, k;

	for (k = 0; k < sizeof usual / sizeof *usual; k++)
		for (i = 0; i < n; i++)
			if (strcmp(m[i].key, usual[k]) == 0)
				return usual[k];
	return NULL;
}

/* An answer with its steps, "… #### 42", is no reference as it stands. */
static int is_gsm8k(const grpo__json_member *m, size_t n)
{
	size_t i, k;

	for (i = 0; i < n; i++)
		for (k = 0;
		     !strcmp(m[i].key, "answer") && k + 4 <= m[i].value_len;
		     k++)
			if (memcmp(m[i].value + k, "####", 4) == 0)
				return 1;
	return 0;
}

int grpo__columns_advise(grpo__buf *b, const grpo__columns *c,
			 const grpo__json_member *m, size_t n)
{
	const char *theirs = likely_prompt(m, n);
	int rc = 0;

	if (n == 0 || strcmp(grpo__columns_theirs(c, "prompt"), "prompt") != 0)
		return 0;
	if (is_gsm8k(m, n))
		return grpo__buf_printf(b,
					", as GSM8K: convert it with `python3 "
					"datasets/convert.py gsm8k`");
	if (!theirs)
		return grpo__buf_printf(
		    b, ": name the prompt's with \"column_map\"");
	GRPO_TRY(grpo__buf_printf(
	    b, ": name the prompt's with \"column_map\": {\"prompt\": "));
	GRPO_TRY(put_name(b, theirs));
	rc = grpo__buf_printf(b, "}");
out:
	return rc;
}
