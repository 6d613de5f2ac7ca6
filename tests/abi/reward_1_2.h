/* SPDX-License-Identifier: MIT */
/* A grpo/reward.h that might come: every struct has grown by a field at its
 * end, which is how ABI 1.2 would differ from 1.1. */
#ifndef GRPO_REWARD_H
#define GRPO_REWARD_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct grpo_str {
	const char *ptr;
	size_t len;
} grpo_str;

enum grpo_reward_status {

	GRPO_REWARD_SCORED = 0,
	GRPO_REWARD_NO_ANSWER = 1,
	GRPO_REWARD_UNPARSABLE = 2,
	GRPO_REWARD_BUDGET = 3,

	GRPO_REWARD_MISSING = 64,
	GRPO_REWARD_FAILED = 65
};
#define GRPO_REWARD_IS_MISSING(status) ((status) >= 64)

enum grpo_reward_flags {
	GRPO_REWARD_THREADSAFE = 1,
	GRPO_REWARD_PER_GROUP = 2
};

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

typedef struct grpo_reward_batch {
	size_t struct_size;
	size_t n;
	const grpo_str *prompts;
	const grpo_str *completions;
	const uint32_t *groups;
	const uint8_t *finish;

	size_t n_columns;
	const grpo_str *columns;
	const grpo_str *cells;

	const int32_t *const *tokens;
	const int64_t *n_tokens;

	void (*explain)(void *explain_ctx, size_t i, const char *name,
			grpo_str text);
	void *explain_ctx;
	void (*measure)(void *measure_ctx, size_t i, const char *name,
			double value);
	void *measure_ctx;
	const double *hardness; /* [n] */
} grpo_reward_batch;

typedef struct grpo_reward_host {
	size_t struct_size;
	void *ctx;

	void (*log)(void *ctx, int level, const char *text);
	double (*base)(void *ctx);
} grpo_reward_host;

typedef struct grpo_reward_plugin {
	size_t struct_size;
	uint32_t abi_minor;
	uint32_t flags;
	const char *name;
	const char *version;

	const char *summary;

	int (*open)(void **state, const grpo_reward_host *host,
		    grpo_str params);

	int (*score)(void *state, const grpo_reward_batch *batch,
		     double *rewards, uint8_t *status);

	void (*close)(void *state);
	int (*step)(void *state);
} grpo_reward_plugin;

#define GRPO_REWARD_ABI_MAJOR 1
#define GRPO_REWARD_ABI_MINOR 2

#define GRPO_HAS(p, type, field)                                               \
	((p)->struct_size >= offsetof(type, field) + sizeof((p)->field))

#if defined(__GNUC__)
#define GRPO_PLUGIN_EXPORT __attribute__((visibility("default")))
#else
#define GRPO_PLUGIN_EXPORT
#endif

GRPO_PLUGIN_EXPORT const grpo_reward_plugin *grpo_reward_plugin_v1(void);

#ifdef __cplusplus
}
#endif

#endif
