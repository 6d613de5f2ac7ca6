/* SPDX-License-Identifier: MIT */
#include "json_text.h"

#include <stdint.h>
#include <string.h>
#include <utf8proc.h>

static int hex_digit(char c)
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
static int32_t take_unit(const char *p, const char *end)
{
	int32_t c = 0;

	if (end - p < 6 || p[0] != '\\' || p[1] != 'u')
		return -1;
	for (int i = 2; i < 6; i++) {
		int digit = hex_digit(p[i]);

		if (digit < 0)
			return -1;
		c = c * 16 + digit;
	}
	return c;
}

/* \uXXXX, or two of them for one character; half of a pair becomes U+FFFD.
 * Returns the bytes read, 0 where p is no such thing. */
static size_t take_code_point(const char *p, const char *end, int32_t *c)
{
	int32_t low;

	*c = take_unit(p, end);
	if (*c < 0)
		return 0;
	if (*c < 0xd800 || *c > 0xdfff)
		return 6;
	low = *c < 0xdc00 ? take_unit(p + 6, end) : -1;
	if (low < 0xdc00 || low > 0xdfff) {
		*c = 0xfffd;
		return 6;
	}
	*c = 0x10000 + ((*c - 0xd800) << 10) + (low - 0xdc00);
	return 12;
}

/* One escape from p into out; returns the bytes read. */
static size_t take_escape(char *out, size_t *n, const char *p, const char *end)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	const char *at;
	int32_t c;
	size_t bytes = take_code_point(p, end, &c);

	if (bytes > 0) {
		*n += (size_t)utf8proc_encode_char(c, (utf8proc_uint8_t *)out +
							  *n);
		return bytes;
	}
	if (end - p < 2)
		return 1;
	at = p[1] ? strchr(from, p[1]) : NULL;
	out[(*n)++] = at ? to[at - from] : p[1];
	return 2;
}

size_t json_text(char *out, grpo_str cell)
{
	const char *p, *end;
	size_t n = 0;

	if (cell.len < 2 || cell.ptr[0] != '"' || cell.ptr[cell.len - 1] != '"')
		return 0;
	end = cell.ptr + cell.len - 1;
	for (p = cell.ptr + 1; p < end;) {
		if (*p == '\\')
			p += take_escape(out, &n, p, end);
		else
			out[n++] = *p++;
	}
	return n;
}
