/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TEXT_ADDED_H
#define GRPO_TEXT_ADDED_H

#include <stddef.h>
#include <stdint.h>
#include <cjson/cJSON.h>
#include "core/mem.h"
#include "text/vocab.h"

/*
 * Added tokens are cut out of a text before BPE sees it: the leftmost first,
 * and of those the longest.  Tokens with "normalized": false are searched for
 * in the raw text, the others in the normalized text between them.
 */
typedef struct grpo__added {
	char *text; /* the text to search for, normalized if required */
	size_t len;
	int32_t id;
	int single_word, lstrip, rstrip, normalized;
} grpo__added;

/* Tokens to search for, sorted by text: tokens with a common prefix are a
 * range. */
typedef struct grpo__cutter {
	grpo__added *token; /* [n] */
	size_t n, cap;
	size_t first[257]; /* by first byte: token[first[c]] to first[c + 1] */
} grpo__cutter;

/**
 * Reads "added_tokens"; new ones enter the vocabulary.  raw and normalized
 * get the tokens of either kind; nfc: the text's normalizer.
 */
int grpo__added_read(grpo__cutter *raw, grpo__cutter *normalized,
		     grpo__vocab *vocab, const cJSON *list, int nfc);
void grpo__cutter_dispose(grpo__cutter *c);

/** A part of a text: a token, or what is between (id -1). */
typedef struct grpo__part {
	size_t start, end;
	int32_t id;
} grpo__part;

typedef struct grpo__parts {
	grpo__part *part;
	size_t n, cap;
} grpo__parts;

/** Cuts valid UTF-8 into parts, in order; `parts` is emptied first. */
int grpo__cut(const grpo__cutter *c, grpo__parts *parts, const char *text,
	      size_t len);

#endif
