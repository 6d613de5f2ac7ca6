/* SPDX-License-Identifier: MIT */
#ifndef CODE_BYTES_H
#define CODE_BYTES_H

/*
 * Bytes that are borrowed (code_view) or owned (code_bytes), as the plug-in and
 * its supervisor use them.  Text is never NUL-terminated unless it says so.
 */
#include <stddef.h>

struct code_view {
	const char *ptr;
	size_t len;
};

/** Start with {0}; free with code_bytes_free. */
struct code_bytes {
	char *ptr;
	size_t len, cap;
};

/** Appends; returns 0, or -1 where memory is out (the bytes stay). */
int code_bytes_add(struct code_bytes *b, const void *data, size_t len);
/** Appends formatted text without its NUL; as above. */
int code_bytes_print(struct code_bytes *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/** Frees the bytes and sets them to {0}. */
void code_bytes_free(struct code_bytes *b);

struct code_view code_view_of(const struct code_bytes *b);
/** A view of a NUL-terminated text. */
struct code_view code_view_text(const char *text);

#endif
