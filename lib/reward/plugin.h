/* SPDX-License-Identifier: MIT */
#ifndef GRPO_REWARD_PLUGIN_H
#define GRPO_REWARD_PLUGIN_H

#include <stddef.h>
#include <stdint.h>
#include "grpo/reward.h"

/*
 * One loaded and opened plug-in.  The shared object itself is never closed:
 * its threads, its atexit functions and its constant table may outlive us.
 */
typedef struct grpo__plugin grpo__plugin;

/**
 * Finds, loads and opens; grpo__plugin_free closes.  `params` is checked to
 * be a JSON object; NULL stands for {}.  The plug-in gets a name that differs
 * from those of others [n_others].
 */
int grpo__plugin_create(grpo__plugin **out, const char *name,
			const char *params, grpo__plugin *const *others,
			size_t n_others);
void grpo__plugin_free(grpo__plugin *p);

/** A call does not return: the plug-in is never closed or freed, and neither is
 * any other plug-in of the same shared object that must wait for it. */
void grpo__plugin_lose(grpo__plugin *p);

/** The table's name, or "NAME-2", "NAME-3", … */
const char *grpo__plugin_name(const grpo__plugin *p);
/** What decides its numbers: the bytes of its file (core/hash.h), and its
 *  parameters, a JSON object. */
uint64_t grpo__plugin_hash(const grpo__plugin *p);
const char *grpo__plugin_params(const grpo__plugin *p);
uint32_t grpo__plugin_flags(const grpo__plugin *p);

/** Whether the plug-in may give this status: those of our ABI, and any number
 *  where it was built for a newer one. */
int grpo__plugin_knows_status(const grpo__plugin *p, uint8_t status);

/**
 * Calls score, one call at a time for a plug-in that is not THREADSAFE (also
 * between two sets that use the same shared object).  Returns 0, or
 * GRPO_EREWARD with the plug-in's own last error line.
 * `row` is the set's number of the first row.
 * Threads: any.
 */
int grpo__plugin_score(grpo__plugin *p, int64_t row,
		       const grpo_reward_batch *batch, double *rewards,
		       uint8_t *status);

#endif
