/* SPDX-License-Identifier: MIT */
#ifndef GRPO_REWARDS_ROW_H
#define GRPO_REWARDS_ROW_H

/*
 * Helpers for plug-ins: reading a row, and explaining how it was decided.  Like
 * params.h, this is not part of the ABI: copy the file if you need it.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "grpo/reward.h"

#define ROW_NOTE_BYTES 256

/* The cell of row i in the column `name`; empty where there is none. */
static inline grpo_str row_cell(const grpo_reward_batch *b, const char *name,
				size_t i)
{
	for (size_t c = 0; c < b->n_columns; c++)
		if (b->columns[c].len == strlen(name) &&
		    memcmp(b->columns[c].ptr, name, b->columns[c].len) == 0)
			return b->cells[c * b->n + i];
	return (grpo_str){NULL, 0};
}

/* Whether the cell says that the completion is right: 1 for true or 1, 0 for
 * false or 0, -1 for anything else. */
static inline int row_truth(const grpo_reward_batch *b, const char *name,
			    size_t i)
{
	static const char *const words[] = {"false", "true", "0",
					    "1",     "0.0",  "1.0"};
	grpo_str cell = row_cell(b, name, i);

	for (int w = 0; w < 6; w++)
		if (cell.len == strlen(words[w]) &&
		    memcmp(cell.ptr, words[w], cell.len) == 0)
			return w % 2;
	return -1;
}

/* Tokens of completion i, or -1 where the host has none. */
static inline int64_t row_tokens(const grpo_reward_batch *b, size_t i)
{
	if (b->n_tokens && b->tokens && b->tokens[i])
		return b->n_tokens[i];
	return b->completions[i].len == 0 ? 0 : -1;
}

/* Code points: counts the bytes that start one. */
static inline int64_t row_characters(const grpo_reward_batch *b, size_t i)
{
	grpo_str text = b->completions[i];
	int64_t n = 0;

	for (size_t j = 0; j < text.len; j++)
		n += ((unsigned char)text.ptr[j] & 0xc0) != 0x80;
	return n;
}

/* Bytes of the white space that the text begins with, as Unicode has it
 * (White_Space); 0 where it begins with something else. */
static inline size_t row_space(grpo_str text)
{
	static const char *const wide[] = {
	    "\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\xa8",
	    "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"};
	const char *p = text.ptr;

	if (!text.len)
		return 0;
	if (*p == ' ' || (*p >= '\t' && *p <= '\r'))
		return 1;
	if (text.len >= 3 && memcmp(p, "\xe2\x80", 2) == 0 &&
	    (unsigned char)p[2] >= 0x80 && (unsigned char)p[2] <= 0x8a)
		return 3; /* U+2000 to U+200A */
	for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
		if (text.len >= strlen(wide[i]) &&
		    memcmp(p, wide[i], strlen(wide[i])) == 0)
			return strlen(wide[i]);
	return 0;
}

/* Whether the text is only white space. */
static inline int row_is_blank(grpo_str text)
{
	size_t n;

	for (; text.len && (n = row_space(text)); text.len -= n)
		text.ptr += n;
	return text.len == 0;
}

static inline grpo_str row_trim_end(grpo_str text)
{
	for (size_t n = 1; n <= 3 && n <= text.len; n++) {
		grpo_str last = {text.ptr + text.len - n, n};

		if (row_space(last) == n) {
			text.len -= n;
			n = 0;
		}
	}
	return text;
}

/* The text without the tokens that end a turn, which some decoders leave at
 * its end, and without the white space around them. */
static inline grpo_str row_cut_end_tokens(grpo_str text)
{
	static const char *const tokens[] = {
	    "</s>", "<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|end|>"};
	grpo_str rest = row_trim_end(text);

	for (size_t i = 0; i < sizeof tokens / sizeof *tokens;) {
		size_t n = strlen(tokens[i]);

		if (rest.len < n ||
		    memcmp(rest.ptr + rest.len - n, tokens[i], n) != 0) {
			i++;
			continue;
		}
		rest.len -= n;
		text = rest = row_trim_end(rest);
		i = 0;
	}
	return text;
}

/* Whether the host asks for explanations. */
static inline int row_is_explained(const grpo_reward_batch *b)
{
	return GRPO_HAS(b, grpo_reward_batch, explain) && b->explain;
}

static inline void row_say_text(const grpo_reward_batch *b, size_t i,
				const char *name, grpo_str text)
{
	if (row_is_explained(b))
		b->explain(b->explain_ctx, i, name, text);
}

#if defined(__GNUC__)
__attribute__((format(printf, 4, 5)))
#endif
/* A note on row i, cut at ROW_NOTE_BYTES. */
static inline void
row_say(const grpo_reward_batch *b, size_t i, const char *name,
	const char *format, ...)
{
	char text[ROW_NOTE_BYTES];
	va_list args;
	int n;

	if (!row_is_explained(b))
		return;
	va_start(args, format);
	n = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (n >= (int)sizeof text)
		n = sizeof text - 1;
	if (n > 0)
		row_say_text(b, i, name, (grpo_str){text, (size_t)n});
}

/* A figure of row i, where the host takes any (ABI 1.1). */
static inline void row_measure(const grpo_reward_batch *b, size_t i,
			       const char *name, double value)
{
	if (GRPO_HAS(b, grpo_reward_batch, measure) && b->measure)
		b->measure(b->measure_ctx, i, name, value);
}

/* Explains that row i lacks this column and is therefore MISSING: hosts can
 * then name the column. */
static inline void row_say_missing(const grpo_reward_batch *b, size_t i,
				   const char *column)
{
	if (!row_cell(b, column, i).len)
		row_say(b, i, "missing", "%s", column);
}

#endif
