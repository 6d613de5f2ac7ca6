/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include "core/fail.h"
#include "core/mem.h"
#include "reward/pool.h"

#define SIGNAL_STACK_BYTES ((size_t)64 << 10) /* AVX-512 state alone: 3 KiB */

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
	char *stack;    /* for signal handlers */
	int64_t n_jobs; /* that it is at, and that are waited for */
	int is_lost;
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
	int32_t n_lost;
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

/* A fair share of the waiting jobs: calls are long only if there are few
 * workers. */
static size_t share(const grpo__pool *p, const struct lane *l)
{
	size_t waiting = l->tail - l->head, threads = (size_t)p->n_threads;
	size_t n = l->serial ? waiting : (waiting + threads - 1) / threads;

	return n < l->max_jobs ? n : l->max_jobs;
}

/* Waits for this many fewer jobs. */
static void settle(grpo__pool *p, int64_t n)
{
	p->pending -= n;
	if (p->pending == 0)
		pthread_cond_broadcast(&p->idle);
}

/* Called and returns with the lock held. */
static void do_some(grpo__pool *p, struct worker *w, struct lane *l)
{
	const int64_t *job = l->job + l->head;
	int32_t lane = (int32_t)(l - p->lane);
	size_t n = share(p, l);

	l->head += n;
	l->busy++;
	w->n_jobs = (int64_t)n;
	pthread_mutex_unlock(&p->lock);
	p->run(p->ctx, w->index, lane, job, n);
	pthread_mutex_lock(&p->lock);
	l->busy--;
	settle(p, w->n_jobs);
	w->n_jobs = 0;
	if (l->serial && is_ready(l))
		pthread_cond_signal(&p->work);
}

/* A handler of the program's can then see a stack overflow too.  Sanitizers
 * may have set one already, which stays. */
static void set_signal_stack(struct worker *w)
{
	stack_t old, own = {.ss_sp = w->stack, .ss_size = SIGNAL_STACK_BYTES};

	if (sigaltstack(NULL, &old) == 0 && (old.ss_flags & SS_DISABLE))
		sigaltstack(&own, NULL);
}

static void *worker_main(void *arg)
{
	struct worker *w = arg;
	grpo__pool *p = w->pool;
	struct lane *l;

	set_signal_stack(w);
	pthread_mutex_lock(&p->lock);
	while (!p->stop) {
		l = pick(p);
		if (l)
			do_some(p, w, l);
		else
			pthread_cond_wait(&p->work, &p->lock);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

/* Signals are the program's: workers block them all, but for those that a
 * crash raises in the thread itself (grpo_reward_current). */
static void block_signals(sigset_t *old)
{
	static const int crashes[] = {SIGSEGV, SIGBUS,  SIGFPE, SIGILL,
				      SIGABRT, SIGTRAP, SIGSYS};
	sigset_t most;

	sigfillset(&most);
	for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++)
		sigdelset(&most, crashes[i]);
	pthread_sigmask(SIG_SETMASK, &most, old);
}

/* Returns 0 or an errno. */
static int start_worker(grpo__pool *p)
{
	struct worker *w = &p->worker[p->n_threads];
	int error;

	w->pool = p;
	w->index = p->n_threads;
	w->stack = grpo__alloc(1, SIGNAL_STACK_BYTES);
	if (!w->stack)
		return ENOMEM;
	error = pthread_create(&w->thread, NULL, worker_main, w);
	if (error)
		free(w->stack);
	else
		p->n_threads++;
	return error;
}

static int start_workers(grpo__pool *p, int32_t n)
{
	sigset_t old;
	int error = 0;

	block_signals(&old);
	while (p->n_threads < n && !error)
		error = start_worker(p);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (!error)
		return 0;
	errno = error;
	return grpo__fail_errno("cannot start %d threads for rewards", n);
}

/* Timeouts use the monotonic clock. */
static void create_conditions(grpo__pool *p)
{
	pthread_condattr_t monotonic;

	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&p->work, NULL);
	pthread_cond_init(&p->idle, &monotonic);
	pthread_condattr_destroy(&monotonic);
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
	create_conditions(p);
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

static void end_workers(grpo__pool *p)
{
	pthread_mutex_lock(&p->lock);
	p->stop = 1;
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->lock);
	for (int32_t i = 0; i < p->n_threads; i++)
		if (p->worker[i].is_lost)
			pthread_detach(p->worker[i].thread);
		else
			pthread_join(p->worker[i].thread, NULL);
}

void grpo__pool_free(grpo__pool *p)
{
	if (!p)
		return;
	end_workers(p);
	if (p->n_lost > 0)
		return;
	for (int32_t i = 0; i < p->n_threads; i++)
		free(p->worker[i].stack);
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

static struct timespec in(double seconds)
{
	struct timespec t;
	long whole = (long)seconds;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += whole;
	t.tv_nsec += (long)((seconds - (double)whole) * 1e9);
	if (t.tv_nsec >= 1000000000) {
		t.tv_nsec -= 1000000000;
		t.tv_sec++;
	}
	return t;
}

int grpo__pool_wait(grpo__pool *p, double seconds)
{
	struct timespec until = in(seconds);
	int error = 0, done;

	pthread_mutex_lock(&p->lock);
	while (p->pending > 0 && !error)
		error = pthread_cond_timedwait(&p->idle, &p->lock, &until);
	done = p->pending == 0;
	pthread_mutex_unlock(&p->lock);
	return done;
}

void grpo__pool_drop(grpo__pool *p)
{
	pthread_mutex_lock(&p->lock);
	for (size_t i = 0; i < p->n_lanes; i++) {
		struct lane *l = &p->lane[i];

		settle(p, (int64_t)(l->tail - l->head));
		l->head = l->tail;
	}
	pthread_mutex_unlock(&p->lock);
}

void grpo__pool_lose(grpo__pool *p, int32_t worker)
{
	struct worker *w = &p->worker[worker];

	pthread_mutex_lock(&p->lock);
	settle(p, w->n_jobs);
	w->n_jobs = 0;
	p->n_lost += !w->is_lost;
	w->is_lost = 1;
	pthread_mutex_unlock(&p->lock);
}
