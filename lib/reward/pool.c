/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include "core/fail.h"
#include "core/mem.h"
#include "reward/pool.h"

struct lane {
	int serial, busy;
	size_t max_jobs;
	int64_t *job; /* [cap]; head … tail-1 wait */
	size_t cap, head, tail;
};

struct worker {
	grpo__pool *pool;
	int32_t index;
	pthread_t thread;
};

struct grpo__pool {
	grpo__pool_run run;
	void *ctx;
	struct worker *worker;
	int32_t n_threads;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t work, idle;
	struct lane *lane;
	size_t n_lanes, cap_lanes, next_lane;
	int64_t pending; /* pushed and not done */
	int stop;
};

static int is_ready(const struct lane *l)
{
	return l->head < l->tail && !(l->serial && l->busy);
}

/* The next ready lane in turn, or NULL. */
static struct lane *pick(grpo__pool *p)
{
	for (size_t i = 0; i < p->n_lanes; i++) {
		size_t at = (p->next_lane + i) % p->n_lanes;

		if (is_ready(&p->lane[at])) {
			p->next_lane = (at + 1) % p->n_lanes;
			return &p->lane[at];
		}
	}
	return NULL;
}

/* A fair share of what waits: calls get long only where workers are short. */
static size_t share(const grpo__pool *p, const struct lane *l)
{
	size_t waiting = l->tail - l->head, threads = (size_t)p->n_threads;
	size_t n = l->serial ? waiting : (waiting + threads - 1) / threads;

	return n < l->max_jobs ? n : l->max_jobs;
}

/* Called and left with the lock held. */
static void do_some(grpo__pool *p, int32_t worker, struct lane *l)
{
	const int64_t *job = l->job + l->head;
	int32_t lane = (int32_t)(l - p->lane);
	size_t n = share(p, l);

	l->head += n;
	l->busy++;
	pthread_mutex_unlock(&p->lock);
	p->run(p->ctx, worker, lane, job, n);
	pthread_mutex_lock(&p->lock);
	l->busy--;
	p->pending -= (int64_t)n;
	if (p->pending == 0)
		pthread_cond_broadcast(&p->idle);
	else if (l->serial && is_ready(l))
		pthread_cond_signal(&p->work);
}

static void *worker_main(void *arg)
{
	struct worker *w = arg;
	grpo__pool *p = w->pool;
	struct lane *l;

	pthread_mutex_lock(&p->lock);
	while (!p->stop) {
		l = pick(p);
		if (l)
			do_some(p, w->index, l);
		else
			pthread_cond_wait(&p->work, &p->lock);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

/* Signals are the program's: workers block them all. */
static int start_workers(grpo__pool *p, int32_t n)
{
	sigset_t all, old;
	int error = 0;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	while (p->n_threads < n && !error) {
		struct worker *w = &p->worker[p->n_threads];

		w->pool = p;
		w->index = p->n_threads;
		error = pthread_create(&w->thread, NULL, worker_main, w);
		if (!error)
			p->n_threads++;
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (!error)
		return 0;
	errno = error;
	return grpo__fail_errno("cannot start %d threads for rewards", n);
}

int grpo__pool_create(grpo__pool **out, int32_t n_threads, grpo__pool_run run,
		      void *ctx)
{
	grpo__pool *p;
	int rc = 0;

	*out = NULL;
	p = grpo__alloc(1, sizeof *p);
	if (!p)
		return GRPO_ENOMEM;
	p->run = run;
	p->ctx = ctx;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->work, NULL);
	pthread_cond_init(&p->idle, NULL);
	p->worker = grpo__alloc((size_t)n_threads, sizeof *p->worker);
	if (!p->worker) {
		rc = GRPO_ENOMEM;
		goto out;
	}
	GRPO_TRY(start_workers(p, n_threads));
	*out = p;
	p = NULL;
out:
	grpo__pool_free(p);
	return rc;
}

void grpo__pool_free(grpo__pool *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->stop = 1;
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->lock);
	for (int32_t i = 0; i < p->n_threads; i++)
		pthread_join(p->worker[i].thread, NULL);
	for (size_t i = 0; i < p->n_lanes; i++)
		free(p->lane[i].job);
	pthread_cond_destroy(&p->idle);
	pthread_cond_destroy(&p->work);
	pthread_mutex_destroy(&p->lock);
	free(p->lane);
	free(p->worker);
	free(p);
}

int grpo__pool_add_lane(grpo__pool *p, int serial, size_t max_jobs)
{
	int rc;

	pthread_mutex_lock(&p->lock);
	rc = grpo__grow(&p->lane, &p->cap_lanes, p->n_lanes + 1,
			sizeof *p->lane);
	if (rc == 0)
		p->lane[p->n_lanes++] =
		    (struct lane){.serial = serial, .max_jobs = max_jobs};
	pthread_mutex_unlock(&p->lock);
	return rc;
}

int grpo__pool_begin(grpo__pool *p, int64_t n_jobs)
{
	int rc = 0;

	pthread_mutex_lock(&p->lock);
	for (size_t i = 0; i < p->n_lanes && rc == 0; i++) {
		struct lane *l = &p->lane[i];

		rc = grpo__grow(&l->job, &l->cap, (size_t)n_jobs,
				sizeof *l->job);
		l->head = l->tail = 0;
	}
	pthread_mutex_unlock(&p->lock);
	return rc;
}

void grpo__pool_push(grpo__pool *p, int32_t lane, int64_t job)
{
	struct lane *l;

	pthread_mutex_lock(&p->lock);
	l = &p->lane[lane];
	l->job[l->tail++] = job;
	p->pending++;
	pthread_cond_signal(&p->work);
	pthread_mutex_unlock(&p->lock);
}

void grpo__pool_wait(grpo__pool *p)
{
	pthread_mutex_lock(&p->lock);
	while (p->pending > 0)
		pthread_cond_wait(&p->idle, &p->lock);
	pthread_mutex_unlock(&p->lock);
}
