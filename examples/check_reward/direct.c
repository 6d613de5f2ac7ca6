/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "direct.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/fault.h"

typedef const grpo_reward_plugin *(*entry_fn)(void);

/* ------------------------------------------------------------- the plug-in */

static void keep_error(void *ctx, int level, const char *text)
{
	struct direct *d = ctx;

	if (level == GRPO_REWARD_LOG_ERROR && text)
		snprintf(d->said, sizeof d->said, "%s", text);
}

int direct_load(struct direct *d, const grpo_reward_plugin **real,
		const char *path)
{
	entry_fn entry;
	void *symbol;

	*d = (struct direct){.host = {sizeof d->host, d, keep_error}};
	*real = NULL;
	d->object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!d->object)
		return fail(GRPO_EABI, "cannot be loaded: %s", dlerror());
	symbol = dlsym(d->object, "grpo_reward_plugin_v1");
	if (!symbol)
		return 0;
	memcpy(&entry, &symbol, sizeof entry);
	*real = entry();
	if (*real)
		memcpy(&d->table, *real,
		       (*real)->struct_size < sizeof d->table
			   ? (*real)->struct_size
			   : sizeof d->table);
	return 0;
}

int direct_open(struct direct *d, const char *path, const char *params)
{
	const grpo_reward_plugin *real;
	grpo_str json = {params, strlen(params)};
	int rc = 0;

	TRY(direct_load(d, &real, path));
	FAIL_IF(!d->table.score, GRPO_EABI, "has no score function");
	if (d->table.open)
		FAIL_IF(d->table.open(&d->state, &d->host, json) < 0,
			GRPO_EREWARD, "open failed: %s", d->said);
out:
	return rc;
}

void direct_close(struct direct *d)
{
	if (d->table.close)
		d->table.close(d->state);
	d->state = NULL;
}

/* --------------------------------------------------------------- a batch */

static void *array(struct batch *b, size_t n, size_t size)
{
	void *p = calloc(n + 1, size);

	b->arrays[b->n_arrays++] = p;
	return p;
}

static int same(grpo_str a, grpo_str b)
{
	return a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
}

static size_t find_name(const grpo_str *names, size_t n, grpo_str name)
{
	size_t i;

	for (i = 0; i < n && !same(names[i], name); i++)
		;
	return i;
}

static int make_columns(struct batch *out, const struct a_row *rows, size_t n)
{
	size_t most = 0, count = 0;
	grpo_str *names, *cells;

	for (size_t i = 0; i < n; i++)
		most += rows[i].v.n_columns;
	names = array(out, most, sizeof *names);
	for (size_t i = 0; names && i < n; i++)
		for (size_t j = 0; j < rows[i].v.n_columns; j++) {
			grpo_str name = rows[i].v.columns[j];

			if (find_name(names, count, name) == count)
				names[count++] = name;
		}
	cells = array(out, count * n, sizeof *cells);
	if (!names || !cells)
		return fail(GRPO_ENOMEM, "out of memory");
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < rows[i].v.n_columns; j++) {
			grpo_str name = rows[i].v.columns[j];
			size_t c = find_name(names, count, name);

			cells[c * n + i] = rows[i].v.cells[j];
		}
	out->b.n_columns = count;
	out->b.columns = names;
	out->b.cells = cells;
	return 0;
}

int batch_make(struct batch *out, const struct a_row *rows, size_t n)
{
	grpo_str *prompts, *completions;
	const int32_t **tokens;
	int64_t *n_tokens;
	uint32_t *groups;
	uint8_t *finish;

	*out = (struct batch){.b = {.struct_size = sizeof out->b, .n = n}};
	prompts = array(out, n, sizeof *prompts);
	completions = array(out, n, sizeof *completions);
	groups = array(out, n, sizeof *groups);
	finish = array(out, n, sizeof *finish);
	tokens = array(out, n, sizeof *tokens);
	n_tokens = array(out, n, sizeof *n_tokens);
	if (!prompts || !completions || !groups || !finish || !tokens ||
	    !n_tokens)
		return fail(GRPO_ENOMEM, "out of memory");
	for (size_t i = 0; i < n; i++) {
		prompts[i] = rows[i].v.prompt;
		completions[i] = rows[i].v.completion;
		groups[i] = rows[i].v.group;
		finish[i] = rows[i].v.finish;
		tokens[i] = rows[i].v.tokens;
		n_tokens[i] = rows[i].v.n_tokens;
	}
	out->b.prompts = prompts;
	out->b.completions = completions;
	out->b.groups = groups;
	out->b.finish = finish;
	out->b.tokens = tokens;
	out->b.n_tokens = n_tokens;
	return make_columns(out, rows, n);
}

void batch_dispose(struct batch *b)
{
	for (int i = 0; i < b->n_arrays; i++)
		free(b->arrays[i]);
}

int64_t batch_rows(const struct direct *d, const struct suite *s, int64_t first,
		   int64_t most)
{
	int per_group = !!(d->table.flags & GRPO_REWARD_PER_GROUP);
	const struct a_row *rows = s->rows;
	int64_t n = 1;

	while (first + n < s->n &&
	       rows[first + n].params == rows[first].params &&
	       (per_group ? rows[first + n].v.group == rows[first].v.group
			  : n < most))
		n++;
	return n;
}

int direct_score(struct direct *d, const struct a_row *rows, int64_t n,
		 double *rewards, uint8_t *status)
{
	struct batch batch;
	int rc = 0;

	TRY(batch_make(&batch, rows, (size_t)n));
	FAIL_IF(d->table.score(d->state, &batch.b, rewards, status) < 0,
		GRPO_EREWARD, "%s: score failed: %s", rows[0].where, d->said);
out:
	batch_dispose(&batch);
	return rc;
}
