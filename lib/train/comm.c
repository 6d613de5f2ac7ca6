/* SPDX-License-Identifier: MIT */
/*
 * Ranks that are threads.  Every call is: show the others where the arrays are,
 * wait for all, work on a share of the elements that is this rank's alone, wait
 * for all.  Joins go through the ranks in order, so that all get the same bits.
 */
#include "grpo/comm.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "core/mem.h"

struct hub {
	pthread_mutex_t lock;
	pthread_cond_t turn;
	int32_t n_ranks, n_members; /* not yet freed */
	int32_t waiting;
	uint64_t round;
	int is_aborted;
	char why[256];
	grpo_comm_buffer *shown; /* [n_ranks] */
	struct member *members;  /* [n_ranks] */
};

struct member {
	struct hub *hub;
	int32_t rank;
};

/* ---------------------------------------------------------------- waiting */

static int fail_aborted(const struct hub *h)
{
	return grpo__fail(GRPO_ECANCELED, "another rank has ended: %s", h->why);
}

static int wait_for_all(struct hub *h)
{
	uint64_t round;
	int aborted;

	pthread_mutex_lock(&h->lock);
	round = h->round;
	if (!h->is_aborted && ++h->waiting == h->n_ranks) {
		h->waiting = 0;
		h->round++;
		pthread_cond_broadcast(&h->turn);
	}
	while (!h->is_aborted && h->round == round)
		pthread_cond_wait(&h->turn, &h->lock);
	aborted = h->round == round;
	pthread_mutex_unlock(&h->lock);
	return aborted ? fail_aborted(h) : 0;
}

static int fits(const struct hub *h)
{
	for (int32_t r = 0; r < h->n_ranks; r++) {
		const grpo_comm_buffer *b = &h->shown[r], *first = h->shown;

		if (b->device != GRPO_COMM_HOST)
			return grpo__fail(GRPO_EINVAL,
					  "rank %" PRId32
					  ": a buffer on a device, expected "
					  "host memory",
					  r);
		if (b->n != first->n || b->type != first->type)
			return grpo__fail(
			    GRPO_EINVAL,
			    "rank %" PRId32 " has %" PRId64
			    " elements of type %" PRId32 ", rank 0 has %" PRId64
			    " of type %" PRId32,
			    r, b->n, b->type, first->n, first->type);
	}
	return 0;
}

/* Shows the array; then those of all can be seen. */
static int meet(struct member *m, const grpo_comm_buffer *b)
{
	int rc = 0;

	m->hub->shown[m->rank] = *b;
	GRPO_TRY(wait_for_all(m->hub));
	rc = fits(m->hub);
	if (rc < 0) /* every rank sees the same */
		wait_for_all(m->hub);
out:
	return rc;
}

static size_t size_of(int32_t type)
{
	return type == GRPO_COMM_FLOAT32 ? sizeof(float) : sizeof(double);
}

static char *element(const grpo_comm_buffer *b, int64_t i)
{
	return (char *)b->data + (size_t)i * size_of(b->type);
}

/* ---------------------------------------------------------------- joining */

#define JOIN(type, x, y, join)                                                 \
	do {                                                                   \
		type *a_ = (type *)(void *)(x);                                \
		const type b_ = *(const type *)(const void *)(y);              \
		if ((join) == GRPO_COMM_SUM)                                   \
			*a_ += b_;                                             \
		else if ((join) == GRPO_COMM_MIN ? b_ < *a_ : b_ > *a_)        \
			*a_ = b_;                                              \
	} while (0)

static void join_one(char *x, const char *y, int32_t type, int32_t join)
{
	if (type == GRPO_COMM_FLOAT32)
		JOIN(float, x, y, join);
	else if (type == GRPO_COMM_FLOAT64)
		JOIN(double, x, y, join);
	else
		JOIN(int64_t, x, y, join);
}

/* Element i of all ranks' arrays, joined into *to. */
static void join_all(void *to, const struct hub *h, int64_t i, int32_t join)
{
	size_t size = size_of(h->shown[0].type);

	memcpy(to, element(&h->shown[0], i), size);
	for (int32_t r = 1; r < h->n_ranks; r++)
		join_one(to, element(&h->shown[r], i), h->shown[0].type, join);
}

