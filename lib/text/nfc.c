/* SPDX-License-Identifier: MIT */
#include "text/nfc.h"

#include <stdlib.h>
#include <utf8proc.h>

#include "core/fail.h"
#include "text/utf8.h"

/* utf8proc_map would do, but it sorts marks by insertion: a long run of them
 * takes quadratic time.  Its parts are used instead. */

struct points {
	utf8proc_int32_t *c;
	size_t n, cap;
};

/* Below U+0300 there is no mark and nothing composes. */
static int is_plain(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if ((unsigned char)s[i] >= 0xcc)
			return 0;
	return 1;
}

static int decompose(struct points *p, const char *s, size_t len)
{
	utf8proc_int32_t part[32];
	utf8proc_ssize_t n, k;
	size_t i = 0;

	while (i < len) {
		n = utf8proc_decompose_char(
		    (utf8proc_int32_t)grpo__utf8_next(s, &i), part, 32,
		    UTF8PROC_DECOMPOSE, NULL);
		if (n < 0 || n > 32)
			return grpo__fail(GRPO_EFORMAT, "NFC: %s",
					  utf8proc_errmsg(n));
		if (grpo__grow(&p->c, &p->cap, p->n + (size_t)n, sizeof *p->c) <
		    0)
			return GRPO_ENOMEM;
		for (k = 0; k < n; k++)
			p->c[p->n++] = part[k];
	}
	return 0;
}

static uint64_t combining_class(utf8proc_int32_t c)
{
	return (uint64_t)utf8proc_get_property(c)->combining_class;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Stable by combining class: the key is class, place, code point. */
static int sort_marks(utf8proc_int32_t *c, size_t n)
{
	uint64_t *key = grpo__alloc(n, sizeof *key);
	size_t i;

	if (!key)
		return GRPO_ENOMEM;
	for (i = 0; i < n; i++)
		key[i] = combining_class(c[i]) << 56 | (uint64_t)i << 21 |
			 (uint64_t)c[i];
	qsort(key, n, sizeof *key, by_value);
	for (i = 0; i < n; i++)
		c[i] = (utf8proc_int32_t)(key[i] & 0x1fffff);
	free(key);
	return 0;
}

/* The canonical ordering algorithm: runs of marks between starters. */
static int reorder(struct points *p)
{
	size_t i, start = 0;

	for (i = 0; i <= p->n; i++) {
		if (i < p->n && combining_class(p->c[i]) > 0)
			continue;
		if (i - start > 1 && sort_marks(p->c + start, i - start) < 0)
			return GRPO_ENOMEM;
		start = i + 1;
	}
	return 0;
}

static int encode(grpo__buf *out, const struct points *p)
{
	char utf8[4];
	size_t i;

	out->len = 0;
	for (i = 0; i < p->n; i++) {
		/* NOLINTNEXTLINE: with n points there is c */
		utf8proc_int32_t c = p->c[i];

		if (grpo__buf_add(out, utf8,
				  grpo__utf8_put(utf8, (uint32_t)c)) < 0)
			return GRPO_ENOMEM;
	}
	return 0;
}

int grpo__nfc(grpo__buf *room, const char **text, size_t *len)
{
	struct points p = {0};
	utf8proc_ssize_t n;
	int rc = 0;

	if (is_plain(*text, *len))
		return 0;
	GRPO_TRY(decompose(&p, *text, *len));
	GRPO_TRY(reorder(&p));
	n = utf8proc_normalize_utf32(p.c, (utf8proc_ssize_t)p.n,
				     UTF8PROC_COMPOSE | UTF8PROC_STABLE);
	GRPO_FAIL_IF(n < 0, GRPO_EFORMAT, "NFC: %s", utf8proc_errmsg(n));
	p.n = (size_t)n;
	GRPO_TRY(encode(room, &p));
	*text = room->data;
	*len = room->len;
out:
	free(p.c);
	return rc;
}
