/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TEXT_TOKENIZER_H
#define GRPO_TEXT_TOKENIZER_H

#include <stdint.h>
#include "grpo/tokenizer.h"
#include "text/added.h"
#include "text/bpe.h"
#include "text/pretokenize.h"

/*
 * A text goes through its parts in this order:
 *
 *	raw           tokens cut out of the text as it stands
 *	nfc           each part between them is normalized …
 *	normalized    … and cut at the tokens that are looked for after that
 *	pretokenizer  what is left, into pieces
 *	bpe           each piece into ids
 *
 * The file's truncation, padding and post-processor are ignored.  Character
 * properties are those of the installed PCRE2 and utf8proc: for characters
 * newer than these libraries, ids may differ from those of a newer version of
 * Hugging Face's tokenizers.
 */
struct grpo_tokenizer {
	char *path;    /* of tokenizer.json */
	uint64_t hash; /* of its bytes */
	grpo__bpe bpe;
	grpo__cutter raw, normalized;
	grpo__pretokenizer pretokenizer;
	int nfc;
	int32_t bos; /* or -1 */
	int32_t *stop;
	size_t n_stops, stops_cap;
};

/** Reads what the files beside tokenizer.json say of special tokens;
 *  `folder` is "" or ends with a slash. */
int grpo__specials_read(grpo_tokenizer *t, const char *folder);

#endif
