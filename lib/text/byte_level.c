/* SPDX-License-Identifier: MIT */
#include "text/byte_level.h"

#include "core/fail.h"
#include "text/utf8.h"

/* Bytes without a printable character: 0-32, 127-160 and 173. */
uint32_t grpo__byte_char(unsigned char byte)
{
	if (byte <= 32)
		return 0x100u + byte;
	if (byte >= 127 && byte <= 160)
		return 0x100u + 33 + (byte - 127u);
	if (byte == 173)
		return 0x100u + 67;
	return byte;
}

/* The byte of a character, or -1. */
static int char_byte(uint32_t c)
{
	if (c >= 0x100 && c < 0x100 + 33)
		return (int)(c - 0x100);
	if (c >= 0x100 + 33 && c < 0x100 + 67)
		return (int)(c - 0x100 - 33 + 127);
	if (c == 0x100 + 67)
		return 173;
	if (c > 0xff || grpo__byte_char((unsigned char)c) != c)
		return -1;
	return (int)c;
}

int grpo__byte_level_encode(grpo__buf *out, const char *s, size_t len)
{
	char utf8[4];
	size_t i, n;

	for (i = 0; i < len; i++) {
		n = grpo__utf8_put(utf8, grpo__byte_char((unsigned char)s[i]));
		if (grpo__buf_add(out, utf8, n) < 0)
			return GRPO_ENOMEM;
	}
	return 0;
}

int grpo__byte_level_decode(grpo__buf *out, const char *token, size_t len)
{
	size_t start = out->len, i = 0;
	char byte;
	int b;

	while (i < len) {
		b = char_byte(grpo__utf8_next(token, &i));
		if (b < 0) {
			out->len = start;
			return grpo__buf_add(out, token, len);
		}
		byte = (char)b;
		if (grpo__buf_add(out, &byte, 1) < 0)
			return GRPO_ENOMEM;
	}
	return 0;
}
