/* SPDX-License-Identifier: MIT */
#ifndef GRPO_VERSION_H
#define GRPO_VERSION_H

#include "grpo/export.h"

/* The version is defined only here: sonames and grpo.pc are made from it. */
#define GRPO_VERSION_MAJOR 0
#define GRPO_VERSION_MINOR 1
#define GRPO_VERSION_PATCH 0

/** "0.1.0" */
#define GRPO_VERSION                                                           \
	GRPO_VERSION_TEXT_(GRPO_VERSION_MAJOR, GRPO_VERSION_MINOR,             \
			   GRPO_VERSION_PATCH)
#define GRPO_VERSION_TEXT_(major, minor, patch)                                \
	GRPO_VERSION_JOIN_(major, minor, patch)
#define GRPO_VERSION_JOIN_(major, minor, patch) #major "." #minor "." #patch

GRPO_BEGIN_DECLS

/**
 * Version of the linked library, for example "0.1.0".  GRPO_VERSION is the
 * version of the headers.
 *
 * Threads: any.  Allocates: no.  Since 0.1.
 */
GRPO_API const char *grpo_version(void);

GRPO_END_DECLS

#endif
