/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TEXT_PRETOKENIZE_H
#define GRPO_TEXT_PRETOKENIZE_H

#include <stddef.h>
#include <cjson/cJSON.h>
#include "core/mem.h"

/*
 * The "pre_tokenizer" of a tokenizer.json: steps that cut a text into pieces,
 * each step applied to every piece of the one before.  Split, Digits and
 * ByteLevel's use_regex are all a regular expression and what to do with its
 * matches; ByteLevel's add_prefix_space is a step of its own.  Pieces stay
 * bytes: ByteLevel's alphabet is in the vocabulary (text/byte_level.h).
 */
typedef struct grpo__pretokenizer {
	struct grpo__step *step;
	size_t n, cap;
} grpo__pretokenizer;

/** Reads it; errors start with the key. */
int grpo__pretokenizer_read(grpo__pretokenizer *p, const cJSON *json);
void grpo__pretokenizer_dispose(grpo__pretokenizer *p);

typedef struct grpo__span {
	size_t start, end;
	int is_match;
} grpo__span;

typedef struct grpo__spans {
	grpo__span *span;
	size_t n, cap;
} grpo__spans;

/* The pieces of one text and the memory to find them, one a thread of use;
 * zero-initialise. */
typedef struct grpo__pieces {
	const char *text;
	grpo__spans spans;
	grpo__spans next, matches;     /* of the step at work */
	grpo__buf prefixed, work;      /* text, where spaces were added */
	struct grpo__matcher *matcher; /* PCRE2's memory */
} grpo__pieces;
void grpo__pieces_dispose(grpo__pieces *pieces);

/** Cuts text, which is valid UTF-8 and stays borrowed by `pieces`.  A regular
 *  expression that takes too many steps is GRPO_EFORMAT. */
int grpo__pretokenize(const grpo__pretokenizer *p, grpo__pieces *pieces,
		      const char *text, size_t len);

#endif
