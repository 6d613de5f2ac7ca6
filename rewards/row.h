/* SPDX-License-Identifier: MIT */
#ifndef GRPO_REWARDS_ROW_H
#define GRPO_REWARDS_ROW_H

/*
 * What plug-ins want to know of a row, and how they say what decided it.
 * Like params.h this is no part of the ABI: copy it beside your own.
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

/* Code points: bytes that continue none. */
static inline int64_t row_characters(const grpo_reward_batch *b, size_t i)
{
	grpo_str text = b->completions[i];
	int64_t n = 0;

	for (size_t j = 0; j < text.len; j++)
		n += ((unsigned char)text.ptr[j] & 0xc0) != 0x80;
	return n;
}

/* Whether somebody asks what decided a row. */
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

/* Tells whoever asks that row i has no such column, which is why it is judged
 * MISSING: hosts can then name the column. */
static inline void row_say_missing(const grpo_reward_batch *b, size_t i,
				   const char *column)
{
	if (!row_cell(b, column, i).len)
		row_say(b, i, "missing", "%s", column);
}

#endif
