/* SPDX-License-Identifier: MIT */
#ifndef GRPO_REWARD_H
#define GRPO_REWARD_H

#include <stddef.h>
#include <stdint.h>

/*
 * The reward plug-in ABI, major version 1.
 *
 * A reward is a shared object with one exported symbol:
 *
 *	const grpo_reward_plugin *grpo_reward_plugin_v1(void);
 *
 * It includes this header and no other of ours, does not link our library,
 * frees nothing that belongs to the host, and keeps no pointer after the call
 * that passed it.  docs/rewards.md is the guide; copy rewards/template/ to
 * start your own.  What 1.0 had is frozen: tests/abi_reward.c checks it.
 *
 * Requirements that hosts and plug-ins rely on (tests cite them):
 *
 *  R1  Structs start with their size.  New fields are only added at the end;
 *      use GRPO_HAS to find out whether a field exists.
 *  R2  `score` writes rewards[0 … n-1] and status[0 … n-1] and nothing else.
 *  R3  A status of GRPO_REWARD_MISSING or GRPO_REWARD_FAILED makes the row's
 *      reward missing, and its number is ignored: the row's total leaves this
 *      reward out.  Every other status is scored.  Ask who caused it: if the
 *      completion did, the row is scored; if not, the reward is missing.
 *      A number that is no status fails the call.
 *  R4  Every reward that is scored is finite; otherwise the call fails.
 *  R5  The same row gives the same reward on any thread, in any order, in
 *      any batch (for PER_GROUP: with the same group).
 *  R6  `score` may be called from several threads at once if the plug-in
 *      says GRPO_REWARD_THREADSAFE; otherwise one call at a time.
 *  R7  Text is bytes with a length and not NUL-terminated.  It is UTF-8 only
 *      where the model wrote valid UTF-8.
 *  R8  If `open` or `score` returns a negative number, the call has failed; the
 *      plug-in says why through host->log at GRPO_REWARD_LOG_ERROR.
 */

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes; ptr may be NULL if len is 0. */
typedef struct grpo_str {
	const char *ptr;
	size_t len;
} grpo_str;

/** How a row was decided.  These numbers never change. */
enum grpo_reward_status {
	/* scored: the completion caused it */
	GRPO_REWARD_SCORED = 0,     /* decided */
	GRPO_REWARD_NO_ANSWER = 1,  /* an answer was asked for, none given */
	GRPO_REWARD_UNPARSABLE = 2, /* the answer cannot be read */
	GRPO_REWARD_BUDGET = 3,     /* too long or too deep to decide */
	/* missing: the completion did not cause it */
	GRPO_REWARD_MISSING = 64, /* does not apply, or no usable reference */
	GRPO_REWARD_FAILED = 65   /* the verifier failed */
};
#define GRPO_REWARD_IS_MISSING(status) ((status) >= 64)

enum grpo_reward_flags {
	GRPO_REWARD_THREADSAFE = 1, /* R6 */
	GRPO_REWARD_PER_GROUP = 2   /* score is given whole groups */
};

/** Same values as enum grpo_finish in policy.h. */
enum grpo_reward_finish {
	GRPO_REWARD_FINISH_STOP = 0,
	GRPO_REWARD_FINISH_LENGTH = 1,
	GRPO_REWARD_FINISH_ABORT = 2
};

enum grpo_reward_log_level {
	GRPO_REWARD_LOG_ERROR = 0,
	GRPO_REWARD_LOG_WARN = 1,
	GRPO_REWARD_LOG_INFO = 2
};

/** Host to plug-in, for one call.  Arrays are [n] unless noted. */
typedef struct grpo_reward_batch {
	size_t struct_size;
	size_t n;
	const grpo_str *prompts;     /* as the model saw them */
	const grpo_str *completions; /* what the model wrote, including what the
					template began for it ("<think>") */
	const uint32_t *groups;      /* equal for completions of one prompt */
	const uint8_t *finish;       /* enum grpo_reward_finish */
	/* The dataset's other columns, as JSON text: column c of row i is
	 * cells[c * n + i]; its len is 0 if the row lacks the column. */
	size_t n_columns;
	const grpo_str *columns; /* [n_columns] names */
	const grpo_str *cells;   /* [n_columns, n] */
	/* Token ids of completion i: tokens[i][0 … n_tokens[i]-1]; NULL if
	 * the host has none. */
	const int32_t *const *tokens;
	const int64_t *n_tokens;
	/* Call this to explain how row i was decided, for people who audit the
	 * reward: ("answer", "1/2"), ("rule", "equal fractions").  Call it any
	 * number of times, from score's own thread, before score returns.
	 * NULL if nobody asked: check it before you format any text. */
	void (*explain)(void *explain_ctx, size_t i, const char *name,
			grpo_str text);
	void *explain_ctx;
	/* New in ABI 1.1.  Reports a figure of row i for the run's curves:
	 * ("cpu_ms", 12.5), or 1 and 0 for yes and no.  Hosts show the mean
	 * over the rows that gave the figure, so report both values.  Names
	 * have letters, digits and '_', and a reward has at most
	 * GRPO_REWARD_MEASURES of them.  A value that is not finite is left
	 * out.  NULL if nobody asked; call it as explain. */
	void (*measure)(void *measure_ctx, size_t i, const char *name,
			double value);
	void *measure_ctx;
} grpo_reward_batch;

#define GRPO_REWARD_MEASURES 32
#define GRPO_REWARD_MEASURE_BYTES 32 /* of a name, its NUL included */

/** Host to plug-in, valid from open to close. */
typedef struct grpo_reward_host {
	size_t struct_size;
	void *ctx; /* first argument of the functions */
	/* One line without newline.  Threads: any. */
	void (*log)(void *ctx, int level, const char *text);
} grpo_reward_host;

/** Plug-in to host: static const in the plug-in. */
typedef struct grpo_reward_plugin {
	size_t struct_size;
	uint32_t abi_minor; /* the GRPO_REWARD_ABI_MINOR it was built with */
	uint32_t flags;     /* enum grpo_reward_flags */
	const char *name;   /* "countdown" */
	const char *version;
	/* One line: what it rewards, and the range of its values. */
	const char *summary;
	/* Optional.  `params` is a JSON object, "{}" if none was given.  Treat
	 * unknown keys as an error.  Returns 0 or negative (R8). */
	int (*open)(void **state, const grpo_reward_host *host,
		    grpo_str params);
	/* Returns 0 or negative (R8). */
	int (*score)(void *state, const grpo_reward_batch *batch,
		     double *rewards, uint8_t *status);
	/* Optional.  Called once if open succeeded. */
	void (*close)(void *state);
} grpo_reward_plugin;

#define GRPO_REWARD_ABI_MAJOR 1
#define GRPO_REWARD_ABI_MINOR 1

/** Whether the struct behind p has the field, given the size it starts with. */
#define GRPO_HAS(p, type, field)                                               \
	((p)->struct_size >= offsetof(type, field) + sizeof((p)->field))

#if defined(__GNUC__)
#define GRPO_PLUGIN_EXPORT __attribute__((visibility("default")))
#else
#define GRPO_PLUGIN_EXPORT
#endif

/** The only symbol that a plug-in exports. */
GRPO_PLUGIN_EXPORT const grpo_reward_plugin *grpo_reward_plugin_v1(void);

#ifdef __cplusplus
}
#endif

#endif
