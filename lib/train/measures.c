/* SPDX-License-Identifier: MIT */
#include "train/measures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "core/mem.h"
#include "reward/set.h"

struct grpo__measure {
	int32_t k; /* the reward */
	char name[GRPO_REWARD_MEASURE_BYTES];
	double *value; /* [n_rows] NaN: not given */
	size_t cap;
};

static int compare(const struct grpo__measure *f, int32_t k, const char *name)
{
	return f->k != k ? (f->k > k) - (f->k < k) : strcmp(f->name, name);
}

/* Where the figure is, or where it belongs. */
static size_t place_of(const grpo__measures *m, int32_t k, const char *name)
{
	size_t low = 0, high = m->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(&m->list[middle], k, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Room for the rows of this batch, none of them given yet. */
static int clear(struct grpo__measure *f, int64_t n_rows)
{
	int rc = 0;

	GRPO_TRY(
	    grpo__grow(&f->value, &f->cap, (size_t)n_rows, sizeof *f->value));
	for (int64_t i = 0; i < n_rows; i++)
		f->value[i] = NAN;
out:
	return rc;
}

static int n_of_reward(const grpo__measures *m, int32_t k)
{
	int n = 0;

	for (size_t i = 0; i < m->n; i++)
		n += m->list[i].k == k;
	return n;
}

static int insert(grpo__measures *m, size_t at, int32_t k, const char *name)
{
	struct grpo__measure f = {.k = k};
	int rc = 0;

	GRPO_TRY(grpo__grow(&m->list, &m->cap, m->n + 1, sizeof *m->list));
	GRPO_TRY(clear(&f, m->n_rows));
	snprintf(f.name, sizeof f.name, "%s", name);
	memmove(m->list + at + 1, m->list + at, (m->n - at) * sizeof f);
	m->list[at] = f;
	m->n++;
out:
	return rc;
}

/* Of a reward that measures too much, the rest is left out, and said once. */
static int has_room(grpo__measures *m, int32_t k)
{
	if (n_of_reward(m, k) < GRPO_REWARD_MEASURES)
		return 1;
	if (!m->is_full)
		grpo__log(GRPO_LOG_WARN,
			  "reward \"%s\" measures more than %d figures: the "
			  "others are left out",
			  grpo_reward_set_name(m->set, k),
			  GRPO_REWARD_MEASURES);
	m->is_full = 1;
	return 0;
}

/* From the workers, one call at a time. */
static void hear(void *ctx, int64_t row, int32_t k, const char *name,
		 double value)
{
	grpo__measures *m = ctx;
	size_t at = place_of(m, k, name);

	if (m->outer)
		m->outer(m->outer_ctx, row, k, name, value);
	if (at == m->n || compare(&m->list[at], k, name) != 0) {
		if (!has_room(m, k))
			return;
		if (insert(m, at, k, name) < 0) {
			m->no_memory = 1;
			return;
		}
	}
	m->list[at].value[row] = value;
}

int grpo__measures_begin(grpo__measures *m, grpo_reward_set *set,
			 int64_t n_rows)
{
	int rc = 0;

	m->no_memory = 0;
	m->n_rows = n_rows;
	for (size_t i = 0; i < m->n; i++)
		GRPO_TRY(clear(&m->list[i], n_rows));
	if (set->is_lost) /* scoring will say so */
		return 0;
	m->outer = set->listener.measure;
	m->outer_ctx = set->listener.measure_ctx;
	GRPO_TRY(grpo_reward_set_measure(set, hear, m));
	m->set = set;
out:
	return rc;
}

/* A set that is lost is left as it is: a worker may still be in it. */
int grpo__measures_end(grpo__measures *m)
{
	if (m->set && !m->set->is_lost)
		grpo_reward_set_measure(m->set, m->outer, m->outer_ctx);
	m->set = NULL;
	if (m->no_memory)
		return grpo__fail(GRPO_ENOMEM, "out of memory");
	return 0;
}

int grpo__measures_report(grpo__report *o, const grpo__measures *m, int32_t k,
			  const char *reward)
{
	int rc = 0;

	for (size_t i = place_of(m, k, ""); i < m->n && m->list[i].k == k;
	     i++) {
		const struct grpo__measure *f = &m->list[i];
		grpo__mean mean = {0};

		for (int64_t row = 0; row < m->n_rows; row++)
			grpo__mean_add(&mean, f->value[row]);
		GRPO_TRY(grpo__report_add(o, grpo__mean_of(&mean),
					  "rewards/%s/measure/%s", reward,
					  f->name));
	}
out:
	return rc;
}

void grpo__measures_dispose(grpo__measures *m)
{
	for (size_t i = 0; i < m->n; i++)
		free(m->list[i].value);
	free(m->list);
	*m = (grpo__measures){0};
}
