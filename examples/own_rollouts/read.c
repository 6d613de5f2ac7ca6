/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "read.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "examples/fault.h"
#include "grpo/policy.h"

static int bad(const struct reader *r, const char *key, const char *expected)
{
	return fail(GRPO_EFORMAT, "%s:%lld: \"%s\": expected %s", r->path,
		    (long long)r->line, key, expected);
}

/* ---------------------------------------------------------------- one line */

static void free_rollout(grpo_rollout *g)
{
	free((void *)(uintptr_t)g->prompt);
	free((void *)(uintptr_t)g->tokens);
	free((void *)(uintptr_t)g->logp);
	free((void *)(uintptr_t)g->mask);
	*g = (grpo_rollout){0};
}

/* The list at `key` as an array of doubles, NaN for null; *n is -1 where there
 * is no such key. */
static int read_list(double **out, int64_t *n, const struct reader *r,
		     const cJSON *row, const char *key)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(row, key), *each;

	*out = NULL;
	*n = -1;
	if (!list)
		return 0;
	if (!cJSON_IsArray(list))
		return bad(r, key, "a list of numbers");
	*n = cJSON_GetArraySize(list);
	*out = malloc((size_t)(*n + 1) * sizeof **out);
	if (!*out)
		return fail(GRPO_ENOMEM, "out of memory");
	*n = 0;
	cJSON_ArrayForEach(each, list)
	{
		if (!cJSON_IsNumber(each) && !cJSON_IsNull(each))
			return bad(r, key, "a list of numbers");
		(*out)[(*n)++] =
		    cJSON_IsNull(each) ? NAN : cJSON_GetNumberValue(each);
	}
	return 0;
}

static int read_ids(const int32_t **out, int64_t *n, const struct reader *r,
		    const cJSON *row, const char *key)
{
	int32_t *ids = NULL;
	double *list;
	int rc = 0;

	TRY(read_list(&list, n, r, row, key));
	if (*n < 0) {
		rc = bad(r, key, "a list of token ids");
		goto out;
	}
	*out = ids = malloc((size_t)(*n + 1) * sizeof *ids);
	FAIL_IF(!ids, GRPO_ENOMEM, "out of memory");
	for (int64_t i = 0; i < *n; i++) {
		if (!(list[i] >= 0 && list[i] <= INT32_MAX)) {
			rc = bad(r, key, "a list of token ids");
			goto out;
		}
		ids[i] = (int32_t)list[i];
	}
out:
	free(list);
	return rc;
}

/* [n_tokens], or NULL where there is no such key. */
static int read_floats(const float **out, const struct reader *r,
		       const cJSON *row, const char *key, int64_t n_tokens)
{
	float *x = NULL;
	double *list;
	int64_t n;
	int rc = 0;

	TRY(read_list(&list, &n, r, row, key));
	if (n < 0)
		return 0;
	if (n != n_tokens)
		rc = bad(r, key, "as many numbers as \"tokens\" has");
	*out = x = rc ? NULL : malloc((size_t)(n + 1) * sizeof *x);
	for (int64_t i = 0; x && i < n; i++)
		x[i] = (float)list[i];
	if (!x && rc == 0)
		rc = fail(GRPO_ENOMEM, "out of memory");
out:
	free(list);
	return rc;
}

static int read_mask(grpo_rollout *g, const struct reader *r, const cJSON *row)
{
	const float *x = NULL;
	uint8_t *mask;
	int rc = 0;

	TRY(read_floats(&x, r, row, "mask", g->n_tokens));
	if (!x)
		return 0;
	g->mask = mask = malloc((size_t)g->n_tokens + 1);
	FAIL_IF(!mask, GRPO_ENOMEM, "out of memory");
	for (int64_t i = 0; i < g->n_tokens; i++)
		mask[i] = x[i] != 0;
out:
	free((void *)(uintptr_t)x);
	return rc;
}

