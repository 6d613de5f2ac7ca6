/* SPDX-License-Identifier: MIT */
#ifndef GRPO_CORE_STRUCT_H
#define GRPO_CORE_STRUCT_H

#include <stddef.h>
#include "grpo/export.h"

/*
 * Public structs across versions.  Each starts with `size_t struct_size`, and
 * fields are only appended, so a caller's struct may be shorter or longer
 * than ours (the rule of Linux copy_struct_from_user, as in clone3).
 * `type` names the struct in messages, `remedy` says how to set its size.
 */

/** *ours has the defaults; the fields that the caller's struct has are copied
 * over them. */
GRPO_API int grpo__struct_import(void *ours, size_t our_size,
				 const void *theirs, const char *type,
				 const char *remedy);

/** Writes back the fields that fit; their struct_size is unchanged. */
GRPO_API void grpo__struct_export(void *theirs, const void *ours,
				  size_t our_size);

/** The body of every …_init_: defaults, zeroed tail, struct_size. */
GRPO_API int grpo__struct_init(void *theirs, size_t their_size,
			       const void *defaults, size_t our_size,
			       const char *type);

#endif
