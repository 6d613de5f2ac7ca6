/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "core/fail.h"
#include "reward/rows.h"

/* Prompt and columns, which the completions of a group share. */
struct common {
	struct common *next; /* of all that the rows hold */
	size_t n_columns;
	grpo_str prompt, *columns, *cells; /* [n_columns], in this block */
};

struct row {
	grpo_reward_row v;     /* its pointers lead into the two blocks */
	void *block;           /* tokens and completion; NULL: not there yet */
	struct common *common; /* its own, or another row's */
	int64_t next;          /* row of the same group, or -1 */
};

struct group {
	uint32_t id, size, seen;
	int64_t first; /* row, or -1 */
};

struct grpo__rows {
	int64_t n, n_there;
	struct row *row;     /* [n] */
	struct group *group; /* [n]; n_groups are in use */
	int64_t n_groups;
	int64_t *slot;          /* [n_slots] hash of id to group + 1; 0: free */
	struct common **shared; /* [n_slots] hash of id to a row's of that id */
	size_t n_slots;
	struct common *commons; /* all of them */
	pthread_mutex_t lock;   /* of all but the text of rows that are there */
};

int grpo__rows_create(grpo__rows **out, int64_t n_rows, int groups)
{
	grpo__rows *r;
	int rc = GRPO_ENOMEM;

	*out = NULL;
	r = grpo__alloc(1, sizeof *r);
	if (!r)
		return rc;
	pthread_mutex_init(&r->lock, NULL);
	r->row = grpo__alloc((size_t)n_rows, sizeof *r->row);
	if (!r->row)
		goto out;
	r->n = n_rows;
	/* At most half full: a search ends. */
	for (r->n_slots = 16; r->n_slots / 2 < (size_t)n_rows;)
		r->n_slots *= 2;
	r->shared = grpo__alloc(r->n_slots, sizeof(struct common *));
	if (!r->shared)
		goto out;
	if (groups) {
		r->group = grpo__alloc((size_t)n_rows, sizeof *r->group);
		r->slot = grpo__alloc(r->n_slots, sizeof *r->slot);
		if (!r->group || !r->slot)
			goto out;
	}
	*out = r;
	return 0;
out:
	grpo__rows_free(r);
	return rc;
}

void grpo__rows_free(grpo__rows *r)
{
	if (!r)
		return;
	for (int64_t i = 0; i < r->n; i++)
		free(r->row[i].block);
	while (r->commons) {
		struct common *c = r->commons;

		r->commons = c->next;
		free(c);
	}
	pthread_mutex_destroy(&r->lock);
	free(r->shared);
	free(r->row);
	free(r->group);
	free(r->slot);
	free(r);
}

/* Copying a row: blocks that are sized first, then filled front to back. */

static int add_size(size_t *total, size_t n, size_t size)
{
	if (size && n > (SIZE_MAX / 2 - *total) / size)
		return grpo__fail(GRPO_ENOMEM, "a row is too large to copy");
	*total += n * size;
	return 0;
}

static int add_strings(size_t *total, const grpo_str *s, size_t n)
{
	int rc = 0;

	for (size_t i = 0; i < n && rc == 0; i++) {
		if (!s[i].ptr && s[i].len)
			return grpo__fail(GRPO_EINVAL,
					  "a row has %zu bytes at NULL",
					  s[i].len);
		rc = add_size(total, s[i].len, 1);
	}
	return rc;
}

static int common_size(size_t *total, const grpo_reward_row *v)
{
	int rc = 0;

	*total = sizeof(struct common);
	GRPO_TRY(add_size(total, v->n_columns, 2 * sizeof(grpo_str)));
	GRPO_TRY(add_strings(total, &v->prompt, 1));
	GRPO_TRY(add_strings(total, v->columns, v->n_columns));
	GRPO_TRY(add_strings(total, v->cells, v->n_columns));
out:
	return rc;
}

static int own_size(size_t *total, const grpo_reward_row *v)
{
	int rc = 0;

	*total = 0;
	GRPO_TRY(add_size(total, (size_t)v->n_tokens, sizeof *v->tokens));
	GRPO_TRY(add_strings(total, &v->completion, 1));
out:
	return rc;
}

