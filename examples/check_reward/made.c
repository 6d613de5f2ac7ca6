/* SPDX-License-Identifier: MIT */
/* Rows such as a model may write, and such as none should. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/fault.h"
#include "report.h"
#include "suite.h"

#define TEXT(literal)                                                          \
	{                                                                      \
		literal, sizeof literal - 1                                    \
	}

/* In groups of four, as answers to one prompt. */
static const grpo_str written[] = {
    TEXT(""),
    TEXT(" \n\t\n"),
    TEXT("42"),
    TEXT("I do not know."),

    TEXT("<think> 40 and 2 </think> <answer> 42 </answer>"),
    TEXT("<think> 40 and 2 </think> <answer> 41 </answer>"),
    TEXT("<answer></answer></think><think><answer>"),
    TEXT("<answer> 42"),

    TEXT("It is \\boxed{42}."),
    TEXT("It is \\boxed{\\frac{84}{2}}"),
    TEXT("\\boxed{\\boxed{\\boxed{"),
    TEXT("}}}} 1/0 1e999999999 0x 1,2,,3 -"),

    TEXT("nan"),
    TEXT("-inf"),
    TEXT("%s%n%d %999999d"),
    TEXT("a\0b\0"),

    TEXT("\xff\xfe\x80 not UTF-8 \xe2\x82"),
    TEXT("α β γ 漢字 🙂 \u2212 ٤٢ ４２"),
    TEXT("{\"answer\": 42, \"answer\": [[[[[[[["),
    TEXT("```c\nint main(void) { return 42; }\n```\n```"),
};
#define N_WRITTEN (sizeof written / sizeof *written)

/* One fragment over and over. */
static const grpo_str repeated[] = {
    TEXT("("), TEXT("9"),       TEXT("<think>"), TEXT("wait, \n"),
    TEXT("{"), TEXT("\\frac{"), TEXT("1+"),      TEXT("\xe2\x80\x8b")};
#define N_REPEATED (sizeof repeated / sizeof *repeated)
#define REPEATED_BYTES 20000
#define SHOWN_BYTES 48 /* of a made text, in messages */

static const grpo_str columns[] = {TEXT("answer"), TEXT("nums"),
				   TEXT("target")};
#define N_COLUMNS (sizeof columns / sizeof *columns)

/* As they should be, as they may be, and as they should not. */
static const grpo_str cells[][N_COLUMNS] = {
    {TEXT("\"42\""), TEXT("[40, 2]"), TEXT("42")},
    {TEXT("42"), TEXT("[]"), TEXT("\"42\"")},
    {TEXT("null"), TEXT("{\"a\": [1, {}]}"), TEXT("-1e400")},
    {TEXT("\"\\u0034\\ud83d\\ude42\\\"\""), TEXT("[[1]]"), TEXT("true")},
};
#define N_CELLS (sizeof cells / sizeof *cells)

static int make_text(grpo_str *out, size_t i)
{
	const grpo_str *f;
	size_t n;
	char *p;

	if (i < N_WRITTEN) {
		*out = written[i];
		return 0;
	}
	f = &repeated[i - N_WRITTEN];
	n = REPEATED_BYTES / f->len;
	p = malloc(n * f->len);
	if (!p)
		return fail(GRPO_ENOMEM, "out of memory");
	for (size_t j = 0; j < n; j++)
		memcpy(p + j * f->len, f->ptr, f->len);
	*out = (grpo_str){p, n * f->len};
	return 0;
}

/* As from a tokenizer of bytes, with the stop token. */
static int make_tokens(grpo_reward_row *v)
{
	size_t n = v->completion.len;
	int32_t *ids = calloc(n + 1, sizeof *ids);

	if (!ids)
		return fail(GRPO_ENOMEM, "out of memory");
	for (size_t i = 0; i < n; i++)
		ids[i] = (unsigned char)v->completion.ptr[i];
	ids[n] = 256;
	v->tokens = ids;
	v->n_tokens = (int64_t)n + 1;
	return 0;
}

/* made row 4 ("I do not know.") */
static void name_made_row(struct a_row *r, size_t number)
{
	char text[4 * SHOWN_BYTES + 8];

	report_shorten(text, r->v.completion, SHOWN_BYTES);
	snprintf(r->where, sizeof r->where, "made row %zu (\"%s\")", number,
		 text);
}

static int make_row(struct suite *s, size_t i, int params)
{
	size_t group = i / 4, kind = group % (N_CELLS + 1);
	struct a_row r = {.title = "", .params = params};
	int rc = 0;

	r.v =
	    (grpo_reward_row){.struct_size = sizeof r.v,
			      .prompt = TEXT("What is 40 + 2?"),
			      .group = (uint32_t)(s->n_cases + (int64_t)group),
			      .group_size = 4};
	r.v.finish =
	    i % 4 == 3 ? GRPO_REWARD_FINISH_LENGTH : GRPO_REWARD_FINISH_STOP;
	if (kind < N_CELLS) { /* else: no column at all */
		r.v.columns = columns;
		r.v.cells = cells[kind];
		r.v.n_columns = N_COLUMNS;
	}
	TRY(make_text(&r.v.completion, i));
	TRY(make_tokens(&r.v));
	name_made_row(&r, i + 1);
	rc = suite_add_row(s, &r);
out:
	return rc;
}

int suite_add_made(struct suite *s, int params)
{
	int rc = 0;

	for (size_t i = 0; i < N_WRITTEN + N_REPEATED; i++)
		TRY(make_row(s, i, params));
out:
	return rc;
}
