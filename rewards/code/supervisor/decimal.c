/* SPDX-License-Identifier: MIT */
#include "decimal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_EXPONENT = 100000 };

static int is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* What stands behind the e; 0, or -1. */
static int read_exponent(int64_t *out, const char *p, const char *end)
{
	int negative = p < end && *p == '-';
	int64_t n = 0;

	if (p < end && (*p == '-' || *p == '+'))
		p++;
	if (p == end)
		return -1;
	for (; p < end; p++) {
		if (!is_digit(*p))
			return -1;
		n = n < MAX_EXPONENT ? n * 10 + (*p - '0') : n;
	}
	*out = negative ? -n : n;
	return 0;
}

/* Finds the first and last digit that is not 0, and where the point is. */
static int scan_digits(struct decimal *d, size_t *at, size_t *point)
{
	const char *p = d->text.ptr;
	size_t i, n = 0;

	*point = SIZE_MAX;
	for (i = *at; i < d->text.len; i++) {
		if (p[i] == '.' && *point == SIZE_MAX) {
			*point = i;
			continue;
		}
		if (!is_digit(p[i]))
			break;
		n++;
		if (p[i] == '0')
			continue;
		if (d->last == 0)
			d->first = i;
		d->last = i + 1;
	}
	*at = i;
	if (*point == SIZE_MAX)
		*point = i;
	else
		d->is_integer = 0;
	return n ? 0 : -1;
}

int decimal_read(struct decimal *d, struct code_view text)
{
	const char *end = text.ptr + text.len;
	size_t at = 0, point;

	*d = (struct decimal){.text = text, .is_integer = 1};
	if (text.len && (*text.ptr == '-' || *text.ptr == '+'))
		d->negative = text.ptr[at++] == '-';
	if (scan_digits(d, &at, &point) < 0)
		return -1;
	if (at < text.len) {
		if (text.ptr[at] != 'e' && text.ptr[at] != 'E')
			return -1;
		d->is_integer = 0;
		if (read_exponent(&d->exponent, text.ptr + at + 1, end) < 0)
			return -1;
	}
	if (d->last == 0)
		d->exponent = d->negative = 0;
	else if (d->first < point)
		d->exponent += (int64_t)(point - d->first);
	else
		d->exponent -= (int64_t)(d->first - point - 1);
	return 0;
}

static size_t skip_point(const struct decimal *d, size_t at)
{
	return at < d->last && d->text.ptr[at] == '.' ? at + 1 : at;
}

int decimal_same(const struct decimal *a, const struct decimal *b)
{
	size_t i = a->first, j = b->first;

	if (a->negative != b->negative || a->exponent != b->exponent)
		return 0;
	for (;; i++, j++) {
		i = skip_point(a, i);
		j = skip_point(b, j);
		if (i >= a->last || j >= b->last)
			return i >= a->last && j >= b->last;
		if (a->text.ptr[i] != b->text.ptr[j])
			return 0;
	}
}

/* NAN for a text that no double needs to be so long for. */
static double to_double(struct code_view v)
{
	char text[400];

	if (v.len >= sizeof(text))
		return NAN;
	memcpy(text, v.ptr, v.len);
	text[v.len] = '\0';
	return strtod(text, NULL);
}

int decimal_near(struct code_view want, struct code_view got, double tolerance)
{
	double a = to_double(want), b = to_double(got), off = fabs(a - b);

	if (!isfinite(a) || !isfinite(b))
		return 0;
	return off <= tolerance || off <= tolerance * fabs(a);
}

int decimal_is_nan(struct code_view text)
{
	if (text.len && (*text.ptr == '-' || *text.ptr == '+')) {
		text.ptr++;
		text.len--;
	}
	return text.len == 3 && (text.ptr[0] | 0x20) == 'n' &&
	       (text.ptr[1] | 0x20) == 'a' && (text.ptr[2] | 0x20) == 'n';
}
