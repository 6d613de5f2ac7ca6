/* SPDX-License-Identifier: MIT */
#include "program.h"

#include <string.h>

static int starts(struct code_view v, size_t at, const char *word)
{
	size_t n = strlen(word);

	return v.len - at >= n && memcmp(v.ptr + at, word, n) == 0;
}

/* "def entry" and no further letter, at `at`. */
static int defines_at(struct code_view v, size_t at, struct code_view entry)
{
	char c;

	if (starts(v, at, "async "))
		at += strlen("async ");
	if (!starts(v, at, "def "))
		return 0;
	at += strlen("def ");
	if (v.len - at < entry.len + 1 ||
	    memcmp(v.ptr + at, entry.ptr, entry.len) != 0)
		return 0;
	c = v.ptr[at + entry.len];
	return c == '(' || c == ' ' || c == '[';
}

/* Where the function's line begins (the first, or the last one); v.len where it
 * is not defined outside of other blocks. */
static size_t find_definition(struct code_view v, struct code_view entry)
{
	size_t i, found = v.len;

	if (!entry.len)
		return found;
	for (i = 0; i < v.len; i++)
		if ((i == 0 || v.ptr[i - 1] == '\n') && defines_at(v, i, entry))
			found = i;
	return found;
}

int program_with_prompt(struct code_bytes *out, struct code_view source,
			struct code_view prompt, struct code_view entry)
{
	if (find_definition(source, entry) < source.len)
		prompt.len = find_definition(prompt, entry);
	if (code_bytes_add(out, prompt.ptr, prompt.len) < 0)
		return -1;
	if (prompt.len && prompt.ptr[prompt.len - 1] != '\n' &&
	    code_bytes_add(out, "\n", 1) < 0)
		return -1;
	return code_bytes_add(out, source.ptr, source.len);
}
