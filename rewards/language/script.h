/* SPDX-License-Identifier: MIT */
#ifndef GRPO_LANGUAGE_SCRIPT_H
#define GRPO_LANGUAGE_SCRIPT_H

/*
 * Which scripts a text is written in, by PCRE2's Unicode properties.  A set
 * of scripts is a bit for each.
 */
#include <stddef.h>
#include <stdint.h>
#include "grpo/reward.h"

#define N_SCRIPTS 32 /* the last one is all others together */

struct words {
	size_t n[N_SCRIPTS];
	size_t all;
};

struct script_reader;

/* NULL where memory is out, or PCRE2 was built without Unicode. */
struct script_reader *script_reader_create(void);
void script_reader_free(struct script_reader *r);

/* "Han" or "Japanese"; 0 where no script has the name. */
uint32_t script_named(const char *name);
const char *script_name(int script);

/* Counts the words of UTF-8 that is valid (K2 to K4).  Returns 0 or -1.
 * Threads: any. */
int script_count(struct words *w, const struct script_reader *r, grpo_str text);

size_t words_in(const struct words *w, uint32_t scripts);

#endif
