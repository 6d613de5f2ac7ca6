/* SPDX-License-Identifier: MIT */
#include "input.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/fault.h"
#include "examples/screen.h"
#include "grpo/reward.h"

#define MOST_NAMED 20 /* bad lines; the others are only counted */

void item_dispose(struct item *x)
{
	free(x->completion);
	free(x->tokens);
	grpo_row_dispose(&x->row);
}

/* ------------------------------------------------- what a row is made of */

static int is(const grpo_cell *cell, const char *json)
{
	return cell && cell->json_len == strlen(json) &&
	       memcmp(cell->json, json, cell->json_len) == 0;
}

static uint8_t finish_of(const grpo_row *row)
{
	const grpo_cell *cell = grpo_row_cell(row, "finish");

	if (is(cell, "\"length\""))
		return GRPO_REWARD_FINISH_LENGTH;
	if (is(cell, "\"abort\""))
		return GRPO_REWARD_FINISH_ABORT;
	return GRPO_REWARD_FINISH_STOP;
}

static int64_t count_commas(const grpo_cell *cell)
{
	int64_t n = 0;

	for (size_t i = 0; i < cell->json_len; i++)
		n += cell->json[i] == ',';
	return n;
}

/* A list of token ids; any other value is a column like others. */
static int read_tokens(struct item *x)
{
	const grpo_cell *cell = grpo_row_cell(&x->row, "tokens");
	const char *p, *end;
	int32_t *ids;
	int64_t n = 0;

	if (!cell || cell->json[0] != '[' ||
	    strspn(cell->json, "[]0123456789, \t") < cell->json_len)
		return 0;
	ids = malloc(((size_t)count_commas(cell) + 1) * sizeof *ids);
	if (!ids)
		return fail(GRPO_ENOMEM, "out of memory");
	end = cell->json + cell->json_len;
	for (p = cell->json; p < end;) {
		char *after;
		long id = *p >= '0' && *p <= '9' ? strtol(p, &after, 10) : -1;

		if (id > INT32_MAX)
			break;
		if (id >= 0)
			ids[n++] = (int32_t)id;
		p = id >= 0 ? after : p + 1;
	}
	x->tokens = ids;
	x->n_tokens = n;
	return 0;
}

static int missing(const struct item *x, const char *column)
{
	return fail(GRPO_EFORMAT, "%s:%lld: \"%s\" is missing", x->path,
		    (long long)x->row.line, column);
}

/* The same prompt may be asked again later; a named group is one group. */
static int check_group(struct input *in, const struct item *x)
{
	int rc;

	if (!in->whole_groups || !in->group)
		return 0;
	rc = keys_next(&in->keys, x->key.json, x->key.json_len);
	if (rc != 0)
		return rc < 0 ? rc : 0;
	return fail(GRPO_EFORMAT,
		    "%s:%lld: \"%s\": this group ended before; its rows must "
		    "stand together",
		    x->path, (long long)x->row.line, in->group);
}

static int read_item(struct input *in, struct item *x)
{
	const char *column = in->group ? in->group : "prompt";
	const grpo_cell *cell = grpo_row_cell(&x->row, "completion");
	const grpo_cell *key = grpo_row_cell(&x->row, column);
	int rc = 0;

	if (in->references_only)
		return 0;
	if (!cell)
		return missing(x, "completion");
	if (in->group && !key)
		return missing(x, column);
	FAIL_IF(cell->json[0] != '"', GRPO_EFORMAT,
		"%s:%lld: \"completion\": expected text", x->path,
		(long long)x->row.line);
	TRY(grpo_cell_text(&x->completion, &x->completion_len, cell));
	if (key)
		x->key = *key;
	x->finish = finish_of(&x->row);
	TRY(read_tokens(x));
	rc = check_group(in, x);
out:
	return rc;
}

/* ------------------------------------------------------------- the files */

/* What is wrong with the file or its line becomes the program's own fault:
 * the library's line may be gone when it is shown. */
static int library_fault(int code)
{
	return fail(code, "%s", grpo_error_message());
}

static int open_next(struct input *in)
{
	int rc = grpo_jsonl_open(&in->file, in->files[in->at]);

	in->at++;
	return rc < 0 ? library_fault(rc) : 0;
}

/* Names the fault, unless it is to end all. */
static int skip_bad(struct input *in, int code)
{
	if (code != GRPO_EFORMAT || in->strict)
		return code;
	in->skipped++;
	if (in->skipped <= MOST_NAMED)
		screen_say("%s", fault());
	if (in->skipped == MOST_NAMED)
		screen_say("(further bad lines are only counted)");
	fault_clear();
	return 0;
}

/* One line: 1 for a good one, 2 for a bad one that is skipped, 0 at the end
 * of the file. */
static int one_line(struct input *in, struct item *out)
{
	const char *path = in->files[in->at - 1];
	struct item x = {.path = strcmp(path, "-") ? path : "standard input"};
	int rc = grpo_jsonl_next(in->file, &x.row);

	if (rc == 0)
		return 0;
	rc = rc < 0 ? library_fault(rc) : read_item(in, &x);
	if (rc == 0) {
		*out = x;
		return 1;
	}
	item_dispose(&x);
	rc = skip_bad(in, rc);
	return rc < 0 ? rc : 2;
}

int input_next(struct input *in, struct item *out)
{
	int rc = 0;

	for (;;) {
		if (!in->file && in->at == in->n_files)
			return 0;
		if (!in->file)
			TRY(open_next(in));
		TRY(one_line(in, out));
		if (rc == 1)
			return 1;
		if (rc == 0) {
			grpo_jsonl_free(in->file);
			in->file = NULL;
		}
	}
out:
	return rc;
}

void input_dispose(struct input *in)
{
	grpo_jsonl_free(in->file);
	keys_dispose(&in->keys);
}
