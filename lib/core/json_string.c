/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/fail.h"
#include "core/json_scan.h"
#include "core/json_string.h"

size_t grpo__utf8_length(const char *text, const char *end)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t i, n, room = (size_t)(end - text);
	unsigned char low = 0x80, high = 0xbf;

	if (room == 0)
		return 0;
	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	n = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (p[0] == 0xe0)
		low = 0xa0;
	else if (p[0] == 0xed)
		high = 0x9f;
	else if (p[0] == 0xf0)
		low = 0x90;
	else if (p[0] == 0xf4)
		high = 0x8f;
	if (room < n || p[1] < low || p[1] > high)
		return 0;
	for (i = 2; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

int grpo__hex4(const char *p, const char *end)
{
	int i, value = 0, c;

	if (end - p < 4)
		return -1;
	for (i = 0; i < 4; i++) {
		c = (unsigned char)p[i];
		if (c >= '0' && c <= '9')
			c -= '0';
		else if (c >= 'a' && c <= 'f')
			c -= 'a' - 10;
		else if (c >= 'A' && c <= 'F')
			c -= 'A' - 10;
		else
			return -1;
		value = value << 4 | c;
	}
	return value;
}

static void put_utf8(struct grpo__unescape *u, uint32_t cp)
{
	u->i = u->n = 0;
	if (cp < 0x80) {
		u->pending[u->n++] = (unsigned char)cp;
		return;
	}
	if (cp < 0x800) {
		u->pending[u->n++] = (unsigned char)(0xc0 | cp >> 6);
	} else {
		if (cp < 0x10000) {
			u->pending[u->n++] = (unsigned char)(0xe0 | cp >> 12);
		} else {
			u->pending[u->n++] = (unsigned char)(0xf0 | cp >> 18);
			u->pending[u->n++] =
			    (unsigned char)(0x80 | (cp >> 12 & 0x3f));
		}
		u->pending[u->n++] = (unsigned char)(0x80 | (cp >> 6 & 0x3f));
	}
	u->pending[u->n++] = (unsigned char)(0x80 | (cp & 0x3f));
}

/* The number after "\u", combined with the low surrogate if there is one. */
static uint32_t code_point(struct grpo__unescape *u)
{
	uint32_t cp = (uint32_t)grpo__hex4(u->p, u->end), low;

	u->p += 4;
	if (cp < 0xd800 || cp > 0xdbff)
		return cp;
	low = (uint32_t)grpo__hex4(u->p + 2, u->end);
	u->p += 6;
	return 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00);
}

int grpo__unescape_next(struct grpo__unescape *u)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	const char *k;
	int c;

	if (u->i < u->n)
		return u->pending[u->i++];
	if (u->p == u->end)
		return -1;
	c = (unsigned char)*u->p++;
	if (c != '\\')
		return c;
	c = (unsigned char)*u->p++;
	if (c == 'u') {
		put_utf8(u, code_point(u));
		return u->pending[u->i++];
	}
	k = strchr(from, c);
	return k ? to[k - from] : c; /* else one of " \ / */
}

int grpo__json_decode(char **out, size_t *len, const char *json,
		      size_t json_len)
{
	struct grpo__unescape u = {0};
	size_t n = 0;
	char *s;
	int c;

	*out = NULL;
	if (json_len < 2 || json[0] != '"' || json[json_len - 1] != '"')
		return grpo__fail(GRPO_EFORMAT, "expected a string");
	s = grpo__alloc(json_len, 1); /* decoding never makes it longer */
	if (!s)
		return GRPO_ENOMEM;
	u.p = json + 1;
	u.end = json + json_len - 1;
	while ((c = grpo__unescape_next(&u)) >= 0)
		s[n++] = (char)c;
	*out = s;
	if (len)
		*len = n;
	return 0;
}

static int quote_control(grpo__buf *b, unsigned char c)
{
	static const char from[] = "\b\f\n\r\t\"\\", to[] = "bfnrt\"\\";
	const char *k = c ? strchr(from, c) : NULL;
	char text[8] = "\\u00";

	if (k) {
		text[1] = to[k - from];
		return grpo__buf_add(b, text, 2);
	}
	text[4] = "0123456789abcdef"[c >> 4];
	text[5] = "0123456789abcdef"[c & 15];
	return grpo__buf_add(b, text, 6);
}

static int quote_text(grpo__buf *b, const char *s, size_t len)
{
	const char *end = s + len, *run = s;
	size_t n;
	int rc = 0;

	while (s < end) {
		n = grpo__utf8_length(s, end);
		GRPO_FAIL_IF(n == 0, GRPO_EINVAL,
			     "text is not UTF-8 (byte %zu)",
			     len - (size_t)(end - s));
		if ((unsigned char)*s >= 0x20 && *s != '"' && *s != '\\') {
			s += n;
			continue;
		}
		GRPO_TRY(grpo__buf_add(b, run, (size_t)(s - run)));
		GRPO_TRY(quote_control(b, (unsigned char)*s));
		run = ++s;
	}
	rc = grpo__buf_add(b, run, (size_t)(s - run));
out:
	return rc;
}

int grpo__json_quote(grpo__buf *b, const char *s, size_t len)
{
	size_t before = b->len;
	int rc = 0;

	GRPO_TRY(grpo__buf_add(b, "\"", 1));
	GRPO_TRY(quote_text(b, s, len));
	GRPO_TRY(grpo__buf_add(b, "\"", 1));
out:
	if (rc < 0 && b->data) {
		b->len = before;
		b->data[before] = '\0';
	}
	return rc;
}
