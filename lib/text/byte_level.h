/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TEXT_BYTE_LEVEL_H
#define GRPO_TEXT_BYTE_LEVEL_H

#include <stddef.h>
#include <stdint.h>
#include "core/mem.h"

/*
 * GPT-2's alphabet: each byte is written as one printable character, the
 * printable ones of Latin-1 as themselves, the n-th of the others as
 * U+0100 + n (github.com/openai/gpt-2, src/encoder.py, bytes_to_unicode).
 */

/** The character of a byte, below U+0144. */
uint32_t grpo__byte_char(unsigned char byte);

/** Appends bytes as characters. */
int grpo__byte_level_encode(grpo__buf *out, const char *s, size_t len);

/** Appends a token's bytes.  If a character of the token stands for no byte,
 * the token's text is appended unchanged. */
int grpo__byte_level_decode(grpo__buf *out, const char *token, size_t len);

#endif
