/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "output.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/fault.h"
#include "examples/json_out.h"

int output_open(struct output *o, const struct prompts *p, int64_t n)
{
	*o = (struct output){.prompts = p, .n = n};
	o->lines = calloc((size_t)p->n + 1, (size_t)n * sizeof *o->lines);
	return o->lines ? 0 : fail(GRPO_ENOMEM, "out of memory");
}

void output_dispose(struct output *o)
{
	for (int64_t i = 0; o->lines && i < o->prompts->n * o->n; i++)
		free(o->lines[i]);
	free(o->lines);
}

/* -------------------------------------------------------------- one line */

/* Whether a column of the dataset would hide one of ours. */
static int is_ours(const char *name)
{
	static const char *const ours[] = {"prompt_index", "sample", "prompt",
					   "completion",   "tokens", "logp",
					   "finish"};

	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		if (strcmp(name, ours[i]) == 0)
			return 1;
	return 0;
}

static void put_row(FILE *f, const grpo_row *row)
{
	fprintf(f, "%.*s", (int)row->prompt_json.json_len,
		row->prompt_json.json);
	for (size_t i = 0; i < row->n_cells; i++) {
		const grpo_cell *c = &row->cells[i];

		if (is_ours(c->name))
			continue;
		fputs(", ", f);
		json_string(f, c->name, strlen(c->name));
		fputs(": ", f);
		fwrite(c->json, 1, c->json_len, f);
	}
}

/* The prompt as it was given, and the other columns of its row. */
static int put_prompt(FILE *f, const struct prompts *p, int64_t i)
{
	grpo_row row = {0};
	int rc;

	if (!p->dataset) {
		json_string(f, p->list[i].text, p->list[i].len);
		return 0;
	}
	rc = grpo_dataset_read(p->dataset, &row, i);
	if (rc == 0)
		put_row(f, &row);
	grpo_row_dispose(&row);
	return rc;
}

/* What a reward would see: the template's "<think>" included. */
static int put_text(FILE *f, const struct prompts *p, const grpo_completion *c)
{
	const char *prefill = grpo_template_prefill(p->template_);
	size_t before = strlen(prefill), len;
	char *text = NULL, *all = NULL;
	int rc = 0;

	TRY(grpo_tokenizer_decode(p->tokenizer, &text, &len, c->tokens,
				  c->n_tokens, 1));
	all = malloc(before + len + 1);
	FAIL_IF(!all, GRPO_ENOMEM, "out of memory");
	memcpy(all, prefill, before);
	memcpy(all + before, text, len);
	json_string(f, all, before + len);
out:
	free(text);
	free(all);
	return rc;
}

static void put_tokens(FILE *f, const grpo_completion *c)
{
	fputs(", \"tokens\": [", f);
	for (int64_t t = 0; t < c->n_tokens; t++)
		fprintf(f, "%s%" PRId32, t ? ", " : "", c->tokens[t]);
	fputs("], \"logp\": [", f);
	for (int64_t t = 0; t < c->n_tokens; t++)
		fprintf(f, "%s%.9g", t ? ", " : "", (double)c->logp[t]);
	fprintf(f, "], \"finish\": \"%s\"}\n",
		c->finish == GRPO_FINISH_STOP ? "stop" : "length");
}

static int put_line(FILE *f, const struct prompts *p, const grpo_completion *c)
{
	int rc = 0;

	fprintf(f,
		"{\"prompt_index\": %" PRId64 ", \"sample\": %" PRId32
		", \"prompt\": ",
		c->request, c->sample);
	TRY(put_prompt(f, p, c->request));
	fputs(", \"completion\": ", f);
	TRY(put_text(f, p, c));
	put_tokens(f, c);
out:
	return rc;
}

static int make_line(char **line, const struct prompts *p,
		     const grpo_completion *c)
{
	size_t len;
	FILE *f = open_memstream(line, &len);
	int rc = 0, bad;

	if (!f)
		return fail(GRPO_ENOMEM, "out of memory");
	rc = put_line(f, p, c);
	bad = ferror(f);
	bad |= fclose(f) != 0;
	return rc == 0 && bad ? fail(GRPO_ENOMEM, "out of memory") : rc;
}

/* ------------------------------------------------------------- in order */

int output_completion(void *ctx, const grpo_completion *c)
{
	struct output *o = ctx;
	int64_t last = o->prompts->n * o->n;
	int rc =
	    make_line(&o->lines[c->request * o->n + c->sample], o->prompts, c);

	for (; rc == 0 && o->next < last && o->lines[o->next]; o->next++) {
		if (fputs(o->lines[o->next], stdout) < 0)
			rc = fail_errno("standard output");
		free(o->lines[o->next]);
		o->lines[o->next] = NULL;
	}
	if (rc == 0 && fflush(stdout) != 0)
		rc = fail_errno("standard output");
	return rc;
}
