/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "prompts.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "examples/fault.h"
#include "examples/program.h"

/* ------------------------------------------------------------ the template */

/* Whether a file of the folder exists and, if a text is given, holds it. */
static int holds(const char *folder, const char *name, const char *text)
{
	char path[4200], block[65536];
	size_t n;
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	f = fopen(path, "rb");
	if (!f)
		return 0;
	n = fread(block, 1, sizeof block - 1, f);
	block[n] = '\0';
	fclose(f);
	return !text || strstr(block, text) != NULL;
}

static void note_chat_template(const char *folder)
{
	if (holds(folder, "chat_template.jinja", NULL) ||
	    holds(folder, "tokenizer_config.json", "\"chat_template\": \""))
		fprintf(stderr,
			"%s: note: %s has a chat template, which is not used: "
			"the prompt goes in as it stands (--template chatml, "
			"if that is its format)\n",
			program_name(), folder);
}

/* Whether the two make the same prompt. */
static int same(const grpo_template *a, const grpo_template *b)
{
	char *one = NULL, *other = NULL;
	size_t n = 0, m = 0;
	int rc = grpo_template_render(a, &one, &n, "x", 1) < 0 ||
		 grpo_template_render(b, &other, &m, "x", 1) < 0 ||
		 (n == m && memcmp(one, other, n) == 0);

	free(one);
	free(other);
	return rc;
}

/* The one that is named; else what was saved with the model; else plain. */
static int open_template(struct prompts *p, const struct options *o)
{
	const char *name = o->template_name ? o->template_name : "plain";
	grpo_template *saved = NULL;
	int bos = 0, rc;

	rc = grpo_template_open_folder(&saved, &bos, o->model);
	if (rc < 0 && rc != GRPO_ENOTFOUND)
		return rc;
	p->add_bos = bos || o->add_bos;
	if (saved && !o->template_name) {
		p->template_ = saved;
		return 0;
	}
	if (!o->template_name)
		note_chat_template(o->model);
	rc = grpo_template_create(&p->template_, name, o->system);
	if (rc == 0 && saved && !same(saved, p->template_))
		fprintf(stderr,
			"%s: note: %s was trained with another template; "
			"without --template, that one is used\n",
			program_name(), o->model);
	grpo_template_free(saved);
	return rc;
}

/* ------------------------------------------------------------- one prompt */

static int add_bos_token(struct prompts *p, struct prompt *x)
{
	int32_t bos = grpo_tokenizer_bos(p->tokenizer), *ids;

	if (!p->add_bos || bos < 0 || (x->n_ids > 0 && x->ids[0] == bos))
		return 0;
	ids = realloc(x->ids, ((size_t)x->n_ids + 1) * sizeof *ids);
	if (!ids)
		return fail(GRPO_ENOMEM, "out of memory");
	memmove(ids + 1, ids, (size_t)x->n_ids * sizeof *ids);
	ids[0] = bos;
	x->ids = ids;
	x->n_ids++;
	return 0;
}

static int encode(struct prompts *p, struct prompt *x, const char *text,
		  size_t len)
{
	int rc = 0;

	TRY(grpo_tokenizer_encode(p->tokenizer, &x->ids, &x->n_ids, text, len));
	TRY(add_bos_token(p, x));
	FAIL_IF(x->n_ids == 0, GRPO_EINVAL, "the prompt is empty");
out:
	return rc;
}

/* The place before what is wrong there. */
static int in_place(const struct prompts *p, int64_t i, int code)
{
	char place[4200], what[1024];

	if (code == 0)
		return 0;
	snprintf(what, sizeof what, "%s", fault());
	return fail(code, "%s: %s", prompts_place(place, p, i), what);
}

static struct prompt *next(struct prompts *p)
{
	if (p->n == p->cap) {
		int64_t cap = p->cap ? 2 * p->cap : 16;
		struct prompt *more =
		    realloc(p->list, (size_t)cap * sizeof *more);

		if (!more)
			return NULL;
		p->list = more;
		p->cap = cap;
	}
	p->list[p->n] = (struct prompt){0};
	return &p->list[p->n++];
}

static int add_text(struct prompts *p, const char *text, size_t len)
{
	struct prompt *x = next(p);
	char *rendered = NULL;
	int rc = 0;

	FAIL_IF(!x, GRPO_ENOMEM, "out of memory");
	x->text = malloc(len + 1);
	FAIL_IF(!x->text, GRPO_ENOMEM, "out of memory");
	memcpy(x->text, text, len);
	x->text[len] = '\0';
	x->len = len;
	TRY(grpo_template_render(p->template_, &rendered, &len, text, len));
	rc = encode(p, x, rendered, len);
out:
	free(rendered);
	return in_place(p, p->n - 1, rc);
}

