/* SPDX-License-Identifier: MIT */
#ifndef GRPO_REWARD_SET_H
#define GRPO_REWARD_SET_H

#include <stddef.h>
#include <stdint.h>
#include "grpo/export.h"
#include "grpo/reward.h"

/*
 * Several rewards with weights, scored by worker threads while the sampler
 * goes on.
 *
 *	grpo_reward_set *set;
 *	grpo_reward_set_create(&set, 2);
 *	grpo_reward_set_add(set, "format", 0.5, "{\"mode\": \"strict\"}");
 *	grpo_reward_set_add(set, "./my_reward.so", 1.0, NULL);
 *
 *	grpo_reward_set_begin(set, n_rows);
 *	for (each finished completion)
 *		grpo_reward_set_submit(set, i, &row);   // returns at once
 *	grpo_reward_set_wait(set, rewards, status);     // [n_rows, K]
 *	grpo_reward_set_free(set);
 *
 * A name with a slash is a path; another is looked for as NAME.so in
 * $GRPO_REWARD_PATH (folders separated by ':'), then in the folder `rewards`
 * beside the library or the program, then in the installed plug-in folder.
 */
typedef struct grpo_reward_set grpo_reward_set;

/** One finished completion; all is copied, so it may go after the call. */
typedef struct grpo_reward_row {
	size_t struct_size;
	grpo_str prompt, completion;
	uint32_t group;
	uint32_t group_size;     /* rows of this group in all; used, and then
				    checked, where a reward is PER_GROUP */
	uint8_t finish;          /* enum grpo_reward_finish */
	const grpo_str *columns; /* [n_columns] */
	const grpo_str *cells;   /* [n_columns] JSON text */
	size_t n_columns;
	const int32_t *tokens; /* [n_tokens] or NULL */
	int64_t n_tokens;
} grpo_reward_row;

/**
 * What reward k said of row `row` (grpo_reward_batch.explain); name and text
 * are borrowed for the call.
 */
typedef void (*grpo_reward_explain_fn)(void *ctx, int64_t row, int32_t k,
				       const char *name, grpo_str text);

GRPO_BEGIN_DECLS

/**
 * out        out  free with grpo_reward_set_free
 * n_threads  in   workers; 0: one.  They sleep while there is nothing to do
 *
 * Returns 0, GRPO_EINVAL, GRPO_ENOMEM, GRPO_EIO (no more threads).
 * Threads: any.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_reward_set_create(grpo_reward_set **out, int32_t n_threads);

/**
 * Also in the middle of a batch: rows that no worker has begun are dropped,
 * calls that have begun are waited for, as long as grpo_reward_set_timeout
 * says.  After a call was given up, what it may still use is kept for ever:
 * its thread, the batch, the set, and its plug-in, which is never closed.
 *
 * Threads: one at a time.  Since 0.1.
 */
GRPO_API void grpo_reward_set_free(grpo_reward_set *set);

/**
 * Loads a plug-in and opens it.
 *
 * name    in  "countdown", or a path with a slash
 * weight  in  finite
 * params  in  JSON object as text, or NULL for {}
 *
 * Returns 0, GRPO_ENOTFOUND (the message says where it looked), GRPO_EABI
 * (other major version, missing symbol, short table, not to be loaded),
 * GRPO_EFORMAT (params are no JSON object), GRPO_EREWARD (its open failed; the
 * message carries its last error line), GRPO_EINVAL (in the middle of a
 * batch).  Before it loads it logs the path at GRPO_LOG_INFO, so that the
 * last line of a process which ends there says where.  On failure the set is as
 * before.  What is loaded stays loaded. Threads: one at a time.  Allocates:
 * yes.  Since 0.1.
 */
GRPO_API int grpo_reward_set_add(grpo_reward_set *set, const char *name,
				 double weight, const char *params);

/**
 * How many rewards there are: K; name k, NULL where there is no such k; and
 * the weights [K].  A plug-in that is there several times, say with other
 * params, is "format", "format-2", "format-3"; all messages name it so.
 * Borrowed: names as long as the set lives, weights until the next add.
 *
 * Threads: any, while none adds.  Allocates: no.  Since 0.1.
 */
GRPO_API int32_t grpo_reward_set_count(const grpo_reward_set *set);
GRPO_API const char *grpo_reward_set_name(const grpo_reward_set *set,
					  int32_t k);
GRPO_API const double *grpo_reward_set_weights(const grpo_reward_set *set);

/** enum grpo_reward_flags of reward k; 0 where there is no such k.
 *  Threads: any.  Since 0.1. */
GRPO_API uint32_t grpo_reward_set_flags(const grpo_reward_set *set, int32_t k);

