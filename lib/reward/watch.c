/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "reward/watch.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include "core/fail.h"
#include "core/file.h"
#include "core/mem.h"

#define FOR_LONG 3600.0 /* longest wait between two checks */

struct grpo__watch {
	int32_t n;
	pthread_mutex_t lock; /* of all below */
	double warn_s, limit_s;
	grpo__watch_call *call; /* [n] */
};

int grpo__watch_create(grpo__watch **out, int32_t n_threads)
{
	grpo__watch *w = grpo__alloc(1, sizeof *w);

	*out = NULL;
	if (!w)
		return GRPO_ENOMEM;
	pthread_mutex_init(&w->lock, NULL);
	w->n = n_threads;
	w->call = grpo__alloc((size_t)n_threads, sizeof *w->call);
	if (!w->call) {
		grpo__watch_free(w);
		return GRPO_ENOMEM;
	}
	*out = w;
	return 0;
}

void grpo__watch_free(grpo__watch *w)
{
	if (!w)
		return;
	pthread_mutex_destroy(&w->lock);
	free(w->call);
	free(w);
}

void grpo__watch_limits(grpo__watch *w, double warn_s, double limit_s)
{
	pthread_mutex_lock(&w->lock);
	w->warn_s = warn_s;
	w->limit_s = limit_s;
	pthread_mutex_unlock(&w->lock);
}

void grpo__watch_begin(grpo__watch *w, int32_t worker, int32_t k, int64_t row,
		       size_t n)
{
	grpo__watch_call call = {
	    .worker = worker, .k = k, .row = row, .n = n, .began = grpo__now()};

	pthread_mutex_lock(&w->lock);
	call.warn_at = w->warn_s;
	w->call[worker] = call;
	pthread_mutex_unlock(&w->lock);
}

double grpo__watch_end(grpo__watch *w, int32_t worker)
{
	double now = grpo__now(), seconds;

	pthread_mutex_lock(&w->lock);
	seconds = now - w->call[worker].began;
	w->call[worker].began = 0;
	pthread_mutex_unlock(&w->lock);
	return seconds;
}

/* The duration of a call at which it is checked next; infinite: never. */
static double due(const grpo__watch *w, double warn_at)
{
	double at = INFINITY;

	if (w->warn_s > 0)
		at = warn_at;
	if (w->limit_s > 0)
		at = fmin(at, w->limit_s);
	return at;
}

double grpo__watch_next(grpo__watch *w)
{
	double now = grpo__now(), next;

	pthread_mutex_lock(&w->lock);
	next = fmin(due(w, w->warn_s), FOR_LONG); /* of a call begun now */
	for (int32_t i = 0; i < w->n; i++) {
		const grpo__watch_call *c = &w->call[i];

		if (c->began > 0 && !c->is_given_up)
			next = fmin(next, c->began + due(w, c->warn_at) - now);
	}
	pthread_mutex_unlock(&w->lock);
	return fmax(next, 0);
}

static enum grpo__watch_sight judge(const grpo__watch *w, grpo__watch_call *c,
				    double seconds)
{
	if (c->began == 0 || c->is_given_up)
		return GRPO__WATCH_NOTHING;
	if (w->limit_s > 0 && seconds >= w->limit_s) {
		c->is_given_up = 1;
		return GRPO__WATCH_STUCK;
	}
	if (w->warn_s == 0 || seconds < c->warn_at)
		return GRPO__WATCH_NOTHING;
	c->warn_at = 2 * seconds;
	return GRPO__WATCH_SLOW;
}

enum grpo__watch_sight grpo__watch_look(grpo__watch *w, grpo__watch_call *call,
					double *seconds)
{
	enum grpo__watch_sight sight = GRPO__WATCH_NOTHING;
	double now = grpo__now();

	pthread_mutex_lock(&w->lock);
	for (int32_t i = 0; i < w->n && !sight; i++) {
		*seconds = now - w->call[i].began;
		sight = judge(w, &w->call[i], *seconds);
		*call = w->call[i];
	}
	pthread_mutex_unlock(&w->lock);
	return sight;
}