static void *take(char **at, const void *from, size_t bytes)
{
	char *p = *at;

	if (bytes)
		memcpy(p, from, bytes);
	*at += bytes;
	return p;
}

static void take_strings(char **at, grpo_str *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		s[i].ptr = take(at, s[i].ptr, s[i].len);
}

/* Arrays first, which keeps them aligned; then the text. */
static int copy_common(struct common **out, const grpo_reward_row *v)
{
	struct common *c;
	size_t total;
	char *at;
	int rc = common_size(&total, v);

	if (rc < 0)
		return rc;
	*out = c = grpo__alloc(total, 1);
	if (!c)
		return GRPO_ENOMEM;
	at = (char *)(c + 1);
	c->n_columns = v->n_columns;
	c->prompt = v->prompt;
	c->columns = take(&at, v->columns, v->n_columns * sizeof *c->columns);
	c->cells = take(&at, v->cells, v->n_columns * sizeof *c->cells);
	take_strings(&at, &c->prompt, 1);
	take_strings(&at, c->columns, v->n_columns);
	take_strings(&at, c->cells, v->n_columns);
	return 0;
}

static int copy_own(grpo_reward_row *v, void **block)
{
	size_t total;
	char *at;
	int rc = own_size(&total, v);

	if (rc < 0)
		return rc;
	*block = at = grpo__alloc(total, 1);
	if (!at)
		return GRPO_ENOMEM;
	if (v->tokens)
		v->tokens = take(&at, v->tokens,
				 (size_t)v->n_tokens * sizeof *v->tokens);
	take_strings(&at, &v->completion, 1);
	return 0;
}

