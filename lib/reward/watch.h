/* SPDX-License-Identifier: MIT */
#ifndef GRPO_REWARD_WATCH_H
#define GRPO_REWARD_WATCH_H

#include <stddef.h>
#include <stdint.h>

/*
 * Records which worker is in which call of a plug-in, and since when, so that
 * the waiting thread can warn about a slow call and abandon a stuck one.
 */
typedef struct grpo__watch grpo__watch;

int grpo__watch_create(grpo__watch **out, int32_t n_threads);
void grpo__watch_free(grpo__watch *w);

/** Seconds of one call until the first warning, and until it is abandoned; 0:
 * never. */
void grpo__watch_limits(grpo__watch *w, double warn_s, double limit_s);

/** Worker begins a call of plug-in k with n rows, `row` the first of them. */
void grpo__watch_begin(grpo__watch *w, int32_t worker, int32_t k, int64_t row,
		       size_t n);
/** Returns the seconds that the call took. */
double grpo__watch_end(grpo__watch *w, int32_t worker);

enum grpo__watch_sight {
	GRPO__WATCH_NOTHING = 0,
	GRPO__WATCH_SLOW,
	GRPO__WATCH_STUCK
};
typedef struct grpo__watch_call {
	double began;   /* 0: the worker is in no call */
	double warn_at; /* seconds of the call; the next warning is due */
	int is_given_up;
	int32_t worker, k;
	int64_t row;
	size_t n;
} grpo__watch_call;

/** Least number of seconds until grpo__watch_look can find something. */
double grpo__watch_next(grpo__watch *w);

/**
 * One call that is slow or stuck, and for how long it has run; each is told
 * once, a slow one again when its time has doubled.  Call until NOTHING.
 */
enum grpo__watch_sight grpo__watch_look(grpo__watch *w, grpo__watch_call *call,
					double *seconds);

#endif