static int all_reduce(void *self, const grpo_comm_buffer *b, int32_t join)
{
	struct member *m = self;
	struct hub *h = m->hub;
	int64_t i, end = b->n * (m->rank + 1) / h->n_ranks;
	_Alignas(8) char x[8];
	int rc = 0;

	GRPO_TRY(meet(m, b));
	for (i = b->n * m->rank / h->n_ranks; i < end; i++) {
		join_all(x, h, i, join);
		for (int32_t r = 0; r < h->n_ranks; r++)
			memcpy(element(&h->shown[r], i), x, size_of(b->type));
	}
	GRPO_TRY(wait_for_all(h));
out:
	return rc;
}

static int all_gather(void *self, const grpo_comm_buffer *all,
		      const grpo_comm_buffer *own)
{
	struct member *m = self;
	struct hub *h = m->hub;
	int rc = 0;

	GRPO_TRY(meet(m, own));
	for (int32_t r = 0; own->n > 0 && r < h->n_ranks; r++)
		memcpy(element(all, r * own->n), h->shown[r].data,
		       (size_t)own->n * size_of(own->type));
	GRPO_TRY(wait_for_all(h));
out:
	return rc;
}

static int reduce_scatter(void *self, const grpo_comm_buffer *own,
			  const grpo_comm_buffer *all, int32_t join)
{
	struct member *m = self;
	int rc = 0;

	GRPO_TRY(meet(m, all));
	for (int64_t i = 0; i < own->n; i++)
		join_all(element(own, i), m->hub, m->rank * own->n + i, join);
	GRPO_TRY(wait_for_all(m->hub));
out:
	return rc;
}

static int broadcast(void *self, const grpo_comm_buffer *b, int32_t root)
{
	struct member *m = self;
	int rc = 0;

	GRPO_TRY(meet(m, b));
	if (m->rank != root && b->n > 0)
		memcpy(b->data, m->hub->shown[root].data,
		       (size_t)b->n * size_of(b->type));
	GRPO_TRY(wait_for_all(m->hub));
out:
	return rc;
}

static int barrier(void *self)
{
	return wait_for_all(((struct member *)self)->hub);
}

static void end_all(void *self, const char *why)
{
	struct hub *h = ((struct member *)self)->hub;

	pthread_mutex_lock(&h->lock);
	if (!h->is_aborted)
		snprintf(h->why, sizeof h->why, "%s", why);
	h->is_aborted = 1;
	pthread_cond_broadcast(&h->turn);
	pthread_mutex_unlock(&h->lock);
}

/* --------------------------------------------------------------- lifetime */

static void hub_free(struct hub *h)
{
	pthread_mutex_destroy(&h->lock);
	pthread_cond_destroy(&h->turn);
	free(h->shown);
	free(h->members);
	free(h);
}

static void leave(void *self)
{
	struct hub *h = ((struct member *)self)->hub;
	int32_t left;

	pthread_mutex_lock(&h->lock);
	left = --h->n_members;
	pthread_mutex_unlock(&h->lock);
	if (left == 0)
		hub_free(h);
}

int grpo_comm_threads(grpo_comm *out, int32_t n_ranks)
{
	static const grpo_comm_ops ops = {.struct_size = sizeof ops,
					  .all_reduce = all_reduce,
					  .all_gather = all_gather,
					  .reduce_scatter = reduce_scatter,
					  .broadcast = broadcast,
					  .barrier = barrier,
					  .abort = end_all,
					  .free = leave};
	struct hub *h;
	int rc = 0;

	GRPO_FAIL_IF(n_ranks < 1, GRPO_EINVAL, "%" PRId32 " ranks", n_ranks);
	h = grpo__alloc(1, sizeof *h);
	GRPO_FAIL_IF(!h, GRPO_ENOMEM, "out of memory");
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->turn, NULL);
	h->n_ranks = h->n_members = n_ranks;
	h->shown = grpo__alloc((size_t)n_ranks, sizeof *h->shown);
	h->members = grpo__alloc((size_t)n_ranks, sizeof *h->members);
	if (!h->shown || !h->members) {
		hub_free(h);
		return grpo__fail(GRPO_ENOMEM, "out of memory");
	}
	for (int32_t r = 0; r < n_ranks; r++) {
		h->members[r] = (struct member){.hub = h, .rank = r};
		out[r] = (grpo_comm){&ops, &h->members[r], r, n_ranks};
	}
out:
	return rc;
}

void grpo_comm_free(grpo_comm *c)
{
	if (!c || !c->ops)
		return;
	if (c->ops->free)
		c->ops->free(c->self);
	*c = (grpo_comm){0};
}
