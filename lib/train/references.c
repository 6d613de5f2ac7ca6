/* SPDX-License-Identifier: MIT */
/*
 * Before a run: rows of the dataset whose reference a reward cannot use.  They
 * are no error, since such a row is judged by the other rewards; but whoever
 * starts the run should know how many there are.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "core/file.h"
#include "reward/set.h"
#include "train/step.h"

#define MOST_ROWS 1000 /* looked at, at even distances */
#define ROWS_AT_ONCE 100
#define MOST_SECONDS 1.0 /* a slow reward is looked at less */
#define MOST_NAMED 3

/* What one reward cannot use. */
struct tally {
	int64_t n, line[MOST_NAMED];
};

struct look {
	grpo_trainer *trainer;
	int64_t n_rows;      /* to be looked at */
	int64_t n_done;      /* of them */
	struct tally *tally; /* [K] */
	grpo__prompt *prompts;
	grpo_reward_row *rows;
	uint8_t *missing; /* [ROWS_AT_ONCE, K] */
	grpo__arena *arena;
};

static int make_row(struct look *l, int64_t i)
{
	const grpo_dataset *d = l->trainer->parts.dataset;
	int64_t all = grpo_dataset_rows(d);
	int64_t at = (l->n_done + i) * all / l->n_rows;
	grpo__prompt *p = &l->prompts[i];
	int rc = 0;

	GRPO_TRY(grpo__prompt_make(p, l->arena, l->trainer, d, at, NULL));
	l->rows[i] = (grpo_reward_row){.struct_size = sizeof *l->rows,
				       .prompt = p->text,
				       .columns = p->columns,
				       .cells = p->cells,
				       .n_columns = p->row.n_cells};
out:
	return rc;
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

static int look_at(struct look *l, int64_t n)
{
	int64_t i;
	int rc = 0;

	memset(l->prompts, 0, (size_t)n * sizeof *l->prompts);
	for (i = 0; i < n; i++)
		GRPO_TRY(make_row(l, i));
	GRPO_TRY(grpo_reward_set_check(l->trainer->parts.rewards, l->rows, n,
				       l->missing));
	for (i = 0; i < n; i++)
		count(l, i);
	l->n_done += n;
out:
	for (i = 0; i < n; i++)
		grpo_row_dispose(&l->prompts[i].row);
	grpo__arena_reset(l->arena);
	return rc;
}

static int prepare(struct look *l, grpo_trainer *t)
{
	size_t k = (size_t)t->n_rewards;
	int rc = 0;

	l->trainer = t;
	l->n_rows = grpo_dataset_rows(t->parts.dataset);
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

static void tell(const struct look *l)
{
	const grpo_trainer *t = l->trainer;
	char lines[MOST_NAMED * 24 + 8];

	for (int32_t k = 0; k < t->n_rewards; k++) {
		if (!l->tally[k].n)
			continue;
		print_lines(lines, sizeof lines, &l->tally[k]);
		grpo__log(GRPO_LOG_WARN,
			  "reward \"%s\" has no reference that it can use on "
			  "%" PRId64 " of %" PRId64 " rows that were looked "
			  "at (%s%s); their completions are judged without it",
			  grpo__trainer_reward(t, k), l->tally[k].n, l->n_done,
			  grpo_dataset_path(t->parts.dataset), lines);
	}
}

/* A reward that fails on an empty completion may do well on others, and a row
 * that is no prompt fails when it is its turn; but a call that was given up is
 * the end of the set. */
static int may_go_on(const grpo_trainer *t, int rc)
{
	return (rc == GRPO_EREWARD || rc == GRPO_EFORMAT) &&
	       !t->parts.rewards->is_lost;
}

int grpo__references_look(grpo_trainer *t)
{
	struct look l = {0};
	double began = grpo__now();
	int rc = prepare(&l, t);

	while (rc == 0 && l.n_done < l.n_rows &&
	       grpo__now() - began < MOST_SECONDS) {
		int64_t left = l.n_rows - l.n_done;

		rc = look_at(&l, left < ROWS_AT_ONCE ? left : ROWS_AT_ONCE);
	}
	if (l.tally)
		tell(&l);
	grpo__arena_free(l.arena);
	free(l.tally);
	free(l.prompts);
	free(l.rows);
	free(l.missing);
	return may_go_on(t, rc) ? 0 : rc;
}
