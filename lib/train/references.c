/* SPDX-License-Identifier: MIT */
/*
 * Before a run: which rows of a dataset can the rewards judge?  A row whose
 * reference a reward cannot use is no error, since the other rewards judge it;
 * but whoever starts the run should know how many there are.  A reward that
 * can judge no row at all is a mistake, most often a column of another name.
 */
#include "train/references.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "core/file.h"
#include "reward/set.h"
#include "train/prompt.h"
#include "train/rows.h"

#define MOST_ROWS 1000 /* rows to check, evenly spaced */
#define ROWS_AT_ONCE 100
#define MOST_SECONDS 1.0 /* a slow reward checks fewer rows */
#define MOST_NAMED 3
#define NAME_BYTES 64

/* An answer in the usual form, for rewards that an empty one does not
 * concern. */
#define SOME_ANSWER "<think> 1 </think> <answer> 1 </answer>"

/* What one reward cannot use. */
struct tally {
	int64_t n, line[MOST_NAMED];
	char column[NAME_BYTES]; /* that it lacks, as it said itself; or "" */
	int judged;              /* it judges an answer that is not empty */
};

struct look {
	grpo_trainer *trainer;
	const grpo__rows *used;
	const grpo_dataset *dataset; /* of them */
	int64_t n_rows;              /* to be looked at */
	int64_t n_done;              /* of them */
	struct tally *tally;         /* [K] */
	grpo__prompt *prompts;
	grpo_reward_row *rows;
	uint8_t *missing; /* [ROWS_AT_ONCE, K] */
	grpo__arena *arena;
};

static int make_row(struct look *l, int64_t i)
{
	int64_t at =
	    grpo__rows_at(l->used, (l->n_done + i) * l->used->n / l->n_rows);
	grpo__prompt *p = &l->prompts[i];
	int rc = 0;

	GRPO_TRY(grpo__prompt_make(p, l->arena, l->trainer, l->dataset, at,
				   l->trainer->config.max_completion_length,
				   NULL));
	l->rows[i] = (grpo_reward_row){.struct_size = sizeof *l->rows,
				       .prompt = p->text,
				       .columns = p->columns,
				       .cells = p->cells,
				       .n_columns = p->row.n_cells};
out:
	return rc;
}

/* A reward names the column that a row lacks in a note "missing". */
static void take_note(void *ctx, int64_t row, int32_t k, const char *name,
		      grpo_str text)
{
	struct look *l = ctx;
	struct tally *t = &l->tally[k];

	(void)row;
	if (!t->column[0] && strcmp(name, "missing") == 0 &&
	    text.len < sizeof t->column)
		memcpy(t->column, text.ptr, text.len);
}

static void count(struct look *l, int64_t i)
{
	int32_t k, n_rewards = l->trainer->n_rewards;

	for (k = 0; k < n_rewards; k++) {
		struct tally *t = &l->tally[k];

		if (!l->missing[i * n_rewards + k])
			continue;
		if (t->n < MOST_NAMED)
			t->line[t->n] = l->prompts[i].row.line;
		t->n++;
	}
}

static int lacks_all(const struct look *l, int32_t k, int64_t n)
{
	return l->tally[k].n == n && !l->tally[k].judged;
}

/* Does a reward that was missing on every row judge another answer? */
static int ask_again(struct look *l, int64_t n)
{
	const grpo_trainer *t = l->trainer;
	int32_t k;
	int64_t i;
	int again = 0, rc = 0;

	for (k = 0; k < t->n_rewards; k++)
		again |= lacks_all(l, k, l->n_done + n);
	if (!again)
		return 0;
	GRPO_TRY(grpo__reward_set_check(t->parts.rewards, l->rows, n,
					SOME_ANSWER, l->missing, NULL, NULL));
	for (i = 0; i < n; i++)
		for (k = 0; k < t->n_rewards; k++)
			l->tally[k].judged |= !l->missing[i * t->n_rewards + k];
out:
	return rc;
}

