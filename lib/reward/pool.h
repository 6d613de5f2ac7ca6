/* SPDX-License-Identifier: MIT */
#ifndef GRPO_REWARD_POOL_H
#define GRPO_REWARD_POOL_H

#include <stddef.h>
#include <stdint.h>

/*
 * Worker threads that take numbered jobs from lanes.  A lane is a queue; a
 * serial lane has at most one worker in it, and the others go on with other
 * lanes.  Idle workers sleep on a condition variable: the cores belong to the
 * sampler.
 */
typedef struct grpo__pool grpo__pool;

/** Does jobs[0 … n-1] of a lane; worker is 0 … n_threads-1. */
typedef void (*grpo__pool_run)(void *ctx, int32_t worker, int32_t lane,
			       const int64_t *jobs, size_t n);

int grpo__pool_create(grpo__pool **out, int32_t n_threads, grpo__pool_run run,
		      void *ctx);

/**
 * Ends the threads; jobs that none has begun are dropped.  Lost workers are
 * let go, and the pool's memory is then kept for them.
 */
void grpo__pool_free(grpo__pool *p);

/** Adds a lane, the next number, while no job waits; at most max_jobs are
 *  handed to a worker at once. */
int grpo__pool_add_lane(grpo__pool *p, int serial, size_t max_jobs);

/** Makes room for n_jobs pushes into each lane, while no job waits. */
int grpo__pool_begin(grpo__pool *p, int64_t n_jobs);

/** Threads: any. */
void grpo__pool_push(grpo__pool *p, int32_t lane, int64_t job);

/** 1 once every job that was pushed is done or dropped or a lost worker's,
 *  0 where that takes longer than so many seconds. */
int grpo__pool_wait(grpo__pool *p, double seconds);

/** Drops the jobs that no worker has begun. */
void grpo__pool_drop(grpo__pool *p);

/** Stops waiting for this worker. */
void grpo__pool_lose(grpo__pool *p, int32_t worker);

#endif
