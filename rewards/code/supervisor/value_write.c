/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "value.h"

static int put(struct code_bytes *out, const char *text)
{
	return code_bytes_add(out, text, strlen(text));
}

static int put_char(struct code_bytes *out, unsigned char c)
{
	if (c == '"' || c == '\\')
		return code_bytes_print(out, "\\%c", c);
	return code_bytes_print(out, "\\u%04x", c);
}

static int write_text(struct code_bytes *out, struct code_view v)
{
	size_t i, from = 0;

	if (put(out, "\"") < 0)
		return -1;
	for (i = 0; i < v.len; i++) {
		unsigned char c = (unsigned char)v.ptr[i];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		if (code_bytes_add(out, v.ptr + from, i - from) < 0 ||
		    put_char(out, c) < 0)
			return -1;
		from = i + 1;
	}
	if (v.len && code_bytes_add(out, v.ptr + from, v.len - from) < 0)
		return -1;
	return put(out, "\"");
}

static int write_items(struct code_bytes *out, const struct value *v, size_t n,
		       const char *end)
{
	size_t i;

	for (i = 0; i < n; i++)
		if ((i > 0 && put(out, ", ") < 0) ||
		    value_write(out, &v->items[i]) < 0)
			return -1;
	return put(out, end);
}

static int write_tagged(struct code_bytes *out, const char *tag,
			struct code_view text)
{
	return put(out, tag) < 0 || write_text(out, text) < 0 ? -1
							      : put(out, "}");
}

int value_write(struct code_bytes *out, const struct value *v)
{
	switch (v->kind) {
	case VALUE_NULL:
		return put(out, "null");
	case VALUE_BOOL:
		return put(out, v->truth ? "true" : "false");
	case VALUE_INT:
	case VALUE_FLOAT:
		return code_bytes_add(out, v->text.ptr, v->text.len);
	case VALUE_TEXT:
		return write_text(out, v->text);
	case VALUE_BYTES:
		return write_tagged(out, "{\"b\": ", v->text);
	case VALUE_OPAQUE:
		return write_tagged(out, "{\"o\": ", v->text);
	case VALUE_LIST:
		return put(out, "[") < 0 ? -1 : write_items(out, v, v->n, "]");
	case VALUE_TUPLE:
		return put(out, "{\"t\": [") < 0
			   ? -1
			   : write_items(out, v, v->n, "]}");
	case VALUE_SET:
		return put(out, "{\"s\": [") < 0
			   ? -1
			   : write_items(out, v, v->n, "]}");
	default:
		return put(out, "{\"d\": [") < 0
			   ? -1
			   : write_items(out, v, 2 * v->n, "]}");
	}
}