static int read_number(double *out, const struct reader *r, const cJSON *row,
		       const char *key)
{
	const cJSON *x = cJSON_GetObjectItemCaseSensitive(row, key);

	*out = NAN;
	if (cJSON_IsNumber(x))
		*out = x->valuedouble;
	else if (!cJSON_IsNull(x))
		return bad(r, key, "a number or null");
	return 0;
}

static int read_finish(const cJSON *row)
{
	const char *text = cJSON_GetStringValue(
	    cJSON_GetObjectItemCaseSensitive(row, "finish"));

	if (text && strcmp(text, "length") == 0)
		return GRPO_FINISH_LENGTH;
	return text && strcmp(text, "abort") == 0 ? GRPO_FINISH_ABORT
						  : GRPO_FINISH_STOP;
}

static int read_row(grpo_rollout *g, const struct reader *r, const cJSON *row)
{
	double group, version;
	int rc = 0;

	*g = (grpo_rollout){.struct_size = sizeof *g,
			    .finish = read_finish(row)};
	TRY(read_ids(&g->prompt, &g->n_prompt, r, row, "prompt"));
	TRY(read_ids(&g->tokens, &g->n_tokens, r, row, "tokens"));
	TRY(read_floats(&g->logp, r, row, "logp", g->n_tokens));
	TRY(read_mask(g, r, row));
	TRY(read_number(&g->reward, r, row, "reward"));
	TRY(read_number(&group, r, row, "group"));
	TRY(read_number(&version, r, row, "version"));
	g->group = isnan(group) ? 0 : (int64_t)group;
	g->version = isnan(version) ? 0 : (int64_t)version;
out:
	if (rc < 0)
		free_rollout(g);
	return rc;
}

/* ------------------------------------------------------------------- file */

/* The next line into r->ahead; has_ahead is 0 at the end. */
static int look_ahead(struct reader *r)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t n = getline(&line, &size, r->file);
	cJSON *row;
	int rc = 0;

	r->has_ahead = 0;
	if (n < 0) {
		free(line);
		return ferror(r->file) ? fail_errno(r->path) : 0;
	}
	r->line++;
	row = cJSON_ParseWithLength(line, (size_t)n);
	if (!cJSON_IsObject(row))
		rc = fail(GRPO_EFORMAT, "%s:%lld: expected a JSON object",
			  r->path, (long long)r->line);
	else
		rc = read_row(&r->ahead, r, row);
	r->has_ahead = rc == 0;
	cJSON_Delete(row);
	free(line);
	return rc;
}

int reader_open(struct reader *r, const char *path)
{
	*r = (struct reader){.file = fopen(path, "r"), .path = path};
	return r->file ? look_ahead(r) : fail_errno(path);
}

static int add(struct batch *b, const grpo_rollout *g)
{
	if (b->n == b->cap) {
		int64_t cap = b->cap ? 2 * b->cap : 64;
		grpo_rollout *list =
		    realloc(b->list, (size_t)cap * sizeof *list);

		if (!list)
			return fail(GRPO_ENOMEM, "out of memory");
		b->list = list;
		b->cap = cap;
	}
	b->list[b->n++] = *g;
	return 0;
}

int reader_next(struct reader *r, struct batch *b)
{
	int rc = 0;

	batch_clear(b);
	while (r->has_ahead &&
	       (b->n == 0 || r->ahead.version == b->list[0].version)) {
		TRY(add(b, &r->ahead));
		r->has_ahead = 0; /* the batch has it now */
		TRY(look_ahead(r));
	}
out:
	return rc;
}

void reader_close(struct reader *r)
{
	if (r->has_ahead)
		free_rollout(&r->ahead);
	if (r->file)
		fclose(r->file);
	*r = (struct reader){0};
}

void batch_clear(struct batch *b)
{
	for (int64_t i = 0; i < b->n; i++)
		free_rollout(&b->list[i]);
	b->n = 0;
}

void batch_dispose(struct batch *b)
{
	batch_clear(b);
	free(b->list);
	*b = (struct batch){0};
}
