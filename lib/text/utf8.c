/* SPDX-License-Identifier: MIT */
#include "text/utf8.h"

#include <utf8proc.h>

#include "core/fail.h"

/* The bytes that may follow a lead byte: how many, and the first's range. */
struct lead {
	int more;
	unsigned char low, high;
};

static struct lead lead_of(unsigned char c)
{
	struct lead l = {-1, 0x80, 0xbf};

	if (c < 0x80)
		l.more = 0;
	else if (c >= 0xc2 && c <= 0xdf)
		l.more = 1;
	else if (c >= 0xe0 && c <= 0xef)
		l.more = 2;
	else if (c >= 0xf0 && c <= 0xf4)
		l.more = 3;
	if (c == 0xe0)
		l.low = 0xa0; /* no overlong forms */
	else if (c == 0xed)
		l.high = 0x9f; /* no surrogates */
	else if (c == 0xf0)
		l.low = 0x90;
	else if (c == 0xf4)
		l.high = 0x8f; /* nothing past U+10FFFF */
	return l;
}

/* Bytes of the sequence at s, or minus the bytes of its ill-formed part. */
static int sequence(const unsigned char *s, size_t len)
{
	struct lead l = lead_of(s[0]);
	int i;

	if (l.more < 0)
		return -1;
	for (i = 1; i <= l.more; i++) {
		if ((size_t)i >= len || s[i] < l.low || s[i] > l.high)
			return -i;
		l.low = 0x80;
		l.high = 0xbf;
	}
	return i;
}

size_t grpo__utf8_valid(const char *s, size_t len)
{
	const unsigned char *u = (const unsigned char *)s;
	size_t i = 0;
	int n;

	while (i < len) {
		n = u[i] < 0x80 ? 1 : sequence(u + i, len - i);
		if (n < 0)
			break;
		i += (size_t)n;
	}
	return i;
}

int grpo__utf8_lossy(grpo__buf *out, const char *s, size_t len)
{
	size_t n;

	for (;;) {
		n = grpo__utf8_valid(s, len);
		if (grpo__buf_add(out, s, n) < 0)
			return GRPO_ENOMEM;
		if (n == len)
			return 0;
		s += n;
		len -= n;
		n = (size_t)-sequence((const unsigned char *)s, len);
		if (grpo__buf_add(out, "\xef\xbf\xbd", 3) < 0)
			return GRPO_ENOMEM;
		s += n;
		len -= n;
	}
}

uint32_t grpo__utf8_next(const char *s, size_t *pos)
{
	const unsigned char *u = (const unsigned char *)s + *pos;
	static const unsigned char mask[4] = {0x7f, 0x1f, 0x0f, 0x07};
	int more = (u[0] >= 0xc0) + (u[0] >= 0xe0) + (u[0] >= 0xf0);
	uint32_t c = u[0] & mask[more];
	int i;

	for (i = 1; i <= more; i++)
		c = c << 6 | (u[i] & 0x3f);
	*pos += (size_t)more + 1;
	return c;
}

size_t grpo__utf8_before(const char *s, size_t end)
{
	do
		end--;
	while (((unsigned char)s[end] & 0xc0) == 0x80);
	return end;
}

size_t grpo__utf8_put(char out[4], uint32_t c)
{
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned char lead[4] = {0, 0xc0, 0xe0, 0xf0};
	size_t i;

	for (i = n - 1; i > 0; i--) {
		out[i] = (char)(0x80 | (c & 0x3f));
		c >>= 6;
	}
	out[0] = (char)(lead[n - 1] | c);
	return n;
}

int grpo__is_space(uint32_t c)
{
	return (c >= 0x9 && c <= 0xd) || c == 0x20 || c == 0x85 || c == 0xa0 ||
	       c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
	       c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

/* Alphabetic but neither letter, mark nor number: the circled letters. */
static int is_circled_letter(uint32_t c)
{
	return (c >= 0x24b6 && c <= 0x24e9) || (c >= 0x1f130 && c <= 0x1f149) ||
	       (c >= 0x1f150 && c <= 0x1f169) || (c >= 0x1f170 && c <= 0x1f189);
}

int grpo__is_word(uint32_t c)
{
	switch (utf8proc_category((utf8proc_int32_t)c)) {
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO:
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_MC:
	case UTF8PROC_CATEGORY_ME:
	case UTF8PROC_CATEGORY_ND:
	case UTF8PROC_CATEGORY_NL:
	case UTF8PROC_CATEGORY_PC:
		return 1;
	default:
		return c == 0x200c || c == 0x200d || is_circled_letter(c);
	}
}
