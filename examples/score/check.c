/* SPDX-License-Identifier: MIT */
#include "check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/fault.h"
#include "examples/plugin_guard.h"

#define MOST_NAMED 5

/* The rows that one reward cannot use. */
struct unusable {
	int64_t n;
	struct {
		const char *path;
		int64_t line;
	} first[MOST_NAMED];
};

static void note(struct unusable *u, const struct item *x)
{
	if (u->n < MOST_NAMED) {
		u->first[u->n].path = x->path;
		u->first[u->n].line = x->row.line;
	}
	u->n++;
}

static int check_rows(const struct window *w, grpo_reward_set *set,
		      grpo_reward_row *rows, uint8_t *missing,
		      struct unusable *unusable)
{
	int32_t n_rewards = grpo_reward_set_count(set);
	int rc = 0;

	for (int64_t i = 0; i < w->n; i++)
		TRY(reward_row(&rows[i], &w->items[i]));
	TRY(grpo_reward_set_check(set, rows, w->n, missing));
	for (int64_t i = 0; i < w->n; i++)
		for (int32_t k = 0; k < n_rewards; k++)
			if (missing[i * n_rewards + k])
				note(&unusable[k], &w->items[i]);
out:
	for (int64_t i = 0; i < w->n; i++)
		free((void *)rows[i].columns);
	return rc;
}

static int check_window(const struct window *w, grpo_reward_set *set,
			struct unusable *unusable)
{
	size_t n = (size_t)w->n;
	grpo_reward_row *rows = calloc(n, sizeof *rows);
	uint8_t *missing = calloc(n, (size_t)grpo_reward_set_count(set));
	int rc = 0;

	FAIL_IF(!rows || !missing, GRPO_ENOMEM, "out of memory");
	window_is_scored(w);
	rc = check_rows(w, set, rows, missing, unusable);
out:
	free(rows);
	free(missing);
	return rc;
}

/* "math: 3 of 7500 rows have no usable reference: train.jsonl:17, …" */
static void print(const char *name, const struct unusable *u, int64_t n_rows)
{
	FILE *f = guard_output();

	if (u->n == 0) {
		fprintf(f, "%s: all %" PRId64 " rows can be scored\n", name,
			n_rows);
		return;
	}
	fprintf(f,
		"%s: %" PRId64 " of %" PRId64 " rows %s no usable reference: ",
		name, u->n, n_rows, u->n == 1 ? "has" : "have");
	for (int i = 0; i < MOST_NAMED && i < u->n; i++)
		fprintf(f, "%s%s:%" PRId64, i ? ", " : "", u->first[i].path,
			u->first[i].line);
	fputs(u->n > MOST_NAMED ? ", …\n" : "\n", f);
}

int check_references(grpo_reward_set *set, struct filler *f)
{
	int32_t n_rewards = grpo_reward_set_count(set);
	struct unusable *unusable = calloc((size_t)n_rewards, sizeof *unusable);
	struct window w = {.n = 0};
	int64_t n_rows = 0;
	int rc = 0;

	FAIL_IF(!unusable, GRPO_ENOMEM, "out of memory");
	for (window_fill(&w, f); w.n > 0; window_fill(&w, f)) {
		TRY(check_window(&w, set, unusable));
		n_rows += w.n;
		window_clear(&w, n_rewards);
	}
	TRY(f->fault);
	for (int32_t k = 0; k < n_rewards; k++)
		print(grpo_reward_set_name(set, k), &unusable[k], n_rows);
	if (fflush(guard_output()) != 0)
		rc = fail_errno("standard output");
out:
	window_dispose(&w, n_rewards);
	free(unusable);
	return rc;
}
