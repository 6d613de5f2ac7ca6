/* SPDX-License-Identifier: MIT */
#ifndef GRPO_ERROR_H
#define GRPO_ERROR_H

#include "grpo/export.h"

/*
 * Errors.
 *
 * Every function that can fail returns an int: 0, or one of the negative
 * codes below.  The code is for the caller to act on; one line of text, kept
 * per thread, tells the user what went wrong and where:
 *
 *	if (grpo_dataset_open(&d, "gsm8k.jsonl", NULL) < 0)
 *		fprintf(stderr, "%s\n", grpo_error_message());
 *	        -> gsm8k.jsonl:17: "answer" is missing
 *
 * On failure outputs are untouched, with one exception: a pointer that would
 * have received a new object is set to NULL.
 */
#define GRPO_ERROR_MAP(X)                                                      \
	X(EINVAL, -1, "invalid argument")                                      \
	X(ENOMEM, -2, "out of memory")                                         \
	X(EIO, -3, "input or output failed")                                   \
	X(EFORMAT, -4, "malformed input")                                      \
	X(ENOTFOUND, -5, "not found")                                          \
	X(EABI, -6, "incompatible version")                                    \
	X(EREWARD, -7, "a reward failed")                                      \
	X(ETORCH, -8, "libtorch failed")                                       \
	X(ENUMERIC, -9, "a number is not finite")                              \
	X(ECANCELED, -10, "stopped by the caller")

enum grpo_error {
	GRPO_OK = 0,
#define GRPO_ERROR_ENUM(name, code, text) GRPO_##name = code,
	GRPO_ERROR_MAP(GRPO_ERROR_ENUM)
#undef GRPO_ERROR_ENUM
};

GRPO_BEGIN_DECLS

/**
 * Describes a code, for example "malformed input"; "success" for 0.
 *
 * Threads: any.  Allocates: no.  Since 0.1.
 */
GRPO_API const char *grpo_strerror(int code);

/**
 * Describes the last failure in the calling thread: one line without newline,
 * valid until the next call that fails in this thread.  Never NULL; "" before
 * the first failure.
 *
 * Threads: each has its own.  Allocates: no.  Since 0.1.
 */
GRPO_API const char *grpo_error_message(void);

GRPO_END_DECLS

#endif