/**
 * Where a reward lies, as grpo_reward_set_add looks for it.
 *
 * path  out  free() it
 * name  in   "countdown", or a path with a slash
 *
 * Returns 0, GRPO_ENOTFOUND (the message says where it looked), GRPO_EINVAL
 * for an empty name, GRPO_ENOMEM.
 * Threads: any.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_reward_find(char **path, const char *name);

/**
 * "scored", "no_answer", "unparsable", "budget", "missing", "failed"; "scored"
 * or "missing" for a number that this version does not know.
 *
 * Threads: any.  Allocates: no.  Since 0.1.
 */
GRPO_API const char *grpo_reward_status_name(uint8_t status);

/**
 * Asks the rewards to say what decided each row, from the next batch on.
 *
 * fn   in  called while rows are scored, from the workers, one call at a
 *          time; the notes of a row and reward come together, in the order
 *          in which they were made.  It must not call the set.  NULL: nobody
 *          asks
 * ctx  in  its first argument
 *
 * Returns 0, or GRPO_EINVAL in the middle of a batch.
 * Threads: one at a time.  Since 0.1.
 */
GRPO_API int grpo_reward_set_explain(grpo_reward_set *set,
				     grpo_reward_explain_fn fn, void *ctx);

/** warn_s of a new set. */
#define GRPO_REWARD_SET_WARN_S 60.0

/**
 * How long one call of a plug-in may take.
 *
 * warn_s   in  seconds, after which grpo_reward_set_wait warns in the log,
 *              'reward "x" has been scoring row 12 for 60 s', and again
 *              whenever that has doubled; 0: never
 * limit_s  in  seconds, after which the call is given up; 0: never, as in a
 *              new set: only its user knows what is long for a verifier.  At
 *              the limit wait fails, since nobody can end a thread from
 *              outside; the set then refuses everything but being freed
 *
 * A limit ends a batch and changes no number.  grpo_trainer_create sets it.
 * Returns 0, or GRPO_EINVAL (negative, not finite, in the middle of a batch).
 * Threads: one at a time.  Allocates: no.  Since 0.1.
 */
GRPO_API int grpo_reward_set_timeout(grpo_reward_set *set, double warn_s,
				     double limit_s);

/**
 * Starts a batch of n_rows; the one before must have been waited for.
 *
 * Threads: one at a time.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_reward_set_begin(grpo_reward_set *set, int64_t n_rows);

/**
 * Hands over row i; each of 0 … n_rows-1 once, in any order.
 *
 * Returns 0, or GRPO_EINVAL (handed over twice, out of range, more rows than
 * group_size in a group) and the batch is as before.
 * Threads: any, between begin and wait.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_reward_set_submit(grpo_reward_set *set, int64_t i,
				    const grpo_reward_row *row);

/**
 * Waits until all rows, which have been handed over, are scored.
 *
 * rewards  out  [n_rows, K], NaN where missing
 * status   out  [n_rows, K] enum grpo_reward_status, or NULL
 *
 * Returns 0, or GRPO_EREWARD where a plug-in failed, gave a number that is
 * not finite, wrote nothing or outside its arrays (the message names plug-in
 * and row: of several failures that of the lowest row, then of the first
 * reward), or was given up for its time; GRPO_EINVAL where rows are lacking.
 * On failure outputs are untouched.  Either way the batch is over, and the
 * set can begin again, unless a call was given up.
 * Threads: the one that began.  Since 0.1.
 */
GRPO_API int grpo_reward_set_wait(grpo_reward_set *set, double *rewards,
				  uint8_t *status);

/**
 * Looks, before there are completions, which rows of a dataset the rewards
 * cannot use.  A reference that cannot be read is GRPO_REWARD_MISSING
 * whatever was answered, so each row is scored with an empty completion, as a
 * group of its own, and without explanations.  A reward that an empty
 * completion is none of the business of would be counted too.
 *
 * rows     in   [n] prompt and columns; nothing else of them is looked at
 * missing  out  [n, K] 1 where the reward is missing, else 0
 *
 * Returns 0, GRPO_ENOMEM, GRPO_EINVAL (in the middle of a batch), or as
 * grpo_reward_set_wait; `missing` is then untouched.  It is a batch, whole,
 * so the set can begin the next.
 * Threads: one at a time.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_reward_set_check(grpo_reward_set *set,
				   const grpo_reward_row *rows, int64_t n,
				   uint8_t *missing);

/**
 * Seconds that workers spent in plug-ins since the set was made.
 *
 * Threads: any.  Allocates: no.  Since 0.1.
 */
GRPO_API double grpo_reward_set_seconds(const grpo_reward_set *set);

GRPO_END_DECLS

#endif