static int look_at_rows(struct look *l, int64_t n)
{
	int64_t i;
	int rc = 0;

	for (i = 0; i < n; i++)
		GRPO_TRY(make_row(l, i));
	GRPO_TRY(grpo__reward_set_check(l->trainer->parts.rewards, l->rows, n,
					"", l->missing, take_note, l));
	for (i = 0; i < n; i++)
		count(l, i);
	GRPO_TRY(ask_again(l, n));
	l->n_done += n;
out:
	return rc;
}

static void forget_rows(struct look *l, int64_t n)
{
	int64_t i;

	for (i = 0; i < n; i++)
		grpo_row_dispose(&l->prompts[i].row);
	memset(l->prompts, 0, (size_t)n * sizeof *l->prompts);
	grpo__arena_reset(l->arena);
}

static int prepare(struct look *l)
{
	size_t k = (size_t)l->trainer->n_rewards;
	int rc = 0;

	l->n_rows = l->used->n;
	if (l->n_rows > MOST_ROWS)
		l->n_rows = MOST_ROWS;
	l->tally = grpo__alloc(k, sizeof *l->tally);
	l->prompts = grpo__alloc(ROWS_AT_ONCE, sizeof *l->prompts);
	l->rows = grpo__alloc(ROWS_AT_ONCE, sizeof *l->rows);
	l->missing = grpo__alloc(ROWS_AT_ONCE, k);
	GRPO_FAIL_IF(!l->tally || !l->prompts || !l->rows || !l->missing,
		     GRPO_ENOMEM, "out of memory");
	GRPO_TRY(grpo__arena_create(&l->arena));
out:
	return rc;
}

/* --------------------------------------------------- what is said of it */

/* ":17, :90, :121, …" */
static void print_lines(char *out, size_t size, const struct tally *t)
{
	size_t n = 0;

	for (int i = 0; i < MOST_NAMED && i < t->n; i++)
		n += (size_t)snprintf(out + n, size - n, "%s:%" PRId64,
				      i ? ", " : "", t->line[i]);
	if (t->n > MOST_NAMED)
		snprintf(out + n, size - n, ", …");
}

static void warn(const struct look *l, int32_t k)
{
	const struct tally *t = &l->tally[k];
	char lines[MOST_NAMED * 24 + 8], column[NAME_BYTES + 32] = "";

	print_lines(lines, sizeof lines, t);
	if (t->column[0])
		snprintf(column, sizeof column, ": column \"%s\" is missing",
			 t->column);
	grpo__log(GRPO_LOG_WARN,
		  "reward \"%s\" has no reference that it can use on "
		  "%" PRId64 " of %" PRId64 " rows that were looked at "
		  "(%s%s)%s; their completions are judged without it",
		  grpo__run_reward(l->trainer, k), t->n, l->n_done,
		  grpo_dataset_path(l->dataset), lines, column);
}

/* Whether reward k can judge the row if its column c bears the other name. */
static int fits(int *out, const struct look *l, int32_t k, size_t c)
{
	const struct tally *t = &l->tally[k];
	grpo_reward_row row = l->rows[0];
	grpo_str *columns;
	int rc = 0;

	columns = grpo__memdup(row.columns, row.n_columns * sizeof *columns);
	GRPO_FAIL_IF(!columns, GRPO_ENOMEM, "out of memory");
	columns[c] = (grpo_str){t->column, strlen(t->column)};
	row.columns = columns;
	GRPO_TRY(grpo__reward_set_check(l->trainer->parts.rewards, &row, 1,
					SOME_ANSWER, l->missing, NULL, NULL));
	*out = !l->missing[k];
out:
	free(columns);
	return rc;
}

/* The row's columns by name, and which of them the reward can use in place of
 * the one that it lacks. */
