/* SPDX-License-Identifier: MIT */
#ifndef GRPO_REWARD_SET_H
#define GRPO_REWARD_SET_H

#include <stddef.h>
#include <stdint.h>
#include "grpo/export.h"
#include "grpo/reward.h"

/*
 * Several rewards with weights.  Worker threads score completions while the
 * sampler is still generating others.
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
 * A name with a slash is a path.  Any other name is searched for as NAME.so in
 * $GRPO_REWARD_PATH (folders separated by ':'), then in the folder `rewards`
 * beside the library or the program, then in the installed plug-in folder.
 */
typedef struct grpo_reward_set grpo_reward_set;

/** One finished completion.  Everything is copied during the call. */
typedef struct grpo_reward_row {
	size_t struct_size;
	grpo_str prompt, completion;
	uint32_t group;
	uint32_t group_size;     /* number of rows in this group; used and
				    checked only if a reward is PER_GROUP */
	uint8_t finish;          /* enum grpo_reward_finish */
	const grpo_str *columns; /* [n_columns] */
	const grpo_str *cells;   /* [n_columns] JSON text */
	size_t n_columns;
	const int32_t *tokens; /* [n_tokens] or NULL */
	int64_t n_tokens;
} grpo_reward_row;

/**
 * Receives what reward k explained about row `row` (grpo_reward_batch.explain);
 * name and text are borrowed for the call.
 */
typedef void (*grpo_reward_explain_fn)(void *ctx, int64_t row, int32_t k,
				       const char *name, grpo_str text);

/**
 * Receives what reward k measured of row `row` (grpo_reward_batch.measure);
 * name is borrowed for the call.
 */
typedef void (*grpo_reward_measure_fn)(void *ctx, int64_t row, int32_t k,
				       const char *name, double value);

/** A call of a plug-in that is still going on. */
typedef struct grpo_reward_call {
	size_t struct_size;
	const char *reward; /* its name; its path while it is being loaded */
	/* "being loaded", "being opened", "scoring" or "being closed" */
	const char *doing;
	/* While scoring: the first row of the call, as it was submitted, and
	 * how many rows the call has.  Otherwise 0 rows. */
	int64_t row, n_rows;
} grpo_reward_call;

GRPO_BEGIN_DECLS

/**
 * Creates an empty set.
 *
 * out        out  free with grpo_reward_set_free
 * n_threads  in   worker threads; 0: one.  They sleep when idle
 *
 * Returns 0, GRPO_EINVAL, GRPO_ENOMEM, GRPO_EIO (cannot start a thread).
 * Threads: any.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_reward_set_create(grpo_reward_set **out, int32_t n_threads);

/**
 * Frees the set.  In the middle of a batch, rows that no worker has started
 * are dropped, and calls that have started are waited for, up to the limit of
 * grpo_reward_set_timeout.  If a call was abandoned at that limit, everything
 * it may still use is leaked on purpose: its thread, the batch, the set, and
 * the plug-in, which is never closed.
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
 * Returns 0, GRPO_ENOTFOUND (the message lists where it looked), GRPO_EABI
 * (another major version, no entry symbol, a table that is too short, or a
 * file that cannot be loaded), GRPO_EFORMAT (params is not a JSON object),
 * GRPO_EREWARD (the plug-in's open failed; the message includes its last error
 * line), GRPO_EINVAL (in the middle of a batch).  On failure the set is
 * unchanged.  The path is logged at GRPO_LOG_INFO before loading, so if the
 * process dies there, its last line names the plug-in.  A loaded plug-in is
 * never unloaded.
 * Threads: one at a time.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_reward_set_add(grpo_reward_set *set, const char *name,
				 double weight, const char *params);

/**
 * The number of rewards K; the name of reward k, or NULL if there is no such k;
 * the weights [K].  A plug-in that was added several times, perhaps with
 * different params, is called "format", "format-2", "format-3", here and in
 * all messages.  Borrowed: names until the set is freed, weights until the
 * next add.
 *
 * Threads: any, unless a thread adds.  Allocates: no.  Since 0.1.
 */
GRPO_API int32_t grpo_reward_set_count(const grpo_reward_set *set);
GRPO_API const char *grpo_reward_set_name(const grpo_reward_set *set,
					  int32_t k);
GRPO_API const double *grpo_reward_set_weights(const grpo_reward_set *set);

/** enum grpo_reward_flags of reward k; 0 if there is no such k.
 *  Threads: any.  Since 0.1. */
GRPO_API uint32_t grpo_reward_set_flags(const grpo_reward_set *set, int32_t k);

/**
 * Finds the file of a reward in the same places as grpo_reward_set_add.
 *
 * path  out  free with free()
 * name  in   "countdown", or a path with a slash
 *
 * Returns 0, GRPO_ENOTFOUND (the message lists where it looked), GRPO_EINVAL
 * if the name is empty, GRPO_ENOMEM.
 * Threads: any.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_reward_find(char **path, const char *name);

/**
 * Tells which call of a plug-in the calling thread is in.  A program's signal
 * handlers and exit functions can say with it which reward has crashed or
 * called exit(): the library installs neither.
 *
 *	grpo_reward_call call = {.struct_size = sizeof call};
 *	if (grpo_reward_current(&call))
 *		... call.reward was call.doing
 *
 * Returns 1 and fills in *out, or 0 if the thread is in no plug-in.  The
 * worker threads of a set leave SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT,
 * SIGTRAP and SIGSYS unblocked and have an alternate signal stack, so that a
 * handler with SA_ONSTACK also sees a stack overflow.
 * Threads: any; async-signal-safe.  Allocates: no.  Since 0.1.
 */