static int same(grpo_str a, grpo_str b)
{
	return a.len == b.len && (!a.len || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static int is_common(const struct common *c, const grpo_reward_row *v)
{
	if (c->n_columns != v->n_columns || !same(c->prompt, v->prompt))
		return 0;
	for (size_t i = 0; i < v->n_columns; i++)
		if (!same(c->columns[i], v->columns[i]) ||
		    !same(c->cells[i], v->cells[i]))
			return 0;
	return 1;
}

/* What the row shares with one of its group that came before, or a copy:
 * *fresh is then set. */
static int find_common(struct common **out, int *fresh, grpo__rows *r,
		       const grpo_reward_row *v)
{
	size_t at = (v->group * 2654435761u) & (r->n_slots - 1);
	struct common *c;

	pthread_mutex_lock(&r->lock);
	c = r->shared[at];
	pthread_mutex_unlock(&r->lock);
	*fresh = !c || !is_common(c, v);
	*out = c;
	return *fresh ? copy_common(out, v) : 0;
}

/* With the lock held: for the rows that follow. */
static void share(grpo__rows *r, struct common *c, uint32_t group)
{
	c->next = r->commons;
	r->commons = c;
	r->shared[(group * 2654435761u) & (r->n_slots - 1)] = c;
}

/* Groups */

/* The slot of group `id`, or the free slot where it belongs. */
static int64_t *find_slot(grpo__rows *r, uint32_t id)
{
	size_t at = (id * 2654435761u) & (r->n_slots - 1);

	while (r->slot[at] && r->group[r->slot[at] - 1].id != id)
		at = (at + 1) & (r->n_slots - 1);
	return &r->slot[at];
}

static int join_group(grpo__rows *r, int64_t i, const grpo_reward_row *v,
		      int64_t *whole)
{
	int64_t *slot = find_slot(r, v->group);
	struct group *g = &r->group[*slot ? *slot - 1 : r->n_groups];
	uint32_t size = v->group_size;

	if (size == 0 || size > r->n)
		return grpo__fail(GRPO_EINVAL,
				  "row %" PRId64 ": its group has %" PRIu32
				  " of %" PRId64 " rows",
				  i, size, r->n);
	if (*slot && g->size != size)
		return grpo__fail(GRPO_EINVAL,
				  "row %" PRId64 ": group %" PRIu32
				  " has %" PRIu32 " rows, not %" PRIu32,
				  i, v->group, g->size, size);
	if (*slot && g->seen == size)
		return grpo__fail(GRPO_EINVAL,
				  "row %" PRId64 ": group %" PRIu32
				  " has all of its %" PRIu32 " rows already",
				  i, v->group, size);
	if (!*slot) {
		*g = (struct group){v->group, size, 0, -1};
		*slot = ++r->n_groups;
	}
	r->row[i].next = g->first;
	g->first = i;
	if (++g->seen == g->size)
		*whole = g - r->group;
	return 0;
}

size_t grpo__rows_of_group(const grpo__rows *r, int64_t group, int64_t **ids,
			   grpo__arena *a)
{
	const struct group *g = &r->group[group];
	size_t n = 0;

	*ids = grpo__arena_alloc(a, g->size, sizeof **ids);
	if (!*ids)
		return 0;
	/* The list runs from the last to come to the first: filled from the
	 * back, and sorted by insertion, since rows come nearly in order. */
	for (int64_t i = g->first; i >= 0; i = r->row[i].next) {
		size_t at = g->size - ++n;

		for (; at + 1 < g->size && (*ids)[at + 1] < i; at++)
			(*ids)[at] = (*ids)[at + 1];
		(*ids)[at] = i;
	}
	return n;
}

static int check_row(grpo_reward_row *v, const grpo_reward_row *row, int64_t i)
{
	int rc = 0;

	GRPO_FAIL_IF(!row || !GRPO_HAS(row, grpo_reward_row, n_tokens),
		     GRPO_EINVAL, "row %" PRId64 ": struct_size is not set", i);
	memset(v, 0, sizeof *v);
	memcpy(v, row,
	       row->struct_size < sizeof *v ? row->struct_size : sizeof *v);
	GRPO_FAIL_IF(v->finish > GRPO_REWARD_FINISH_ABORT, GRPO_EINVAL,
		     "row %" PRId64 ": finish is %d", i, v->finish);
	GRPO_FAIL_IF(v->n_columns && (!v->columns || !v->cells), GRPO_EINVAL,
		     "row %" PRId64 ": %zu columns at NULL", i, v->n_columns);
	GRPO_FAIL_IF(v->n_tokens < 0, GRPO_EINVAL,
		     "row %" PRId64 ": %" PRId64 " tokens", i, v->n_tokens);
	if (!v->tokens)
		v->n_tokens = 0;
out:
	return rc;
}

/* With the lock held. */
static int place(grpo__rows *r, int64_t i, struct row *row, int fresh,
		 int64_t *group)
{
	grpo_reward_row *v = &row->v;
	int rc = 0;

	GRPO_FAIL_IF(r->row[i].block, GRPO_EINVAL,
		     "row %" PRId64 " is submitted twice", i);
	if (r->group)
		GRPO_TRY(join_group(r, i, v, group));
	v->prompt = row->common->prompt;
	v->columns = row->common->columns;
	v->cells = row->common->cells;
	row->next = r->row[i].next;
	r->row[i] = *row;
	r->n_there++;
	if (fresh)
		share(r, row->common, v->group);
out:
	return rc;
}

int grpo__rows_put(grpo__rows *r, int64_t i, const grpo_reward_row *row,
		   int64_t *group)
{
	struct row new = {.next = -1};
	int fresh = 0, rc = 0;

	*group = -1;
	GRPO_FAIL_IF(i < 0 || i >= r->n, GRPO_EINVAL,
		     "row %" PRId64 " of a batch of %" PRId64, i, r->n);
	GRPO_TRY(check_row(&new.v, row, i));
	GRPO_TRY(find_common(&new.common, &fresh, r, &new.v));
	GRPO_TRY(copy_own(&new.v, &new.block));
	pthread_mutex_lock(&r->lock);
	rc = place(r, i, &new, fresh, group);
	pthread_mutex_unlock(&r->lock);
out:
	if (rc < 0) {
		free(new.block);
		if (fresh)
			free(new.common);
	}
	return rc;
}

int grpo__rows_check_whole(grpo__rows *r)
{
	int rc = 0;

	pthread_mutex_lock(&r->lock);
	GRPO_FAIL_IF(r->n_there < r->n, GRPO_EINVAL,
		     "%" PRId64 " of %" PRId64 " rows were submitted",
		     r->n_there, r->n);
	for (int64_t i = 0; i < r->n_groups; i++)
		GRPO_FAIL_IF(
		    r->group[i].seen < r->group[i].size, GRPO_EINVAL,
		    "group %" PRIu32 " has %" PRIu32 " of %" PRIu32 " rows",
		    r->group[i].id, r->group[i].seen, r->group[i].size);
out:
	pthread_mutex_unlock(&r->lock);
	return rc;
}

/* The view */

/* The position of `name`. Tries `hint` first, its position in other rows of the
 * dataset. */
static size_t find_column(const grpo_str *names, size_t n, grpo_str name,
			  size_t hint)
{
	if (hint < n && same(names[hint], name))
		return hint;
	for (size_t i = 0; i < n; i++)
		if (same(names[i], name))
			return i;
	return n;
}

/* Names of all rows' columns, each once, in the order of appearance. */
static int view_names(grpo_reward_batch *b, const grpo__rows *r,
		      const int64_t *ids, grpo__arena *a)
{
	size_t most = 0, n = 0;
	grpo_str *names;

	for (size_t i = 0; i < b->n; i++)
		most += r->row[ids[i]].v.n_columns;
	names = grpo__arena_alloc(a, most, sizeof *names);
	if (!names)
		return GRPO_ENOMEM;
	for (size_t i = 0; i < b->n; i++) {
		const grpo_reward_row *v = &r->row[ids[i]].v;

		for (size_t j = 0; j < v->n_columns; j++)
			if (find_column(names, n, v->columns[j], j) == n)
				names[n++] = v->columns[j];
	}
	b->columns = names;
	b->n_columns = n;
	return 0;
}

static int view_cells(grpo_reward_batch *b, const grpo__rows *r,
		      const int64_t *ids, grpo__arena *a)
{
	grpo_str *cells =
	    grpo__arena_alloc(a, b->n_columns, b->n * sizeof *cells);

	if (!cells)
		return GRPO_ENOMEM;
	for (size_t i = 0; i < b->n; i++) {
		const grpo_reward_row *v = &r->row[ids[i]].v;

		for (size_t j = 0; j < v->n_columns; j++) {
			size_t c = find_column(b->columns, b->n_columns,
					       v->columns[j], j);

			cells[c * b->n + i] = v->cells[j];
		}
	}
	b->cells = cells;
	return 0;
}

int grpo__rows_view(grpo_reward_batch *out, const grpo__rows *r,
		    const int64_t *ids, size_t n, grpo__arena *a)
{
	grpo_str *prompts = grpo__arena_alloc(a, n, sizeof *prompts);
	grpo_str *completions = grpo__arena_alloc(a, n, sizeof *completions);
	uint32_t *groups = grpo__arena_alloc(a, n, sizeof *groups);
	uint8_t *finish = grpo__arena_alloc(a, n, sizeof *finish);
	const int32_t **tokens = grpo__arena_alloc(a, n, sizeof *tokens);
	int64_t *n_tokens = grpo__arena_alloc(a, n, sizeof *n_tokens);
	grpo_reward_batch b = {.struct_size = sizeof b, .n = n};
	int rc = 0;

	if (!prompts || !completions || !groups || !finish || !tokens ||
	    !n_tokens)
		return GRPO_ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const grpo_reward_row *v = &r->row[ids[i]].v;

		prompts[i] = v->prompt;
		completions[i] = v->completion;
		groups[i] = v->group;
		finish[i] = v->finish;
		tokens[i] = v->tokens;
		n_tokens[i] = v->n_tokens;
	}
	b.prompts = prompts;
	b.completions = completions;
	b.groups = groups;
	b.finish = finish;
	b.tokens = tokens;
	b.n_tokens = n_tokens;
	GRPO_TRY(view_names(&b, r, ids, a));
	GRPO_TRY(view_cells(&b, r, ids, a));
	*out = b;
out:
	return rc;
}