static int read_lines(struct prompts *p, FILE *f)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	int rc = 0;

	if (isatty(fileno(f)))
		fprintf(stderr,
			"%s: reads a prompt from each line; Ctrl-D ends\n",
			program_name());
	while (rc == 0 && (n = getline(&line, &cap, f)) >= 0) {
		while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r'))
			n--;
		rc = add_text(p, line, (size_t)n);
	}
	if (rc == 0 && ferror(f))
		rc = fail_errno("standard input");
	free(line);
	return rc;
}

/* ------------------------------------------------------------- the dataset */

static const char *string_of(const cJSON *message, const char *key)
{
	return cJSON_GetStringValue(
	    cJSON_GetObjectItemCaseSensitive(message, key));
}

/* What is wrong in a message is found by grpo_template_render_messages. */
static int render_list(const struct prompts *p, char **text, size_t *len,
		       const cJSON *list)
{
	size_t n = (size_t)cJSON_GetArraySize(list), i = 0;
	grpo_message *messages = calloc(n + 1, sizeof *messages);
	const cJSON *each;
	int rc = 0;

	FAIL_IF(!messages, GRPO_ENOMEM, "out of memory");
	FAIL_IF(!cJSON_IsArray(list), GRPO_EFORMAT,
		"\"prompt\": expected text or a list of messages");
	cJSON_ArrayForEach(each, list)
	{
		messages[i].role = string_of(each, "role");
		messages[i++].content = string_of(each, "content");
	}
	rc =
	    grpo_template_render_messages(p->template_, text, len, messages, n);
out:
	free(messages);
	return rc;
}

static int render_row(const struct prompts *p, char **text, size_t *len,
		      const grpo_row *row)
{
	cJSON *list;
	int rc = 0;

	if (row->prompt)
		return grpo_template_render(p->template_, text, len,
					    row->prompt, row->prompt_len);
	list = cJSON_ParseWithLength(row->prompt_json.json,
				     row->prompt_json.json_len);
	FAIL_IF(!list, GRPO_ENOMEM, "out of memory");
	rc = render_list(p, text, len, list);
	cJSON_Delete(list);
out:
	return rc;
}

static int add_row(struct prompts *p, int64_t i)
{
	struct prompt *x = next(p);
	grpo_row row = {0};
	char *text = NULL;
	size_t len = 0;
	int rc = 0;

	FAIL_IF(!x, GRPO_ENOMEM, "out of memory");
	TRY(grpo_dataset_read(p->dataset, &row, i));
	if ((rc = render_row(p, &text, &len, &row)) < 0 ||
	    (rc = encode(p, x, text, len)) < 0)
		rc = in_place(p, i, rc);
out:
	free(text);
	grpo_row_dispose(&row);
	return rc;
}

static int read_dataset(struct prompts *p, const struct options *o)
{
	grpo_dataset_options how;
	int rc = 0;

	TRY(grpo_dataset_options_init(&how));
	how.column_map = o->column_map;
	TRY(grpo_dataset_open(&p->dataset, o->dataset, &how));
	for (int64_t i = 0; i < grpo_dataset_rows(p->dataset); i++)
		TRY(add_row(p, i));
out:
	return rc;
}

int prompts_read(struct prompts *p, const struct options *o)
{
	int rc = 0;

	TRY(grpo_tokenizer_open(&p->tokenizer, o->model));
	TRY(open_template(p, o));
	for (int i = 0; i < o->n_prompts; i++)
		TRY(add_text(p, o->prompts[i], strlen(o->prompts[i])));
	if (o->dataset)
		TRY(read_dataset(p, o));
	else if (o->n_prompts == 0)
		TRY(read_lines(p, stdin));
out:
	return rc;
}

const char *prompts_place(char out[4200], const struct prompts *p, int64_t i)
{
	grpo_row row = {0};

	if (p->dataset && grpo_dataset_read(p->dataset, &row, i) == 0)
		snprintf(out, 4200, "%.4096s:%" PRId64,
			 grpo_dataset_path(p->dataset), row.line);
	else
		snprintf(out, 4200, "prompt %" PRId64, i + 1);
	grpo_row_dispose(&row);
	return out;
}

void prompts_dispose(struct prompts *p)
{
	for (int64_t i = 0; i < p->n; i++) {
		free(p->list[i].text);
		free(p->list[i].ids);
	}
	free(p->list);
	grpo_dataset_free(p->dataset);
	grpo_template_free(p->template_);
	grpo_tokenizer_free(p->tokenizer);
}