GRPO_API int grpo_reward_current(grpo_reward_call *out);

/**
 * Returns "scored", "no_answer", "unparsable", "budget", "missing" or "failed".
 * For a number that this version does not know, returns "scored" or "missing".
 *
 * Threads: any.  Allocates: no.  Since 0.1.
 */
GRPO_API const char *grpo_reward_status_name(uint8_t status);

/**
 * Asks the rewards to explain how each row was decided, from the next batch on.
 *
 * fn   in  called from the workers during scoring, one call at a time.  The
 *          notes of one row and reward come together and in order.  It must
 *          not call the set.  NULL: do not ask
 * ctx  in  first argument of fn
 *
 * Returns 0, or GRPO_EINVAL in the middle of a batch.
 * Threads: one at a time.  Since 0.1.
 */
GRPO_API int grpo_reward_set_explain(grpo_reward_set *set,
				     grpo_reward_explain_fn fn, void *ctx);

/**
 * Asks the rewards for the figures that they measure, from the next batch on.
 *
 * fn   in  called as that of grpo_reward_set_explain, with finite values and
 *          names of letters, digits and '_'; the rest is left out.  NULL: do
 *          not ask
 * ctx  in  first argument of fn
 *
 * Returns 0, or GRPO_EINVAL in the middle of a batch.
 * Threads: one at a time.  Since 0.1.
 */
GRPO_API int grpo_reward_set_measure(grpo_reward_set *set,
				     grpo_reward_measure_fn fn, void *ctx);

/** warn_s of a new set. */
#define GRPO_REWARD_SET_WARN_S 60.0

/**
 * Limits how long one call of a plug-in may take.
 *
 * warn_s   in  seconds until grpo_reward_set_wait logs a warning such as
 *              'reward "x" has been scoring row 12 for 60 s'.  It warns again
 *              each time the wait has doubled; 0: never
 * limit_s  in  seconds until the call is abandoned; 0: never.  A new set has
 *              no limit, because acceptable times differ between verifiers.
 *              A thread cannot be ended from outside, so at the limit wait
 *              fails, and all you can do with the set is free it
 *
 * A limit can end a batch, but it never changes a reward.  grpo_trainer_create
 * sets both times.
 * Returns 0, or GRPO_EINVAL (negative, not finite, in the middle of a batch).
 * Threads: one at a time.  Allocates: no.  Since 0.1.
 */
GRPO_API int grpo_reward_set_timeout(grpo_reward_set *set, double warn_s,
				     double limit_s);

/**
 * Starts a batch of n_rows.  Call wait for the previous batch first.
 *
 * Threads: one at a time.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_reward_set_begin(grpo_reward_set *set, int64_t n_rows);

/**
 * Submits row i.  Submit each of 0 … n_rows-1 once, in any order.
 *
 * Returns 0, or GRPO_EINVAL (submitted twice, out of range, more rows than
 * group_size in a group); the batch is then unchanged.
 * Threads: any, between begin and wait.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_reward_set_submit(grpo_reward_set *set, int64_t i,
				    const grpo_reward_row *row);

/**
 * Waits until all rows are scored.  All of them must have been submitted.
 *
 * rewards  out  [n_rows, K], NaN where missing
 * status   out  [n_rows, K] enum grpo_reward_status; may be NULL
 *
 * Returns 0; GRPO_EREWARD if a plug-in failed, gave a number that is not
 * finite, wrote nothing, wrote outside its arrays, or reached the time limit;
 * GRPO_EINVAL if rows were not submitted.  The message names the plug-in and
 * the row.  If several failed, it names the lowest row and then the first
 * reward.  On failure outputs are untouched.  In every case the batch is over,
 * and a new one can begin unless a call was abandoned.
 * Threads: the one that called begin.  Since 0.1.
 */
GRPO_API int grpo_reward_set_wait(grpo_reward_set *set, double *rewards,
				  uint8_t *status);

/**
 * Finds the rows of a dataset that the rewards cannot use, before there are
 * any completions.  A reference that cannot be read is GRPO_REWARD_MISSING for
 * every answer, so each row is scored with an empty completion, as a group of
 * its own, and without explanations.  Rewards that legitimately skip empty
 * completions are counted too.
 *
 * rows     in   [n] only prompt and columns are used
 * missing  out  [n, K] 1 where the reward is missing, else 0
 *
 * Returns 0, GRPO_ENOMEM, GRPO_EINVAL (in the middle of a batch), or a code of
 * grpo_reward_set_wait; on failure `missing` is untouched.  The check is a
 * complete batch, so a new one can begin after it.
 * Threads: one at a time.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_reward_set_check(grpo_reward_set *set,
				   const grpo_reward_row *rows, int64_t n,
				   uint8_t *missing);

/**
 * Seconds that workers have spent in plug-ins since the set was created.
 *
 * Threads: any.  Allocates: no.  Since 0.1.
 */
GRPO_API double grpo_reward_set_seconds(const grpo_reward_set *set);

GRPO_END_DECLS

#endif
