/* SPDX-License-Identifier: MIT */
#ifndef GRPO_CORE_JSON_SCAN_H
#define GRPO_CORE_JSON_SCAN_H

#include "core/json.h"

#define GRPO__JSON_MAX_DEPTH 64

/**
 * Checks one JSON text (RFC 8259, and the limits that json.h names) without
 * building anything.
 *
 * max_number  in   longest number in bytes, 0 for any
 * members     out  the members of the outermost object (then it must be one),
 *                  free with grpo__json_members_free; or NULL
 */
int grpo__json_scan(const char *text, size_t len, const char *where,
		    size_t max_number, grpo__json_member **members, size_t *n);

/* Length of the UTF-8 sequence at text, 0 where it is none (Unicode 15, table
 * 3-7: no overlong form, no surrogate, nothing past U+10FFFF). */
size_t grpo__utf8_length(const char *text, const char *end);

#endif
