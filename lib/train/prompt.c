/* SPDX-License-Identifier: MIT */
/*
 * Prepares a row of the dataset for the sampler and the rewards: text by the
 * template, token ids, and the row's columns.
 */
#include "train/prompt.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "core/json.h"

struct messages {
	grpo_message *list;
	size_t n;
};

/* The messages of a parsed list; their strings stay the tree's. */
static int read_messages(struct messages *out, const cJSON *list,
			 const char *where)
{
	const cJSON *item;
	int rc = 0;

	GRPO_FAIL_IF(!cJSON_IsArray(list), GRPO_EFORMAT,
		     "%s: expected text or a list of messages", where);
	out->list =
	    grpo__alloc((size_t)cJSON_GetArraySize(list), sizeof *out->list);
	GRPO_FAIL_IF(!out->list, GRPO_ENOMEM, "out of memory");
	cJSON_ArrayForEach(item, list)
	{
		grpo_message *m = &out->list[out->n++];

		GRPO_TRY(grpo__json_string(&m->role, item, "role", where));
		GRPO_TRY(
		    grpo__json_string(&m->content, item, "content", where));
	}
out:
	return rc;
}

static int render_messages(char **text, size_t *len, const grpo_template *t,
			   const grpo_row *row)
{
	struct messages m = {0};
	cJSON *list = NULL;
	int rc = 0;

	GRPO_FAIL_IF(!row->prompt_json.json, GRPO_EFORMAT,
		     "\"prompt\" is missing");
	GRPO_TRY(grpo__json_parse(&list, row->prompt_json.json,
				  row->prompt_json.json_len, "prompt"));
	GRPO_TRY(read_messages(&m, list, "prompt"));
	GRPO_TRY(grpo_template_render_messages(t, text, len, m.list, m.n));
out:
	free(m.list);
	cJSON_Delete(list);
	return rc;
}

static int render(char **text, size_t *len, const grpo_template *t,
		  const grpo_row *row)
{
	if (row->prompt)
		return grpo_template_render(t, text, len, row->prompt,
					    row->prompt_len);
	return render_messages(text, len, t, row);
}

/* Puts the template's text and the continuation into the arena; prefill is the
 * end of it that counts as written by the model. */
static int make_text(grpo__prompt *p, grpo__arena *a, const grpo_template *t,
		     const char *continuation)
{
	size_t prefill = strlen(grpo_template_prefill(t));
	size_t extra = continuation ? strlen(continuation) : 0, len = 0;
	char *text = NULL, *all;
	int rc = 0;

	GRPO_TRY(render(&text, &len, t, &p->row));
	all = grpo__arena_alloc(a, len + extra + 1, 1);
	GRPO_FAIL_IF(!all, GRPO_ENOMEM, "out of memory");
	memcpy(all, text, len);
	if (extra)
		memcpy(all + len, continuation, extra);
	p->text = (grpo_str){all, len + extra};
	p->prefill = (grpo_str){all + len - prefill, prefill + extra};
out:
	free(text);
	return rc;
}

/* A template may write the token itself, as Llama's do. */
static int needs_bos(const grpo_trainer *t, const int32_t *ids, int64_t n)
{
	int32_t bos = grpo_tokenizer_bos(t->parts.tokenizer);

	return t->config.add_bos && bos >= 0 && (n == 0 || ids[0] != bos);
}

static int make_ids(grpo__prompt *p, grpo__arena *a, const grpo_trainer *t)
{
	int32_t *ids = NULL;
	int64_t n = 0, first;
	int rc = 0;

	GRPO_TRY(grpo_tokenizer_encode(t->parts.tokenizer, &ids, &n,
				       p->text.ptr, p->text.len));
	first = needs_bos(t, ids, n);
	GRPO_FAIL_IF(n + first == 0, GRPO_EFORMAT, "the prompt is empty");
	p->ids = grpo__arena_alloc(a, (size_t)(n + first), sizeof *p->ids);
	GRPO_FAIL_IF(!p->ids, GRPO_ENOMEM, "out of memory");
	if (first)
		p->ids[0] = grpo_tokenizer_bos(t->parts.tokenizer);
	if (n > 0)
		memcpy(p->ids + first, ids, (size_t)n * sizeof *ids);
	p->n_ids = n + first;
out:
	free(ids);
	return rc;
}

/* The most tokens of a prompt that leaves room for max_new. */
static int64_t room_for_prompt(const grpo_trainer *t, int64_t max_new)
{
	int64_t limit = grpo_sampler_max_positions(t->parts.sampler);

	return limit > 0 ? limit - max_new : INT64_MAX;
}

static int refuse_long(const grpo__prompt *p, const grpo_trainer *t,
		       int64_t max_new)
{
	int64_t limit = grpo_sampler_max_positions(t->parts.sampler);

	if (p->n_ids >= limit)
		return grpo__fail(GRPO_EFORMAT,
				  "the prompt has %" PRId64 " tokens, and the "
				  "model has only %" PRId64
				  " positions: shorten "
				  "it, or leave the row out "
				  "(\"overlong_prompts\": \"drop\")",
				  p->n_ids, limit);
	return grpo__fail(GRPO_EFORMAT,
			  "the prompt has %" PRId64
			  " tokens; with \"max_completion_length\" = %" PRId64
			  " that is more than the model's %" PRId64
			  " positions: set \"max_completion_length\" to at "
			  "most %" PRId64 ", or leave the row out "
			  "(\"overlong_prompts\": \"drop\")",
			  p->n_ids, max_new, limit, limit - p->n_ids);
}

