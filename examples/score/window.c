/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "window.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/fault.h"
#include "grpo/advantage.h"

#define WINDOW_ROWS 1024
#define MAX_GROUP 100000 /* rows that are held for one group */

/* ---------------------------------------------------------------- filling */

static int same_key(const struct item *a, const struct item *b)
{
	return a->key.json && b->key.json &&
	       a->key.json_len == b->key.json_len &&
	       memcmp(a->key.json, b->key.json, a->key.json_len) == 0;
}

static int add(struct window *w, const struct item *x)
{
	if (w->n == w->cap) {
		int64_t cap = w->cap > 0 ? 2 * w->cap : WINDOW_ROWS;
		struct item *more =
		    realloc(w->items, (size_t)cap * sizeof *more);

		if (!more)
			return fail(GRPO_ENOMEM, "out of memory");
		w->items = more;
		w->cap = cap;
	}
	w->items[w->n++] = *x;
	return 0;
}

/* The next row, with its group's number; 0 at the end of the input. */
static int next(struct filler *f, const struct window *w, struct item *x)
{
	int rc;

	if (f->has_ahead) {
		f->has_ahead = 0;
		*x = f->ahead;
		return 1;
	}
	rc = input_next(f->in, x);
	if (rc > 0 && (w->n == 0 || !same_key(x, &w->items[w->n - 1])))
		f->group++;
	x->group = f->group;
	return rc;
}

static int is_full(const struct window *w, const struct filler *f,
		   const struct item *x)
{
	if (w->n < WINDOW_ROWS)
		return 0;
	return !f->whole_groups || w->items[w->n - 1].group != x->group;
}

static int fill(struct window *w, struct filler *f)
{
	struct item x;
	int rc = 0;

	while ((rc = next(f, w, &x)) > 0) {
		if (is_full(w, f, &x)) {
			f->ahead = x;
			f->has_ahead = 1;
			return 0;
		}
		TRY(add(w, &x));
		FAIL_IF(f->whole_groups && w->n > MAX_GROUP + WINDOW_ROWS,
			GRPO_EINVAL, "%s:%lld: a group has more than %d rows",
			x.path, (long long)x.row.line, MAX_GROUP);
	}
out:
	return rc;
}

static void count_groups(struct window *w)
{
	int64_t first = 0, i, j;

	for (i = 1; i <= w->n; i++) {
		if (i < w->n && w->items[i].group == w->items[first].group)
			continue;
		for (j = first; j < i; j++)
			w->items[j].group_size = (uint32_t)(i - first);
		first = i;
	}
}

void window_fill(struct window *w, struct filler *f)
{
	if (f->fault < 0)
		return;
	f->fault = fill(w, f);
	count_groups(w);
}

/* ---------------------------------------------------------------- scoring */

int needs_groups(const grpo_reward_set *set)
{
	for (int32_t k = 0; k < grpo_reward_set_count(set); k++)
		if (grpo_reward_set_flags(set, k) & GRPO_REWARD_PER_GROUP)
			return 1;
	return 0;
}

static void free_notes(struct window *w, int64_t n)
{
	for (int64_t i = 0; w->notes && i < n; i++) {
		struct note *x = w->notes[i], *rest;

		for (; x; x = rest) {
			rest = x->next;
			free(x->name);
			free(x->text);
			free(x);
		}
	}
	free(w->notes);
	w->notes = NULL;
}

struct listener {
	struct window *window;
	int32_t n_rewards;
};

static void listen(void *ctx, int64_t row, int32_t k, const char *name,
		   grpo_str text)
{
	struct listener *l = ctx;
	struct note **at = &l->window->notes[row * l->n_rewards + k];
	struct note *x = calloc(1, sizeof *x);

	while (*at)
		at = &(*at)->next;
	if (!x || !(x->name = strdup(name)) ||
	    !(x->text = malloc(text.len + 1))) {
		if (x)
			free(x->name);
		free(x);
		l->window->no_memory = 1;
		return;
	}
	if (text.len)
		memcpy(x->text, text.ptr, text.len);
	x->len = text.len;
	*at = x;
}

static grpo_str str_of(const char *ptr, size_t len)
{
	return (grpo_str){ptr, len};
}

/* The prompt as text; a list of messages as its JSON. */
static grpo_str prompt_of(const grpo_row *row)
{
	if (row->prompt)
		return str_of(row->prompt, row->prompt_len);
	return str_of(row->prompt_json.json, row->prompt_json.json_len);
}

int reward_row(grpo_reward_row *out, const struct item *x)
{
	grpo_str *columns = calloc(2 * x->row.n_cells + 1, sizeof *columns);
	grpo_str *cells;

	if (!columns)
		return fail(GRPO_ENOMEM, "out of memory");
	cells = columns + x->row.n_cells;
	*out = (grpo_reward_row){.struct_size = sizeof *out,
				 .prompt = prompt_of(&x->row),
				 .completion =
				     str_of(x->completion, x->completion_len),
				 .group = x->group,
				 .group_size = x->group_size,
				 .finish = x->finish,
				 .columns = columns,
				 .cells = cells,
				 .tokens = x->tokens,
				 .n_tokens = x->n_tokens};
	for (size_t c = 0; c < x->row.n_cells; c++) {
		const grpo_cell *cell = &x->row.cells[c];

		if (strcmp(cell->name, "prompt") == 0 ||
		    strcmp(cell->name, "completion") == 0)
			continue;
		columns[out->n_columns] =
		    str_of(cell->name, strlen(cell->name));
		cells[out->n_columns++] = str_of(cell->json, cell->json_len);
	}
	return 0;
}

