/* SPDX-License-Identifier: MIT */
#include "bytes.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Makes room for `more` bytes and a NUL behind them. */
static int reserve(struct code_bytes *b, size_t more)
{
	size_t cap = b->cap ? b->cap : 64;
	char *ptr;

	if (more >= SIZE_MAX / 2 - b->len)
		return -1;
	while (cap <= b->len + more)
		cap *= 2;
	if (cap == b->cap)
		return 0;
	ptr = realloc(b->ptr, cap);
	if (!ptr)
		return -1;
	b->ptr = ptr;
	b->cap = cap;
	return 0;
}

int code_bytes_add(struct code_bytes *b, const void *data, size_t len)
{
	if (reserve(b, len) < 0)
		return -1;
	if (len)
		memcpy(b->ptr + b->len, data, len);
	b->len += len;
	return 0;
}

int code_bytes_print(struct code_bytes *b, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0 || reserve(b, (size_t)len) < 0)
		return -1;
	va_start(args, format);
	(void)vsnprintf(b->ptr + b->len, (size_t)len + 1, format, args);
	va_end(args);
	b->len += (size_t)len;
	return 0;
}

void code_bytes_free(struct code_bytes *b)
{
	free(b->ptr);
	*b = (struct code_bytes){0};
}

struct code_view code_view_of(const struct code_bytes *b)
{
	return (struct code_view){b->ptr, b->len};
}

struct code_view code_view_text(const char *text)
{
	return (struct code_view){text, strlen(text)};
}