/* The prompt and its completion must fit into the model's positions. */
static int check_room(const grpo__prompt *p, const grpo_trainer *t,
		      int64_t max_new)
{
	return p->n_ids <= room_for_prompt(t, max_new)
		   ? 0
		   : refuse_long(p, t, max_new);
}

static int make_columns(grpo__prompt *p, grpo__arena *a)
{
	size_t n = p->row.n_cells, i;

	p->columns = grpo__arena_alloc(a, n, sizeof *p->columns);
	p->cells = grpo__arena_alloc(a, n, sizeof *p->cells);
	if (!p->columns || !p->cells)
		return GRPO_ENOMEM;
	for (i = 0; i < n; i++) {
		const grpo_cell *c = &p->row.cells[i];

		p->columns[i] = (grpo_str){c->name, strlen(c->name)};
		p->cells[i] = (grpo_str){c->json, c->json_len};
	}
	return 0;
}

static int in_row(int rc, const grpo__prompt *p, const grpo_dataset *d)
{
	if (rc == 0)
		return 0;
	return grpo__fail_context(rc, "%s:%lld", grpo_dataset_path(d),
				  (long long)p->row.line);
}

static int make_prompt(grpo__prompt *p, grpo__arena *a, const grpo_trainer *t,
		       int64_t max_new, const char *continuation)
{
	int rc = 0;

	GRPO_TRY(make_text(p, a, t->parts.prompt_template, continuation));
	GRPO_TRY(make_ids(p, a, t));
	GRPO_TRY(check_room(p, t, max_new));
	GRPO_TRY(make_columns(p, a));
out:
	return rc;
}

int grpo__prompt_make(grpo__prompt *p, grpo__arena *a, const grpo_trainer *t,
		      const grpo_dataset *d, int64_t row, int64_t max_new,
		      const char *continuation)
{
	int rc = 0;

	GRPO_TRY(grpo_dataset_read(d, &p->row, row));
	GRPO_TRY(in_row(make_prompt(p, a, t, max_new, continuation), p, d));
out:
	return rc;
}

/* The most tokens that the text can have: each holds a byte or more, and NFC
 * makes at most three bytes of one that is not ASCII. */
static int64_t most_tokens(grpo_str text)
{
	int64_t n = (int64_t)text.len;
	size_t i;

	for (i = 0; i < text.len; i++)
		n += (unsigned char)text.ptr[i] >= 0x80 ? 2 : 0;
	return n;
}

/* The most tokens of a row's prompt. */
static int64_t most_allowed(const grpo_trainer *t)
{
	int64_t room = room_for_prompt(t, t->config.max_completion_length);
	int64_t most = t->config.max_prompt_length;

	return most > 0 && most < room ? most : room;
}

/* A short text need not be encoded to know that it fits; n_ids is then 0. */
static int look_at_prompt(grpo__prompt *p, grpo__arena *a,
			  const grpo_trainer *t)
{
	int rc = 0;

	GRPO_TRY(make_text(p, a, t->parts.prompt_template, NULL));
	if (p->text.len > 0 && most_tokens(p->text) < most_allowed(t))
		return 0;
	GRPO_TRY(make_ids(p, a, t));
out:
	return rc;
}

int grpo__prompt_fits(int *fits, int64_t *line, grpo__arena *a,
		      const grpo_trainer *t, const grpo_dataset *d, int64_t row)
{
	grpo__prompt p = {0};
	int rc = 0;

	GRPO_TRY(grpo_dataset_read(d, &p.row, row));
	GRPO_TRY(in_row(look_at_prompt(&p, a, t), &p, d));
	*fits = p.n_ids <= most_allowed(t);
	*line = p.row.line;
out:
	grpo_row_dispose(&p.row);
	return rc;
}

static int check_length(const grpo__prompt *p, const grpo_trainer *t)
{
	int rc = 0;

	GRPO_TRY(check_room(p, t, t->config.max_completion_length));
	GRPO_FAIL_IF(p->n_ids > most_allowed(t), GRPO_EFORMAT,
		     "the prompt has %" PRId64
		     " tokens, more than \"max_prompt_length\" = %" PRId64
		     ": shorten it, or leave the row out "
		     "(\"overlong_prompts\": \"drop\")",
		     p->n_ids, t->config.max_prompt_length);
out:
	return rc;
}

int grpo__prompt_check(grpo__arena *a, const grpo_trainer *t,
		       const grpo_dataset *d, int64_t row)
{
	grpo__prompt p = {0};
	int rc = 0;

	GRPO_TRY(grpo_dataset_read(d, &p.row, row));
	GRPO_TRY(in_row(look_at_prompt(&p, a, t), &p, d));
	GRPO_TRY(in_row(check_length(&p, t), &p, d));
out:
	grpo_row_dispose(&p.row);
	return rc;
}
