/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TEXT_UTF8_H
#define GRPO_TEXT_UTF8_H

#include <stddef.h>
#include <stdint.h>
#include "core/mem.h"

/**
 * Appends s with each maximal part of an ill-formed sequence replaced by one
 * U+FFFD (Unicode 15, section 3.9, table 3-8), as Rust's from_utf8_lossy.
 */
int grpo__utf8_lossy(grpo__buf *out, const char *s, size_t len);

/** Length of the longest valid start of s; len where all of it is valid. */
size_t grpo__utf8_valid(const char *s, size_t len);

/* The functions below expect valid text. */

/** The code point at *pos, which moves past it. */
uint32_t grpo__utf8_next(const char *s, size_t *pos);

/** Where the code point that ends before `end` (> 0) starts. */
size_t grpo__utf8_before(const char *s, size_t end);

/** Writes one code point; returns how many bytes. */
size_t grpo__utf8_put(char out[4], uint32_t c);

/** The White_Space property: the 25 code points of \s. */
int grpo__is_space(uint32_t c);

/** \w of Rust's regex crate: Alphabetic, M, Nd, Pc and Join_Control. */
int grpo__is_word(uint32_t c);

#endif