static int list_columns(grpo__buf *names, const char **like,
			const struct look *l, int32_t k)
{
	const grpo_row *row = &l->prompts[0].row;
	size_t c;
	int rc = 0;

	for (c = 0; c < row->n_cells; c++) {
		int good = 0;

		if (strcmp(row->cells[c].name, "prompt") == 0)
			continue;
		GRPO_TRY(grpo__buf_printf(names, "%s\"%s\"",
					  names->len ? ", " : "",
					  row->cells[c].name));
		if (!*like && l->tally[k].column[0])
			GRPO_TRY(fits(&good, l, k, c));
		if (good)
			*like = row->cells[c].name;
	}
	if (!names->len)
		GRPO_TRY(grpo__buf_printf(names, "no other column"));
out:
	return rc;
}

static int has_column(const grpo_row *row, const char *name)
{
	size_t c;

	for (c = 0; c < row->n_cells; c++)
		if (strcmp(row->cells[c].name, name) == 0)
			return 1;
	return 0;
}

static int explain(grpo__buf *out, const struct look *l, int32_t k,
		   const char *names, const char *like)
{
	const struct tally *t = &l->tally[k];
	int rc = 0;

	if (!t->column[0] || has_column(&l->prompts[0].row, t->column))
		return grpo__buf_printf(
		    out,
		    "look at what it needs of a row; these have the columns %s",
		    names);
	GRPO_TRY(grpo__buf_printf(
	    out, "column \"%s\" is missing, and the rows have %s; ", t->column,
	    names));
	GRPO_TRY(grpo__buf_printf(
	    out,
	    like ? "add \"%s\": \"%s\" to \"column_map\""
		 : "say which one it is in \"column_map\": {\"%s\": \"%s\"}",
	    t->column, like ? like : "…"));
out:
	return rc;
}

static int refuse(const struct look *l, int32_t k)
{
	grpo__buf names = {0}, why = {0};
	const char *like = NULL;
	int rc = 0;

	GRPO_TRY(list_columns(&names, &like, l, k));
	GRPO_TRY(explain(&why, l, k, names.data, like));
	rc = grpo__fail(GRPO_EFORMAT,
			"%s: reward \"%s\" can judge none of the %" PRId64
			" rows that were looked at: %s",
			grpo_dataset_path(l->dataset),
			grpo__run_reward(l->trainer, k), l->n_done, why.data);
out:
	grpo__buf_dispose(&names);
	grpo__buf_dispose(&why);
	return rc;
}

/* The rows of the last look are still there. */
static int conclude(const struct look *l)
{
	int32_t k;
	int rc = 0;

	for (k = 0; k < l->trainer->n_rewards; k++) {
		if (l->n_done > 0 && lacks_all(l, k, l->n_done))
			GRPO_TRY(refuse(l, k));
		else if (l->tally[k].n > 0)
			warn(l, k);
	}
out:
	return rc;
}

/* A reward that fails on a made-up completion may work on others; but after an
 * abandoned call the set cannot be used again. */
static int may_go_on(const grpo_trainer *t, int rc)
{
	return rc == GRPO_EREWARD && !t->parts.rewards->is_lost;
}

/* Keeps the last rows. */
static int look_at_all(struct look *l, int64_t *n)
{
	double began = grpo__now();
	int rc = 0;

	while (l->n_done < l->n_rows && grpo__now() - began < MOST_SECONDS) {
		int64_t left = l->n_rows - l->n_done;

		forget_rows(l, *n);
		*n = left < ROWS_AT_ONCE ? left : ROWS_AT_ONCE;
		GRPO_TRY(look_at_rows(l, *n));
	}
out:
	return may_go_on(l->trainer, rc) ? 0 : rc;
}

int grpo__references_check(grpo_trainer *t, const grpo__rows *r)
{
	struct look l = {.trainer = t, .used = r, .dataset = r->dataset};
	int64_t n = 0;
	int rc = 0;

	GRPO_TRY(prepare(&l));
	GRPO_TRY(look_at_all(&l, &n));
	GRPO_TRY(conclude(&l));
out:
	if (l.arena)
		forget_rows(&l, n);
	grpo__arena_free(l.arena);
	free(l.tally);
	free(l.prompts);
	free(l.rows);
	free(l.missing);
	return rc;
}
