/* SPDX-License-Identifier: MIT */
#ifndef GRPO_REWARDS_JSON_TEXT_H
#define GRPO_REWARDS_JSON_TEXT_H

/*
 * Decodes a cell that is a JSON string, without cJSON, which has a global
 * variable, because score runs on several threads.  Like params.h, this is not
 * part of the ABI: copy the file if you need it.
 */
#include <stdint.h>
#include <string.h>
#include "grpo/reward.h"

static inline int json_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The XXXX of \uXXXX at p, or -1. */
static inline int32_t json_unit(const char *p, const char *end)
{
	int32_t c = 0;

	if (end - p < 6 || p[0] != '\\' || p[1] != 'u')
		return -1;
	for (int i = 2; i < 6; i++) {
		int digit = json_hex_digit(p[i]);

		if (digit < 0)
			return -1;
		c = c * 16 + digit;
	}
	return c;
}

/* \uXXXX, or two of them for one character; a lone surrogate becomes U+FFFD.
 * Returns the bytes read, or 0 if there is no such escape at p. */
static inline size_t json_code_point(const char *p, const char *end, int32_t *c)
{
	int32_t low;

	*c = json_unit(p, end);
	if (*c < 0)
		return 0;
	if (*c < 0xd800 || *c > 0xdfff)
		return 6;
	low = *c < 0xdc00 ? json_unit(p + 6, end) : -1;
	if (low < 0xdc00 || low > 0xdfff) {
		*c = 0xfffd;
		return 6;
	}
	*c = 0x10000 + ((*c - 0xd800) << 10) + (low - 0xdc00);
	return 12;
}

/* c as UTF-8; returns the bytes, which are fewer than the escape had. */
static inline size_t json_utf8(char *out, int32_t c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* One escape from p into out; returns the bytes read. */
static inline size_t json_escape(char *out, size_t *n, const char *p,
				 const char *end)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	const char *at;
	int32_t c;
	size_t bytes = json_code_point(p, end, &c);

	if (bytes > 0) {
		*n += json_utf8(out + *n, c);
		return bytes;
	}
	if (end - p < 2)
		return 1;
	at = p[1] ? strchr(from, p[1]) : NULL;
	out[(*n)++] = at ? to[at - from] : p[1];
	return 2;
}

/*
 * The text of a JSON string, which the host has checked, into out [cell.len];
 * returns how many bytes, 0 where the cell is no string.
 */
static inline size_t json_text(char *out, grpo_str cell)
{
	const char *p, *end;
	size_t n = 0;

	if (cell.len < 2 || cell.ptr[0] != '"' || cell.ptr[cell.len - 1] != '"')
		return 0;
	end = cell.ptr + cell.len - 1;
	for (p = cell.ptr + 1; p < end;) {
		if (*p == '\\')
			p += json_escape(out, &n, p, end);
		else
			out[n++] = *p++;
	}
	return n;
}

#endif