/* Hands row `i` of the window over as number `as` of the batch. */
static int submit(struct window *w, int64_t i, grpo_reward_set *set, int64_t as)
{
	grpo_reward_row r;
	int rc = reward_row(&r, &w->items[i]);

	if (rc < 0)
		return rc;
	rc = grpo_reward_set_submit(set, as, &r);
	free((void *)r.columns);
	return rc;
}

static const struct window *scored;

void window_is_scored(const struct window *w)
{
	scored = w;
}

int window_name_row(char *out, size_t size, int64_t row)
{
	const struct item *x;

	if (!scored || row < 0 || row >= scored->n)
		return 0;
	x = &scored->items[row];
	snprintf(out, size, "%s:%lld", x->path, (long long)x->row.line);
	return 1;
}

static int begin_rows(struct window *w, int64_t first, int64_t n,
		      grpo_reward_set *set)
{
	int rc = 0;

	TRY(grpo_reward_set_begin(set, n));
	for (int64_t i = 0; i < n; i++)
		TRY(submit(w, first + i, set, i));
out:
	return rc;
}

int window_begin(struct window *w, grpo_reward_set *set, int explain)
{
	static struct listener listener; /* one window is scored at a time */
	size_t n = (size_t)w->n, k = (size_t)grpo_reward_set_count(set);
	int rc = 0;

	w->rewards = calloc(n * k, sizeof *w->rewards);
	w->total = calloc(n, sizeof *w->total);
	w->status = calloc(n * k, 1);
	if (explain)
		w->notes = calloc(n * k, sizeof *w->notes);
	FAIL_IF(!w->rewards || !w->total || !w->status ||
		    (explain && !w->notes),
		GRPO_ENOMEM, "out of memory");
	window_is_scored(w);
	listener = (struct listener){w, (int32_t)k};
	if (explain)
		TRY(grpo_reward_set_explain(set, listen, &listener));
	rc = begin_rows(w, 0, w->n, set);
out:
	return rc;
}

/* Removes " for row 0" and the like: the line says where it is. */
static void cut(char *message, const char *what)
{
	char *p = strstr(message, what);

	if (p)
		memmove(p, p + strlen(what), strlen(p + strlen(what)) + 1);
}

/* The rows [first, first + n) alone: 0, or a reward's failure with its line.
 * Where the set takes no more rows, *lost is set. */
static int try_rows(struct window *w, int64_t first, int64_t n,
		    grpo_reward_set *set, int *lost)
{
	const struct item *x = &w->items[first];
	char message[2048];
	int rc = begin_rows(w, first, n, set);

	*lost = rc < 0;
	if (rc < 0)
		return rc;
	rc = grpo_reward_set_wait(
	    set, w->rewards + first * grpo_reward_set_count(set), NULL);
	if (rc == 0)
		return 0;
	snprintf(message, sizeof message, "%s", grpo_error_message());
	cut(message, " for row 0");
	cut(message, " on row 0");
	return fail(rc, "%s:%lld: %s", x->path, (long long)x->row.line,
		    message);
}

/* A call was abandoned, and the set accepts no more rows: report its message
 * about row 12 and 3 more of the window with the line of that row. */
static int place_lost(const struct window *w, int code, const char *message)
{
	static const char on_row[] = "on row ";
	const char *p = strstr(message, on_row);
	const struct item *x;
	char *rest;
	long long i;

	if (!p)
		return fail(code, "%s", message);
	i = strtoll(p + strlen(on_row), &rest, 10);
	x = &w->items[i >= 0 && i < w->n ? i : 0];
	return fail(code, "%s:%lld: %.*son this row%s", x->path,
		    (long long)x->row.line, (int)(p - message), message, rest);
}

/* A reward failed somewhere in the window: score each group, or each row, alone
 * to find out where. */
static int name_failure(struct window *w, grpo_reward_set *set, int code)
{
	int whole_groups = needs_groups(set), lost = 0;
	char message[2048];
	int64_t i, n;

	snprintf(message, sizeof message, "%s", grpo_error_message());
	grpo_reward_set_explain(set, NULL, NULL);
	grpo_reward_set_measure(set, NULL, NULL);
	for (i = 0; i < w->n && !lost; i += n) {
		int rc;

		n = whole_groups ? w->items[i].group_size : 1;
		rc = try_rows(w, i, n, set, &lost);
		if (rc < 0 && !lost)
			return rc;
	}
	return lost ? place_lost(w, code, message) : fail(code, "%s", message);
}

int window_wait(struct window *w, grpo_reward_set *set)
{
	int rc = grpo_reward_set_wait(set, w->rewards, w->status);

	if (rc < 0)
		return name_failure(w, set, rc);
	FAIL_IF(w->no_memory, GRPO_ENOMEM, "out of memory");
	rc = grpo_reward_totals(w->total, w->rewards,
				grpo_reward_set_weights(set), w->n,
				grpo_reward_set_count(set));
out:
	return rc;
}

void window_clear(struct window *w, int32_t n_rewards)
{
	for (int64_t i = 0; i < w->n; i++)
		item_dispose(&w->items[i]);
	free_notes(w, w->n * n_rewards);
	free(w->rewards);
	free(w->total);
	free(w->status);
	w->rewards = w->total = NULL;
	w->status = NULL;
	w->n = 0;
}

void window_dispose(struct window *w, int32_t n_rewards)
{
	window_clear(w, n_rewards);
	free(w->items);
}
