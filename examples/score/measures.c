/* SPDX-License-Identifier: MIT */
#include "measures.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/screen.h"

struct measure {
	int32_t k;
	char name[GRPO_REWARD_MEASURE_BYTES];
	double sum;
	int64_t n;
};

static int compare(const struct measure *f, int32_t k, const char *name)
{
	return f->k != k ? (f->k > k) - (f->k < k) : strcmp(f->name, name);
}

/* A new figure in its place, or NULL where memory is out. */
static struct measure *insert(struct measures *m, size_t at, int32_t k,
			      const char *name)
{
	if (m->n == m->cap) {
		size_t cap = m->cap ? 2 * m->cap : 16;
		struct measure *list = realloc(m->list, cap * sizeof *list);

		if (!list)
			return NULL;
		m->list = list;
		m->cap = cap;
	}
	memmove(m->list + at + 1, m->list + at, (m->n - at) * sizeof *m->list);
	m->list[at] = (struct measure){.k = k};
	snprintf(m->list[at].name, sizeof m->list[at].name, "%s", name);
	m->n++;
	return &m->list[at];
}

void measures_hear(void *ctx, int64_t row, int32_t k, const char *name,
		   double value)
{
	struct measures *m = ctx;
	struct measure *f;
	size_t at = 0;

	(void)row;
	while (at < m->n && compare(&m->list[at], k, name) < 0)
		at++;
	f = at < m->n && compare(&m->list[at], k, name) == 0
		? &m->list[at]
		: insert(m, at, k, name);
	if (!f) {
		m->no_memory = 1;
		return;
	}
	f->sum += value;
	f->n++;
}

void measures_say(const struct measures *m, int32_t k)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->list[i].k == k)
			screen_say("    %-20s mean %.4g over %" PRId64,
				   m->list[i].name,
				   m->list[i].sum / (double)m->list[i].n,
				   m->list[i].n);
	if (m->no_memory)
		screen_say("    some measures are lost: out of memory");
}

void measures_dispose(struct measures *m)
{
	free(m->list);
	*m = (struct measures){0};
}
