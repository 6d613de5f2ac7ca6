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
 * It includes this header and nothing else of ours, links nothing of ours,
 * frees nothing of the host's, and keeps no pointer past the call that gave
 * it.  docs/rewards.md is the guide, rewards/template/ the recipe to copy.
 * All that stands here at 1.0 is frozen: tests/abi_reward.c holds it.
 *
 * Requirements that hosts and plug-ins rely on (tests cite them):
 *
 *  R1  Structs start with their size.  They grow at the end only; a field is
 *      there if GRPO_HAS says so.
 *  R2  `score` writes rewards[0 … n-1] and status[0 … n-1] and nothing else.
 *  R3  A status of GRPO_REWARD_MISSING or GRPO_REWARD_FAILED makes the row's
 *      reward missing, whatever number stands beside it: the row's total
 *      leaves this reward out.  Every other status is scored.  Ask whose
 *      doing it was: what the completion caused is scored, what it did not
 *      cause is missing.
 *  R4  A reward that is scored is finite; otherwise the call fails.
 *  R5  The same row gives the same reward on any thread, in any order, in
 *      any batch (for PER_GROUP: with the same group).
 *  R6  `score` may be called from several threads at once if the plug-in
 *      says GRPO_REWARD_THREADSAFE; otherwise one call at a time.
 *  R7  Text is bytes with a length, not NUL-terminated, UTF-8 as far as the
 *      model wrote UTF-8.
 *  R8  A negative return of `open` or `score` fails the call; the plug-in
 *      says why through host->log at GRPO_REWARD_LOG_ERROR.
 */

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes; ptr may be NULL where len is 0. */
typedef struct grpo_str {
	const char *ptr;
	size_t len;
} grpo_str;

/** What a number means.  Numbers are fixed for ever. */
enum grpo_reward_status {
	/* scored: the completion's own doing */
	GRPO_REWARD_SCORED = 0,     /* decided */
	GRPO_REWARD_NO_ANSWER = 1,  /* no answer where one was asked for */
	GRPO_REWARD_UNPARSABLE = 2, /* an answer that cannot be read */
	GRPO_REWARD_BUDGET = 3,     /* too long or too deep to decide */
	/* missing: not the completion's doing */
	GRPO_REWARD_MISSING = 64, /* does not apply, or no usable reference */
	GRPO_REWARD_FAILED = 65   /* the verifier failed */
};
#define GRPO_REWARD_IS_MISSING(status) ((status) >= 64)

enum grpo_reward_flags {
	GRPO_REWARD_THREADSAFE = 1, /* R6 */
	GRPO_REWARD_PER_GROUP = 2   /* score is given whole groups */
};

/** As enum grpo_finish of policy.h. */
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

/** Host to plug-in, for one call.  Arrays are [n] unless said. */
typedef struct grpo_reward_batch {
	size_t struct_size;
	size_t n;
	const grpo_str *prompts;     /* as the model saw them */
	const grpo_str *completions; /* what the model wrote, what the template
					began for it included */
	const uint32_t *groups;      /* equal for completions of one prompt */
	const uint8_t *finish;       /* enum grpo_reward_finish */
	/* The dataset's other columns: column c of row i is JSON text,
	 * cells[c * n + i]; len 0 where the row has no such column. */
	size_t n_columns;
	const grpo_str *columns; /* [n_columns] names */
	const grpo_str *cells;   /* [n_columns, n] */
	/* Token ids of completion i: tokens[i][0 … n_tokens[i]-1]; NULL where
	 * the host has none. */
	const int32_t *const *tokens;
	const int64_t *n_tokens;
	/* Says what decided row i of this call, to people who audit a reward:
	 * ("answer", "1/2"), ("rule", "equal fractions").  As often as is
	 * useful, until score returns, from its thread.  NULL where nobody
	 * asks: look before text is made for it. */
	void (*explain)(void *explain_ctx, size_t i, const char *name,
			grpo_str text);
	void *explain_ctx;
} grpo_reward_batch;

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
	uint32_t abi_minor; /* GRPO_REWARD_ABI_MINOR it was built with */
	uint32_t flags;     /* enum grpo_reward_flags */
	const char *name;   /* "countdown" */
	const char *version;
	/* One line: what it rewards, and its range. */
	const char *summary;
	/* Optional.  `params` is a JSON object, "{}" where none was given.
	 * Unknown keys are an error.  Returns 0 or negative (R8). */
	int (*open)(void **state, const grpo_reward_host *host,
		    grpo_str params);
	/* Returns 0 or negative (R8). */
	int (*score)(void *state, const grpo_reward_batch *batch,
		     double *rewards, uint8_t *status);
	/* Optional.  Called once if open succeeded. */
	void (*close)(void *state);
} grpo_reward_plugin;

#define GRPO_REWARD_ABI_MAJOR 1
#define GRPO_REWARD_ABI_MINOR 0

/** Whether the struct behind p, as its maker knew it, has the field. */
#define GRPO_HAS(p, type, field)                                               \
	((p)->struct_size >= offsetof(type, field) + sizeof((p)->field))

#if defined(__GNUC__)
#define GRPO_PLUGIN_EXPORT __attribute__((visibility("default")))
#else
#define GRPO_PLUGIN_EXPORT
#endif

/** The one symbol of a plug-in. */
GRPO_PLUGIN_EXPORT const grpo_reward_plugin *grpo_reward_plugin_v1(void);

#ifdef __cplusplus
}
#endif

#endif
