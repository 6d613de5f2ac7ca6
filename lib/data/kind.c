/* SPDX-License-Identifier: MIT */
#include "data/kind.h"

#include <string.h>
#include <strings.h>

static int begins(const char *text, size_t len, const char *with)
{
	size_t n = strlen(with);

	return len >= n && memcmp(text, with, n) == 0;
}

static int has_ending(const char *path, const char *ending)
{
	const char *dot = strrchr(path, '.');

	return dot && strcasecmp(dot, ending) == 0;
}

/* A header: names and commas, no braces or brackets. */
static int is_header(const char *text, size_t len)
{
	return memchr(text, ',', len) && !memchr(text, '{', len) &&
	       !memchr(text, '[', len);
}

/* A brace alone, as where one object takes several lines. */
static int is_brace(const char *text, size_t len)
{
	while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\r'))
		len--;
	return len == 1 && *text == '{';
}

const char *grpo__data_kind(const char *path, const char *text, size_t len)
{
	while (len > 0 && (*text == ' ' || *text == '\t'))
		text++, len--;
	if (begins(text, len, "PAR1"))
		return "is a Parquet file, expected JSON Lines: convert it "
		       "with `python3 datasets/convert.py parquet`";
	if (begins(text, len, "\x1f\x8b") || begins(text, len, "\x28\xb5\x2f"))
		return "is compressed, expected JSON Lines: unpack it first";
	if (begins(text, len, "["))
		return "is one JSON list, expected JSON Lines (an object on "
		       "each line): convert it with `python3 "
		       "datasets/convert.py json`";
	if (has_ending(path, ".csv") || has_ending(path, ".tsv") ||
	    is_header(text, len))
		return "is CSV, expected JSON Lines: convert it with `python3 "
		       "datasets/convert.py csv`";
	if (is_brace(text, len))
		return "is not JSON Lines: expected a whole JSON object on "
		       "each line";
	return NULL;
}
